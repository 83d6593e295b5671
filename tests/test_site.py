"""El sitio, abierto en Chromium desde una carpeta y sin red, como lo abre quien lee."""

import importlib.util
import json
import re
import subprocess
import sys
import threading
import time
from contextlib import suppress
from functools import cache, partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import nbformat
import pytest
from bs4 import BeautifulSoup
from myst_parser.slugs import github_slugify
from PIL import Image, ImageChops
from playwright.sync_api import TimeoutError

import stamp
from course import NAMES, NOTEBOOKS, ROOT, alts, read, skip
from slides import build as slides

pytestmark = pytest.mark.slow

BUILD = ROOT / "tools" / "site" / "build.py"
spec = importlib.util.spec_from_file_location("site_build", BUILD)
build_site = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build_site)

PAGES = ["index", *NAMES, "glosario", "search"]
WIDTHS = (320, 360, 390, 768, 1280)
AXE = {"axe-core@4.14.1": {"axe.min.js": "axe.min.js"}}
ENTRY = re.compile(
    r"(?m)^(?P<term>\S.*)\n  (?:\*.+?\*\. )?(?P<sentence>.+?) "
    r"\[(?P<label>.+?)\]\((?P<name>.+?)\.ipynb#(?P<anchor>.+?)\)$"
)

# Lo que se sale de la pantalla sin estar en una caja que se corre.
WIDE = """() => {
  const boxed = e => {
    for (; e !== document.body; e = e.parentElement)
      if (["auto", "scroll"].includes(getComputedStyle(e).overflowX)
          && e.getBoundingClientRect().right < innerWidth + 1) return true;
    return false;
  };
  const wide = [...document.querySelectorAll(".bd-article-container *")].filter(e =>
    e.checkVisibility() && e.getBoundingClientRect().right > innerWidth + 1
    && !e.closest("mjx-assistive-mml, .headerlink") && !boxed(e));
  const room = [document.documentElement, document.body].map(e => e.scrollWidth);
  return { scroll: Math.max(...room) - innerWidth,
           wide: wide.map(e => e.outerHTML.slice(0, 150)) };
}"""

# Lo que no se ve, y lo que sigue más allá de su borde sin que se note.
HIDDEN = """() => [...document.querySelectorAll(".bd-article *")].filter(e =>
    e.checkVisibility() && !e.closest("mjx-container, .headerlink")
    && (!e.checkVisibility({ opacityProperty: true, visibilityProperty: true })
      || getComputedStyle(e).overflowX === "auto" && e.scrollWidth > e.clientWidth + 2
        && getComputedStyle(e).maskImage === "none"))
  .map(e => e.outerHTML.slice(0, 150))"""

# Fórmulas sin dibujar, o que quedaron escritas en el texto.
FORMULAS = r"""() => [
  ...[...document.querySelectorAll(".math")].filter(e =>
    !e.querySelector("mjx-container svg") || e.querySelector("[data-mjx-error]")),
  ...[...document.querySelectorAll(".bd-article :is(p, li, td, dd)")].filter(e =>
    [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE
      && /\$|\\\(|\\\[/.test(n.data))),
].map(e => e.outerHTML.slice(0, 150))"""

AXE_RUN = """([context, rules]) => axe.run(context, { preload: false,
    ...(rules && { runOnly: rules }) })
  .then(found => found.violations.filter(v => v.impact !== "minor")
    .map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"""
WHOLE, AROUND = {"include": ["body"]}, {"exclude": [".bd-article"]}
CODE = {"include": ["pre"]}
# Los miles de trozos de código, que mira otra prueba, se juntan.
JOIN = "document.querySelectorAll('pre').forEach(e => { e.textContent = e.innerText })"


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


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """El sitio en una carpeta nueva."""
    folder = tmp_path_factory.mktemp("memoria usb") / "sitio"
    try:
        slides.fetch_libraries(folder.parent / "lib")
    except SystemExit as reason:
        skip(str(reason))
    start = time.monotonic()
    build_site.build(folder)
    assert time.monotonic() - start < 60
    return folder


@pytest.fixture(scope="module")
def axe(tmp_path_factory):
    """El programa que revisa la accesibilidad."""
    folder = tmp_path_factory.mktemp("axe")
    try:
        slides.fetch_libraries(folder, AXE)
    except SystemExit as reason:
        skip(str(reason))
    return (folder / "axe.min.js").read_text("utf-8")


def visit(page, site, name, query=""):
    """Abre una página y espera a que sus fórmulas estén dibujadas."""
    page.goto((site / f"{name}.html").as_uri() + query)
    page.evaluate("window.MathJax?.startup?.promise")


def wait_for_results(page):
    """Espera a que la búsqueda haya escrito el último."""
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")


of_pages = pytest.mark.parametrize("name", PAGES)
of_notebooks = pytest.mark.parametrize("name", NAMES)


@of_pages
def test_a_page_reads_well(name, site, axe, page):
    """En el teléfono y en la pantalla, de día y de noche, y para quien la oye."""
    page.set_viewport_size({"width": 390, "height": 800})
    page.emulate_media(reduced_motion="reduce")  # los colores cambian de una vez
    visit(page, site, name, "?q=sobreajuste" if name == "search" else "")
    if name == "search":
        wait_for_results(page)
    page.evaluate(axe)
    page.evaluate(JOIN)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(WIDE) == {"scroll": 0, "wide": []}, width
        with suppress(TimeoutError):  # el borde se mira cuando la caja cambia
            page.wait_for_function(f"({HIDDEN})().length === 0", timeout=3000)
        assert page.evaluate(HIDDEN) == [], width
        if width not in (390, 1280):
            continue
        part = WHOLE if width == 390 else AROUND
        for theme, rules in (("light", None), ("dark", ["color-contrast"])):
            page.emulate_media(color_scheme=theme)
            page.wait_for_function(
                f"document.documentElement.dataset.theme == '{theme}'"
            )
            assert page.evaluate(AXE_RUN, [part, rules]) == [], (theme, width)
    assert page.evaluate(FORMULAS) == []
    assert page.problems == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_colours_of_the_code_can_be_read(theme, site, axe, page):
    page.emulate_media(reduced_motion="reduce", color_scheme=theme)
    visit(page, site, NAMES[-1])
    page.evaluate(axe)
    assert page.evaluate(AXE_RUN, [CODE, ["color-contrast"]]) == []


def test_what_is_wrong_is_noticed(site, axe, page):
    """Las revisiones de arriba ven lo que sobra, lo que no se lee y lo que falta."""
    visit(page, site, NAMES[1])
    page.set_viewport_size({"width": 390, "height": 800})
    article = "document.querySelector('.bd-article')"
    add = f"html => {article}.insertAdjacentHTML('beforeend', html)"
    page.evaluate(add, "<p id=ancho style='width: 500px'>ancho</p>")
    page.evaluate(add, "<p style='color: #bbb; background: #fff'>apenas</p>")
    page.evaluate(add, "<p>una $x$ suelta</p><p class=math>x</p>")
    page.evaluate(JOIN)
    page.wait_for_timeout(400)  # el tema revisa qué cajas se corren
    seen = page.evaluate(WIDE)
    assert seen["scroll"] > 0 or "ancho" in "".join(seen["wide"])
    page.evaluate(axe)
    found = page.evaluate(AXE_RUN, [WHOLE, None])
    assert [kind for _, kind, _ in found] == ["color-contrast"]
    assert len(page.evaluate(FORMULAS)) == 2


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
    sources["taught"] = "plt.plot(7)"
    cells = [nbformat.v4.new_code_cell(source) for source in sources.values()]
    cells[-1].metadata.tags = ["slide-code"]  # se proyecta: la lección lo enseña
    for cell, name in zip(cells, sources, strict=True):
        cell.id = name
    cells[1].outputs = [nbformat.v4.new_output("display_data", **png)]
    cells[-2].outputs = [nbformat.v4.new_output("stream", text="1")]
    assert build_site.folded(cells) == {
        "setup": "setup",
        "draw": "figure",
        "magic": "check",
    }
    cells[-2].outputs = []
    kinds = build_site.folded(cells)
    assert kinds["claim"] == kinds["shown"] == "check"
    cells[5].source = "table = 3"
    assert build_site.folded(cells).keys() >= {"imports", "helper", "table"}


def test_what_is_folded_unfolds(site, page):
    visit(page, site, NAMES[1])
    for kind, inside in (("details.hide", "pre"), ("details:not(.hide)", "p")):
        folded = page.locator(kind).first
        hidden = folded.locator(inside).last
        assert not hidden.is_visible()
        folded.locator("summary").click()
        assert hidden.is_visible()


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
    if name in NAMES:
        colab = stamp.COLAB.format(**stamp.read_address())
        buttons = soup.select("a.colab")
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


def test_nothing_is_left_in_english(site, page):
    english = re.compile(
        r"\b(the|toggle|search|page|link|skip|show|hide|to|of)\b", re.I
    )
    names = ("title", "aria-label", "placeholder")
    for name in PAGES:
        tags = parsed(site / f"{name}.html").select(
            "[title], [aria-label], [placeholder]"
        )
        said = " · ".join(tag.get(kind, "") for tag in tags for kind in names)
        assert english.findall(said.replace("grid search", "")) == [], name
    visit(page, site, "search", "?q=sobreajuste")
    wait_for_results(page)
    text = page.locator("body").inner_text().replace("grid search", "")
    assert english.findall(text) == []


def results(page, site, words):
    visit(page, site, "search", f"?q={words}")
    wait_for_results(page)
    found = page.locator("#search-results li a")
    return found.evaluate_all("all => all.map(a => a.href.split('#')[0])")


def test_searching_finds_with_and_without_accents(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, site, NAMES[4])
    page.locator(".search-button:visible").first.click()
    page.keyboard.type("sobreajuste")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search.html?q=sobreajuste")
    found = page.locator("#search-results li a")
    found.first.wait_for()
    titles = found.all_inner_texts()
    assert any(title.startswith("1 · ") for title in titles)
    assert "Glosario > sobreajuste" in titles
    found.filter(has_text="1 · ").first.click()
    page.wait_for_url(f"**/{NAMES[0]}.html*")
    assert page.problems == []
    with_accents = results(page, site, "validación")
    assert set(with_accents) == {*results(page, site, "validacion")}
    assert page.locator("a[href$='#term-validacion-cruzada']").is_visible()
    assert set(results(page, site, "podar")) == {*results(page, site, "podas")}
    count = len(results(page, site, "sobreajuste"))
    assert page.get_by_text(f"Está en {count} lugares.").is_visible()
    assert results(page, site, "zanahoria") == []
    assert page.get_by_text(
        "No está en el curso. Prueba con otra palabra."
    ).is_visible()


def test_from_a_server_the_results_quote_their_page(site, page):
    """Publicado, cita lo que halló; desde una carpeta el navegador no lo permite."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        page.goto(f"http://127.0.0.1:{server.server_port}/search.html?q=sobreajuste")
        quote = page.locator("#search-results li p.context").first
        quote.wait_for()
        assert "sobreajust" in quote.inner_text().lower()
        assert page.problems == []
    finally:
        server.shutdown()


def test_the_entrance_has_its_doors_and_its_moving_pictures(site, page):
    page.set_viewport_size({"width": 390, "height": 844})
    visit(page, site, "index")
    assert page.locator(".doors h2").all_inner_texts() == [
        "Estudiar",
        "Enseñar",
        "Mantener",
    ]
    shown = "all => all.map(i => [i.currentSrc.split('/').pop(), i.naturalWidth > 300])"
    pictures = page.locator(".moving img")
    assert pictures.evaluate_all(shown) == [
        ["searches.gif", True],
        ["tournament.gif", True],
    ]
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_function(
        "[...document.images].every(i => i.currentSrc.endsWith('png'))"
    )
    page.wait_for_function("[...document.images].every(i => i.complete)")
    assert pictures.evaluate_all(shown) == [
        ["searches.png", True],
        ["tournament.png", True],
    ]
    page.get_by_role("link", name="presentación").click()
    page.wait_for_url("**/clases/index.html")
    page.locator("li a").first.click()
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.problems == []


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
    assert soup.select_one("a.colab")["href"] == f"{NAMES[0]}.html"
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


def test_what_the_keyboard_reaches_is_seen(site, page):
    page.emulate_media(reduced_motion="reduce")
    visit(page, site, NAMES[0])
    shapes = """() => { const e = document.activeElement, s = getComputedStyle(e);
      return [e.outerHTML.slice(0, 120),
        parseFloat(s.outlineWidth) * (s.outlineStyle !== "none") >= 2
          || s.boxShadow !== "none" || s.textDecorationThickness > "2px"]; }"""
    seen = []
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.append(page.evaluate(shapes))
    assert [html for html, shown in seen if not shown] == []
    reached = " ".join(html for html, _ in seen)
    for part in (
        "#main-content",
        "search-button",
        "theme-switch",
        "colab",
        "term",
        "<summary",
    ):
        assert part in reached, part
    assert "mjx" not in reached  # una fórmula no es una parada


def test_a_term_looks_like_a_link_and_not_like_a_word(site, page):
    visit(page, site, NAMES[0])
    lines = page.locator("a.term").evaluate_all(
        "all => all.map(a => getComputedStyle(a).textDecorationLine)"
    )
    assert set(lines) == {"underline"}


def test_printed_code_is_whole_and_black(site, page):
    page.emulate_media(color_scheme="dark")
    visit(page, site, NAMES[1])
    page.set_viewport_size({"width": 700, "height": 900})
    page.emulate_media(media="print")
    boxes = page.locator(".cell_input pre:visible").evaluate_all(
        """all => all.map(e => [e.scrollWidth <= e.clientWidth + 1,
             getComputedStyle(e.querySelector("span[class]") ?? e).color])"""
    )
    assert len(boxes) > 20 and {tuple(box) for box in boxes} == {(True, "rgb(0, 0, 0)")}
    assert page.locator("h1").first.is_visible()


def test_the_theme_can_be_chosen_and_is_remembered(site, page):
    visit(page, site, NAMES[0])
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    page.get_by_role("button", name="Tema").click()
    page.get_by_role("button", name="Oscuro").click()
    dark = page.evaluate(paper)
    visit(page, site, NAMES[1])
    assert page.evaluate(paper) == dark != light


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
    order = [conf().plain(block.splitlines()[0]).lower() for block in blocks]
    assert len(order) == len(found)
    assert order == sorted(set(order))
    for entry in found:
        assert len(entry["sentence"].split()) <= 30, entry["term"]
        assert re.fullmatch(r"[A-ZÁÉÍÓÚ][^.]+\.", entry["sentence"]), entry["term"]
        plain = conf().plain(sections(entry["name"])[entry["anchor"]]).lower()
        word = max(conf().plain(entry["term"]).lower().split(), key=len)
        assert word[: max(3, len(word) - 2)] in plain, entry["term"]
        title = titles(entry["name"])[entry["anchor"]]
        assert entry["label"] == f"{int(entry['name'][:2])} · {title}"


@cache
def conf():
    """El archivo que configura a Sphinx, como módulo."""
    about = importlib.util.spec_from_file_location(
        "site_conf", BUILD.parent / "conf.py"
    )
    module = importlib.util.module_from_spec(about)
    about.loader.exec_module(module)
    return module


@of_notebooks
def test_the_first_use_of_a_term_leads_to_the_glossary(name, site):
    """Todo término que la página usa tiene un enlace, y antes no se había usado."""
    dts = parsed(site / "glosario.html").select("dt")
    places = [tag["id"] for tag in dts]
    names = [conf().plain(tag.text.rstrip("#")).lower() for tag in dts]
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
    text = conf().plain(page.select_one(".bd-article").get_text()).lower()
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
        "_static/scripts/fontawesome*",
    )
    assert [path for pattern in idle for path in site.glob(pattern)] == []
    shared = sum(p.stat().st_size for p in site.glob("_static/**/*") if p.is_file())
    assert shared < 7_000_000
    assert str(ROOT).encode() not in b"".join(
        path.read_bytes() for path in site.rglob("*.[hj][ts]*")
    )


def test_no_solution_is_published_unasked(site, tmp_path):
    assert not list(site.rglob("*soluci*"))
    lib = site.parent / "lib"
    for asked in (False, True):
        source = tmp_path / str(asked)
        source.mkdir()
        build_site.stage(source, lib, asked)
        files = [path.name for path in source.glob("soluciones/*")]
        assert sorted(files) == ([f"{name}.ipynb" for name in NAMES] if asked else [])
    whole = "".join(path.read_text("utf-8") for path in site.glob("*.html"))
    for name in NAMES:
        solved = read(ROOT / "notebooks" / "soluciones" / f"{name}.ipynb")
        (text,) = (c.source for c in solved.cells if c.id == "title")
        assert text.splitlines()[0].lstrip("# ") not in whole


@pytest.mark.parametrize("given", ["", "0", "1", "sí"])
def test_make_passes_on_whether_to_publish_the_solutions(given):
    command = ["make", "-n", "--no-print-directory", "-o", ".venv/ready", "site"]
    command += [f"SOLUCIONES={given}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    option = [f"'--soluciones={given}'"] if given else []
    assert done.stdout.split()[1:] == ["tools/site/build.py", *option]


def test_another_option_is_refused_in_one_sentence():
    command = [sys.executable, BUILD, "--soluciones=sí"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1 and done.stderr.count("\n") == 1
    assert "o nada; se recibió '--soluciones=sí'" in done.stderr
    asked = {options: asks for options, asks in build_site.OPTIONS.items()}
    assert asked == {(): False, ("--soluciones=0",): False, ("--soluciones=1",): True}


def test_a_bad_notebook_is_told_in_one_sentence(tmp_path):
    path = tmp_path / "mal.ipynb"
    notebook = read(NOTEBOOKS[0])
    png = next(c for c in notebook.cells if alts(c))
    told = {
        "no se puede leer como cuaderno": lambda: path.write_text("<<<<<<<", "utf-8"),
        "1 figuras y 0 textos": lambda: png.outputs[0].metadata.clear(),
        "2 figuras y 0 textos": lambda: png.outputs.append(png.outputs[0]),
        "falta el enlace a Colab": lambda: notebook.cells.clear(),
    }
    for sentence, spoil in told.items():
        spoil()
        if "leer" not in sentence:
            nbformat.write(notebook, path)
        with pytest.raises(SystemExit, match=sentence) as error:
            build_site.page(path)
        assert str(path) in str(error.value) and "\n" not in str(error.value)
    with pytest.raises(SystemExit, match="README.md no tiene la fila de mal.ipynb"):
        build_site.index([path], [])
    nbformat.write(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A")]), path
    )
    with pytest.raises(SystemExit, match="el título no dice su parte"):
        build_site.part_of(path)


@pytest.mark.full
def test_with_the_solutions_everything_resolves(tmp_path):
    folder = tmp_path / "sitio"
    build_site.build(folder, solutions=True)
    assert len(list(folder.glob("soluciones/*.html"))) == len(NAMES)
    assert lost_links(folder) == []


def test_a_broken_link_stops_the_site_and_keeps_the_old_one(tmp_path, capfd):
    source, made = tmp_path / "source", tmp_path / "site"
    (source / "static").mkdir(parents=True)
    (source / "index.md").write_text("# Curso\n\n[nada](no_existe.ipynb)\n", "utf-8")
    (source / "glosario.md").write_text(
        "---\norphan: true\n---\n\n# Glosario\n", "utf-8"
    )
    with pytest.raises(SystemExit, match="Sphinx no pudo armar el sitio"):
        build_site.render(source, made)
    assert "no_existe.ipynb" in capfd.readouterr().err


@pytest.mark.parametrize("step", ["stage", "render"])
def test_if_it_fails_the_old_site_stays(step, tmp_path, monkeypatch):
    folder = tmp_path / "sitio"
    folder.mkdir()
    (folder / "index.html").write_text("el de ayer", "utf-8")
    monkeypatch.setattr(build_site.slides, "fetch_libraries", lambda folder: None)

    def fail(*args):
        assert (folder / "index.html").read_text("utf-8") == "el de ayer"
        sys.exit("no se pudo")

    monkeypatch.setattr(build_site, "stage", lambda *args: None)
    monkeypatch.setattr(build_site, step, fail)
    with pytest.raises(SystemExit, match="no se pudo"):
        build_site.build(folder)
    assert (folder / "index.html").read_text("utf-8") == "el de ayer"
    assert [path.name for path in tmp_path.iterdir()] == ["sitio"]


@pytest.mark.parametrize("old", ["folder", "file", "link"])
def test_the_new_site_takes_the_place_of_the_old(old, tmp_path, monkeypatch):
    folder = tmp_path / "sitio"
    kept = tmp_path / "otra carpeta"
    kept.mkdir()
    (kept / "suyo.txt").write_text("no se toca", "utf-8")
    if old == "folder":
        folder.mkdir()
    elif old == "file":
        folder.write_text("x", "utf-8")
    else:
        folder.symlink_to(kept)
    (tmp_path / "lib").mkdir()
    monkeypatch.setattr(build_site.slides, "fetch_libraries", lambda folder: None)
    monkeypatch.setattr(build_site.slides, "build", lambda folder, home: None)
    monkeypatch.setattr(build_site, "stage", lambda *args: None)
    monkeypatch.setattr(build_site, "render", lambda source, made: made.mkdir())
    build_site.build(folder)
    assert folder.is_dir() and not folder.is_symlink()
    assert (kept / "suyo.txt").read_text("utf-8") == "no se toca"


def test_the_workflow_publishes_what_make_site_writes():
    import yaml

    path = ROOT / ".github" / "workflows" / "site.yml"
    flow = yaml.safe_load(path.read_text("utf-8"))
    assert flow[True]["push"] == {"branches": ["main"]}  # «on», para YAML, es True
    jobs = flow["jobs"]
    steps = jobs["build"]["steps"]
    runs = [step["run"] for step in steps if "run" in step]
    assert runs == ["make site"], "sin soluciones"
    assert steps[-1]["with"] == {"path": "build/site"}
    assert f'ROOT / "{Path("build/site").parent}" / "site"' in BUILD.read_text("utf-8")
    assert "permissions" not in jobs["build"]
    assert jobs["publish"]["permissions"] == {"pages": "write", "id-token": "write"}
    assert json.dumps(jobs).count("secrets") == 0
