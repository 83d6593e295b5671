"""Un PostgreSQL para los trabajadores: el que se indique o uno privado y temporal.

El privado escucha solo en 127.0.0.1, en un puerto libre, con una contraseña al azar
(scram-sha-256) y en una carpeta temporal que se borra al final, también si el proceso
que lo arrancó muere de golpe. La variable PGPASSWORD no se lee ni se cambia.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psutil
from sqlalchemy import URL

from hpo_lab import guard
from hpo_lab.borrowed import ERRORS, BorrowedPostgres
from hpo_lab.storage import reason

DEBIAN = Path("/usr/lib/postgresql")
PATIENCE = 90  # segundos; pg_ctl se rinde a los 60
_opened = []  # repetir la celda que abre el servidor no abre otro


def find_programs() -> Path | None:
    """Carpeta de ``initdb`` y ``pg_ctl``; None si no están.

    Se busca en la variable ``POSTGRES_BIN`` si existe; si no, en el sitio de Debian (la
    versión más nueva) y en PATH.
    """
    path = os.environ.get("POSTGRES_BIN")
    if path is None:
        folders = sorted(DEBIAN.glob("*/bin"), key=lambda p: float(p.parent.name))
        path = os.pathsep.join([*map(str, folders[::-1]), os.environ.get("PATH", "")])
    found = shutil.which("initdb", path=path)
    return Path(found).resolve().parent if found else None


def open_server() -> BorrowedPostgres | PrivatePostgres | None:
    """Abre un PostgreSQL y dice en una frase cuál.

    Es el de la variable ``OPTUNA_STORAGE``, si existe; si no, uno privado, donde estén
    los programas de PostgreSQL y psycopg. Si este proceso ya abrió uno y sigue abierto,
    es ese.

    Returns
    -------
    BorrowedPostgres, PrivatePostgres o None
        None si no hay ninguno; la frase dice cómo conseguirlo.
    """
    if _opened and _opened[-1].is_open():
        print(_opened[-1].sentence)
        return _opened[-1]
    given = os.environ.get("OPTUNA_STORAGE")
    if given:
        try:
            server = BorrowedPostgres(given)
        except ERRORS as error:
            print(f"OPTUNA_STORAGE no sirve. {reason(error)} Se sigue sin él.")
            return None
        return _keep(server)
    programs = find_programs()
    if programs is None or find_spec("psycopg") is None:
        print(
            "No hay PostgreSQL. Para tenerlo en Debian o en Colab: "
            "!apt-get -qq install postgresql && pip install -q 'psycopg[binary]'. "
            "Después, reinicia el kernel. Se sigue sin él."
        )
        return None
    try:
        server = PrivatePostgres()
    except (OSError, LookupError, subprocess.SubprocessError):
        print(f"PostgreSQL está en {programs}, pero no arrancó. Se sigue sin él.")
        return None
    return _keep(server)


def _keep(server):
    _opened.append(server)
    print(server.sentence)
    return server


class PrivatePostgres:
    """Arranca un servidor propio; ``stop`` lo detiene y borra su carpeta.

    Attributes
    ----------
    url : str
        Dirección para Optuna; la contraseña está en el archivo privado que nombra.
    password : str
        La de ese archivo.
    private : bool
        True.

    Raises
    ------
    FileNotFoundError
        Si los programas de PostgreSQL no están instalados.
    OSError, LookupError o subprocess.SubprocessError
        Si no arranca; entonces no deja nada.
    """

    private = True
    sentence = "PostgreSQL: un servidor privado en 127.0.0.1."

    def __init__(self) -> None:
        self._bin = find_programs()
        if self._bin is None:
            raise FileNotFoundError(
                "No están los programas de PostgreSQL; en Debian y en Colab se "
                "instalan con: apt-get install postgresql"
            )
        self._folder = guard.unused_path("optuna_pg_")
        self.password = secrets.token_urlsafe(16)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        login = self._folder / "pgpass"
        # Con una contraseña vacía, libpq lee la de ese archivo, y no la de PGPASSWORD.
        query = {"passfile": str(login), "conninfo": "password="}
        server = ("postgresql+psycopg", "curso", None, "127.0.0.1", self.port)
        self.url = str(URL.create(*server, "postgres", query))
        # PostgreSQL se niega a correr como root; Debian crea para eso a postgres.
        root = os.name == "posix" and os.getuid() == 0
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
        self._user = account if root else {}
        stop = [*self._command("pg_ctl"), "-m", "immediate", "-w", "stop"]
        # A medio arrancar no responden a esa orden; stop[2], sus datos, los delata.
        programs = ["initdb", "pg_ctl", "postgres"]
        self._guard = guard.start(self._folder, stop, stop[2], programs, **self._user)
        try:
            secret = self._folder / "password"
            _write_private(secret, self.password)
            _write_private(login, f"*:*:*:*:{self.password}")
            if self._user:
                shutil.chown(self._folder, "postgres")
                shutil.chown(secret, "postgres")
            options = ["-Ucurso", "-Ascram-sha-256", "-EUTF8", "--no-locale"]
            self._run("initdb", *options, f"--pwfile={secret}")
            secret.unlink()
            self.start()
        except BaseException:
            self.stop()
            raise

    def start(self) -> None:
        """Arranca el servidor, también después de que lo hayan matado."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1"
        options += " -c unix_socket_directories=''"
        log = str(self._folder / "log")
        for attempt in range(10):  # tras una muerte, sus hijos tardan en irse
            try:
                self._run("pg_ctl", "-w", "-o", options, "-l", log, "start")
                return
            except subprocess.CalledProcessError:
                if attempt == 9:
                    raise
                time.sleep(1)

    def restart(self) -> None:
        """Lo apaga y lo enciende, para que tome sus ajustes."""
        self._run("pg_ctl", "-m", "fast", "-w", "stop")
        self.start()

    def kill(self) -> None:
        """Mata el servidor y sus procesos sin avisarles (kill -9)."""
        main = psutil.Process(self.pid)
        for process in [main, *main.children()]:
            with suppress(psutil.NoSuchProcess):
                process.kill()

    def stop(self) -> None:
        """Detiene el servidor y borra su carpeta; se puede llamar varias veces."""
        self._guard.communicate()

    def is_open(self) -> bool:
        """Dice si falta llamar a ``stop``."""
        return self._guard.poll() is None

    @property
    def pid(self) -> int:
        """Número del proceso principal del servidor."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def _command(self, program: str) -> list[str]:
        return [str(self._bin / program), "-D", str(self._folder / "data")]

    def _run(self, program: str, *options: str) -> None:
        subprocess.run(
            [*self._command(program), *options],
            cwd=self._folder,
            check=True,
            timeout=PATIENCE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )


def _write_private(path: Path, content: str) -> None:
    path.touch(mode=0o600)
    path.write_text(content)
