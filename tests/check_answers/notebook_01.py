from functools import cache

import numpy as np
import pandas as pd
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    validation_curve,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from check_answers.common import CV, DIABETES, X, grid, y

EPSILONS = np.logspace(-3, 0, 13)


@cache
def curve(score=cross_val_score, start=0.001, n=200, **settings):
    settings = {"C": 10, "gamma": 10} | settings
    options = {"cv": CV} if score is cross_val_score else {}
    models = [SVR(**settings, epsilon=epsilon) for epsilon in 1000 * start * EPSILONS]
    return [np.mean(score(m, X[:n], y[:n], **options)) for m in models]


def train_score(model, X, y):
    return model.fit(X, y).score(X, y)


def by_curve(model, name, values, cv=CV):
    options = {"param_name": name, "param_range": values, "cv": cv}
    return validation_curve(model, X[:200], y[:200], **options)[1].mean(axis=1)


def right_1_1():
    gammas = np.logspace(-2, 4, 25)
    found = by_curve(SVR(C=0.1, epsilon=0.01), "gamma", gammas)
    yield ("derecha", gammas[found.argmax()]), "tu predicción se cumplió."
    yield (" Izquierda ", np.array([100])), "no se cumplió: eso es lo que más vale"
    yield ("igual", 60), "no se cumplió"


def wrong_1_1():
    for gamma in (3.16, 1e4, 0.01, 1e300):
        yield ("derecha", gamma), "la cima está más arriba. ¿Cambiaste C?"
    yield ("derecha", 0), "`best_gamma` debe ser un número positivo; llegó 0."
    yield ("derecha", -5), "positivo; llegó -5."
    yield ("arriba", 100), "izquierda, igual, derecha; llegó 'arriba'."


def right_1_2():
    yield (EPSILONS, curve()), ""
    yield (list(EPSILONS[::-1]), curve()[::-1]), ""
    other = KFold(n_splits=5, shuffle=True, random_state=3)
    found = by_curve(SVR(C=10, gamma=10), "epsilon", EPSILONS, other)
    yield (pd.Series(EPSILONS), found), ""


def wrong_1_2():
    even = np.linspace(0.001, 1, 13)
    yield (EPSILONS, curve(train_score)), "notas en los datos del ajuste"
    yield (even, curve()), "escala logarítmica"
    yield (EPSILONS, curve(gamma=0.1)), "no sale esa nota. ¿Usas 200 puntos, C = 10"
    yield (EPSILONS, curve(n=100)), "no sale esa nota. ¿Usas 200 puntos, C = 10"
    yield (EPSILONS, curve()[::-1]), "no sale esa nota. ¿Usas 200 puntos"
    yield (EPSILONS * 10, curve(start=0.01)), "desde 0.001 hasta 1"
    yield (-EPSILONS, curve()), "desde 0.001 hasta 1"
    yield (EPSILONS[:5], curve()), "`epsilons` debe ser una lista de 13 números"
    yield (EPSILONS, curve()[:5]), "`epsilon_scores` debe ser una lista de 13 números"
    yield (EPSILONS, [*curve()[:12], np.nan]), "una lista de 13 números finitos"


def right_1_3():
    yield (SVR(C=15),), "R² = 0.476."
    yield (SVR(C=50).fit(*DIABETES),), "R² = 0.4"
    yield (make_pipeline(StandardScaler(), SVR(C=20)),), "R² = 0.4"
    yield (grid({"C": [1, 30]}, data=DIABETES),), "R² = 0.4"


def wrong_1_3():
    yield (SVR(),), "R² = 0.158 en validación. Prueba varios órdenes de magnitud de C"
    yield (SVR(C=1e4),), "órdenes de magnitud de C"
    wild = SVR(kernel="poly", C=1e6, gamma=1e3, verbose=True)
    yield (wild,), "órdenes de magnitud de C"
    yield (SVR(C=-1),), "al probar tu modelo se produjo InvalidParameterError"
    not_svr = "`diabetes_model` debe ser una SVR con los hiperparámetros que elegiste"
    yield (SVC(C=20),), f"{not_svr}, sola o dentro de un pipeline; llegó SVC."
    yield (LinearRegression(),), not_svr
    yield (GridSearchCV(SVR(), {"C": [1, 10]}),), not_svr


ANSWERS = {
    "1_1": (right_1_1, wrong_1_1),
    "1_2": (right_1_2, wrong_1_2),
    "1_3": (right_1_3, wrong_1_3),
}
