"""Las clases de respuesta que piden los ejercicios; van en la firma de cada uno."""

import math
import numbers

import numpy as np
import optuna
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.svm import SVR

from hpo_lab.check.core import Hint, Kind, trying
from hpo_lab.check.evidence import complete, has

SEARCHES = (GridSearchCV, RandomizedSearchCV)


def _scalar(answer) -> float:
    if isinstance(answer, (np.generic, np.ndarray)):
        answer = answer.item()
    is_number = isinstance(answer, numbers.Real) and not isinstance(answer, bool)
    return float(answer) if is_number else math.nan


Number = Kind("un número finito", math.isfinite, _scalar)
Positive = Kind("un número positivo", lambda value: 0 < value < math.inf, _scalar)
Percent = Kind("un porcentaje, de 0 a 100", lambda value: 0 <= value <= 100, _scalar)
Whole = Kind("un número entero", float.is_integer, _scalar)
Function = Kind("una función", callable)
Process = Kind("un proceso", lambda answer: hasattr(answer, "returncode"))
Trial = Kind(
    "un trial, como los de `study.trials`",
    lambda answer: isinstance(answer, optuna.trial.FrozenTrial),
)
ModelOfSVR = Kind(
    "una SVR con los hiperparámetros que elegiste, sola o dentro de un pipeline",
    lambda model: has(model, SVR) and not isinstance(model, SEARCHES),
    lambda answer: getattr(answer, "best_estimator_", answer),
)


def OneOf(*options: str) -> Kind:
    """Uno de estos textos; no importan las mayúsculas ni los espacios de los lados."""
    known = {option.lower(): option for option in options}
    name = f"uno de estos textos: {', '.join(options)}"
    return Kind(name, bool, lambda answer: known.get(answer.strip().lower()))


def Numbers(size: int) -> Kind:
    """Una lista, un arreglo o una columna de números finitos."""

    def test(array):
        return array.shape == (size,) and np.isfinite(array).all()

    name = f"una lista de {size} números finitos"
    return Kind(name, test, lambda answer: np.asarray(answer, dtype=float))


def ListOf(kind: Kind, size: int | None = None) -> Kind:
    """Una lista o una tupla cuyos elementos son de una clase, que no se convierten."""

    def test(answer):
        if not isinstance(answer, (list, tuple)) or size not in (None, len(answer)):
            return False
        return all(map(kind.test, answer))

    length = f" de {size}" if size else ""
    return Kind(f"una lista{length} en la que cada elemento es {kind.name}", test)


def Fitted(*classes: type) -> Kind:
    """Una búsqueda de alguna de estas clases, después de llamar a `fit`."""

    def test(answer):
        return isinstance(answer, classes) and hasattr(answer, "cv_results_")

    names = " o ".join(f"un {kind.__name__}" for kind in classes)
    return Kind(f"{names} después de llamar a fit", test)


def Completed(n_trials: int) -> Kind:
    """Un study que maximiza, con al menos estos trials completos."""

    def test(answer):
        if not isinstance(answer, optuna.Study):
            return False
        with trying("tu study"):
            direction, done = answer.direction.name, len(complete(answer))
        if direction != "MAXIMIZE":
            raise Hint("¿El study maximiza o minimiza la nota?")
        if done < n_trials:
            raise Hint(f"el study tiene {done} trials completos y se piden {n_trials}.")
        return True

    return Kind("un Study de Optuna", test)


Study = Completed(0)
