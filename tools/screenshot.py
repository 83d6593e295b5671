"""Captura el tablero que muestra el cuaderno 4, ``images/dashboard.png``.

.venv/bin/python tools/screenshot.py
"""

import json
import re
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from PIL import Image
from PIL.PngImagePlugin import PngInfo

import chromium

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOK = ROOT / "notebooks" / "04_optuna.ipynb"
TARGET = ROOT / "images" / "dashboard.png"
SIZE = {"width": 960, "height": 632}
LETTERS = "#plot-history text { font-size: 18px !important; }"  # para que se proyecte
PLOTS = ("plot-history", "graph-hyperparameter-importances", "graph-timeline")


def open_study(page, port: int | str, name: str) -> None:
    """Abre un study en el tablero y espera a que sus figuras estén dibujadas."""
    page.goto(f"http://127.0.0.1:{port}/dashboard")
    page.get_by_text(re.compile(rf"^\d+\. {name}$")).click()
    for plot in PLOTS:
        page.wait_for_selector(f"#{plot} .point", state="attached", timeout=30_000)


def capture() -> None:
    """Ejecuta el cuaderno hasta el tablero y guarda su imagen."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    last = next(i for i, cell in enumerate(code) if cell.id == "board")
    port = nbformat.v4.new_code_cell("print(board.port)")
    resources = {"metadata": {"path": NOTEBOOK.parent}}
    client = NotebookClient(notebook, timeout=300, resources=resources)
    with client.setup_kernel(), chromium.launch() as browser:
        for cell in [*code[: last + 1], port]:
            client.execute_cell(cell, 0)
        page = browser.new_page(viewport=SIZE, device_scale_factor=1.5)
        open_study(page, port.outputs[0].text.strip(), "svr")
        page.add_style_tag(content=LETTERS)
        page.mouse.move(0, 0)  # que la figura no muestre sus botones
        page.wait_for_timeout(1000)
        page.screenshot(path=TARGET)
    # Las letras más pequeñas que quedan miden 16 píxeles; aquí, un píxel es un punto.
    size = {"inches": [side / 72 for side in SIZE.values()], "points": 16}
    about = PngInfo()
    about.add_text("Comment", json.dumps(size))
    picture = Image.open(TARGET).convert("RGB").quantize(128)
    picture.save(TARGET, optimize=True, pnginfo=about)


if __name__ == "__main__":
    if not chromium.find():
        sys.exit("No hay Chromium ni Chrome con que hacer la captura.")
    capture()
