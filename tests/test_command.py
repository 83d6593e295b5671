"""El comando del trabajador y las direcciones: ni un traceback, ni una contraseña.

Hypothesis inventa palabras, números y direcciones; nada de esto abre una conexión.
"""

import contextlib
import io
import multiprocessing
import os
import resource
import sqlite3

import optuna
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy.engine import URL

from hpo_lab import command, failures, worker
from hpo_lab.failures import StorageError
from hpo_lab.storage import open_storage

OPTIONS = "objective storage study-name trials until seed heartbeat retries patience"
OPTIONS = [f"--{name}" for name in [*OPTIONS.split(), "tell", "repair"]]
GOOD = {"--objective": "no_existe.py:f", "--storage": "/no/hay.log"}
GOOD |= {"--study-name": "a", "--trials": "1"}
SECRET = "Xk9secreto"


def spoken(arguments):
    """Corre el comando en este proceso; devuelve su código y todo lo que dijo."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        code = worker.main([str(word) for word in arguments])
    return code, out.getvalue()


def words_of(options):
    return [word for pair in options.items() for word in pair]


@given(
    st.lists(
        st.one_of(
            st.sampled_from([*OPTIONS, "--create", "--debug"]),
            st.text(max_size=12),
            st.floats().map(str),
            st.integers().map(str),
            st.just(f"--password={SECRET}"),
            st.just(f"postgresql://a:{SECRET}@h/x"),
        ),
        max_size=8,
    ).filter(lambda words: not {"-h", "--help"} & set(words))
)
@example(["--storage", f"host=h password={SECRET}"])
@example([SECRET])
def test_any_command_is_one_sentence(arguments):
    code, said = spoken(arguments)
    assert code == 2 and SECRET not in said
    if "--debug" not in arguments:
        assert said.count("\n") == 1, said


NUMBERS = ["--trials", "--until", "--seed", "--heartbeat", "--retries", "--patience"]


@pytest.mark.parametrize("option", NUMBERS)
@given(
    value=st.one_of(
        st.text(max_size=9),
        st.sampled_from(["nan", "inf", "-1", "1e400", "4294967296"]),
    )
)
def test_a_bad_number_names_its_option(option, value):
    options = GOOD | {option: value}
    if option == "--until":
        options = {k: v for k, v in options.items() if k != "--trials"}
    code, said = spoken(words_of(options))
    assert code == 2 and said.count("\n") == 1
    fine = "no existe" in said.lower()  # el valor era bueno; falla lo siguiente
    assert fine or option in said or value.startswith("-")


@pytest.mark.parametrize("option", [*NUMBERS, "--objective", "--storage"])
def test_a_missing_value_names_its_option(option):
    options = [word for word in words_of(GOOD)]
    code, said = spoken([*options, option])
    assert code == 2 and f"falta el valor de {option}" in said


@pytest.mark.parametrize("missing", [["--objective"], ["--storage"], ["--study-name"]])
def test_what_is_missing_is_named(missing):
    options = {k: v for k, v in GOOD.items() if k not in missing}
    code, said = spoken(words_of(options))
    assert code == 2 and f"Falta {missing[0]}" in said


@pytest.mark.parametrize("options", [{}, {"--trials": "1", "--until": "1"}])
def test_trials_or_until(options):
    rest = {k: v for k, v in GOOD.items() if k != "--trials"}
    code, said = spoken(words_of(rest | options))
    assert code == 2 and "Se espera --trials o --until" in said


def test_help_is_in_spanish(capsys):
    with pytest.raises(SystemExit) as stop:
        worker.main(["--help"])
    said = capsys.readouterr().out
    assert stop.value.code == 0 and "--study-name" in said and "PGPASSWORD" in said


text = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8)
password = st.text(
    st.sampled_from("abcXYZ019:/?#[]@!$&'()*+,;=%^{}"), min_size=4, max_size=12
)


@settings(max_examples=300)
@given(
    password.map(SECRET.__add__),
    st.sampled_from(
        [
            "postgresql+psycopg://a:{}@h/x",
            "postgresql://a:{}@h:abc/x",
            "postgresql://a@h/x?password={}",
            "postgresql://a@h/x?sslpassword={}",
            "postgresql://a@h/x?sslPassword={}&sslmode=require",
            "postgresql://a@h:abc/x?password={}",
            "postgresql://a@h/x?options=password={}",
            "host=h user=a password={}",
            "'host=h user=a password={}'",
            '"dbname=x password = {}"',
            "user=a host=h PASSWORD={}",
            "postgresql:/a:{}@h/x",
            "a:{}@h/x",
            "://a:{}@127.0.0.1/x",
            "loquesea://a:{}@h",
            "mysql://a:{}@h/x",
        ]
    ),
)
def test_a_password_in_the_address_is_refused_and_never_shown(secret, form):
    with pytest.raises(StorageError) as error:
        open_storage(form.format(secret))
    said = str(error.value)
    assert SECRET not in said and error.value.code == 2
    if "password" in form.lower():
        assert "cámbiala" in said and "PGPASSWORD" in said


@given(text, text, text)
def test_a_clean_address_does_not_lose_its_meaning(user, host, database):
    address = URL.create(
        "postgresql+psycopg", user or "a", None, host or "h", None, database
    )
    shown = failures.redact(address.render_as_string(hide_password=False))
    assert "…" not in shown


@pytest.mark.parametrize(
    "said",
    [
        "could not connect to postgresql://a:{}@h/x",
        "connection to postgresql+psycopg://ana:{}@10.0.0.5:5432/x failed",
        "invalid dsn: host=h password={} user=a",
        "invalid dsn: host=h password='{}' user=a",
        'config {{"password": "{}"}}',
        "PGPASSWORD={} psql",
    ],
)
def test_what_a_library_says_loses_its_secrets(said):
    assert SECRET not in failures.redact(said.format(SECRET))


def test_the_password_of_the_environment_is_never_shown(monkeypatch):
    monkeypatch.setenv("PGPASSWORD", SECRET)
    assert SECRET not in failures.redact(f"se probó con {SECRET}, sin suerte")


@pytest.mark.parametrize(
    "url, code, sentence",
    [
        ("loquesea://x", 2, "No se entiende la dirección 'loquesea://x'"),
        ("postgresql://a@h:abc/x", 2, "No se entiende la dirección 'postgresql://…@h'"),
        ("a-b://a:p@oculta/s@h/x", 2, "trae una contraseña"),
        ("://", 2, "dirección '://';"),
        ("host=h user=a", 2, "Parece una conexión de libpq"),
        ("sqlite:////no/hay/e.db", 2, "su carpeta no existe"),
        ("/no/hay/diario.log", 2, "su carpeta no existe"),
        ("/dev/null/diario.log", 2, "su carpeta no existe"),
        ("/dev", 2, "No se tocó '/dev': es una carpeta"),
        ("sqlite:////dev", 2, "No se tocó '/dev': es una carpeta"),
        (f"sqlite:///{__file__}", 2, "no es de SQLite"),
        ("sqlite://", 2, "en memoria no se comparte"),
        ("sqlite:///:memory:", 2, "en memoria no se comparte"),
        ("oracle://a@h/x", 1, "No module named"),
        ("postgresql+psycopg://a@127.0.0.1:9/x", 1, "El almacén no responde: "),
    ],
)
def test_a_wrong_address_is_one_sentence(url, code, sentence):
    with pytest.raises(StorageError) as error:
        open_storage(url)
    assert sentence in str(error.value) and "\n" not in str(error.value)
    assert error.value.code == code and "oculta" not in str(error.value)


def foreign_database(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE clientes (nombre)")
        db.commit()


def optuna_database(path):
    study = optuna.create_study(storage=f"sqlite:///{path}")
    study.optimize(lambda trial: 0, n_trials=3)


def foreign_wal(path):
    db = sqlite3.connect(path)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("CREATE TABLE clientes (nombre)")
    db.commit()
    return db  # abierta, la tabla está solo en su -wal


ALIEN = {
    "database": (
        "",
        optuna_database,
        "es una base de SQLite: ¿querías decir sqlite:///",
    ),
    "no newline": ("", lambda path: path.write_text("una nota"), "no empieza como"),
    "table": ("", lambda path: path.write_text("x,y\n1,2\n3,"), "no empieza como"),
    "json": ("", lambda path: path.write_text('{"cells": []}'), "no empieza como"),
    "op_code": (
        "",
        lambda path: path.write_text('{"op_code": 99}\n'),
        "no empieza como",
    ),
    "bytes": ("", lambda path: path.write_bytes(bytes(range(256))), "no empieza como"),
    "foreign": ("sqlite:///", foreign_database, "es de otro programa, con la tabla"),
    "wal": ("sqlite:///", foreign_wal, "es de otro programa, con la tabla"),
    "text": ("sqlite:///", lambda path: path.write_text("una nota"), "no es de SQLite"),
    "journal": (
        "sqlite:///",
        lambda path: path.write_text('{"op_code":0,"worker_id":"w"}\n'),
        "es una bitácora: ¿querías decir",
    ),
}


@pytest.mark.parametrize("kind", ALIEN)
def test_a_file_of_others_is_not_touched(kind, tmp_path):
    prefix, make, sentence = ALIEN[kind]
    path = tmp_path / "estudio.db"
    kept = make(path)
    before, names = path.read_bytes(), sorted(tmp_path.iterdir())
    with pytest.raises(StorageError, match="No se tocó") as error:
        open_storage(f"{prefix}{path}")
    assert error.value.code == 2 and sentence in str(error.value)
    assert path.read_bytes() == before and sorted(tmp_path.iterdir()) == names
    if isinstance(kept, sqlite3.Connection):
        kept.close()


WRONG = {
    "no file": "no_existe.py:f",
    "no function": "bueno.py:otra",
    "no colon": "bueno.py",
    "no module": "no_existe.modulo:f",
    "syntax": "roto.py:f",
    "import": "importa.py:f",
    "direction": "bueno.py:direccion",
    "sampler": "muestra.py:f",
    "catch": "atrapa.py:f",
}
FILES = {
    "bueno.py": "def f(trial):\n    return 1\ndireccion = 3\n",
    "roto.py": "def f(:\n",
    "importa.py": "import no_existe_nada\ndef f(trial): return 1\n",
    "muestra.py": "sampler = 3\ndef f(trial): return 1\n",
    "atrapa.py": "catch = 'ValueError'\ndef f(trial): return 1\n",
}


@pytest.mark.parametrize("kind", WRONG)
@pytest.mark.parametrize("storage", ["e.log", "sqlite:///e.db"])
def test_nothing_is_created_by_a_wrong_command(kind, storage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, source in FILES.items():
        (tmp_path / name).write_text(source)
    options = {"--objective": WRONG[kind], "--storage": storage}
    options |= {"--study-name": "a", "--trials": "1"}
    code, said = spoken([*words_of(options), "--create"])
    assert code == 2 and said.count("\n") == 1 and "Traceback" not in said
    created = {p.name for p in tmp_path.iterdir()} - {*FILES, "__pycache__"}
    assert not created


@pytest.mark.parametrize("storage", ["e.log", "sqlite:///e.db"])
def test_without_create_nothing_is_created(storage, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bueno.py").write_text(FILES["bueno.py"])
    options = GOOD | {"--objective": "bueno.py:f", "--storage": storage}
    code, said = spoken(words_of(options))
    assert code == 2 and "no existe; con --create se crea" in said
    created = {p.name for p in tmp_path.iterdir()} - {"bueno.py", "__pycache__"}
    assert not created


@pytest.mark.parametrize("note", ["", "[]", '{"number": 1}', "no json", None])
def test_a_wrong_note_is_one_sentence(note, tmp_path):
    path = tmp_path / "nota.json"
    if note is not None:
        path.write_text(note)
    code, said = spoken(["--tell", path, "--storage", tmp_path / "e.log"])
    assert code == 2 and said.count("\n") == 1 and not (tmp_path / "e.log").exists()


def test_the_sampler_may_be_a_function_of_the_seed():
    def module(**names):
        return type("module", (), {"direction": None, **names})

    found = command.read_settings(module(sampler=optuna.samplers.RandomSampler), 3)
    assert isinstance(found["sampler"], optuna.samplers.RandomSampler)
    ready = optuna.samplers.RandomSampler(0)
    with pytest.raises(command.CommandError, match="función de la semilla"):
        command.read_settings(module(sampler=ready), 3)
    with pytest.raises(command.CommandError, match="'minimize' o 'maximize'"):
        command.read_settings(module(directions=["arriba"]), None)


@pytest.mark.skipif(os.name != "posix", reason="tubos de POSIX")
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
