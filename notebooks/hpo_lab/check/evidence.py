"""Lo que varias comprobaciones miran de un modelo, una búsqueda o un study."""

import optuna
import pandas as pd
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_digits
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC, SVR

from hpo_lab.check.core import trying
from hpo_lab.problem import CV


def digits():
    """Las 500 imágenes de los ejercicios, y sus clases."""
    X, y = load_digits(return_X_y=True)
    return X[:500], y[:500]


def _parts(model: BaseEstimator) -> list:
    return [model, *model.get_params().values()]


def has(model: BaseEstimator, kind: type) -> bool:
    """Dice si el modelo es de esta clase, o es un *pipeline* que la lleva dentro."""
    return any(isinstance(part, kind) for part in _parts(model))


def cv_score(model: BaseEstimator, X, y, max_iter: int = 30_000) -> float:
    """Nota media en los *folds* del curso, con las iteraciones de la SVM acotadas."""
    with trying("tu modelo"):
        model = clone(model)
        for part in _parts(model):
            if isinstance(part, (SVC, SVR)):  # uno desbocado no debe detener la clase
                part.set_params(max_iter=max_iter, verbose=False)
        return cross_val_score(model, X, y, cv=CV, error_score="raise").mean()


def tried(search) -> pd.DataFrame:
    """Combinaciones que evaluó una búsqueda, una por fila, sin el nombre del paso."""
    table = pd.DataFrame(search.cv_results_["params"])
    return table.rename(columns=lambda column: column.split("__")[-1])


def chosen(search) -> BaseEstimator:
    """Modelo con los hiperparámetros que eligió una búsqueda, sin ajustar."""
    with trying("lo que eligió tu búsqueda"):
        return clone(search.estimator).set_params(**search.best_params_)


def complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials que terminaron con una nota."""
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]
