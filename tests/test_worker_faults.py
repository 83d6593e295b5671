"""Muertes, reinicios y discos llenos de verdad, y qué quedó del study.

PostgreSQL es un servidor propio en 127.0.0.1. El disco lleno es un tmpfs pequeño donde
se puede montar; además, el límite de tamaño de archivo del sistema (RLIMIT_FSIZE).
"""

import json
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import time

import optuna
import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from course import skip
from hpo_lab.storage import open_storage
from workers import (
    MARKS,
    WORKER,
    completed,
    finish,
    freeze,
    objective_file,
    spoken,
    start,
    told,
    trials_of,
    wait_for,
    waits,
)

pytestmark = MARKS
FULL = pytest.mark.full
# Optuna insiste cinco veces antes de dar por fallida una escritura en SQLite.
SQLITE_IS_SLOW = ["journal", pytest.param("sqlite", marks=FULL)]
history = optuna.storages.RetryHeartbeatStaleTrialCallback.retry_history


@pytest.mark.parametrize("storage", ["sqlite", "postgres"], indirect=True)
def test_a_killed_worker_loses_nothing(storage, request):
    """3 muertes sobre 9 trials: quedan 9 completos y cada uno perdido se repite."""
    name, kills, wanted = request.node.name, 3, 9
    options = ("--create", "--heartbeat", 1)
    for _ in range(kills):
        process = start(storage, name, 0.4, "--trials", wanted, *options)
        wait_for(process, "trial 1 de")
        time.sleep(0.2)
        process.kill()
        finish(process)
    time.sleep(2.5)
    code, _, err = told(storage, name, 0.01, "--until", wanted, *options)
    assert code == 0, err
    trials = trials_of(storage, name)
    assert len(completed(storage, name)) == wanted
    lost = [trial for trial in trials if trial.state.name == "FAIL"]
    assert lost and not [t for t in trials if t.state.name == "RUNNING"]
    again = {number: t.params for t in trials for number in history(t)}
    for trial in lost:
        if trial.params:
            assert again[trial.number] == trial.params


POISON = """
import os, signal, time
direction = "maximize"
def objective(trial):
    if trial.suggest_float("x", 0, 1) == 0.5:
        time.sleep(0.5)  # ya avisó que vive
        os.kill(os.getpid(), signal.SIGKILL)
    return 1
"""


@pytest.mark.parametrize(
    "retries", [0, pytest.param(1, marks=FULL), pytest.param(2, marks=FULL)]
)
def test_a_poisonous_configuration_kills_few_workers(retries, tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    study = optuna.create_study(
        study_name="a", storage=open_storage(storage), direction="maximize"
    )
    study.enqueue_trial({"x": 0.5})
    spec, killed = objective_file(POISON), 0
    options = ("--trials", 1, "--heartbeat", 1, "--retries", retries)
    for _ in range(retries + 3):
        code, _, err = finish(start(storage, "a", spec, *options))
        killed += code == -signal.SIGKILL
        if code == 0:
            break
        time.sleep(2.2)
    assert code == 0 and killed == retries + 1, err


@pytest.mark.full
def test_a_worker_that_slept_goes_on(tmp_path):
    """Detenido más que el plazo, otro repite su trial; al despertar no se duplica."""
    storage = f"sqlite:///{tmp_path}/e.db"
    options = ("--create", "--heartbeat", 1)
    asleep = start(storage, "a", 0.5, "--trials", 3, *options)
    wait_for(asleep, "trial 1 de 3")
    time.sleep(0.2)
    freeze(asleep, storage)
    time.sleep(3)
    assert finish(start(storage, "a", 0.01, "--trials", 2, *options))[0] == 0
    asleep.send_signal(signal.SIGCONT)
    code, _, err = finish(asleep)
    assert code == 0 and "Traceback" not in err, err
    assert len(completed(storage, "a")) == 5


def restart(server, pause=2):
    server.kill()
    time.sleep(pause)
    server.start()


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(0.2, marks=FULL), pytest.param(4, marks=FULL)]
)
def test_a_finished_fit_survives_a_restart(seconds, postgres, postgres_url, request):
    """El servidor muere durante un trial, que termina antes o después de que vuelva."""
    name = request.node.name
    options = ("--trials", 3, "--create", "--heartbeat", 1)
    process = start(postgres_url, name, seconds, *options)
    wait_for(process, "trial 1 de 3")
    restart(postgres)
    code, out, err = finish(process)
    assert code == 0 and "Traceback" not in err, err
    assert "Terminó: 3 completos" in out and len(completed(postgres_url, name)) == 3


def test_patience_covers_the_start(own_postgres, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    own_postgres.kill()
    process = start(own_postgres.url, "a", 0, "--trials", 2, "--create")
    assert "espero hasta 60 s" in process.stderr.readline()
    own_postgres.start()
    code, out, err = finish(process)
    assert code == 0 and "Terminó: 2 completos" in out, err


def test_patience_covers_too_many_connections(own_postgres, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    engine = create_engine(own_postgres.url, pool_size=200)
    optuna.create_study(study_name="a", storage=open_storage(own_postgres.url))
    held = []
    with pytest.raises(OperationalError, match="too many|reserved"):
        while True:
            held.append(engine.connect())
    text = "def objective(trial):\n    return trial.suggest_float('x', 0, 1)\n"
    process = start(own_postgres.url, "a", objective_file(text), "--trials", 2)
    said = process.stderr.readline()
    assert "espero hasta 60 s" in said and ("too many" in said or "slots" in said)
    for connection in held:
        connection.close()
    engine.dispose()
    assert finish(process)[0] == 0


@pytest.mark.full
def test_postgres_may_die_while_workers_run(postgres, postgres_url, request):
    name = request.node.name
    options = ("--create", "--heartbeat", 1)
    slow = start(postgres_url, name, 6, "--trials", 2, *options)
    both = [start(postgres_url, name, 0.2, "--trials", 20, *options) for _ in range(2)]
    for process in both:
        wait_for(process, "trial 2 de 20")
    before = {t.number for t in completed(postgres_url, name)}
    for _ in range(3):
        restart(postgres)
        time.sleep(1)
    results = [finish(process) for process in [*both, slow]]
    assert [code for code, _, _ in results] == [0, 0, 0], results
    said = "".join(err for _, _, err in results)
    assert "espero" in said and "Traceback" not in said, said
    after = completed(postgres_url, name)
    assert before <= {t.number for t in after} and len(after) == 42


def test_a_server_that_does_not_come_back_leaves_the_value(
    own_postgres, monkeypatch, tmp_path
):
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    url, options = own_postgres.url, ("--trials", 9, "--create", "--patience", 1)
    process = start(url, "a b/c", 2, *options, cwd=tmp_path)
    wait_for(process, "trial 1 de 9")
    time.sleep(0.5)
    own_postgres.kill()
    code, _, err = finish(process, timeout=60)
    assert code == 1 and "El almacén no responde" in err, err
    (note,) = tmp_path.glob("nota_*.json")
    record = json.loads(note.read_text())
    assert f"--tell {note} --storage {shlex.quote(url)}" in err
    assert own_postgres.password not in err + note.read_text()
    own_postgres.start()
    for _ in range(2):  # anotarla dos veces no la duplica
        again = ["--tell", note, "--storage", url, "--heartbeat", 1]
        code, out, err = spoken(*again)
        assert code == 0 and "Anotada la nota" in out, err
    found = completed(url, "a b/c")
    assert [t.value for t in found if t.number == record["number"]] == record["values"]


def test_a_value_goes_to_the_repetition(tmp_path):
    """Otro dio el trial por perdido y lo encoló: la nota va a su repetición."""
    storage = f"sqlite:///{tmp_path}/e.db"
    opened = open_storage(storage)
    study = optuna.create_study(study_name="a", storage=opened)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    optuna.storages.RetryHeartbeatStaleTrialCallback()(study, study.trials[0])
    note = tmp_path / "nota.json"
    note.write_text(json.dumps({"study_name": "a", "number": 0, "values": [7.0]}))
    assert spoken("--tell", note, "--storage", storage)[0] == 0
    states = [(t.state.name, t.value) for t in trials_of(storage, "a")]
    assert states == [("FAIL", None), ("COMPLETE", 7.0)]


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


@pytest.mark.parametrize("storage", SQLITE_IS_SLOW, indirect=True)
def test_a_file_that_may_not_grow_keeps_what_was_written(storage, request):
    name = request.node.name
    assert told(storage, name, 0, "--trials", 5, "--create")[0] == 0
    options = ("--trials", 100_000, "--patience", 0)
    code, _, err = finish(start(storage, name, 0, *options, preexec_fn=limit_files))
    assert code == 1 and re_full(err) and "Traceback" not in err, err
    kept = completed(storage, name)
    assert len(kept) > 5
    assert told(storage, name, 0, "--trials", 2)[0] == 0
    assert len(completed(storage, name)) == len(kept) + 2


def re_full(text):
    return any(word in text for word in ("too large", "is full", "I/O error"))


@pytest.fixture
def small_disk(tmp_path):
    """Un disco de verdad de 64 kB, que se puede agrandar."""
    place = tmp_path / "disco"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", place]
    if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
        skip("no se puede montar un disco pequeño: hace falta ser root")
    yield place
    subprocess.run(["umount", "-l", place], check=True)


@pytest.mark.parametrize("kind", SQLITE_IS_SLOW)
def test_a_full_disk_loses_nothing(kind, small_disk, tmp_path):
    """Dos trabajadores llenan el disco, esperan, y siguen cuando hay lugar."""
    storage = {
        "journal": f"{small_disk}/b.log",
        "sqlite": f"sqlite:///{small_disk}/e.db",
    }
    if kind == "sqlite":  # vacía ya ocupa más
        subprocess.run(["mount", "-o", "remount,size=200k", small_disk], check=True)
    storage, options = storage[kind], ("--trials", 300, "--create")
    outs = [(tmp_path / name).open("w+") for name in "abcd"]
    both = [
        start(storage, "a", 0, *options, stdout=out, stderr=err, cwd=tmp_path)
        for out, err in zip(outs[:2], outs[2:], strict=True)
    ]
    deadline = time.monotonic() + 60
    while not all("espero hasta" in read(err) for err in outs[2:]):
        assert time.monotonic() < deadline, [read(err) for err in outs]
        time.sleep(0.1)
    noted = sum(read(out).count("trial ") for out in outs[:2])
    assert len(completed(storage, "a")) >= noted > 5
    subprocess.run(["mount", "-o", "remount,size=20m", small_disk], check=True)
    assert [process.wait(120) for process in both] == [0, 0], [read(o) for o in outs]
    assert len(completed(storage, "a")) == 600
    for out in outs:
        out.close()


def read(file):
    file.flush()
    with open(file.name) as again:
        return again.read()


@pytest.mark.parametrize("storage", SQLITE_IS_SLOW, indirect=True)
def test_a_read_only_file_is_one_sentence(storage, request, tmp_path):
    name = request.node.name
    assert told(storage, name, 0, "--trials", 5, "--create")[0] == 0
    prefix = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        skip("root escribe donde sea y no hay setpriv para impedirlo")
    for path in tmp_path.iterdir():
        path.chmod(0o444)
    tmp_path.chmod(0o555)
    command = [*(prefix if os.geteuid() == 0 else []), *WORKER, "--storage", storage]
    command += ["--study-name", name, "--trials", "1", "--objective", waits(0)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    tmp_path.chmod(0o755)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "readonly" in done.stderr or "Permission denied" in done.stderr
    assert len(completed(storage, name)) == 5


@pytest.mark.parametrize("closed", ["pipe", "full", "both"])
def test_a_closed_output_is_not_the_storage_fault(closed, tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    with open("/dev/full", "w") as full:
        popen = {"stdout": full} if closed == "full" else {}
        if closed == "both":
            popen["stderr"] = full
        process = start(storage, "a", 0.05, "--trials", 5, "--create", **popen)
    if closed != "full":
        process.stdout.readline()
        process.stdout.close()
    assert process.wait(60) == 0
    if process.stderr:
        assert not process.stderr.read()
    assert len(completed(storage, "a")) == 5


def test_debug_shows_everything_but_secrets(tmp_path):
    text = "def objective(trial):\n    raise OSError('postgresql://a:oculta@h/x')\n"
    options = ("--trials", 1, "--create", "--debug")
    storage = f"sqlite:///{tmp_path}/e.db"
    code, out, err = told(storage, "a", objective_file(text), *options)
    assert code == 3 and "Traceback" in err and "oculta" not in out + err
    assert sys.executable not in out
