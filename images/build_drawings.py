"""Dibuja los esquemas del curso: ``python images/build_drawings.py``.

De cada uno salen un SVG, con título y descripción, y el PNG que usan los cuadernos.
"""

import sys
from html import escape
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patches import FancyBboxPatch
from PIL import Image

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import hpo_lab as lab  # noqa: E402
from hpo_lab.figures import LIGHT  # noqa: E402

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


def banner():
    """La portada: la función del curso, sus datos y el título."""
    fig, ax = canvas(12, 3.2)
    X, y = lab.make_dataset(600)
    x, scale = np.linspace(-1, 1, 300), 2.6
    place = lambda x, y: (9 + scale * x, 2.05 + scale * y)  # noqa: E731
    ax.plot(*place(X[:, 0], y), ".", color=LIGHT, markersize=4)
    ax.plot(*place(x, lab.target(x)), color=lab.BLUE, marker="", linewidth=4)
    title = "Optimización de\nhiperparámetros"
    ax.text(0.4, 1.95, title, size=33, weight="bold", va="center", color=INK)
    steps = "rejilla  ·  azar  ·  Optuna"
    ax.text(0.45, 0.62, steps, size=19, va="center", color=lab.RED)
    return (
        fig,
        "Optimización de hiperparámetros",
        "Portada del curso: el título junto a los datos y la función verdadera, "
        "f(x) = cos(5x)·x².",
    )


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
    Image.open(png).convert("RGB").quantize(64).save(png, optimize=True)
    plt.close(fig)


if __name__ == "__main__":
    for drawing in (protocol, sequential_loop, distributed, banner):
        save(drawing.__name__, *drawing())
