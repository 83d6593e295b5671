"""Cada diapositiva de cada presentación, en Chromium a 1280 × 720 y sin red."""

import re
import subprocess
import sys
import time
from html import unescape
from itertools import pairwise

import pytest

from course import NAMES, NOTEBOOKS, ROOT, alts, fetch_or_skip, read
from slides import build as build_slides

pytestmark = pytest.mark.slow

LONG = {"05_comparacion", "08_distribuido", "09_proyecto"}

# Lo que la diapositiva actual muestra en este momento.
SEEN = """() => {
  const slide = Reveal.getCurrentSlide();
  const shown = e => e.checkVisibility(
    { visibilityProperty: true, opacityProperty: true });
  const seen = [...slide.querySelectorAll(".frame, .frame *")].filter(
    e => !e.closest("mjx-container") && e.getClientRects().length && shown(e));
  const outside = seen.filter(e => {
    const box = e.getBoundingClientRect();
    const cut = e.scrollWidth > e.clientWidth + 1
      && getComputedStyle(e).overflowX === "hidden";
    return cut || box.left < -1 || box.top < -1
      || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
  });
  const words = seen.filter(e => [...e.childNodes].some(
    n => n.nodeType === Node.TEXT_NODE && n.data.trim()));
  const number = document.querySelector(".slide-number").getBoundingClientRect();
  const under = words.filter(e => {
    const range = document.createRange();
    range.selectNodeContents(e);
    return [...range.getClientRects()].some(b => b.right > number.left
      && b.bottom > number.top && b.left < number.right && b.top < number.bottom);
  });
  const room = slide.querySelector(".content")?.getBoundingClientRect();
  const over = words.filter(e => e.closest(".content")).filter(e => {
    const box = e.getBoundingClientRect();
    return box.top < room.top - 1 || box.bottom > room.bottom + 1;
  });
  return {
    outside: outside.concat(under, over).map(e => e.outerHTML.slice(0, 200)),
    small: words.filter(e => parseFloat(getComputedStyle(e).fontSize) < 20)
      .map(e => `${getComputedStyle(e).fontSize} ${e.textContent.slice(0, 60)}`),
    text: words.filter(e => !e.closest("pre, code")).map(e => e.textContent).join(" "),
    figures: [...slide.querySelectorAll("img")].filter(shown).map(i => ({
      alt: i.alt, drawn: i.complete && i.naturalWidth > 0,
      width: i.getBoundingClientRect().width, height: i.getBoundingClientRect().height,
      ratio: i.naturalWidth / i.naturalHeight,
      points: parseFloat(i.dataset.points), inches: parseFloat(i.dataset.inches),
      drawing: i.getAttribute("src").startsWith("lib/") })),
    room: slide.querySelector(".picture")?.getBoundingClientRect().toJSON(),
    hidden: [...slide.querySelectorAll(".fragment")].filter(e => !shown(e)).length,
    fragments: slide.querySelectorAll(".fragment").length,
  };
}"""

# De cada diapositiva, si tiene figura o tabla y cuántas líneas de código.
SHAPES = """() => Reveal.getSlides().map(slide => ({
  visual: !!slide.querySelector(".frame :is(img, table)"),
  code: slide.querySelector(".frame .highlight")?.innerText.trim() ?? "",
  cell: slide.dataset.cell,
  seconds: +slide.dataset.timing,
  heading: slide.querySelector("h1, h2").innerText,
  asks: !!slide.querySelector(".fragment"),
}))"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Las presentaciones en una carpeta nueva, como en una memoria USB."""
    folder = tmp_path_factory.mktemp("usb")
    fetch_or_skip(folder / "lib")
    start = time.monotonic()
    build_slides.build(folder)
    assert time.monotonic() - start < 30
    return folder


@pytest.fixture
def deck(name, decks, page):
    """Una presentación abierta y con sus fórmulas dibujadas."""
    page.goto((decks / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.evaluate("MathJax.startup.promise")
    return page


of_decks = pytest.mark.parametrize("name", NAMES)
of_first = pytest.mark.parametrize("name", NAMES[:1])


@of_decks
def test_every_slide_is_read_from_the_last_row(name, deck):
    """Con la flecha derecha se pasa por todo, y todo cabe, se lee y describe."""
    notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
    described = [alt for cell in notebook.cells for alt in alts(cell)]
    described += [cell.metadata.slideshow.get("alt") for cell in notebook.cells]
    total, steps = deck.evaluate("Reveal.getTotalSlides()"), 0
    visited = []
    while True:
        number, seen = (
            deck.evaluate("Reveal.getSlidePastCount() + 1"),
            deck.evaluate(SEEN),
        )
        assert seen["outside"] == [], f"diapositiva {number}"
        assert seen["small"] == [], f"diapositiva {number}"
        assert seen["text"].strip() and "$" not in seen["text"], number
        for figure in seen["figures"]:
            assert figure["drawn"] and figure["alt"] in described, number
            assert abs(figure["width"] / figure["height"] / figure["ratio"] - 1) < 0.02
            label = figure["points"] / 72 * figure["width"] / figure["inches"]
            # De un dibujo de images/ no se anotan los puntos de sus letras.
            assert figure["drawing"] or label >= 14, (
                f"{number}: letra de {label:.1f} px"
            )
            room = seen["room"]  # lo llena, a lo ancho o a lo alto
            filled = figure["width"] / room["width"], figure["height"] / room["height"]
            assert max(filled) > 0.97, number
        if number not in visited:
            assert seen["hidden"] == seen["fragments"], f"{number}: ya se ve"
            visited.append(number)
        if deck.evaluate("Reveal.isLastSlide() && !Reveal.availableFragments().next"):
            break
        deck.keyboard.press("ArrowRight")
        steps += 1
    assert visited == list(range(1, total + 1))
    assert deck.locator(".progress span").bounding_box()["width"] > 0
    for _ in range(steps):
        deck.keyboard.press("ArrowLeft")
    assert deck.evaluate("Reveal.isFirstSlide()")
    assert deck.problems == []


@of_decks
def test_it_is_a_lecture(name, deck):
    slides = deck.evaluate(SHAPES)
    assert 20 <= len(slides) <= (32 if name in LONG else 28)
    visual = [slide["visual"] for slide in slides]
    assert sum(visual) >= 0.6 * len(slides)
    bare = [b["cell"] for a, b in pairwise(slides) if not a["visual"] | b["visual"]]
    assert bare == [], "dos seguidas sin figura ni tabla"
    for slide in slides:
        assert slide["code"].count("\n") < 12 and "assert" not in slide["code"], slide
        assert len(slide["heading"]) > 10
    title, vote = slides[:2]
    assert title["cell"] == "title" and title["visual"]
    assert vote["cell"] == "plan" and vote["visual"] and vote["asks"]
    assert {"summary", "summary-table"} & {slide["cell"] for slide in slides[-8:]}
    notebook = (ROOT / "notebooks" / f"{name}.ipynb").read_text("utf-8")
    minutes = round(sum(slide["seconds"] for slide in slides) / 60)
    assert f"unos {minutes} minutos" in notebook


@of_first
def test_what_does_not_fit_or_is_small_is_noticed(name, deck):
    add = """html => Reveal.getCurrentSlide().firstElementChild
        .insertAdjacentHTML("beforeend", html)"""
    deck.evaluate(add, '<p style="position: absolute; top: 700px; height: 40px">x</p>')
    assert deck.evaluate(SEEN)["outside"]
    assert not deck.evaluate(SEEN)["small"]
    deck.reload()
    deck.wait_for_function("window.Reveal && Reveal.isReady()")
    deck.evaluate("Reveal.slide(1)")
    assert not deck.evaluate(SEEN)["outside"]
    tall = '<div style="height: 0"><p style="margin: -30px 0 0">encima</p></div>'
    room = "html => Reveal.getCurrentSlide().querySelector('.content')"
    deck.evaluate(room + '.insertAdjacentHTML("afterbegin", html)', tall)
    assert deck.evaluate(SEEN)["outside"]
    deck.evaluate(add, '<p style="font-size: 19px">x</p>')
    assert deck.evaluate(SEEN)["small"]


@of_decks
def test_a_deck_is_light(name, decks):
    assert (decks / f"{name}.html").stat().st_size <= 3_000_000


@of_decks
def test_what_is_not_projected_is_in_the_notes(name, deck):
    """Ninguna palabra del cuaderno falta en la presentación que se construyó."""
    there = set(re.findall(r"\w+", deck.evaluate("document.body.textContent")))
    for cell in read(ROOT / "notebooks" / f"{name}.ipynb").cells:
        if cell.metadata.slideshow.slide_type == "skip":
            continue
        text = cell.source
        if cell.cell_type == "markdown":
            text = re.sub(r"\$\$[^$]+\$\$|\$[^$]+\$", " ", text)
            text = re.sub(r"\]\([^)]+\)|<[^>]+>|```\w*", " ", text)
        assert set(re.findall(r"\w+", text)) <= there, cell.id


@of_first
def test_one_key_changes_the_theme_and_another_opens_the_notes(name, deck):
    paper = "getComputedStyle(document.body).backgroundColor"
    light = deck.evaluate(paper)
    deck.keyboard.press("t")
    dark = deck.evaluate(paper)
    deck.keyboard.press("t")
    assert deck.evaluate(paper) == light != dark
    deck.keyboard.press("ArrowRight")
    with deck.expect_popup() as popup:
        deck.keyboard.press("s")
    speaker = popup.value
    notes = speaker.locator(".speaker-controls-notes .value")
    notes.get_by_text("Qué aprenderás").wait_for()
    speaker.close()


@of_decks
def test_printing_gives_one_page_a_slide(name, decks, page):
    page.goto((decks / f"{name}.html").as_uri() + "?print-pdf")
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.wait_for_selector(".pdf-page")
    slides = len(read_slides(name))
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == slides


def read_slides(name):
    return build_slides.slides_of(read(ROOT / "notebooks" / f"{name}.ipynb"))


def test_the_source_of_a_slide_has_no_assert():
    source = "a = 1\nassert (\n    a\n)\nprint(a)"
    assert build_slides.lesson(source) == "a = 1\nprint(a)"


def test_answers_are_shared_out_evenly():
    rows = [{"rows": list(range(count))} for count in (3, 4, 5, 7)]
    sizes = [[len(s["rows"]) for s in build_slides.split_answers(row)] for row in rows]
    assert sizes == [[3], [2, 2], [3, 2], [3, 3, 1]]


def test_without_npm_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)
    with pytest.raises(SystemExit, match="Falta npm"):
        build_slides.fetch_libraries(tmp_path)


def test_present_serves_only_this_machine_and_packages_are_pinned():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"http\.server.*--bind 127\.0\.0\.1", makefile)
    for package in build_slides.PACKAGES:
        assert re.search(r"@\d+\.\d+\.\d+$", package), package


def test_the_index_shows_each_deck(decks, page):
    page.goto((decks / "index.html").as_uri())
    cards = page.locator("li a")
    assert [card.get_attribute("href") for card in cards.all()] == [
        f"{name}.html" for name in NAMES
    ]
    for card, path in zip(cards.all(), NOTEBOOKS, strict=True):
        minutes = re.search(r"unos (\d+) minutos", path.read_text("utf-8"))[1]
        assert f"{minutes} minutos" in card.inner_text()
        assert len(card.locator("img").get_attribute("alt")) > 20
        assert card.locator("img").evaluate("i => i.naturalWidth") > 0
    assert page.problems == []


def test_exported_html_describes_its_figures(tmp_path):
    """Con la plantilla que `make lab` instala; la de nbconvert no los escribe."""
    path = NOTEBOOKS[0]
    command = [sys.executable, "-m", "nbconvert", "--to", "html", "--log-level=ERROR"]
    command += [f"--output-dir={tmp_path}", str(path)]
    subprocess.run(command, check=True, timeout=60)
    html = (tmp_path / f"{path.stem}.html").read_text("utf-8")
    described = re.findall(r'<img alt="([^"]+)"', html)
    badge, *figures = map(unescape, described)
    assert figures == [alt for cell in read(path).cells for alt in alts(cell)]
    assert "No description" not in html


# Lo que se lee en una página viva: letras pequeñas, y lo que se sale o se corre.
LIVE = """() => {
  const words = [...document.querySelectorAll("main :not(.unseen)")].filter(e =>
    e.checkVisibility()
      && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
  const size = e => parseFloat(getComputedStyle(e).fontSize)
    * (e.closest("svg")?.getScreenCTM().a ?? 1);
  const small = words.filter(e => size(e) < (e.closest("svg") ? 14 : 18));
  const root = document.documentElement;
  return { small: small.map(e => [size(e), e.textContent.slice(0, 40)]),
    over: [root.scrollHeight > innerHeight + 1, root.scrollWidth > innerWidth + 1],
    theme: root.dataset.theme, room: [innerWidth, innerHeight] };
}"""


def go_to(deck, cell):
    """Va a la diapositiva de una celda; devuelve la página viva que lleva."""
    find = f"Reveal.getSlides().findIndex(s => s.dataset.cell === '{cell}')"
    deck.evaluate(f"Reveal.slide({find})")
    frame = deck.locator("section.present iframe").element_handle().content_frame()
    frame.wait_for_function("document.documentElement.dataset.theme")
    return frame


def where(deck):
    return deck.evaluate(
        "[Reveal.getCurrentSlide().dataset.cell,"
        " Reveal.getCurrentSlide().querySelectorAll('.fragment.visible').length]"
    )


def press(deck, key, place):
    """Pulsa una tecla y espera a que la presentación llegue allí."""
    deck.keyboard.press(key)
    for _ in range(20):
        if where(deck) == place:
            return
        deck.wait_for_timeout(50)
    assert where(deck) == place


@pytest.mark.parametrize("name", ["05_comparacion"])
def test_the_game_is_played_in_its_slide(name, deck):
    """Se juega con el ratón, y después las teclas siguen siendo de la presentación."""
    game = go_to(deck, "plan")
    box = game.locator("#board svg").bounding_box()
    for number in range(25):
        if number in (0, 12):
            seen = game.evaluate(LIVE)
            assert seen["small"] == [] and seen["over"] == [False, False]
            assert seen["room"][0] > 1100 and seen["room"][1] > 400
        x, y = 0.1 + 0.03 * number, 0.3 + 0.02 * (number % 7)
        deck.mouse.click(box["x"] + x * box["width"], box["y"] + y * box["height"])
    game.wait_for_selector("#verdict", state="visible")
    seen = game.evaluate(LIVE)
    assert seen["small"] == [] and seen["over"] == [False, False], seen
    assert seen["theme"] == "light" and where(deck) == ["plan", 0]
    deck.keyboard.press("t")
    game.wait_for_function("document.documentElement.dataset.theme === 'dark'")
    with deck.expect_popup() as popup:
        deck.keyboard.press("s")
    popup.value.close()
    press(deck, "ArrowRight", ["plan", 1])
    # Con el teclado en el tablero, sus flechas son del juego hasta pasar la página.
    game.locator("#again").press("Enter")
    game.locator("#board").press("ArrowRight")
    assert where(deck) == ["plan", 1] and game.evaluate("cursor[0]") == 0.52
    press(deck, "PageDown", ["data-2", 0])
    press(deck, "ArrowRight", ["data-2", 1])
    deck.keyboard.press("Enter")
    assert game.evaluate("tried.length") == 0 and deck.problems == []


@pytest.mark.parametrize("name", ["04_optuna"])
def test_the_surrogate_is_stepped_with_the_arrow(name, deck):
    figure = go_to(deck, "gp-draw")
    circles = figure.locator("circle")
    assert circles.count() == 3 and figure.locator(".next").count() == 0
    deck.locator("section.present iframe").click()  # también con el foco adentro
    for step in range(1, 8):
        deck.keyboard.press("ArrowRight")
        figure.wait_for_function(f"step === {step}")
        assert circles.count() == max(3, step + 2)
        seen = figure.evaluate(LIVE)
        assert seen["small"] == [] and seen["over"] == [False, False], seen
    assert where(deck) == ["gp-draw", 7] and deck.locator(".present .found").count()
    assert deck.locator(".present .found.visible").count() == 0
    deck.keyboard.press("ArrowRight")
    deck.locator(".present .found.visible").wait_for()
    for step in (7, 6, 5):
        deck.keyboard.press("ArrowLeft")
        figure.wait_for_function(f"step === {step}")
    assert deck.problems == []


@pytest.mark.parametrize("name", ["04_optuna", "05_comparacion"])
def test_a_printed_slide_shows_the_picture(name, decks, page):
    page.goto((decks / f"{name}.html").as_uri() + "?print-pdf")
    page.wait_for_selector(".pdf-page")
    assert not page.locator(".live iframe").is_visible()
    shown = "i => i.checkVisibility({ visibilityProperty: true }) && i.naturalWidth > 0"
    assert page.locator(".live img").evaluate(shown)
