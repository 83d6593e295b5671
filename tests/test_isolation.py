"""Ejecutar los cuadernos, solos o con refresh, no usa nada de quien los ejecuta."""

import os
import subprocess
import sys

import nbformat
import pytest

from course import ROOT

PRIVATE = {"NGROK_AUTHTOKEN": "uno", "OPTUNA_STORAGE": "dos"}
SEEN = f"import os\nprint([os.environ.get(name) for name in {list(PRIVATE)}])"

pytestmark = pytest.mark.slow


def test_refresh_hides_the_token_and_the_server(tmp_path):
    path = tmp_path / "seen.ipynb"
    cell = nbformat.v4.new_code_cell(SEEN)
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    command = [sys.executable, ROOT / "tools" / "refresh.py", path]
    subprocess.run(command, env=os.environ | PRIVATE, check=True)
    (output,) = nbformat.read(path, as_version=4).cells[0].outputs
    assert output.text == "[None, None]\n"


def test_nbval_alone_hides_the_token_and_the_server(tmp_path):
    cell = nbformat.v4.new_code_cell(SEEN, execution_count=1)
    cell.outputs = [nbformat.v4.new_output("stream", text="[None, None]\n")]
    folder = tmp_path / "notebooks"
    folder.mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), folder / "seen.ipynb")
    for name in ("conftest.py", "pyproject.toml"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    command = [sys.executable, "-m", "pytest", "notebooks", "--rootdir=.", "-n0"]
    run = subprocess.run(
        command,
        cwd=tmp_path,
        env=os.environ | PRIVATE,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0 and "1 passed" in run.stdout, run.stdout
