"""Escribe ``curso_sin_soluciones.zip``, la copia que se entrega a la clase.

Lleva los cuadernos, sus módulos, los datos y los dibujos. No lleva las soluciones ni
``tests/``, que contiene respuestas; tampoco lo que solo sirve a quien enseña. Toma los
archivos que git conoce, como están en la carpeta: un cuaderno propio sin registrar, con
un examen, por ejemplo, no se escapa. Los mismos archivos dan el mismo zip.
"""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = "curso_sin_soluciones"
WANTED = ["LICENSE", "Makefile", "pyproject.toml", "requirements.txt"]
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


def tracked(root: Path) -> list[str]:
    """Archivos que git conoce y que van en la copia, en orden."""
    command = ["git", "ls-files", "-z", "--", *WANTED]
    try:
        run = subprocess.run(command, cwd=root, capture_output=True, text=True)
    except FileNotFoundError:
        sys.exit("Falta git, que sabe qué archivos son del curso.")
    if run.returncode or not run.stdout:
        sys.exit(f"{root} no es un repositorio de git con el curso; se espera su clon.")
    names = sorted(run.stdout.rstrip("\0").split("\0"))
    return [name for name in names if not name.startswith("notebooks/soluciones/")]


def write(root: Path = ROOT) -> Path:
    """Escribe el zip en la raíz del curso y devuelve su ruta."""
    files = {name: (root / name).read_bytes() for name in tracked(root)}
    files["README.md"] = readme((root / "README.md").read_text("utf-8")).encode()
    target = root / f"{NAME}.zip"
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(f"{NAME}/{name}")  # con fecha fija: 1980
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return target


if __name__ == "__main__":
    made = write()
    print(f"{made}: {made.stat().st_size / 1e6:.1f} MB")
