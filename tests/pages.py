"""El sitio y lo que dicen sus páginas, para las pruebas."""

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote

import pytest
from bs4 import BeautifulSoup

from course import NAMES, ROOT, load

BUILD = ROOT / "tools" / "site" / "build.py"


build_site = load(BUILD)

PAGES = ["index", *NAMES, "glosario", "search"]
of_pages = pytest.mark.parametrize("name", PAGES)
of_notebooks = pytest.mark.parametrize("name", NAMES)


@cache
def parsed(path: Path) -> BeautifulSoup:
    return BeautifulSoup(path.read_text("utf-8"), "html.parser")


@cache
def urls_of(path: Path) -> list[str]:
    """Lo que una página enlaza o carga."""
    tags = parsed(path).select("[href], [src], [srcset]")
    kinds = ("href", "src", "srcset")
    return [unquote(tag[kind]) for tag in tags for kind in kinds if tag.get(kind)]


@cache
def places_of(path: Path) -> set[str]:
    """Los lugares de una página a los que se puede enlazar."""
    return {tag["id"] for tag in parsed(path).select("[id]")}


def lost_links(folder: Path) -> list[str]:
    """Los enlaces de adentro de un sitio que no llevan a ninguna parte."""
    lost = []
    for path in folder.glob("**/[!_]*.html"):
        for url in urls_of(path):
            file, _, place = re.sub(r"\?[^#]*", "", url).partition("#")
            target = (path.parent / file).resolve() if file else path
            if re.match(r"https://|data:", url):
                continue
            if not target.is_file() or place and place not in places_of(target):
                lost.append(f"{path.name}: {url}")
    return lost


def visit(page, site, name, query=""):
    """Abre una página y espera a que sus fórmulas estén dibujadas."""
    page.goto((site / f"{name}.html").as_uri() + query)
    page.evaluate("window.MathJax?.startup?.promise")
