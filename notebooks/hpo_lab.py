"""Laboratorio del curso: el problema sintético y las figuras de los cuadernos.

Se usa como ``import hpo_lab as lab``. Aquí no hay ninguna búsqueda de
hiperparámetros: esas se escriben completas en cada cuaderno.
"""

from __future__ import annotations

import numbers
import sys
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import PIL.Image
from IPython.display import Image, display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import BoundaryNorm
from matplotlib.figure import Figure
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse.linalg import spsolve
from sklearn.exceptions import NotFittedError
from sklearn.metrics import r2_score
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.utils.validation import check_is_fitted

DATA = Path(__file__).resolve().parents[1] / "data"
IMAGES = DATA.with_name("images")

# Paleta de Okabe e Ito (2008): se distingue también con daltonismo.
BLUE, RED, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, GRAY, LIGHT = "#E69F00", "#595959", "#B4B4B4"

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


def target(x: np.ndarray) -> np.ndarray:
    """Evalúa la función verdadera, f(x) = cos(5x)·x², en un array de cualquier forma.

    Returns
    -------
    array de la misma forma que `x`, sin unidades
    """
    x = np.asarray(x, dtype=float)
    return np.cos(5 * x) * x**2


def make_dataset(
    n_samples: int = 2000, noise: float = 0.05, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Muestra el problema: x ~ U(-1, 1), y = f(x) + ε, con ε ~ N(0, noise²).

    Parameters
    ----------
    n_samples : int
        Cantidad de puntos, 2 o más.
    noise : float
        Desviación estándar del ruido, en las unidades de y.
    seed : int
        Semilla: la misma semilla da los mismos bytes.

    Returns
    -------
    X : array (n_samples, 1)
    y : array (n_samples,)

    Raises
    ------
    TypeError
        Si `n_samples` no es entero o `noise` no es un número.
    ValueError
        Si `n_samples` < 2, o si `noise` es negativo o no es finito.
    """
    if isinstance(n_samples, bool) or not isinstance(n_samples, numbers.Integral):
        raise TypeError(f"n_samples debe ser un entero; se recibió {n_samples!r}.")
    if n_samples < 2:
        raise ValueError(f"n_samples debe ser 2 o más; se recibió {n_samples}.")
    _check_noise(noise)
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1, 1, size=(n_samples, 1))
    return X, target(X[:, 0]) + rng.normal(0, noise, size=n_samples)


def noise_ceiling(noise: float = 0.05) -> float:
    """Calcula el mejor R² que puede esperar un modelo: Var f / (Var f + noise²).

    Ni la función verdadera predice el ruido: su error cuadrático medio es noise²,
    y la varianza de y es Var f + noise²; 1 menos su cociente es la fórmula.
    Con x ~ U(-1, 1) y f par, E[f] y E[f²] son integrales en [0, 1]. Como
    cos²(5x) = (1 + cos 10x) / 2, y con J(n, a) = ∫₀¹ xⁿ cos(ax) dx por partes:

        E[f]    = J(2, 5)     E[f²] = 1/10 + J(4, 10)/2     Var f = E[f²] - E[f]²
        J(2, a) = sin a (1/a - 2/a³) + cos a · 2/a²
        J(4, a) = sin a (1/a - 12/a³ + 24/a⁵) + cos a (4/a² - 24/a⁴)

    Parameters
    ----------
    noise : float
        Desviación estándar del ruido, en las unidades de y.

    Returns
    -------
    float
        R² sin unidades, entre 0 y 1; 0.936 con noise = 0.05.

    Raises
    ------
    TypeError, ValueError
        Si `noise` no es un número finito y no negativo.
    """
    _check_noise(noise)
    mean = np.sin(5) * (1 / 5 - 2 / 5**3) + np.cos(5) * 2 / 5**2
    j4 = np.sin(10) * (1 / 10 - 12 / 10**3 + 24 / 10**5)
    j4 += np.cos(10) * (4 / 10**2 - 24 / 10**4)
    variance = 1 / 10 + j4 / 2 - mean**2
    return float(variance / (variance + noise**2))


def interpolate_response(C: float | np.ndarray, gamma: float | np.ndarray):
    """Interpola el R² de validación cruzada de la SVR en ``data/response_surface.csv``.

    La interpolación es cúbica en log10(C) y log10(gamma); en los puntos de la tabla
    devuelve los valores de la tabla.

    Parameters
    ----------
    C, gamma : float o arrays de formas compatibles
        Hiperparámetros del kernel RBF, entre 0.01 y 1000.

    Returns
    -------
    float o array de la forma común, R² sin unidades

    Raises
    ------
    TypeError
        Si C o gamma no son números.
    ValueError
        Si algún valor queda fuera de la tabla, o si las formas no son compatibles.
    """
    logs = []
    for name, given in {"C": C, "gamma": gamma}.items():
        value = np.asarray(given)
        if value.dtype.kind not in "iuf":
            raise TypeError(f"{name} debe ser un número; se recibió {given!r}.")
        outside = ~((value >= 0.01 - 1e-12) & (value <= 1000 + 1e-9))
        if outside.any():
            raise ValueError(
                f"{name} debe estar entre 0.01 y 1000, lo que abarca la tabla; "
                f"se recibió {value[outside][0]}."
            )
        logs.append(np.log10(value).clip(-2, 3))
    try:
        points = np.stack(np.broadcast_arrays(*logs), axis=-1)
    except ValueError:
        raise ValueError(
            "C y gamma deben tener formas compatibles; "
            f"se recibieron {logs[0].shape} y {logs[1].shape}."
        ) from None
    return _response()(points).reshape(points.shape[:-1])[()]


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
    below = score[score < floor]
    ax = ax or plt.subplots()[1]
    ax.plot(score[score >= floor], "o", color=GRAY, label="cada trial")
    ax.plot(below * 0 + floor, "v", color=RED, clip_on=False, label="trial más abajo")
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


def show(ax, alt: str) -> None:
    """Muestra la figura de `ax` (Axes, array de Axes o Figure) con texto alternativo.

    Raises
    ------
    ValueError
        Si `alt` está vacío.
    """
    _check_alt(alt)
    figure = np.ravel(ax)[0]
    figure = getattr(figure, "figure", figure)
    # Con 128 colores, el PNG pesa la tercera parte y se ve igual.
    full, small = BytesIO(), BytesIO()
    figure.savefig(full, dpi=150)
    PIL.Image.open(full).convert("RGB").quantize(128).save(small, "png", optimize=True)
    width = 100 * figure.get_size_inches()[0]
    display(Image(small.getvalue(), width=int(width), metadata={"alt": alt}))
    plt.close(figure)


def show_image(name: str, alt: str, width: int = 880) -> None:
    """Muestra un dibujo PNG de la carpeta ``images/``, de `width` píxeles de ancho.

    El dibujo viaja dentro de la salida, así que se ve igual en Colab, en Jupyter,
    en GitHub y en HTML exportado, y se lee su texto alternativo.

    Raises
    ------
    FileNotFoundError
        Si no hay un dibujo con ese nombre.
    ValueError
        Si `alt` está vacío.
    """
    _check_alt(alt)
    if not (IMAGES / name).is_file():
        names = ", ".join(sorted(path.name for path in IMAGES.glob("*.png")))
        raise FileNotFoundError(f"No hay un dibujo {name!r} en images/; hay: {names}.")
    display(Image(filename=IMAGES / name, width=width, metadata={"alt": alt}))


def explore(
    fit: Callable, X: np.ndarray, y: np.ndarray, C: float = 1, gamma: float = 1
) -> None:
    """Muestra deslizadores de C y gamma: cada cambio ajusta el modelo y lo redibuja.

    Sin nadie que los mueva (HTML, presentación, GitHub) queda la figura inicial.

    Parameters
    ----------
    fit : función que recibe C y gamma y devuelve un modelo ajustado
    X : array (n, 1)
    y : array (n,)
        Datos en los que se dibuja y se califica.
    C, gamma : float
        Valores iniciales, entre 0.01 y 1000.

    Raises
    ------
    NotFittedError, ValueError
        Como `plot_model`.
    """
    log = {"min": -2, "max": 3, "step": 0.1, "readout_format": ".3g"}
    knobs = {
        name: widgets.FloatLogSlider(value, description=name, **log)
        for name, value in {"C": C, "gamma": gamma}.items()
    }
    picture = widgets.Image(width=800)
    canvas = FigureCanvasAgg(Figure())
    ax = canvas.figure.subplots()

    def redraw(_) -> None:
        values = {name: knob.value for name, knob in knobs.items()}
        ax.clear()
        plot_model(fit(**values), X, y, ax, "SVR")
        title = "C = {C:.3g}, gamma = {gamma:.3g}".format(**values)
        ax.set_title(f"{title} · techo de R² = {noise_ceiling():.3f}")
        png = BytesIO()
        canvas.print_png(png)
        picture.value = png.getvalue()

    redraw(None)
    canvas.figure.set_layout_engine(
        "none"
    )  # acomodar los márgenes otra vez tarda el doble
    for knob in knobs.values():
        knob.observe(redraw, "value")
    box = widgets.VBox([*knobs.values(), picture])
    view = {"version_major": 2, "version_minor": 0, "model_id": box.model_id}
    bundle = {
        "text/plain": "Deslizadores de C y gamma, con la figura del ajuste",
        "application/vnd.jupyter.widget-view+json": view,
        "image/png": bytes(picture.value),
    }
    if "google.colab" in sys.modules:  # entre los dos, no consta que elija deslizadores
        del bundle["image/png"]
    alt = f"El ajuste con C = {C:.3g} y gamma = {gamma:.3g} sobre los datos y f(x)."
    display(bundle, raw=True, metadata={"image/png": {"alt": alt, "width": 800}})


@cache
def _response() -> RegularGridInterpolator:
    table = pd.read_csv(DATA / "response_surface.csv")
    table = table.pivot(index="log10_C", columns="log10_gamma", values="mean_r2")
    axes = (table.index.to_numpy(), table.columns.to_numpy())
    # El sistema se resuelve directamente: el método iterativo de SciPy se detiene a
    # 0.0001 de los valores de la tabla.
    options = {"method": "cubic", "solver": spsolve}
    return RegularGridInterpolator(axes, table.to_numpy(), **options)


def _legend_above(ax: Axes) -> None:
    ax.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=3, frameon=False)


def _check_noise(noise: float) -> None:
    if isinstance(noise, bool) or not isinstance(noise, numbers.Real):
        raise TypeError(f"noise debe ser un número; se recibió {noise!r}.")
    if not np.isfinite(noise) or noise < 0:
        raise ValueError(f"noise debe ser finito y no negativo; se recibió {noise}.")


def _check_alt(alt: str) -> None:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt debe describir la figura; se recibió {alt!r}.")


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
        index = [trial.number + 1 for trial in done]
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
