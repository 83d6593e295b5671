"""Anima un torneo de redes y un reparto parejo: ``python images/build_tournament.py``.

Las curvas son las de data/learning_curves.csv. Con la semilla 0 se sortean 81 redes;
las del reparto parejo son las primeras cuatro del sorteo. Entre dos épocas de la tabla
el R² se interpola. Tarda alrededor de medio minuto.
"""

import sys
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.animation import FuncAnimation, PillowWriter

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import hpo_lab as lab  # noqa: E402
from hpo_lab.figures import LIGHT  # noqa: E402

RUNGS = [0, 1, 3, 9, 27, 81]  # épocas; en cada una sigue la tercera parte
SIZES = [81, 27, 9, 3, 1]
CUTS = np.cumsum(np.diff(RUNGS) * SIZES)  # épocas gastadas, entre todas, en cada corte
BUDGET = CUTS[-1]
GRID = np.union1d(np.geomspace(1, 81, 101), np.arange(1, 82))  # donde se dibuja
FLOOR = -0.5
STEPS = [*range(9, 81, 9), *range(81, BUDGET + 1, 3)]
# Se detiene en cada corte, y más al final.
PAUSES = dict.fromkeys(CUTS, 5) | {BUDGET: 25}
PAUSED = [i for i, spent in enumerate(STEPS) for _ in range(PAUSES.get(spent, 1))]


def draw_networks():
    """El R² de las 81 redes, en las épocas de GRID."""
    table = pd.read_csv(lab.DATA / "learning_curves.csv").query("seed == 0")
    table = table.sample(SIZES[0], random_state=0).filter(regex=r"^\d+$")
    epochs = np.log(table.columns.astype(int))
    return np.array([np.interp(np.log(GRID), epochs, row) for row in table.to_numpy()])


def tournament(networks, spent):
    """Cuántas épocas lleva cada red, y cuáles siguen, al gastar `spent` entre todas."""
    epochs, alive, start = np.zeros(len(networks)), np.arange(len(networks)), 0
    for low, high, cut in zip(RUNGS, RUNGS[1:], CUTS, strict=False):
        each = min(spent, cut) - start
        if low == 0:
            epochs[:each] = 1  # la primera época, una red tras otra
        else:
            epochs[alive] = low + each / len(alive)
        if spent < cut:
            break
        scores = networks[alive, np.abs(GRID - high).argmin()]
        alive = alive[np.argsort(-scores)[: max(1, len(alive) // 3)]]
        start = cut
    return epochs, alive


def one_by_one(networks, spent):
    """Lo mismo, si cada red termina antes de que empiece la siguiente."""
    epochs = np.clip(spent - 81 * np.arange(4), 0, 81)
    return epochs, np.flatnonzero(epochs)


def best_now(networks, way, spent):
    """El mejor R² de una red que sigue, tal como va, y el mejor de una terminada."""
    epochs, alive = way(networks, spent)
    ends = np.searchsorted(GRID, epochs + 1e-9) - 1
    now = networks[np.arange(len(epochs)), ends]
    started = alive[epochs[alive] > 0]
    return now[started].max(), now[epochs == 81].max(initial=-np.inf)


def draw_curves(ax, count, title):
    """Una línea por red, sin datos todavía, con un punto donde va."""
    style = {"marker": "o", "markevery": [-1], "ms": 7, "clip_on": False}
    style["in_layout"] = False  # sin datos, contarían como un punto de la esquina
    lines = [ax.plot([], [], **style)[0] for _ in range(count)]
    ax.axhline(lab.noise_ceiling(), color=lab.GRAY, ls=":", marker="")
    ax.set_xscale("log")
    ax.set(xlim=(0.9, 90), ylim=(FLOOR - 0.02, 1), title=title, xlabel="época")
    ax.set_xticks(RUNGS[1:], labels=RUNGS[1:])
    ax.set_yticks([FLOOR, 0, 0.5, 1], labels=[r"$\leq$−0.5", "0", "0.5", "1"])
    ax.minorticks_off()
    return lines


def move_curves(lines, networks, epochs, alive, color):
    """Lleva cada línea hasta donde va su red; gris, si ya salió."""
    for i, (line, epoch) in enumerate(zip(lines, epochs, strict=True)):
        shown = (epoch > 0) & (epoch + 1e-9 >= GRID)
        line.set_data(GRID[shown], networks[i, shown].clip(FLOOR))
        out = i not in alive
        line.set(
            color=LIGHT if out else color, lw=1 if out else 3, zorder=2 + (not out)
        )


def draw_bests(ax, ways):
    """Abajo, por cada reparto: la mejor red tal como va, la terminada y su R²."""
    lines, labels = [], []
    for name, (_, color) in ways.items():
        tip = {
            "color": color,
            "marker": "o",
            "markevery": [-1],
            "ms": 9,
            "ds": "steps-post",
        }
        lines += ax.plot([], [], color=color, lw=1.5, ls="--", marker="")
        lines += ax.plot([], [], **tip, label=f"{name}: terminada", zorder=3)
        labels.append(ax.text(BUDGET + 4, 0, "", color=color, va="center", size=20))
    ax.plot([], [], color=lab.GRAY, lw=1.5, ls="--", marker="", label="tal como va")
    ceiling = {"color": lab.GRAY, "ls": ":", "marker": "", "label": "techo"}
    ax.plot([0, BUDGET], [lab.noise_ceiling()] * 2, **ceiling)
    ax.set(xlim=(0, BUDGET + 28), ylim=(0, 1), xticks=[0, *CUTS], yticks=[0, 0.5, 1])
    ax.set(xlabel="épocas gastadas entre todas", ylabel="mejor R²")
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=4, fontsize=15)
    return lines, labels


def animate(networks, ways):
    fig = plt.figure(figsize=(12, 7))
    layout = fig.add_gridspec(2, 2, height_ratios=[1.5, 1])
    titles = ["Torneo: 81 redes", "Reparto parejo: 3 redes y ⅔"]
    curves = []
    for column, (count, title) in enumerate(zip([81, 4], titles, strict=True)):
        curves.append(draw_curves(fig.add_subplot(layout[0, column]), count, title))
    curves[0][0].axes.set_ylabel("R²")
    left = curves[0][0].axes.text(1, 0.75, "", size=20, color=lab.BLUE)
    lines, labels = draw_bests(fig.add_subplot(layout[1, :]), ways)

    fig.draw_without_rendering()
    fig.set_layout_engine("none")  # que nada se corra de un cuadro a otro

    def frame(count):
        spent = STEPS[: count + 1]
        for i, (way, color) in enumerate(ways.values()):
            epochs, alive = way(networks, spent[-1])
            move_curves(curves[i], networks, epochs, alive, color)
            bests = np.array([best_now(networks, way, point) for point in spent])
            for line, values in zip(lines[2 * i : 2 * i + 2], bests.T, strict=True):
                shown = np.isfinite(values)
                line.set_data(np.array(spent)[shown], values[shown])
            if np.isfinite(bests[-1, 1]):
                labels[i].set(y=max(0, bests[-1, 1]), text=f"{bests[-1, 1]:.2f}")
            if i == 0:
                left.set_text(f"en pie: {len(alive)}")

    film = FuncAnimation(fig, frame, frames=PAUSED)
    film.save(HERE / "tournament.gif", PillowWriter(fps=8), dpi=80)


if __name__ == "__main__":
    plt.rcParams |= {"font.size": 16, "axes.titlesize": 20}
    networks = draw_networks()
    ways = {"torneo": (tournament, lab.BLUE), "reparto": (one_by_one, lab.RED)}
    animate(networks, ways)
    for name, (way, _) in ways.items():
        now, finished = best_now(networks, way, BUDGET)
        print(f"{name}: mejor terminada, R² = {finished:.4f}; tal como va, {now:.4f}")
