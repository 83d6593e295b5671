"""Cada cuaderno, como lo abre Colab: solo el .ipynb en una carpeta vacía.

Son de verdad las versiones de las bibliotecas de Colab, la descarga de lo que falta, el
`git clone` y el cuaderno entero. Son de mentira `google.colab` (un módulo que anota lo
que le piden), GitHub (git lo cambia por esta carpeta) y la máquina, que no es la suya.
"""

import json
import os
import shutil
import subprocess
import sys

import nbformat
import pytest
import stamp
from conftest import NAMES, ROOT, execute, skip, solutions_of, verdicts
from uv import find_uv_bin

TESTS = ROOT / "tests"
NO_NETWORK = ("error sending request", "Failed to fetch", "dns error", "timed out")
SKIP = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache")


def uv(*words):
    return subprocess.run([find_uv_bin(), *words], capture_output=True, text=True)


@pytest.fixture
def colab_python(tmp_path):
    """Python con las versiones de Colab, en un entorno nuevo como su máquina."""
    venv = tmp_path / "venv"
    wanted = os.environ.get("COLAB_PYTHON") or shutil.which("python3.13") or "3.13"
    for version in (wanted, ">=3.11,<3.14"):
        made = uv(
            "venv", "--seed", "--no-python-downloads", f"--python={version}", venv
        )
        if made.returncode == 0:
            break
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    constraints = TESTS / "colab-constraints.txt"
    if made.returncode == 0:
        made = uv(
            *["pip", "install", "--compile-bytecode", f"--python={python}"],
            f"--requirements={constraints}",
        )
    if made.returncode and any(words in made.stderr for words in NO_NETWORK):
        skip("el índice de paquetes no responde: " + made.stderr.splitlines()[-1])
    assert made.returncode == 0, made.stderr
    return python


@pytest.fixture
def machine(tmp_path):
    """Entorno de la máquina: GitHub es una copia de esta carpeta, con su historia."""
    github = tmp_path / "github"
    shutil.copytree(ROOT, github, ignore=SKIP)
    address = stamp.read_address()
    config = tmp_path / "gitconfig"
    config.write_text(
        f'[url "{github.as_uri()}"]\n'
        f"insteadOf = https://github.com/{address['repository']}\n"
        "[user]\nname = prueba\nemail = prueba@example.org\n"
    )
    env = os.environ | {
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "PYTHONPATH": str(TESTS / "colab_stub"),
        "COLAB_STUB_LOG": str(tmp_path / "asked.jsonl"),
        "POSTGRES_BIN": str(tmp_path),  # Colab no trae PostgreSQL
    }
    for words in (
        ["init", "-q", f"--initial-branch={address['branch']}"],
        ["add", "--all"],
        ["commit", "-q", "-m", "copia"],
    ):
        subprocess.run(["git", *words], cwd=github, env=env, check=True)
    return env


def versions(python):
    frozen = uv("pip", "freeze", f"--python={python}").stdout
    return dict(line.split("==") for line in frozen.splitlines() if "==" in line)


@pytest.mark.parametrize("name", NAMES)
def test_in_colab(name, tmp_path, colab_python, machine):
    before = versions(colab_python)
    assert "optuna" not in before
    content = tmp_path / "content"
    content.mkdir()
    path = shutil.copy(ROOT / "notebooks" / f"{name}.ipynb", content)
    path = content / f"{name}.ipynb"
    done = execute(path, tmp_path / "out", python=str(colab_python), env=machine)
    assert sorted(p.name for p in content.iterdir()) == [path.name, "curso_hpo"]
    after = versions(colab_python)
    assert {package: after[package] for package in before} == before
    assert {"optuna", "optuna-dashboard", "pyngrok"} <= set(after)
    setup = next(cell for cell in done.cells if cell.id == "setup")
    assert not setup.outputs

    log = tmp_path / "asked.jsonl"
    asked = (
        [json.loads(line) for line in log.read_text().splitlines()]
        if log.exists()
        else []
    )
    if name == "04_optuna":
        assert [request["what"] for request in asked] == ["iframe", "secret"]
        assert asked[0]["path"] == "/dashboard" and asked[0]["port"] > 0
        assert asked[1]["key"] == "NGROK_AUTHTOKEN"
    elif name == "06_optuna_distribuido":
        assert [request["what"] for request in asked] == ["iframe"]
    else:
        assert not asked

    if solutions_of(name).exists():
        path = content / shutil.copy(solutions_of(name), content)
        solved = execute(path, tmp_path / "out", str(colab_python), env=machine)
        lines = verdicts(solved)
        assert lines and all(" · Bien." in line for line in lines.values()), lines

    # Una sesión nueva en la misma máquina: la celda de preparación, dos veces seguidas.
    again = nbformat.v4.new_notebook(cells=[], metadata=done.metadata)
    again.cells = [nbformat.v4.new_code_cell(setup.source) for _ in range(2)]
    nbformat.write(again, content / "again.ipynb")
    execute(content / "again.ipynb", tmp_path / "out", str(colab_python), env=machine)
    assert versions(colab_python) == after


def test_without_network_the_setup_cell_says_so(tmp_path):
    setup = stamp.SETUP.format(**stamp.read_address())
    env = os.environ | {"GIT_CONFIG_GLOBAL": str(tmp_path / "gitconfig")}
    nowhere = f'[url "file://{tmp_path}/nada"]\ninsteadOf = https://github.com/\n'
    (tmp_path / "gitconfig").write_text(nowhere)
    command = [sys.executable, "-c", setup]
    run = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True)
    assert "No se pudo descargar https://github.com/" in run.stderr
    assert "revisa tu conexión" in run.stderr.splitlines()[-1]
