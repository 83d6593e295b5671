"""Un proyecto vacío: ``python -m hpo_lab.project CARPETA``.

Escribe en una carpeta nueva un cuaderno, las partes que se llenan y una prueba, hechos
con los archivos de ``template/``. Las celdas del cuaderno están allí como un programa:
cada una empieza con ``# %% nombre``, y las de texto son comentarios.
"""

from __future__ import annotations

import ast
import errno
import json
import os
import re
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType

from hpo_lab.failures import say

TEMPLATE = Path(__file__).parent / "template"
NOTEBOOK, PARTS, TEST = "proyecto.ipynb", "objetivo.py", "test_proyecto.py"
BLANKS = ("load_data", "naive", "DEFAULT", "build")  # lo que se escribe en PARTS
IN_COLAB = "/content/drive/MyDrive/mi_proyecto"  # la carpeta que dice la plantilla
METADATA = {
    "kernelspec": {
        "display_name": "Python 3",
        "language": "python",
        "name": "python3",
    },
    "language_info": {"name": "python"},
}
HELP = f"""\
Uso: python -m hpo_lab.project CARPETA

Escribe en CARPETA, que no debe existir o debe estar vacía, un proyecto para llenar:

  {NOTEBOOK}    los pasos, de la pregunta a la entrega
  {PARTS}       los datos, la partición, la métrica y el modelo
  {TEST}  ejecuta todo en una copia y dice qué falta

Opciones:
  -h, --help        muestra esta ayuda y termina

Termina con código 0 si lo escribió y 2 si no; entonces no deja nada escrito."""
# Lo que Windows no admite en un nombre; un proyecto también se lleva a otro computador.
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]')
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])")
REASONS = {
    errno.EACCES: "no hay permiso",
    errno.EPERM: "no hay permiso",
    errno.EROFS: "es un disco de solo lectura",
    errno.ENOSPC: "el disco está lleno",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EEXIST: "otro programa escribió allí a la vez",
}


class ProjectError(Exception):
    """Algo que impide seguir, dicho en una frase; en un cuaderno, sin traceback."""

    def _render_traceback_(self) -> list[str]:  # así lo pide IPython
        return [str(self)]


def load(*needed: str, path: str | Path = PARTS) -> ModuleType:
    """Importa las partes de un proyecto; si el archivo cambió, las lee otra vez.

    No se usa ``importlib.reload``, que no nota un cambio hecho en el mismo segundo si
    el archivo conserva su tamaño.

    Parameters
    ----------
    *needed : str
        Los nombres que se van a usar y que no pueden estar sin escribir.
    path : str o Path
        El archivo.

    Raises
    ------
    ProjectError
        Si el archivo no está, no se entiende o le falta escribir uno de esos nombres.
    """
    path = Path(path).resolve()
    source = _read(path)
    missing = [name for name in _blanks(source, path) if name in needed]
    if missing:
        raise ProjectError(f"Falta escribir {', '.join(missing)} en {path.name}.")
    old = sys.modules.get(path.stem)
    if getattr(old, "_read", None) == (path, source):
        return old
    module = ModuleType(path.stem)
    module.__file__, module._read = str(path), (path, source)
    sys.modules[path.stem] = module
    try:
        exec(compile(source, path, "exec"), module.__dict__)
    except BaseException:
        del sys.modules[path.stem]
        if old:
            sys.modules[path.stem] = old
        raise
    return module


def blanks(path: str | Path = PARTS) -> list[str]:
    """Lo que falta escribir: un valor vacío, o una función que no devuelve nada.

    Raises
    ------
    ProjectError
        Si el archivo no está o no se entiende.
    """
    path = Path(path).resolve()
    return _blanks(_read(path), path)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")  # puede empezar con la marca de Windows
    except FileNotFoundError:
        raise ProjectError(
            f"No está {path.name} en {str(path.parent)!r}; se espera en la carpeta del "
            "proyecto, donde está el cuaderno."
        ) from None
    except UnicodeDecodeError:
        raise ProjectError(
            f"{path.name} no está en UTF-8; guárdalo otra vez con esa codificación."
        ) from None


def _blanks(source: str, path: Path) -> list[str]:
    try:
        nodes = ast.parse(source, path).body
    except SyntaxError as error:
        raise ProjectError(
            f"No se entiende {path.name}, línea {error.lineno}: {error.msg}."
        ) from None
    empty = set()
    for node in nodes:
        if isinstance(node, ast.FunctionDef):
            if not any(isinstance(inner, ast.Return) for inner in ast.walk(node)):
                empty.add(node.name)
        elif isinstance(node, ast.Assign) and ast.unparse(node.value) == "{}":
            empty.update(map(ast.unparse, node.targets))
    return [name for name in BLANKS if name in empty]


def create(name: str) -> Path:
    """Escribe el proyecto en una carpeta nueva o vacía; si algo falla, no deja nada.

    Returns
    -------
    Path
        La ruta completa de la carpeta.

    Raises
    ------
    ProjectError
        Si el nombre no sirve, si la carpeta tiene algo o si no se puede escribir.
    """
    folder = Path(os.path.abspath(name)) if name else Path()
    _check_name(folder.name, name)
    if not folder.parent.is_dir():
        raise ProjectError(
            f"{str(folder.parent)!r} no es una carpeta que exista; se espera una donde "
            f"crear {folder.name!r}."
        )
    texts = _texts(folder)
    made, new = [], not os.path.lexists(folder)
    try:
        if new:
            folder.mkdir()
        elif folder.is_symlink() or not folder.is_dir() or any(folder.iterdir()):
            raise ProjectError(
                f"{str(folder)!r} ya existe y no es una carpeta vacía; se espera una "
                "que no exista o que no tenga nada, y no se tocó."
            )
        for file, text in texts.items():
            # Con «x» nunca se abre lo que ya existe, ni un enlace (symlink).
            with (folder / file).open("x", encoding="utf-8", newline="\n") as opened:
                made.append(folder / file)
                opened.write(text)
    except BaseException as error:
        for path in made:
            with suppress(OSError):
                path.unlink()
        if new:
            with suppress(OSError):
                folder.rmdir()
        if not isinstance(error, OSError):
            raise
        said = REASONS.get(error.errno, error.strerror)
        raise ProjectError(
            f"No se pudo escribir en {str(folder)!r}: {said}; se espera una carpeta "
            "donde se pueda, y no quedó nada escrito."
        ) from None
    return folder


def _check_name(name: str, said: str) -> None:
    problem = None
    if not name:
        problem = "no es el nombre de una carpeta"
    elif found := FORBIDDEN.search(name):
        problem = f"trae {found[0]!r}, que Windows no admite"
    elif name.endswith((".", " ")):
        problem = "termina en punto o en espacio, y Windows no lo admite"
    elif DEVICE.fullmatch(name.split(".")[0].rstrip()):
        problem = "es un nombre reservado de Windows"
    elif not _is_text(name):
        problem = "trae caracteres que no son texto"
    if problem:
        raise ProjectError(
            f"{said!r} {problem}; se espera uno como mi_proyecto, con letras, números, "
            "espacios, guiones o puntos."
        )


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:  # en Linux, un nombre puede ser cualquier serie de bytes
        return False
    return name.isprintable()


def _texts(folder: Path) -> dict[str, str]:
    """El texto de cada archivo del proyecto."""
    read = {
        name: (TEMPLATE / f"{name}.py").read_text("utf-8")
        for name in ("parts", "checks", "cells")
    }
    place = IN_COLAB.replace("mi_proyecto", folder.name)
    if folder.parts[1:2] == ("content",):  # esto ya es Colab
        place = str(folder)
    place, known = (json.dumps(text, ensure_ascii=False) for text in (place, IN_COLAB))
    cells = _cells(read["cells"].replace(known, place))
    notebook = {"cells": cells, "metadata": METADATA, "nbformat": 4}
    text = json.dumps(notebook | {"nbformat_minor": 5}, ensure_ascii=False, indent=1)
    return {PARTS: read["parts"], TEST: read["checks"], NOTEBOOK: text + "\n"}


def _cells(source: str) -> list[dict]:
    """Las celdas de un programa, con su nombre como identificador."""
    cells = []
    for block in source.split("\n# %% ")[1:]:
        name, _, body = block.partition("\n")
        cell = {"cell_type": "code", "id": name.split()[-1], "metadata": {}}
        body = body.strip("\n")
        if name.startswith("[markdown]"):
            cell["cell_type"] = "markdown"
            body = re.sub("(?m)^# ?", "", body)
        else:
            cell |= {"execution_count": None, "outputs": []}
        cells.append(cell | {"source": body.splitlines(keepends=True)})
    return cells


def main(arguments: list[str] | None = None) -> int:
    """Hace lo que pide el comando y devuelve su código de salida."""
    words = sys.argv[1:] if arguments is None else arguments
    for stream in (sys.stdout, sys.stderr):  # no toda consola tiene eñes
        with suppress(AttributeError):
            stream.reconfigure(errors="backslashreplace")
    if "-h" in words or "--help" in words:
        say(HELP, error=False)
        return 0
    try:
        options = [word for word in words if word.startswith("-")]
        if options or len(words) != 1:
            got = " ".join(words) or "nada"
            raise ProjectError(
                f"Se espera una carpeta, y ninguna opción salvo --help; llegó: {got}."
            )
        folder = create(words[0])
    except ProjectError as error:
        say(str(error))
        return 2
    say(f"En {str(folder)!r} quedaron {NOTEBOOK}, {PARTS} y {TEST}.", error=False)
    say(f"Sigue: abre {NOTEBOOK} en Jupyter, y a su lado {PARTS}.", error=False)
    say(f"Lo que falta lo dice, en esa carpeta: python {TEST}", error=False)
    if folder.parts[1:2] == ("content",) and folder.parts[2:3] != ("drive",):
        say("Colab borra esta carpeta al cerrar; en Drive se conserva.", error=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
