"""La copia sin soluciones, hecha de un clon y abierta en otra carpeta."""

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


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    """Un clon con un archivo que git no conoce."""
    clone = tmp_path_factory.mktemp("clon") / "curso"
    shutil.copytree(ROOT, clone, ignore=IGNORED)
    for words in (["init", "-q"], ["add", "--all"]):
        subprocess.run(["git", *words], cwd=clone, check=True)
    shutil.copy(NOTEBOOKS[0], clone / "notebooks" / "examen.ipynb")
    return clone


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


def test_git_ignores_the_zip(clone, handout):
    command = ["git", "status", "--short", "--untracked-files"]
    run = subprocess.run(command, cwd=clone, capture_output=True, text=True)
    assert "examen.ipynb" in run.stdout and ".zip" not in run.stdout


def test_outside_a_clone_one_sentence(tmp_path):
    shutil.copytree(ROOT / "tools", tmp_path / "tools", ignore=IGNORED)
    done = make(tmp_path)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "se espera su clon" in done.stderr
