"""Las figuras de los cuadernos, con un mismo estilo."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from matplotlib.text import Text
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import check_is_fitted

from hpo_lab.problem import target

# Paleta de Okabe e Ito (2008): se distingue también con daltonismo.
BLUE, RED, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, GRAY, LIGHT = "#E69F00", "#595959", "#B4B4B4"

# Los rótulos de las figuras de Optuna, en el español del curso.
OPTUNA_WORDS = {
    "Objective Value": "R² de validación cruzada",
    "Best Value": "mejor hasta ahora",
    "Trial": "trial",
    "Hypervolume": "hipervolumen",
    "Hyperparameter": "hiperparámetro",
    "Hyperparameter Importance": "importancia",
}

plt.rcParams |= {
    "figure.figsize": (8, 4.5),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "font.size": 14,
    "legend.fontsize": 12,
    "lines.linewidth": 2.5,
    "axes.prop_cycle": plt.cycler(
        color=[BLUE, RED, GREEN, PURPLE, ORANGE], marker=list("osD^v")
    ),
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#E0E0E0",
    "image.cmap": "cividis",
}


def plot_data(X: np.ndarray, y: np.ndarray, ax: Axes | None = None) -> Axes:
    """Dibuja los datos, X (n, 1) e y (n,), y la función verdadera.

    Raises
    ------
    ValueError
        Si X no es (n, 1), si y no es (n,) o si hay valores no finitos.
    """
    X, y = _check_data(X, y)
    ax = ax or plt.subplots()[1]
    grid = np.linspace(-1, 1, 401)
    ax.plot(X[:, 0], y, ".", color=LIGHT, markersize=4, label="datos")
    ax.plot(grid, target(grid), "--", color=ORANGE, marker="", label="f(x) verdadera")
    # El espacio libre de abajo es para la leyenda.
    ax.set(xlabel="x", ylabel="y", xlim=(-1.03, 1.03))
    ax.set_ylim(min(y.min(), -0.95), max(y.max(), 0.45))
    ax.legend(loc="lower center")
    return ax


def plot_model(
    model, X: np.ndarray, y: np.ndarray, ax: Axes | None = None, name: str = "modelo"
) -> Axes:
    """Dibuja la predicción de un modelo ajustado sobre los datos, con su R² en ellos.

    Parameters
    ----------
    model : estimador de scikit-learn ya ajustado con una sola variable
    X : array (n, 1)
    y : array (n,)
    name : str
        Nombre del modelo en la leyenda.

    Raises
    ------
    NotFittedError
        Si falta llamar a ``model.fit``.
    ValueError
        Si X no es (n, 1), si y no es (n,) o si hay valores no finitos.
    """
    _check_fitted(model)
    ax = plot_data(X, y, ax)
    grid = np.linspace(-1, 1, 401)
    label = f"{name} (R² = {r2_score(y, model.predict(X)):.3f})"
    ax.plot(grid, model.predict(grid[:, None]), color=BLUE, marker="", label=label)
    ax.legend(loc="lower center")
    return ax


def plot_history(search, ax: Axes | None = None) -> Axes:
    """Dibuja el R² de cada trial de una búsqueda y el mejor hasta ese momento.

    El eje abarca 0.1 por debajo del mejor; lo que cae más abajo se marca en el borde.
    Los trials de un Study llevan el número que les da Optuna, que empieza en 0.

    Parameters
    ----------
    search : GridSearchCV o RandomizedSearchCV ajustado, o Study de Optuna
        El puntaje se maximiza.

    Raises
    ------
    NotFittedError, TypeError, ValueError
        Si la búsqueda no se ha ajustado, no es una búsqueda o no tiene trials.
    """
    score = _trials(search)["score"]
    floor = score.max() - 0.1
    below = score.index[score < floor]
    ax = ax or plt.subplots()[1]
    ax.plot(score[score >= floor], "o", color=GRAY, label="cada trial")
    edge = np.full(len(below), floor)
    ax.plot(below, edge, "v", color=RED, clip_on=False, label="trial más abajo")
    best = score.cummax().clip(lower=floor)
    ax.plot(best, drawstyle="steps-post", marker="", label="mejor hasta ahora")
    ax.set(xlabel="trial", ylabel="R² de validación cruzada", ylim=(floor, None))
    _legend_above(ax)
    return ax


def plot_response(search, ax: Axes | None = None) -> Axes:
    """Dibuja el R² según C y gamma (kernel RBF), con los puntos que se evaluaron.

    Entre los puntos, el R² se interpola linealmente en escala log-log. Los colores
    se reparten según cuánto falta para el mejor, para que se distinga la cima.

    Parameters
    ----------
    search : GridSearchCV o RandomizedSearchCV ajustado, o Study de Optuna

    Raises
    ------
    NotFittedError, TypeError, ValueError
        Como `plot_history`, o si los puntos (C, gamma) no forman un área.
    """
    trials = _trials(search)
    if "kernel" in trials:
        trials = trials[trials["kernel"] == "rbf"]
    points = trials.reindex(columns=["C", "gamma"]).astype(float).dropna()
    score = trials.loc[points.index, "score"].to_numpy()
    x, y = np.log10(points).to_numpy().T
    if len(points) < 3 or np.linalg.matrix_rank(np.c_[x, y] - (x[0], y[0])) < 2:
        raise ValueError(
            "El mapa necesita al menos 3 puntos (C, gamma) que no estén en una recta; "
            f"se recibieron {len(points)}."
        )
    ax = ax or plt.subplots(figsize=(8, 5.5))[1]
    best = score.argmax()
    missing = np.array([0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0])
    levels = score[best] - missing
    norm = BoundaryNorm(levels, 256, extend="min")
    colors = ax.tricontourf(x, y, score, levels=levels, norm=norm, extend="min")
    bar = ax.figure.colorbar(colors, ax=ax, label="R² de validación cruzada")
    bar.set_ticks(levels, labels=[f"{level:.3f}" for level in levels])
    ax.plot(x, y, "ow", mec="black", ms=6, clip_on=False, label="evaluado")
    star = {"color": RED, "mec": "white", "ms": 22, "clip_on": False}
    ax.plot(x[best], y[best], "*", label="mejor", **star)
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(plt.MaxNLocator(integer=True))
        axis.set_major_formatter(lambda power, _: f"$10^{{{power:.0f}}}$")
    ax.set(xlabel="C (escala log)", ylabel="gamma (escala log)")
    ax.grid(False)
    _legend_above(ax)
    return ax


def plot_optuna(plot: Callable, study, **options) -> Figure:
    """Dibuja una figura de ``optuna.visualization.matplotlib`` con el estilo del curso.

    Esas funciones cambian el estilo de matplotlib para todo lo que siga, rotulan en
    inglés y avisan que son experimentales; aquí ninguna de las tres cosas pasa.

    Parameters
    ----------
    plot : una de esas funciones, por ejemplo ``plot_slice``
    study : Study de Optuna
        El puntaje es un R².
    **options
        Lo que se le pasa a `plot`, por ejemplo ``params``.
    """
    with mock.patch.object(plt.style, "use"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        figure = np.ravel(plot(study, **options))[0].figure
    figure.suptitle("")
    for ax in figure.axes:
        ax.set_title("")
    for text in figure.findobj(Text):
        text.set_text(OPTUNA_WORDS.get(text.get_text(), text.get_text()))
    for axis in [axis for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)]:
        if axis.get_scale() == "log" and axis.get_label_text():
            axis.set_label_text(f"{axis.get_label_text()} (escala log)")
    return figure


def _legend_above(ax: Axes) -> None:
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)


def _check_data(X: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    X, y = np.asarray(X, dtype=float), np.asarray(y, dtype=float)
    if X.ndim != 2 or X.shape[1] != 1 or y.shape != X.shape[:1]:
        raise ValueError(
            "X debe tener forma (n, 1) e y forma (n,); "
            f"se recibieron {X.shape} y {y.shape}."
        )
    if not (np.isfinite(X).all() and np.isfinite(y).all()):
        count = np.sum(~np.isfinite(X)) + np.sum(~np.isfinite(y))
        raise ValueError(f"X e y deben ser finitos; hay {count} NaN o infinitos.")
    return X, y


def _check_fitted(model) -> None:
    try:
        check_is_fitted(model)
    except NotFittedError:
        raise NotFittedError(
            f"{type(model).__name__} no está ajustado; se espera un modelo después de "
            "llamar a fit."
        ) from None


def _trials(search) -> pd.DataFrame:
    """Tabla de una búsqueda: el puntaje y los hiperparámetros, una fila por trial."""
    if hasattr(search, "trials"):
        done = [trial for trial in search.trials if trial.state.name == "COMPLETE"]
        rows = [trial.params | {"score": trial.value} for trial in done]
        index = [trial.number for trial in done]
    elif isinstance(search, (GridSearchCV, RandomizedSearchCV)):
        _check_fitted(search)
        metric = search.refit if search.multimetric_ else "score"
        scores = search.cv_results_[f"mean_test_{metric}"]
        params = search.cv_results_["params"]
        rows = [p | {"score": s} for p, s in zip(params, scores, strict=True)]
        index = range(1, len(rows) + 1)
    else:
        raise TypeError(
            "Se espera un GridSearchCV, un RandomizedSearchCV o un Study; "
            f"se recibió {type(search).__name__}."
        )
    if not rows:
        raise ValueError("La búsqueda está vacía; se espera un trial completo o más.")
    return pd.DataFrame(rows, index=index)
