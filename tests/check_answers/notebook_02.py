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
NOISE = (SMALL[0], np.random.default_rng(0).normal(size=50))
HALF = 10**0.5


@cache
def coarse():
    return grid(COARSE, refit=False)


@cache
def fine():
    return grid(FINE, refit=False)


@cache
def shifted(seed):
    """Una gruesa con el origen al azar, y la fina que sale de su mejor combinación."""
    start = 10 ** np.random.default_rng(seed).uniform([-1, -1], [0, 0])
    space = {
        "C": start[0] * np.array([1, 100]),
        "gamma": start[1] * 10.0 ** np.arange(3),
    }
    first = grid(space, refit=False)
    best, near = first.best_params_, np.array([1 / HALF, 1, HALF])
    beyond = near[1:] if best["C"] == max(space["C"]) else near[:2]
    space = {"C": best["C"] * beyond, "gamma": best["gamma"] * near}
    return first, grid(space, refit=False)


def right_2_1():
    yield (4321, 1921), ""
    yield (np.int64(4321), 1921.0), ""


def wrong_2_1():
    yield (432, 192), "`n_full` son combinaciones"
    yield (4320, 1920), "a `n_full` le falta el ajuste que se hace después"
    yield (4321, 4321), "`n_list` no coincide. Escribe primero"
    yield (4321, 3121), "el polinomio sigue recibiendo `gamma`"
    yield (4321, 1922), "`n_list` no coincide"
    yield (4321, 192), "`n_list` son combinaciones"
    yield (4321, 1920), "a `n_list` le falta el ajuste"
    yield (3121, 1921), "`n_full` no coincide"
    yield (0, 0), "`n_full` no coincide"
    yield (4321.5, 1921), "`n_full` debe ser un número entero; llegó 4321.5."
    yield ("4321", "1921"), "`n_full` debe ser un número entero; llegó '4321'."


def right_2_2():
    yield (coarse(), fine()), "con 60 ajustes."
    for seed in range(5):
        yield shifted(seed), "con 60 ajustes."
    pipe = make_pipeline(StandardScaler(), SVR())
    named = {"svr__C": [10, 100], "svr__gamma": [0.1, 1]}
    near = grid({"C": [60], "gamma": [2, 2.5, 3]})
    yield (grid(named, pipe), near), "con 37 ajustes."


def wrong_2_2():
    yield (grid(COARSE, data=SMALL), fine()), "hacen 61 ajustes"
    yield (grid(COARSE, data=NOISE, refit=False), fine()), "`coarse_search` dice que"
    yield (coarse(), grid(FINE, data=SMALL, refit=False)), "`fine_search` dice que"
    mae = grid(COARSE, refit=False, scoring="neg_mean_absolute_error")
    yield (mae, fine()), "`coarse_search` dice que llegó a -0.0"
    yield (fine(), fine()), "`fine_search` no es más fina: acerca"
    far = grid({"C": [0.001, 0.01], "gamma": [10, 100]}, refit=False)
    yield (
        (far, grid({"C": [30, 60], "gamma": [2, 5]}, refit=False)),
        "C = 0.01 y la fina",
    )
    high = grid({"C": [10, 100], "gamma": [30, 60]}, refit=False)
    yield (high, grid({"C": [90, 100], "gamma": [2, 3]}, refit=False)), "gamma = 30 y"
    poor = grid({"C": [0.01], "gamma": [1, 2]})
    few = grid({"C": [0.01, 1], "gamma": [0.1, 1]})
    yield (few, poor), "a más de 0.01 de lo pedido. ¿Quedó el óptimo"
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
    unit = DIGITS[0] / 16, DIGITS[1]  # dividir entre 16 no aprende nada de los datos
    yield (grid({"gamma": 256 * gammas}, SVC(), unit),), "Exactitud = 0.98"
    pipe = make_pipeline(StandardScaler(), SVC(C=10))
    space = {"svc__gamma": [1e-4, *gammas, 1]}
    yield (grid(space, pipe, DIGITS),), "Exactitud = 0.9"


def wrong_2_3():
    few = [part[:100] for part in DIGITS]
    yield (grid({"gamma": [0.1, 1, 10]}, SVC(), few),), "¿qué gamma corresponde?"
    yield (grid({"gamma": [1e-3, 1e-2, 1e-1]}, SVC(), few),), "quedó en el borde"
    yield (grid({"gamma": ["scale", 0.1, 1]}, SVC(), few),), "quedó en el borde"
    yield (grid({"C": [1, 10]}, SVC(), few),), "debe recorrer gamma"
    yield (grid({"gamma": [1e-3, 1e-2]}, SVR(), few),), "clasificar con SVC"
    outside = StandardScaler().fit_transform(DIGITS[0]), DIGITS[1]
    yield (
        (grid({"gamma": [1e-2, 2e-2, 1]}, SVC(), outside),),
        "pon el escalador",
    )
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
