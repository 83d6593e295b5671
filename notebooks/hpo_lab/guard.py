"""Un proceso que deja todo limpio cuando muere quien lo arrancó, aunque sea de golpe.

Espera a que se cierre su entrada, que es lo que pasa cuando se le pide terminar o
cuando el kernel deja de existir. Entonces ejecuta una orden, termina los procesos que
lleven una palabra en su línea de órdenes y borra una carpeta. Si un paso falla o tarda
demasiado, sigue con los demás.
"""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import psutil

PATIENCE = 30  # segundos que se le dan a la orden
INSISTENCE = 10  # segundos que se insiste en borrar la carpeta
_guards = []  # si Python olvidara uno, se cerraría su entrada y actuaría ya


def start(
    folder: Path | None = None,
    stop: list[str] = (),
    mark: str = "",
    programs: list[str] = ("ngrok",),
    **popen,
) -> subprocess.Popen:
    """Arranca al guardián; su método ``communicate`` lo hace actuar y lo espera.

    Después, su ``returncode`` es 0 si la orden salió bien.

    No basta con ``atexit``: a un kernel que usó procesos auxiliares, Jupyter lo termina
    a los pocos segundos con una señal, y entonces no corre.

    Parameters
    ----------
    folder : Path, optional
        Carpeta que borrará al final. Si no existe, se crea, solo para este usuario,
        cuando el guardián ya la conoce.
    stop : list de str
        Orden que ejecutará antes.
    mark : str
        Palabra de los procesos que terminará antes.
    programs : list de str
        Programas a los que pueden pertenecer; los demás no se tocan.
    **popen
        Opciones con que se ejecuta la orden, por ejemplo su usuario.

    Returns
    -------
    subprocess.Popen
    """
    place = str(folder) if folder else None
    task = {"folder": place, "stop": stop, "mark": mark, "programs": programs}
    task["popen"] = popen
    guard = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,  # ni interrumpir ni cerrar el kernel lo alcanzan
    )
    guard.stdin.write(json.dumps(task) + "\n")
    guard.stdin.flush()
    _guards.append(guard)
    if folder:
        folder.mkdir(mode=0o700, exist_ok=True)
    return guard


def unused_path(prefix: str) -> Path:
    """Ruta de una carpeta temporal que todavía no existe; `start` la crea."""
    return Path(tempfile.gettempdir(), prefix + secrets.token_hex(8))


def temporary_folder() -> Path:
    """Crea una carpeta que se borra cuando termina este proceso, aunque lo maten."""
    folder = unused_path("optuna_")
    start(folder)
    return folder


def finish(
    folder: str | None, stop: list[str], mark: str, programs: list[str], popen: dict
) -> int:
    """Hace lo que se le encargó al guardián; devuelve 0 si la orden salió bien."""
    code = 0
    if stop:
        code = 1
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        with suppress(Exception):
            run = subprocess.run(stop, cwd=folder, timeout=PATIENCE, **quiet, **popen)
            code = run.returncode
    end = time.monotonic() + INSISTENCE
    while True:
        with suppress(Exception):
            _kill(mark, programs)
        if not folder:
            break
        # Quien siga vivo y escriba en ella mientras se borra ya no la encuentra.
        places = [Path(folder), Path(f"{folder}.borrar")]
        with suppress(OSError):
            places[0].rename(places[1])
        for place in places:
            shutil.rmtree(place, ignore_errors=True)
        if not any(map(Path.exists, places)) or time.monotonic() > end:
            break
        time.sleep(0.2)
    return code


def _kill(mark: str, programs: list[str]) -> None:
    for process in psutil.process_iter(["name", "cmdline"]) if mark else ():
        words = process.info["cmdline"] or [""]
        names = {process.info["name"] or "", Path(words[0]).name}
        names = {name.lower().removesuffix(".exe") for name in names}
        if mark in words and names.intersection(programs):
            with suppress(psutil.Error):
                process.kill()


if __name__ == "__main__":
    task = sys.stdin.readline()
    sys.stdin.read()
    if task:  # si no, quien lo arrancó murió antes de encargarle algo
        sys.exit(finish(**json.loads(task)))
