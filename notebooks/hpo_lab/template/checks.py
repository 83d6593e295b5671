"""La prueba del proyecto: ``python test_proyecto.py``, o ``pytest``.

Ejecuta todo el cuaderno en una copia de la carpeta, con pocos trials, y revisa que
ninguna fila esté donde no debe. Mientras falte algo por escribir, se omite y lo dice.
"""

import re
import shutil
import sys
from pathlib import Path

import numpy as np

try:
    import pytest
except ModuleNotFoundError:
    sys.exit("Se omite la prueba: falta pytest. Se instala con: pip install pytest")

FOLDER = Path(__file__).resolve().parent
NEEDED = ("hpo_lab", "nbformat", "nbclient")
# Lo que hizo el cuaderno no se copia.
MADE = ("bitacora.log*", "modelo.joblib", "ficha.md", "__pycache__", ".*")
SECONDS = 600  # lo que puede tardar una celda


@pytest.fixture(scope="module")
def parts():
    """Lo que está en objetivo.py, si ya está todo."""
    for name in NEEDED:
        pytest.importorskip(name, reason=f"falta {name}: pip install {name}")
    from hpo_lab import project

    try:
        missing = project.blanks(FOLDER / "objetivo.py")
        found = None if missing else project.load(path=FOLDER / "objetivo.py")
    except project.ProjectError as error:
        missing, found = [], str(error)
    if missing:
        pytest.skip(f"falta escribir en objetivo.py: {', '.join(missing)}")
    check(not isinstance(found, str), found)
    return found


def check(good, sentence):
    """Falla con una frase."""
    if not good:
        pytest.fail(sentence, pytrace=False)


def check_apart(first, second, rows, in_time, what):
    """Dos partes de las mismas filas no comparten ninguna."""
    first, second = np.asarray(first), np.asarray(second)
    check(len(first) and len(second), f"{what}: una de las dos partes está vacía.")
    inside = all(part.min() >= 0 and part.max() < rows for part in (first, second))
    check(inside, f"{what}: hay filas fuera de las {rows} que se reparten.")
    both = len(np.intersect1d(first, second))
    check(not both, f"{what}: {both} filas están en las dos partes.")
    late = in_time and first.max() > second.min()
    check(not late, f"{what}: se ajusta con filas posteriores a las que se predicen.")


def test_data(parts):
    """Los datos tienen la forma que se espera."""
    X, y = parts.load_data()
    check(hasattr(X, "iloc"), f"X es {type(X).__name__}; se espera un DataFrame.")
    size = np.shape(y)
    check(size == (len(X),), f"y tiene forma {size}; se espera ({len(X)},).")


def test_no_row_is_where_it_should_not(parts):
    """Ninguna fila de prueba está en un fold, ni una fila en sus dos partes."""
    X, _ = parts.load_data()
    train, test = parts.split(X)
    check_apart(train, test, len(X), parts.IN_TIME, "split")
    folds = parts.make_folds(X.iloc[train])
    check(len(folds) > 1, f"make_folds: hay {len(folds)} folds; se esperan dos o más.")
    for number, (fit, judged) in enumerate(folds):
        what = f"make_folds, fold {number}, dentro del entrenamiento"
        check_apart(fit, judged, len(train), parts.IN_TIME, what)


def test_the_notebook_runs(parts, tmp_path):
    """Todas las celdas, en orden, en una copia."""
    import nbclient
    import nbformat

    copy = tmp_path / "proyecto"
    shutil.copytree(FOLDER, copy, ignore=shutil.ignore_patterns(*MADE))
    notebook = nbformat.read(copy / "proyecto.ipynb", as_version=4)
    few = 0
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.source, found = re.subn(
                r"(?m)^N_TRIALS = .*", "N_TRIALS = 3", cell.source
            )
            few += found
    check(few == 1, f"Se espera una línea «N_TRIALS = …» en el cuaderno; hay {few}.")
    place = {"metadata": {"path": str(copy)}}
    client = nbclient.NotebookClient(notebook, timeout=SECONDS, resources=place)
    failed = None
    try:
        client.execute()
    except nbclient.exceptions.CellTimeoutError:
        failed = f"Una celda pasó de {SECONDS} segundos."
    except nbclient.exceptions.CellExecutionError as error:
        cell = next(c for c in notebook.cells if is_failed(c))
        said = f"{error.ename}: {error.evalue}".removeprefix("ProjectError: ")
        failed = f"La celda que empieza por {first_line(cell)!r} dijo: {said}"
    check(not failed, failed)


def is_failed(cell):
    """Dice si una celda terminó con un error."""
    return any(each.output_type == "error" for each in cell.get("outputs", []))


def first_line(cell):
    """La primera línea de una celda."""
    return cell.source.strip().partition("\n")[0]


if __name__ == "__main__":
    # Las opciones de otra carpeta que contenga a esta no se usan.
    sys.exit(pytest.main([__file__, "-rs", "-q", "-o", "addopts="]))
