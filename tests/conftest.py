"""Lo que comparten las pruebas: dónde está el curso y cómo ejecutar un cuaderno."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
NAMES = [path.stem for path in NOTEBOOKS]

sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "tests")]

# Con un token en el entorno, los cuadernos abrirían un túnel de verdad.
os.environ.pop("NGROK_AUTHTOKEN", None)


def skip(reason):
    """Omite la prueba con su motivo; en CI, donde nada debe faltar, falla."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


@pytest.fixture
def ngrok_stub(tmp_path):
    """Ruta de un agente de mentira, ejecutable como el de ngrok (ver ngrok_stub.py)."""
    source = (ROOT / "tests" / "ngrok_stub.py").read_text("utf-8")
    agent = tmp_path / "bin" / "ngrok"
    agent.parent.mkdir()
    agent.write_text(f"#!{sys.executable}\n{source}", "utf-8")
    agent.chmod(0o755)
    return agent


def execute(path, output, python=sys.executable, prefix=(), env=None):
    """Ejecuta un cuaderno en su carpeta, en otro proceso, y devuelve el resultado."""
    command = [*prefix, python, "-m", "nbconvert", "--to", "notebook", "--execute"]
    command += ["--ExecutePreprocessor.timeout=120", "--log-level=ERROR"]
    command += [f"--output-dir={output}", path.name]
    run = subprocess.run(
        command,
        cwd=path.parent,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert run.returncode == 0, run.stderr[-3000:]
    return nbformat.read(output / path.name, as_version=4)


def stored_text(notebook):
    """Texto de las salidas que se comparan, celda por celda."""
    texts = {}
    for cell in notebook.cells:
        if (
            cell.cell_type == "code"
            and cell.id != "setup"
            and not cell.metadata.get("tags")
        ):
            outputs = [o.get("text") or o.get("data", {}) for o in cell.outputs]
            texts[cell.id] = [
                o if isinstance(o, str) else (o.get("text/plain"), o.get("text/html"))
                for o in outputs
            ]
    return texts
