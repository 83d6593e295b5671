"""El juego en JupyterLab y en Notebook 7, como lo ve quien ejecuta la celda."""

import os
import secrets
import socket
import subprocess
import sys

import nbformat
import pytest

from course import leftovers

pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def jupyter(tmp_path_factory):
    """Un servidor de Jupyter, solo en este computador, con un cuaderno de una celda."""
    folder = tmp_path_factory.mktemp("jupyter")
    cell = nbformat.v4.new_code_cell("import hpo_lab as lab\n\nlab.play()")
    notebook = nbformat.v4.new_notebook(cells=[cell])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    nbformat.write(notebook, folder / "uno.ipynb")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    env = os.environ | {"JUPYTER_TOKEN": token, "CURSO_PRUEBA": str(folder)}
    env |= {f"JUPYTER_{name}_DIR": str(folder / name) for name in ("CONFIG", "RUNTIME")}
    command = [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root"]
    command += ["--ip=127.0.0.1", f"--port={port}", "--ServerApp.port_retries=0"]
    with open(folder / "log.txt", "w") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        yield f"http://127.0.0.1:{port}", token
        server.terminate()
        server.wait(30)
    assert not leftovers(folder)


@pytest.mark.parametrize("place", ["lab/tree", "notebooks"])
def test_the_cell_plays(place, jupyter, browser):
    address, token = jupyter
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="es")
    for _ in range(60):
        try:
            page.goto(f"{address}/login")
            break
        except Exception:
            page.wait_for_timeout(500)
    page.locator("#password_input").fill(token)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "login" not in url)
    page.goto(f"{address}/{place}/uno.ipynb")
    page.locator(".jp-CodeCell .cm-content").first.click()
    page.wait_for_timeout(3000)  # que arranque el kernel
    page.keyboard.press("Shift+Enter")
    game = page.frame_locator(".jp-OutputArea-output iframe")
    game.locator("#board svg").wait_for(timeout=60_000)
    page.locator(".jp-OutputArea-output iframe").scroll_into_view_if_needed()
    for number in range(25):
        board = game.locator("#board svg").bounding_box()
        x, y = board["width"] * (0.05 + 0.03 * number), board["height"] / 3
        page.mouse.click(board["x"] + x, board["y"] + y)
    game.get_by_text("de sus 100 búsquedas").wait_for()
    page.close()
