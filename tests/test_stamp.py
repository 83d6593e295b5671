import shutil
import subprocess
import sys

import nbformat
import pytest

import stamp
from course import NAMES, ROOT


@pytest.fixture
def course(tmp_path):
    for name in (*stamp.PAGES, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("notebooks", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def run(course, *words):
    command = [sys.executable, course / "tools" / "stamp.py", *words]
    return subprocess.run(command, capture_output=True, text=True)


def contents(course):
    files = [*course.glob("*.*"), *course.glob("notebooks/**/*.ipynb")]
    return {str(path.relative_to(course)): path.read_bytes() for path in files}


def test_the_course_is_stamped(course):
    before = contents(course)
    assert run(course).returncode == 0
    assert contents(course) == before


@pytest.mark.parametrize("ref", ["2027/uno", "v2.0.1"], ids=["rama", "etiqueta"])
def test_a_new_address_reaches_every_file_and_back(course, ref):
    before, old = contents(course), stamp.read_address(course)
    assert run(course, "profe-1/mi.curso", ref).returncode == 0
    address = {"repository": "profe-1/mi.curso", "ref": ref}
    assert stamp.read_address(course) == address
    for name, text in contents(course).items():
        assert old["repository"].encode() not in text, name
    for name in NAMES:
        notebook = nbformat.read(course / "notebooks" / f"{name}.ipynb", as_version=4)
        badge = notebook.cells[1].source
        assert f"github/profe-1/mi.curso/blob/{ref}/notebooks/{name}.ipynb" in badge
        (setup,) = (c.source for c in notebook.cells if c.id == "setup")
        assert f"pip install git+https://github.com/profe-1/mi.curso@{ref}\n" in setup
    run(course, old["repository"], old["ref"])
    assert contents(course) == before


@pytest.mark.parametrize(
    ("words", "text"),
    [(["sinbarra"], "'sinbarra'"), (["a/b/c"], "'a/b/c'"), (['a/b"'], "dueño"),
     (["a/b", "una rama"], "'una rama'"), (["a/b", "--x"], "rama")],
)  # fmt: skip
def test_a_bad_address_changes_nothing(course, words, text):
    before = contents(course)
    result = run(course, *words)
    assert result.returncode == 1 and text in result.stderr
    assert result.stderr.count("\n") == 1
    assert contents(course) == before
