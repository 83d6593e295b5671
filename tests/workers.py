"""Lo que comparten las pruebas del trabajador: lanzarlo, esperarlo y leer su study."""

import contextlib
import io
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import optuna
import pytest

from hpo_lab import worker
from hpo_lab.failures import StorageError
from hpo_lab.storage import open_storage

MARKS = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="señales de POSIX"),
]
OBJECTIVES = tempfile.TemporaryDirectory(prefix="objetivos_")  # se borra al terminar
WORKER = [sys.executable, "-m", "hpo_lab.worker"]
WAIT = """
import time
direction = "maximize"
def objective(trial):
    x, y = trial.suggest_float("x", -1, 1), trial.suggest_float("y", -1, 1)
    time.sleep({})
    return -x * x - y * y
"""


def objective_file(text):
    """Escribe un objetivo en un archivo; devuelve lo que va en ``--objective``."""
    folder = tempfile.mkdtemp(dir=OBJECTIVES.name)
    path = Path(folder, "mi_modelo.py")
    path.write_text(text, "utf-8")
    return f"{path}:objective"


def waits(seconds):
    """Un objetivo que espera esos segundos."""
    return objective_file(WAIT.format(seconds))


def start(storage, name, objective, *options, **popen):
    """Lanza un trabajador; `objective` puede ser un texto o los segundos que espera."""
    if not isinstance(objective, str):
        objective = waits(objective)
    command = [*WORKER, "--storage", storage, "--study-name", name]
    command += ["--objective", objective, *map(str, options)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes | popen)


def finish(process, timeout=120):
    """Espera a que termine; devuelve su código y lo que dijo."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def run(*arguments, **options):
    """Corre el trabajador con esas palabras."""
    options = {"capture_output": True, "text": True, "timeout": 120} | options
    done = subprocess.run([*WORKER, *map(str, arguments)], **options)
    return done.returncode, done.stdout, done.stderr


def spoken(*arguments):
    """Corre el trabajador en este proceso, que no paga el arranque de Python."""
    out, err = io.StringIO(), io.StringIO()
    kept = {sign: signal.getsignal(sign) for sign in (signal.SIGINT, signal.SIGTERM)}
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = worker.main([str(word) for word in arguments])
    finally:
        for sign, handler in kept.items():
            signal.signal(sign, handler)
    return code, out.getvalue(), err.getvalue()


def freeze(process, storage):
    """Lo detiene (SIGSTOP) cuando no tiene tomada la base de SQLite.

    Si la tuviera tomada al detenerse, como una vez de cada doscientas, nadie más podría
    escribir en ella y los demás trabajadores se rendirían, con razón.
    """
    path = storage.removeprefix("sqlite:///")
    for _ in range(20):
        process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)
        with contextlib.closing(sqlite3.connect(path, 0, isolation_level=None)) as base:
            try:
                base.execute("BEGIN IMMEDIATE")
                return
            except sqlite3.OperationalError:
                process.send_signal(signal.SIGCONT)
                time.sleep(0.1)
    raise AssertionError("la base nunca quedó libre")


def told(storage, name, objective, *options):
    """Lo mismo, con el almacén, el study y el objetivo."""
    if not isinstance(objective, str):
        objective = waits(objective)
    where = ("--storage", storage, "--study-name", name, "--objective", objective)
    return spoken(*where, *options)


def trials_of(storage, name, state=None):
    """Los trials de un study, o solo los de un estado."""
    trials = optuna.load_study(study_name=name, storage=open_storage(storage)).trials
    return [trial for trial in trials if state in (None, trial.state.name)]


def existing(storage, name, state=None):
    """Lo mismo; ninguno si otro proceso aún no crea el study."""
    try:
        return trials_of(storage, name, state)
    except (KeyError, StorageError):
        return []


def completed(storage, name):
    """Los trials completos de un study."""
    return trials_of(storage, name, "COMPLETE")


def wait_for(process, line):
    """Lee la salida de un trabajador hasta esa línea."""
    while line not in (said := process.stdout.readline()):
        assert said, process.stderr.read()


def is_alive(pid):
    """Dice si existe ese proceso."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
