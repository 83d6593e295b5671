"""Reconocer el archivo de un almacén antes de abrirlo: lo ajeno no se toca."""

from __future__ import annotations

import os
import re
import sqlite3
import stat
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sqlalchemy.engine import URL

from hpo_lab.failures import StorageError, hide
from hpo_lab.journal import check_journal

TABLE_NAMES = "SELECT name FROM sqlite_master WHERE type = 'table'"
TABLES = re.compile("stud(ies$|y_)|trial(s$|_)|version_info$|alembic_version$|sqlite_")
EXPECTED = (
    "se espera sqlite:///archivo.db, postgresql+psycopg://usuario@servidor/base o la "
    "ruta de un archivo."
)


def check_path(path: str, create: bool = True) -> str:
    """Reconoce la ruta de una bitácora, sin tocar el archivo; la devuelve entera.

    Raises
    ------
    StorageError
        Si es otra cosa, o si no existe y no se puede crear.
    """
    if re.search(r"(?i)(passw(or)?d|pwd)\w*\s*=|:.*@", path):
        raise exposed()
    if re.search(r"(?i)\b(host|hostaddr|dbname|user|service)\s*=", path):
        raise StorageError(f"Parece una conexión de libpq; {EXPECTED}", code=2)
    if _exists(path, create):
        check_journal(path)
    path = os.path.realpath(path)  # otro nombre tendría otro candado
    lock = Path(f"{path}.lock")
    with suppress(FileNotFoundError):  # otro proceso lo pone y lo quita
        found = lock.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_size:
            looks = f"No se tocó {path!r}: {lock.name!r} no es su candado."
            raise StorageError(looks, code=2)
    return path


def exposed() -> StorageError:
    """El error de una dirección que trae una contraseña."""
    return StorageError(
        "La dirección trae una contraseña y no se usó: otros pudieron verla en la "
        "lista de procesos, así que cámbiala. La nueva va en PGPASSWORD o ~/.pgpass.",
        code=2,
    )


def _exists(path: str, create: bool) -> bool:
    """Rehúsa, sin abrirlo, lo que no es un archivo: leerlo podría no acabar."""
    if os.path.isfile(path) and (create or os.path.getsize(path)):
        return True
    looks = "no existe; con --create se crea"
    if os.path.exists(path) and not os.path.isfile(path):
        looks = "es una carpeta" if os.path.isdir(path) else "no es un archivo común"
    elif create:
        if os.path.isdir(os.path.dirname(os.path.abspath(path))):
            return False
        looks = "su carpeta no existe"
    raise StorageError(f"No se tocó {hide(path)!r}: {looks}.", code=2)


def _path_of(parts: URL) -> str:
    path = parts.database or ""
    said = f"{path} {parts.query.get('mode')} {parts.query.get('vfs')}"
    if path.startswith("file:"):
        if "uri" not in parts.query:  # según cómo se compiló SQLite, sería otro archivo
            raise StorageError("A una dirección file: le falta uri=true.", code=2)
        path = unquote(urlsplit(path).path)
    if not path or re.search("memory|memdb", said):
        raise StorageError(
            "Una base de SQLite en memoria no se comparte ni se guarda; "
            "se espera sqlite:///archivo.db.",
            code=2,
        )
    return path


def check_database(parts: URL, create: bool) -> None:
    """Rehúsa, sin tocarlo, un archivo que no es una base de SQLite de Optuna.

    Raises
    ------
    StorageError
        Si es otra cosa, o si no existe y no se puede crear.
    """
    path = _path_of(parts)
    if not _exists(path, create) or not os.path.getsize(path):
        return
    with open(path, "rb") as file:
        looks = None if file.read(16) == b"SQLite format 3\0" else "no es de SQLite"
    if looks is None:
        tables = _tables(path)
        foreign = {name for name in tables if not TABLES.match(name)}
        if foreign and not {"studies", "trials", "version_info"} <= tables:
            looks = f"es de otro programa, con la tabla {min(foreign)!r}"
    else:
        with suppress(StorageError):
            check_journal(path)
            looks = f"es una bitácora: ¿querías decir {path}, sin sqlite:///?"
    if looks:
        raise StorageError(f"No se tocó {path!r}: {looks}", code=2)


def _tables(path: str) -> set[str]:
    # Leer crearía archivos al lado, salvo `immutable`, que no mira lo pendiente.
    pending = any(os.path.exists(path + end) for end in ("-wal", "-shm"))
    for mode in ("mode=ro", "mode=ro&immutable=1")[not pending :]:
        uri = f"{Path(path).absolute().as_uri()}?{mode}"
        with suppress(sqlite3.Error), closing(sqlite3.connect(uri, uri=True)) as db:
            return {name for (name,) in db.execute(TABLE_NAMES)}
    return set()
