"""Ejercicios del cuaderno 6: el optimismo."""

from itertools import product

import numpy as np
from scipy.stats import t as student
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from hpo_lab.check.core import Hint, Kind, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, folds, repeated_folds, tried
from hpo_lab.check.kinds import Fitted, ListOf, Number, Numbers
from hpo_lab.problem import make_dataset

VALUES = (0.1, 1, 10, 100)
OPTIONS = [{"C": C, "gamma": gamma} for C, gamma in product(VALUES, VALUES)]


def _option(answer: dict) -> dict:
    """Los valores de `C` y `gamma`, aunque lleven el nombre de un paso."""
    return {key.split("__")[-1]: float(value) for key, value in answer.items()}


Option = Kind(
    "un diccionario con `C` y `gamma`",
    lambda answer: (
        isinstance(answer, dict) and _option(answer).keys() >= {"C", "gamma"}
    ),
)


@exercise
def exercise_6_1(
    searches: ListOf(Fitted(GridSearchCV, RandomizedSearchCV), 20),
    mean_optimism: Number,
):
    """Veinte búsquedas con 40 pacientes, y cuánto exagera la nota de la elegida."""
    X, y = load_diabetes(return_X_y=True)
    y, rows = y > np.median(y), []
    for seed, search in enumerate(searches):
        n_tried = len(tried(search))
        if n_tried < 16:
            raise Hint(f"searches[{seed}] probó {n_tried}; se piden 16 o más.")
        few, others = np.split(np.random.default_rng(seed).permutation(442), [40])
        model = chosen(search)
        again = [cv_score(model, X[few], y[few], max_iter=200_000) for _ in range(2)]
        with trying(f"searches[{seed}]"):
            truth = model.fit(X[few], y[few]).score(X[others], y[others])
        rows.append((search.best_score_, *again, truth))
    promised, first, second, truth = np.transpose(rows)
    # Un modelo que sortea, como un árbol sin semilla, da otra nota cada vez, y ganó
    # también por suerte: solo se le puede exigir que se parezca, en promedio. Con 64
    # árboles por búsqueda esa suerte llegó a 0.16; la de entrenamiento da 0.33.
    draws = not np.array_equal(first, second)
    for seed, gap in enumerate(np.abs(first - promised)):
        if not (gap < 0.03 or draws):
            raise Hint(f"""la nota de searches[{seed}] no es la exactitud que da `cv`
                con los primeros 40 pacientes de orders[{seed}].""")
    if not abs(np.mean(promised - first)) < 0.25:
        raise Hint("""las notas de tus búsquedas no se parecen a la exactitud que da
            `cv` con los primeros 40 pacientes de cada orden.""")
    optimism = np.mean(promised - truth)
    if not abs(mean_optimism - optimism) < (0.06 if draws else 0.005):
        raise Hint("""`mean_optimism` no es la media de la nota prometida, best_score_,
            menos la que la elegida obtiene con los otros 402 pacientes.""")
    return f"Prometían {promised.mean():.2f} y dieron {truth.mean():.2f}."


def _error(option: dict, X, y, X_new, y_new) -> float:
    return np.mean((SVR(**option).fit(X, y).predict(X_new) - y_new) ** 2)


def _cv_errors(X, y) -> np.ndarray:
    """Error de validación cruzada de cada combinación de `grid`."""
    rows = [
        [_error(option, X[a], y[a], X[b], y[b]) for option in OPTIONS]
        for a, b in folds().split(X)
    ]
    return np.mean(rows, axis=0)


@exercise
def exercise_6_2(chosen: ListOf(Option, 5), outer_mse: Numbers(5)):
    """Una validación cruzada anidada, con la elección y el error de cada *fold*."""
    X, y = make_dataset(60, noise=0.3)
    at_once = OPTIONS[_cv_errors(X, y).argmin()]
    answers = [{key: _option(one)[key] for key in ("C", "gamma")} for one in chosen]
    if (outer_mse < 0).any():
        raise Hint(
            "un error cuadrático no es negativo: ¿trae el signo de scikit-learn?"
        )
    inner_best = []
    for k, (a, _) in enumerate(folds().split(X)):
        if answers[k] not in OPTIONS:
            raise Hint(f"chosen[{k}] no es una de las 16 combinaciones de `grid`.")
        errors = _cv_errors(X[a], y[a])
        inner_best.append(errors.min())
        if errors[OPTIONS.index(answers[k])] > errors.min() * (1 + 1e-6):
            if all(answer == at_once for answer in answers):
                raise Hint("""elegiste una sola vez, con los 60 puntos: cada *fold*
                    externo repite la búsqueda sin sus 12.""")
            raise Hint(f"""chosen[{k}] no es la de menor error cuadrático medio al
                buscar con los 48 puntos que quedan fuera de ese *fold*, y `cv`.""")
    if np.allclose(outer_mse, inner_best, rtol=1e-4):
        raise Hint("""`outer_mse` es el error interno, el que sirvió para elegir: falta
            calificar a la elegida en los 12 puntos de su *fold* externo.""")
    for k, (a, b) in enumerate(folds().split(X)):
        error = _error(answers[k], X[a], y[a], X[b], y[b])
        if not np.isclose(outer_mse[k], error, rtol=1e-4):
            raise Hint(f"""outer_mse[{k}] no es el error cuadrático medio de
                chosen[{k}], ajustada con los 48, en los 12 puntos de ese *fold*.""")
    promised, nested = _cv_errors(X, y).min(), outer_mse.mean()
    return f"La búsqueda promete un error de {promised:.4f}; la anidada, {nested:.4f}."


def _tumor_scores(model) -> np.ndarray:
    """Exactitud en cada uno de los 50 *folds*, con las columnas en la misma escala."""
    model = make_pipeline(StandardScaler(), model)
    X, y = load_breast_cancer(return_X_y=True)
    return cross_val_score(model, X, y, cv=repeated_folds())


def _equivalent(differences: np.ndarray, rho: float) -> float:
    """Probabilidad de que la diferencia media no pase de una centésima."""
    n = len(differences)
    scale = np.sqrt((1 / n + rho / (1 - rho)) * differences.var(ddof=1))
    low, high = student(n - 1, differences.mean(), scale).cdf([-0.01, 0.01])
    return high - low


@exercise
def exercise_6_3(differences: Numbers(50), equivalent: Number):
    """Equivalencia práctica de dos clasificadores de tumores."""
    true = _tumor_scores(SVC()) - _tumor_scores(LogisticRegression())
    if np.allclose(differences, -true, atol=1e-6):
        raise Hint("`differences` está al revés: son las notas de `one` menos `other`.")
    if not np.allclose(differences, true, atol=1e-6):
        raise Hint("""`differences` no son las 50 exactitudes de `one` menos las de
            `other`, *fold* por *fold*, con cv=repeats.""")
    expected = _equivalent(true, rho=1 / 5)
    if np.isclose(equivalent, _equivalent(true, rho=0), atol=0.002):
        raise Hint("""a tu `equivalent` le falta el traslape de los entrenamientos: la
            escala lleva también ρ/(1-ρ), con ρ = 1/5.""")
    if np.isclose(equivalent, 100 * expected, atol=0.5):
        raise Hint("`equivalent` es una probabilidad, de 0 a 1.")
    if not np.isclose(equivalent, expected, rtol=0, atol=0.0015):
        raise Hint("""`equivalent` no es la probabilidad que la t correlacionada da a
            una diferencia media entre -0.01 y 0.01, con tres decimales.""")
    return f"Equivalentes, con probabilidad {expected:.2f}."
