"""Ataques al trabajador: cada uno perdía una nota, dañaba un archivo o lo colgaba."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time

import optuna
import pytest

from hpo_lab import files, journal, turns
from hpo_lab.failures import StorageError, causes, words
from hpo_lab.storage import Requeue, open_storage
from workers import (
    MARKS,
    completed,
    existing,
    finish,
    freeze,
    objective_file,
    spoken,
    start,
    told,
    trials_of,
    wait_for,
)

pytestmark = MARKS
SECRET = "Xk9secreto"
ONE = ("--trials", 1, "--create")


def objective(*lines, head=""):
    """Un objetivo con esas líneas, en un archivo nuevo."""
    body = "\n".join(f"    {line}" for line in lines)
    return objective_file(f"import os, time\n{head}\ndef objective(trial):\n{body}\n")


@pytest.fixture
def database(tmp_path):
    """Dirección de una base de SQLite que aún no existe."""
    return f"sqlite:///{tmp_path}/e.db"


@pytest.mark.full
def test_the_value_of_a_sleeper_without_retries_is_not_lost(database):
    spec = objective("trial.suggest_float('x', 0, 1)", "time.sleep(5)", "return 7.5")
    options = ("--trials", 1, "--create", "--heartbeat", 1, "--retries", 0)
    asleep = start(database, "a", spec, *options)
    while not (trials := existing(database, "a")) or not trials[0].params:
        time.sleep(0.1)
    time.sleep(1)
    freeze(asleep, database)
    time.sleep(3)
    assert told(database, "a", objective("return 1"), *options)[0] == 0
    asleep.send_signal(signal.SIGCONT)
    code, out, err = finish(asleep)
    assert code == 0 and "Terminó: 1 completos" in out, err
    assert sorted(t.value for t in completed(database, "a")) == [1, 7.5]


def test_a_repetition_does_not_carry_the_marks_of_the_dead(database):
    study = optuna.create_study(storage=open_storage(database))
    trial = study.ask()
    for key in ("host", "process", "seconds", "worker_version", "otra"):
        trial.set_user_attr(key, 1)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    Requeue()(study, study.trials[0])
    assert study.trials[1].user_attrs == {"otra": 1}


@pytest.mark.parametrize(
    "host, process, alive",
    [
        ("here", "parent", True),
        ("here", "own", False),
        ("here", "gone", False),
        ("here", "reused", False),
        ("other", "parent", False),
        (None, None, True),
    ],
)
def test_until_knows_who_lives_in_a_journal(host, process, alive, tmp_path):
    study = optuna.create_study(storage=open_storage(str(tmp_path / "b.log")))
    trial = study.ask()
    processes = {"parent": os.getppid(), "own": os.getpid(), "gone": 2**22 + 1}
    if process == "reused":  # nació después de que empezó el trial
        time.sleep(3)
        late = subprocess.Popen(
            [sys.executable, "-c", "input()"], stdin=subprocess.PIPE
        )
        processes["reused"] = late.pid
    if host:
        trial.set_user_attr("process", processes[process])
        here = turns.socket.gethostname()
        trial.set_user_attr("host", here if host == "here" else "otro")
    assert turns.room(study, 1) == (0 if alive else 1)
    if process == "reused":
        late.communicate()


def test_two_names_of_a_journal_are_one(tmp_path):
    (tmp_path / "l.log").symlink_to("r.log")
    (tmp_path / "r.log").touch()
    storages = [open_storage(str(tmp_path / name)) for name in ("r.log", "l.log")]
    locks = {storage._backend._lock._lock_file for storage in storages}
    assert locks == {str(tmp_path / "r.log.lock")}


def test_an_objective_that_changes_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    spec = objective(
        "os.makedirs('otra', exist_ok=True)", "os.chdir('otra')", "return 1"
    )
    code, out, err = told("e.log", "a", spec, *ONE)
    assert code == 0 and not err
    assert len(completed(str(tmp_path / "e.log"), "a")) == 1


def test_a_child_of_the_objective_dies_of_its_signal(database):
    spec = objective(
        "child = os.fork()",
        "if child == 0:",
        "    time.sleep(20); os._exit(0)",
        "time.sleep(0.5); os.kill(child, 15)",
        "status = os.waitpid(child, 0)[1]",
        "return os.WTERMSIG(status)",
    )
    code, out, err = finish(start(database, "a", spec, *ONE), timeout=30)
    assert code == 0 and "Interrumpido" not in out + err
    assert [t.value for t in completed(database, "a")] == [15]


def test_an_error_that_causes_itself_does_not_hang():
    try:
        try:
            raise ValueError("oh")
        except ValueError as error:
            raise error from error
    except ValueError as error:
        assert list(causes(error)) == [error] and words(error) == "ValueError: oh"


# Lo que lanza o devuelve un objetivo, y una frase de una sola línea que lo dice.
ODD = {
    "raise from itself": (
        "try: int('x')\n    except ValueError as e: raise e from e",
        "m",
    ),
    "huge": ("return 10**400", "y se espera un número"),
    "array": ("import numpy; return numpy.zeros((3, 3))", "y se espera un número"),
    "base": (f"raise type('B', (BaseException,), {{}})('a://b:{SECRET}@h')", "lanzó B"),
    "generator": ("raise GeneratorExit", "lanzó GeneratorExit"),
    "mute": (
        "raise type('M', (Exception,), {'__str__': lambda self: 1 / 0})()",
        "M: M",
    ),
    "lines": ("raise ValueError('a\\nb\\nc')", "ValueError: a b c"),
}


@pytest.mark.parametrize("catch", [False, True])
@pytest.mark.parametrize("kind", ODD)
def test_an_odd_objective_is_one_sentence(kind, catch, database):
    body, sentence = ODD[kind]
    head = "catch = Exception" if catch else ""
    code, out, err = told(database, "a", objective(body, head=head), *ONE)
    lines = [line for line in err.splitlines() if not line.startswith("trial ")]
    assert code == 3 and len(lines) == 1 and sentence in err and SECRET not in err
    assert not trials_of(database, "a", "RUNNING") and "None" not in err


def test_a_wrong_count_of_values_cannot_be_caught(database):
    spec = objective("return 1, 2", head="catch = Exception")
    code, _, err = told(database, "a", spec, *ONE)
    assert code == 3 and err.count("\n") == 1 and "devolvió 2 valores" in err


# Lo que un módulo hace al importarse, y qué se dice.
MODULES = {
    "base": ("raise type('B', (BaseException,), {})('x')", "mi_modelo.py:2: B: x"),
    "exit": ("raise SystemExit(3)", "mi_modelo.py:2: SystemExit: 3"),
    "syntax": ("def (", "mi_modelo.py:2: SyntaxError"),
    "list": ("direction = ['minimize']", "'minimize' o 'maximize'"),
    "sampler": ("def sampler(seed): raise SystemExit(3)", "`sampler` falló"),
    "pruner": ("pruner = 3", "no es un pruner de Optuna"),
    "catch": ("catch = (BaseException,)", "`catch` debe ser una excepción"),
}


@pytest.mark.parametrize("kind", MODULES)
def test_a_bad_module_is_one_sentence(kind, database, tmp_path):
    head, sentence = MODULES[kind]
    code, _, err = told(database, "a", objective("return 1", head=head), *ONE)
    assert code == 2 and sentence in err and err.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_warnings_of_a_module_stay_in_it(database):
    head = "import warnings; warnings.filterwarnings('error')"
    code, _, err = told(database, "a", objective("return 1", head=head), *ONE)
    assert code == 0, err


def test_an_objective_may_be_an_object(database):
    head = "import functools, json"
    spec = objective("return 1", head=head).replace(":objective", ":other")
    path = spec.rpartition(":")[0]
    with open(path, "a") as file:
        file.write(
            "class C:\n    def __call__(self, trial):\n        json.loads('{')\n"
        )
        file.write("other = functools.partial(C())\n")
    code, _, err = told(database, "a", spec, *ONE)
    assert code == 3 and "mi_modelo.py:7: JSONDecodeError" in err


def note(folder, **record):
    path = folder / "nota.json"
    path.write_text(json.dumps({"study_name": "a", "number": 0, **record}))
    return path


@pytest.mark.parametrize("values", [[1.0, 2.0], [], [float("nan")], ["x"]])
def test_a_bad_note_does_not_touch_the_trial(values, database, tmp_path):
    study = optuna.create_study(study_name="a", storage=open_storage(database))
    study.ask()
    path = note(tmp_path, values=values)
    code, _, err = spoken("--tell", path, "--storage", database)
    assert code == 2 and err.count("\n") == 1
    assert [t.state.name for t in study.trials] == ["RUNNING"]


def test_a_note_told_twice_is_one_trial(database, tmp_path):
    study = optuna.create_study(study_name="a", storage=open_storage(database))
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    path = note(tmp_path, values=[3.0])
    for _ in range(2):
        assert spoken("--tell", path, "--storage", database)[0] == 0
    assert [t.value for t in study.trials] == [None, 3.0]


def test_a_note_never_replaces_another(tmp_path):
    from hpo_lab import notes

    record = {"study_name": "a", "number": 0, "values": [1.0]}
    said = [notes.save(record, "e.log", tmp_path) for _ in range(3)]
    assert len(set(said)) == len(list(tmp_path.iterdir())) == 3


def test_a_swapped_address_is_not_shown(tmp_path):
    address = f"postgresql://a:{SECRET}@h/x"
    for option in ("--tell", "--repair"):
        words = [option, address, "--storage", tmp_path / "nota.json"]
        code, out, err = spoken(*words)
        assert code == 2 and SECRET not in out + err and err.count("\n") == 1


@pytest.mark.parametrize("option", ["--tell", "--repair"])
@pytest.mark.parametrize("kind", ["fifo", "folder", "none"])
def test_what_is_not_a_file_is_not_read(option, kind, tmp_path):
    path = tmp_path / "algo"
    {"fifo": os.mkfifo, "folder": os.mkdir, "none": lambda path: None}[kind](path)
    code, _, err = spoken(option, path, "--storage", tmp_path / "e.log")
    assert code == 2 and "no es un archivo" in err and err.count("\n") == 1


def test_a_copy_that_does_not_fit_is_not_left(tmp_path):
    path = tmp_path / "b.log"
    optuna.create_study(storage=open_storage(str(path)))
    with path.open("ab") as file:
        file.write(b'{"op')

    small = (resource.RLIMIT_FSIZE, (10, resource.RLIM_INFINITY))
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(*small)
    try:
        with pytest.raises(StorageError, match="too large"):
            journal.repair(str(path))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)
    assert [p.name for p in tmp_path.iterdir()] == ["b.log"]


def test_the_hint_of_repair_can_be_pasted(tmp_path):
    path = tmp_path / "con espacio.log"
    path.write_text('{"op')
    with pytest.raises(StorageError) as error:
        open_storage(str(path))
    assert f"--repair '{path}'" in str(error.value)


def test_a_lock_of_others_is_not_deleted(tmp_path):
    lock = tmp_path / "poetry.lock"
    lock.write_text("[[package]]")
    with pytest.raises(StorageError, match="no es su candado"):
        open_storage(str(tmp_path / "poetry"))
    assert [p.name for p in tmp_path.iterdir()] == ["poetry.lock"]


def test_a_lock_that_comes_and_goes_is_its_own(tmp_path):
    """Otro proceso toma y suelta el candado mientras se mira la ruta."""
    path = tmp_path / "b.log"
    code = f"import os\nlock = {str(path) + '.lock'!r}\nwhile True:\n"
    code += "    os.close(os.open(lock, os.O_CREAT)); os.unlink(lock)\n"
    busy = subprocess.Popen([sys.executable, "-c", code])
    try:
        for _ in range(3000):
            files.check_path(str(path))
    finally:
        busy.kill()
        busy.wait()


def test_a_foreign_wal_database_gets_no_companions(tmp_path):
    path = tmp_path / "f.db"
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE clientes (nombre)")
    db.commit()
    db.close()
    with pytest.raises(StorageError, match="'clientes'"):
        open_storage(f"sqlite:///{path}")
    assert [p.name for p in tmp_path.iterdir()] == ["f.db"]


def test_a_name_that_only_looks_like_a_uri(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StorageError, match="le falta uri=true"):
        open_storage("sqlite:///file:q.db")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "url", ["file:m?mode=memory&cache=shared&uri=true", "file:/m?vfs=memdb&uri=true"]
)
def test_a_shared_memory_is_refused(url):
    with pytest.raises(StorageError, match="en memoria"):
        open_storage(f"sqlite:///{url}")


@pytest.mark.parametrize("value", [f"'{SECRET}'", f'"{SECRET}"', f"\\'{SECRET}'"])
def test_a_quoted_password_is_refused(value):
    with pytest.raises(StorageError, match="trae una contraseña") as error:
        open_storage(f"postgresql+psycopg://a@h/x?conninfo=password={value}")
    assert SECRET not in str(error.value)


def test_a_common_password_does_not_break_the_command(tmp_path, monkeypatch):
    from hpo_lab import notes

    monkeypatch.setenv("PGPASSWORD", "curso")
    record = {"study_name": "a", "number": 0, "values": [1.0]}
    said = notes.save(record, "postgresql+psycopg://curso@h/x", tmp_path)
    assert "--storage postgresql+psycopg://curso@h/x" in said


@pytest.mark.parametrize("kills", [4])
def test_interruptions_are_not_deaths(kills, database):
    """SIGTERM muchas veces no agota las repeticiones de un trial."""
    study = optuna.create_study(study_name="a", storage=open_storage(database))
    study.enqueue_trial({"x": 0.25})
    body = (
        "trial.suggest_float('x', 0, 1)",
        "os.kill(os.getpid(), 15)",
        "time.sleep(9)",
    )
    for _ in range(kills):
        assert (
            told(database, "a", objective(*body), "--trials", 1, "--retries", 0)[0]
            == 130
        )
    quick = objective("return trial.suggest_float('x', 0, 1)")
    assert told(database, "a", quick, "--trials", 1)[0] == 0
    assert [t.params for t in completed(database, "a")] == [{"x": 0.25}]


def test_sigterm_while_the_server_is_awaited(tmp_path):
    url = "postgresql+psycopg://a@127.0.0.1:9/x"
    process = start(url, "a", 0, *ONE)
    assert "espero hasta" in process.stderr.readline()
    process.terminate()
    code, out, _ = finish(process, timeout=20)
    assert code == 130 and "Interrumpido" in out


def test_sigterm_while_until_waits(tmp_path):
    storage = str(tmp_path / "b.log")
    spec = objective("trial.suggest_float('x', 0, 1)", "time.sleep(60)", "return 1")
    busy = start(storage, "a", spec, "--until", 1, "--create")
    while not existing(storage, "a") or not existing(storage, "a")[0].params:
        time.sleep(0.1)
    waiting = start(storage, "a", spec, "--until", 1)
    wait_for(waiting, "ya están en marcha; espero")
    waiting.terminate()
    assert finish(waiting, timeout=20)[0] == 130
    busy.terminate()
    assert finish(busy, timeout=20)[0] == 130
    assert len(trials_of(storage, "a", "WAITING")) == 1
