"""Los almacenes (*storage*) de un study compartido: abrirlos y llenarlos."""

from __future__ import annotations

import json
import os
import random
import re
import time
import warnings
from collections import deque
from contextlib import suppress

import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)

# Sin esto, una red que se corta sin avisar detendría al trabajador sin límite.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}


class StorageError(Exception):
    """Algo que impide usar un almacén, dicho en una frase; `code` es el de salida."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def open_storage(url: str, heartbeat: int = 60) -> JournalStorage | RDBStorage:
    """Abre un almacén: la dirección de una base de datos o la ruta de una bitácora.

    Parameters
    ----------
    url : str
        ``sqlite:///archivo.db``, ``postgresql+psycopg://usuario@servidor/base`` o la
        ruta de una bitácora, un archivo para `JournalStorage`.
    heartbeat : int
        Cada cuántos segundos avisa un trabajador de que sigue vivo. Si calla el doble,
        otro da su trial por perdido y lo repite, así que conviene que todos usen el
        mismo valor. La bitácora no lo tiene.

    Raises
    ------
    StorageError
        Si la dirección no se entiende o trae una contraseña, si el archivo no es una
        bitácora o si el almacén no responde.
    """
    try:
        if "://" not in url:
            return _open_journal(url)
        parts = parse_url(url)
        server = parts.get_backend_name() != "sqlite"
        if not server:
            _check_is_file(parts.database or "")
        options = {"pool_pre_ping": True} if server else {}
        options["connect_args"] = NETWORK if server else {"timeout": 30}
        for _ in range(9):
            try:
                return _open_database(url, options, heartbeat)
            except (IntegrityError, OperationalError, ProgrammingError) as error:
                # Otro trabajador crea las tablas en este mismo momento.
                if not re.search("already exists|unique|duplicate", str(error).lower()):
                    raise
                time.sleep(random.uniform(0.1, 0.6))
        return _open_database(url, options, heartbeat)
    except (ArgumentError, ValueError):
        raise _unclear(url) from None
    except (*STORAGE_ERRORS, ImportError) as error:
        raise StorageError(reason(error)) from None


def parse_url(url: str) -> URL:
    """Lee la dirección de una base de datos, que no debe traer la contraseña.

    Raises
    ------
    StorageError
        Si no se entiende o trae una contraseña.
    """
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise _unclear(url) from None
    if parts.password or "password" in " ".join(parts.query).lower():
        raise StorageError(
            "La dirección trae una contraseña, que otros verían en la lista de "
            "procesos; ponla en la variable PGPASSWORD o en ~/.pgpass.",
            code=2,
        )
    return parts


def _unclear(url: str) -> StorageError:
    # Solo el comienzo y el servidor, si no hay duda de cuál es: lo demás puede traer un
    # pedazo de contraseña.
    start = re.match(r"[\w+.-]*://((?:[^/?#@]*@)?[\w.-]*(?=[^@]*\Z))?", url)
    shown = re.sub("[^/]*@", "…@", start[0]) if start else "…"
    return StorageError(
        f"No se entiende la dirección {shown!r}; se espera sqlite:///archivo.db, "
        "postgresql+psycopg://usuario@servidor/base o la ruta de un archivo.",
        code=2,
    )


STORAGE_ERRORS = (optuna.exceptions.StorageInternalError, SQLAlchemyError, OSError)
SENTENCES = {
    "password authentication failed": "El servidor rechazó el usuario o la contraseña; "
    "revisa PGPASSWORD o ~/.pgpass.",
    "no password supplied": "El servidor pide una contraseña; ponla en PGPASSWORD o en "
    "~/.pgpass.",
    "rejects connection": "El servidor no deja entrar a ese usuario por ese camino; "
    "revisa la base de datos y sslmode.",
    "certificate": "El servidor no mostró el certificado esperado; revisa sslrootcert.",
    "readonly": "No se puede escribir en el almacén: es de solo lectura.",
    "read-only": "No se puede escribir en el almacén: es de solo lectura.",
    "permission denied": "No se puede escribir en el almacén: falta permiso.",
    "is full": "No se puede escribir en el almacén: el disco está lleno.",
    "no space left": "No se puede escribir en el almacén: el disco está lleno.",
    "file too large": "No se puede escribir en el almacén: el disco está lleno.",
    "disk i/o error": "No se puede escribir en el almacén: el disco está lleno.",
    "unable to open": "No se puede abrir el archivo del almacén.",
    "not a database": "Ese archivo no es una base de SQLite.",
    "no such file": "No existe la carpeta del almacén.",
    "not a directory": "No existe la carpeta del almacén.",
    "does not exist": "El servidor respondió, pero esa base de datos o ese usuario no "
    "existe.",
    "no module named": "Falta el controlador (driver) de esa base de datos; instala "
    "psycopg[binary].",
}


def reason(error: BaseException) -> str:
    """Una frase en español para un error del almacén; nunca repite la contraseña."""
    if isinstance(error, StorageError):
        return str(error)
    said = " ".join(str(cause).lower() for cause in causes(error))
    found = (text for key, text in SENTENCES.items() if key in said)
    return next(
        found, "El almacén no responde; revisa la dirección y que esté en marcha."
    )


def causes(error: BaseException | None):
    """Recorre un error y los que lo causaron.

    Si el almacén falla al anotar, Optuna tapa ese error con uno propio.
    """
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


class _Database(RDBStorage):
    def record_heartbeat(self, trial_id: int) -> None:
        # Un aviso perdido no importa; uno que falla detendría el hilo que los manda.
        with suppress(*STORAGE_ERRORS):
            super().record_heartbeat(trial_id)


def _open_database(url: str, options: dict, heartbeat: int) -> RDBStorage:
    return _Database(
        url,
        engine_kwargs=options,
        heartbeat_interval=heartbeat,
        grace_period=2 * heartbeat,
        heartbeat_stale_trial_callback=RetryHeartbeatStaleTrialCallback(),
    )


def _check_is_file(path: str) -> None:
    """Rehúsa, sin abrirlo, lo que no es un archivo: leerlo podría no acabar."""
    if os.path.exists(path) and not os.path.isfile(path):
        looks = "es una carpeta" if os.path.isdir(path) else "no es un archivo común"
        raise StorageError(f"No se tocó {path!r}: {looks}; se espera un archivo", 2)


RECORD = b'{"op_code":0,"worker_id":"'  # así empieza cada línea de una bitácora


def _check_is_journal(path: str) -> None:
    """Rehúsa un archivo que no empieza como una bitácora, sin tocarlo."""
    with open(path, "rb") as file:
        line = file.readline(100_000)
    start = re.sub(rb"(?<=[:,]) ", b"", line[:64])
    start = re.sub(rb"\d\d?", b"0", start, count=1)
    if line.endswith(b"\n"):
        good = start.startswith(RECORD)
    else:  # está vacío, o una muerte cortó la primera línea
        cut = re.match(RECORD + rb"[0-9a-f]{0,8}(-|\Z)", start)
        good = cut or RECORD.startswith(start)
    if good:
        return
    looks = "no empieza como una bitácora"
    if line.startswith(b"SQLite format 3\0"):
        looks = f"es una base de SQLite: ¿querías decir sqlite:///{path}?"
    raise StorageError(f"No se tocó {path!r}: {looks}", code=2)


def _open_journal(path: str) -> JournalStorage:
    _check_is_file(path)
    if os.path.exists(path):
        _check_is_journal(path)
    lock = JournalFileOpenLock(path)
    try:
        storage = JournalStorage(JournalFileBackend(path, lock_obj=lock))
        last = _last_line(path)
        if last.endswith(b"\n"):
            json.loads(last)  # si está rota, Optuna no lo dice hasta que haya otra
    except OSError:
        raise
    except Exception:  # cada línea rota falla a su manera
        raise StorageError(
            f"No se tocó {path!r}: empieza como una bitácora, pero trae una línea rota",
            code=2,
        ) from None
    # Si una muerte cortó la última línea, lo que se escriba después se pegaría a ella y
    # la bitácora entera dejaría de leerse.
    if last and not last.endswith(b"\n"):
        lock.acquire()
        try:
            if not (last := _last_line(path)).endswith(b"\n"):
                os.truncate(path, os.path.getsize(path) - len(last))
        finally:
            lock.release()
    return storage


def _last_line(path: str) -> bytes:
    with open(path, "rb") as file:
        return b"".join(deque(file, maxlen=1))


COPY_TRIALS = """
INSERT INTO trials (number, study_id, state, datetime_start, datetime_complete)
SELECT number + :shift, study_id, state, datetime_start, datetime_complete
FROM trials WHERE study_id = :study AND number < :n
"""
COPY_ROWS = """
INSERT INTO {table} (trial_id, {columns}) SELECT new.trial_id, {columns} FROM {table}
JOIN trials old USING (trial_id)
JOIN trials new ON new.study_id = old.study_id AND (new.number - :end) % :n = old.number
WHERE old.study_id = :study AND old.number < :n AND new.number >= :end
"""
COLUMNS = {
    "trial_params": "param_name, param_value, distribution_json",
    "trial_values": "objective, value, value_type",
}


def add_copies(
    storage: optuna.storages.BaseStorage, study_name: str, times: int, n: int = 20
) -> None:
    """Agrega a un study `times` copias de sus primeros `n` trials, que están completos.

    En una base de datos las copia tabla por tabla, sin pasar por Optuna, que tardaría
    minutos en guardar miles de trials.

    Raises
    ------
    ValueError
        Si el study tiene menos de `n` trials.
    """
    study = optuna.load_study(study_name=study_name, storage=storage)
    end = len(study.trials)
    if end < n:
        raise ValueError(f"El study debe tener {n} trials o más; tiene {end}.")
    if not isinstance(storage, optuna.storages.RDBStorage):
        study.add_trials(study.trials[:n] * times)
        return
    where = {"study": storage.get_study_id_from_name(study_name), "n": n, "end": end}
    with storage.engine.begin() as connection:
        for shift in range(end, end + n * times, n):
            connection.execute(text(COPY_TRIALS), where | {"shift": shift})
        for table, columns in COLUMNS.items():
            copy = text(COPY_ROWS.format(table=table, columns=columns))
            connection.execute(copy, where)
