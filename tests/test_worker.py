"""El trabajador, como programa aparte, con almacenes, muertes y discos de verdad.

PostgreSQL es un servidor propio en 127.0.0.1. El disco lleno es un tmpfs pequeño donde
se puede montar; donde no, el límite de tamaño de archivo del sistema (RLIMIT_FSIZE).
"""

import os
import signal
import time

import optuna
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

from hpo_lab.command import has_study
from hpo_lab.problem import CV, training_half
from hpo_lab.storage import open_storage
from workers import (
    MARKS,
    completed,
    existing,
    finish,
    objective_file,
    run,
    start,
    told,
    trials_of,
    wait_for,
)

pytestmark = MARKS
history = optuna.storages.RetryHeartbeatStaleTrialCallback.retry_history


def test_four_workers_create_the_same_study_at_once(storage, request):
    name = request.node.name
    options = ("--trials", 5, "--create")
    four = [start(storage, name, 0.01, *options) for _ in range(4)]
    results = [finish(process) for process in four]
    assert [code for code, _, _ in results] == [0] * 4, results
    numbers = [trial.number for trial in completed(storage, name)]
    assert sorted(numbers) == list(range(20))
    assert "trial 5 de 5" in results[0][1] and not results[0][2]
    assert "Terminó: 5 completos, 0 fallidos, 0 podados." in results[0][1]


def test_the_lesson_objective_is_the_course_own(tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    options = ("--trials", 3, "--create", "--seed", 0)
    code, _, err = told(storage, "svr", "hpo_lab.objectives:svr", *options)
    assert code == 0, err
    for trial in completed(storage, "svr"):
        scores = cross_val_score(SVR(**trial.params), *training_half(), cv=CV)
        assert trial.value == pytest.approx(scores.mean(), abs=1e-9)


def test_every_trial_says_who_ran_it(storage, request):
    process = start(storage, request.node.name, 0.1, "--trials", 2, "--create")
    assert finish(process)[0] == 0
    for trial in completed(storage, request.node.name):
        attrs = trial.user_attrs
        assert attrs["process"] == process.pid and attrs["host"]
        assert 0.1 <= attrs["seconds"] < 5 and attrs["worker_version"]


FULL = pytest.mark.full


@pytest.mark.parametrize(
    "workers, until",
    [(3, 5), pytest.param(4, 2, marks=FULL), pytest.param(1, 5, marks=FULL)],
)
def test_until_is_never_passed(workers, until, storage, request):
    name = request.node.name
    options = ("--until", until, "--create")
    several = [start(storage, name, 0.05, *options) for _ in range(workers)]
    results = [finish(process) for process in several]
    assert [code for code, _, _ in results] == [0] * workers, results
    assert len(completed(storage, name)) == until
    assert not trials_of(storage, name, "RUNNING")
    code, out, _ = told(storage, name, 0, "--until", until)
    assert code == 0 and "Terminó: 0 completos" in out
    assert len(completed(storage, name)) == until


@pytest.mark.parametrize("storage", ["sqlite", "journal"], indirect=True)
def test_until_does_not_wait_for_the_dead(storage, request):
    name = request.node.name
    options = ("--until", 3, "--create", "--heartbeat", 1)
    process = start(storage, name, 30, *options, stdout=None)
    while not [t for t in existing(storage, name, "RUNNING") if len(t.params) == 2]:
        time.sleep(0.1)
    time.sleep(0.3)
    process.kill()
    process.wait()
    code, _, err = told(storage, name, 0.01, *options)
    assert code == 0, err
    assert len(completed(storage, name)) == 3


# Lo que el objetivo hace mal, y cómo se cuenta.
BAD = {
    "nan": ("return float('nan')", 3, "devolvió nan y se espera un número"),
    "none": ("return None", 3, "devolvió None y se espera un número"),
    "text": ("return 'mucho'", 3, "devolvió mucho y se espera un número"),
    "two values": ("return 1, 2", 3, "devolvió 2 valores y el study espera 1"),
    "missing file": ("open('/no/hay')", 3, "El objetivo falló en mi_modelo.py:3: File"),
    "connection": ("raise ConnectionError('oh')", 3, "mi_modelo.py:3: ConnectionError"),
    "key": ("raise KeyError('x')", 3, "mi_modelo.py:3: KeyError: 'x'"),
    "deep": ("import json; json.loads('{')", 3, "mi_modelo.py:3: JSONDecodeError"),
    "sys.exit": ("raise SystemExit", 3, "el objetivo lanzó SystemExit"),
    "database": (
        "import sqlite3; sqlite3.connect('/no/hay/x.db')",
        3,
        "mi_modelo.py:3: OperationalError: unable to open",
    ),
    "secret": ("raise OSError('postgresql://a:oculta@h')", 3, "postgresql://a:…@h"),
    "distribution": (
        "trial.suggest_categorical('x', ['a'])",
        3,
        "mi_modelo.py:3: ValueError",
    ),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_bad_objective_is_its_own_fault(kind, tmp_path):
    body, expected, sentence = BAD[kind]
    storage = f"sqlite:///{tmp_path}/e.db"
    assert told(storage, "a", 0, "--trials", 1, "--create")[0] == 0
    text = f"direction = 'maximize'\ndef objective(trial):\n    {body}\n"
    code, out, err = told(storage, "a", objective_file(text), "--trials", 2)
    assert code == expected and sentence in err and "Traceback" not in err
    assert "oculta" not in out + err and len(completed(storage, "a")) == 1
    assert "trial 1 de 2" not in out and not trials_of(storage, "a", "RUNNING")


CAUGHT = """
direction = "maximize"
catch = {}
def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    if trial.number in (1, 2):
        raise ValueError("malo")
    return x
"""


@pytest.mark.parametrize("catch", ["ValueError", "(KeyError, ValueError)", "Exception"])
def test_a_failed_trial_is_not_counted(catch, tmp_path):
    spec, storage = objective_file(CAUGHT.format(catch)), f"{tmp_path}/b.log"
    code, out, err = told(storage, "a", spec, "--trials", 4, "--create")
    assert code == 0 and "Terminó: 4 completos, 2 fallidos, 0 podados." in out
    assert err.count("\n") == 2 and "fallido: ValueError: malo" in err
    assert len(completed(storage, "a")) == 4


PRUNED = """
import optuna
direction = "minimize"
pruner = optuna.pruners.ThresholdPruner(upper=0.5)
def sampler(seed):
    return optuna.samplers.RandomSampler(seed)
def objective(trial):
    trial.suggest_float("x", 0, 1)
    trial.report(trial.number % 2, 0)
    if trial.should_prune():
        raise optuna.TrialPruned
    return 0
"""


def test_the_file_names_the_sampler_and_the_pruner(tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    spec = objective_file(PRUNED)
    options = ("--trials", 4, "--create", "--seed", 5)
    code, out, err = told(storage, "a", spec, *options)
    assert code == 0 and "2 completos, 0 fallidos, 2 podados." in out, err
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(5))
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=4)
    params = [trial.params for trial in trials_of(storage, "a")]
    assert params == [trial.params for trial in study.trials]


TWO = """
directions = ["maximize", "minimize"]
def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    return x, x
"""


def test_several_directions(tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    code, _, err = told(storage, "a", objective_file(TWO), "--trials", 3, "--create")
    assert code == 0, err
    assert all(len(trial.values) == 2 for trial in completed(storage, "a"))


@pytest.mark.parametrize("directions", [["minimize"], ["maximize"] * 2])
def test_a_study_of_other_directions_is_refused(directions, storage, request):
    name = request.node.name
    created = open_storage(storage)
    optuna.create_study(study_name=name, storage=created, directions=directions)
    code, _, err = told(storage, name, 0, "--trials", 1)
    assert code == 2 and "no coinciden" in err and err.count("\n") == 1
    assert not trials_of(storage, name)


def test_a_package_is_found_in_the_working_folder(tmp_path):
    package = tmp_path / "paquete"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "modulo.py").write_text("def funcion(trial):\n    return 1\n")
    command = ["--objective", "paquete.modulo:funcion", "--storage", "e.log"]
    command += ["--study-name", "a", "--trials", 1, "--create"]
    assert run(*command, cwd=tmp_path)[0] == 0
    assert len(completed(str(tmp_path / "e.log"), "a")) == 1


def test_a_missing_study_names_those_that_exist(storage, request):
    name = request.node.name
    assert told(storage, name, 0, "--trials", 1, "--create")[0] == 0
    code, _, err = told(storage, "ausente", 0, "--trials", 1)
    assert code == 1 and err.startswith("No hay un study 'ausente'") and name in err


def test_a_deleted_study_is_one_sentence(storage, request, tmp_path):
    name = request.node.name
    options = ("--trials", 50, "--create")
    process = start(storage, name, 0.3, *options, cwd=tmp_path)
    wait_for(process, "trial 1 de 50")
    opened = open_storage(storage)
    # Si en ese instante nace un trial, Optuna deshace el borrado y no lo dice.
    while has_study(opened, name):
        optuna.delete_study(study_name=name, storage=opened)
    code, _, err = finish(process, timeout=60)
    assert code in (1, 3) and "Traceback" not in err and err.count("\n") == 1, err


def test_a_wrong_password_is_never_echoed(postgres_url):
    env = os.environ | {"PGPASSWORD": "contraseña_equivocada"}
    code, out, err = finish(start(postgres_url, "a", 0, "--trials", 1, env=env))
    assert code == 1 and 'password authentication failed for user "curso"' in err
    assert "equivocada" not in out + err and err.count("\n") == 1


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_trial_goes_back_to_the_queue(sign, storage, request):
    name = request.node.name
    process = start(storage, name, 1, "--trials", 50, "--create")
    wait_for(process, "trial 1 de 50")
    time.sleep(0.5)
    process.send_signal(sign)
    code, out, err = finish(process, timeout=20)
    assert code == 130 and "Interrumpido" in out and not err
    (cut,) = trials_of(storage, name, "FAIL")
    assert f"El trial {cut.number} vuelve a la cola." in out
    assert told(storage, name, 0, "--trials", 1)[0] == 0
    again = completed(storage, name)[-1]
    assert again.params == cut.params
    assert again.system_attrs["given_back"] == cut.number and not history(again)
    assert not trials_of(storage, name, "RUNNING")


def test_an_enqueued_trial_that_is_cut_is_not_lost(tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    text = WAIT_FIRST
    study = optuna.create_study(
        study_name="a", storage=open_storage(storage), direction="maximize"
    )
    study.enqueue_trial({"x": 0.25})
    process = start(storage, "a", objective_file(text), "--trials", 1)
    while not trials_of(storage, "a", "RUNNING"):
        time.sleep(0.1)
    time.sleep(0.5)
    process.terminate()
    assert finish(process)[0] == 130
    quick = text.replace("sleep(30)", "sleep(0)")
    assert told(storage, "a", objective_file(quick), "--trials", 1)[0] == 0
    assert completed(storage, "a")[0].params == {"x": 0.25}


WAIT_FIRST = """
import time
direction = "maximize"
def objective(trial):
    time.sleep(30)
    return trial.suggest_float("x", 0, 1)
"""
