from functools import cache

import numpy as np
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from check_answers.common import DIGITS, draw, grid

COARSE = {"C": [1, 100], "gamma": [0.1, 1, 10]}
FINE = {"C": [30, 100, 300], "gamma": [2, 5]}
SMALL = (np.linspace(-1, 1, 50)[:, None], np.linspace(0, 1, 50))


@cache
def coarse():
    return grid(COARSE, refit=False)


@cache
def fine():
    return grid(FINE, refit=False)


def right_2_1():
    yield (4321, 3121), ""
    yield (np.int64(4321), 3121.0), ""


def wrong_2_1():
    yield (432, 312), "`n_full` son combinaciones"
    yield (4320, 3120), "a `n_full` le falta el ajuste que se hace después"
    yield (4321, 4321), "`n_list` no coincide. Escribe primero"
    yield (4321, 3122), "`n_list` no coincide"
    yield (4321, 312), "`n_list` son combinaciones"
    yield (0, 0), "`n_full` no coincide"
    yield (4321.5, 3121), "`n_full` debe ser un número entero; llegó 4321.5."
    yield ("4321", "3121"), "`n_full` debe ser un número entero; llegó '4321'."


def right_2_2():
    yield (coarse(), fine()), "con 60 ajustes."
    pipe = make_pipeline(StandardScaler(), SVR())
    named = {"svr__C": [10, 1000], "svr__gamma": [0.1, 1]}
    other = grid({"C": [60], "gamma": [2, 2.5, 3]})
    yield (grid(named, pipe, data=SMALL), other), "con 37 ajustes."


def wrong_2_2():
    yield (grid(COARSE, data=SMALL), fine()), "hacen 61 ajustes"
    yield (fine(), fine()), "`fine_search` no es más fina: acerca"
    poor = grid({"C": [0.01], "gamma": [1, 2]})
    yield (coarse(), poor), "hay que pasar de 0.934. ¿Quedó el óptimo"
    other = grid(FINE | {"gamma": [0.01, 0.02]}, data=SMALL, refit=False)
    yield (coarse(), other), "hay que pasar de 0.934"
    one = grid({"C": [1], "gamma": [1]}, data=SMALL)
    yield (one, fine()), "al menos dos valores de C y dos de gamma"
    yield (
        (grid({"C": [1, 10]}, data=SMALL), fine()),
        "`coarse_search` debe buscar C y gamma",
    )
    yield (
        (coarse(), grid({"gamma": [1]}, data=SMALL)),
        "`fine_search` debe buscar C y gamma",
    )
    yield (grid(COARSE, cv=3, data=SMALL), fine()), "los cinco folds de `cv`"
    text = grid({"C": [1, 10], "gamma": ["scale", 1]}, data=SMALL)
    yield (
        (coarse(), text),
        "al probar los valores de `fine_search` se produjo ValueError",
    )
    two = grid(FINE, data=SMALL, refit=False, scoring=["r2", "neg_max_error"])
    yield (coarse(), two), "al probar `fine_search` se produjo AttributeError"
    not_grid = "`fine_search` debe ser un GridSearchCV después de llamar a fit"
    yield (coarse(), GridSearchCV(SVR(), FINE)), not_grid
    yield (coarse(), draw({"C": [1], "gamma": [1, 2]}, 2, SMALL)), not_grid


def right_2_3():
    gammas = np.logspace(-4, -2, 3)
    yield (grid({"gamma": gammas}, SVC(), DIGITS),), "Exactitud = 0.98"
    pipe = make_pipeline(SVC())
    space = {"svc__C": [10], "svc__gamma": gammas}
    yield (grid(space, pipe, DIGITS),), "Exactitud = 0.98"
    mixed = [{"kernel": ["linear"]}, {"gamma": [1e-5, *gammas], "kernel": ["rbf"]}]
    yield (grid(mixed, SVC(C=10), DIGITS, refit=False),), "Exactitud = 0.98"


def wrong_2_3():
    few = [part[:100] for part in DIGITS]
    yield (grid({"gamma": [0.1, 1, 10]}, SVC(), few),), "¿qué gamma corresponde?"
    yield (grid({"gamma": [1e-3, 1e-2, 1e-1]}, SVC(), few),), "quedó en el borde"
    yield (grid({"gamma": ["scale", 0.1, 1]}, SVC(), few),), "quedó en el borde"
    yield (grid({"C": [1, 10]}, SVC(), few),), "debe recorrer gamma"
    yield (grid({"gamma": [1e-3, 1e-2]}, SVR(), few),), "clasificar con SVC"
    two = grid({"gamma": [1, 2]}, SVC(), few, refit=False, scoring=["accuracy"])
    yield (two,), "al probar lo que eligió tu búsqueda se produjo AttributeError"
    unfitted = GridSearchCV(SVC(), {"gamma": [1e-4, 1e-3, 1e-2]})
    yield (
        (unfitted,),
        "`digits_search` debe ser un GridSearchCV después de llamar a fit",
    )


ANSWERS = {
    "2_1": (right_2_1, wrong_2_1),
    "2_2": (right_2_2, wrong_2_2),
    "2_3": (right_2_3, wrong_2_3),
}
