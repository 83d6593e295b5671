"""El trabajador, como programa aparte, con almacenes y fallas de verdad.

PostgreSQL es un servidor propio en 127.0.0.1. El disco lleno se imita con el límite de
tamaño de archivo del sistema (RLIMIT_FSIZE); el archivo de solo lectura, con permisos.
"""

import multiprocessing
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import optuna
import pytest
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

from course import skip
from hpo_lab.problem import CV, training_half
from hpo_lab.storage import StorageError, open_storage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="señales de POSIX"),
]
WORKER = [sys.executable, "-m", "hpo_lab.worker"]


@pytest.fixture(params=["sqlite", "journal", "postgres"])
def storage(request, tmp_path, monkeypatch):
    """Dirección de un almacén vacío de cada clase."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/estudio.db"
    if request.param == "journal":
        return str(tmp_path / "diario.log")
    return request.getfixturevalue("postgres_url")


def start(storage, name, trials, *options, **popen):
    command = [*WORKER, "--storage", storage, "--study-name", name]
    command += ["--trials", str(trials), *map(str, options)]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, **pipes, **popen)


def finish(process, timeout=120):
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def trials_of(storage, name):
    return optuna.load_study(study_name=name, storage=open_storage(storage)).trials


def completed(storage, name):
    return [t for t in trials_of(storage, name) if t.state.name == "COMPLETE"]


def wait_for(process, line):
    while line not in (said := process.stdout.readline()):
        assert said, process.stderr.read()


def test_four_workers_create_the_same_study_at_once(storage, request):
    name = request.node.name
    four = [start(storage, name, 5, "--create", "--wait", 0.01) for _ in range(4)]
    results = [finish(process) for process in four]
    assert [code for code, _, _ in results] == [0] * 4, results
    numbers = [trial.number for trial in completed(storage, name)]
    assert sorted(numbers) == list(range(20))
    assert "trial 5 de 5" in results[0][1] and not results[0][2]


def test_the_objective_is_the_course_own(tmp_path):
    storage = f"sqlite:///{tmp_path}/e.db"
    code, _, err = finish(start(storage, "svr", 3, "--create", "--seed", 0))
    assert code == 0, err
    for trial in completed(storage, "svr"):
        scores = cross_val_score(SVR(**trial.params), *training_half(), cv=CV)
        assert trial.value == pytest.approx(scores.mean(), abs=1e-9)


@pytest.mark.parametrize(
    "storage, code, sentence",
    [
        ("loquesea://x", 2, "No se entiende la dirección 'loquesea://x'"),
        ("postgresql+psycopg://a:oculta@127.0.0.1/x", 2, "trae una contraseña"),
        ("postgresql+psycopg://a@h/x?password=oculta", 2, "trae una contraseña"),
        ("://a:oculta@127.0.0.1/x", 2, "No se entiende la dirección '://…@127"),
        ("postgresql+psycopg://a@h:abc/x", 2, "No se entiende la dirección"),
        ("postgresql+psycopg://a@127.0.0.1:9/x", 1, "El almacén no responde"),
        ("sqlite:////no/hay/e.db", 1, "No se puede abrir el archivo del almacén"),
        ("/no/hay/diario.log", 1, "No existe la carpeta del almacén"),
    ],
)
def test_a_wrong_address_is_one_sentence(storage, code, sentence):
    got, out, err = finish(start(storage, "svr", 1))
    assert got == code and sentence in err and err.count("\n") == 1
    assert "oculta" not in out + err


@pytest.mark.parametrize(
    "url, sentence",
    [
        ("postgresql+psycopg://a@h/x?sslPassword=oculta", "trae una contraseña"),
        ("postgresql://a@h:abc/x?password=oculta", "dirección 'postgresql://…@h';"),
        ("a-b://h/x?password=oculta", "dirección 'a-b://h';"),
        ("a-b://a@h/x?password=p@oculta", "dirección 'a-b://';"),
        ("a-b://a:p/oculta@h/x", "dirección 'a-b://';"),
        ("a-b://a:p@oculta/s@h/x", "dirección 'a-b://';"),
        ("://", "dirección '://';"),
        ("/dev/null/diario.log", "No existe la carpeta del almacén"),
        ("/dev", "No se tocó '/dev': es una carpeta; se espera un archivo"),
        ("sqlite:////dev", "No se tocó '/dev': es una carpeta; se espera un archivo"),
        (f"sqlite:///{__file__}", "Ese archivo no es una base de SQLite"),
    ],
)
def test_an_address_never_shows_a_password(url, sentence):
    with pytest.raises(StorageError) as error:
        open_storage(url)
    assert sentence in str(error.value) and "oculta" not in str(error.value)


@pytest.mark.parametrize("kind", ["", "sqlite:///"])
@pytest.mark.parametrize("path", ["tubo", "enlace", "/dev/zero"])
def test_what_is_not_a_file_is_refused_without_reading_it(kind, path, tmp_path):
    os.mkfifo(tmp_path / "tubo")
    (tmp_path / "enlace").symlink_to("tubo")
    process = multiprocessing.get_context("fork").Process(
        target=expect_no_file, args=(f"{kind}{tmp_path / path}",)
    )
    process.start()
    process.join(5)
    code = process.exitcode
    process.kill()
    assert code == 0 and len(list(tmp_path.iterdir())) == 2


def expect_no_file(url):
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))
    with pytest.raises(StorageError, match="no es un archivo común"):
        open_storage(url)


def test_a_missing_study_names_those_that_exist(storage, request):
    name = request.node.name
    assert finish(start(storage, name, 1, "--create", "--wait", 0))[0] == 0
    code, _, err = finish(start(storage, "ausente", 1))
    assert code == 1 and err.startswith("No hay un study 'ausente'") and name in err


def test_a_wrong_password_is_never_echoed(postgres_url):
    env = os.environ | {"PGPASSWORD": "contraseña_equivocada"}
    code, out, err = finish(start(postgres_url, "svr", 1, env=env))
    assert code == 1 and "rechazó el usuario o la contraseña" in err
    assert "equivocada" not in out + err and err.count("\n") == 1


def test_help_and_wrong_options():
    run = subprocess.run([*WORKER, "--help"], capture_output=True, text=True)
    assert run.returncode == 0 and "--study-name" in run.stdout
    code, _, err = finish(start("sqlite://", "svr", 0))
    assert code == 2 and "--trials debe ser 1 o más; se recibió 0" in err
    code, _, err = finish(start("sqlite://", "svr", 1, "--seed", -1))
    assert code == 2 and "--seed debe ser 0 o más; se recibió -1" in err


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_trial_is_marked(sign, storage, request):
    name = request.node.name
    process = start(storage, name, 50, "--create", "--wait", 1)
    wait_for(process, "trial 1 de 50")
    time.sleep(0.5)
    process.send_signal(sign)
    code, out, err = finish(process, timeout=20)
    assert code == 130 and "Interrumpido" in out and not err
    states = [trial.state.name for trial in trials_of(storage, name)]
    assert states.count("FAIL") == 1 and set(states) == {"COMPLETE", "FAIL"}


@pytest.mark.parametrize("storage", ["sqlite", "postgres"], indirect=True)
def test_a_killed_worker_loses_nothing(storage, request):
    """3 muertes sobre 9 trials: quedan 9 completos y cada uno perdido se repite."""
    name, kills, wanted = request.node.name, 3, 9
    options = ("--create", "--heartbeat", 1)
    for _ in range(kills):
        process = start(storage, name, wanted, *options, "--wait", 0.4)
        wait_for(process, "trial 1 de")
        time.sleep(0.2)
        process.kill()
        finish(process)
    time.sleep(2.5)
    missing = wanted - len(completed(storage, name))
    while missing:
        code, _, err = finish(start(storage, name, missing, *options, "--wait", 0.01))
        assert code == 0, err
        missing = wanted - len(completed(storage, name))
    trials = trials_of(storage, name)
    assert len(completed(storage, name)) == wanted
    lost = [trial for trial in trials if trial.state.name == "FAIL"]
    assert lost and not [t for t in trials if t.state.name == "RUNNING"]
    history = optuna.storages.RetryHeartbeatStaleTrialCallback.retry_history
    again = {number: t.params for t in trials for number in history(t)}
    for trial in lost:
        if trial.params:
            assert again[trial.number] == trial.params


@pytest.mark.full
def test_a_worker_that_slept_goes_on(tmp_path):
    """Detenido más que el plazo, otro repite su trial; al despertar no lo cuenta."""
    storage = f"sqlite:///{tmp_path}/e.db"
    options = ("--create", "--heartbeat", 1)
    asleep = start(storage, "svr", 3, *options, "--wait", 0.5)
    wait_for(asleep, "trial 1 de 3")
    time.sleep(0.2)
    asleep.send_signal(signal.SIGSTOP)
    time.sleep(3)
    assert finish(start(storage, "svr", 2, *options, "--wait", 0.01))[0] == 0
    asleep.send_signal(signal.SIGCONT)
    code, _, err = finish(asleep)
    assert code == 0 and "Traceback" not in err, err
    assert len(completed(storage, "svr")) == 5


@pytest.mark.full
def test_postgres_may_die_while_workers_run(postgres, postgres_url, request):
    name = request.node.name
    options = ("--create", "--wait", 0.2, "--heartbeat", 1)
    slow = start(postgres_url, name, 2, "--create", "--wait", 6, "--heartbeat", 1)
    both = [start(postgres_url, name, 20, *options) for _ in range(2)]
    for process in both:
        wait_for(process, "trial 2 de 20")
    before = {t.number for t in completed(postgres_url, name)}
    postgres.kill()
    time.sleep(2)
    postgres.start()
    results = [finish(process) for process in [*both, slow]]
    assert [code for code, _, _ in results] == [0, 0, 0], results
    said = "".join(err for _, _, err in results)
    assert "espero" in said and "Traceback" not in said, said
    after = completed(postgres_url, name)
    assert before <= {t.number for t in after} and len(after) == 42


@pytest.mark.full
def test_a_server_that_does_not_come_back_ends_with_one_sentence(
    own_postgres, monkeypatch
):
    monkeypatch.setenv("PGPASSWORD", own_postgres.password)
    options = ("--create", "--wait", 0.1, "--patience", 2)
    process = start(own_postgres.url, "svr", 50, *options)
    wait_for(process, "trial 1 de 50")
    own_postgres.stop()
    code, _, err = finish(process, timeout=60)
    assert code == 1 and err.endswith(
        "El almacén no responde; revisa la dirección y que esté en marcha.\n"
    )


def limit_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))


@pytest.mark.parametrize("storage", ["sqlite", "journal"], indirect=True)
def test_a_full_disk_keeps_what_was_written(storage, request):
    name = request.node.name
    assert finish(start(storage, name, 5, "--create", "--wait", 0))[0] == 0
    process = start(storage, name, 100_000, "--wait", 0, preexec_fn=limit_files)
    code, _, err = finish(process)
    assert code == 1 and "el disco está lleno" in err and err.count("\n") == 1
    kept = completed(storage, name)
    assert len(kept) > 5
    assert finish(start(storage, name, 2, "--wait", 0))[0] == 0
    assert len(completed(storage, name)) == len(kept) + 2


@pytest.mark.parametrize("storage", ["sqlite", "journal"], indirect=True)
def test_a_read_only_file_is_one_sentence(storage, request, tmp_path):
    name = request.node.name
    assert finish(start(storage, name, 5, "--create", "--wait", 0))[0] == 0
    prefix = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    if os.geteuid() == 0 and not shutil.which("setpriv"):
        skip("root escribe donde sea y no hay setpriv para impedirlo")
    for path in tmp_path.iterdir():
        path.chmod(0o444)
    tmp_path.chmod(0o555)
    command = [*(prefix if os.geteuid() == 0 else []), *WORKER]
    command += ["--storage", storage, "--study-name", name, "--trials", "1"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=120)
    tmp_path.chmod(0o755)
    assert run.returncode == 1 and run.stderr.startswith("No se puede escribir en el")
    assert len(completed(storage, name)) == 5


def make_database(path):
    study = optuna.create_study(storage=f"sqlite:///{path}")
    study.optimize(lambda trial: 0, n_trials=3)


ALIEN = {
    "sqlite": (make_database, "es una base de SQLite: ¿querías decir sqlite:///"),
    "no newline": (lambda path: path.write_text("una nota"), "no empieza como"),
    "table": (lambda path: path.write_text("x,y\n1,2\n3,"), "no empieza como"),
    "json": (lambda path: path.write_text('{"cells": []}'), "no empieza como"),
    "op_code": (lambda path: path.write_text('{"op_code": 1}\n{'), "no empieza como"),
    "bytes": (lambda path: path.write_bytes(bytes(range(256))), "no empieza como"),
}


@pytest.mark.parametrize("kind", ALIEN)
def test_a_file_that_is_not_a_journal_is_not_touched(kind, tmp_path):
    make, sentence = ALIEN[kind]
    path = tmp_path / "estudio.db"
    make(path)
    before, names = path.read_bytes(), sorted(tmp_path.iterdir())
    code, out, err = finish(start(str(path), "svr", 1, "--create", "--wait", 0))
    assert code == 2 and sentence in err and err.count("\n") == 1 and not out
    assert path.read_bytes() == before and sorted(tmp_path.iterdir()) == names


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_truncated_journal_goes_on(cut, tmp_path):
    path = tmp_path / "diario.log"
    assert finish(start(str(path), "svr", 5, "--create", "--wait", 0))[0] == 0
    path.write_bytes(path.read_bytes()[:-cut])
    assert finish(start(str(path), "svr", 3, "--wait", 0))[0] == 0
    kept = completed(str(path), "svr")
    assert len(kept) == 7


HEAD = '{"op_code":0,"worker_id":"'
STUDY = HEAD + 'w","study_name":"svr","directions":[2]}\n'


@pytest.mark.parametrize(
    "text, sentence",
    [
        (HEAD + "una nota", "no empieza como"),
        ('{"op_code":\n', "no empieza como"),
        (HEAD + '1"}\n{"op', "una línea rota"),
        (STUDY + '{"op_code":99}\n{"op', "una línea rota"),
        (STUDY + "[1]\n", "una línea rota"),
        (STUDY + "{\n" + STUDY, "una línea rota"),
        (STUDY + '{"op_co\n', "una línea rota"),
    ],
)
def test_a_broken_journal_is_not_touched(text, sentence, tmp_path):
    path = tmp_path / "diario.log"
    path.write_text(text)
    with pytest.raises(StorageError, match=sentence) as error:
        open_storage(str(path))
    assert error.value.code == 2 and str(error.value).startswith("No se tocó")
    assert path.read_text() == text and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("size", [0, 1, 9, 11, 12, 13, 26, 30, 34, 35, 70, -1])
def test_a_journal_cut_in_its_first_line_begins_again(size, tmp_path):
    path = tmp_path / "diario.log"
    optuna.create_study(study_name="otro", storage=open_storage(str(path)))
    path.write_bytes(path.read_bytes().splitlines(keepends=True)[0][:size])
    study = optuna.create_study(study_name="svr", storage=open_storage(str(path)))
    study.optimize(lambda trial: 0, n_trials=2)
    assert len(completed(str(path), "svr")) == 2


@pytest.mark.parametrize(
    "cut", ['{"op_code": ', '{"op_code": 0, ', '{"op_code": 0, "wor']
)
def test_a_cut_line_may_have_spaces(cut, tmp_path):
    path = tmp_path / "diario.log"
    path.write_text(cut)
    optuna.create_study(study_name="svr", storage=open_storage(str(path)))
    assert not trials_of(str(path), "svr")
