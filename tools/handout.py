"""Escribe ``curso_sin_soluciones.zip``, la copia que se entrega a la clase.

Lleva los cuadernos, sus módulos, los datos y los dibujos. No lleva las soluciones ni
``tests/``, que contiene respuestas; tampoco lo que solo sirve a quien enseña. Toma los
archivos como están en la última confirmación: un cuaderno propio sin registrar, con un
examen, por ejemplo, no se escapa. La misma confirmación da el mismo zip.
"""

import re
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "curso_sin_soluciones"
WANTED = ["README.md", "LICENSE", "Makefile", "pyproject.toml", "requirements.txt"]
WANTED += ["requirements.lock", "notebooks", "data", "images"]

CITE = " Para citarlo:\n[`CITATION.cff`](CITATION.cff)."
START = """
## Estudiar

Hace falta Python 3.11 o más nuevo y make. Descomprime el archivo y, en la carpeta
`curso_sin_soluciones`, ejecuta `make lab`: la primera vez descarga las bibliotecas. En
Windows, sin make:

```
py -m venv .venv
.venv\\Scripts\\python -m pip install -r requirements.lock -e .
cd notebooks
..\\.venv\\Scripts\\jupyter lab 01_motivacion.ipynb
```
"""


def split_readme(text: str) -> dict[str, str]:
    """Separa el README en secciones; la de la clave vacía es lo que va antes."""
    parts = re.split(r"(?m)^(?=## )", text)
    titles = ["", *(part.splitlines()[0].removeprefix("## ") for part in parts[1:])]
    return dict(zip(titles, parts, strict=True))


def readme(text: str) -> str:
    """Deja del README lo que sirve sin las pruebas ni las presentaciones."""
    parts = split_readme(text)
    exercises = re.search(
        r"(?s)\*\*Los ejercicios\*\* .*?camino correcto\.", parts["Estudiar"]
    )
    license = parts["Licencia y créditos"].replace(CITE, "")
    return f"{parts[''].rstrip()}\n{START}\n{exercises[0]}\n\n{license.rstrip()}\n"


def git(root: Path, *words: str) -> bytes:
    """Lo que responde git sobre los archivos de la copia."""
    command = ["git", *words, "HEAD", "--", *WANTED]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True)
    except FileNotFoundError:
        sys.exit("Falta git, que sabe qué archivos son del curso.")
    if run.returncode:
        sys.exit(f"{root} no es un repositorio de git con el curso; se espera su clon.")
    return run.stdout


def is_solution(name: str) -> bool:
    """Dice si un archivo, por su ruta, tiene soluciones."""
    return bool(re.search("(?<![a-z])soluci", name.lower()))


def committed(root: Path) -> dict[str, bytes]:
    """Archivos confirmados que van en la copia; un enlace no es un archivo."""
    content = git(root, "-c", "core.autocrlf=false", "archive", "--format=tar")
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        return {
            entry.name: archive.extractfile(entry).read()
            for entry in archive
            if entry.isreg() and not is_solution(entry.name)
        }


def unsaved(root: Path) -> list[str]:
    """Archivos de la copia con cambios sin confirmar."""
    names = git(root, "diff", "--name-only", "--relative", "-z").decode().split("\0")
    return [name for name in names if name and not is_solution(name)]


def write(root: Path = ROOT) -> Path:
    """Escribe el zip en la raíz del curso y devuelve su ruta."""
    files = committed(root)
    files["README.md"] = readme(files["README.md"].decode()).encode()
    target = root / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}")  # con fecha fija: 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target


if __name__ == "__main__":
    if left := unsaved(ROOT):
        print(f"Hay cambios sin confirmar, que la copia no lleva: {', '.join(left)}.")
    made = write()
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
