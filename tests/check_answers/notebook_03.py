import numpy as np
from scipy.stats import halfnorm, loguniform, uniform
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVR

from check_answers.common import DIABETES, X, draw, grid, y

AXIS, CACHES = np.logspace(-2, 3, 4), [100, 200, 300, 400]
LOG = loguniform(0.01, 1000)
SPACE = {"C": LOG, "gamma": LOG, "cache_size": CACHES}


def box(**axes):
    """Una rejilla de 64, sobre pocos datos: se mira qué recorre, no qué nota da."""
    space = {"C": AXIS, "gamma": AXIS, "cache_size": CACHES} | axes
    return grid(space, data=(X[:10], y[:10]), cv=2)


def draws(space=SPACE, n_iter=64, model=None):
    return draw(space, n_iter, (X[:10], y[:10]), model, cv=2)


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
    full = box()
    yield (full, draws()), "Valores de gamma: 4 y 64."
    space = {"svr__C": LOG, "svr__gamma": LOG, "svr__cache_size": uniform(100, 300)}
    piped = draws(space, model=make_pipeline(StandardScaler(), SVR()))
    yield (full, piped), "Valores de gamma: 4 y 64."


def wrong_3_2():
    full, good = box(), draws()
    yield (full, full), "`random_64` debe ser un RandomizedSearchCV"
    yield (good, full), "`grid_64` debe ser un GridSearchCV"
    yield (full, draws(n_iter=60)), "`random_64` evaluó 60 combinaciones"
    repeated = draws(SPACE | {"gamma": list(AXIS)})
    yield (full, repeated), "dale una distribución, no una lista"
    yield (full, draws({"C": LOG, "gamma": LOG})), "`random_64` debe buscar C"
    even = "parejo entre órdenes de magnitud"
    yield (full, draws(SPACE | {"C": uniform(0.01, 1000)})), even
    yield (box(C=np.linspace(0.01, 1000, 4)), good), even
    wide = draws(SPACE | {"cache_size": uniform(100, 400)})
    yield (full, wide), "uniform(a, b) llega hasta a + b"
    longer = box(gamma=np.logspace(-2, 3, 8), cache_size=CACHES[:2])
    yield (longer, good), "cada hiperparámetro lleva cuatro valores"
    text = box(gamma=["scale", "auto", 0.1, 1])
    yield (text, good), "al probar tus valores se produjo ValueError"


def right_3_3():
    epsilon = loguniform(0.1, 100)
    space = {"C": loguniform(1, 1000), "epsilon": epsilon}
    yield (draw(space, 30, DIABETES),), "R² = 0.4"
    pipe = make_pipeline(StandardScaler(), SVR(kernel="linear"))
    space = {"svr__C": loguniform(0.1, 10), "svr__epsilon": epsilon}
    yield (draw(space, 25, DIABETES, pipe),), "R² = 0.4"


def wrong_3_3():
    few = [part[:60] for part in DIABETES]

    def drawn(n_iter=30, **axes):
        return draw(space | axes, n_iter, few, cv=2)

    space = {"C": loguniform(1, 1000), "epsilon": loguniform(0.1, 100)}
    yield (drawn(31),), "hiciste 31 sorteos y el presupuesto es 30."
    other_units = "se pide de 0.1 a 100, en las unidades de y"
    yield (drawn(epsilon=loguniform(0.001, 0.3)),), other_units
    yield (drawn(epsilon=loguniform(1, 200)),), other_units
    yield (drawn(epsilon=loguniform(0.1, 10)),), other_units
    yield (drawn(epsilon=uniform(0.1, 99)),), "menores que 3.16, la mitad del rango"
    yield (drawn(epsilon=halfnorm(scale=50)),), "revisa la distribución"
    yield (drawn(C=loguniform(0.01, 1)),), "¿Entre qué valores sorteas C?"
    one = draw({"C": loguniform(1, 1000)}, 2, few)
    yield (one,), "la búsqueda debe sortear C y epsilon"


ANSWERS = {
    "3_1": (right_3_1, wrong_3_1),
    "3_2": (right_3_2, wrong_3_2),
    "3_3": (right_3_3, wrong_3_3),
}
