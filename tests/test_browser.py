"""El tablero en un navegador: el del cuaderno 4, y uno entre páginas ajenas."""

import os
import re
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import nbformat
import optuna
import psutil
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course import ROOT, leftovers
from hpo_lab import dashboard
from screenshot import PLOTS, open_study

pytestmark = pytest.mark.slow

PATH = ROOT / "notebooks" / "04_optuna.ipynb"
# Lo justo para que haya una base de datos y el tablero.
SHORT = "setup parameters data surrogate-score optuna-import space objective"
SHORT += " storage create board"


class Kernel:
    """Un kernel que ejecuta, una por una, celdas del cuaderno."""

    def __init__(self, client):
        self.client = client
        self.cells = {c.id: c for c in client.nb.cells if c.cell_type == "code"}
        self.pid = int(self.ask("__import__('os').getpid()"))

    def run(self, cell):
        self.client.execute_cell(cell, 0)
        return "".join(o.get("text", "") for o in cell.outputs)

    def run_until(self, last, first="setup"):
        ids = list(self.cells)
        for name in ids[ids.index(first) : ids.index(last) + 1]:
            self.run(self.cells[name])

    def ask(self, expression):
        return self.run(nbformat.v4.new_code_cell(f"print({expression})")).strip()


@contextmanager
def kernel(mark):
    client = NotebookClient(
        nbformat.read(PATH, 4),
        kernel_name="python3",
        timeout=300,
        resources={"metadata": {"path": PATH.parent}},
    )
    with client.setup_kernel(env=os.environ | {"CURSO_PRUEBA": str(mark)}):
        yield Kernel(client)


def processes(pid):
    """Hijos de un kernel, salvo los que duran lo que él: rastreador y guardián."""
    children = [str(p.cmdline()) for p in psutil.Process(pid).children(recursive=True)]
    return [c for c in children if "resource_tracker" not in c and "guard.py" not in c]


def listening(pid):
    """Direcciones en las que escuchan un proceso y sus hijos."""
    family = [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]
    sockets = [c for p in family for c in p.net_connections(kind="inet")]
    return {tuple(c.laddr) for c in sockets if c.status == psutil.CONN_LISTEN}


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    mark = tmp_path_factory.mktemp("browser")
    with kernel(mark) as session:
        session.run_until("board")
        database = session.ask("DATABASE")
        yield session
    assert not leftovers(mark)
    assert not os.path.exists(database)


def test_the_study_is_drawn_and_equals_the_database(running, page):
    port, storage = running.ask("board.port"), running.ask("STORAGE")
    open_study(page, port, "svr")
    study = optuna.load_study(study_name="svr", storage=storage)
    points = {plot: page.locator(f"#{plot} .point").count() for plot in PLOTS}
    assert points["plot-history"] >= len(study.trials) == 100
    assert points["graph-timeline"] >= len(study.trials)
    assert points["graph-hyperparameter-importances"] >= 2
    best = study.best_trial
    page.goto(f"{page.url.split('?')[0].rstrip('/')}/trials?numbers={best.number}")
    page.get_by_text(f"Trial {best.number} (trial_id=", exact=False).wait_for()
    shown = page.inner_text("body")
    for name, value in best.params.items():
        assert f"{name} {value}" in shown
    assert str(best.value) in shown
    assert page.problems == []


def test_only_this_machine_is_listened_to(running):
    addresses = listening(running.pid)
    assert ("127.0.0.1", int(running.ask("board.port"))) in addresses
    assert {host for host, _ in addresses} <= {"127.0.0.1"}


def test_the_last_cells_leave_nothing_running(running):
    port = int(running.ask("board.port"))
    running.run_until("stop", first="danger-create")
    assert ("127.0.0.1", port) not in listening(running.pid)
    assert not processes(running.pid)


def run_short(session):
    for name in SHORT.split():
        session.run(session.cells[name])
    assert ("127.0.0.1", int(session.ask("board.port"))) in listening(session.pid)


@pytest.mark.full
def test_a_failing_cell_leaves_nothing_running(tmp_path):
    with pytest.raises(CellExecutionError), kernel(tmp_path) as session:
        run_short(session)
        session.run(nbformat.v4.new_code_cell("1 / 0"))
    assert not leftovers(tmp_path)


@pytest.mark.full
@pytest.mark.skipif(os.name != "posix", reason="kill -9 es de POSIX")
def test_a_killed_kernel_leaves_nothing_running(tmp_path):
    with kernel(tmp_path) as session:
        run_short(session)
        psutil.Process(session.pid).kill()
        assert not leftovers(tmp_path, seconds=60)


@pytest.fixture
def board(tmp_path):
    storage = f"sqlite:///{tmp_path}/estudio.db"
    optuna.create_study(study_name="uno", storage=storage)
    board = dashboard.Dashboard(storage, port=0)
    board.studies = lambda: [
        s._study_id for s in optuna.get_all_study_summaries(storage)
    ]
    yield board
    board.stop()


@pytest.fixture
def neighbour():
    """Dirección de otra página de este equipo, en otro puerto."""

    class Blank(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()

        def log_message(self, *args):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Blank) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def request(page, method, url, mode="no-cors"):
    """Lo que responde el tablero a una petición de la página abierta."""
    with page.expect_response(url) as answer:
        page.evaluate(
            "([url, o]) => fetch(url, o).then(() => 0, () => 0)",
            [url, {"method": method, "mode": mode, "body": "{}"}],
        )
    return answer.value.status


def test_only_the_page_of_the_dashboard_changes_it(board, neighbour, page):
    (study,) = board.studies()
    url = f"http://127.0.0.1:{board.port}/api/studies"
    page.goto(neighbour)
    assert request(page, "POST", url) == 403
    form = f"<form method=post action={url}></form>"
    page.set_content(form)
    with page.expect_navigation(url=url) as answer:
        page.evaluate("document.forms[0].submit()")
    assert answer.value.status == 403
    page.goto(board.url)
    assert request(page, "DELETE", f"{url}/{study}", "cors") == 204
    assert not board.studies()


def framed(page, top, url):
    """Lo que se ve de una dirección dentro de un marco de la página `top`."""
    page.goto(top)
    page.evaluate(
        """url => new Promise(done => {
            const frame = document.createElement("iframe");
            frame.onload = done;
            frame.src = url;
            document.body.append(frame);
        })""",
        url,
    )
    return page.frames[-1].locator("body").inner_text()


def test_only_a_known_page_frames_the_dashboard(board, neighbour, page):
    studies = f"http://127.0.0.1:{board.port}/api/studies"  # se ve antes que el tablero
    known = [neighbour, neighbour.replace("127.0.0.1", "localhost"), studies]
    foreign = neighbour.replace("127.0.0.1", "ajeno.localhost")
    page.route(re.compile("http://(ajeno.)?localhost"), lambda route: route.continue_())
    for top in known:
        assert '"uno"' in framed(page, top, studies), top
    assert page.problems == []
    assert '"uno"' not in framed(page, foreign, studies)
    assert any("frame-ancestors" in said for said in page.problems)
