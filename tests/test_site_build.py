"""Cómo se arma y se publica el sitio."""

import json
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from course import NAMES, NOTEBOOKS, ROOT, alts, read
from pages import BUILD, build_site, lost_links

pytestmark = pytest.mark.slow


def test_no_solution_is_published_unasked(site, tmp_path):
    assert not list(site.rglob("*soluci*"))
    lib = site.parent / "lib"
    for asked in (False, True):
        source = tmp_path / str(asked)
        source.mkdir()
        build_site.stage(source, lib, asked)
        files = [path.name for path in source.glob("soluciones/*")]
        assert sorted(files) == ([f"{name}.ipynb" for name in NAMES] if asked else [])
    whole = "".join(path.read_text("utf-8") for path in site.glob("*.html"))
    for name in NAMES:
        solved = read(ROOT / "notebooks" / "soluciones" / f"{name}.ipynb")
        (text,) = (c.source for c in solved.cells if c.id == "title")
        assert text.splitlines()[0].lstrip("# ") not in whole


@pytest.mark.parametrize("given", ["", "0", "1", "sí"])
def test_make_passes_on_whether_to_publish_the_solutions(given):
    command = ["make", "-n", "--no-print-directory", "-o", ".venv/ready", "site"]
    command += [f"SOLUCIONES={given}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    option = [f"'--soluciones={given}'"] if given else []
    assert done.stdout.split()[1:] == ["tools/site/build.py", *option]


def test_another_option_is_refused_in_one_sentence():
    command = [sys.executable, BUILD, "--soluciones=sí"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "o nada; se recibió '--soluciones=sí'" in done.stderr
    asked = {(): False, ("--soluciones=0",): False, ("--soluciones=1",): True}
    assert asked == build_site.OPTIONS


def test_a_bad_notebook_is_told_in_one_sentence(tmp_path):
    path = tmp_path / "mal.ipynb"
    notebook = read(NOTEBOOKS[0])
    png = next(c for c in notebook.cells if alts(c))
    told = {
        "no se puede leer como cuaderno": lambda: path.write_text("<<<<<<<", "utf-8"),
        "1 figuras y 0 textos": lambda: png.outputs[0].metadata.clear(),
        "2 figuras y 0 textos": lambda: png.outputs.append(png.outputs[0]),
        "falta el enlace a Colab": lambda: notebook.cells.clear(),
    }
    for sentence, spoil in told.items():
        spoil()
        if "leer" not in sentence:
            nbformat.write(notebook, path)
        with pytest.raises(SystemExit, match=sentence) as error:
            build_site.page(path)
        assert str(path) in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(SystemExit, match="README.md no tiene la fila de mal.ipynb"):
        build_site.index([path], [])
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A")]), path
    )
    with pytest.raises(SystemExit, match="el título no dice su parte"):
        build_site.part_of(path)


@pytest.mark.full
def test_with_the_solutions_everything_resolves(tmp_path):
    folder = tmp_path / "sitio"
    build_site.build(folder, solutions=True)
    assert len(list(folder.glob("soluciones/*.html"))) == len(NAMES)
    assert lost_links(folder) == []


def test_a_broken_link_stops_the_site_and_keeps_the_old_one(tmp_path, capfd):
    source, made = tmp_path / "source", tmp_path / "site"
    (source / "static").mkdir(parents=True)
    (source / "index.md").write_text("# Curso\n\n[nada](no_existe.ipynb)\n", "utf-8")
    (source / "glosario.md").write_text(
        "---\norphan: true\n---\n\n# Glosario\n", "utf-8"
    )
    with pytest.raises(SystemExit, match="Sphinx no pudo armar el sitio"):
        build_site.render(source, made)
    assert "no_existe.ipynb" in capfd.readouterr().err


@pytest.mark.parametrize("step", ["stage", "render"])
def test_if_it_fails_the_old_site_stays(step, tmp_path, monkeypatch):
    folder = tmp_path / "sitio"
    folder.mkdir()
    (folder / "index.html").write_text("el de ayer", "utf-8")
    monkeypatch.setattr(build_site.slides, "fetch_libraries", lambda folder: None)

    def fail(*args):
        assert (folder / "index.html").read_text("utf-8") == "el de ayer"
        sys.exit("no se pudo")

    monkeypatch.setattr(build_site, "stage", lambda *args: None)
    monkeypatch.setattr(build_site, step, fail)
    with pytest.raises(SystemExit, match="no se pudo"):
        build_site.build(folder)
    assert (folder / "index.html").read_text("utf-8") == "el de ayer"
    assert [path.name for path in tmp_path.iterdir()] == ["sitio"]


@pytest.mark.parametrize("old", ["folder", "file", "link"])
def test_the_new_site_takes_the_place_of_the_old(old, tmp_path, monkeypatch):
    folder = tmp_path / "sitio"
    kept = tmp_path / "otra carpeta"
    kept.mkdir()
    (kept / "suyo.txt").write_text("no se toca", "utf-8")
    if old == "folder":
        folder.mkdir()
    elif old == "file":
        folder.write_text("x", "utf-8")
    else:
        folder.symlink_to(kept)
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(build_site.slides, "fetch_libraries", lambda folder: None)
    monkeypatch.setattr(build_site.slides, "build", lambda folder, home: None)
    monkeypatch.setattr(build_site, "stage", lambda *args: None)
    monkeypatch.setattr(build_site, "render", lambda source, made: made.mkdir())
    build_site.build(folder)
    assert folder.is_dir() and not folder.is_symlink()
    assert (kept / "suyo.txt").read_text("utf-8") == "no se toca"


def test_the_workflow_publishes_what_make_site_writes():
    import yaml

    path = ROOT / ".github" / "workflows" / "site.yml"
    flow = yaml.safe_load(path.read_text("utf-8"))
    assert flow[True]["push"] == {"branches": ["main"]}  # «on», para YAML, es True
    jobs = flow["jobs"]
    steps = jobs["build"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs == ["make site"], "sin soluciones"
    assert steps[-1]["with"] == {"path": "build/site"}
    assert f'ROOT / "{Path("build/site").parent}" / "site"' in BUILD.read_text("utf-8")
    assert "permissions" not in jobs["build"]
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert json.dumps(jobs).count("secrets") == 0
