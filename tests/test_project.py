"""Un proyecto vacío, como lo escribe, lo llena, lo prueba y lo entrega un estudiante.

Son de verdad el programa, las tablas, los kernels, los trabajadores, el disco lleno y
el paquete que se instala. De Windows, solo sus reglas para los nombres.
"""

import ast
import json
import ntpath
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbclient
import nbformat
import numpy as np
import optuna
import pandas as pd
import pytest

import stamp
from course import alts, code_cells, skip
from hpo_lab import project
from hpo_lab.storage import open_storage
from test_package import MODULES, PROJECT, imported, names_of
from workers import WORKER, finish, trials_of

FILES = ["objetivo.py", "proyecto.ipynb", "test_proyecto.py"]
slow = pytest.mark.slow
BLANK = (
    '    # Escribe tu código aquí\n    raise NotImplementedError("Falta escribir {} '
)
BLANK += 'en objetivo.py.")\n'

# Lo que escribiría quien trabaja con una tabla sin tiempo.
DIABETES = {
    "load_data": """
    from sklearn.datasets import load_diabetes

    X, y = load_diabetes(return_X_y=True, as_frame=True)
    X = X.sort_values("bmi")
    return X, y[X.index]  # una serie: sus etiquetas no son sus posiciones
""",
    "naive": """
    return np.full(len(judged), y[fit].mean())
""",
    "build": """
    from sklearn.linear_model import Ridge
    from sklearn.neighbors import KNeighborsRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    if trial.suggest_categorical("model", ["ridge", "knn"]) == "ridge":
        model = Ridge(trial.suggest_float("alpha", 0.01, 100, log=True))
    else:
        model = KNeighborsRegressor(trial.suggest_int("n_neighbors", 1, 50))
    return make_pipeline(StandardScaler(), model)
""",
}
# Y con una tabla en el orden del tiempo, en la que más es mejor.
DEMAND = {
    "load_data": """
    table = pd.read_csv(FOLDER / "demanda.csv", parse_dates=["día"])
    X = pd.DataFrame({"semana": table["día"].dt.day_of_week})
    return X.assign(ayer=table["ventas"].shift(1, fill_value=0)), table["ventas"]
""",
    "naive": """
    return y[np.maximum(judged - 7, 0)]
""",
    "build": """
    depth = trial.suggest_int("max_depth", 1, 8)
    return make_pipeline(DecisionTreeRegressor(max_depth=depth, random_state=0))
""",
}
IMPORTS = """import pandas as pd
from sklearn.metrics import r2_score
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeRegressor
"""


def replace(path, changes):
    """Cambia un texto por otro, que está una sola vez."""
    text = path.read_text("utf-8")
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


def fill(folder, bodies, changes):
    """Escribe las funciones que faltan y cambia lo demás."""
    written = {BLANK.format(name): body.lstrip("\n") for name, body in bodies.items()}
    replace(folder / "objetivo.py", written | changes)


def decide(folder, **values):
    """Cambia en el cuaderno lo que decide el estudiante."""
    path = folder / "proyecto.ipynb"
    notebook = nbformat.read(path, as_version=4)
    for name, value in values.items():
        (cell,) = (c for c in notebook.cells if f"\n{name} = " in f"\n{c.source}")
        lines = cell.source.split("\n")
        (place,) = (i for i, line in enumerate(lines) if line.startswith(f"{name} = "))
        lines[place] = f"{name} = {value!r}"
        cell.source = "\n".join(lines)
    nbformat.write(notebook, path)


def run_notebook(folder):
    """Ejecuta el cuaderno en su carpeta; devuelve lo impreso y el cuaderno."""
    notebook = nbformat.read(folder / "proyecto.ipynb", as_version=4)
    place = {"metadata": {"path": str(folder)}}
    nbclient.NotebookClient(notebook, timeout=120, resources=place).execute()
    outputs = [o for cell in code_cells(notebook).values() for o in cell.outputs]
    assert not [o for o in outputs if o.output_type == "error"]
    return "".join(o.get("text", "") for o in outputs), notebook


def stopped(folder):
    """Ejecuta un cuaderno que se detiene; devuelve la frase, que es lo único."""
    notebook = nbformat.read(folder / "proyecto.ipynb", as_version=4)
    place = {"metadata": {"path": str(folder)}}
    with pytest.raises(nbclient.exceptions.CellExecutionError):
        nbclient.NotebookClient(notebook, timeout=120, resources=place).execute()
    outputs = [o for cell in code_cells(notebook).values() for o in cell.outputs]
    (error,) = (output for output in outputs if output.output_type == "error")
    assert error.ename == "ProjectError" and error.traceback == [error.evalue]
    return error.evalue


def run_tests(folder, *options):
    """Corre la prueba del proyecto como se le dice al estudiante."""
    command = [sys.executable, "-m", "pytest", "test_proyecto.py", "-rs", *options]
    env = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("PYTEST_ADDOPTS", None)
    done = subprocess.run(
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=300
    )
    return done.returncode, done.stdout + done.stderr


def listed(folder):
    """Lo que hay en una carpeta, sin lo que guarda Python."""
    hidden = ("__pycache__", ".pytest_cache", ".ipynb_checkpoints")
    return sorted(path.name for path in folder.iterdir() if path.name not in hidden)


def test_it_writes_three_files_and_says_the_next_step(tmp_path, capsys):
    folder = tmp_path / "predicción de año nuevo"
    assert project.main([str(folder)]) == 0
    assert listed(folder) == FILES
    said = capsys.readouterr()
    assert str(folder) in said.out and "abre proyecto.ipynb" in said.out
    assert not said.err and 2 <= said.out.count("\n") <= 4
    for name in FILES:
        assert b"\r" not in (folder / name).read_bytes()
    notebook = nbformat.read(folder / "proyecto.ipynb", as_version=4)
    nbformat.validate(notebook)
    cells = code_cells(notebook)
    assert not any(cell.outputs for cell in cells.values())
    assert max(len(cell.source.split("\n")) for cell in cells.values()) <= 20
    place = "/content/drive/MyDrive/predicción de año nuevo"
    assert (
        f"\nFOLDER = {json.dumps(place, ensure_ascii=False)}" in cells["colab"].source
    )
    in_colab = project._texts(Path("/content/mío"))["proyecto.ipynb"]
    assert r'"FOLDER = \"/content/mío\"' in in_colab
    wanted = stamp.INSTALL.format(**stamp.read_address()).removeprefix("pip install ")
    assert f'COURSE = "{wanted}"' in cells["colab"].source
    heads = [c.source.split("\n")[0] for c in notebook.cells if c.id.startswith("paso")]
    assert [head[:6] for head in heads] == [f"## {n} ·" for n in range(1, 9)]


def test_an_empty_folder_and_the_current_one_are_good(tmp_path, monkeypatch):
    (tmp_path / "vacía").mkdir()
    monkeypatch.chdir(tmp_path / "vacía")
    assert project.main(["."]) == 0
    assert project.main(["../otra/"]) == 0
    assert listed(tmp_path / "vacía") == listed(tmp_path / "otra") == FILES


def test_help_is_in_spanish_and_writes_nothing(tmp_path, capsys):
    for words in (["--help"], ["-h"], [str(tmp_path / "a"), "--help"]):
        assert project.main(words) == 0
        said = capsys.readouterr().out
        assert "Uso:" in said and "Opciones:" in said and "usage" not in said
    assert not listed(tmp_path)


# Lo que no se admite, y lo que se dice: qué llegó y qué se espera.
REFUSED = {
    "": "'' no es el nombre de una carpeta",
    "/": "'/' no es el nombre de una carpeta",
    "no hay/mi_proyecto": "no es una carpeta que exista",
    "archivo.txt/mi_proyecto": "no es una carpeta que exista",
    "archivo.txt": "ya existe y no es una carpeta vacía",
    "llena": "ya existe y no es una carpeta vacía",
    "enlace": "ya existe y no es una carpeta vacía",
    "enlace roto": "ya existe y no es una carpeta vacía",
    "¿por qué?": "'?', que Windows no admite",
    "a:b": "':', que Windows no admite",
    'di "hola"': "que Windows no admite",
    "carpeta\\mi_proyecto": "que Windows no admite",
    "uno\ndos": "que Windows no admite",
    "cero\0": "que Windows no admite",
    "punto.": "termina en punto o en espacio",
    "espacio ": "termina en punto o en espacio",
    "CON": "reservado de Windows",
    "nul": "reservado de Windows",
    "com1": "reservado de Windows",
    "LPT9.proyecto": "reservado de Windows",
    "aux .x": "reservado de Windows",
    "\udcff": "caracteres que no son texto",
    "ñ" * 200: "el nombre es demasiado largo",
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_bad_folder_is_one_sentence_and_nothing_is_touched(
    name, tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    for kept in ("llena", "vacía"):
        (tmp_path / kept).mkdir()
    for kept in ("archivo.txt", "llena/objetivo.py"):
        (tmp_path / kept).write_text("mío", "utf-8")
    try:
        (tmp_path / "enlace").symlink_to("vacía")
        (tmp_path / "enlace roto").symlink_to("no existe")
    except OSError:  # Windows pide permiso para hacerlos
        if "enlace" in name:
            skip("no se pueden hacer enlaces")
    before = sorted(tmp_path.rglob("*"))
    assert project.main([name]) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.count("\n") == 1 and REFUSED[name] in said.err
    assert "se espera" in said.err
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "llena" / "objetivo.py").read_text("utf-8") == "mío"


@pytest.mark.parametrize("words", [[], ["a", "b"], ["--force", "a"], ["-x"], ["--"]])
def test_a_bad_command_is_one_sentence(words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert project.main(words) == 2
    said = capsys.readouterr()
    assert not said.out and said.err.count("\n") == 1
    assert "Se espera una carpeta" in said.err
    assert (" ".join(words) or "nada") in said.err
    assert not listed(tmp_path)


def test_the_reserved_names_are_those_of_windows():
    if not hasattr(ntpath, "isreserved"):
        pytest.skip("los dice Python desde 3.13")
    names = ["con", "PRN.txt", "aux", "com0", "COM³", "lpt1.a.b", "conin$", "comx"]
    names += ["consola", "a.con", "mi_proyecto", "x.", "x ", "a*b", "nul ", "com10"]
    for name in names:
        try:
            project._check_name(name, name)
            good = True
        except project.ProjectError:
            good = False
        assert good is not ntpath.isreserved(name) or name == "com0", name


@slow
def test_a_read_only_folder_is_one_sentence(tmp_path):
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if os.name != "posix" or (root and not shutil.which("setpriv")):
        skip("no hay cómo quitar el permiso de escribir")
    prefix = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    command = [*(prefix if root else []), sys.executable, "-m", "hpo_lab.project"]
    (tmp_path / "vacía").mkdir()
    for path in (tmp_path / "vacía", tmp_path):
        path.chmod(0o555)
    for name in ("nueva", "vacía"):
        done = subprocess.run(
            [*command, tmp_path / name], capture_output=True, text=True
        )
        assert done.returncode == 2 and not done.stdout
        assert "no hay permiso" in done.stderr and done.stderr.count("\n") == 1
    tmp_path.chmod(0o755)
    assert listed(tmp_path) == ["vacía"] and not listed(tmp_path / "vacía")


@pytest.mark.parametrize("size", ["4k", "12k", "24k"])
def test_a_full_disk_keeps_nothing(size, tmp_path, capsys):
    disk = tmp_path / "disco"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk]
    if not hasattr(os, "geteuid") or os.geteuid():
        skip("no se puede montar un disco pequeño: hace falta ser root")
    if subprocess.run(mount, capture_output=True).returncode:
        skip("no se puede montar un disco pequeño aquí")
    try:
        assert project.main([str(disk / "nueva")]) == 2
        assert "el disco está lleno" in capsys.readouterr().err
        assert not listed(disk)
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


class Interrupted(dict):
    """Textos que alguien interrumpe (Ctrl-C) después del primero."""

    def items(self):
        yield next(iter(super().items()))
        raise KeyboardInterrupt


def test_an_interruption_keeps_nothing(tmp_path, monkeypatch):
    (tmp_path / "vacía").mkdir()
    texts = Interrupted(project._texts(tmp_path))
    monkeypatch.setattr(project, "_texts", lambda _: texts)
    for name in ("nueva", "vacía"):
        with pytest.raises(KeyboardInterrupt):
            project.create(str(tmp_path / name))
    assert listed(tmp_path) == ["vacía"] and not listed(tmp_path / "vacía")


def test_load_sees_every_change_and_says_what_is_missing(tmp_path):
    path = tmp_path / "partes.py"
    path.write_text("DEFAULT = {}\ndef build(t):\n    'x'\nx = 1\n", "utf-8")
    assert project.load(path=path) is project.load(path=path)
    assert project.load(path=path).x == 1
    path.write_text(path.read_text("utf-8").replace("x = 1", "x = 2"), "utf-8")
    assert project.load("naive", path=path).x == 2  # en el mismo segundo y tamaño
    with pytest.raises(project.ProjectError, match=r"escribir DEFAULT, build en par"):
        project.load("build", "DEFAULT", path=path)
    path.write_bytes(b"\xef\xbb\xbfx = 3\r\n")  # como lo guarda el Bloc de notas
    assert project.load(path=path).x == 3
    for content, sentence in {
        b"x = 1\ndef f(:\n": "No se entiende partes.py, línea 2",
        "x = 'ñ'".encode("cp1252"): "partes.py no está en UTF-8",
        None: "No está partes.py en",
    }.items():
        path.unlink()
        if content:
            path.write_bytes(content)
        with pytest.raises(project.ProjectError, match=sentence):
            project.load(path=path)
    path.write_text("import no_existe\n", "utf-8")
    with pytest.raises(ModuleNotFoundError):
        project.load(path=path)
    assert sys.modules.pop("partes").x == 3


def test_it_only_needs_what_is_declared():
    sources = {path.name: path.read_text("utf-8") for path in parts_of_template()}
    assert set(sources) == {"parts.py", "checks.py", "cells.py"}
    used = {name for text in sources.values() for name in imported(text)}
    used -= {*sys.stdlib_module_names, "hpo_lab", "google", "pytest"}
    used -= {"nbformat", "nbclient"}
    needed = {MODULES.get(name, name) for name in used}
    assert needed <= names_of(PROJECT["dependencies"])
    assert not {"nbformat", "nbclient", "pytest"} & set(imported(sources["cells.py"]))


def parts_of_template():
    return sorted(project.TEMPLATE.glob("*.py"))


@slow
def test_unfilled_it_says_what_is_missing(tmp_path):
    folder = project.create(str(tmp_path / "a b"))
    code, said = run_tests(folder)
    assert code == 0 and "3 skipped" in said
    assert "objetivo.py: load_data, naive, DEFAULT, build" in said
    assert stopped(folder) == "Falta escribir load_data en objetivo.py."
    assert listed(folder) == FILES


@pytest.fixture(scope="module")
def diabetes(tmp_path_factory):
    """Un proyecto lleno, con una tabla que trae scikit-learn."""
    folder = project.create(str(tmp_path_factory.mktemp("x") / "diabetes ñ"))
    default = "DEFAULT = {'model': 'ridge', 'alpha': 1.0}"
    changes = {"DEFAULT = {}": default, "IN_TIME = True": "IN_TIME = False"}
    fill(folder, DIABETES, changes)
    decide(folder, N_TRIALS=8, QUESTION="¿Cuánto avanza?", UNIT="puntos")
    return folder


@slow
def test_filled_its_test_passes_and_touches_nothing(diabetes):
    before = listed(diabetes)
    code, said = run_tests(diabetes)
    assert code == 0 and "3 passed" in said, said
    assert listed(diabetes) == before


@slow
def test_it_is_searched_resumed_and_delivered(diabetes, tmp_path):
    folder = shutil.copytree(diabetes, tmp_path / "copia")
    said, _ = run_notebook(folder)
    assert "La prueba sigue cerrada." in said and "Falta decidir" in said
    assert "seen" not in study_of(folder).user_attrs
    first = [(t.number, t.params) for t in study_of(folder).trials]
    assert len(first) == 8 and first[0][1] == {"model": "ridge", "alpha": 1.0}
    dead, working = study_of(folder).ask(), study_of(folder).ask()
    working.set_user_attr("host", "otro")

    decide(folder, READY=True, MARGIN=0.0, N_TRIALS=10)
    said, notebook = run_notebook(folder)
    trials = study_of(folder).trials
    assert [(t.number, t.params) for t in trials[:8]] == first
    states = [t.state.name for t in trials]
    assert states[dead.number] == "FAIL" and states[working.number] == "RUNNING"
    assert states.count("COMPLETE") + states.count("PRUNED") == 10
    assert [t.params for t in trials].count(first[0][1]) == 1
    assert "Otro proceso abrió modelo.joblib y predijo lo mismo." in said
    (alt,) = alts(code_cells(notebook)["historia"])
    assert f"El mejor de {states.count('COMPLETE')} trials" in alt
    made = ["bitacora.log", "ficha.md", "modelo.joblib"]
    assert listed(folder) == sorted([*FILES, *made])
    card = (folder / "ficha.md").read_text("utf-8")
    assert card.startswith("# ¿Cuánto avanza?\n") and "\n| ingenuo | " in card
    rows = dict(re.findall(r"(?m)^\| (.+?) \| .+ \| ([\d.]+) \|$", card))
    assert float(rows["por defecto"]) < 0.8 * float(rows["ingenuo"])
    assert "vieron la prueba: 1\n" in card and "| error absoluto medio (puntos)" in card

    said, _ = run_notebook(folder)  # otra vez, sin nada que buscar
    assert [t.state.name for t in study_of(folder).trials] == states
    assert (folder / "ficha.md").read_text("utf-8") == card


def study_of(folder):
    storage = open_storage(str(folder / "bitacora.log"))
    return optuna.load_study(study_name="proyecto", storage=storage)


@slow
def test_two_workers_fill_the_same_study(diabetes, tmp_path):
    folder = shutil.copytree(diabetes, tmp_path / "copia")
    command = [*WORKER, "--objective", "objetivo.py:objective", "--create"]
    command += ["--storage", "bitacora.log", "--study-name", "proyecto", "--trials=4"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    both = [subprocess.Popen(command, cwd=folder, **pipes) for _ in range(2)]
    results = [finish(process) for process in both]
    assert [code for code, _, _ in results] == [0, 0], results
    trials = trials_of(str(folder / "bitacora.log"), "proyecto")
    assert len(trials) == 8 and study_of(folder).direction.name == "MINIMIZE"
    for trial in trials:
        scores = trial.user_attrs["folds"]
        pruned = trial.state.name == "PRUNED"
        assert (
            trial.state.name in ("COMPLETE", "PRUNED") and (len(scores) < 5) == pruned
        )
        assert trial.value == pytest.approx(np.mean(scores))


@slow
def test_the_search_never_sees_the_test_rows(diabetes):
    parts = project.load(path=diabetes / "objetivo.py")
    X, y = parts.load_data()
    train, test = parts.split(X)
    assert sorted([*train, *test]) == list(range(len(X))) and len(test) == 88
    wrong = np.asarray(y, dtype=float).copy()
    wrong[test] = np.nan
    score = parts.objective(optuna.trial.FixedTrial(parts.DEFAULT))
    parts.load_data = lambda: (X, wrong)
    assert parts.objective(optuna.trial.FixedTrial(parts.DEFAULT)) == score
    del sys.modules["objetivo"]


@slow
def test_a_table_in_time_order_where_more_is_better(tmp_path):
    folder = project.create(str(tmp_path / "demanda"))
    rng = np.random.default_rng(0)
    days = pd.date_range("2025-01-01", periods=300, name="día")
    sales = 100 + 20 * days.day_of_week + rng.normal(0, 10, 300)
    sales.to_series(days, name="ventas").to_csv(folder / "demanda.csv")
    changes = {
        "import optuna\n": f"import optuna\n{IMPORTS}",
        "DEFAULT = {}": "DEFAULT = {'max_depth': 1}",
        'direction = "minimize"': 'direction = "maximize"',
        "return mean_absolute_error(": "return r2_score(",
    }
    fill(folder, DEMAND, changes)
    decide(folder, N_TRIALS=6, MARGIN=0.0, READY=True, METRIC="R²", UNIT="")
    code, said = run_tests(folder)
    assert code == 0 and "3 passed" in said, said
    assert listed(folder) == sorted([*FILES, "demanda.csv"])
    run_notebook(folder)
    parts = project.load(path=folder / "objetivo.py")
    train, test = parts.split(parts.load_data()[0])
    assert train.max() < test.min() and (len(train), len(test)) == (240, 60)
    assert all(fit.max() < judged.min() for fit, judged in parts.make_folds(train))
    del sys.modules["objetivo"]
    assert study_of(folder).best_params["max_depth"] > 1
    assert "se mejoró 0." in (folder / "ficha.md").read_text("utf-8")

    # Con otros folds, lo que ya se buscó no se puede comparar.
    replace(folder / "objetivo.py", {"TimeSeriesSplit(5)": "TimeSeriesSplit(4)"})
    assert "con otro STUDY se empieza de nuevo" in stopped(folder)


# Los errores que dejan que el entrenamiento vea lo que no debe, y lo que se dice.
FOLDS = "    random = KFold(5, shuffle=True, random_state=0)\n"
LEAKS = {
    "test rows in the folds": (
        {FOLDS: FOLDS + "    X_train, _ = load_data()\n"},
        "fold 0, dentro del entrenamiento: hay filas fuera de las 354",
    ),
    "both parts": (
        {FOLDS: "    return [(range(9), range(5, 9))] * 2\n"},
        "4 filas están en las dos partes",
    ),
    "test rows to fit": (
        {"return rows[:end], rows[end:]": "return rows, rows[end:]"},
        "split: 88 filas están en las dos partes",
    ),
    "the future": (
        {"IN_TIME = False": "IN_TIME = True", "if not IN_TIME:": "if True:"},
        "split: se ajusta con filas posteriores a las que se predicen",
    ),
    "an array": (
        {"return X, y[X.index]": "return X.to_numpy(), y[X.index]"},
        "X es ndarray; se espera un DataFrame",
    ),
}


@slow
@pytest.mark.parametrize("kind", LEAKS)
def test_what_is_wrong_in_the_rows_is_one_sentence(kind, diabetes, tmp_path):
    folder = shutil.copytree(diabetes, tmp_path / "copia")
    changes, sentence = LEAKS[kind]
    replace(folder / "objetivo.py", changes)
    checks, parts = (project.load(path=folder / name) for name in FILES[::-2])
    try:
        with pytest.raises(pytest.fail.Exception) as failed:
            checks.test_data(parts)
            checks.test_no_row_is_where_it_should_not(parts)
    finally:
        del sys.modules["objetivo"], sys.modules["test_proyecto"]
    assert sentence in str(failed.value) and "\n" not in str(failed.value)


@slow
def test_a_wrong_project_fails_with_a_sentence_for_each_thing(diabetes, tmp_path):
    folder = shutil.copytree(diabetes, tmp_path / "copia")
    error = "    raise ValueError('no hay')\n    return np.full"
    changes, sentence = LEAKS["both parts"]
    replace(folder / "objetivo.py", {**changes, "    return np.full": error})
    code, said = run_tests(folder)
    assert code == 1 and "2 failed, 1 passed" in said, said
    assert sentence in said and "Traceback" not in said
    assert """La celda que empieza por 'parts = load("load_data", "naive")'""" in said
    assert "dijo: ValueError: no hay" in said


@slow
def test_from_the_installed_package(wheel, tmp_path):
    zipfile.ZipFile(wheel).extractall(tmp_path / "site")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "site")}
    words = [sys.executable, "-c", "import hpo_lab; print(hpo_lab.__file__)"]
    found = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert str(tmp_path / "site") in found.stdout
    words = [sys.executable, "-m", "hpo_lab.project", "nuevo"]
    done = subprocess.run(words, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done.stderr
    here = project.create(str(tmp_path / "de aquí"))
    for name in FILES[:1] + FILES[2:]:
        assert (tmp_path / "nuevo" / name).read_bytes() == (here / name).read_bytes()
    for name in FILES[::2]:
        ast.parse((here / name).read_text("utf-8"))
