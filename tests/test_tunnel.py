"""El túnel, con pyngrok de verdad y un agente de mentira (ngrok_stub.py)."""

import base64
import json
import os
import stat
import subprocess
import sys
import time
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import optuna
import psutil
import pytest

from hpo_lab import dashboard

pytestmark = pytest.mark.slow

TOKEN = "2secreto_de_mentira"


@pytest.fixture
def temp(tmp_path, ngrok_stub, monkeypatch):
    """Carpeta temporal donde se busca lo que el túnel haya dejado."""
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(ngrok_stub))
    monkeypatch.setenv("NGROK_AUTHTOKEN", TOKEN)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    return tmp_path


@pytest.fixture
def board(temp):
    storage = f"sqlite:///{temp}/estudio.db"
    optuna.create_study(study_name="uno", storage=storage)
    board = dashboard.Dashboard(storage, port=0)
    yield board
    board.stop()


def agents(temp):
    """Órdenes de los agentes vivos."""
    path = str(temp / "bin" / "ngrok")
    commands = [p.info["cmdline"] or [] for p in psutil.process_iter(["cmdline"])]
    return [command for command in commands if path in command]


def folders(temp):
    return list(temp.glob("ngrok_*"))


def wait(condition, seconds=20):
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.1)
    return condition()


def status(url, login=None, method="GET", **headers):
    request = Request(url, method=method, headers=headers)
    if login:
        code = base64.b64encode(login.encode()).decode()
        request.add_header("Authorization", f"Basic {code}")
    try:
        return urlopen(request).status
    except HTTPError as error:
        return error.code


def test_without_token_one_sentence_and_no_tunnel(board, monkeypatch, capsys):
    monkeypatch.delenv("NGROK_AUTHTOKEN")
    monkeypatch.setattr("getpass.getpass", lambda prompt: " ")
    assert dashboard.open_tunnel(board) is None
    said = capsys.readouterr().out
    assert said.startswith("Sin token de ngrok") and said.count("\n") == 1


def test_the_tunnel_leads_to_the_dashboard_and_asks_for_the_password(
    board, temp, capfd
):
    passwords = []
    for _ in range(2):
        tunnel = dashboard.open_tunnel(board)
        said = capfd.readouterr()
        passwords.append(said.out.split("contraseña: ")[1].split()[0])
        page = f"{tunnel.url}/dashboard/"
        assert status(page) == status(page, "curso:adivinanza") == 401
        assert status(page, f"curso:{passwords[-1]}") == 200
        assert len(agents(temp)) == 1 and TOKEN not in str(agents(temp))
        assert TOKEN not in said.out + said.err
        tunnel.stop()
        tunnel.stop()
        assert not agents(temp) and not folders(temp)
    assert len(set(passwords)) == 2 and min(map(len, passwords)) >= 16
    (first, second) = (temp / "bin" / "requests.jsonl").read_text().splitlines()
    assert TOKEN not in first + second
    request = json.loads(first)
    assert request["upstream"] == {"url": f"http://127.0.0.1:{board.port}"}
    (action,) = request["traffic_policy"]["on_http_request"][0]["actions"]
    assert action["type"] == "basic-auth"


def test_through_the_tunnel_only_the_own_page_changes_anything(board, capfd):
    tunnel = dashboard.open_tunnel(board)
    login = "curso:" + capfd.readouterr().out.split("contraseña: ")[1].split()[0]
    study = f"{tunnel.url}/api/studies/1"
    assert status(study, None, "DELETE", Origin=tunnel.url) == 401
    assert status(study, login, "DELETE", Origin="https://ajeno.example") == 403
    assert status(study, login, "DELETE", Origin=tunnel.url) == 204
    assert status(study, login) == 404


def test_a_closed_tunnel_loses_its_name_at_once(board):
    tunnel = dashboard.open_tunnel(board)
    assert tunnel.host == "localhost"  # el del agente de mentira
    tunnel.host = "curso.ngrok.app"
    end, while_closing = tunnel._guard.communicate, []

    def communicate():
        while_closing.append(status(board.url, Host="curso.ngrok.app"))
        end()

    tunnel._guard.communicate = communicate
    assert status(board.url, Host="curso.ngrok.app") == 200
    tunnel.stop()
    assert while_closing == [403]
    assert status(board.url, Host="curso.ngrok.app") == 403


def test_the_token_is_only_in_a_private_file_and_only_until_the_tunnel_opens(
    board, temp, monkeypatch
):
    seen, start = [], subprocess.Popen

    def spy(command, **kwargs):
        if "--config" in command:
            path = Path(command[command.index("--config") + 1])
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
            seen.extend(file for file in files(temp) if TOKEN in file.read_text())
            assert seen == [path]
        return start(command, **kwargs)

    def files(folder):
        return [p for p in folder.rglob("*") if p.is_file() and p.suffix != ".db"]

    monkeypatch.setattr(subprocess, "Popen", spy)
    tunnel = dashboard.open_tunnel(board)
    assert len(seen) == 1
    assert not [file for file in files(temp) if TOKEN in file.read_text()]
    tunnel.stop()


def test_only_the_last_tunnel_is_open(board, temp):
    old = dashboard.open_tunnel(board)
    storage = f"sqlite:///{temp}/estudio.db"
    other = dashboard.Dashboard(storage, port=0)
    try:
        new = dashboard.open_tunnel(other)
        assert len(agents(temp)) == len(folders(temp)) == 1
        old.stop()
        board.stop()
        assert status(f"{new.url}/dashboard/") == 401
        assert len(agents(temp)) == len(folders(temp)) == 1
    finally:
        other.stop()
    assert not agents(temp) and not folders(temp)


def test_stopping_an_old_tunnel_leaves_the_new_one(board, temp, capfd):
    old, new = (dashboard.open_tunnel(board) for _ in range(2))
    password = capfd.readouterr().out.split("contraseña: ")[2].split()[0]
    old.stop()
    assert status(f"{new.url}/dashboard/", f"curso:{password}") == 200
    new.stop()
    assert not agents(temp) and not folders(temp)


@pytest.mark.parametrize(
    "token, reason",
    [
        ("malo", "ngrok rechazó el token; revisa que esté completo"),
        ("sin_red", "ngrok no respondió como se esperaba"),
        ("mudo", "ngrok no respondió como se esperaba"),
        ("abierto", "su dirección pública no pidió contraseña"),
    ],
)
def test_every_failure_is_one_sentence_and_leaves_nothing(
    token, reason, board, temp, monkeypatch, capfd
):
    monkeypatch.setenv("NGROK_AUTHTOKEN", token)
    monkeypatch.setattr(dashboard, "PATIENCE", 3)
    assert dashboard.open_tunnel(board) is None
    said = capfd.readouterr()
    assert said.out == f"No se abrió el túnel: {reason}. El cuaderno sigue sin él.\n"
    assert not said.err
    assert not agents(temp) and not folders(temp)


def test_without_network_there_is_no_agent_to_download(board, temp, monkeypatch, capfd):
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(temp / "no_hay"))
    monkeypatch.setattr("pyngrok.installer.urlopen", refuse)
    assert dashboard.open_tunnel(board) is None
    said = capfd.readouterr().out
    assert "no se pudo descargar ngrok; revisa la conexión" in said
    assert said.count("\n") == 1 and not folders(temp)


def refuse(*args, **kwargs):
    raise OSError("sin red")


@pytest.mark.skipif(os.name != "posix", reason="kill -9 es de POSIX")
@pytest.mark.parametrize("end", ["kill", "error"])
def test_nothing_survives_the_kernel(end, temp):
    code = f"""
import optuna
from hpo_lab import dashboard
optuna.create_study(storage="sqlite:///{temp}/estudio.db")
board = dashboard.Dashboard("sqlite:///{temp}/estudio.db", port=0)
tunnel = dashboard.open_tunnel(board)
print("listo", flush=True)
input()
raise RuntimeError("una celda falla")
"""
    kernel = subprocess.Popen(
        [sys.executable, "-c", code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    while "listo" not in (line := kernel.stdout.readline()):
        assert line, "el proceso terminó antes de abrir el túnel"
    assert agents(temp) and folders(temp)
    if end == "kill":
        kernel.kill()
    kernel.communicate("\n")
    assert wait(lambda: not agents(temp) and not folders(temp))
