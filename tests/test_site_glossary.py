"""El glosario del sitio: cada término, su sección y sus enlaces."""

import re
from functools import cache

import pytest
from bs4 import BeautifulSoup
from myst_parser.slugs import github_slugify

from course import NAMES, ROOT, read
from pages import BUILD, load, of_notebooks, parsed

pytestmark = pytest.mark.slow

conf = load(BUILD.parent / "conf.py")
ENTRY = re.compile(
    r"(?m)^(?P<term>\S.*)\n  (?:\*.+?\*\. )?(?P<sentence>.+?) "
    r"\[(?P<label>.+?)\]\((?P<name>.+?)\.ipynb#(?P<anchor>.+?)\)$"
)


def sections(name):
    """El texto de cada sección de un cuaderno, por su ancla, con sus subsecciones."""
    text, anchors = {}, {}
    cells = read(ROOT / "notebooks" / f"{name}.ipynb").cells
    sources = [cell.source for cell in cells if cell.cell_type == "markdown"]
    for line in "\n".join(sources).splitlines():
        if head := re.match(r"(##+) (.+)", line):
            level = len(head[1])
            anchors = {n: anchor for n, anchor in anchors.items() if n < level}
            anchors[level] = github_slugify(re.sub("[*`]", "", head[2]))
            text[anchors[level]] = ""
            continue
        for anchor in anchors.values():
            text[anchor] += f" {line}"
    return text


@cache
def titles(name):
    """El título de cada sección de un cuaderno, por su ancla."""
    cells = read(ROOT / "notebooks" / f"{name}.ipynb").cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    heads = [re.sub("[*`]", "", head) for head in re.findall(r"(?m)^##+ (.+)$", text)]
    return {github_slugify(head): head for head in heads}


def entries():
    return list(ENTRY.finditer((BUILD.parent / "glosario.md").read_text("utf-8")))


def test_each_entry_is_one_sentence_and_its_section_uses_the_term():
    source = (BUILD.parent / "glosario.md").read_text("utf-8")
    found = entries()
    assert len(found) == source.count("](") > 40, "una entrada no tiene su forma"
    # De cada entrada, su primer nombre.
    blocks = [block for block in re.split(r":::.*\n|\n\n", source) if "\n  " in block]
    order = [conf.plain(block.splitlines()[0]).lower() for block in blocks]
    assert len(order) == len(found)
    assert order == sorted(set(order))
    for entry in found:
        assert len(entry["sentence"].split()) <= 30, entry["term"]
        assert re.fullmatch(r"[A-ZÁÉÍÓÚ][^.]+\.", entry["sentence"]), entry["term"]
        plain = conf.plain(sections(entry["name"])[entry["anchor"]]).lower()
        word = max(conf.plain(entry["term"]).lower().split(), key=len)
        assert word[: max(3, len(word) - 2)] in plain, entry["term"]
        title = titles(entry["name"])[entry["anchor"]]
        assert entry["label"] == f"{int(entry['name'][:2])} · {title}"


@of_notebooks
def test_the_first_use_of_a_term_leads_to_the_glossary(name, site):
    """Todo término que la página usa tiene un enlace, y antes no se había usado."""
    dts = parsed(site / "glosario.html").select("dt")
    places = [tag["id"] for tag in dts]
    names = [conf.plain(tag.text.rstrip("#")).lower() for tag in dts]
    page = BeautifulSoup((site / f"{name}.html").read_text("utf-8"), "html.parser")
    links = page.select(".bd-article a.term")
    assert not any(
        link.find_parent(["h1", "h2", "h3", "pre", "code"]) for link in links
    )
    used = [places.index(link["href"].removeprefix("glosario.html#")) for link in links]
    assert len(used) == len(set(used)) >= 8
    page.select_one(".bd-article p").extract()  # a qué parte del curso pertenece
    for number, link in zip(used, links, strict=True):
        link.replace_with(f"⟦{number}⟧")
    for other in page.select(
        "h1, h2, h3, pre, code, a, .math, .cell_output, details.hide"
    ):
        other.replace_with("¤")
    text = conf.plain(page.select_one(".bd-article").get_text()).lower()
    # Primero lo más largo: en «validación cruzada anidada» hay otro término.
    for number, term in sorted(enumerate(names), key=lambda pair: -len(pair[1])):
        first = re.search(rf"\b{term}\b", text)
        assert not first or f"⟦{number}⟧" in text[: first.start()], term
        text = re.sub(rf"\b{term}\b", "¤", text)


def test_plurals_and_accents_are_the_same_term(site):
    linked = [parsed(site / f"{name}.html").select("a.term") for name in NAMES]
    words = {link.text: link["href"] for links in linked for link in links}
    assert words["hiperparámetros"] == "glosario.html#term-hiperparametro"
    assert words["almacenes"] == "glosario.html#term-almacen"
    assert words["particiones"] == "glosario.html#term-particion"
    there = parsed(site / f"{NAMES[5]}.html").select("a.term")
    meant = {link.text: link["href"].partition("-")[2] for link in there}
    assert meant["sobreajuste de la búsqueda"] == "sobreajuste-de-la-busqueda"
