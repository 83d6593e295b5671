"""Lo que falla en un almacén: en una frase, sin secretos, y cuánto se lo espera."""

from __future__ import annotations

import errno
import os
import re
import sqlite3
import sys
import time
from contextlib import suppress

import optuna
from sqlalchemy.exc import SQLAlchemyError


class StorageError(Exception):
    """Algo que impide usar un almacén, dicho en una frase; `code` es el de salida."""

    def __init__(self, sentence: str, code: int = 1) -> None:
        super().__init__(sentence)
        self.code = code


STORAGE_ERRORS = (
    StorageError,
    optuna.exceptions.StorageInternalError,
    SQLAlchemyError,
    OSError,
)
SECRETS = (  # lo que sigue a una de estas formas se borra
    r"(://[^\s/?#]*?:)[^\s]*(?=@)",
    r"((?:password|passwd|pwd)[\w]*['\"]?\s*[=:]\s*)(?:'[^']*'|\"[^\"]*\"|[^\s&;]+)",
)
# Clases de SQLSTATE: conexión, transacción, recursos, operador.
TRANSIENT_STATES = ("08", "40", "53", "57")
TRANSIENT_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EAGAIN)
TRANSIENT_SQLITE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL)
REFUSED = "FATAL|certificate|SSL|root.crt"
COMING_BACK = "starting up|shutting down|recovery|too many|slots are reserved|terminat"


def hide(text: str) -> str:
    """Borra de un texto las contraseñas que se reconocen por su forma."""
    for secret in SECRETS:
        text = re.sub(secret, r"\1…", text, flags=re.IGNORECASE)
    return text


def redact(said: object) -> str:
    """Borra además la de PGPASSWORD, de lo que dijo algo que no es este programa."""
    try:
        text = hide(str(said))
    except Exception:  # un error que ni siquiera sabe decirse
        text = type(said).__name__
    known = os.environ.get("PGPASSWORD")
    return text.replace(known, "…") if known else text


def line(said: object) -> str:
    """Lo mismo, en una sola línea que no es larga."""
    return " ".join(redact(said).split())[:300]


def causes(error: BaseException | None):
    """Recorre un error y los que lo causaron.

    Si el almacén falla al anotar, Optuna tapa ese error con uno propio.
    """
    seen = []
    while error is not None and error not in seen:  # `raise e from e` es un círculo
        yield error
        seen.append(error)
        error = error.__cause__ or error.__context__


def words(error: BaseException) -> str:
    """Lo que dijo quien falló primero, en una línea y sin secretos."""
    first = error
    if isinstance(error, UnboundLocalError):  # el de Optuna que tapa al del almacén
        first = next((c for c in causes(error) if isinstance(c, STORAGE_ERRORS)), error)
    while first.__cause__ not in (None, first):
        first = first.__cause__
    said = first.strerror if isinstance(first, OSError) else None
    return f"{type(first).__name__}: {line(said or first)}".rstrip(": ")


def reason(error: BaseException) -> str:
    """Una frase para un error del almacén, con las palabras de quien falló."""
    ours = (cause for cause in causes(error) if isinstance(cause, StorageError))
    if said := next(ours, None):
        return str(said)
    return (
        f"El almacén {'no responde' if transient(error) else 'falló'}: {words(error)}"
    )


def transient(error: BaseException) -> bool:
    """Dice si puede pasar solo: un servidor que arranca, un candado, un disco lleno."""
    return any(_is_transient(cause) for cause in causes(error))


def _is_transient(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorcode", 0) & 255 in TRANSIENT_SQLITE
    if isinstance(error, OSError):
        return error.errno in TRANSIENT_ERRORS
    if state := getattr(error, "sqlstate", None):
        return state.startswith(TRANSIENT_STATES)
    kinds = [f"{kind.__module__}.{kind.__name__}" for kind in type(error).__mro__]
    if "psycopg.OperationalError" in kinds:
        # Sin SQLSTATE no hubo conexión, o se cortó.
        said = str(error)
        return bool(re.search(COMING_BACK, said) or not re.search(REFUSED, said))
    return getattr(error, "connection_invalidated", False)


def say(text: str, error: bool = True) -> None:
    """Escribe una línea; si cerraron la salida o su disco se llenó, sigue callado."""
    stream = sys.stderr if error else sys.stdout
    try:
        print(hide(text), file=stream, flush=True)
    except (OSError, ValueError):
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


class Patience:
    """Cuántos segundos se espera a que un almacén vuelva.

    El plazo corre desde la primera falla y empieza de nuevo con cada respuesta.
    """

    def __init__(self, seconds: float = 0) -> None:
        self.seconds, self.since, self.ended = seconds, None, False

    def insist(self, call):
        """Llama hasta que salga bien o la falla no vaya a pasar sola a tiempo."""
        while True:
            try:
                result = call()
            except Exception as error:
                if not self.allows(error):
                    raise
            else:
                self.since = None
                return result

    def allows(self, error: BaseException) -> bool:
        """Dice si vale la pena repetir, después de esperar un momento."""
        now = time.monotonic()
        first, self.since = self.since is None, self.since or now
        if self.ended or not transient(error):
            return False
        if now - self.since >= self.seconds:
            return False
        if first:
            say(f"{reason(error)}; espero hasta {self.seconds:g} s")
        time.sleep(0.5)
        return True
