"""La primera celda de cada cuaderno, donde el curso está y donde falta.

El kernel de Colab es de mentira (``colab_stub``) y pip es un programa que anota lo que
se le pide y falla; ``test_colab.py`` instala de verdad.
"""

import json
import os
import sys

import nbformat
import pytest
from nbclient import NotebookClient

import stamp
from course import ROOT

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        os.name != "posix", reason="el pip de mentira es un guion de sh"
    ),
]
SETUP = stamp.setup_cell(stamp.read_address())
COMMAND = stamp.INSTALL.format(**stamp.read_address())
HIDE = "import sys\nsys.modules['hpo_lab'] = None\n"
PIP = """#!/bin/sh
echo "$@" >> {log}
[ "$1" = {found} ] && exit 0
echo ERROR >&2
exit 1
"""
LAUNCH = {"colab": "colab_kernel_launcher", "local": "ipykernel_launcher"}


@pytest.fixture
def run_setup(tmp_path):
    """Ejecuta la celda y devuelve sus salidas y lo que se le pidió a pip."""
    pip = tmp_path / "bin" / "pip"
    pip.parent.mkdir()

    def run(where, installed):
        found = "show" if installed else "nada"
        pip.write_text(PIP.format(log=tmp_path / "asked", found=found))
        pip.chmod(0o755)
        spec = tmp_path / "kernels" / where
        spec.mkdir(parents=True)
        argv = [sys.executable, "-m", LAUNCH[where], "-f", "{connection_file}"]
        kernel = {"argv": argv, "display_name": where, "language": "python"}
        (spec / "kernel.json").write_text(json.dumps(kernel))
        cells = [nbformat.v4.new_code_cell(SETUP)]
        if not installed:
            cells.insert(0, nbformat.v4.new_code_cell(HIDE))
        notebook = nbformat.v4.new_notebook(cells=cells)
        resources = {"metadata": {"path": tmp_path}}
        options = {"timeout": 120, "resources": resources}
        client = NotebookClient(notebook, kernel_name=where, **options)
        path = f"{pip.parent}:{os.environ['PATH']}"
        client.execute(
            env=os.environ
            | {"PATH": path, "PYTHONPATH": str(ROOT / "tests" / "colab_stub")}
        )
        asked = tmp_path / "asked"
        return cells[-1].outputs, asked.read_text() if asked.exists() else ""

    def with_kernels(*words):
        os.environ["JUPYTER_PATH"] = str(tmp_path)
        try:
            return run(*words)
        finally:
            del os.environ["JUPYTER_PATH"]

    return with_kernels


def only_sentence(outputs):
    (output,) = outputs
    assert output.output_type == "stream" and output.name == "stdout"
    assert output.text.count("\n") == 1
    return output.text


def test_it_has_six_lines_at_most():
    assert len(SETUP.splitlines()) <= 6


@pytest.mark.parametrize("where", LAUNCH)
def test_where_the_course_is_it_says_and_installs_nothing(run_setup, where):
    outputs, asked = run_setup(where, True)
    assert outputs == [] and "install" not in asked


def test_outside_colab_it_names_the_command_and_runs_nothing(run_setup):
    outputs, asked = run_setup("local", False)
    assert COMMAND in only_sentence(outputs) and asked == ""


def test_in_colab_it_installs_and_a_failure_is_one_sentence(run_setup):
    outputs, asked = run_setup("colab", False)
    assert COMMAND in only_sentence(outputs)
    assert asked.splitlines() == ["show hpo-lab", COMMAND.removeprefix("pip ")]
