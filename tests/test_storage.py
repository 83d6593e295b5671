"""El PostgreSQL privado, el prestado y las órdenes de seguridad del cuaderno 8.

Todo contra servidores de verdad en 127.0.0.1. La red es lo único de mentira: el «otro
equipo» es este mismo, que se llama localhost.
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import optuna
import psutil
import pytest
from sqlalchemy import text

from course import ROOT, skip
from hpo_lab import guard
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
    assert wait(lambda: not Path(folder).exists()) and gone(int(pid))


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


@pytest.fixture
def borrowed(own_postgres, monkeypatch, capsys):
    """Un servidor prestado, con una tabla en su esquema."""
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    url = f"{own_postgres.url}?options=-cstatement_timeout%3D9s+-csearch_path%3Dpublic"
    server = servers.BorrowedPostgres(url)
    yield server
    server.stop()
    capsys.readouterr()


def test_a_borrowed_server_keeps_its_own_options(borrowed):
    with open_storage(borrowed.url).engine.connect() as db:
        assert db.scalar(text("SHOW statement_timeout")) == "9s"
        assert db.scalar(text("SHOW search_path")) == borrowed._schema


@pytest.mark.parametrize("fault", ["lock", "down"])
def test_a_schema_that_stays_is_said(fault, borrowed, own_postgres, capsys):
    engine = open_storage(borrowed.url).engine
    with engine.connect() as db:
        db.execute(text("SELECT count(*) FROM studies"))  # sin COMMIT, no la suelta
        if fault == "down":
            own_postgres.kill()
        start = time.monotonic()
        borrowed.stop()
        assert time.monotonic() - start < 30
        db.invalidate()
    said = capsys.readouterr().out
    assert f"DROP SCHEMA {borrowed._schema} CASCADE" in said and said.count("\n") == 1
    assert own_postgres.password not in said


@pytest.mark.parametrize("name", ["public", "curso_1234", "curso_0123abcd, public", ""])
def test_only_a_schema_of_the_course_is_dropped(name, postgres, postgres_url, capsys):
    assert servers.main(postgres_url, name) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert psql(postgres, "-Atc", "SELECT to_regnamespace('public')") == ["public"]


@pytest.mark.parametrize("broken", ["initdb", "pg_ctl"])
def test_a_server_that_does_not_start_leaves_nothing(broken, monkeypatch, capsys):
    """El programa hace lo suyo y aun así falla."""
    real = servers.find_programs()
    if real is None:
        skip("no están los programas de PostgreSQL")
    with tempfile.TemporaryDirectory() as place:  # donde también entre postgres
        place = Path(place)
        place.chmod(0o777)
        (place / "bin").mkdir()
        (place / "bin").chmod(0o755)
        for name in ("initdb", "pg_ctl"):
            end = 'case "$*" in *start) exit 1; esac' if name == "pg_ctl" else "exit 1"
            script = f'#!/bin/sh\n{real / name} "$@" || exit 1\n'
            (place / "bin" / name).write_text(script + end * (name == broken) + "\n")
            (place / "bin" / name).chmod(0o755)
        monkeypatch.setenv("POSTGRES_BIN", str(place / "bin"))
        monkeypatch.setattr(tempfile, "tempdir", str(place))
        monkeypatch.setattr(servers.time, "sleep", lambda seconds: None)
        assert servers.open_server() is None
        said = capsys.readouterr().out
        assert said.startswith(f"PostgreSQL está en {place / 'bin'}, pero no arrancó.")
        assert said.endswith("Se sigue sin él.\n") and said.count("\n") == 1
        assert [path.name for path in place.iterdir()] == ["bin"]
        assert not alive(str(place))


def test_an_owner_killed_while_it_starts_leaves_nothing():
    with tempfile.TemporaryDirectory() as place:  # donde también entre postgres
        Path(place).chmod(0o777)
        programs, temp = Path(place, "bin"), Path(place, "temp")
        temp.mkdir()
        programs.mkdir()
        loop = 'while :; do mkdir -p "$2" && touch "$2/x"; sleep 0.01; done'
        for name, does in {"initdb": loop, "pg_ctl": "exit 1"}.items():
            (programs / name).write_text(f"#!/bin/sh\n{does}\n")
            (programs / name).chmod(0o755)
        for path in (temp, programs):
            path.chmod(0o777)
        env = {"POSTGRES_BIN": str(programs), "TMPDIR": str(temp)}
        code = "from hpo_lab import postgres; postgres.PrivatePostgres()"
        owner = subprocess.Popen([sys.executable, "-c", code], env=os.environ | env)
        assert wait(lambda: list(temp.glob("*/data/x")))
        owner.kill()
        owner.wait()
        try:
            assert wait(lambda: not list(temp.iterdir()) and not alive(place))
        finally:
            for info in alive(place):
                psutil.Process(info["pid"]).kill()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_folder_does_not_survive_a_death_in_its_start(when, tmp_path):
    code = "import os; from pathlib import Path; from hpo_lab import guard\n"
    code += "die = lambda *args, **options: os.kill(os.getpid(), 9)\n"
    if when == "before":
        code += "guard.subprocess.Popen = die\n"
    else:
        code += "guard._guards = type('', (), {'append': die})\n"
    code += "guard.temporary_folder()"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=env).returncode == -9
    assert wait(lambda: not list(tmp_path.iterdir()))


def test_a_folder_goes_even_if_someone_writes_in_it(tmp_path):
    code = "from hpo_lab import guard; print(guard.temporary_folder(), flush=True)"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    owner = subprocess.Popen(
        [sys.executable, "-c", code + "; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    folder = owner.stdout.readline().strip()
    code = f"for i in range(10**9): open(f'{folder}/{{i}}', 'w').close()"
    writer = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    owner.kill()
    owner.communicate()
    try:
        assert wait(lambda: not list(tmp_path.iterdir()))
    finally:
        writer.kill()
        writer.wait()


@pytest.mark.parametrize("stop", [["/no/existe"], ["sleep", "60"], ["false"], ["true"]])
@pytest.mark.parametrize("error", [psutil.AccessDenied, psutil.NoSuchProcess])
def test_a_step_that_fails_does_not_stop_the_others(stop, error, tmp_path, monkeypatch):
    folder, killed = tmp_path / "carpeta", []
    folder.mkdir()
    monkeypatch.setattr(guard, "PATIENCE", 0.5)

    class Process:
        info = {"name": "ngrok", "cmdline": ["ngrok", "marca"]}

        def kill(self):
            killed.append(self)
            raise error(1)

    monkeypatch.setattr(psutil, "process_iter", lambda _: [Process(), Process()])
    code = guard.finish(str(folder), stop, "marca", ["ngrok"], {})
    assert (code == 0) == (stop == ["true"])
    assert len(killed) == 2 and not folder.exists()


def test_only_ngrok_is_killed_for_its_words(tmp_path):
    both = {}
    for name in ("vim", "ngrok"):
        program = tmp_path / name
        program.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)\n")
        program.chmod(0o755)
        both[name] = subprocess.Popen([program, str(tmp_path / "ngrok.yml")])
    wait(lambda: all(len(psutil.Process(p.pid).cmdline()) > 2 for p in both.values()))
    guard.start(mark=str(tmp_path / "ngrok.yml")).communicate()
    try:
        assert both["ngrok"].wait(10) == -9 and both["vim"].poll() is None
    finally:
        for process in both.values():
            process.kill()
            process.wait()


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


def wait(condition, seconds=20):
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.1)
    return condition()


def alive(word):
    """Los procesos vivos que llevan esa palabra, salvo el guardián, que no la lleva."""
    processes = psutil.process_iter(["pid", "cmdline", "status"])
    found = [p.info for p in processes if word in " ".join(p.info["cmdline"] or [])]
    return [info for info in found if info["status"] != "zombie"]


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
