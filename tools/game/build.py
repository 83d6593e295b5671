"""Escribe las dos páginas vivas del curso: ``python tools/game/build.py``.

Son ``images/game.html``, el juego «¿Le ganas a TPE?», e ``images/surrogate.html``, el
sustituto del cuaderno 4 trial por trial. Cada una es un solo archivo que no pide nada a
la red. Con Chromium escribe también ``images/game.png``, que se ve donde nada corre.
"""

import json
import sys
from base64 import b64encode
from contextlib import redirect_stdout
from pathlib import Path

import jinja2
import nbformat
import numpy as np
import pandas as pd
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from scipy.interpolate import RectBivariateSpline
from scipy.optimize import minimize

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT / "notebooks"), str(ROOT / "tools")]
import chromium  # noqa: E402
import hpo_lab as lab  # noqa: E402
from hpo_lab.problem import IMAGES  # noqa: E402

SCALE = 1e8  # los coeficientes van como enteros
METHODS = ["TPE", "Sobol", "azar", "rejilla"]
# Los trials de la imagen, en el cuadrado unidad.
PICTURED = [(0.5, 0.5), (0.2, 0.8), (0.8, 0.8), (0.8, 0.2), (0.2, 0.2), (0.35, 0.65)]
PICTURED += [(0.5, 0.75), (0.4, 0.4), (0.3, 0.5), (0.45, 0.6), (0.6, 0.45), (0.65, 0.6)]


def surface() -> dict:
    """La respuesta interpolada: sus nudos, sus coeficientes, su máximo y dónde está."""
    table = pd.read_csv(lab.DATA / "response_surface.csv")
    square = table.pivot(index="log10_C", columns="log10_gamma", values="mean_r2")
    spline = RectBivariateSpline(square.index, square.columns, square, s=0)
    whole = np.rint(spline.get_coeffs() * SCALE).astype("<i4")
    top = minimize(
        lambda logs: -lab.interpolate_response(*10.0**logs),
        table.loc[table["mean_r2"].idxmax(), ["log10_C", "log10_gamma"]].astype(float),
        method="Nelder-Mead",
        bounds=[(-2, 3), (-2, 3)],
    )
    return {
        "knots": spline.get_knots()[0].round(10).tolist(),
        "coefficients": b64encode(whole.tobytes()).decode(),
        "scale": SCALE,
        "top": round(-top.fun, 8),
        "where": top.x.round(4).tolist(),
    }


def searches() -> dict:
    """De cada método, las notas de sus cien búsquedas y una de las dos del medio."""
    table = pd.read_csv(lab.DATA / "game_searches.csv")
    table["r2"] = lab.interpolate_response(
        *10 ** table[["log10_C", "log10_gamma"]].to_numpy().T
    )
    found = {}
    for method in METHODS:
        rows = table[table["method"] == method]
        best = rows.groupby("seed")["r2"].max().round(7)
        seed = int(best.sort_values(kind="stable").index[len(best) // 2 - 1])
        points = rows.loc[rows["seed"] == seed, ["log10_C", "log10_gamma"]]
        found[method] = {"best": best.tolist(), "seed": seed}
        found[method]["points"] = points.to_numpy().tolist()
    return found


def surrogate() -> dict:
    """Lo que cree en cada vuelta el sustituto del cuaderno 4, con sus celdas."""
    notebook = nbformat.read(ROOT / "notebooks" / "04_optuna.ipynb", as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    ids = [cell.id for cell in code]
    names = {"lab": lab}
    with redirect_stdout(None):
        for cell in code[ids.index("parameters") : ids.index("gp-run") + 1]:
            exec(cell.source, names)
    tried, results = names["tried"], names["results"]
    mean, std = names["surrogate"](tried, results)
    last = (mean, std, names["expected_improvement"](mean, std, max(results)))
    return {
        "line": names["line"].round(4).tolist(),
        "truth": names["truth"].round(5).tolist(),
        "tried": [round(float(value), 4) for value in tried],
        "results": [round(float(value), 5) for value in results],
        "turns": [np.round(turn, 5).tolist() for turn in [*names["beliefs"], last]],
    }


def render(name: str, data: dict) -> None:
    """Reúne en un archivo la página, su estilo, su programa y sus datos."""
    parts = {
        kind: "".join(
            (HERE / f"{part}.{kind}").read_text("utf-8") for part in ("live", name)
        ).strip()
        for kind in ("css", "js")
    }
    parts["data"] = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    parts["steps"] = len(data.get("turns", ()))
    template = jinja2.Template((HERE / f"{name}.html.j2").read_text("utf-8"))
    (IMAGES / f"{name}.html").write_text(template.render(parts) + "\n", "utf-8")


def capture() -> None:
    """Juega doce trials y guarda cómo se ve."""
    size, scale = {"width": 900, "height": 640}, 1.6
    path = IMAGES / "game.png"
    with chromium.launch() as browser:
        page = browser.new_page(viewport=size, device_scale_factor=scale)
        page.goto((IMAGES / "game.html").as_uri() + "#3")
        for x, y in PICTURED:
            box = page.locator(".paper").first.bounding_box()
            where = (box["x"] + box["width"] * x, box["y"] + box["height"] * (1 - y))
            page.mouse.click(*where)
        page.add_style_tag(content="#keys { display: none }")
        page.locator("main").screenshot(path=path)
        letters = """() => Math.min(...[...document.querySelectorAll("#play *")]
            .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
            .map(e => parseFloat(getComputedStyle(e).fontSize)
                * (e.getScreenCTM?.().a ?? 1)))"""
        points = page.evaluate(letters)
    # Aquí, un píxel es un punto.
    about = {"inches": [side / 72 for side in size.values()], "points": points}
    note = PngInfo()
    note.add_text("Comment", json.dumps(about))
    picture = Image.open(path).convert("RGB").quantize(128)
    picture.save(path, optimize=True, pnginfo=note)


if __name__ == "__main__":
    render("game", surface() | {"searches": searches()})
    render("surrogate", surrogate())
    for name in ("game", "surrogate"):
        size = (IMAGES / f"{name}.html").stat().st_size
        print(f"images/{name}.html: {size / 1000:.0f} kB")
    if chromium.find():
        capture()
    else:
        print("Sin Chromium ni Chrome, images/game.png queda como estaba.")
