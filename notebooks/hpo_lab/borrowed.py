"""Un esquema temporal en un PostgreSQL ajeno, que no deja nada atrás.

Mientras vive, un cuaderno tiene en el servidor un candado (*advisory lock*) con el
número de su esquema. Al empezar, borra los esquemas de su mismo usuario que no tienen
candado: son de cuadernos a los que mataron junto con su guardián.
"""

from __future__ import annotations

import os
import re
import secrets
import sys
import threading
from contextlib import suppress

from sqlalchemy import URL, Connection, Engine, TextClause, create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from hpo_lab import guard
from hpo_lab.storage import NETWORK, StorageError, parse_url, reason

ERRORS = (StorageError, SQLAlchemyError, ImportError)  # de un servidor prestado
COURSE = 0x68706F  # el primer número de sus candados, para no chocar con otros
MARK = "Esquema temporal de hpo_lab"
ORPHANS = """
SELECT nspname FROM pg_namespace WHERE nspname ~ '^curso_[0-9a-f]{8}$'
AND pg_get_userbyid(nspowner) = current_user
AND obj_description(oid, 'pg_namespace') = :mark
"""


class BorrowedPostgres:
    """Usa un servidor ajeno dentro de un esquema nuevo, que borra al final.

    Lo borra ``stop``, o el fin de este proceso, aunque lo maten; y si mataron también a
    su guardián, el próximo cuaderno del mismo usuario.

    Parameters
    ----------
    url : str
        ``postgresql+psycopg://usuario@servidor/base``, sin contraseña.

    Attributes
    ----------
    url : str
        La misma dirección, con el esquema.
    private : bool
        False: no es nuestro, y no se apaga ni se mata.

    Raises
    ------
    StorageError
        Si la dirección no es de PostgreSQL o trae una contraseña.
    SQLAlchemyError
        Si el servidor no responde o no deja crear el esquema.
    """

    private = False
    sentence = "PostgreSQL: el de OPTUNA_STORAGE, en un esquema aparte."

    def __init__(self, url: str) -> None:
        parts = parse_url(url)
        if not parts.drivername.startswith("postgresql"):
            raise StorageError(
                "Se espera postgresql+psycopg://usuario@servidor/base; "
                f"se recibió una dirección de {parts.drivername}."
            )
        self._schema = f"curso_{secrets.token_hex(4)}"
        theirs = parts.normalized_query.get("options")
        theirs = theirs or [os.environ.get("PGOPTIONS", "")]
        options = " ".join([*theirs, f"-csearch_path={self._schema}"]).strip()
        self.url = str(parts.update_query_dict({"options": options}))
        self._engine = _engine(parts)
        _drop_orphans(self._engine)
        # Si el kernel muere, lo borra otro proceso, que hereda la contraseña.
        drop = [sys.executable, "-m", "hpo_lab.borrowed", url, self._schema]
        self._guard = guard.start(stop=drop)
        try:
            with self._engine.begin() as db:
                db.execute(_lock(self._schema))  # antes de que exista
                db.execute(text(f"CREATE SCHEMA {self._schema}"))
                db.execute(text(f"COMMENT ON SCHEMA {self._schema} IS '{MARK}'"))
        except BaseException:
            self._guard.communicate()
            self._engine.dispose()
            raise
        self._ended = threading.Event()
        threading.Thread(target=self._keep_lock, daemon=True).start()

    def _keep_lock(self) -> None:
        # Si el servidor se reinicia o la red se corta, hay que volver a tomarlo.
        while not self._ended.wait(2):
            with suppress(SQLAlchemyError), self._engine.begin() as db:
                db.execute(_lock(self._schema))
        self._engine.dispose()

    def stop(self) -> None:
        """Borra el esquema y lo que haya en él; se puede llamar varias veces."""
        if self.is_open():
            self._guard.communicate()
            self._ended.set()
            if self._guard.returncode:
                print(
                    f"No se pudo borrar el esquema {self._schema} de OPTUNA_STORAGE; "
                    f"cuando se pueda: DROP SCHEMA {self._schema} CASCADE;"
                )

    def is_open(self) -> bool:
        """Dice si falta llamar a ``stop``."""
        return self._guard.poll() is None


def _engine(url: URL) -> Engine:
    # Una sola conexión, que queda abierta y, si se cae, se vuelve a abrir.
    pool = {"pool_size": 1, "max_overflow": 0, "pool_pre_ping": True}
    network = {k: NETWORK[k] for k in NETWORK if k not in url.query}
    return create_engine(url, connect_args=network, **pool)


def _lock(schema: str, scope: str = "") -> TextClause:
    number = int(schema[-8:], 16) - 2**31  # cabe en un entero de 32 bits con signo
    return text(
        f"SELECT pg_try_advisory{scope}_lock({COURSE}, CAST('{number}' AS int))"
    )


def _drop(db: Connection, schema: str) -> None:
    # Otra sesión puede tener ocupada una tabla y no soltarla nunca.
    db.execute(text("SET LOCAL lock_timeout = '5s'"))
    db.execute(text("SET LOCAL statement_timeout = '15s'"))
    db.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))


def _drop_orphans(engine: Engine) -> None:
    with engine.begin() as db:
        found = db.scalars(text(ORPHANS), {"mark": MARK}).all()
    for schema in found:
        with suppress(SQLAlchemyError), engine.begin() as db:
            if db.scalar(_lock(schema, "_xact")):
                _drop(db, schema)


def main(url: str = "", schema: str = "") -> int:
    """Borra el esquema de un servidor prestado; es lo que hace su guardián."""
    if not re.fullmatch("curso_[0-9a-f]{8}", schema):
        print("Se espera una dirección y un esquema, curso_xxxxxxxx.", file=sys.stderr)
        return 2
    try:
        with _engine(parse_url(url)).begin() as db:
            _drop(db, schema)
    except ERRORS as error:
        print(reason(error), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
