"""Un proceso trabajador (*worker*): corre trials de un study compartido y termina.

    python worker.py --storage sqlite:///estudio.db --study-name svr --trials 20

El mismo archivo sirve en otra máquina con ``requirements.txt`` y la dirección del
almacén (*storage*). La contraseña de PostgreSQL no va en el comando: se pone en la
variable PGPASSWORD o en el archivo ``~/.pgpass`` de libpq.

Termina con código 0 si corrió todos sus trials, 1 si el almacén falló, 2 si el comando
estaba mal y 130 si lo interrumpieron (SIGINT, que es Ctrl-C, o SIGTERM).
"""

from __future__ import annotations

import argparse
import os
import random
import re
import signal
import sys
import time
import warnings
from contextlib import suppress

import numpy as np
import optuna
from optuna.storages import JournalStorage, RDBStorage, RetryHeartbeatStaleTrialCallback
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from sklearn.model_selection import KFold, cross_val_score, train_test_split
from sklearn.svm import SVR
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import (
    ArgumentError,
    IntegrityError,
    OperationalError,
    ProgrammingError,
    SQLAlchemyError,
)

PATIENCE = 60  # segundos que se espera a un servidor caído
# Sin esto, una red que se corta sin avisar detendría al trabajador sin límite.
NETWORK = {
    "connect_timeout": 5,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)


class WorkerError(Exception):
    """Algo que impide trabajar, dicho en una frase, con su código de salida."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


def training_half(n_samples: int = 1000) -> tuple[np.ndarray, np.ndarray]:
    """Primeros `n_samples` puntos del entrenamiento del curso: X (n, 1), y (n,)."""
    rng = np.random.default_rng(0)
    X = rng.uniform(-1, 1, size=(2000, 1))
    y = np.cos(5 * X[:, 0]) * X[:, 0] ** 2 + rng.normal(0, 0.05, size=2000)
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
    return X[:n_samples], y[:n_samples]


def svr_objective(trial: optuna.Trial, n_samples: int = 1000) -> float:
    """R² de validación cruzada de un SVR con kernel RBF, sobre el entrenamiento."""
    C = trial.suggest_float("C", 0.01, 100, log=True)
    gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
    cv = KFold(n_splits=5, shuffle=True, random_state=0)
    model = SVR(C=C, gamma=gamma)
    return cross_val_score(model, *training_half(n_samples), cv=cv).mean()


def wait_objective(trial: optuna.Trial, seconds: float) -> float:
    """Espera y no calcula nada: deja ver lo que cuesta el almacén."""
    value = trial.suggest_float("C", 0.01, 100, log=True)
    trial.suggest_float("gamma", 0.01, 100, log=True)
    time.sleep(seconds)
    return value


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
    WorkerError
        Si la dirección no se entiende, trae una contraseña o el almacén no responde.
    """
    try:
        if "://" not in url:
            return _open_journal(url)
        parts = parse_url(url)
        server = parts.get_backend_name() != "sqlite"
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
        raise WorkerError(reason(error)) from None


def parse_url(url: str) -> URL:
    """Lee la dirección de una base de datos, que no debe traer la contraseña.

    Raises
    ------
    WorkerError
        Si no se entiende o trae una contraseña.
    """
    try:
        parts = make_url(url)
    except (ArgumentError, ValueError):
        raise _unclear(url) from None
    if parts.password or "password" in parts.query:
        raise WorkerError(
            "La dirección trae una contraseña, que otros verían en la lista de "
            "procesos; ponla en la variable PGPASSWORD o en ~/.pgpass.",
            code=2,
        )
    return parts


def _unclear(url: str) -> WorkerError:
    shown = re.sub(r"[^/@]*@", "…@", url)
    return WorkerError(
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
    "no such file": "No existe la carpeta del almacén.",
    "does not exist": "El servidor respondió, pero esa base de datos o ese usuario no "
    "existe.",
    "no module named": "Falta el controlador (driver) de esa base de datos; instala "
    "requirements.txt.",
}


def reason(error: BaseException) -> str:
    """Una frase en español para un error del almacén; nunca repite la contraseña."""
    said = " ".join(str(cause).lower() for cause in _causes(error))
    found = (text for key, text in SENTENCES.items() if key in said)
    return next(
        found, "El almacén no responde; revisa la dirección y que esté en marcha."
    )


def _causes(error: BaseException | None):
    # Si el almacén falla al anotar, optimize lo tapa con un error propio.
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _lost_to_another(error: BaseException) -> bool:
    finished = optuna.exceptions.UpdateFinishedTrialError
    return any(
        isinstance(cause, finished) or "Cannot tell a FAIL trial" in str(cause)
        for cause in _causes(error)
    )


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


def _check_is_journal(path: str) -> None:
    """Rehúsa un archivo que no empieza como una bitácora, sin tocarlo."""
    if not os.path.exists(path) or os.path.getsize(path) == 0:
        return
    with open(path, "rb") as file:
        start = file.read(16)
    if start.startswith(b'{"op_code"'):
        return
    looks = "no empieza como una bitácora"
    if start == b"SQLite format 3\0":
        looks = f"es una base de SQLite: ¿querías decir sqlite:///{path}?"
    raise WorkerError(f"No se tocó {path!r}: {looks}", code=2)


def _open_journal(path: str) -> JournalStorage:
    _check_is_journal(path)
    lock = JournalFileOpenLock(path)
    # Si una muerte cortó la última línea, lo que se escriba después se pegaría a ella y
    # la bitácora entera dejaría de leerse.
    if os.path.exists(path) and not _ends_a_line(path):
        lock.acquire()
        try:
            if not _ends_a_line(path):
                with open(path, "rb+") as file:
                    file.truncate(file.read().rfind(b"\n") + 1)
        finally:
            lock.release()
    return JournalStorage(JournalFileBackend(path, lock_obj=lock))


def _ends_a_line(path: str) -> bool:
    with open(path, "rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read() == b"\n"


def find_study(
    storage: JournalStorage | RDBStorage, name: str, seed: int | None, create: bool
) -> optuna.Study:
    """Encuentra un study por su nombre; con `create`, lo crea si no existe.

    Raises
    ------
    WorkerError
        Si no existe y no se pidió crearlo.
    """
    sampler = optuna.samplers.TPESampler(seed=seed)
    options = {"study_name": name, "storage": storage, "sampler": sampler}
    if create:
        options |= {"direction": "maximize", "load_if_exists": True}
        return optuna.create_study(**options)
    try:
        return optuna.load_study(**options)
    except KeyError:
        names = ", ".join(optuna.get_all_study_names(storage)) or "ninguno"
        raise WorkerError(
            f"No hay un study {name!r} en ese almacén; hay: {names}. "
            "Con --create se crea."
        ) from None


class Interruption:
    """Ctrl-C corta el trial en curso; entre dos trials, espera a que se anote.

    La segunda vez termina el proceso sin esperar.
    """

    def __init__(self, objective) -> None:
        self.objective = objective
        self.inside = self.asked = self.cut = False
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, _) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)
        if self.inside:
            self.cut = True
            raise KeyboardInterrupt

    def __call__(self, trial: optuna.Trial) -> float:
        """Evalúa el objetivo."""
        self.inside = True
        try:
            if self.asked:
                self.cut = True
                raise KeyboardInterrupt
            return self.objective(trial)
        finally:
            self.inside = False


def work(study: optuna.Study, objective, n_trials: int, patience: float) -> None:
    """Corre `n_trials`; si el servidor calla, lo espera `patience` segundos.

    El trial que estaba en curso cuando calló queda sin anotar: otro lo repetirá.

    Raises
    ------
    WorkerError
        Si el almacén no vuelve a tiempo o no se puede escribir en él.
    KeyboardInterrupt
        Si se interrumpe; el trial en curso queda como fallido.
    """
    done, silent_since = 0, None
    while done < n_trials:
        if getattr(objective, "asked", False):
            raise KeyboardInterrupt
        try:
            study.optimize(objective, n_trials=1)
        except Exception as error:
            if _lost_to_another(error):
                print("otro trabajador dio este trial por perdido", file=sys.stderr)
                continue
            if not any(isinstance(cause, STORAGE_ERRORS) for cause in _causes(error)):
                raise
            said = reason(error)
            silent_since = silent_since or time.monotonic()
            if "no responde" not in said or time.monotonic() - silent_since > patience:
                raise WorkerError(said) from None
            print("el almacén no responde; espero", file=sys.stderr, flush=True)
            time.sleep(1)
            continue
        done, silent_since = done + 1, None
        print(f"trial {done} de {n_trials}", flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Lee el comando."""
    parser = argparse.ArgumentParser(
        description="Corre trials de un study compartido.",
        epilog="La contraseña va en PGPASSWORD o en ~/.pgpass, nunca en el comando.",
    )
    add = parser.add_argument
    add(
        "--storage", required=True, help="dirección del almacén, o ruta de una bitácora"
    )
    add("--study-name", required=True, help="nombre del study")
    add("--trials", required=True, type=int, help="cuántos trials correr")
    add("--seed", type=int, help="semilla del sampler; distinta en cada trabajador")
    add("--create", action="store_true", help="crea el study si no existe")
    add("--wait", type=float, help="en vez de la SVR, solo espera estos segundos")
    heartbeat = "segundos entre avisos de vida, los mismos en todos (60)"
    add("--heartbeat", type=int, default=60, help=heartbeat)
    patience = "segundos que espera a un servidor que corta o rechaza la conexión (60)"
    add("--patience", type=float, default=PATIENCE, help=patience)
    args = parser.parse_args(arguments)
    for name in ("trials", "heartbeat"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} debe ser 1 o más; se recibió {getattr(args, name)}")
    for name in ("seed", "wait", "patience"):
        if (getattr(args, name) or 0) < 0:
            parser.error(f"--{name} debe ser 0 o más; se recibió {getattr(args, name)}")
    return args


def main(arguments: list[str] | None = None) -> int:
    """Corre el trabajador y devuelve su código de salida."""
    args = parse(arguments)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    objective = svr_objective
    if args.wait is not None:
        objective = lambda trial: wait_objective(trial, args.wait)  # noqa: E731
    objective = Interruption(objective)
    try:
        storage = open_storage(args.storage, args.heartbeat)
        study = find_study(storage, args.study_name, args.seed, args.create)
        work(study, objective, args.trials, args.patience)
    except WorkerError as error:
        print(error, file=sys.stderr)
        return error.code
    except STORAGE_ERRORS as error:
        print(reason(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        marked = "; el trial en curso quedó anotado como fallido" * objective.cut
        print(f"Interrumpido{marked}.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
