"""Los objetivos de las lecciones, para el trabajador: la SVR y uno que solo espera.

python -m hpo_lab.worker --objective hpo_lab.objectives:svr …
"""

from __future__ import annotations

import time

import optuna
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

from hpo_lab.problem import CV, training_half

direction = "maximize"


def svr(trial: optuna.Trial, n_samples: int = 1000) -> float:
    """R² de validación cruzada de una SVR con kernel RBF, sobre el entrenamiento."""
    C = trial.suggest_float("C", 0.01, 100, log=True)
    gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
    model = SVR(C=C, gamma=gamma)
    return cross_val_score(model, *training_half(n_samples), cv=CV).mean()


def wait(trial: optuna.Trial, seconds: float = 0.02) -> float:
    """Espera y no calcula nada: deja ver lo que cuesta el almacén."""
    value = trial.suggest_float("C", 0.01, 100, log=True)
    trial.suggest_float("gamma", 0.01, 100, log=True)
    time.sleep(seconds)
    return value
