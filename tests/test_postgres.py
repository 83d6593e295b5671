"""El PostgreSQL privado, el prestado y las órdenes de seguridad del cuaderno 8.

Todo contra servidores de verdad en 127.0.0.1. La red es lo único de mentira: el «otro
equipo» es este mismo, que se llama localhost.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import nbformat
import optuna
import psutil
import pytest
from sqlalchemy import create_engine, make_url, text

from course import ROOT, skip
from hpo_lab import borrowed
from hpo_lab import postgres as servers
from hpo_lab.storage import open_storage
from workers import WAIT, told, trials_of

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


@pytest.mark.parametrize("mine", ["la del usuario", None])
def test_a_private_server_is_used_with_its_address_alone(mine, monkeypatch, capsys):
    if servers.find_programs() is None:
        skip("no están los programas de PostgreSQL")
    monkeypatch.delenv("PGPASSWORD", raising=False)
    if mine:
        monkeypatch.setenv("PGPASSWORD", mine)
    server = servers.open_server()
    try:
        assert server.private and os.environ.get("PGPASSWORD") == mine
        code = "import optuna, sys; from hpo_lab.storage import open_storage\n"
        code += "optuna.create_study(storage=open_storage(sys.argv[1]))\n"
        code += "assert len(optuna.get_all_study_names(sys.argv[1])) == 1"
        subprocess.run([sys.executable, "-c", code, server.url], check=True)
        login = Path(make_url(server.url).query["passfile"])
        assert login.parent == server._folder and server.password in login.read_text()
        assert login.stat().st_mode & 0o777 == 0o600
        assert login.stat().st_uid == os.getuid()
        running = [p.info for p in psutil.process_iter(["cmdline", "environ"])]
        assert server.password not in server.url + str(running)
    finally:
        server.stop()
    assert not login.exists() and os.environ.get("PGPASSWORD") == mine
    said = capsys.readouterr().out
    assert said == "PostgreSQL: un servidor privado en 127.0.0.1.\n"


def test_without_programs_it_says_how_to_get_them(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("POSTGRES_BIN", str(tmp_path))
    assert servers.open_server() is None
    assert "apt-get -qq install postgresql" in capsys.readouterr().out


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


@pytest.fixture
def address(own_postgres, monkeypatch):
    """La dirección de un servidor prestado; la contraseña está en PGPASSWORD."""
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    return own_postgres.url.split("?")[0]


@pytest.fixture
def lent(address, capsys):
    """Ese servidor, con sus opciones, en uso por un cuaderno."""
    options = "options=-cstatement_timeout%3D9s+-csearch_path%3Dpublic"
    server = servers.BorrowedPostgres(f"{address}?{options}&connect_timeout=33")
    yield server
    server.stop()
    capsys.readouterr()


def test_a_borrowed_server_keeps_its_own_options(lent):
    with open_storage(lent.url).engine.connect() as db:
        assert db.scalar(text("SHOW statement_timeout")) == "9s"
        assert db.scalar(text("SHOW search_path")) == lent._schema
    with lent._engine.connect() as db:
        given = db.connection.dbapi_connection.info.get_parameters()
        assert given["connect_timeout"] == "33"


def schemas(server):
    query = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'curso%'"
    return set(psql(server, "-Atc", query))


def locks(server):
    query = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
    return int(psql(server, "-Atc", query)[0])


def test_only_what_nobody_uses_is_dropped(lent, address, own_postgres):
    psql(own_postgres, "-c", "CREATE ROLE otra")
    orphans = {"curso_00000000": "curso", "curso_ffffffff": "curso"}
    theirs = {"curso_abc": "curso", "curso_20261125": "curso", "curso_0123abcd": "otra"}
    for name, role in (orphans | theirs).items():
        psql(own_postgres, "-c", f"CREATE SCHEMA {name} AUTHORIZATION {role}")
        if name != "curso_20261125":  # sin la marca, es de alguien
            mark = f"COMMENT ON SCHEMA {name} IS '{borrowed.MARK}'"
            psql(own_postgres, "-c", mark)
    new = servers.BorrowedPostgres(address)
    assert schemas(own_postgres) == {*theirs, lent._schema, new._schema}
    new.stop()


@pytest.fixture
def notebooks(address):
    """Tres cuadernos: sus procesos, y su esquema, guardián y dirección."""
    code = "import sys; from hpo_lab.borrowed import BorrowedPostgres\n"
    code += "server = BorrowedPostgres(sys.argv[1])\n"
    code += "print(server._schema, server._guard.pid, server.url, flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", code, address]
    running = [subprocess.Popen(command, **pipes) for _ in range(3)]
    yield [(process, *process.stdout.readline().split()) for process in running]
    for process in running:
        process.kill()
        process.communicate()


@pytest.mark.full
def test_a_killed_notebook_is_cleaned_by_the_next(notebooks, address, own_postgres):
    *alive, (process, dead, guardian, _) = notebooks
    for *_, url in alive:
        optuna.create_study(study_name="uno", storage=url)
    os.kill(int(guardian), signal.SIGKILL)
    process.kill()
    process.wait()
    assert wait(lambda: locks(own_postgres) == 2)
    before = {schema for _, schema, _, _ in alive}
    assert schemas(own_postgres) == {*before, dead}
    new = servers.BorrowedPostgres(address)
    assert schemas(own_postgres) == {*before, new._schema}
    for *_, url in alive:
        study = optuna.load_study(study_name="uno", storage=url)
        study.optimize(lambda trial: 0, n_trials=1)
    new.stop()
    for process, *_ in alive:
        process.communicate("\n")
    assert wait(lambda: not schemas(own_postgres))
    assert wait(lambda: not locks(own_postgres))


def test_the_lock_comes_before_the_schema(address, own_postgres):
    opened = []
    start = threading.Thread(
        target=lambda: opened.append(servers.BorrowedPostgres(address))
    )
    with create_engine(own_postgres.url).begin() as db:  # nadie crea esquemas
        db.execute(text("LOCK TABLE pg_namespace IN SHARE MODE"))
        start.start()
        assert wait(lambda: locks(own_postgres) == 1)
        assert not schemas(own_postgres) and not opened
    start.join(20)
    assert schemas(own_postgres) == {opened[0]._schema}
    opened[0].stop()


def test_a_restart_of_the_server_does_not_lose_the_lock(lent, address, own_postgres):
    own_postgres.restart()
    assert locks(own_postgres) == 0
    assert wait(lambda: locks(own_postgres) == 1)
    new = servers.BorrowedPostgres(address)
    assert schemas(own_postgres) == {lent._schema, new._schema}
    new.stop()


@pytest.mark.parametrize("fault", ["lock", "down"])
def test_a_schema_that_stays_is_said(fault, lent, own_postgres, capsys):
    engine = open_storage(lent.url).engine
    with engine.connect() as db:
        db.execute(text("SELECT count(*) FROM studies"))  # sin COMMIT, no la suelta
        if fault == "down":
            own_postgres.kill()
        start = time.monotonic()
        lent.stop()
        assert time.monotonic() - start < 30
        db.invalidate()
    said = capsys.readouterr().out
    assert f"DROP SCHEMA {lent._schema} CASCADE" in said and said.count("\n") == 1
    assert own_postgres.password not in said


@pytest.mark.parametrize("name", ["public", "curso_1234", "curso_0123abcd, public", ""])
def test_only_a_schema_of_the_course_is_dropped(name, postgres, postgres_url, capsys):
    assert borrowed.main(postgres_url, name) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert psql(postgres, "-Atc", "SELECT to_regnamespace('public')") == ["public"]


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

    (tmp_path / "mi_modelo.py").write_text(WAIT.format(0.01), "utf-8")
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

    assert "password authentication failed" in refused(script, "otra")
    closed = "pg_hba.conf rejects connection"
    assert closed in refused(script.replace("verify-full", "disable"))
    assert closed in refused(script.replace("/optuna?", "/postgres?"))
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"]
    new += ["-subj", "/CN=localhost", "-keyout", "/dev/null", "-out", public]
    subprocess.run(new, capture_output=True, check=True)
    assert "certificate verify failed" in refused(script)


def test_the_backup_commands_of_the_notebook(own_postgres, tmp_path, monkeypatch):
    """Las órdenes para guardar una copia, tal cual, y lo que recuperan."""
    server = own_postgres
    env = os.environ | server_env(server)
    env["PATH"] = f"{server._bin}:{os.environ['PATH']}"
    subprocess.run(["createdb", "optuna"], env=env, check=True, timeout=60)
    monkeypatch.setenv("PGPASSWORD", server.password)
    base = f"postgresql+psycopg://curso@127.0.0.1:{server.port}"
    done = told(f"{base}/optuna", "mio", 0.01, "--trials", 5, "--create")
    assert done[0] == 0, done
    original = rows(f"{base}/optuna")
    assert len(original) == 5

    dump = subprocess.run(
        ["bash", "-c", commands("backup-text", {})],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert dump.returncode == 0, dump.stderr
    assert rows(f"{base}/optuna_copia") == original

    there = "postgresql+psycopg://optuna@servidor.ejemplo.org"
    monkeypatch.chdir(tmp_path)
    exec(commands("backup-study", {there: base}, "python"))
    values = [row[1:] for row in rows("sqlite:///copia.db")]
    assert values == [row[1:] for row in original]


def rows(storage):
    """Los trials del study de la copia, con lo que no debe cambiar."""
    return [
        (t._trial_id, t.number, t.state, t.params, t.values, t.user_attrs)
        for t in trials_of(storage, "mio")
    ]


def commands(name, changes, language="bash"):
    """Las órdenes de una celda del cuaderno, con los valores de la prueba."""
    cells = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, 4).cells}
    script = re.search(rf"```{language}\n(.*?)```", cells[name], re.DOTALL)[1]
    for old, new in changes.items():
        script = script.replace(old, new)
    return "set -e\n" + script if language == "bash" else script


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
