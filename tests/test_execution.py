"""Cada cuaderno, dos veces en la misma carpeta y en las peores condiciones.

El árbol del curso y la carpeta personal son de solo lectura y el puerto 5000 está
ocupado. La primera vez no hay token de ngrok y hay un PostgreSQL ajeno; la segunda, un
token que un agente de mentira rechaza y ningún PostgreSQL. Solo se puede escribir donde
el README lo dice: la carpeta temporal y la de ejecución de Jupyter.
"""

import os
import shutil
import socket
import subprocess
import time

import nbformat
import pytest
from conftest import (
    NAMES,
    ROOT,
    execute,
    leftovers,
    skip,
    solutions_of,
    stored_text,
    verdicts,
)

IGNORED = shutil.ignore_patterns(".git", ".venv*", "__pycache__", ".*_cache", "tests")


def read_only(*folders):
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o555 if path.is_dir() else 0o444)


@pytest.fixture
def prefix(tmp_path):
    """Lo que se antepone a la orden para que root también respete los permisos."""
    words = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            skip("root escribe donde sea y no hay setpriv para impedirlo")
        words = ["setpriv", "--bounding-set=-dac_override", "--inh-caps=-dac_override"]
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o555)
    assert subprocess.run(
        [*words, "mkdir", locked / "x"], capture_output=True
    ).returncode
    return words


@pytest.fixture
def busy_port():
    for _ in range(300):
        try:
            with socket.create_server(("127.0.0.1", 5000)):
                yield 5000
            return
        except OSError:
            time.sleep(1)
    pytest.fail("otro programa tuvo ocupado el puerto 5000 durante 5 minutos")


@pytest.mark.skipif(os.name != "posix", reason="los permisos son los de POSIX")
@pytest.mark.parametrize("name", NAMES)
def test_twice_with_nothing_to_write_on(name, tmp_path, prefix, request, ngrok_stub):
    course, home, temp, runtime = (tmp_path / n for n in ("c", "home", "temp", "run"))
    shutil.copytree(ROOT, course, ignore=IGNORED)
    for folder in (home, temp, runtime):
        folder.mkdir()
    read_only(course, home)
    env = os.environ | {"HOME": str(home), "TMPDIR": str(temp)}
    env |= {"JUPYTER_RUNTIME_DIR": str(runtime), "CURSO_PRUEBA": str(tmp_path)}
    bad_token = {"NGROK_AUTHTOKEN": "malo", "PYNGROK_NGROK_PATH": str(ngrok_stub)}
    theirs, nothing = {}, {"POSTGRES_BIN": str(temp)}
    if name == "04_optuna":
        request.getfixturevalue("busy_port")
    if name == "06_optuna_distribuido":
        postgres = request.getfixturevalue("postgres")
        theirs = {"OPTUNA_STORAGE": postgres.url, "PGPASSWORD": postgres.password}
    path = course / "notebooks" / f"{name}.ipynb"
    first = execute(path, tmp_path / "1", prefix=prefix, env=env | theirs)
    second = execute(path, tmp_path / "2", prefix=prefix, env=env | bad_token | nothing)
    texts = [stored_text(first), stored_text(second)]
    for line in verdicts(first).values():
        assert " · Pendiente: falta" in line
    if solutions_of(name).exists():  # nbval ya las ejecuta; aquí, sin dónde escribir
        path = course / "notebooks" / solutions_of(name).name
        solved = execute(path, tmp_path / "3", prefix=prefix, env=env)
        stored = nbformat.read(solutions_of(name), as_version=4)
        assert stored_text(solved) == stored_text(stored)
    if name == "04_optuna":
        said = [text.pop("tunnel")[0] for text in texts]
        assert said[0].startswith("Sin token") and "rechazó el token" in said[1]
        (board,) = (c.outputs[0].text for c in first.cells if c.id == "board")
        assert "El puerto 5000 está ocupado" in board
    assert texts[0] == texts[1]
    if name == "06_optuna_distribuido":
        stored = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
        servers = ["el de OPTUNA_STORAGE", "Se sigue sin él"]
        for done, said in zip((first, second), servers, strict=True):
            (cell,) = (c for c in done.cells if c.id == "ladder-server")
            assert said in cell.outputs[0].text
        assert texts[0] == stored_text(stored)
    assert not leftovers(tmp_path)
    assert [
        p.name for p in temp.iterdir() if p.name.startswith(("optuna", "ngrok"))
    ] == []
