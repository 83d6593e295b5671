"""Convierte el curso en un sitio: ``python tools/site/build.py``.

Queda en ``build/site``: se publica tal cual, o se abre ``index.html`` desde la carpeta,
sin red. Los cuadernos van como están guardados; nada se ejecuta. Con
``--soluciones=1``, o ``make site SOLUCIONES=1``, van también las soluciones.
"""

import ast
import dis
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from types import CodeType

import jinja2
import nbformat
from IPython.core.inputtransformer2 import TransformerManager
from PIL import Image
from sphinx.cmd.build import build_main

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
NOTEBOOKS = ROOT / "notebooks"
IMAGES = ROOT / "images"
sys.path[:0] = [str(ROOT / "tools")]

from slides import build as slides  # noqa: E402
from stamp import read_address  # noqa: E402

# Lo que se pliega, y lo que dice el botón que lo despliega.
FOLDED = {
    "setup": "la celda que trae el curso",
    "figure": "el código de la figura",
    "check": "la comprobación",
}
# Lo que el tema y myst-nb dejan en inglés, y dos nombres para quien oye la página.
RENAMED = {
    ' aria-label="Toggle hidden content"': "",
    'title="Toggle primary sidebar"': 'title="El curso"',
    'title="Toggle secondary sidebar"': 'title="Esta página"',
    'title="Link to this heading"': 'title="Enlace a este título"',
    'title="Link to this term"': 'title="Enlace a este término"',
    'aria-label="Main"': 'aria-label="El curso"',
    'aria-label="Page"': 'aria-label="Esta página"',
    '<div id="pst-primary-sidebar"': '<div role="region" aria-label="Menú" '
    'id="pst-primary-sidebar"',
    'js-only" title="Búsqueda" aria-label="Búsqueda"': 'js-only" title="Búsqueda"',
}
# Las páginas vivas: cómo se llaman en el sitio.
LIVE = {"game.html": "juego.html", "surrogate.html": "sustituto.html"}
HOME = '<p class="home"><a href="index.html">El curso</a> mide todo esto.</p>\n</main>'
FRAME = '<iframe class="live" src="{}" title="El sustituto, trial por trial"></iframe>'
ICONS = "_static/scripts/fontawesome.js"
BUTTON = '<a class="colab" href="{}">{}</a>'
NEAR = re.compile(r"(?m)^\*\*(Anterior|Siguiente):\*\* .*$")
BADGE = re.compile(r"\[!\[(.+?)\]\(.+?\)\]\((.+?)\)")
ROW = re.compile(
    r"(?m)^\| \[abrir\]\((?P<colab>.+?)\) "
    r"\| \[(?P<title>.+?)\]\(notebooks/(?P<file>.+?)\) "
    r"\| (?P<minutes>\d+) \| (?P<what>.+?) \|$"
)


def instructions(code: CodeType) -> Iterator[dis.Instruction]:
    """Las instrucciones de un código y, donde se definen, las de sus funciones."""
    for step in dis.get_instructions(code):
        yield step
        if isinstance(step.argval, CodeType):
            yield from instructions(step.argval)


def names(source: str) -> tuple[set[str], set[str]]:
    """Los nombres que una celda define y los que usa de otras."""
    code = TransformerManager().transform_cell(source)
    defined, used = set(), set()
    for step in instructions(compile(code, "celda", "exec")):
        if step.opname == "STORE_NAME":
            defined.add(step.argval)
        elif step.opname in ("LOAD_NAME", "LOAD_GLOBAL"):
            used |= {step.argval} - defined
    return defined, used


def kind_of(cell: nbformat.NotebookNode) -> str:
    """De qué clase es una celda que se puede plegar, o nada."""
    if cell.cell_type != "code" or "slide-code" in cell.metadata.get("tags", []):
        return ""
    if cell.id == "setup":
        return "setup"
    if alt_of(cell) or re.search(r"\b(ax|axes|plt)\.", cell.source):
        return "figure"
    lines = ast.parse(TransformerManager().transform_cell(cell.source)).body
    checks = lines and isinstance(lines[-1], ast.Assert)
    return "check" if checks and not cell.outputs else ""


def folded(cells: list[nbformat.NotebookNode]) -> dict[str, str]:
    """Las celdas que se pliegan, con su clase: las que nada de lo visible necesita."""
    kinds, needed = {}, set()
    for cell in reversed(cells):
        if cell.cell_type != "code":
            continue
        defined, used = names(cell.source)
        kind = kind_of(cell)
        if kind == "setup" or kind and not defined & needed:
            kinds[cell.id] = kind
        else:
            needed = needed - defined | used
    return kinds


def read(path: Path) -> nbformat.NotebookNode:
    """Un cuaderno guardado, con una figura descrita por celda como mucho."""
    try:
        notebook = nbformat.read(path, as_version=4)
    except (nbformat.reader.NotJSONError, nbformat.ValidationError, OSError) as error:
        sys.exit(f"{path} no se puede leer como cuaderno: {str(error)[:100]}")
    for cell in notebook.cells:
        outputs = [
            o for o in cell.get("outputs", []) if "image/png" in o.get("data", {})
        ]
        described = [o for o in outputs if o.metadata.get("image/png", {}).get("alt")]
        if len(described) != len(outputs) or len(outputs) > 1:
            sys.exit(
                f"{path}, celda {cell.id}: {len(outputs)} figuras y {len(described)} "
                "textos alternativos; se espera una, con el suyo (lab.show)."
            )
    return notebook


def alt_of(cell: nbformat.NotebookNode) -> str:
    """El texto alternativo de la figura de una celda, o nada."""
    found = [o.get("metadata", {}).get("image/png") for o in cell.get("outputs", [])]
    return next((about["alt"] for about in found if about), "")


def prose(cell: nbformat.NotebookNode, colab: str) -> str:
    """El texto de una celda, con botones, y sin los enlaces que pone el sitio."""
    text = NEAR.sub("", BADGE.sub(BUTTON.format(r"\2", r"\1"), cell.source))
    if cell.id == "exercises":
        text += "\n\n" + BUTTON.format(colab, "Resolver en Colab")
    return "" if cell.id == "license" else text


def around(cell: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """Una celda y, si la tiene, su página viva: el juego, con un botón."""
    name = LIVE.get(cell.metadata.get("slideshow", {}).get("live"))
    new = nbformat.v4.new_markdown_cell
    if name == "juego.html":
        return [cell, new(BUTTON.format(name, "Jugar: ¿le ganas a TPE?"))]
    if name:  # antes que la figura quieta, que da la respuesta
        return [new(FRAME.format(name)), cell]
    return [cell]


def page(path: Path) -> nbformat.NotebookNode:
    """Prepara un cuaderno para myst-nb, sin cambiar lo que dice."""
    notebook = read(path)
    notebook.metadata.setdefault("language_info", {})["pygments_lexer"] = "ipython3"
    colab = BADGE.search("".join(cell.source for cell in notebook.cells))
    if not colab:
        sys.exit(
            f"{path}: falta el enlace a Colab; se espera una celda con su insignia."
        )
    kinds = folded(notebook.cells)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = prose(cell, colab[2])
            if path.parent != NOTEBOOKS:  # las soluciones no tienen secciones
                cell.source = cell.source.replace("### ", "## ")
        # Con un ancho, Sphinx enlaza la figura con su archivo: en el móvil se amplía.
        about = {"image": {"alt": alt_of(cell), "width": "100%"}}
        if kind := kinds.get(cell.id):
            cell.metadata.tags = [*cell.metadata.get("tags", []), "hide-input"]
            about["code_prompt_show"] = f"Ver {FOLDED[kind]}"
            about["code_prompt_hide"] = f"Ocultar {FOLDED[kind]}"
        cell.metadata.mystnb = about
    notebook.cells = [part for cell in notebook.cells for part in around(cell)]
    return notebook


def part_of(path: Path) -> str:
    """La parte del curso a la que un cuaderno dice pertenecer."""
    title = read(path).cells[0].source
    part = re.search(r"Parte (\w+): (.+)\*", title)
    if not part:
        sys.exit(f"{path}: el título no dice su parte; se espera «*… · Parte I: …*».")
    return f"{part[1]}. {part[2][0].upper()}{part[2][1:]}"


def index(files: list[Path], solutions: list[Path]) -> str:
    """La página de entrada, con los cuadernos como los anuncia el README."""
    readme = (ROOT / "README.md").read_text("utf-8")
    rows = {row["file"]: row.groupdict() for row in ROW.finditer(readme)}
    if lost := [path.name for path in files if path.name not in rows]:
        sys.exit(f"README.md no tiene la fila de {', '.join(lost)} con su forma.")
    parts = [
        (part, [rows[path.name] for path in paths])
        for part, paths in groupby(files, part_of)
    ]
    text = (HERE / "index.md.j2").read_text("utf-8")
    template = jinja2.Template(text, trim_blocks=True, lstrip_blocks=True)
    return template.render(parts=parts, solutions=solutions, **read_address())


def stage(source: Path, lib: Path, solutions: bool) -> None:
    """Reúne en una carpeta lo que Sphinx va a leer."""
    files = sorted(NOTEBOOKS.glob("[0-9]*.ipynb"))
    solved = sorted(NOTEBOOKS.glob("soluciones/*.ipynb")) if solutions else []
    (source / "soluciones").mkdir()
    for path in [*files, *solved]:
        nbformat.write(page(path), source / path.relative_to(NOTEBOOKS))
    (source / "index.md").write_text(index(files, solved), "utf-8")
    shutil.copy(HERE / "glosario.md", source)
    static = source / "static"
    shutil.copytree(HERE / "static", static)
    for name in ("tex-svg.js", "mathjax-LICENSE.txt"):
        shutil.copy(lib / name, static)
    shutil.copy(IMAGES / "game.png", static)
    for name in ("searches", "tournament"):
        shutil.copy(IMAGES / f"{name}.gif", static)
        with Image.open(IMAGES / f"{name}.gif") as moving:
            moving.seek(moving.n_frames - 1)
            moving.save(static / f"{name}.png")


def render(source: Path, made: Path) -> None:
    """Escribe en `made` el sitio de `source`; un aviso de Sphinx lo detiene."""
    options = ["-q", "-W", "--keep-going", "-c", str(HERE)]
    options += ["-d", str(made.with_suffix(".trees"))]
    options += ["-D", f"html_static_path={source / 'static'}"]
    if build_main([*options, str(source), str(made)]):
        sys.exit("Sphinx no pudo armar el sitio; arriba dice por qué.")
    # Lo que el sitio no usa: fuentes, mapas, plantillas y los iconos por segunda vez.
    shutil.rmtree(made / "_sources", ignore_errors=True)
    for pattern in (".buildinfo", "_static/*.html", "_static/**/*.map", ICONS):
        for path in made.glob(pattern):
            path.unlink()
    for path in made.rglob("*.html"):
        text = re.sub(
            r"<script [^>]*/fontawesome\.js[^>]*></script>", "", path.read_text("utf-8")
        )
        for old, new in RENAMED.items():
            text = text.replace(old, new)
        path.write_text(text, "utf-8")


def build(folder: Path, solutions: bool = False) -> None:
    """Escribe el sitio en `folder`, que hasta entonces conserva lo que tenía."""
    lib = folder.parent / "lib"  # aquí quedan: la próxima vez no hace falta red
    slides.fetch_libraries(lib)
    with tempfile.TemporaryDirectory(
        dir=folder.parent, ignore_cleanup_errors=True
    ) as temp:
        source, made = Path(temp, "source"), Path(temp, "site")
        source.mkdir()
        stage(source, lib, solutions)
        render(source, made)
        for name, target in LIVE.items():
            text = (IMAGES / name).read_text("utf-8").replace("</main>", HOME)
            (made / target).write_text(text, "utf-8")
        shutil.copytree(lib, made / "clases" / "lib")
        slides.build(made / "clases", home="../index.html")
        if folder.exists() or folder.is_symlink():
            folder.rename(Path(temp, "old"))
        made.rename(folder)
    print(f"Sitio en {folder / 'index.html'}")


OPTIONS = {(): False, ("--soluciones=0",): False, ("--soluciones=1",): True}

if __name__ == "__main__":
    given = tuple(sys.argv[1:])
    if given not in OPTIONS:
        said = " ".join(given)
        sys.exit(
            f"Se espera --soluciones=1, --soluciones=0 o nada; se recibió {said!r}."
        )
    try:
        build(ROOT / "build" / "site", OPTIONS[given])
    except OSError as error:
        sys.exit(f"No se pudo escribir el sitio; sigue el anterior. {error}")
