"""Los datos de los ejercicios, y cómo se hacen las respuestas de varios de ellos."""

from functools import cache

import numpy as np
import optuna
import sklearn
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.svm import SVR

from hpo_lab.problem import CV, training_half

X, y = training_half()
DIABETES = load_diabetes(return_X_y=True)
LATE = DIABETES[1] > np.median(DIABETES[1])
DIGITS = [part[:500] for part in load_digits(return_X_y=True)]

fast = sklearn.config_context(skip_parameter_validation=True)


def explode(*args):
    raise RuntimeError("línea 1\nlínea 2")


def leave(*args):
    raise SystemExit(1)


@fast
def grid(space, model=None, data=(X, y), **options):
    return GridSearchCV(model or SVR(), space, **{"cv": CV} | options).fit(*data)


@fast
def draw(space, n_iter, data, model=None, **options):
    options = {"n_iter": n_iter, "cv": CV, "random_state": 0} | options
    return RandomizedSearchCV(model or SVR(), space, **options).fit(*data)


def tune(objective, n_trials, direction="maximize", study=None):
    sampler = optuna.samplers.RandomSampler(0)
    study = study or optuna.create_study(direction=direction, sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study


def three(name="epsilon", low=0.001, high=0.3, log=True):
    """Objetivo de mentira: lo que se comprueba es el espacio, no el ajuste."""

    def objective(trial):
        C = trial.suggest_float("C", 0.01, 100, log=True)
        gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
        epsilon = trial.suggest_float(name, low, high, log=log)
        return -abs(np.log10(gamma)) - abs(np.log10(C)) / 50 - epsilon / 1000

    return objective


@cache
def good_study():
    return tune(three(), 60)
