"""Cada diapositiva de cada presentación, en Chromium a 1280 × 720 y sin red."""

import re

import pytest

from course import NAMES, NOTEBOOKS, ROOT, read, skip
from slides import build as build_slides

pytestmark = pytest.mark.slow

# Lo que se ve de la diapositiva actual y se sale de su caja, con 1 píxel de tolerancia.
OVERFLOW = """() => {
  const slide = Reveal.getCurrentSlide();
  const seen = [...slide.querySelectorAll("*")].filter(
    e => !e.closest("aside.notes, mjx-assistive-mml") && e.getClientRects().length);
  return seen.filter(e => {
    const box = e.getBoundingClientRect();
    const hidden = e.scrollWidth > e.clientWidth + 1
      && getComputedStyle(e).overflowX === "hidden";
    return hidden || box.left < -1 || box.top < -1
      || box.right > innerWidth + 1 || box.bottom > innerHeight + 1;
  }).map(e => e.outerHTML.slice(0, 200));
}"""


# El texto de cada respuesta plegada y si algo de él ocupa lugar en su diapositiva.
ANSWERS = """() => [...document.querySelectorAll("details")].map(details => {
  const slide = details.closest("section");
  Reveal.slide(...Object.values(Reveal.getIndices(slide)));
  const parts = [...details.children].filter(e => e.tagName != "SUMMARY");
  const text = parts.map(e => e.textContent).join(" ");
  return [text, details.open || parts.some(e => e.checkVisibility())];
})"""

# El texto de la diapositiva actual que no es código: ahí un $ sería una fórmula cruda.
PROSE = """() => {
  const slide = Reveal.getCurrentSlide().cloneNode(true);
  slide.querySelectorAll("pre, code, aside.notes").forEach(e => e.remove());
  return slide.textContent;
}"""


@pytest.fixture(scope="module")
def decks(tmp_path_factory):
    """Las presentaciones en una carpeta nueva, como en una memoria USB."""
    folder = tmp_path_factory.mktemp("usb")
    try:
        build_slides.build(folder)
    except SystemExit as reason:
        skip(str(reason))
    return folder


@pytest.mark.parametrize("name", NAMES)
def test_every_slide_fits_and_asks_nothing_of_the_network(name, decks, page):
    page.goto((decks / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.evaluate("MathJax.startup.promise")
    formulas = 0
    for number in range(1, page.evaluate("Reveal.getTotalSlides()") + 1):
        assert page.evaluate(OVERFLOW) == [], f"diapositiva {number}"
        text = page.evaluate(PROSE)
        images = page.evaluate(
            "[...Reveal.getCurrentSlide().querySelectorAll('img')]"
            ".map(i => i.complete && i.naturalWidth > 0 && i.alt.length > 20)"
        )
        assert text.strip() or images, f"la diapositiva {number} está vacía"
        assert all(images) and "$" not in text, number
        page.evaluate(
            "Reveal.getCurrentSlide().querySelectorAll('details')"
            ".forEach(d => d.open = true)"
        )
        assert page.evaluate(OVERFLOW) == [], f"diapositiva {number}, sin plegar"
        formulas += page.locator("section.present mjx-container svg").count()
        page.evaluate("Reveal.next()")
    assert page.evaluate("Reveal.isLastSlide()")
    assert formulas or not any(
        "$" in cell.source
        for cell in read(ROOT / "notebooks" / f"{name}.ipynb").cells
        if cell.cell_type == "markdown" and cell.metadata.slideshow.slide_type != "skip"
    )
    assert page.problems == []


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_is_seen_until_it_is_unfolded(name, decks, page):
    page.goto((decks / f"{name}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    notebook = read(ROOT / "notebooks" / f"{name}.ipynb")
    folded = sum("<summary>" in cell.source for cell in notebook.cells)
    answers = page.evaluate(ANSWERS)
    assert len(answers) == folded > 0
    assert all(len(text) > 40 for text, _ in answers)
    assert [text for text, seen in answers if seen] == []


def test_a_slide_that_is_too_tall_is_noticed(decks, page):
    page.goto((decks / f"{NAMES[0]}.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    page.evaluate(
        "Reveal.getCurrentSlide().insertAdjacentHTML"
        "('beforeend', '<p style=\"height: 900px\">x</p>')"
    )
    assert page.evaluate(OVERFLOW)


@pytest.mark.parametrize("name", NAMES)
def test_a_deck_is_light(name, decks):
    assert (decks / f"{name}.html").stat().st_size <= 3_000_000


def test_the_notes_carry_the_prose_that_is_not_projected():
    source = "## Título\n\nUna idea. Luego el detalle.\n\nMás texto:\n\n- a\n- b"
    shown, said = build_slides.split_prose(source)
    assert shown == "## Título\n\nUna idea.\n\nMás texto:\n\n- a\n- b"
    assert said == "Una idea. Luego el detalle.\n\nMás texto:"


def test_a_folded_answer_is_projected_whole():
    answer = "<details>\n<summary>Respuesta</summary>\n\nUna. Dos.\n\n</details>"
    shown, said = build_slides.split_prose(f"Intro. Detalle.\n\n{answer}")
    assert shown == f"Intro.\n\n{answer}" and said == "Intro. Detalle."


@pytest.mark.parametrize("path", NOTEBOOKS, ids=NAMES)
def test_what_is_not_projected_is_in_the_notes(path, decks, page):
    """Ninguna palabra del cuaderno falta en la presentación que se construyó."""
    page.goto((decks / path.with_suffix(".html").name).as_uri())
    there = set(re.findall(r"\w+", page.evaluate("document.body.textContent")))
    for cell in read(path).cells:
        if (
            cell.cell_type == "markdown"
            and cell.metadata.slideshow.slide_type != "skip"
        ):
            prose = re.sub(r"\$\$[^$]+\$\$|\$[^$]+\$", " ", cell.source)
            prose = re.sub(r"\]\([^)]+\)|<[^>]+>|```\w*", " ", prose)
            assert set(re.findall(r"\w+", prose)) <= there, cell.id


def test_without_npm_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.which", lambda *args, **kwargs: None)
    with pytest.raises(SystemExit, match="Falta npm"):
        build_slides.fetch_libraries(tmp_path)


def test_present_serves_only_this_machine_and_packages_are_pinned():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(r"http\.server.*--bind 127\.0\.0\.1", makefile)
    for package in build_slides.PACKAGES:
        assert re.search(r"@\d+\.\d+\.\d+$", package), package


def test_the_script_says_what_it_wrote(decks):
    listed = (decks / "index.html").read_text("utf-8")
    for name in NAMES:
        assert f'href="{name}.html"' in listed
