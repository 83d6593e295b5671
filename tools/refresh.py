"""Ejecuta los cuadernos en su sitio y guarda sus salidas.

python tools/refresh.py [cuaderno …]

Lo que solo vive mientras el cuaderno corre (barras de avance, el tablero) lleva la
etiqueta ``live`` y no se guarda. De los deslizadores se guarda su figura inicial.
"""

import os
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from stamp import notebooks

# Con ellos, los cuadernos guardarían la contraseña de un túnel y usarían otro servidor.
PRIVATE = ("NGROK_AUTHTOKEN", "OPTUNA_STORAGE")


def refresh(path: Path) -> None:
    """Ejecuta un cuaderno de principio a fin; si una celda falla, no lo toca."""
    notebook = nbformat.read(path, as_version=4)
    resources = {"metadata": {"path": path.parent}}
    env = {name: value for name, value in os.environ.items() if name not in PRIVATE}
    NotebookClient(
        notebook,
        kernel_name="python3",
        timeout=300,
        resources=resources,
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
    ).execute(env=env)
    notebook.metadata.language_info = {"name": "python"}
    for cell in notebook.cells:
        if "live" in cell.metadata.get("tags", []):
            cell.outputs = []
        for output in cell.get("outputs", []):
            output.get("data", {}).pop("application/vnd.jupyter.widget-view+json", None)
    nbformat.write(notebook, path)


if __name__ == "__main__":
    for name in sys.argv[1:] or notebooks():
        print(name)
        refresh(Path(name).resolve())
