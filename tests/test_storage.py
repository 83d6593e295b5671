"""El PostgreSQL privado, el prestado y las órdenes de seguridad del cuaderno 8.

Todo contra servidores de verdad en 127.0.0.1. La red es lo único de mentira: el «otro
equipo» es este mismo, que se llama localhost.
"""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import optuna
import psutil
import pytest

from course import ROOT, skip
from hpo_lab import postgres as servers
from hpo_lab.storage import add_copies, open_storage
from hpo_lab.worker import wait_objective

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="PostgreSQL de POSIX"),
]
NOTEBOOK = ROOT / "notebooks" / "08_distribuido.ipynb"


def test_the_private_server_is_private(postgres):
    listening = {
        c.laddr.ip
        for c in psutil.net_connections(kind="inet")
        if c.pid == postgres.pid and c.status == psutil.CONN_LISTEN
    }
    assert listening == {"127.0.0.1"}
    rules = (Path(postgres._folder) / "data" / "pg_hba.conf").read_text()
    methods = {
        line.split()[-1] for line in rules.splitlines() if line and line[0] != "#"
    }
    assert methods == {"scram-sha-256"}
    assert not [
        p
        for p in psutil.process_iter(["cmdline"])
        if postgres.password in " ".join(p.info["cmdline"] or [])
    ]


def test_the_private_server_leaves_nothing(own_postgres):
    pid, folder = own_postgres.pid, own_postgres._folder
    own_postgres.stop()
    own_postgres.stop()
    assert gone(pid)
    assert not folder.exists()


def test_without_postgres_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setattr(servers, "find_programs", lambda: None)
    with pytest.raises(FileNotFoundError, match="apt-get install postgresql"):
        servers.PrivatePostgres()


def test_a_killed_owner_leaves_nothing():
    if servers.find_programs() is None:
        skip("no están los programas de PostgreSQL")
    code = "import time; from hpo_lab import postgres; s = postgres.PrivatePostgres(); "
    code += "print(s.pid, s._folder, flush=True); time.sleep(600)"
    owner = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        text=True,
    )
    pid, folder = owner.stdout.readline().split()
    assert not gone(int(pid))
    owner.kill()
    owner.wait()
    for _ in range(100):
        if not Path(folder).exists():
            break
        time.sleep(0.1)
    assert not Path(folder).exists() and gone(int(pid))


def test_a_private_server_is_opened_and_closed(monkeypatch, capsys):
    if servers.find_programs() is None:
        skip("no están los programas de PostgreSQL")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    server = servers.open_server()
    assert server.private and os.environ["PGPASSWORD"] == server.password
    open_storage(server.url)
    server.stop()
    assert "PGPASSWORD" not in os.environ
    said = capsys.readouterr().out
    assert said == "PostgreSQL: un servidor privado en 127.0.0.1.\n"


def test_a_borrowed_server_is_left_as_it_was(postgres, postgres_url, monkeypatch):
    def tables():
        query = "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN "
        query += "('pg_catalog', 'information_schema')"
        return psql(postgres, "-Atc", query)

    before = tables()
    monkeypatch.setenv("OPTUNA_STORAGE", postgres_url)
    server = servers.open_server()
    assert not server.private and server.url != postgres_url
    storage = open_storage(server.url)
    optuna.create_study(storage=storage).optimize(lambda trial: 0, n_trials=2)
    assert len(tables()) > len(before)
    server.stop()
    server.stop()
    assert tables() == before


@pytest.mark.parametrize(
    "given, sentence",
    [
        ("sqlite:///e.db", "Se espera postgresql+psycopg://"),
        ("postgresql+psycopg://a:oculta@127.0.0.1/x", "trae una contraseña"),
        ("loquesea", "No se entiende la dirección"),
        ("postgresql+psycopg://a@127.0.0.1:9/x", "El almacén no responde"),
    ],
)
def test_a_useless_server_is_one_sentence(given, sentence, monkeypatch, capsys):
    monkeypatch.setenv("OPTUNA_STORAGE", given)
    assert servers.open_server() is None
    said = capsys.readouterr().out
    assert sentence in said and said.count("\n") == 1 and "oculta" not in said
    assert said.startswith("OPTUNA_STORAGE no sirve.") and "Se sigue sin él" in said


def test_without_programs_it_says_how_to_get_them(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    assert servers.open_server() is None
    assert "apt-get -qq install postgresql" in capsys.readouterr().out


@pytest.mark.parametrize("kind", ["journal", "sqlite", "postgres"])
def test_copies_are_trials_like_the_others(kind, tmp_path, request):
    url = {"journal": f"{tmp_path}/b.log", "sqlite": f"sqlite:///{tmp_path}/e.db"}
    url = url.get(kind) or request.getfixturevalue("postgres_url")
    for name in ("otro", "copias"):  # los trials de otro study no se tocan
        study = optuna.create_study(study_name=name, storage=open_storage(url))
        study.optimize(lambda t: wait_objective(t, 0), n_trials=12)
    add_copies(open_storage(url), "copias", 3, n=5)
    storage = open_storage(url)
    trials = optuna.load_study(study_name="copias", storage=storage).trials
    assert [trial.number for trial in trials] == list(range(27))
    for number in range(12, 27):
        old = trials[(number - 12) % 5]
        assert (trials[number].params, trials[number].value) == (old.params, old.value)
    assert len(optuna.load_study(study_name="otro", storage=storage).trials) == 12
    with pytest.raises(ValueError, match="debe tener 50 trials o más; tiene 27"):
        add_copies(storage, "copias", 1, n=50)


def gone(pid):
    """Si un proceso terminó; uno huérfano puede quedar como zombi un rato."""
    return not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"


def psql(server, *options, **env):
    """Lo que responde psql, línea por línea; falla si el servidor rechaza la orden."""
    env = os.environ | server_env(server) | env
    command = [server._bin / "psql", *options]
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr
    return run.stdout.splitlines()


def server_env(server):
    address = {"PGHOST": "127.0.0.1", "PGPORT": str(server.port)}
    login = {"PGUSER": "curso", "PGDATABASE": "postgres"}
    return address | login | {"PGPASSWORD": server.password}


def commands(name, changes):
    """Las órdenes de una celda del cuaderno, con los valores de la prueba."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, 4).cells}
    script = re.search(r"```bash\n(.*?)```", cells[name], re.DOTALL)[1]
    for old, new in changes.items():
        script = script.replace(old, new)
    return "set -e\n" + script


def test_the_security_commands_of_the_notebook(own_postgres, tmp_path):
    server, secret = own_postgres, "una contraseña larga"
    local = {"servidor.ejemplo.org": "localhost", "IP=10.0.0.5": "IP=127.0.0.1"}
    local["10.0.0.0/24"] = "127.0.0.1/32"
    path = f"{server._bin}:{Path(sys.executable).parent}:{os.environ['PATH']}"
    shell = {"capture_output": True, "text": True, "timeout": 60}
    done = subprocess.run(
        ["bash", "-c", commands("network-server", local)],
        env=os.environ | server_env(server) | {"PATH": path},
        input=f"{secret}\n{secret}\n",  # sin terminal, createuser la lee de aquí
        start_new_session=True,
        cwd="/",
        **shell,
        **server._user,
    )
    assert done.returncode == 0, done.stderr
    server.restart()
    folder = server._folder / "data"
    assert psql(server, "-Atc", "SHOW ssl") == ["on"]
    assert (folder / "optuna.key").stat().st_mode & 0o777 == 0o600

    public = tmp_path / "optuna.crt"
    public.write_bytes((folder / "optuna.crt").read_bytes())
    home = {"PATH": path, "HOME": str(tmp_path), "PGPORT": str(server.port)}
    script = commands("network-worker", local)

    def work(script, password=secret):
        return subprocess.run(
            ["bash", "-c", script],
            env=home,
            input=f"{password}\n",
            cwd=tmp_path,
            **shell,
        )

    done = work(script.replace("--trials 20", "--trials 2"))
    assert done.returncode == 0 and "trial 2 de 2" in done.stdout, done.stderr
    assert secret not in done.stdout + done.stderr + script

    def refused(script, password=secret):
        done = work(script.replace("--trials 20", "--trials 2 --patience 0"), password)
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done.stderr
        return done.stderr

    assert "rechazó el usuario" in refused(script, "otra")
    assert "no deja entrar" in refused(script.replace("verify-full", "disable"))
    assert "no deja entrar" in refused(script.replace("/optuna?", "/postgres?"))
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    new += ["-subj", "/CN=localhost", "-keyout", "/dev/null", "-out", public]
    subprocess.run(new, capture_output=True, check=True)
    assert "certificado" in refused(script)
