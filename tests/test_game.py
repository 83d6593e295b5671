"""El juego y el sustituto vivo, jugados en Chromium y comparados con Python."""

import json
import re
from base64 import b64decode
from itertools import pairwise, product

import nbformat
import numpy as np
import pandas as pd
import pytest

import hpo_lab as lab
from course import ROOT, code_cells, load, read
from hpo_lab import output
from hpo_lab.problem import IMAGES

pytestmark = pytest.mark.slow

GAME, SURROGATE = IMAGES / "game.html", IMAGES / "surrogate.html"
TABLE = pd.read_csv(lab.DATA / "game_searches.csv")
VERDICTS = {"Le ganas a TPE:": 61, "Empate con TPE:": 40, "TPE te gana:": 0}
METHODS = ["TPE", "Sobol", "azar", "rejilla"]
AXE_RUN = """() => axe.run().then(found => found.violations
    .map(v => [v.impact, v.id, v.nodes.map(n => n.html.slice(0, 200))]))"""
CIRCLES = """svg => [...svg.querySelectorAll("circle")].map(c =>
    [+c.getAttribute("cx") / 100, 1 - c.getAttribute("cy") / 100])"""


def assert_same_points(figure, expected):
    found = figure.locator("> svg").evaluate(CIRCLES)
    np.testing.assert_allclose(sorted(found), sorted(map(list, expected)), atol=1e-6)
    return found[-1]  # la mejor, encima de las demás


def r2_at(logs):
    return lab.interpolate_response(*10 ** np.transpose(logs))


def on_board(logs, way):
    """Dónde cae en el tablero un par de logaritmos, en la simetría `way`."""
    u, v = (np.transpose(logs) + 2) / 5
    x = 1 - u if way in (1, 3, 5, 7) else u
    y = 1 - v if way in (2, 3, 6, 7) else v
    return np.column_stack([y, x] if way >= 4 else [x, y])


def data_of(path):
    return json.loads(re.search(r"const DATA = (.+);\n", path.read_text("utf-8"))[1])


def best_scores(method):
    logs = TABLE.loc[TABLE["method"] == method, ["log10_C", "log10_gamma"]]
    return r2_at(logs.to_numpy()).reshape(100, 25).max(axis=1)


def open_game(page, number, query=""):
    page.goto("about:blank")
    page.goto(f"{GAME.as_uri()}{query}#{number}")


def tap(page, place, press):
    # El dibujo mide 106 unidades; el tablero, 100.
    box = page.locator("#board svg").bounding_box()
    x, y = (3 + 100 * place[0]) / 106, (103 - 100 * place[1]) / 106
    press(box["x"] + box["width"] * x, box["y"] + box["height"] * y)


def shown(page):
    return page.locator("#status").inner_text()


def points_of(line):
    pairs = (pair.split(",") for pair in line.get_attribute("points").split())
    return np.array([[float(x), float(y)] for x, y in pairs])


def test_the_pages_are_what_their_program_makes(monkeypatch, tmp_path):
    """Con su superficie, sus búsquedas y las celdas del cuaderno 4."""
    build = load(ROOT / "tools" / "game" / "build.py")
    assert data_of(GAME) == build.surface() | {"searches": build.searches()}
    stored, made = data_of(SURROGATE), build.surrogate()
    assert stored.keys() == made.keys()
    for key in made:
        np.testing.assert_allclose(stored[key], made[key], atol=1e-4)
    cells = code_cells(read(ROOT / "notebooks" / "04_optuna.ipynb"))
    (printed,) = cells["gp-check"].outputs
    best, highest = max(stored["results"]), max(stored["truth"])
    assert (
        f"trials: {best:.3f}; mejor de los 101 valores: {highest:.3f}" in printed.text
    )
    monkeypatch.setattr(build, "IMAGES", tmp_path)
    for path in (GAME, SURROGATE):
        build.render(path.stem, data_of(path))
        assert (tmp_path / path.name).read_bytes() == path.read_bytes()
        assert path.stat().st_size <= 300_000


@pytest.mark.parametrize("seed", [0, 57, 99])
def test_the_rivals_are_those_of_notebook_5(seed):
    cells = code_cells(read(ROOT / "notebooks" / "05_comparacion.ipynb"))
    names = {"lab": lab, "np": np}
    used = "players-grid players-random players-sobol tpe-settings tpe tpe-run"
    for name in used.split():
        exec(cells[name].source, names)
    units = {
        "rejilla": names["shifted_grid"]((5, 5), seed),
        "azar": names["random_points"](64, seed)[:25],
        "Sobol": names["sobol_points"](seed)[:25],
    }
    logs = {name: 5 * unit - 2 for name, unit in units.items()}
    trials = np.array(names["tpe_trials"](names["objective"], seed, n_trials=25))
    logs["TPE"] = np.log10(trials[:, 1:])
    for method, expected in logs.items():
        rows = TABLE[(TABLE["method"] == method) & (TABLE["seed"] == seed)]
        found = rows.sort_values("trial")[["log10_C", "log10_gamma"]]
        np.testing.assert_allclose(found, expected, atol=6e-7)


def test_the_page_carries_the_scores_and_the_median_of_the_table():
    assert (
        len(TABLE) == 10_000 and not TABLE.duplicated(["method", "seed", "trial"]).any()
    )
    for method, stored in data_of(GAME)["searches"].items():
        best = best_scores(method)
        np.testing.assert_allclose(stored["best"], best, atol=1e-7)
        median = best[stored["seed"]]
        assert sum(best < median) == 49 and stored["seed"] == np.argsort(best)[49]
        rows = TABLE[(TABLE["method"] == method) & (TABLE["seed"] == stored["seed"])]
        assert stored["points"] == rows[["log10_C", "log10_gamma"]].to_numpy().tolist()
    assert list(data_of(GAME)["searches"]) == METHODS


def test_the_surface_is_that_of_the_course(page):
    open_game(page, 0)
    axis = np.linspace(-2, 3, 51)
    logs = np.array([*product(axis, axis), *product([-2, 3], [-2, 0.123, 3])])
    logs = np.vstack([logs, np.random.default_rng(0).uniform(-2, 3, size=(3000, 2))])
    found = page.evaluate("all => all.map(r2)", logs.tolist())
    np.testing.assert_allclose(found, r2_at(logs), atol=1e-6)
    top, where = data_of(GAME)["top"], data_of(GAME)["where"]
    assert max(found) <= top and abs(r2_at([where])[0] - top) < 1e-6
    text = str(code_cells(read(ROOT / "notebooks" / "05_comparacion.ipynb")))
    assert f"máximo: R² = {top:.4f}" in text
    # El límite que cita el juego es el que midió ese cuaderno.
    assert "límite: 1.2 milésimas" in text and "1.2 milésimas" in GAME.read_text(
        "utf-8"
    )


@pytest.mark.parametrize("way", range(8))
def test_a_round_with_the_mouse(way, page):
    """Cada nota, el veredicto y las repeticiones, en cada simetría, sin red."""
    page.context.set_offline(True)
    page.emulate_media(reduced_motion="reduce")
    rng = np.random.default_rng(way)
    logs = rng.uniform(-2, 3, size=(25, 2)).round(2)
    if way:  # una ronda buena, para ganar a veces
        logs[-1] = np.array(data_of(GAME)["where"]) + rng.normal(0, 0.04, size=2)
    open_game(page, 8 * 70_000 + way)
    for number, place in enumerate(on_board(logs, way), 1):
        assert f"Trial {number} de 25" in shown(page)
        assert not page.locator("#result").is_visible()
        assert page.locator("#board image").count() == 0
        tap(page, place, page.mouse.click)
        if number < 25:
            at = page.evaluate("tried.at(-1).at")
            np.testing.assert_allclose(at, place, atol=0.002)
            logs[number - 1] = page.evaluate("reveal(tried.at(-1).at)")
            np.testing.assert_allclose(on_board(logs[number - 1 : number], way), [at])
            values = r2_at(logs[:number])
            assert f"último: {values[-1]:.4f}" in shown(page)
            assert f"mejor R²: {values.max():.4f}" in shown(page)
    logs[-1] = page.evaluate("reveal(tried.at(-1).at)")
    values, top = r2_at(logs), data_of(GAME)["top"]
    beaten = {name: int(sum(values.max() > best_scores(name))) for name in METHODS}
    verdict = page.locator("#verdict").inner_text()
    assert f"superaste a {beaten['TPE']} de sus 100 búsquedas" in verdict
    won = next(w for w, n in VERDICTS.items() if beaten["TPE"] >= n)
    assert verdict.startswith(won)
    regret = f"{1000 * (top - values.max()):.1f} milésimas"
    middle = 1000 * (top - np.sort(best_scores("TPE"))[49])
    found = page.locator("#found").inner_text()
    assert (
        regret in found and f"una búsqueda de TPE del medio, a {middle:.1f}." in found
    )
    assert not page.locator("#play").is_visible()
    figures = page.locator("#rivals figure").all()
    assert [f.locator("b").inner_text() for f in figures] == ["tú", *METHODS]
    assert regret in figures[0].inner_text()
    best = assert_same_points(figures[0], on_board(logs, way))
    np.testing.assert_allclose(best, on_board(logs[[values.argmax()]], way)[0])
    for figure, (name, stored) in zip(
        figures[1:], data_of(GAME)["searches"].items(), strict=True
    ):
        rows = TABLE[(TABLE["method"] == name) & (TABLE["seed"] == stored["seed"])]
        points = rows[["log10_C", "log10_gamma"]].to_numpy()
        assert_same_points(figure, on_board(points, way))
        gap = 1000 * (top - r2_at(points).max())
        assert f"a {gap:.1f} milésimas" in figure.inner_text()
        assert f"superaste a {beaten[name]} de 100" in figure.inner_text()
        assert f"{name}, {stored['seed']}" in page.locator("#about").inner_text()
    # Hacia dónde crecen C y gamma.
    zero, C, gamma = on_board([[0, 0], [1, 0], [0, 1]], way)
    sides = {
        (1, 0): "la derecha",
        (-1, 0): "la izquierda",
        (0, 1): "arriba",
        (0, -1): "abajo",
    }
    toward = [sides[tuple(np.rint(5 * (end - zero)).astype(int))] for end in (C, gamma)]
    said = page.locator("#about").inner_text()
    assert f"C crece hacia {toward[0]} y gamma hacia {toward[1]}" in said
    assert f"Ronda {8 * 70_000 + way}" in page.locator("#about").inner_text()
    assert page.problems == []


def test_the_map_and_the_star_are_where_they_should(page):
    page.emulate_media(reduced_motion="reduce")
    open_game(page, 5)
    colors = page.evaluate("COLORS")
    for number in range(25):
        tap(page, (0.02 + 0.04 * number, 0.5), page.mouse.click)
    star = page.locator("#rivals .star").first.get_attribute("transform")
    x, y = map(float, re.findall(r"[\d.]+", star))
    (at,) = on_board([data_of(GAME)["where"]], 5)
    np.testing.assert_allclose([x / 100, 1 - y / 100], at, atol=1e-6)
    read_pixels = """async () => {
      const image = new Image(); image.src = picture(); await image.decode();
      const sheet = document.createElement("canvas"); sheet.width = sheet.height = 200;
      const ink = sheet.getContext("2d"); ink.drawImage(image, 0, 0);
      return [...ink.getImageData(0, 0, 200, 200).data]; }"""
    href = "document.querySelector('#rivals image').getAttribute('href')"
    assert page.evaluate(f"{href} === picture()")
    pixels = np.reshape(page.evaluate(read_pixels), (200, 200, 4))[:, :, :3]
    axis = (np.arange(200) + 0.5) / 200 * 5 - 2
    logs = np.array(list(product(axis, axis)))
    places = on_board(logs, 5)
    rows = np.rint(199.5 - 200 * places[:, 1]).astype(int)
    columns = np.rint(200 * places[:, 0] - 0.5).astype(int)
    gaps = data_of(GAME)["top"] - r2_at(logs)
    steps = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001]
    expected = [colors[sum(gap < step for step in steps)] for gap in gaps]
    found = [
        "#{:02x}{:02x}{:02x}".format(*pixels[r, c])
        for r, c in zip(rows, columns, strict=True)
    ]
    assert np.mean(np.array(found) == expected) > 0.9999


def test_the_verdict_says_a_tie_when_it_is_close(page):
    page.emulate_media(reduced_motion="reduce")
    best = np.sort(best_scores("TPE"))
    open_game(page, 0)
    for beaten in (39, 40, 60, 61):
        # La última nota, justo entre dos búsquedas de TPE.
        value = best[beaten - 1 : beaten + 1].mean()
        page.evaluate(
            """value => { start(0); tried = Array.from({ length: 25 },
                (_, i) => ({ at: [i / 25, 0], value: i ? 0 : value })); finish(); }""",
            value,
        )
        verdict = page.locator("#verdict").inner_text()
        won = next(w for w, n in VERDICTS.items() if beaten >= n)
        assert verdict == f"{won} superaste a {beaten} de sus 100 búsquedas"
    # En otra ronda, el mapa es otro.
    maps = []
    for number in (0, 1):
        page.evaluate(f"start({number})")
        for x in range(25):
            tap(page, (0.02 + 0.04 * x, 0.5), page.mouse.click)
        href = "document.querySelector('#rivals image').getAttribute('href')"
        maps.append(page.evaluate(href))
        assert page.evaluate("picture()") == maps[-1]
    assert maps[0] != maps[1]


def test_the_replay_goes_trial_by_trial(page):
    page.clock.install()
    open_game(page, 2)
    for number in range(25):
        tap(page, (0.02 + 0.04 * number, 0.3), page.mouse.click)
    page.clock.run_for(799)
    assert page.locator("#board circle").count() == 25
    page.clock.run_for(1)
    count = """[...document.querySelectorAll("#rivals figure > svg")]
        .map(svg => svg.querySelectorAll("circle").length)"""
    assert page.evaluate(count) == [1] * 5
    page.clock.run_for(300 * 3)
    assert page.evaluate(count) == [4] * 5
    names = page.locator("#rivals b").all_inner_texts()
    assert names == [f"{name} · trial 4" for name in ["tú", *METHODS]]
    page.clock.run_for(300 * 40)
    assert page.evaluate(count) == [25] * 5
    page.locator("#replay").click()
    assert page.evaluate(count) == [1] * 5
    page.locator("#again").click()
    page.clock.run_for(300 * 40)
    assert page.locator("#play").is_visible() and page.problems == []


def test_a_round_by_touch_on_a_phone(browser, axe):
    phone = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
    page = browser.new_page(
        **phone, is_mobile=True, locale="es", reduced_motion="reduce"
    )
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.goto(GAME.as_uri())
    board = page.locator("#board .paper").bounding_box()
    assert board["width"] > 300 and board["y"] + board["height"] < 844
    page.evaluate(axe)
    for number in range(25):
        for theme in ("light", "dark") if number == 12 else ():
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(AXE_RUN) == [], theme
        tap(page, (0.02 + 0.04 * number, 0.7), page.touchscreen.tap)
    assert page.locator("#verdict").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    for theme in ("light", "dark"):
        page.emulate_media(color_scheme=theme)
        assert page.evaluate(AXE_RUN) == [], theme
    page.locator("#again").tap()
    assert "Trial 1 de 25" in shown(page) and problems == []
    page.close()


def test_a_round_with_the_keyboard(page):
    """Flechas y Enter; quien no ve el tablero oye dónde está y qué nota sacó."""
    page.emulate_media(reduced_motion="reduce")
    open_game(page, 0)
    live = page.locator("#live")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "board"
    page.keyboard.press("Shift+ArrowRight")
    assert live.inner_text() == "60 % a la derecha, 50 % hacia arriba"
    for number in range(1, 26):
        page.keyboard.press("ArrowUp" if number % 2 else "ArrowLeft")
        assert "% a la derecha" in live.inner_text()
        page.keyboard.press("Enter" if number % 2 else " ")
        if number < 25:
            values = r2_at(page.evaluate("tried.map(trial => reveal(trial.at))"))
            said = f"Trial {number}: R² {values[-1]:.4f}. Mejor: {values.max():.4f}."
            assert live.inner_text() == said
        if number == 3:
            page.keyboard.press("Enter")
            assert "ya probado" in live.inner_text() and "ya probado" in shown(page)
            assert "Trial 4 de 25" in shown(page)
    np.testing.assert_allclose(page.evaluate("tried.at(-1).at"), [0.36, 0.76])
    assert page.evaluate("document.activeElement.id") == "result"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "again"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "board"
    for _ in range(15):
        page.keyboard.press("Shift+ArrowDown")
    assert "50 % a la derecha, 0 % hacia arriba" in live.inner_text()
    assert page.problems == []


def test_no_trial_is_lost_by_accident(page):
    """Doble clic, tecla que se repite, clic afuera, atajo del navegador, voz."""
    page.emulate_media(reduced_motion="reduce")
    open_game(page, 4)
    tap(page, (0.3, 0.3), page.mouse.dblclick)
    assert "Trial 2 de 25" in shown(page)
    tap(page, (0.6, 1.02), page.mouse.click)
    tap(page, (0.3, 0.3), lambda x, y: page.mouse.click(x, y, button="right"))
    assert "Trial 2 de 25" in shown(page)
    tap(page, (0.6, 1.004), page.mouse.click)
    assert page.evaluate("tried.at(-1).at[1]") == 1
    page.keyboard.press("Control+Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.locator("#board").evaluate("board => board.click()")
    assert page.evaluate("tried.map(trial => trial.at).slice(2)") == page.evaluate(
        "[[tried[1].at[0], 0.98], [tried[1].at[0], 0.96]].map("
        "([x, y]) => [Math.round(1000 * x) / 1000, y])"
    )
    assert "Trial 5 de 25" in shown(page)
    for number in range(21):
        tap(page, (0.04 + 0.04 * number, 0.5), page.mouse.click)
    button = page.locator("#again").bounding_box()
    page.locator("#again").focus()
    page.keyboard.down("Enter")
    page.keyboard.down("Enter")  # sigue apretada, ya sobre el tablero
    page.keyboard.up("Enter")
    assert "Trial 1 de 25" in shown(page)
    for number in range(24):
        tap(page, (0.04 * number, 0.9), page.mouse.click)
    page.mouse.dblclick(button["x"] + 9, button["y"] + 9)  # sobre «Otra ronda»
    assert page.locator("#verdict").is_visible()
    ways = []
    for _ in range(12):
        ways.append(page.evaluate("way"))
        page.locator("#again").evaluate("button => button.click()")
    assert all(a != b for a, b in pairwise(ways)) and len(set(ways)) > 3
    page.evaluate("location.hash = '#77'")
    page.wait_for_function("round === 77 && way === 5 && tried.length === 0")
    open_game(page, "abc")
    assert page.evaluate("round >= 0 && round < 1e6") and page.problems == []


def test_the_result_is_copied_as_a_line(page):
    page.emulate_media(reduced_motion="reduce")
    open_game(page, 123)
    for number in range(25):
        tap(page, (0.5, 0.02 + 0.04 * number), page.mouse.click)
    page.locator("#share").click()
    line = re.compile(
        r"(Copiado: )?¿Le ganas a TPE\? Con 25 trials superé a \d+/100 de TPE, "
        r"\d+/100 de Sobol, \d+/100 de azar, \d+/100 de rejilla; a \d+\.\d milésimas "
        r"del máximo\. Ronda 123\."
    )
    page.wait_for_function("document.getElementById('copied').textContent")
    assert line.fullmatch(page.locator("#copied").inner_text())


def test_it_is_ready_within_a_second(page):
    page.goto(GAME.as_uri())
    assert (
        page.evaluate(
            "performance.timing.domComplete - performance.timing.navigationStart"
        )
        < 1000
    )


def test_the_surrogate_steps_through_the_notebook(page, axe):
    data = data_of(SURROGATE)
    page.goto(SURROGATE.as_uri())
    page.evaluate(axe)
    line, tried = np.array(data["line"]), data["tried"]
    for step in range(8):
        turn, last = max(0, step - 1), step == 7
        mean, std, gain = map(np.array, data["turns"][turn])
        guess = points_of(page.locator(".guess"))
        np.testing.assert_allclose(guess[:, 0], 18 + 36 * (line + 2), atol=1e-6)
        height = lambda r2: 60 - 26 * (np.clip(r2, -0.5, 1.5) + 0.5)  # noqa: E731
        np.testing.assert_allclose(guess[:, 1], height(mean), atol=1e-6)
        band = points_of(page.locator(".band"))
        np.testing.assert_allclose(band[:101, 1], height(mean + 2 * std), atol=1e-6)
        np.testing.assert_allclose(band[:100:-1, 1], height(mean - 2 * std), atol=1e-6)
        assert page.locator("circle").count() == turn + 3
        assert page.locator(".truth").count() == last
        assert page.locator(".gain").count() == (step > 0)
        assert page.locator(".next").count() == (0 < step < 7)
        if 0 < step < 7:
            place = float(page.locator(".next").get_attribute("x1"))
            assert abs(place - (18 + 36 * (line[gain.argmax()] + 2))) < 1e-6
            assert abs(line[gain.argmax()] - tried[turn + 3]) < 1e-6
            best = points_of(page.locator(".gain"))[:, 1]
            assert best.argmin() == gain.argmax()
            assert (
                f"gamma = {float(f'{10 ** tried[turn + 3]:.2g}'):g}"
                in page.locator("#said").inner_text()
            )
        if step > 1:
            found = data["results"][turn + 2]
            best = max(data["results"][: turn + 3])
            said = f"Trial {turn + 3}: R² = {found:.4f}; el mejor, {best:.4f}."
            assert said in page.locator("#said").inner_text()
        ends = [
            page.locator(b).get_attribute("aria-disabled") for b in ("#back", "#next")
        ]
        assert ends == [str(end).lower() for end in (step == 0, last)]
        for theme in ("light", "dark") if step in (1, 7) else ():
            page.emulate_media(color_scheme=theme)
            assert page.evaluate(AXE_RUN) == [], theme
        page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowLeft")
    page.locator("#back").click()
    assert page.locator("circle").count() == 7
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_function(
        "document.querySelector('#figure svg').viewBox.baseVal.width < 150"
    )
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.problems == []


@pytest.fixture
def played(monkeypatch):
    """Lo que muestra `lab.play`: lo que ve Jupyter y el HTML de su widget."""
    seen = {}
    html = output.widgets.HTML

    def keep(bundle, raw, metadata):
        seen.update(bundle=bundle, metadata=metadata)

    monkeypatch.setattr(output, "display", keep)
    monkeypatch.setattr(
        output.widgets, "HTML", lambda value: seen.update(html=value) or html(value)
    )
    return seen


def test_play_shows_the_game_or_its_picture(played, page):
    """El HTML del widget se juega dentro de otra página, como el de una celda."""
    lab.play()
    assert played["bundle"]["image/png"] == (IMAGES / "game.png").read_bytes()
    assert "application/vnd.jupyter.widget-view+json" in played["bundle"]
    assert "juego" in played["metadata"]["image/png"]["alt"].lower()
    page.goto("about:blank")
    page.evaluate("html => { document.body.innerHTML = html }", played["html"])
    frame = page.frame_locator("iframe")
    for number in range(25):
        box = frame.locator("#board .paper").bounding_box()
        page.mouse.click(
            box["x"] + box["width"] * (0.02 + 0.04 * number), box["y"] + 50
        )
    frame.get_by_text("de sus 100 búsquedas").wait_for()
    assert page.problems == []


def test_in_colab_only_the_game_is_shown(played, monkeypatch):
    monkeypatch.setitem(output.sys.modules, "google.colab", object())
    lab.play()
    assert "image/png" not in played["bundle"]


def test_the_notebook_keeps_the_picture():
    cells = code_cells(nbformat.read(ROOT / "notebooks" / "04_optuna.ipynb", 4))
    (shown_output,) = cells["play"].outputs
    picture = b64decode(shown_output.data["image/png"])
    assert picture == (IMAGES / "game.png").read_bytes()
    assert cells["play"].source == "lab.play()"
