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
from pathlib import Path

import psutil


def start(folder: Path, stop: list[str] = (), mark: str = "", **popen):
    """Arranca al guardián; su método ``communicate`` lo hace actuar y lo espera.

    Parameters
    ----------
    folder : Path
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
    task = {"folder": str(folder), "stop": list(stop), "mark": mark, "popen": popen}
    guard = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        text=True,
        start_new_session=True,  # interrumpir el kernel no lo interrumpe
    )
    guard.stdin.write(json.dumps(task) + "\n")
    guard.stdin.flush()
    return guard


def finish(folder: str, stop: list[str], mark: str, popen: dict) -> None:
    """Hace lo que se le encargó al guardián."""
    if stop:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(stop, cwd=folder, **quiet, **popen)
    for process in psutil.process_iter(["cmdline"]) if mark else ():
        if mark in (process.info["cmdline"] or []):
            process.kill()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    task = json.loads(sys.stdin.readline())
    sys.stdin.read()
    finish(**task)
