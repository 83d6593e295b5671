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
import pandas as pd
import pytest
from PIL import Image
from threadpoolctl import threadpool_info

import hpo_lab as lab
from course import ROOT

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


@pytest.mark.skipif(os.name != "posix", reason="mata al programa con su grupo (POSIX)")
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
    two_cores = os.environ | {"LOKY_MAX_CPU_COUNT": "2"}  # que no acabe de un golpe
    running = subprocess.Popen(command, start_new_session=True, env=two_cores)
    for _ in range(600):
        if len(pd.read_csv(path)) > len(stored) - count:
            break
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
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


@pytest.mark.parametrize("name", ["searches", "tournament"])
def test_animations_move_and_are_light(name):
    path = ROOT / "images" / f"{name}.gif"
    assert path.stat().st_size <= 1_500_000
    with Image.open(path) as film:
        assert film.n_frames > 10 and "loop" in film.info
