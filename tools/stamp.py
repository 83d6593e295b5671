"""Estampa en los cuadernos y las páginas la dirección con la que se publica el curso.

python tools/stamp.py                                     la que está en pyproject.toml
python tools/stamp.py dueño/repositorio [rama o etiqueta] una nueva, que queda allí
python tools/stamp.py "" rama                             otra rama, mismo repositorio
"""

import re
import sys
import tomllib
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parents[1]

SETUP = """\
if "google.colab" in str(get_ipython()):  # lo instala si falta; no cambia lo que hay
    said = !pip show hpo-lab || {install}
try:
    import hpo_lab as lab
except ModuleNotFoundError:
    print("Falta el curso. Para instalarlo, ejecuta: {install}")  # fmt: skip
"""
INSTALL = "pip install git+https://github.com/{repository}@{ref}"
COLAB = "https://colab.research.google.com/github/{repository}/blob/{ref}/notebooks/"
# Hasta el último /notebooks/: un dueño, un repositorio o una rama se pueden llamar así.
ANY_COLAB = re.compile(
    r"https://colab\.research\.google\.com/github"
    r"/[\w.-]+/[\w.-]+/blob/[\w./-]+/notebooks/"
)
ANY_GIT = re.compile(
    r"(git clone |git\+|repository-code: )https://github\.com/[\w.-]+/[\w.-]+(@[\w./-]+)?"
)
ANY_SITE = re.compile(
    r"((?:\[Léelo en la web|TPE\?\*\*)\]\()https://[\w.-]+/([\w.-]+/)?"
)
PAGES = ("README.md", "CITATION.cff", "notebooks/hpo_lab/template/cells.py")


def read_address(root: Path = ROOT) -> dict[str, str]:
    """Devuelve ``{"repository": "dueño/repositorio", "ref": "rama o etiqueta"}``."""
    return tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["curso"]


def write_address(root: Path, repository: str, ref: str) -> None:
    """Cambia la dirección en pyproject.toml, o ValueError si le falta su forma."""
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository, re.ASCII):
        raise ValueError(f"Se espera dueño/repositorio; se recibió {repository!r}.")
    if not re.fullmatch(r"\w[\w./-]*", ref, re.ASCII):
        raise ValueError(f"Se espera una rama o una etiqueta; se recibió {ref!r}.")
    path = root / "pyproject.toml"
    text = path.read_text("utf-8")
    text = re.sub(r"(?m)^repository = .*$", f'repository = "{repository}"', text)
    text = re.sub(r"(?m)^ref = .*$", f'ref = "{ref}"', text)
    path.write_text(text, "utf-8")


def change_address(root: Path, words: list[str]) -> None:
    """Cambia la dirección por la de la línea de órdenes; lo vacío no la cambia."""
    if len(words) > 2:
        raise ValueError(
            "Se espera dueño/repositorio y una rama o una etiqueta; se recibió "
            f"{' '.join(words)!r}."
        )
    repository, ref, *_ = [*words, "", ""]
    if repository or ref:
        repository = repository or read_address(root)["repository"]
        write_address(root, repository, ref or "main")


def notebooks(root: Path = ROOT) -> list[Path]:
    """Enumera los cuadernos del curso y sus soluciones."""
    folder = root / "notebooks"
    return sorted([*folder.glob("[0-9]*.ipynb"), *folder.glob("soluciones/*.ipynb")])


def setup_cell(address: dict[str, str]) -> str:
    """Escribe la primera celda de código, igual en todos los cuadernos."""
    return SETUP.format(install=INSTALL.format(**address)).strip()


def stamp_text(text: str, address: dict[str, str]) -> str:
    """Cambia en un texto los enlaces de Colab y del sitio, y las direcciones de git."""

    def git(found: re.Match) -> str:
        ref = f"@{address['ref']}" if found[2] else ""
        return f"{found[1]}https://github.com/{address['repository']}{ref}"

    owner, name = address["repository"].split("/")
    site = f"https://{owner.lower()}.github.io/"
    if name.lower() != f"{owner.lower()}.github.io":  # el de la cuenta va en la raíz
        site += f"{name}/"
    text = ANY_SITE.sub(rf"\g<1>{site}", ANY_COLAB.sub(COLAB.format(**address), text))
    return ANY_GIT.sub(git, text)


def stamp_notebook(notebook, address: dict[str, str]):
    """Estampa un cuaderno ya leído y lo devuelve."""
    for cell in notebook.cells:
        if cell.id == "setup":
            cell.source = setup_cell(address)
        elif cell.cell_type == "markdown":
            cell.source = stamp_text(cell.source, address)
    return notebook


def stamp(root: Path = ROOT) -> None:
    """Estampa las páginas y todos los cuadernos de la carpeta del curso."""
    address = read_address(root)
    for page in filter(Path.exists, (root / name for name in PAGES)):
        page.write_text(stamp_text(page.read_text("utf-8"), address), "utf-8")
    for path in notebooks(root):
        notebook = stamp_notebook(nbformat.read(path, as_version=4), address)
        nbformat.write(notebook, path)


if __name__ == "__main__":
    try:
        change_address(ROOT, sys.argv[1:])
        stamp()
    except ValueError as error:
        sys.exit(str(error))
