import shutil
import subprocess
import sys

import nbformat
import pytest
import stamp
from conftest import NAMES, ROOT


@pytest.fixture
def course(tmp_path):
    for name in ("README.md", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    for folder in ("notebooks", "tests"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def run(course, *words):
    command = [sys.executable, course / "tests" / "stamp.py", *words]
    return subprocess.run(command, capture_output=True, text=True)


def contents(course):
    files = [*course.glob("*.*"), *course.glob("notebooks/*.ipynb")]
    return {path.name: path.read_bytes() for path in files}


def test_the_course_is_stamped(course):
    before = contents(course)
    assert run(course).returncode == 0
    assert contents(course) == before


def test_a_new_address_reaches_every_file_and_back(course):
    before, old = contents(course), stamp.read_address(course)
    assert run(course, "profe-1/mi.curso", "2027/uno").returncode == 0
    address = {"repository": "profe-1/mi.curso", "branch": "2027/uno"}
    assert stamp.read_address(course) == address
    for name, text in contents(course).items():
        assert old["repository"].encode() not in text, name
    for name in NAMES:
        notebook = nbformat.read(course / "notebooks" / f"{name}.ipynb", as_version=4)
        badge, setup = notebook.cells[1].source, stamp.SETUP.format(**address).strip()
        assert f"github/profe-1/mi.curso/blob/2027/uno/notebooks/{name}.ipynb" in badge
        assert [c.source for c in notebook.cells if c.id == "setup"] == [setup]
        assert '"2027/uno", url' in setup
    run(course, old["repository"], old["branch"])
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
