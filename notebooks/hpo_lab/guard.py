"""Un proceso que deja todo limpio cuando muere quien lo arrancó, aunque sea de golpe.

Espera a que se cierre su entrada, que es lo que pasa cuando se le pide terminar o
cuando el kernel deja de existir. Entonces ejecuta una orden, termina los procesos que
lleven una palabra en su línea de órdenes y borra una carpeta.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import psutil

_guards = []  # si Python olvidara uno, se cerraría su entrada y actuaría ya


def start(folder: Path | None = None, stop: list[str] = (), mark: str = "", **popen):
    """Arranca al guardián; su método ``communicate`` lo hace actuar y lo espera.

    No basta con ``atexit``: a un kernel que usó procesos auxiliares, Jupyter lo termina
    a los pocos segundos con una señal, y entonces no corre.

    Parameters
    ----------
    folder : Path, optional
        Carpeta que borrará al final.
    stop : list de str
        Orden que ejecutará antes.
    mark : str
        Palabra de los procesos que terminará antes.
    **popen
        Opciones con que se ejecuta la orden, por ejemplo su usuario.

    Returns
    -------
    subprocess.Popen
    """
    place = str(folder) if folder else None
    task = {"folder": place, "stop": list(stop), "mark": mark, "popen": popen}
    guard = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,  # ni interrumpir ni cerrar el kernel lo alcanzan
    )
    guard.stdin.write(json.dumps(task) + "\n")
    guard.stdin.flush()
    _guards.append(guard)
    return guard


def temporary_folder() -> Path:
    """Crea una carpeta que se borra cuando termina este proceso, aunque lo maten."""
    folder = Path(tempfile.mkdtemp(prefix="optuna_"))
    start(folder)
    return folder


def finish(folder: str | None, stop: list[str], mark: str, popen: dict) -> None:
    """Hace lo que se le encargó al guardián."""
    if stop:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(stop, cwd=folder, **quiet, **popen)
    for process in psutil.process_iter(["cmdline"]) if mark else ():
        if mark in (process.info["cmdline"] or []):
            process.kill()
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    task = json.loads(sys.stdin.readline())
    sys.stdin.read()
    finish(**task)
