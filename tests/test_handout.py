"""La copia sin soluciones, hecha de un clon y abierta en otra carpeta."""

import os
import re
import shutil
import subprocess
import sys
import zipfile

import nbformat
import pytest
from nbclient import NotebookClient

import stamp
from course import NOTEBOOKS, ROOT, links

pytestmark = pytest.mark.slow

IGNORED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", "build")


AUTHOR = ["-c", "user.name=profe", "-c", "user.email=profe@example.org"]


def commit(clone):
    for words in (["add", "--all"], [*AUTHOR, "commit", "-qm", "El curso"]):
        subprocess.run(["git", *words], cwd=clone, check=True)


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Un clon con un archivo que git no conoce."""
    clone = tmp_path_factory.mktemp("clon") / "curso"
    shutil.copytree(ROOT, clone, ignore=IGNORED)
    subprocess.run(["git", "init", "-q"], cwd=clone, check=True)
    commit(clone)
    shutil.copy(NOTEBOOKS[0], clone / "notebooks" / "examen.ipynb")
    return clone


@pytest.fixture
def small(tmp_path):
    """Un clon con poco más que el programa y el README."""
    clone = tmp_path / "curso"
    shutil.copytree(ROOT / "tools", clone / "tools", ignore=IGNORED)
    shutil.copy(ROOT / "README.md", clone)
    names = ["LICENSE", "Makefile", "pyproject.toml", "requirements.txt"]
    names += ["requirements.lock", "data/tabla.csv", "images/dibujo.png"]
    for name in [*names, "notebooks/01_uno.ipynb"]:
        write(clone / name, "confirmado")
    subprocess.run(["git", "init", "-q"], cwd=clone, check=True)
    commit(clone)
    return clone


def write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")


def packed(clone):
    """Contenido de la copia, por la ruta de cada archivo."""
    with zipfile.ZipFile(clone / "curso_sin_soluciones.zip") as archive:
        top = "curso_sin_soluciones/"
        return {n.removeprefix(top): archive.read(n) for n in archive.namelist()}


def make(clone):
    command = [sys.executable, clone / "tools" / "handout.py"]
    return subprocess.run(command, capture_output=True, text=True)


@pytest.fixture(scope="module")
def handout(clone, tmp_path_factory):
    """La carpeta que ve quien descomprime el zip."""
    done = make(clone)
    assert done.returncode == 0, done.stderr
    folder = tmp_path_factory.mktemp("estudiante")
    with zipfile.ZipFile(clone / "curso_sin_soluciones.zip") as archive:
        archive.extractall(folder)
    (only,) = folder.iterdir()
    return only


def test_it_has_the_course_and_no_solutions(handout):
    names = [path.name for path in handout.rglob("*") if path.is_file()]
    assert {path.name for path in NOTEBOOKS} <= set(names)
    assert {"README.md", "LICENSE", "pyproject.toml", "notebook_01.py"} <= set(names)
    assert not (handout / "notebooks" / "soluciones").exists()
    assert not [name for name in names if name.startswith(("test_", "exam"))]
    tops = {path.name for path in handout.iterdir()}
    assert not tops & {"tests", "tools", ".git", ".github", ".ci", ".venv"}
    for path in handout.glob("notebooks/*.ipynb"):
        assert "soluciones/" not in path.read_text("utf-8"), path.name


def test_no_link_dangles(handout):
    colab = stamp.COLAB.format(**stamp.read_address())
    texts = {path: path.read_text("utf-8") for path in handout.rglob("*.md")}
    for path in handout.glob("notebooks/*.ipynb"):
        cells = nbformat.read(path, 4).cells
        texts[path] = "\n".join(c.source for c in cells if c.cell_type == "markdown")
    for path, text in texts.items():
        for url in links(text):
            if url.startswith(colab):
                assert (handout / "notebooks" / url.removeprefix(colab)).is_file(), url
            elif "://" not in url:
                assert (path.parent / url).is_file(), (path.name, url)


def test_its_readme_promises_only_what_is_there(handout):
    text = (handout / "README.md").read_text("utf-8")
    assert set(re.findall(r"\bmake ([a-z]+)\b", text)) == {"lab"}
    assert "tests" not in text and "soluciones/" not in text
    dry = ["make", "-n", "lab", f"PYTHON={sys.executable}"]
    run = subprocess.run(dry, cwd=handout, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert "jupyter lab" in run.stdout and "tests" not in run.stdout


def test_the_setup_cell_and_the_checks_work_there(handout):
    cells = nbformat.read(handout / "notebooks" / NOTEBOOKS[0].name, 4).cells
    setup = next(cell.source for cell in cells if cell.id == "setup")
    code = "from hpo_lab import check\ncheck.exercise_1_1(None, None)"
    code += "\nprint(lab.__file__, lab.DATA)"
    cells = [nbformat.v4.new_code_cell(setup), nbformat.v4.new_code_cell(code)]
    NotebookClient(
        nbformat.v4.new_notebook(cells=cells),
        timeout=120,
        resources={"metadata": {"path": handout / "notebooks"}},
    ).execute()
    assert cells[0].outputs == []
    verdict, used = cells[1].outputs[0].text.splitlines()
    assert verdict.startswith("Ejercicio 1.1 · Pendiente")
    package = handout / "notebooks" / "hpo_lab" / "__init__.py"
    assert used == f"{package} {handout / 'data'}"


def test_the_same_files_give_the_same_bytes(clone, handout):
    first = (clone / "curso_sin_soluciones.zip").read_bytes()
    (clone / "LICENSE").touch()
    make(clone)
    assert (clone / "curso_sin_soluciones.zip").read_bytes() == first


def test_what_is_not_committed_stays_out_and_is_said(small):
    make(small)
    before = packed(small)
    write(small / "notebooks" / "01_uno.ipynb", "a medias")
    write(small / "README.md", "a medias")
    (small / "data" / "tabla.csv").unlink()
    done = make(small)
    assert done.returncode == 0 and not done.stderr
    assert packed(small) == before
    said = "README.md, data/tabla.csv, notebooks/01_uno.ipynb."
    assert done.stdout.splitlines()[0] == (
        f"Hay cambios sin confirmar, que la copia no lleva: {said}"
    )
    assert done.stdout.count("\n") == 2


def test_no_solution_gets_in_whatever_its_name(small):
    make(small)
    before = packed(small)
    names = ["soluciones/01.ipynb", "soluciones_2027/01.ipynb", "soluciones_01.ipynb"]
    for name in [*names, "01_Solución.ipynb", "01_solucionado.ipynb"]:
        write(small / "notebooks" / name, "la respuesta")
    write(small / "data" / "resolucion.csv", "un dato")
    commit(small)
    write(small / "notebooks" / "soluciones" / "01.ipynb", "otra respuesta")
    done = make(small)
    assert done.stdout.count("\n") == 1 and not done.stderr
    assert packed(small) == before | {"data/resolucion.csv": b"un dato"}


@pytest.mark.skipif(os.name != "posix", reason="en Windows no se crean enlaces sin más")
def test_what_a_link_points_to_stays_out(small):
    make(small)
    before = packed(small)
    write(small.parent / "fuera" / "examen.txt", "secreto")
    (small / "data" / "enlace.txt").symlink_to(small.parent / "fuera" / "examen.txt")
    (small / "images" / "enlace").symlink_to(small.parent / "fuera")
    commit(small)
    (small / "LICENSE").unlink()
    (small / "LICENSE").symlink_to(small.parent / "fuera" / "examen.txt")
    assert make(small).returncode == 0
    assert packed(small) == before


def test_git_ignores_the_zip(clone, handout):
    command = ["git", "status", "--short", "--untracked-files"]
    run = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert "examen.ipynb" in run.stdout and ".zip" not in run.stdout


@pytest.mark.parametrize("has_git", [False, True], ids=["sin git", "sin confirmar"])
def test_outside_a_clone_one_sentence(tmp_path, has_git):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=IGNORED)
    if has_git:
        subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    done = make(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "se espera su clon" in done.stderr
