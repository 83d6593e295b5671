import os
import shutil
import subprocess
import sys

import nbformat
import pytest

import stamp
from course import NAMES, ROOT


@pytest.fixture
def course(tmp_path):
    for folder in ("notebooks", "tools"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for name in (*stamp.PAGES, "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


def run(course, *words):
    command = [sys.executable, course / "tools" / "stamp.py", *words]
    return subprocess.run(command, capture_output=True, text=True)


def contents(course):
    files = [*course.glob("*.*"), *course.glob("notebooks/**/*.ipynb")]
    files += course.glob("notebooks/hpo_lab/template/*.py")
    return {str(path.relative_to(course)): path.read_bytes() for path in files}


def test_the_course_is_stamped(course):
    before = contents(course)
    assert run(course).returncode == 0
    assert contents(course) == before


@pytest.mark.parametrize(
    ("repository", "ref"),
    [
        ("profe-1/mi.curso", "2027/uno"),
        ("profe-1/mi.curso", "v2.0.1"),
        ("notebooks/notebooks", "blob/notebooks/uno"),
    ],
    ids=["rama", "etiqueta", "notebooks"],
)
def test_a_new_address_reaches_every_file_and_back(course, repository, ref):
    before, old = contents(course), stamp.read_address(course)
    assert run(course, repository, ref).returncode == 0
    address = {"repository": repository, "ref": ref}
    assert stamp.read_address(course) == address
    for name, text in contents(course).items():
        assert old["repository"].encode() not in text, name
    for name in NAMES:
        notebook = nbformat.read(course / "notebooks" / f"{name}.ipynb", as_version=4)
        badge = notebook.cells[1].source
        assert f"github/{repository}/blob/{ref}/notebooks/{name}.ipynb" in badge
        (setup,) = (c.source for c in notebook.cells if c.id == "setup")
        assert f"pip install git+https://github.com/{repository}@{ref}\n" in setup
    run(course, old["repository"], old["ref"])
    assert contents(course) == before


@pytest.mark.parametrize(
    ("repository", "site"),
    [
        ("Profe-1/mi.curso", "https://profe-1.github.io/mi.curso/"),
        ("Profe/Profe.github.io", "https://profe.github.io/"),
        ("otra/vez", "https://otra.github.io/vez/"),
    ],
)
def test_the_address_of_the_site_follows(repository, site):
    text = (
        "**[Léelo en la web](https://x.github.io/)** y [esto](https://a.github.io/b/)"
    )
    address = {"repository": repository, "ref": "main"}
    once = stamp.stamp_text(text, address)
    assert once == text.replace("https://x.github.io/", site)
    other = stamp.stamp_text(once, {"repository": "una/mas", "ref": "main"})
    assert stamp.stamp_text(other, address) == once != other


def test_only_the_ref_keeps_the_repository(course):
    old = stamp.read_address(course)
    assert run(course, "", "v2.0.1").returncode == 0
    assert stamp.read_address(course) == old | {"ref": "v2.0.1"}


@pytest.mark.skipif(not shutil.which("make"), reason="no está make")
@pytest.mark.parametrize(
    ("given", "words"),
    [([], "'' ''"), (["REF=v2"], "'' 'v2'"), (["REPO=a/b"], "'a/b' ''")],
)
def test_make_passes_the_address_on(given, words):
    command = ["make", "-n", "--no-print-directory", "-o", ".venv/ready"]
    command += ["stamp", *given]
    env = {key: os.environ[key] for key in os.environ if key not in ("REPO", "REF")}
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.stdout == f".venv/bin/python tools/stamp.py {words}\n", done.stderr


@pytest.mark.parametrize(
    ("words", "text"),
    [(["sinbarra"], "'sinbarra'"), (["a/b/c"], "'a/b/c'"), (['a/b"'], "dueño"),
     (["a/b", "una rama"], "'una rama'"), (["a/b", "--x"], "rama"),
     (["", "--x"], "'--x'"), (["a/b", "x", "y"], "'a/b x y'")],
)  # fmt: skip
def test_a_bad_address_changes_nothing(course, words, text):
    before = contents(course)
    result = run(course, *words)
    assert result.returncode == 1 and text in result.stderr
    assert result.stderr.count("\n") == 1
    assert contents(course) == before
