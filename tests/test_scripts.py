import ast
import gzip
import importlib
import os
import shutil
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import pytest
from PIL import Image
from threadpoolctl import threadpool_info, threadpool_limits

import hpo_lab as lab
from course import ROOT, code_cells, read

pytestmark = pytest.mark.slow
# Lo que un programa lee de otro, y los tiempos, que no se repiten.
READS = {"fidelity_searches": ["learning_curves.csv"]}
TIMES = ["fit_seconds", "epoch_seconds"]


def copy_to(folder, script):
    """Copia el programa y el paquete a una carpeta con la forma del curso."""
    for name in ("data", "images"):
        (folder / name).mkdir()
    for name in (script, "data/parts.py"):
        shutil.copy(ROOT / name, folder / name)
    package = Path("notebooks", "hpo_lab")
    shutil.copytree(ROOT / package, folder / package)


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("data/build_synthetic.py", "data/synthetic.csv"),
        ("data/build_game_searches.py", "data/game_searches.csv"),
        ("images/build_drawings.py", "images/*.svg"),
    ],
)
def test_scripts_make_what_is_stored(script, made, tmp_path):
    copy_to(tmp_path, script)
    shutil.copy(ROOT / "data" / "response_surface.csv", tmp_path / "data")
    subprocess.run([sys.executable, tmp_path / script], check=True)
    stored = sorted(ROOT.glob(made))
    assert stored and [p.name for p in stored] == [
        p.name for p in sorted(tmp_path.glob(made))
    ]
    for path in stored:
        assert path.read_bytes() == (tmp_path / path.relative_to(ROOT)).read_bytes()


on_posix = pytest.mark.skipif(os.name != "posix", reason="mata por grupo (POSIX)")


def run_and_kill(command, path, rows):
    """Corre el programa y lo mata en cuanto la tabla pasa de tantas filas."""
    two_cores = os.environ | {"LOKY_MAX_CPU_COUNT": "2"}  # que no acabe de un golpe
    running = subprocess.Popen(command, start_new_session=True, env=two_cores)
    for _ in range(600):
        if len(pd.read_csv(path)) > rows:
            break
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


@on_posix
@pytest.mark.parametrize(
    ("name", "first", "count", "pieces"),
    [
        ("response_surface", 100, 60, 60),
        # Cada ajuste da cinco filas, y al primero y al último les falta una parte.
        ("second_response", 2002, 60, 13),
        ("overtuning", 3, 40, 7),  # siete filas por búsqueda, y dos a medias
        ("tunability", 60, 15, 15),
        ("learning_curves", 440, 30, 30),  # guarda al llegar a 1700 filas y a 1720
        ("fidelity_searches", 85, 25, 25),
    ],
)
def test_a_table_is_resumed_where_it_was_killed(name, first, count, pieces, tmp_path):
    script = f"data/build_{name}.py"
    copy_to(tmp_path, script)
    stored = pd.read_csv(lab.DATA / f"{name}.csv")
    path = tmp_path / "data" / f"{name}.csv"
    lost = stored.index[first : first + count]
    stored.drop(lost).to_csv(path, index=False, lineterminator="\n")
    for other in READS.get(name, []):
        shutil.copy(lab.DATA / other, path.parent)
    tables = sorted(path.parent.glob("*.csv"))

    command = [sys.executable, tmp_path / script]
    run_and_kill(command, path, len(stored) - count)
    assert len(stored) - count < len(pd.read_csv(path)) <= len(stored)

    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert f"/{pieces} " not in done.stderr and "100%" in done.stderr
    made = pd.read_csv(path)
    assert sorted(path.parent.glob("*.csv")) == tables
    same, wanted = [t.drop(columns=TIMES, errors="ignore") for t in (made, stored)]
    pd.testing.assert_frame_equal(same, wanted, rtol=0, atol=1.1e-3)
    assert (made.filter(TIMES) > 0).all(axis=None)
    kept = made.index.difference(lost)
    assert made.loc[kept].equals(stored.loc[kept])


@pytest.fixture
def script(request, monkeypatch):
    """Un programa de data/, importado."""
    monkeypatch.syspath_prepend(ROOT / "data")
    return importlib.import_module(f"build_{request.param}")


def with_script(name):
    return pytest.mark.parametrize("script", [name], indirect=True)


@with_script("learning_curves")
def test_learning_curves_are_every_combination_and_light(script):
    table = pd.read_csv(script.PATH)
    epochs = [str(epoch) for epoch in script.EPOCHS]
    assert list(table.columns) == [*script.KEYS, *epochs, "epoch_seconds"]
    cells = list(table[script.KEYS].itertuples(index=False, name=None))
    assert cells == [(*v, k) for v in product(*script.AXES.values()) for k in range(3)]
    assert len(cells) == 576 * 3
    assert not table.isna().any(axis=None)
    assert table[epochs].stack().between(script.WORST, lab.noise_ceiling()).all()
    assert (table["epoch_seconds"] > 0).all()
    assert script.PATH.stat().st_size <= 400_000


@with_script("learning_curves")
def test_learning_curves_are_those_of_real_networks(script):
    rows = pd.read_csv(script.PATH).iloc[::75]
    # Con pasos más largos, el redondeo crece: se repite solo con el mismo BLAS.
    calm = rows["learning_rate"] / rows["batch"] < 1e-3
    assert len(rows) == 24 and calm.sum() >= 12
    if {pool.get("architecture") for pool in threadpool_info()} - {None} != {"Haswell"}:
        rows = rows[calm]
    epochs = [str(epoch) for epoch in script.EPOCHS]
    for row in rows.to_dict("records"):
        made = script.curve(**{name: row[name] for name in script.KEYS})
        wrong = {e: (made[e], row[e]) for e in epochs if abs(made[e] - row[e]) > 2e-3}
        assert not wrong, row


@with_script("fidelity_searches")
def test_recorded_searches_are_those_of_optuna(script):
    table = pd.read_csv(script.PATH)
    cells = set(table[script.KEYS].itertuples(index=False, name=None))
    assert len(table) == len(cells) == 2 * 2 * 4 * 100
    assert np.isfinite(table.drop(columns=script.KEYS)).all(axis=None)
    drawn = table.groupby(script.KEYS[:3]).sample(1, random_state=0)
    assert len(drawn) == 16
    for row in drawn.to_dict("records"):
        made = script.search(*[row[name] for name in script.KEYS])
        assert made == pytest.approx(row, abs=1e-4), row


@with_script("bikes")
def test_bikes_are_the_hours_of_a_year_and_light(script):
    table = pd.read_csv(script.PATH)
    assert table.shape == (8645, 15) and not table.isna().any(axis=None)
    assert (table["casual"] + table["registered"]).equals(table["bikers"])
    assert (24 * table["day"] + table["hr"]).diff()[1:].min() == 1
    days = pd.Timestamp(2010, 12, 31) + pd.to_timedelta(table["day"], unit="D")
    assert (table["month"] == days.dt.month).all()
    assert (table["weekday"] == days.dt.strftime("%w").astype(int)).all()
    assert table["hr"].between(0, 23).all() and table["bikers"].min() == 1
    rows = table.groupby("day").size()
    assert len(rows) == 365 and (rows < 24).sum() == 60 and rows.max() == 24
    assert (table.loc[table["day"] == 69, "hum"] == 0).sum() == 22
    assert (table["hum"] == 0).sum() == 22
    assert script.PATH.stat().st_size <= 400_000


@pytest.fixture
def published():
    """Bikeshare.csv como lo publica ISLP, rehecha desde la tabla guardada."""
    table = pd.read_csv(lab.DATA / "bikes.csv.gz")
    names = [
        "Jan",
        "Feb",
        "March",
        "April",
        "May",
        "June",
        "July",
        "Aug",
        "Sept",
        "Oct",
        "Nov",
        "Dec",
    ]
    table["month"] = table["month"].map(dict(enumerate(names, 1)))
    return table.rename(columns={"month": "mnth"})


def run_build_bikes(folder, *args):
    command = [sys.executable, folder / "data" / "build_bikes.py", *args]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")


def test_bikes_are_made_from_what_was_published(published, tmp_path):
    copy_to(tmp_path, "data/build_bikes.py")
    published.to_csv(tmp_path / "Bikeshare.csv", index=False)
    done = run_build_bikes(tmp_path, tmp_path / "Bikeshare.csv")
    assert done.returncode == 0, done.stderr
    made = gzip.decompress((tmp_path / "data" / "bikes.csv.gz").read_bytes())
    assert made == gzip.decompress((lab.DATA / "bikes.csv.gz").read_bytes())


def test_bikes_are_not_made_from_anything_else(published, tmp_path):
    copy_to(tmp_path, "data/build_bikes.py")
    more = published["bikers"] + (published["day"] == 9)
    wrong = {
        "published.csv": ("columnas", pd.read_csv(lab.DATA / "bikes.csv.gz")),
        "lost.csv": ("8640 filas", published.drop(range(7, 12))),
        "order.csv": ("en orden", published[::-1]),
        "sums.csv": ("registered no es", published.assign(bikers=more)),
    }
    for name, (_, table) in wrong.items():
        table.to_csv(tmp_path / name, index=False)
    (tmp_path / "image.csv").write_bytes((ROOT / "images/searches.gif").read_bytes())
    cases = {(tmp_path / name,): reason for name, (reason, _) in wrong.items()}
    cases |= {(tmp_path / "image.csv",): "leer como CSV", (): "la ruta"}
    cases |= {(tmp_path / "no.csv",): "la ruta", ("a", "b"): "la ruta"}
    for args, reason in cases.items():
        done = run_build_bikes(tmp_path, *args)
        assert done.returncode == 1 and reason in done.stderr, args
        assert len(done.stderr.splitlines()) == 1, done.stderr
    assert [p.name for p in (tmp_path / "data").glob("bikes*")] == []


ERRORS = [f"error_{k}" for k in range(1, 6)]


@with_script("bikes_searches")
def test_bikes_searches_are_complete_and_light(script):
    table = pd.read_csv(script.PATH)
    space = [*script.DEFAULT, "alpha", "degree", "n_neighbors", "weights", "metric"]
    assert list(table.columns) == [*script.KEYS, *ERRORS, "seconds", *space]
    trials = [(name, s, n) for name, k in script.TRIALS.items() for s, n in pairs(k)]
    keys = table[script.KEYS].itertuples(index=False, name=None)
    assert list(keys) == sorted(trials) and len(trials) == 20 * (60 + 40 + 120 + 15)

    # Podado es sin los últimos errores; nunca antes de dos, ni con otro hueco.
    blank = table[ERRORS].isna()
    assert blank.T.astype(int).diff().min(axis=None) >= 0
    assert not blank[["error_1", "error_2"]].any(axis=None)
    assert (table["seconds"] > 0).all() and (table[ERRORS].min(axis=None) > 0)

    zero = table[table["number"] == 0]
    assert len(zero) == 80 and len(zero[ERRORS].drop_duplicates()) == 1
    for row in zero[space].to_dict("records"):
        assert {name: v for name, v in row.items() if not pd.isna(v)} == script.DEFAULT
    assert script.PATH.stat().st_size <= 400_000


def pairs(trials):
    return product(range(20), range(trials))


def compare_searches(made, stored):
    """Las dos tablas, fila por fila, sin los segundos."""
    made = pd.DataFrame(made).reindex(columns=stored.columns)
    made, stored = made.drop(columns="seconds"), stored.drop(columns="seconds")
    pd.testing.assert_frame_equal(
        made, stored.reset_index(drop=True), check_dtype=False, rtol=0, atol=1.1e-3
    )


@with_script("bikes_searches")
def test_recorded_bikes_searches_are_those_of_optuna(script, monkeypatch):
    """Todas se repiten sin ajustar nada, y algunos trials, ajustando."""
    table, fit_and_score, tpe = pd.read_csv(script.PATH), script.score, {}
    exact, data = [], script.read_weeks()
    for (name, seed), stored in table.groupby(["search", "seed"]):
        recorded = stored.set_index("number")[ERRORS]

        def answer(trial, seed, X, y, cv, recorded=recorded):
            script.build(trial, seed)
            errors = list(recorded.loc[trial.number].dropna())
            for step in range(len(errors)):
                trial.report(np.mean(errors[: step + 1]), step)
                stops = step < 4 and trial.should_prune()
                assert stops == (step == len(errors) - 1 and step < 4)
            trial.set_user_attr("errors", errors)
            if stops:
                raise optuna.TrialPruned
            return np.mean(errors)

        monkeypatch.setattr(script, "score", answer)
        made = script.search(name, seed, 120, tpe.get(seed))
        compare_searches(made, stored)
        if name == "TPE":
            tpe[seed] = made
        exact += made

    keys = {*script.KEYS, *ERRORS, "seconds"}
    with threadpool_limits(1):
        for k in np.random.default_rng(0).choice(len(exact), 10, replace=False):
            params = {n: v for n, v in exact[k].items() if n not in keys}
            trial = optuna.trial.FixedTrial(params)
            fit_and_score(trial, exact[k]["seed"], *data)
            wanted = [exact[k][e] for e in ERRORS if e in exact[k]]
            found = trial.user_attrs["errors"][: len(wanted)]
            assert found == pytest.approx(wanted, abs=1.1e-3), exact[k]


@with_script("bikes_searches")
def test_a_bikes_search_starts_as_it_was_recorded(script):
    made = script.search("TPE", 2, 12)
    table = pd.read_csv(script.PATH).query("search == 'TPE' and seed == 2")
    compare_searches(made, table[:12])
    assert all(row["seconds"] > 0 for row in made)


@on_posix
def test_bikes_searches_are_resumed_where_they_were_killed(tmp_path):
    copy_to(tmp_path, "data/build_bikes_searches.py")
    shutil.copy(lab.DATA / "bikes.csv.gz", tmp_path / "data")
    path = tmp_path / "data" / "bikes_searches.csv"
    stored = pd.read_csv(lab.DATA / path.name).query("seed < 3 and number < 2")
    whole = stored[stored["search"] != "retomada"].reset_index(drop=True)
    lost = whole.query("search == 'azar' and seed > 0 or search != 'azar' and seed < 1")
    kept = whole.drop(lost.index)  # la de TPE con semilla 2, que es de boosting
    kept.to_csv(path, index=False, lineterminator="\n")

    script = tmp_path / "data" / "build_bikes_searches.py"
    command = [sys.executable, script, "--seeds", "3", "--trials", "2"]
    run_and_kill(command, path, len(kept))
    assert len(kept) < len(pd.read_csv(path)) < len(whole) + 6
    half = pd.read_csv(path)
    subprocess.run(command, check=True, capture_output=True)

    made = pd.read_csv(path)
    pd.testing.assert_frame_equal(made.merge(half), half, check_dtype=False)
    again = made[made["search"] == "retomada"]
    compare_searches(made.drop(again.index).reset_index(drop=True), whole)
    # Con dos trials, la retomada repite los de TPE: el de fábrica y el otro.
    tpe = whole[whole["search"] == "TPE"].assign(search="retomada")
    compare_searches(again.reset_index(drop=True), tpe)


def definitions(source, names):
    """Lo que un texto define con esos nombres, sin sus docstrings."""
    found = {}
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef) and node.name in names:
            if ast.get_docstring(node) is not None:
                del node.body[0]
            found[node.name] = ast.dump(node)
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in names:
            found[ast.unparse(node.targets[0])] = ast.dump(node.value)
    return found


def test_bikes_searches_have_the_code_of_the_notebook():
    names = ["cyclic", "columns", "ridge", "neighbors", "boosting"]
    names += ["FAMILIES", "build", "DEFAULT"]
    cells = code_cells(read(ROOT / "notebooks" / "09_proyecto.ipynb"))
    shown = "\n".join(cell.source for name, cell in cells.items() if name != "setup")
    script = (ROOT / "data" / "build_bikes_searches.py").read_text("utf-8")
    made = definitions(script, names)
    assert sorted(made) == sorted(names) and made == definitions(shown, names)


@pytest.mark.parametrize("name", ["searches", "tournament"])
def test_animations_move_and_are_light(name):
    path = ROOT / "images" / f"{name}.gif"
    assert path.stat().st_size <= 1_500_000
    with Image.open(path) as film:
        assert film.n_frames > 10 and "loop" in film.info
