"""El tablero de verdad, sobre una base de datos de verdad."""

import json
import socket
import struct
import time
import urllib.request
from urllib.error import HTTPError

import optuna
import psutil
import pytest

from hpo_lab import dashboard

pytestmark = pytest.mark.slow


@pytest.fixture
def storage(tmp_path):
    url = f"sqlite:///{tmp_path}/estudio.db"
    optuna.create_study(study_name="uno", storage=url)
    return url


def listening():
    connections = psutil.Process().net_connections(kind="inet")
    return {c.laddr for c in connections if c.status == psutil.CONN_LISTEN}


def test_dashboard_serves_the_study_only_on_this_machine(storage):
    before = listening()
    board = dashboard.Dashboard(storage, port=0)
    try:
        assert listening() - before == {("127.0.0.1", board.port)}
        page = urllib.request.urlopen(board.url).read().decode()
        assert "<title>Optuna Dashboard</title>" in page
        url = f"http://127.0.0.1:{board.port}/api/studies"
        studies = json.load(urllib.request.urlopen(url))["study_summaries"]
        assert [summary["study_name"] for summary in studies] == ["uno"]
    finally:
        board.stop()
    assert listening() == before


def test_an_idle_visitor_does_not_block_the_others(storage):
    board = dashboard.Dashboard(storage, port=0)
    with socket.create_connection(("127.0.0.1", board.port)):
        assert urllib.request.urlopen(board.url, timeout=10).status == 200
    board.stop()


def test_a_page_of_another_name_is_not_served(storage, capfd):
    board = dashboard.Dashboard(storage, port=0)

    def status(name):
        request = urllib.request.Request(board.url, headers={"Host": name})
        try:
            return urllib.request.urlopen(request).status
        except HTTPError as error:
            return error.code

    assert status("ajeno.example") == status("localhost.ajeno.example") == 403
    assert status(f"localhost:{board.port}") == status("127.0.0.1") == 200
    assert status("abc-5000.us-east1.prod.colab.googleusercontent.com") == 200
    for name in ("[", "[::1", "[.colab.googleusercontent.com", "a\u2100b", "", "@"):
        assert status(name.encode()) == 403, name
    board.stop()
    assert capfd.readouterr() == ("", "")


def test_a_visitor_who_hangs_up_is_not_an_error(storage, capfd):
    board = dashboard.Dashboard(storage, port=0)
    for said in (b"", b"GET /dashboard/ HTTP/1.1\r\n", b"GET / HTTP/1.1\r\n\r\n"):
        visitor = socket.create_connection(("127.0.0.1", board.port))
        visitor.sendall(said)
        linger = struct.pack("ii", 1, 0)  # al cerrar, la conexión se corta
        visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        visitor.close()
    time.sleep(1)
    assert urllib.request.urlopen(board.url).status == 200
    board.stop()
    assert capfd.readouterr() == ("", "")


def test_a_taken_port_is_replaced_and_said(storage, capsys):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        board = dashboard.Dashboard(storage, port=port)
        assert board.port != port
        board.stop()
    assert (
        f"El puerto {port} está ocupado; el tablero usa el" in capsys.readouterr().out
    )


def test_a_second_dashboard_takes_the_port_of_the_first(storage, capsys):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    boards = [dashboard.Dashboard(storage, port=port) for _ in range(2)]
    assert boards[1].port == port and not capsys.readouterr().out
    boards[1].stop()


def test_any_port_closes_no_other_dashboard(storage):
    boards = [dashboard.Dashboard(storage, port=0) for _ in range(2)]
    for board in boards:
        assert urllib.request.urlopen(board.url).status == 200
        board.stop()


def test_a_dashboard_that_cannot_open_leaves_the_one_before(storage, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    board = dashboard.Dashboard(storage, port=port)
    url = "postgresql+psycopg://yo:secreto@127.0.0.1:1/base"
    missing = f"sqlite:///{tmp_path}/no_hay/estudio.db"
    for bad in ("estudio.db", missing, url, "", None, 5):
        with pytest.raises(ValueError, match="^Se espera un almacén") as error:
            dashboard.Dashboard(bad, port=port)
        said = str(error.value)
        assert "secreto" not in said and (bad == url or repr(bad) in said)
    for bad in (-1, 70_000, "5000", 5000.0, None):
        with pytest.raises(ValueError, match="de 0 a 65535; se recibió"):
            dashboard.Dashboard(storage, port=bad)
    assert urllib.request.urlopen(board.url).status == 200
    board.stop()


def test_a_closed_dashboard_says_so_in_one_sentence(storage):
    board = dashboard.Dashboard(storage, port=0)
    board.stop()
    board.stop()
    for use in (lambda: board.url, lambda: dashboard.open_tunnel(board)):
        with pytest.raises(dashboard.DashboardClosed) as closed:
            use()
        assert closed.value._render_traceback_() == [
            "El tablero está cerrado: repite la celda que lo abre."
        ]
