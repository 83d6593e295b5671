"""Anima tres búsquedas sobre la misma respuesta: ``python images/build_searches.py``.

Todo se mide de verdad: el mapa y cada trial son la validación cruzada de una SVR con
300 puntos del curso. Tarda alrededor de medio minuto.
"""

import sys
from functools import cache
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import optuna
from matplotlib.animation import FuncAnimation, PillowWriter
from matplotlib.colors import BoundaryNorm
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "notebooks"))
import hpo_lab as lab  # noqa: E402
from hpo_lab.problem import CV  # noqa: E402

LOW, HIGH, SIDE = -2, 3, 5
COLORS = (lab.BLUE, lab.RED, lab.GREEN)  # uno por búsqueda, en los mapas y abajo
N_TRIALS = SIDE**2
X, y = lab.make_dataset(300)


@cache
def score(log_C, log_gamma):
    model = SVR(C=10**log_C, gamma=10**log_gamma)
    return cross_val_score(model, X, y, cv=CV).mean()


def grid_points():
    axis = np.linspace(LOW, HIGH, SIDE)
    return [(C, gamma) for C in axis for gamma in axis]


def sampled_points(sampler):
    study = optuna.create_study(direction="maximize", sampler=sampler)
    names = ["log_C", "log_gamma"]

    def objective(trial):
        return score(*[trial.suggest_float(name, LOW, HIGH) for name in names])

    study.optimize(objective, n_trials=N_TRIALS)
    return [tuple(trial.params[name] for name in names) for trial in study.trials]


def draw_maps(axes, searches, surface):
    axis = np.linspace(LOW, HIGH, len(surface))
    gaps = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0]
    levels = surface.max() + 1e-9 - np.array(gaps)
    norm = BoundaryNorm(levels, 256, extend="min")
    dots = []
    for ax, name, color in zip(axes, searches, COLORS, strict=True):
        colors = ax.contourf(
            axis, axis, surface.T, levels=levels, norm=norm, extend="min"
        )
        ax.set(title=name, xlabel="C", xticks=[-2, 0, 2], yticks=[-2, 0, 2])
        for side in (ax.xaxis, ax.yaxis):
            side.set_major_formatter(lambda power, _: f"$10^{{{power:.0f}}}$")
        ax.grid(False)
        dots.append(ax.plot([], [], "ow", mec="black", ms=8, clip_on=False)[0])
        dots.append(ax.plot([], [], "*", color=color, mec="white", ms=24)[0])
    axes[0].set_ylabel("gamma")
    bar = axes[0].figure.colorbar(colors, ax=axes, label="R²", pad=0.02)
    bar.set_ticks(levels, labels=[f"{level:.3f}" for level in levels])
    return dots


def draw_curves(ax, searches):
    styles = zip(searches, COLORS, "osD", strict=True)
    curves = [
        ax.plot([], [], f"{marker}-", color=color, label=name, ms=6, mec="white")[0]
        for name, color, marker in styles
    ]
    ax.set(xlim=(0.5, N_TRIALS + 0.5), ylim=(0.88, 0.94))
    ax.set(xlabel="trial", ylabel="mejor R²", yticks=[0.88, 0.9, 0.92])
    ax.axhline(lab.noise_ceiling(), color=lab.GRAY, linestyle=":", label="techo")
    ax.legend(loc="lower right", ncols=4)
    return curves


def animate(searches, surface):
    fig = plt.figure(figsize=(12, 7))
    fig.get_layout_engine().set(h_pad=0.1)
    layout = fig.add_gridspec(2, 3, height_ratios=[1.7, 1])
    maps = [fig.add_subplot(layout[0, column]) for column in range(3)]
    dots = draw_maps(maps, searches, surface)
    curves = draw_curves(fig.add_subplot(layout[1, :]), searches)

    def frame(count):
        for i, points in enumerate(searches.values()):
            shown = np.array(points[:count])
            scores = np.array([score(*point) for point in points[:count]])
            dots[2 * i].set_data(*shown.T)
            dots[2 * i + 1].set_data(*shown[[scores.argmax()]].T)
            curves[i].set_data(range(1, count + 1), np.maximum.accumulate(scores))

    steps = [*range(1, N_TRIALS + 1), *[N_TRIALS] * 8]
    film = FuncAnimation(fig, frame, frames=steps)
    film.save(HERE / "searches.gif", PillowWriter(fps=3), dpi=80)


if __name__ == "__main__":
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    axis = np.linspace(LOW, HIGH, 31)
    searches = {
        "rejilla": grid_points(),
        "azar": sampled_points(optuna.samplers.RandomSampler(seed=1)),
        "TPE (Optuna)": sampled_points(optuna.samplers.TPESampler(seed=2)),
    }
    surface = np.array([[score(C, gamma) for gamma in axis] for C in axis])
    animate(searches, surface)
    for name, points in searches.items():
        print(f"{name}: mejor R² = {max(score(*point) for point in points):.4f}")
