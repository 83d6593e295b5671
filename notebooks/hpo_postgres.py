"""Un PostgreSQL privado y temporal, para probar con él los trabajadores.

Escucha solo en 127.0.0.1, en un puerto libre, con una contraseña al azar
(scram-sha-256) y en una carpeta temporal que se borra al final.
"""

from __future__ import annotations

import atexit
import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

BIN = "/usr/lib/postgresql"


def find_programs() -> Path | None:
    """Carpeta de ``initdb`` y ``pg_ctl``, la versión más nueva; None si no están."""
    folders = sorted(Path(BIN).glob("*/bin"), key=lambda p: float(p.parent.name))
    path = os.pathsep.join([*map(str, reversed(folders)), os.environ.get("PATH", "")])
    found = shutil.which("initdb", path=path)
    return Path(found).resolve().parent if found else None


class PrivatePostgres:
    """Arranca un servidor propio; ``stop`` lo detiene y borra su carpeta.

    Attributes
    ----------
    url : str
        Dirección para Optuna, sin contraseña.
    password : str
        Se pone en la variable PGPASSWORD de quien se conecte.

    Raises
    ------
    FileNotFoundError
        Si los programas de PostgreSQL no están instalados.
    """

    def __init__(self) -> None:
        self._bin = find_programs()
        if self._bin is None:
            raise FileNotFoundError(
                "No están los programas de PostgreSQL; en Debian y en Colab se "
                "instalan con: apt-get install postgresql"
            )
        self._folder = Path(tempfile.mkdtemp(prefix="optuna_pg_"))
        self.password = secrets.token_urlsafe(16)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"postgresql+psycopg://curso@127.0.0.1:{self.port}/postgres"
        # PostgreSQL se niega a correr como root; Debian crea para eso a postgres.
        root = os.name == "posix" and os.getuid() == 0
        self._user = (
            dict(user="postgres", group="postgres", extra_groups=[]) if root else {}
        )
        atexit.register(self.stop)
        if self._user:
            shutil.chown(self._folder, "postgres")
        secret = self._folder / "password"
        secret.touch(mode=0o600)
        secret.write_text(self.password)
        if self._user:
            shutil.chown(secret, "postgres")
        try:
            self._run(
                *["initdb", "-U", "curso", "-A", "scram-sha-256", f"--pwfile={secret}"],
                *["-E", "UTF8", "--no-locale"],
            )
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

    def stop(self) -> None:
        """Detiene el servidor y borra su carpeta; se puede llamar varias veces."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self._run("pg_ctl", "-m", "immediate", "-w", "stop", check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Número del proceso principal del servidor."""
        return int((self._folder / "data" / "postmaster.pid").read_text().split()[0])

    def _run(self, program: str, *options: str, check: bool = True) -> None:
        subprocess.run(
            [self._bin / program, "-D", self._folder / "data", *options],
            cwd=self._folder,
            check=check,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self._user,
        )
