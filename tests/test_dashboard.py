"""El tablero de verdad, sobre una base de datos de verdad."""

import json
import socket
import struct
import time
import urllib.request
from http.client import HTTPResponse
from types import SimpleNamespace

import optuna
import psutil
import pytest

from hpo_lab import dashboard

pytestmark = pytest.mark.slow

COLAB = (  # como los pone Colab a sus marcos y a los puertos del kernel
    "abc-5000-colab.googleusercontent.com",
    "5000-m-s-abc.us-east1-0.prod.colab.dev",
)


@pytest.fixture
def storage(tmp_path):
    url = f"sqlite:///{tmp_path}/estudio.db"
    optuna.create_study(study_name="uno", storage=url)
    return url


def send(board, method, path, *headers):
    """Código, cabeceras y texto con que el tablero responde a esas líneas, tal cual."""
    lines = [f"{method} {path} HTTP/1.1", *headers, "Connection: close", "", ""]
    with socket.create_connection(("127.0.0.1", board.port), timeout=10) as visitor:
        visitor.sendall("\r\n".join(lines).encode())
        answer = HTTPResponse(visitor, method=method)
        answer.begin()
        return answer.status, answer.headers, answer.read().decode()


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

    def status(host):
        return send(board, "GET", "/dashboard", f"Host: {host}")[0]

    assert status("ajeno.example") == status("localhost.ajeno.example") == 403
    assert status("[::1]") == status("localhost.example:80") == 403
    assert status(f"localhost:{board.port}") == status("127.0.0.1") == 200
    for name in COLAB:
        assert status(name) == 200 and status(f"{name}.ajeno.example") == 403
    board.stop()
    assert capfd.readouterr() == ("", "")


def test_a_name_that_is_not_one_is_refused_in_a_sentence(storage, capfd):
    board = dashboard.Dashboard(storage, port=0)
    bad = ["[", "[::1", "::1]", "", "  ", "a b", "@", "a@127.0.0.1", "127.0.0.1:x"]
    bad += ["[.colab.googleusercontent.com", "a\u2100b", "127.0.0.1,127.0.0.1", "[]:1"]
    bad += ["127.0.0.1\r\nHost: 127.0.0.1", "ajeno.example\r\nHost: 127.0.0.1"]
    for name in bad:
        status, _, said = send(board, "GET", "/dashboard", f"Host: {name}")
        assert status == 400 and said.startswith("El tablero no responde"), name
        assert said.count("\n") == 0
    assert send(board, "GET", "/dashboard", "X-Nada: 1")[0] == 400
    board.stop()
    assert capfd.readouterr() == ("", "")


HERE = "Host: 127.0.0.1:5000"
NGROK = "Host: curso.ngrok.app"
OWN = {
    "este equipo": [HERE, "Origin: http://127.0.0.1:5000"],
    "su otro nombre": ["Host: localhost:5000", "Origin: http://localhost:5000"],
    "otro puerto de VS Code": ["Host: localhost:5001", "Origin: http://localhost:5001"],
    "Colab": [f"Host: {COLAB[0]}", f"Origin: https://{COLAB[0]}"],
    "Colab, que cambió Host": [HERE, f"Origin: https://{COLAB[1]}"],
    "ngrok": [NGROK, "Origin: https://curso.ngrok.app"],
}
FOREIGN = {
    "otro puerto": [HERE, "Origin: http://127.0.0.1:8888"],
    "otro nombre": [HERE, "Origin: http://localhost:5000"],
    "otra página": [HERE, "Origin: https://ajeno.example"],
    "página sin nombre": [HERE, "Origin: null"],
    "dos páginas": [HERE, "Origin: http://127.0.0.1:5000", "Origin: http://ajeno"],
    "otro túnel": [NGROK, "Origin: https://ajeno.ngrok.app"],
    "otro sitio": [HERE, "Sec-Fetch-Site: cross-site"],
    "el mismo sitio": [HERE, "Sec-Fetch-Site: same-site"],
    "otro de Colab": [
        HERE,
        f"Origin: https://{COLAB[0]}",
        "Sec-Fetch-Site: cross-site",
    ],
}


def test_only_its_own_page_changes_anything(storage):
    board = dashboard.Dashboard(storage, port=0)
    board.tunnel = SimpleNamespace(host="curso.ngrok.app", stop=lambda: None)
    (study,) = optuna.get_all_study_summaries(storage)
    path = f"/api/studies/{study._study_id}"
    for name, headers in FOREIGN.items():
        for method in ("DELETE", "PUT", "POST", "PATCH", "RARO"):
            status, _, said = send(board, method, path, *headers)
            sentence = "El tablero solo obedece a su propia página."
            assert (status, said) == (403, sentence), (name, method)
        for method in ("GET", "HEAD", "OPTIONS"):  # leer no cambia nada
            assert send(board, method, path, *headers)[0] in (200, 405), name
    assert len(optuna.get_all_study_summaries(storage)) == 1
    for name, headers in OWN.items():
        for site in (
            "Sec-Fetch-Site: same-origin",
            "X-Nada: 1",
        ):  # los viejos no lo dicen
            new = optuna.create_study(storage=storage)._study_id
            gone = send(board, "DELETE", f"/api/studies/{new}", *headers, site)
            assert gone[0] == 204, name
    assert send(board, "DELETE", path, "Host: localhost")[0] == 204  # un programa
    assert not optuna.get_all_study_summaries(storage)
    board.stop()


def test_every_answer_says_who_may_frame_it(storage):
    board = dashboard.Dashboard(storage, port=0)
    allowed = {
        "'self'",
        "localhost:*",
        "127.0.0.1:*",
        "vscode-webview:",
        "vscode-file:",
    }
    allowed |= {"https://colab.research.google.com", "https://*.googleusercontent.com"}
    for path, host in {
        "/dashboard": "localhost",
        "/": "localhost",
        "/api/studies": "localhost",
        "/no_hay": "localhost",
        "/dashboard/": "ajeno.example",
        "/api/": "[",
    }.items():
        _, headers, _ = send(board, "GET", path, f"Host: {host}")
        policies = ";".join(headers.get_all("Content-Security-Policy")).split(";")
        (frames,) = (p.split() for p in policies if p.startswith("frame-ancestors "))
        assert set(frames[1:]) == allowed, path
    board.stop()


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
