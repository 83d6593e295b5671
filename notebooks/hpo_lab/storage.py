"""Los almacenes (*storage*) de un study compartido: abrirlos sin dañar nada."""

from __future__ import annotations

import re
import time
import warnings
from contextlib import suppress

import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from sqlalchemy import event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from hpo_lab.failures import Patience, StorageError, reason
from hpo_lab.files import EXPECTED, check_database, check_path, exposed
from hpo_lab.journal import Journal

warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)

# Sin esto, una red que se corta sin avisar detendría al trabajador sin límite.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
SECRET = re.compile(
    r"(?i)(passw(or)?d|pwd)\s*=\s*\\?['\"]*[^\s&'\"]"
)  # dentro de un valor
MARKS = ("host", "process", "seconds", "worker_version")
ALREADY_THERE = "already exists|unique|duplicate"  # otro crea las tablas ahora mismo


def open_storage(
    url: str,
    heartbeat: int = 60,
    retries: int = 3,
    create: bool = True,
    patience: Patience | None = None,
) -> JournalStorage | RDBStorage:
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
    retries : int
        Cuántas veces, como mucho, se repite el trial de un trabajador que calló.
    create : bool
        Si se puede crear el archivo o las tablas.
    patience : Patience, optional
        Cuánto se espera a un servidor que no responde, ahora y en adelante; si falta,
        nada.

    Raises
    ------
    StorageError
        Si la dirección no se entiende o trae una contraseña, si el archivo es otra cosa
        o si el almacén no responde.
    """
    patience = patience or Patience()
    try:
        if "://" not in url:
            path = check_path(url, create)
            return JournalStorage(Journal(path))
        parts = parse_url(url)
        server = parts.get_backend_name() != "sqlite"
        if not server:
            check_database(parts, create)
        options = {"pool_pre_ping": True} if server else {}
        options["connect_args"] = {"timeout": 30}
        if server:  # lo que diga la dirección vale más
            theirs = {key: NETWORK[key] for key in NETWORK if key not in parts.query}
            options["connect_args"] = theirs
        retry = Requeue(max_retry=retries)

        def open_database():
            for last in (*[False] * 8, True):
                try:
                    return _Database(
                        url,
                        engine_kwargs=options,
                        heartbeat_interval=heartbeat,
                        grace_period=2 * heartbeat,
                        heartbeat_stale_trial_callback=retry,
                        skip_table_creation=not create,
                    )
                except Exception as error:
                    if last or not re.search(ALREADY_THERE, str(error).lower()):
                        raise
                    time.sleep(0.3)
            return None

        storage = patience.insist(open_database)
    except (ArgumentError, UnicodeError):
        raise _unclear(url) from None
    except StorageError:
        raise
    except Exception as error:  # cada controlador (driver) falla a su manera
        if not create and "version_info" in str(error):
            raise StorageError(
                "Ese almacén no tiene ningún study; con --create se crea."
            ) from None
        raise StorageError(reason(error)) from None

    @event.listens_for(storage.engine, "do_connect")
    def connect(dialect, record, cargs, cparams):
        return patience.insist(lambda: dialect.connect(*cargs, **cparams))

    return storage


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
    keys = re.search("passw|pwd", " ".join(parts.query).lower())
    if (
        parts.password
        or keys
        or any(map(SECRET.search, map(str, parts.query.values())))
    ):
        raise exposed()
    return parts


def _unclear(url: str) -> StorageError:
    if re.search(r"(?i)passw|pwd|://[^/?#]*:[^/?#]*@", url):
        return exposed()
    # Solo el comienzo y el servidor, si no hay duda de cuál es: lo demás puede traer un
    # pedazo de contraseña.
    start = re.match(r"[\w+.-]*://((?:[^/?#@]*@)?[\w.-]*(?=[^@]*\Z))?", url)
    shown = re.sub("[^/]*@", "…@", start[0]) if start else "…"
    return StorageError(f"No se entiende la dirección {shown!r}; {EXPECTED}", code=2)


class Requeue(RetryHeartbeatStaleTrialCallback):
    """Vuelve a encolar un trial perdido, sin las marcas de quien lo perdió."""

    def __call__(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> None:
        """Lo encola, si no se ha repetido ya demasiado."""
        super().__call__(study, unmarked(trial))


def unmarked(trial: optuna.trial.FrozenTrial) -> optuna.trial.FrozenTrial:
    """Quita de un trial las marcas del trabajador que lo corrió."""
    for mark in MARKS:
        trial.user_attrs.pop(mark, None)
    return trial


class _Database(RDBStorage):
    def record_heartbeat(self, trial_id: int) -> None:
        # Un aviso perdido no importa; uno que falla detendría el hilo que los manda.
        with suppress(Exception):
            super().record_heartbeat(trial_id)


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
