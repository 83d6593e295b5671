"""El problema del curso: sus datos, su techo y la respuesta de la SVR."""

from __future__ import annotations

import numbers
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.interpolate import RegularGridInterpolator
from scipy.sparse.linalg import spsolve
from sklearn.model_selection import KFold, train_test_split

HERE = Path(__file__).resolve().parent
# Instalado desde un paquete, los datos van dentro de él; en el curso, en su raíz.
ROOT = HERE if (HERE / "data").is_dir() else HERE.parents[1]
DATA, IMAGES = ROOT / "data", ROOT / "images"

# Los folds con los que todo el curso califica una configuración.
CV = KFold(n_splits=5, shuffle=True, random_state=0)

# De qué potencias de diez se sortean C y gamma en las búsquedas de data/overtuning.csv.
SEARCH_RANGES = {"sintético": [(-2, 2), (-2, 2)], "dígitos": [(-2, 3), (-6, -1)]}


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


def training_half(
    n_samples: int = 1000, data_seed: int = 0, split_seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Devuelve los primeros `n_samples` puntos del entrenamiento: X (n, 1), y (n,).

    Es la mitad que separan los cuadernos; la de prueba no sale de aquí.
    """
    X, y = make_dataset(seed=data_seed)
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=split_seed)
    return X[:n_samples], y[:n_samples]


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


def search_configurations(problem: str, search: int) -> np.ndarray:
    """Sortea la C y la gamma de las 40 configuraciones de una búsqueda guardada.

    Returns
    -------
    array (40, 2), en el orden en que se sortearon
    """
    low, high = np.transpose(SEARCH_RANGES[problem])
    return 10 ** np.random.default_rng([1, search]).uniform(low, high, size=(40, 2))


def recorded_searches(
    problem: str, n: int, seed: int | None = None
) -> dict[str, np.ndarray]:
    """Lee de ``data/overtuning.csv`` las cien búsquedas de un problema y un tamaño.

    Parameters
    ----------
    problem : "sintético" o "dígitos"
    n : int
        Puntos o imágenes con que se buscó.
    seed : int, opcional
        Baraja los trials de cada búsqueda, que al azar valen en cualquier orden.

    Returns
    -------
    dict con arrays (100, 40), R² o exactitud sin unidades: ``cv``, su error estándar
    ``se``, la media de cinco repartos ``repeated``, la de un reparto propio ``own``, la
    de una sola partición ``holdout`` y ``own_holdout``, y lo que dio en el mundo,
    ``world``; además ``C`` y ``gamma``, y de la configuración por defecto, ``default``
    (100,), lo que dio en el mundo, y ``default_cv`` (100,), su nota

    Raises
    ------
    ValueError
        Si la tabla no tiene ese problema con ese tamaño, o si `seed` no es un entero
        de 0 en adelante.
    """
    if seed is not None and not (isinstance(seed, numbers.Integral) and seed >= 0):
        raise ValueError(f"seed debe ser un entero, 0 o más; se recibió {seed!r}.")
    table = pd.read_csv(DATA / "overtuning.csv")
    rows = table[(table["problem"] == problem) & (table["n"] == n)]
    if rows.empty:
        known = table[["problem", "n"]].drop_duplicates().itertuples(index=False)
        pairs = ", ".join(f"{name} con {size}" for name, size in known)
        raise ValueError(f"No hay búsquedas de {problem!r} con {n!r}; hay: {pairs}.")
    scores = {
        name: part.drop(columns=["problem", "n", "search", "score"]).to_numpy()
        for name, part in rows.groupby("score")
    }
    default = {"default": scores["world"][:, 0], "default_cv": scores["cv"][:, 0]}
    scores = {name: values[:, 1:] for name, values in scores.items()}
    drawn = [search_configurations(problem, k) for k in rows["search"].unique()]
    drawn = np.array(drawn)
    scores |= {"C": drawn[..., 0], "gamma": drawn[..., 1]}
    order = np.tile(np.arange(drawn.shape[1]), (len(drawn), 1))
    if seed is not None:
        order = np.random.default_rng(seed).permuted(order, axis=1)
    shuffled = {k: np.take_along_axis(v, order, axis=1) for k, v in scores.items()}
    return shuffled | default


@cache
def _response() -> RegularGridInterpolator:
    table = pd.read_csv(DATA / "response_surface.csv")
    table = table.pivot(index="log10_C", columns="log10_gamma", values="mean_r2")
    axes = (table.index.to_numpy(), table.columns.to_numpy())
    # El sistema se resuelve directamente: el método iterativo de SciPy se detiene a
    # 0.0001 de los valores de la tabla.
    options = {"method": "cubic", "solver": spsolve}
    return RegularGridInterpolator(axes, table.to_numpy(), **options)


def _check_noise(noise: float) -> None:
    if isinstance(noise, bool) or not isinstance(noise, numbers.Real):
        raise TypeError(f"noise debe ser un número; se recibió {noise!r}.")
    if not np.isfinite(noise) or noise < 0:
        raise ValueError(f"noise debe ser finito y no negativo; se recibió {noise}.")
