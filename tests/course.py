"""Dónde está el curso y cómo se lee y se ejecuta un cuaderno, para las pruebas."""

import importlib.util
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9]*.ipynb"))
SOLUTIONS = sorted((ROOT / "notebooks" / "soluciones").glob("*.ipynb"))
EVERY = [*NOTEBOOKS, *SOLUTIONS]
NAMES = [path.stem for path in NOTEBOOKS]


def skip(reason):
    """Omite la prueba con su motivo; en CI, donde nada debe faltar, falla."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def fetch_or_skip(folder, *packages):
    """Trae de npm las bibliotecas de las páginas, u omite la prueba si no se puede."""
    from slides.build import fetch_libraries  # aquí, para que lo demás no la cargue

    try:
        fetch_libraries(folder, *packages)
    except SystemExit as reason:
        skip(str(reason))


def load(path):
    """Un programa de tools, como módulo: «site» ya es uno de Python."""
    spec = importlib.util.spec_from_file_location(f"{path.parent.name}_tool", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def name_of(path):
    """Nombre corto de un cuaderno: el suyo, y con su carpeta si son soluciones."""
    return str(path.relative_to(ROOT / "notebooks").with_suffix(""))


def read(path):
    """Un cuaderno, como está guardado."""
    return nbformat.read(path, as_version=4)


def code_cells(notebook):
    """Sus celdas de código, por identificador."""
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


def verdicts(notebook):
    """Lo que imprimió cada comprobación de ejercicio, por su llamada."""
    return {
        cell.source: "".join(o.get("text", str(o)) for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith("check.exercise_")
    }


def text_of(cell):
    """Lo que se compara de las salidas de una celda: lo impreso, junto, y lo demás."""
    printed = "".join(o.text for o in cell.outputs if o.output_type == "stream")
    data = [o.data for o in cell.outputs if "data" in o]
    shown = [(bundle.get("text/plain"), bundle.get("text/html")) for bundle in data]
    return [printed, *shown] if printed else shown


def alts(cell):
    """Los textos alternativos de las figuras de una celda."""
    outputs = [o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})]
    return [output.metadata["image/png"]["alt"] for output in outputs]


def stored_text(notebook):
    """Texto de las salidas que se comparan, celda por celda."""
    cells = code_cells(notebook).values()
    return {cell.id: text_of(cell) for cell in cells if not cell.metadata.get("tags")}


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
    return read(output / path.name)


def leftovers(mark, seconds=10):
    """Órdenes que siguen vivas con esa marca en su entorno, tras esperar un poco."""
    for _ in range(2 * seconds):
        alive = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("CURSO_PRUEBA") == str(mark):
                    alive.append(process.cmdline())
            except psutil.Error:
                continue
        if not alive:
            break
        time.sleep(0.5)
    return alive


def links(text):
    """Direcciones de los enlaces y las imágenes de un texto en Markdown."""
    return re.findall(r"\]\(([^)\s]+)\)", text)
