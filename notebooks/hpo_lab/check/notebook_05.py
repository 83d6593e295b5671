"""Ejercicios del cuaderno 5: la comparación."""

from functools import cache

import numpy as np
from scipy.stats import expon, kstest

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.kinds import Function, Numbers, Percent
from hpo_lab.problem import interpolate_response


@cache
def _random_scores() -> np.ndarray:
    """Las notas de doscientos mil puntos al azar, de menor a mayor."""
    points = 10 ** np.random.default_rng(1).uniform(-2, 3, size=(200_000, 2))
    return np.sort(interpolate_response(points[:, 0], points[:, 1]))


def _like_random(best: np.ndarray, n: int) -> bool:
    """Dice si cien notas parecen las mejores de cien búsquedas al azar de `n` puntos.

    Si F es la distribución de la nota de un punto, la mejor de n tiene Fⁿ, y -n ln F
    sigue una exponencial de media 1; con la mitad o el doble de puntos, de media 2 o
    0.5. La media de cien se desvía 0.1: los límites están a más de tres desviaciones.
    """
    below = np.searchsorted(_random_scores(), best, side="right") / 200_000
    exponential = -n * np.log(below)
    alike = kstest(exponential, expon.cdf).pvalue > 1e-6
    return bool(alike and 0.65 < exponential.mean() < 1.45)


@exercise
def exercise_5_1(
    prediction: Percent, short: Numbers(100), long: Numbers(100), long_wins: Percent
):
    """Qué tan seguido gana el azar con 50 puntos al azar con 25, en cien parejas."""
    if not any(short > long):
        raise Hint("""la búsqueda larga nunca pierde. ¿Usa las semillas de la corta?
            Entonces empieza por los mismos 25 puntos, y no son dos búsquedas.""")
    for n, scores in {25: short, 50: long}.items():
        if not _like_random(scores, n):
            raise Hint(f"""tus notas no se parecen a las de cien búsquedas al azar de
                {n} puntos: mira el presupuesto, la escala y que sea la mejor nota.""")
    won = 100 * np.mean(long > short)
    if not abs(long_wins - won) < 0.51:
        raise Hint("""`long_wins` no es el porcentaje, de 0 a 100, de parejas en que
            `long` supera a `short`.""")
    if abs(prediction - won) <= 10:
        return "Y tu predicción quedó a diez puntos o menos."
    return "Tu predicción quedó lejos: ¿en cuál de las dos está el mejor de los 75?"


@exercise
def exercise_5_2(propose: Function):
    """Una función que propone un hipercubo latino de `n` puntos en escala log."""
    drawn = {}
    for n, seed in [(7, 0), (7, 0), *((16, seed) for seed in range(100))]:
        with trying("tu función"):
            points = np.array(propose(n, seed), dtype=float)
        if points.shape != (n, 2):
            raise Hint(f"""propose({n}, {seed}) debe devolver un arreglo de forma ({n},
                2); devolvió uno de forma {points.shape}.""")
        if not ((points > 0.0099) & (points < 1001)).all():
            raise Hint("hay puntos fuera del espacio: C y gamma van de 0.01 a 1000.")
        parts = np.floor(n * (np.log10(points) + 2) / 5 + 1e-9).clip(0, n - 1)
        if (np.sort(parts, axis=0) != np.arange(n)[:, None]).any():
            raise Hint(f"""con {n} puntos, alguna de las {n} partes iguales de un eje,
                en escala logarítmica, quedó vacía.""")
        if not np.array_equal(drawn.setdefault((n, seed), points), points):
            raise Hint("con la misma semilla deben salir los mismos puntos.")
    many = np.array([points for (n, _), points in drawn.items() if n == 16])
    if len(np.unique(many, axis=0)) != 100:
        raise Hint("con otra semilla deben salir otros puntos.")
    ties = [abs(np.corrcoef(np.log(points).T)[0, 1]) for points in many]
    if not np.mean(ties) < 0.6:
        raise Hint("C y gamma suben o bajan a la vez: baraja cada eje por su cuenta.")
    mine = np.median(interpolate_response(*many.clip(0.01, 1000).T).max(axis=0))
    random = np.quantile(_random_scores(), 0.5 ** (1 / 16))
    return f"R² mediano con 16 puntos: {mine:.4f}; el azar, {random:.4f}."
