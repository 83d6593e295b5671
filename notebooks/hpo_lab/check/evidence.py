"""Lo que varias comprobaciones miran de un modelo, una búsqueda o un study."""

import optuna
import pandas as pd
from IPython import get_ipython
from sklearn.base import BaseEstimator, clone
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold, RepeatedKFold, cross_val_score
from sklearn.svm import SVC, SVR

from hpo_lab import problem
from hpo_lab.check.core import trying


def _seed(name: str) -> int:
    """Semilla que dice el cuaderno, por si quien estudia la cambió; 0 fuera de él."""
    shell = get_ipython()
    return shell.user_ns.get(name, 0) if shell else 0


def training_half(n_samples: int = 1000):
    """Los primeros puntos del entrenamiento, con las semillas del cuaderno."""
    return problem.training_half(n_samples, _seed("DATA_SEED"), _seed("SPLIT_SEED"))


def folds() -> KFold:
    """Los cinco *folds* del curso, con la semilla del cuaderno."""
    return KFold(n_splits=5, shuffle=True, random_state=_seed("FOLDS_SEED"))


def repeated_folds() -> RepeatedKFold:
    """Cinco *folds* repetidos diez veces, con la semilla del cuaderno."""
    return RepeatedKFold(n_splits=5, n_repeats=10, random_state=_seed("FOLDS_SEED"))


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
        return cross_val_score(model, X, y, cv=folds(), error_score="raise").mean()


def tried(search) -> pd.DataFrame:
    """Combinaciones que evaluó una búsqueda, una por fila, sin el nombre del paso."""
    table = pd.DataFrame(search.cv_results_["params"])
    return table.rename(columns=lambda column: column.split("__")[-1])


def chosen(search) -> BaseEstimator:
    """Modelo con los hiperparámetros que eligió una búsqueda, sin ajustar y callado."""
    with trying("lo que eligió tu búsqueda"):
        model = clone(search.estimator).set_params(**search.best_params_)
        loud = [name for name in model.get_params() if name.endswith("verbose")]
        return model.set_params(**dict.fromkeys(loud, False))


def complete(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    """Trials que terminaron con una nota."""
    return [trial for trial in study.trials if trial.state.name == "COMPLETE"]
