"""Lo que varias pruebas piden prestado: un navegador, un puerto, un agente."""

import socket
import subprocess
import sys
import time

import pytest
from hypothesis import settings
from uv import find_uv_bin

from course import ROOT, fetch_or_skip, skip

# Los casos que inventa Hypothesis son siempre los mismos.
settings.register_profile("curso", derandomize=True, deadline=None, database=None)
settings.load_profile("curso")


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
    from hpo_lab import postgres

    if postgres.find_programs() is None:
        skip("no están los programas de PostgreSQL")
    server = postgres.PrivatePostgres()
    yield server
    server.stop()


postgres = pytest.fixture(private_postgres, scope="module")
own_postgres = pytest.fixture(private_postgres)  # la prueba lo puede cambiar o matar


@pytest.fixture
def postgres_url(postgres, monkeypatch):
    """Su dirección a secas; la contraseña queda en PGPASSWORD."""
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    return postgres.url.split("?")[0]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """El paquete construido, como lo instala pip."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [find_uv_bin(), "build", "-q", "--wheel", f"--out-dir={folder}", ROOT]
    made = subprocess.run(build, capture_output=True, text=True)
    if "Failed to fetch" in made.stderr or "dns error" in made.stderr:
        skip("el índice de paquetes no responde")
    assert made.returncode == 0, made.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(params=["sqlite", "journal", "postgres"])
def storage(request, tmp_path):
    """Dirección de un almacén vacío de cada clase."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/estudio.db"
    if request.param == "journal":
        return str(tmp_path / "diario.log")
    return request.getfixturevalue("postgres_url")


@pytest.fixture(scope="module")
def browser():
    """Un Chromium sin ventana, el que haya en la máquina."""
    import chromium  # aquí, para que lo demás no cargue Playwright

    if not chromium.find():
        skip("no hay Chromium ni Chrome")
    with chromium.launch() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """El sitio en una carpeta nueva."""
    from pages import build_site

    folder = tmp_path_factory.mktemp("memoria usb") / "sitio"
    fetch_or_skip(folder.parent / "lib")
    start = time.monotonic()
    build_site.build(folder)
    assert time.monotonic() - start < 60
    return folder


@pytest.fixture(scope="session")
def axe(tmp_path_factory):
    """El programa que revisa la accesibilidad de una página."""
    folder = tmp_path_factory.mktemp("axe")
    fetch_or_skip(folder, {"axe-core@4.14.1": {"axe.min.js": "axe.min.js"}})
    return (folder / "axe.min.js").read_text("utf-8")


@pytest.fixture(scope="session")
def busy_port():
    """El puerto 5000 ocupado, por varios procesos de la prueba a la vez o por otro."""
    shared = hasattr(socket, "SO_REUSEPORT")
    try:
        server = socket.create_server(("127.0.0.1", 5000), reuse_port=shared)
    except OSError:
        yield 5000  # ya lo ocupa un programa ajeno
        return
    with server:
        yield 5000


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
