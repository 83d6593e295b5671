"""Ejercicios del cuaderno 5: la comparación."""

import numpy as np
from scipy.stats import ks_2samp
from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, tried
from hpo_lab.check.kinds import Fitted, Function, ListOf, Number, Numbers, Percent
from hpo_lab.problem import interpolate_response


def _random_best(n: int) -> np.ndarray:
    """La mejor nota de cada una de mil búsquedas al azar de `n` puntos."""
    points = 10 ** np.random.default_rng(1).uniform(-2, 3, size=(1000, n, 2))
    return interpolate_response(points[..., 0], points[..., 1]).max(axis=1)


@exercise
def exercise_5_1(
    prediction: Percent, short: Numbers(100), long: Numbers(100), long_wins: Percent
):
    """Qué tan seguido gana el azar con 50 puntos al azar con 25, en cien parejas."""
    if not any(short > long):
        raise Hint("""la búsqueda larga nunca pierde. ¿Usa las semillas de la corta?
            Entonces empieza por los mismos 25 puntos, y no son dos búsquedas.""")
    for n, scores in {25: short, 50: long}.items():
        own, other = (ks_2samp(scores, _random_best(m)) for m in (n, 75 - n))
        if not (own.pvalue > 1e-5 and own.statistic < other.statistic):
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
    random = np.median(_random_best(16))
    return f"R² mediano con 16 puntos: {mine:.4f}; el azar, {random:.4f}."


@exercise
def exercise_5_3(
    searches: ListOf(Fitted(GridSearchCV, RandomizedSearchCV), 20),
    mean_optimism: Number,
):
    """Veinte búsquedas con 40 pacientes, y cuánto exagera la nota de la elegida."""
    X, y = load_diabetes(return_X_y=True)
    y, pairs = y > np.median(y), []
    for seed, search in enumerate(searches):
        n_tried = len(tried(search))
        if n_tried < 16:
            raise Hint(f"searches[{seed}] probó {n_tried}; se piden 16 o más.")
        few, others = np.split(np.random.default_rng(seed).permutation(442), [40])
        model = chosen(search)
        score = cv_score(model, X[few], y[few], max_iter=200_000)
        with trying(f"searches[{seed}]"):
            truth = model.fit(X[few], y[few]).score(X[others], y[others])
            pairs.append((search.best_score_, truth))
        if not abs(score - search.best_score_) < 0.03:
            raise Hint(f"""la nota de searches[{seed}] no es la exactitud que da `cv`
                con los primeros 40 pacientes de orders[{seed}].""")
    promised, truth = np.mean(pairs, axis=0)
    if not abs(mean_optimism - (promised - truth)) < 0.005:
        raise Hint("""`mean_optimism` no es la media de la nota prometida, best_score_,
            menos la que la elegida obtiene con los otros 402 pacientes.""")
    return f"Prometían {promised:.2f} y dieron {truth:.2f}."
