import numpy as np
import pandas as pd
from scipy.stats import qmc

from check_answers.common import explode
from hpo_lab.problem import interpolate_response


def best_of(n, seeds, low=-2, high=3):
    boxes = [np.random.default_rng(s).uniform(low, high, size=(n, 2)) for s in seeds]
    return np.array([interpolate_response(*(10**box).T).max() for box in boxes])


def percent(short, long):
    return 100 * np.mean(long > short)


def right_5_1():
    short, long = best_of(25, range(100)), best_of(50, range(100, 200))
    won = percent(short, long)
    yield (won - 9, short, long, won), "quedó a diez puntos o menos."
    yield (won - 30, short, long, won), "quedó lejos: ¿en cuál de las dos"
    short, long = best_of(25, range(500, 600)), best_of(50, range(900, 1000))
    won = round(percent(short, long))
    yield (np.float64(67), list(short), pd.Series(long), won), "a diez puntos o menos."
    for luck in range(5):  # la suerte no decide: así se aceptaron 50 de 50
        rng = np.random.default_rng(luck)
        short, long = best_of(25, rng.spawn(100)), best_of(50, rng.spawn(100))
        yield (50, short, long, percent(short, long)), "predicción quedó"


def wrong_5_1():
    short, long = best_of(25, range(100)), best_of(50, range(100, 200))
    won = percent(short, long)
    same_seeds = best_of(50, range(100))
    yield (50, short, same_seeds, 50), "nunca pierde. ¿Usa las semillas de la corta?"
    yield (50, short, long, won / 100), "`long_wins` no es el porcentaje, de 0 a 100"
    yield (50, short, long, 100 - won), "`long_wins` no es el porcentaje, de 0 a 100"
    yield (150, short, long, won), "`prediction` debe ser un porcentaje"
    yield (50, 0.9363 - short, 0.9363 - long, won), "no se parecen"
    yield (50, short[:50], long[:50], won), "`short` debe ser una lista de 100 números"
    other = best_of(25, range(100, 200))
    unlike = "búsquedas al azar de 50 puntos: mira el presupuesto"
    yield (50, short, other, percent(short, other)), unlike
    narrow = best_of(50, range(100), low=0, high=1)
    yield (50, short, narrow, percent(short, narrow)), unlike


def latin(unit):
    """Una propuesta a partir de una función que reparte puntos en el cuadrado."""
    return lambda n, seed: 10 ** (5 * unit(n, seed) - 2)


def by_scipy(n, seed):
    return qmc.LatinHypercube(2, rng=seed).random(n)


def by_hand(n, seed):
    rng = np.random.default_rng(seed)
    return np.column_stack([(rng.permutation(n) + 0.5) / n for _ in range(2)])


def up_to_the_edges(n, seed):
    rng = np.random.default_rng(seed)
    return np.column_stack([rng.permutation(np.linspace(0, 1, n)) for _ in range(2)])


def diagonal(n, seed):
    order = np.random.default_rng(seed).permutation(n)
    return np.column_stack([order, order]) / n + 0.5 / n


def uniform_points(n, seed):
    return np.random.default_rng(seed).uniform(size=(n, 2))


def right_5_2():
    for unit in (by_scipy, by_hand, up_to_the_edges):
        yield (latin(unit),), "R² mediano con 16 puntos: 0.93"
    yield (lambda n, seed: pd.DataFrame(latin(by_scipy)(n, seed)),), "el azar, 0.93"


def wrong_5_2():
    yield (latin(uniform_points),), "con 7 puntos, alguna de las 7 partes iguales"
    yield (latin(lambda n, seed: by_scipy(64, seed)[:n]),), "quedó vacía"
    yield (latin(diagonal),), "baraja cada eje por su cuenta"
    yield (by_scipy,), "fuera del espacio: C y gamma van de 0.01 a 1000"
    yield (lambda n, seed: 1000 * by_scipy(n, seed),), "quedó vacía"
    yield (lambda n, seed: 10 * latin(by_scipy)(n, seed),), "fuera del espacio"
    yield (latin(lambda n, seed: by_scipy(n, 0)),), "con otra semilla deben salir otros"
    yield (latin(lambda n, seed: by_scipy(n, None)),), "con la misma semilla"
    turned = latin(lambda n, seed: by_scipy(n, seed).T)
    yield (turned,), "propose(7, 0) debe devolver un arreglo de forma (7, 2)"
    yield (latin(lambda n, seed: by_scipy(n, seed)[:, :1]),), "uno de forma (7, 1)."
    yield (explode,), "al probar tu función se produjo RuntimeError: línea 1 línea 2"
    yield (
        (np.zeros((16, 2)),),
        "debe ser una función; llegó ndarray de longitud 16.",
    )


ANSWERS = {
    "5_1": (right_5_1, wrong_5_1),
    "5_2": (right_5_2, wrong_5_2),
}
