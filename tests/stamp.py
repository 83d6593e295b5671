"""Estampa en los cuadernos y el README la dirección con la que se publica el curso.

python tests/stamp.py                            la que está en pyproject.toml
python tests/stamp.py dueño/repositorio [rama]   una nueva, que queda en pyproject.toml
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]

SETUP = """\
# Donde falta el material del curso (Colab), lo trae; no actualiza nada instalado.
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

if find_spec("hpo_lab") is None:
    course = Path("curso_hpo").resolve()
    url = "https://github.com/{repository}"
    if not course.exists():
        subprocess.run(["git", "clone", "-q", "-b", "{branch}", url, course])
    assert course.exists(), f"No se pudo descargar {{url}}: revisa tu conexión."
    pins = (course / "requirements.txt").read_text().split()
    names = [pin for pin in pins if pin.startswith(("optuna", "pyngrok"))]
    missing = [n for n in names if not find_spec(n.split("=")[0].replace("-", "_"))]
    if missing:
        subprocess.run([sys.executable, "-m", "pip", "install", "-qq", *missing])
    sys.path.insert(0, str(course / "notebooks"))
import hpo_lab as lab
"""

COLAB = "https://colab.research.google.com/github/{repository}/blob/{branch}/notebooks/"
ANY_COLAB = re.compile(r"https://colab\.research\.google\.com/github/.+?/notebooks/")
ANY_CLONE = re.compile(r"(git clone https://github\.com/)\S+")


def read_address(root: Path = ROOT) -> dict[str, str]:
    """Devuelve ``{"repository": "dueño/repositorio", "branch": "rama"}``."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["curso"]


def write_address(root: Path, repository: str, branch: str) -> None:
    """Cambia la dirección en pyproject.toml, o ValueError si le falta su forma."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        raise ValueError(f"Se espera dueño/repositorio; se recibió {repository!r}.")
    if not re.fullmatch(r"\w[\w./-]*", branch, re.ASCII):
        raise ValueError(f"Se espera el nombre de una rama; se recibió {branch!r}.")
    path = root / "pyproject.toml"
    text = path.read_text("utf-8")
    text = re.sub(r"(?m)^repository = .*$", f'repository = "{repository}"', text)
    text = re.sub(r"(?m)^branch = .*$", f'branch = "{branch}"', text)
    path.write_text(text, "utf-8")


def stamp_text(text: str, address: dict[str, str]) -> str:
    """Cambia los enlaces de Colab y la orden de clonar de un texto."""
    text = ANY_COLAB.sub(COLAB.format(**address), text)
    return ANY_CLONE.sub(rf"\g<1>{address['repository']}", text)


def stamp_notebook(notebook, address: dict[str, str]):
    """Estampa un cuaderno ya leído y lo devuelve."""
    for cell in notebook.cells:
        if cell.id == "setup":
            cell.source = SETUP.format(**address).strip()
        elif cell.cell_type == "markdown":
            cell.source = stamp_text(cell.source, address)
    return notebook


def stamp(root: Path = ROOT) -> None:
    """Estampa el README y todos los cuadernos de la carpeta del curso."""
    address = read_address(root)
    readme = root / "README.md"
    readme.write_text(stamp_text(readme.read_text("utf-8"), address), "utf-8")
    for path in sorted((root / "notebooks").glob("*.ipynb")):
        notebook = stamp_notebook(nbformat.read(path, as_version=4), address)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    try:
        if len(sys.argv) > 1:
            write_address(ROOT, sys.argv[1], *(sys.argv[2:] or ["main"]))
        stamp()
    except ValueError as error:
        sys.exit(str(error))
