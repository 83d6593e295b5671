"""El paquete que se instala: sus nombres, sus versiones, su tamaño y lo que lleva."""

import ast
import re
import sys
import tomllib
import zipfile

import pytest

import hpo_lab as lab
from course import EVERY, ROOT, code_cells, read

PACKAGE = ROOT / "notebooks" / "hpo_lab"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
MODULES = {  # lo que se importa con otro nombre que el de su proyecto
    "IPython": "ipython",
    "PIL": "pillow",
    "optuna_dashboard": "optuna-dashboard",
    "sklearn": "scikit-learn",
}


def names_of(requirements):
    return {re.match(r"[\w.-]+", line)[0].lower() for line in requirements}


def pins(name):
    found = re.findall(r"(?m)^([\w.-]+)(?:\[\w+\])?==(\S+)", (ROOT / name).read_text())
    return {project.lower(): version for project, version in found}


def test_the_same_names_are_in_the_three_lists():
    extras = PROJECT["optional-dependencies"]
    assert set(extras) == {"postgres", "dev"}
    named = PROJECT["dependencies"] + extras["postgres"] + extras["dev"]
    exact, locked = pins("requirements.txt"), pins("requirements.lock")
    assert names_of(named) == set(exact)
    assert {name: locked[name] for name in exact} == exact


def imported(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module.split(".")[0]


def test_what_is_imported_is_what_is_declared():
    modules = set(PACKAGE.rglob("*.py")) - set(PACKAGE.glob("template/*"))
    sources = [path.read_text("utf-8") for path in modules]
    for path in EVERY:
        cells = code_cells(read(path))
        sources += [cell.source for name, cell in cells.items() if name != "setup"]
    used = {name for source in sources for name in imported(source)}
    used -= {*sys.stdlib_module_names, "hpo_lab", "google", "__future__"}
    needed = {MODULES.get(name, name) for name in used}
    needed.add("tqdm")  # la barra de Optuna
    assert needed == names_of(PROJECT["dependencies"])


def test_lab_is_what_the_notebooks_use():
    text = "".join(c.source for path in EVERY for c in code_cells(read(path)).values())
    used = set(re.findall(r"\blab\.(\w+)", text))
    assert used == set(lab.__all__)


def test_no_module_is_long():
    sizes = {
        p.name: len(p.read_text("utf-8").splitlines()) for p in PACKAGE.rglob("*.py")
    }
    assert max(sizes.values()) <= 300, sizes


def test_here_the_data_are_those_of_the_repository():
    assert lab.DATA == ROOT / "data" and lab.DATA.is_dir()


@pytest.mark.slow
def test_the_wheel_carries_data_and_images_and_nothing_else(wheel):
    names = [n for n in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in n]
    expected = [p.relative_to(PACKAGE.parent) for p in PACKAGE.rglob("*.py")]
    expected = {path.as_posix() for path in expected}
    expected |= {f"hpo_lab/data/{path.name}" for path in ROOT.glob("data/*.csv*")}
    expected |= {f"hpo_lab/images/{path.name}" for path in ROOT.glob("images/*.png")}
    expected |= {"hpo_lab/images/game.html"}
    expected -= {"hpo_lab/data/game_searches.csv"}  # ningún cuaderno la lee
    expected |= {f"hpo_lab/cluster/{name}" for name in ("slurm.sh", "kubernetes.yaml")}
    assert set(names) == expected
