"""El tablero es el de verdad; el agente de ngrok es un programa que no arranca."""

import json
import os
import socket
import stat
import subprocess
import sys
import urllib.request
from pathlib import Path

import hpo_dashboard
import optuna
import psutil
import pytest
from conftest import ROOT


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
    board = hpo_dashboard.Dashboard(storage, port=0)
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
    board = hpo_dashboard.Dashboard(storage, port=0)
    with socket.create_connection(("127.0.0.1", board.port)):
        assert urllib.request.urlopen(board.url, timeout=10).status == 200
    board.stop()


def test_a_taken_port_is_replaced_and_said(storage, capsys):
    with socket.create_server(("127.0.0.1", 0)) as busy:
        port = busy.getsockname()[1]
        board = hpo_dashboard.Dashboard(storage, port=port)
        assert board.port != port
        board.stop()
    assert (
        f"El puerto {port} está ocupado; el tablero usa el" in capsys.readouterr().out
    )


def test_without_token_one_sentence_and_no_tunnel(monkeypatch, capsys):
    monkeypatch.setattr("getpass.getpass", lambda prompt: " ")
    assert hpo_dashboard.open_tunnel(5000) is None
    said = capsys.readouterr().out
    assert said.startswith("Sin token de ngrok") and said.count("\n") == 1


@pytest.fixture
def failing_agent(tmp_path, monkeypatch):
    agent = tmp_path / "ngrok"
    agent.write_text(f"#!{sys.executable}\nimport sys\nsys.exit(1)\n")
    agent.chmod(0o755)
    monkeypatch.setenv("PYNGROK_NGROK_PATH", str(agent))
    monkeypatch.setenv("NGROK_AUTHTOKEN", "2secreto_de_mentira")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_a_failing_agent_gives_one_sentence_and_leaves_nothing(failing_agent, capfd):
    assert hpo_dashboard.open_tunnel(5000) is None
    said = capfd.readouterr()
    assert said.out.startswith("No se abrió el túnel") and said.out.count("\n") == 1
    assert "2secreto" not in said.out + said.err
    assert not list(failing_agent.glob("ngrok_*"))


def test_the_token_travels_only_in_a_private_file(failing_agent, monkeypatch):
    seen = {}

    def start(command, **kwargs):
        path = Path(command[command.index("--config") + 1])
        seen["mode"] = stat.S_IMODE(path.stat().st_mode)
        seen["token"] = json.loads(path.read_text())["agent"]["authtoken"]
        seen["command"] = command
        raise OSError

    monkeypatch.setattr(subprocess, "Popen", start)
    assert hpo_dashboard.open_tunnel(5000) is None
    assert seen["token"] == os.environ["NGROK_AUTHTOKEN"]
    assert seen["mode"] == 0o600 and "--authtoken" not in seen["command"]
    assert not any("2secreto" in part for part in seen["command"])


def test_the_tunnel_asks_for_a_new_password_each_time(failing_agent, monkeypatch):
    asked = []

    def connect(addr, pyngrok_config, traffic_policy):
        asked.append((addr, traffic_policy["on_http_request"][0]["actions"][0]))
        return type("Tunnel", (), {"public_url": "https://ejemplo.ngrok.app"})

    monkeypatch.setattr("pyngrok.ngrok.connect", connect)
    for _ in range(2):
        hpo_dashboard.open_tunnel(5000).stop()
    assert {addr for addr, _ in asked} == {"127.0.0.1:5000"}
    assert {action["type"] for _, action in asked} == {"basic-auth"}
    passwords = {
        action["config"]["credentials"][0].split(":")[1] for _, action in asked
    }
    assert len(passwords) == 2 and min(map(len, passwords)) >= 12
    assert not list(failing_agent.glob("ngrok_*"))


def test_no_notebook_imports_the_dashboard_but_those_that_show_it():
    helper = (ROOT / "notebooks" / "hpo_lab.py").read_text("utf-8")
    assert "pyngrok" not in helper and "optuna" not in helper
