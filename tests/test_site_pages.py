"""Lo que dicen las páginas del sitio, y a dónde llevan."""

import re
from pathlib import Path

import nbformat
import pytest
from PIL import Image, ImageChops

import stamp
from course import NAMES, NOTEBOOKS, ROOT, alts, read
from pages import build_site, lost_links, of_notebooks, of_pages, parsed, urls_of

pytestmark = pytest.mark.slow


@of_notebooks
def test_a_page_says_what_its_notebook_says(name, site):
    soup = parsed(site / f"{name}.html")
    there = set(re.findall(r"\w+", soup.get_text()))
    notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
    for cell in notebook.cells:
        if cell.id in ("badge", "license"):  # los pone el sitio
            continue
        text = cell.source
        if cell.cell_type == "markdown":
            text = re.sub(r"(?m)^\*\*(Anterior|Siguiente).*", "", text)  # también
            text = re.sub(r"\]\([^)]+\)|<[^>]+>|```\w*", " ", text)
        printed = "".join(output.get("text", "") for output in cell.get("outputs", []))
        assert set(re.findall(r"\w+", f"{text} {printed}")) <= there, cell.id
    figures = soup.select(".cell_output img")
    described = [alt for cell in notebook.cells for alt in alts(cell)]
    assert [figure["alt"] for figure in figures] == described
    for figure in figures:  # se toca y se ve grande
        assert figure.parent["href"] == figure["src"]
        with Image.open(site / figure["src"]) as image:
            assert image.width >= 800


@of_notebooks
def test_plumbing_and_answers_are_folded(name, site):
    soup = parsed(site / f"{name}.html")
    notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
    kinds = build_site.folded(notebook.cells)
    assert {"setup", "figure", "check"} == set(kinds.values())
    order = [cell.id for cell in notebook.cells if cell.id in kinds]
    said = [f"Ver {build_site.FOLDED[kinds[name]]}" for name in order]
    folded = soup.select("details.hide")
    assert [each.select_one("summary .collapsed").text for each in folded] == said
    closing = [each.select_one("summary .expanded").text for each in folded]
    assert closing == [text.replace("Ver", "Ocultar", 1) for text in said]
    assert "google.colab" in folded[0].pre.text
    # Se muestra, en cambio, lo que la lección enseña a escribir.
    sources = [c.source for c in notebook.cells if c.cell_type == "code"]
    shown = [
        pre for pre in soup.select(".cell_input pre") if not pre.find_parent("details")
    ]
    assert len(shown) == len(sources) - len(folded) > 20
    answers = soup.select("details:not(.hide)")
    assert len(answers) == sum("<details>" in c.source for c in notebook.cells) > 3
    assert all(len(answer.p.text) > 40 for answer in answers)
    assert not soup.select("details[open]")


def test_what_is_folded_in_the_first_notebook():
    assert build_site.FOLDED == {
        "setup": "la celda que trae el curso",
        "figure": "el código de la figura",
        "check": "la comprobación",
    }
    cells = read(NOTEBOOKS[0]).cells
    kinds = build_site.folded(cells)
    shown = {cell.id for cell in cells if cell.cell_type == "code"} - kinds.keys()
    assert kinds == {
        "setup": "setup",
        "plot-data": "figure",
        "same-bytes": "check",
        "linear-plot": "figure",
        "gammas": "figure",
        "gammas-check": "check",
        "cs": "figure",
        "curve-assert": "check",
        "explore": "figure",
        "cost-check": "check",
        "protocol": "figure",
        "optimism-plot": "figure",
        "final-check": "check",
        "final-plot": "figure",
    }
    assert {"parameters", "curve", "three-plot", "exercise-1-1-code"} <= shown


def test_what_the_visible_code_needs_is_not_folded():
    png = {"data": {"image/png": ""}, "metadata": {"image/png": {"alt": "x"}}}
    sources = {
        "setup": "import hpo_lab as lab",
        "imports": "import pandas as pd\nax = pd.Series().plot()",
        "draw": "def draw(ax):\n    table = 2\n    ax.plot(table)",
        "helper": "def helper(ax):\n    ax.plot()\n    return 1",
        "table": "ax = plt.plot()\ntable = 1\nother = 1",
        "use": "table = pd.concat([table, helper(1)])",
        "again": "other = 2\nprint(other)",
        "magic": "said = !ls\nassert said",
        "claim": "low = table - 1\nassert low > 0",
        "shown": "high = low\nassert high",
    }
    sources |= {"to-do": "# Escribe aquí", "taught": "plt.plot(7)"}
    cells = [nbformat.v4.new_code_cell(source) for source in sources.values()]
    cells[-1].metadata.tags = ["slide-code"]  # se proyecta: la lección lo enseña
    for cell, name in zip(cells, sources, strict=True):
        cell.id = name
    cells[1].outputs = [nbformat.v4.new_output("display_data", **png)]
    cells[-3].outputs = [nbformat.v4.new_output("stream", text="1")]
    assert build_site.folded(cells) == {
        "setup": "setup",
        "draw": "figure",
        "magic": "check",
    }
    cells[-3].outputs = []
    kinds = build_site.folded(cells)
    assert kinds["claim"] == kinds["shown"] == "check"
    cells[5].source = "table = 3"
    assert build_site.folded(cells).keys() >= {"imports", "helper", "table"}


@of_pages
def test_the_course_is_around_each_page(name, site):
    """Partes a un lado, contenido al otro, el anterior, el siguiente y Colab."""
    soup = parsed(site / f"{name}.html")
    parts = [part.text.partition(".")[0] for part in soup.select(".bd-docs-nav p")]
    assert parts == ["I", "II", "III", "IV", "Consulta"]
    order = ["index", *NAMES, "glosario", None]
    entries = [link["href"] for link in soup.select(".bd-docs-nav a")]
    here = {f"{name}.html": "#"}
    assert entries == [here.get(f"{n}.html", f"{n}.html") for n in order[1:-1]]
    if name in order:
        at = order.index(name)
        near = {"left-prev": order[at - 1], "right-next": order[at + 1]}
        for place, other in near.items():
            link = soup.select_one(f"a.{place}")
            assert (link and link["href"]) == (other and f"{other}.html")
    source = soup.select_one(".article-header-buttons a")
    assert source["href"] == f"https://github.com/{stamp.read_address()['repository']}"
    if name in NAMES:
        colab = stamp.COLAB.format(**stamp.read_address())
        game = soup.select("a.colab[href='juego.html']")
        assert len(game) == (name in ("04_optuna", "05_comparacion"))
        buttons = [b for b in soup.select("a.colab") if b not in game]
        assert [b.text for b in buttons] == ["Abrir en Colab", "Resolver en Colab"]
        assert {button["href"] for button in buttons} == {f"{colab}{name}.ipynb"}
        heads = soup.select(".bd-article h2")
        contents = soup.select(".bd-sidebar-secondary .toc-h2 > a")
        assert [h.text.rstrip("#") for h in heads] == [link.text for link in contents]
        assert len(heads) > 6


def test_every_link_leads_somewhere(site):
    """Los de adentro a un lugar que existe; los de afuera, a direcciones seguras."""
    assert lost_links(site) == []
    outside = {url for path in site.glob("*.html") for url in urls_of(path)}
    assert not [url for url in outside if url.startswith("http:")]


def test_the_entrance_leads_where_it_says(site):
    soup = parsed(site / "index.html")
    address = stamp.read_address()
    colab = stamp.COLAB.format(**address)
    github = f"https://github.com/{address['repository']}"
    for row, path in zip(soup.select(".bd-article li"), NOTEBOOKS, strict=True):
        title, here = row.select("a")
        assert title["href"] == f"{path.stem}.html"
        assert title.text.startswith(f"{int(path.name[:2])} · ")
        assert here["href"] == f"{colab}{path.name}"
        minutes = re.search(r"unos (\d+) minutos", path.read_text("utf-8"))[1]
        assert f"{minutes} minutos" in row.text
    doors = [link["href"] for link in soup.select(".doors a")]
    assert doors == [
        f"{NAMES[0]}.html",
        f"{colab}{NAMES[0]}.ipynb",
        "glosario.html",
        "clases/index.html",
        f"{github}#enseñar",
        github,
        f"{github}/blob/{address['ref']}/CONTRIBUTING.md",
    ]
    # El juego es lo primero después del título.
    after = soup.select_one(".bd-article h1").find_next("a", href=re.compile("html"))
    assert after["href"] == "juego.html" and len(after.img["alt"]) > 20
    buttons = [link["href"] for link in soup.select("a.colab")]
    assert buttons == ["juego.html", f"{NAMES[0]}.html"]
    # Las figuras que se mueven, como las describe el README, y quietas, en su final.
    readme = (ROOT / "README.md").read_text("utf-8")
    described = re.findall(r"!\[(.+?)\]\(images/(\w+)\.gif\)", readme)
    found = [(i["alt"], Path(i["src"]).stem) for i in soup.select(".moving img")]
    assert found == described and len(found) == 2
    for _, name in found:
        with Image.open(ROOT / "images" / f"{name}.gif") as moving:
            moving.seek(moving.n_frames - 1)
            last = moving.convert("RGB")
        with Image.open(site / "_static" / f"{name}.png") as still:
            assert ImageChops.difference(last, still.convert("RGB")).getbbox() is None


def test_pages_are_light(site):
    for path in site.glob("*.html"):
        kinds = ("_images/", "_static/searches.", "_static/tournament.")
        urls = {url for url in urls_of(path) if url.startswith(kinds)}
        own = [path, *(site / url for url in urls)]
        assert sum(file.stat().st_size for file in own) <= 2_000_000, path.name


def test_nothing_idle_is_published(site):
    """Ni fuentes ni mapas ni, dos veces, los iconos: lo que se trae pesa."""
    idle = (
        ".buildinfo",
        "_sources",
        "_static/*.html",
        "**/*.map",
        "_static/scripts/fontawesome.js",
    )
    assert [path for pattern in idle for path in site.glob(pattern)] == []
    shared = sum(p.stat().st_size for p in site.glob("_static/**/*") if p.is_file())
    assert shared < 7_000_000
    assert str(ROOT).encode() not in b"".join(
        path.read_bytes() for path in site.rglob("*.[hj][ts]*")
    )
