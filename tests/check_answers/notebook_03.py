from functools import cache

import numpy as np
from scipy.stats import halfnorm, loguniform, uniform
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from check_answers.common import DIABETES, X, draw, grid, y
from hpo_lab.problem import CV

AXIS, CACHES = np.logspace(-2, 3, 4), [100, 200, 300, 400]
LOG = loguniform(0.01, 1000)
SPACE = {"C": LOG, "gamma": LOG, "cache_size": CACHES}
ASKED, FEW = (X[:300], y[:300]), (X[:10], y[:10])


def box(data=FEW, cv=2, **axes):
    """Una rejilla de 64; sobre pocos datos, si solo se mira qué recorre."""
    space = {"C": AXIS, "gamma": AXIS, "cache_size": CACHES} | axes
    return grid(space, data=data, cv=cv)


def draws(space=SPACE, n_iter=64, data=FEW, cv=2, **options):
    return draw(space, n_iter, data, cv=cv, **options)


@cache
def full():
    return box(ASKED, CV)


@cache
def good():
    return draws(data=ASKED, cv=CV)


def right_3_1():
    yield (459, 459), ""
    yield (np.float64(459), np.array(459)), ""


def wrong_3_1():
    yield (458, 458), "con 458 sorteos, la probabilidad de fallar todos es 0.01002"
    yield (59, 59), "con 59 sorteos, la probabilidad"
    yield (-1, -1), "con -1 sorteos, la probabilidad de fallar todos es 1.00000"
    yield (459, 1377), "qué aparece en la fórmula y qué no"
    yield (460, 460), "el menor número que alcanza"
    yield (459.2, 459.2), "`n_two` debe ser un número entero; llegó 459.2."


def right_3_2():
    many = list(np.logspace(-2, 3, 500))
    listed = {"C": many, "gamma": many, "cache_size": CACHES}
    for seed, space in enumerate([SPACE, SPACE, SPACE, listed]):
        answer = draws(space, data=ASKED, cv=CV, random_state=seed)
        yield (full(), answer), "Valores de gamma: 4 y "
    space = {"svr__C": LOG, "svr__gamma": LOG, "svr__cache_size": uniform(100, 300)}
    model = make_pipeline(StandardScaler(), SVR())
    by_error = {"scoring": "neg_mean_absolute_error", "refit": False}
    piped = draws(space, data=ASKED, cv=CV, model=model, random_state=4, **by_error)
    decades = box(ASKED, CV, C=[0.01, 1, 100, 1000])
    yield (decades, piped), "Valores de gamma: 4 y 64."


def wrong_3_2():
    yield (full(), full()), "`random_64` debe ser un RandomizedSearchCV"
    yield (good(), full()), "`grid_64` debe ser un GridSearchCV"
    yield (full(), draws(n_iter=60)), "`random_64` evaluó 60 combinaciones"
    for few in (AXIS, np.logspace(-2, 3, 64)):
        repeated = draws(SPACE | {"gamma": list(few)})
        yield (full(), repeated), "dale una distribución, no una lista"
    yield (full(), draws({"C": LOG, "gamma": LOG})), "`random_64` debe buscar C"
    even = "repartidos parejo entre órdenes de magnitud, de 0.01 a 1000, caerían entre"
    for name in ("C", "gamma"):
        for uneven in (uniform(0.01, 6), loguniform(1, 10), uniform(0.01, 999)):
            yield (full(), draws(SPACE | {name: uneven})), even
        outside = draws(SPACE | {name: loguniform(0.001, 1000)})
        yield (full(), outside), "se pide de 0.01 a 1000"
    in_grid = "en la rejilla, los valores de C deben repartirse parejo"
    for axis in (np.linspace(0.01, 1000, 4), [1, 10, 100, 1000], [0.01, 0.1, 1, 10]):
        yield (box(C=axis), good()), in_grid
    wide = draws(SPACE | {"cache_size": uniform(100, 400)})
    yield (full(), wide), "uniform(a, b) llega hasta a + b"
    longer = box(gamma=np.logspace(-2, 3, 8), cache_size=CACHES[:2])
    yield (longer, good()), "cada hiperparámetro lleva cuatro valores"
    text = box(gamma=["scale", "auto", 0.1, 1])
    yield (text, good()), "al probar tus valores se produjo ValueError"
    noise = np.random.default_rng(0).normal(size=(2, 20))
    on_noise = (noise[0][:, None], noise[1])
    elsewhere = "en los primeros 300 puntos de entrenamiento, con los folds de `cv`, da"
    yield (full(), draws(data=on_noise, cv=CV)), elsewhere
    yield (box(on_noise, CV), good()), elsewhere
    yield (full(), draws(data=ASKED, cv=5)), elsewhere
    yield (box((X[:200], y[:200]), CV), good()), elsewhere


def right_3_3():
    epsilon = loguniform(0.1, 100)
    space = {"C": loguniform(1, 1000), "epsilon": epsilon}
    wide = {"C": loguniform(0.01, 1000), "epsilon": epsilon, "gamma": ["scale", "auto"]}
    for seed, given in enumerate([space, space, space, wide]):
        yield (draw(given, 30, DIABETES, random_state=seed),), "R² = 0.4"
    pipe = make_pipeline(StandardScaler(), SVR(kernel="linear"))
    space = {"svr__C": loguniform(0.1, 10), "svr__epsilon": epsilon}
    yield (draw(space, 30, DIABETES, pipe, random_state=4),), "R² = 0.4"


def wrong_3_3():
    few = [part[:60] for part in DIABETES]

    def drawn(n_iter=30, data=few, **axes):
        return draw(space | axes, n_iter, data, cv=CV)

    space = {"C": loguniform(1, 1000), "epsilon": loguniform(0.1, 100)}
    yield (drawn(31),), "hiciste 31 sorteos y se piden 30."
    yield (drawn(10),), "hiciste 10 sorteos y se piden 30."
    outside = "se pide de 0.1 a 100."
    yield (drawn(epsilon=loguniform(0.001, 0.3)),), outside
    yield (drawn(epsilon=loguniform(1, 200)),), outside
    yield (drawn(epsilon=halfnorm(scale=50)),), outside
    uneven = "ocho de cada diez sorteos de epsilon caen entre"
    yield (drawn(epsilon=loguniform(0.1, 10)),), uneven
    yield (drawn(epsilon=uniform(0.1, 99)),), uneven
    yield (drawn(),), "en todo `load_diabetes`, con los folds de `cv`, da"
    low = drawn(data=DIABETES, C=loguniform(0.01, 1))
    yield (low,), "¿Entre qué valores sorteas C?"
    one = draw({"C": loguniform(1, 1000)}, 2, few)
    yield (one,), "la búsqueda debe sortear C y epsilon"


ANSWERS = {
    "3_1": (right_3_1, wrong_3_1),
    "3_2": (right_3_2, wrong_3_2),
    "3_3": (right_3_3, wrong_3_3),
}
