"""Dibuja los esquemas del curso: ``python images/build_drawings.py``.

De cada uno salen un SVG, con título y descripción, y el PNG que usan los cuadernos.
"""

import json
import sys
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import optuna
from matplotlib.colors import BoundaryNorm
from matplotlib.patches import FancyBboxPatch
from PIL import Image
from PIL.PngImagePlugin import PngInfo

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import hpo_lab as lab  # noqa: E402
from hpo_lab.output import print_size  # noqa: E402

INK = "#1A1A1A"


def canvas(width=11, height=5.5):
    fig, ax = plt.subplots(figsize=(width, height), layout="none")
    fig.subplots_adjust(0, 0, 1, 1)
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.set_aspect("equal")
    ax.axis("off")
    return fig, ax


def box(ax, x, y, width, height, text, color, size=15, filled=True):
    shape = "round,pad=0,rounding_size=0.08"
    face = color if filled else "white"
    patch = FancyBboxPatch((x, y), width, height, boxstyle=shape, fc=face, ec=color)
    patch.set_linewidth(2)
    ax.add_patch(patch)
    ink = "white" if filled and color not in (lab.ORANGE, lab.PURPLE) else INK
    center = (x + width / 2, y + height / 2)
    ax.text(*center, text, color=ink, size=size, ha="center", va="center")


def arrow(ax, start, end, bend=0.0, heads="-|>"):
    style = {"arrowstyle": f"{heads},head_width=0.35,head_length=0.6", "lw": 2.5}
    style |= {"color": INK, "connectionstyle": f"arc3,rad={bend}"}
    ax.annotate("", end, start, arrowprops=style | {"shrinkA": 4, "shrinkB": 4})


def protocol():
    fig, ax = canvas(11, 6.2)
    left, right = (0.3, 5.1), (5.6, 5.1)  # comienzo y ancho: dos mitades iguales
    box(ax, left[0], 5.2, left[1], 0.7, "entrenamiento · 1000 datos", lab.BLUE, 17)
    box(ax, right[0], 5.2, right[1], 0.7, "prueba · 1000 datos", lab.RED, 17)
    for row in range(5):
        y = 4.1 - 0.55 * row
        for fold in range(5):
            chosen = fold == row
            name = "valida" if chosen else "ajusta"
            color = lab.ORANGE if chosen else lab.BLUE
            box(ax, 0.3 + 0.87 * fold, y, 0.81, 0.45, name, color, 13, filled=chosen)
        ax.text(4.7, y + 0.22, f"nota {row + 1}", size=14, va="center", color=INK)
    best = "se elige la configuración con\nmejor nota media"
    box(ax, left[0], 0.3, left[1], 0.95, best, lab.BLUE)
    arrow(ax, (2.85, 5.2), (2.85, 4.6))
    arrow(ax, (2.85, 1.85), (2.85, 1.25))
    again = "se ajusta de nuevo con todo\nel entrenamiento"
    box(ax, 6.6, 0.3, 4.1, 0.95, again, lab.BLUE)
    arrow(ax, (5.4, 0.78), (6.6, 0.78))
    box(ax, 6.6, 2.6, 4.1, 0.95, "una sola nota en prueba,\nal final", lab.RED)
    arrow(ax, (8.65, 1.25), (8.65, 2.6))
    arrow(ax, (8.65, 5.2), (8.65, 3.55))
    ax.text(8.85, 4.38, "cerrada\nhasta aquí", size=14, va="center", color=lab.RED)
    return (
        fig,
        "Entrenamiento, validación cruzada y prueba",
        "Los datos se parten en entrenamiento y prueba. Cinco rondas de validación "
        "cruzada sobre el entrenamiento eligen la configuración; luego se ajusta con "
        "todo el entrenamiento y se califica una sola vez en prueba.",
    )


def sequential_loop():
    fig, ax = canvas(11, 5.2)
    box(ax, 3.6, 3.9, 3.8, 1.0, "1 · sugerir\nlos siguientes valores", lab.BLUE, 16)
    box(ax, 7.0, 2.1, 3.7, 1.0, "2 · entrenar\ny validar el modelo", lab.GREEN, 16)
    box(ax, 3.6, 0.3, 3.8, 1.0, "3 · anotar\nlos valores y su nota", lab.ORANGE, 16)
    box(ax, 0.3, 2.1, 3.7, 1.0, "4 · actualizar\nla idea del problema", lab.PURPLE, 16)
    arrow(ax, (7.4, 4.4), (9.0, 3.1), bend=-0.3)
    arrow(ax, (9.0, 2.1), (7.4, 0.8), bend=-0.3)
    arrow(ax, (3.6, 0.8), (2.0, 2.1), bend=-0.3)
    arrow(ax, (2.0, 3.1), (3.6, 4.4), bend=-0.3)
    ax.text(
        5.5, 2.6, "un trial\npor vuelta", size=16, ha="center", va="center", color=INK
    )
    return (
        fig,
        "El ciclo de la optimización secuencial",
        "Cuatro pasos en círculo: sugerir valores, entrenar y validar el modelo, "
        "anotar los valores con su nota y actualizar la idea del problema. Cada "
        "vuelta es un trial.",
    )


def distributed():
    fig, ax = canvas(11, 5.2)
    for row in range(3):
        name = f"proceso {row + 1}\nsugiere · entrena · anota"
        y = 3.7 - 1.6 * row
        box(ax, 0.3, y, 3.7, 1.1, name, lab.BLUE)
        arrow(ax, (4.0, y + 0.55), (5.3, 2.65 + 0.3 * (1 - row)), heads="<|-|>")
    box(ax, 5.3, 1.7, 2.2, 1.9, "almacén\n\nun study,\ntodos sus trials", lab.ORANGE)
    box(ax, 8.8, 2.1, 1.9, 1.1, "tablero", lab.GREEN)
    arrow(ax, (7.5, 2.65), (8.8, 2.65))
    return (
        fig,
        "Varios procesos comparten un study",
        "Tres procesos leen y escriben trials en un mismo almacén, que guarda el "
        "study; un tablero muestra lo que hay en el almacén.",
    )


def banner(ink=INK, paper="white", quiet=lab.GRAY, accent=lab.RED):
    """La portada: el título, una búsqueda sobre el mapa y su mejor nota."""
    fig, ax = canvas(12, 3.2)
    fig.set_facecolor(paper)
    title = "Optimización de\nhiperparámetros"
    ax.text(0.35, 2.0, title, size=31, weight="bold", va="center", color=ink)
    steps = "rejilla  ·  azar  ·  Optuna"
    ax.text(0.38, 0.78, steps, size=18, va="center", color=accent)

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction="maximize", sampler=optuna.samplers.TPESampler(seed=15)
    )
    study.optimize(search_table, n_trials=40)
    trials = study.trials_dataframe()
    power = np.linspace(-2, 3, 101)
    surface = lab.interpolate_response(10**power, 10 ** power[:, None])
    levels = (
        surface.max()
        + 1e-9
        - np.array([0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0])
    )
    norm = BoundaryNorm(levels, 256, extend="min")
    chart = fig.add_axes([0.44, 0.13, 0.235, 0.76])
    chart.contourf(power, power, surface, levels=levels, norm=norm, extend="min")
    found = trials[["params_log_C", "params_log_gamma"]].to_numpy()
    chart.plot(*found.T, "ow", mec="black", ms=6)
    best = trials["value"].argmax()
    chart.plot(*found[best], "*", color=lab.RED, mec="white", ms=24)

    curve = fig.add_axes([0.735, 0.13, 0.24, 0.76], facecolor=paper)
    ceiling = lab.noise_ceiling()
    curve.axhline(ceiling, color=quiet, linestyle=":")
    words = {"color": ink, "size": 15, "ha": "right"}
    curve.text(40, ceiling + 0.002, f"techo {ceiling:.3f}", **words)
    curve.plot(trials["value"], "o", color=quiet, ms=5)
    steps = {"drawstyle": "steps-post", "marker": ""}
    curve.plot(trials["value"].cummax(), color=accent, linewidth=4, **steps)
    curve.set(xlim=(-1, 41), ylim=(0.875, 0.945))
    for axes, names in [(chart, ("C", "gamma")), (curve, ("trial", "mejor R²"))]:
        axes.set(xticks=[], yticks=[])
        axes.set_xlabel(names[0], color=ink, size=15)
        axes.set_ylabel(names[1], color=ink, size=15)
        axes.spines[:].set_color(quiet)
        axes.grid(False)
    return (
        fig,
        "Optimización de hiperparámetros",
        "Portada del curso: el título; una búsqueda de Optuna sobre el mapa de C y "
        "gamma, con sus trials agrupados en la cresta; y su mejor R², que sube trial "
        "por trial hasta acercarse al techo.",
    )


def banner_dark():
    return banner(ink="#F0F0F0", paper="#0D1117", quiet="#B5BCC4", accent=lab.ORANGE)


def search_table(trial):
    powers = [trial.suggest_float(f"log_{name}", -2, 3) for name in ("C", "gamma")]
    return float(lab.interpolate_response(*np.power(10, powers)))


def save(name, fig, title, description):
    # Sin fecha y con una sal fija, el mismo dibujo da siempre los mismos bytes.
    plt.rcParams["svg.hashsalt"] = name
    svg = HERE / f"{name}.svg"
    fig.savefig(svg, metadata={"Date": None, "Creator": None})
    head, start, body = svg.read_text("utf-8").partition("<svg ")
    tag, close, body = body.partition(">")
    label = f"<title>{escape(title)}</title><desc>{escape(description)}</desc>"
    svg.write_text(f'{head}{start}role="img" {tag}{close}{label}{body}', "utf-8")
    png = HERE / f"{name}.png"
    fig.savefig(png, dpi=160)
    about = PngInfo()
    about.add_text("Comment", json.dumps(print_size(fig)))
    drawing = Image.open(png).convert("RGB").quantize(64)
    drawing.save(png, optimize=True, pnginfo=about)
    plt.close(fig)


if __name__ == "__main__":
    for drawing in (protocol, sequential_loop, distributed, banner, banner_dark):
        save(drawing.__name__, *drawing())
