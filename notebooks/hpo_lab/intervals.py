"""Intervalos por bootstrap, como se escriben a mano en los cuadernos 5 y 6."""

from collections.abc import Callable

import numpy as np
from scipy.stats import bootstrap


def interval(
    values: np.ndarray, statistic: Callable = np.median, seed: int = 0
) -> tuple[float, float]:
    """Calcula el intervalo del 95 % de un estadístico por bootstrap de percentiles.

    Sortea mil veces los valores, con reemplazo (Efron y Tibshirani, 1993, cap. 13).

    Parameters
    ----------
    values : array (n,)
        Un valor por repetición, en las unidades que sean; dos o más.
    statistic : función de un array y un eje, como ``np.median`` o ``np.mean``
    seed : int
        Semilla de los sorteos.

    Returns
    -------
    low, high : float, en las unidades de `values`

    Raises
    ------
    ValueError
        Si hay menos de dos valores, o si alguno no es finito.
    """
    values = np.asarray(values, dtype=float)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(
            "values debe tener dos números finitos o más, en una sola dimensión; "
            f"se recibió un arreglo de forma {values.shape} con "
            f"{np.sum(~np.isfinite(values))} NaN o infinitos."
        )
    options = {"n_resamples": 1000, "method": "percentile"}
    rng = np.random.default_rng(seed)
    found = bootstrap((values,), statistic, rng=rng, **options).confidence_interval
    return float(found.low), float(found.high)


def interval_text(
    values: np.ndarray, statistic: Callable = np.median, digits: int = 3
) -> str:
    """Escribe el estadístico y su intervalo, por ejemplo «0.036 [0.030, 0.039]».

    `digits` son los decimales; lo demás y los errores, como en `interval`.
    """
    low, high = interval(values, statistic)
    return f"{statistic(values):.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"
