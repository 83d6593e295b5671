"""Lo que comparten las pruebas: dónde está el curso y cómo ejecutar un cuaderno."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parents[1]
EVERY = sorted((ROOT / "notebooks").glob("*.ipynb"))
SOLUTIONS = [path for path in EVERY if path.stem.endswith("_soluciones")]
NOTEBOOKS = [path for path in EVERY if path not in SOLUTIONS]
NAMES = [path.stem for path in NOTEBOOKS]

sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "tests")]

import hpo_storage  # noqa: E402


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


def private_postgres():
    """Un PostgreSQL privado de verdad, mientras dura la prueba."""
    if hpo_storage.find_programs() is None:
        skip("no están los programas de PostgreSQL")
    server = hpo_storage.PrivatePostgres()
    yield server
    server.stop()


postgres = pytest.fixture(private_postgres, scope="module")
own_postgres = pytest.fixture(private_postgres)  # la prueba lo puede cambiar o matar


@pytest.fixture
def postgres_url(postgres, monkeypatch):
    """Su dirección; la contraseña queda en PGPASSWORD."""
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    return postgres.url


CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="module")
def browser():
    """Un Chromium sin ventana, el que haya en la máquina."""
    found = [path for name in CHROMIUM if (path := shutil.which(name))]
    if not found:
        skip("no hay Chromium ni Chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found[0], args=CHROMIUM_FLAGS
        )
        yield browser
        browser.close()


@pytest.fixture
def page(browser):
    """Una página del tamaño de un proyector; ``page.problems`` junta lo que falle."""
    page = browser.new_page(viewport={"width": 1280, "height": 720}, locale="es")
    page.problems = []

    def blocked(route):
        page.problems.append(f"pidió {route.request.url}")
        route.abort()

    page.route(lambda url: not url.startswith(("http://127.0.0.1:", "file:")), blocked)
    page.on("requestfailed", lambda r: page.problems.append(f"no halló {r.url}"))
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on(
        "console",
        lambda m: page.problems.append(m.text) if m.type == "error" else None,
    )
    yield page
    page.close()


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


def solutions_of(name):
    """Ruta de las soluciones de un cuaderno; la prueba de reglas exige que estén."""
    return ROOT / "notebooks" / f"{name}_soluciones.ipynb"


def verdicts(notebook):
    """Lo que imprimió cada comprobación de ejercicio, por su llamada."""
    return {
        cell.source: "".join(o.get("text", str(o)) for o in cell.outputs)
        for cell in notebook.cells
        if cell.cell_type == "code" and cell.source.startswith("check.exercise_")
    }


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
