"""El sitio, abierto en Chromium desde una carpeta y sin red, como lo abre quien lee."""

import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import TimeoutError

from course import NAMES
from pages import PAGES, of_pages, parsed, visit

pytestmark = pytest.mark.slow

WIDTHS = (320, 360, 390, 768, 1280)
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


def wait_for_results(page):
    """Espera a que la búsqueda haya escrito el último."""
    page.wait_for_function("document.querySelector('.search-summary')?.innerText")


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
        try:  # el borde se mira cuando la caja cambia
            page.wait_for_function(f"({HIDDEN})().length === 0", timeout=3000)
        except TimeoutError:
            assert page.evaluate(HIDDEN) == [], width
        # En la pantalla ancha se mira lo que rodea al artículo, igual en cada cuaderno.
        if width != 390 and (width != 1280 or name in NAMES[1:]):
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


def test_what_is_folded_unfolds(site, page):
    visit(page, site, NAMES[1])
    for kind, inside in (("details.hide", "pre"), ("details:not(.hide)", "p")):
        folded = page.locator(kind).first
        hidden = folded.locator(inside).last
        assert not hidden.is_visible()
        folded.locator("summary").click()
        assert hidden.is_visible()


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


def test_what_the_keyboard_reaches_is_seen(site, page):
    page.emulate_media(reduced_motion="reduce")
    visit(page, site, NAMES[0])
    shapes = """() => { const e = document.activeElement, s = getComputedStyle(e);
      return [e.outerHTML.slice(0, 120),
        parseFloat(s.outlineWidth) * (s.outlineStyle !== "none") >= 2
          || s.boxShadow !== "none"]; }"""
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
