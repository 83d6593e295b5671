from functools import cache

import numpy as np
from scipy.integrate import quad
from scipy.stats import loguniform, norm
from scipy.stats import t as student
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import RepeatedKFold, cross_val_score
from sklearn.naive_bayes import GaussianNB
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier

from check_answers.common import CV, DIABETES, LATE, draw, fast, grid
from hpo_lab.problem import make_dataset


@fast
def search_few(seed, n_iter=16):
    """Una búsqueda sobre 40 pacientes, y lo que promete menos lo que da."""
    order = np.random.default_rng(seed).permutation(442)
    few, others = order[:40], order[40:]
    data = DIABETES[0][few], LATE[few]
    if seed % 2:
        model = SVC()
        space = {"C": loguniform(0.1, 1e4), "gamma": loguniform(0.01, 100)}
        search = draw(space, n_iter, data, model)
    else:
        model = GaussianNB()
        space = {"var_smoothing": np.logspace(-9, 0, n_iter)}
        search = grid(space, model, data, refit=False)
    model.set_params(**search.best_params_).fit(*data)
    return search, search.best_score_ - model.score(DIABETES[0][others], LATE[others])


@cache
def searches():
    found, gaps = zip(*map(search_few, range(20)), strict=True)
    return list(found), np.mean(gaps)


@fast
def trees(**options):
    """Veinte búsquedas de árboles sin semilla: cada ajuste da otro árbol."""
    gaps, found = [], []
    for order in orders():
        few, others = order[:40], order[40:]
        space = {"max_depth": [1, 2, 3, 4, 5, 7, 9, None], "min_samples_leaf": [1, 4]}
        model = DecisionTreeClassifier(max_features=3)
        search = grid(space, model, (DIABETES[0][few], LATE[few]), **options)
        truth = search.score(DIABETES[0][others], LATE[others])
        gaps.append(search.best_score_ - truth)
        found.append(search)
    return found, np.mean(gaps)


def orders():
    return [np.random.default_rng(seed).permutation(442) for seed in range(20)]


def right_6_1():
    found, gap = searches()
    yield (found, gap), "Prometían 0."
    yield (tuple(found), float(gap)), "Prometían 0."
    for _ in range(5):
        yield trees(), "Prometían 0."


def wrong_6_1():
    found, gap = searches()
    for optimism in (-gap, 0, 100 * gap):
        yield (found, optimism), "`mean_optimism` no es la media de la nota prometida"
    shape = (
        "`searches` debe ser una lista de 20 en la que cada elemento es un GridSearchCV"
    )
    yield (found[:19], gap), shape
    yield (found[0], gap), shape
    yield ([*found[:19], None], gap), shape
    moved = found[1:] + found[:1]
    yield (moved, gap), "la nota de searches[0] no es la exactitud que da `cv`"
    everything = [(np.arange(40), np.arange(40))]  # la nota de entrenamiento
    yield trees(cv=everything), "las notas de tus búsquedas no se parecen"
    short = [*found[:3], search_few(3, n_iter=3)[0], *found[4:]]
    yield (short, gap), "searches[3] probó 3; se piden 16 o más."


SMALL = make_dataset(60, noise=0.3)
GRID = {"C": [0.1, 1, 10, 100], "gamma": [0.1, 1, 10, 100]}
MSE = "neg_mean_squared_error"


@cache
@fast
def nested():
    """Las elegidas, su error externo y el interno, con scikit-learn."""
    chosen, outer, inner = [], [], []
    for a, b in CV.split(SMALL[0]):
        search = grid(GRID, data=(SMALL[0][a], SMALL[1][a]), scoring=MSE)
        chosen.append(search.best_params_)
        outer.append(-search.score(SMALL[0][b], SMALL[1][b]))
        inner.append(-search.best_score_)
    return chosen, outer, inner


@fast
def right_6_2():
    chosen, outer, _ = nested()
    yield (chosen, outer), "La búsqueda promete un error de 0."
    named = [{f"svr__{key}": value for key, value in one.items()} for one in chosen]
    yield (tuple(named), np.array(outer)), "la anidada, 0."


@fast
def wrong_6_2():
    chosen, outer, inner = nested()
    yield (chosen, np.negative(outer)), "un error cuadrático no es negativo"
    yield (chosen, inner), "`outer_mse` es el error interno, el que sirvió para elegir"
    whole = grid(GRID, data=SMALL, scoring=MSE)
    once = -cross_val_score(SVR(**whole.best_params_), *SMALL, cv=CV, scoring=MSE)
    yield ([whole.best_params_] * 5, once), "elegiste una sola vez, con los 60 puntos"
    far = [{"C": 3, "gamma": 1}, *chosen[1:]]
    yield (far, outer), "chosen[0] no es una de las 16 combinaciones"
    bad = [*chosen[:2], {"C": 0.1, "gamma": 0.1}, *chosen[3:]]
    yield (bad, outer), "chosen[2] no es la de menor error"
    yield (chosen, outer[::-1]), "outer_mse[0] no es el error cuadrático medio"
    yield (chosen[:4], outer), "`chosen` debe ser una lista de 5"
    yield (chosen, outer[:4]), "`outer_mse` debe ser una lista de 5 números"


@cache
@fast
def tumor_scores():
    """Las 50 exactitudes de cada clasificador, fold por fold."""
    X, y = load_breast_cancer(return_X_y=True)
    rows = []
    for a, b in RepeatedKFold(n_splits=5, n_repeats=10, random_state=0).split(X):
        scaler = StandardScaler().fit(X[a])
        models = [model.fit(scaler.transform(X[a]), y[a]) for model in RIVALS]
        rows.append([model.score(scaler.transform(X[b]), y[b]) for model in models])
    return np.transpose(rows)


RIVALS = (SVC(), LogisticRegression())


def inside(differences, spread, rope=0.01):
    """Área de la t entre -rope y rope, por integración."""
    belief = student(df=49, loc=np.mean(differences), scale=spread)
    return quad(belief.pdf, -rope, rope)[0]


def right_6_3():
    one, other = tumor_scores()
    spread = (one - other).std(ddof=1)
    probability = inside(one - other, spread * np.sqrt(1 / 50 + 114 / 455))
    yield (one - other, probability), "Equivalentes, con probabilidad 0.82."
    yield (list(one - other), round(probability, 3)), "Equivalentes, con probabilidad"


def wrong_6_3():
    one, other = tumor_scores()
    gaps = one - other
    spread = gaps.std(ddof=1)
    right = inside(gaps, spread * np.sqrt(1 / 50 + 1 / 4))
    yield (-gaps, right), "`differences` está al revés"
    yield (one, right), "`differences` no son las 50 exactitudes"
    yield (np.sort(gaps), right), "`differences` no son las 50 exactitudes"
    yield (gaps, inside(gaps, spread / np.sqrt(50))), "falta el traslape"
    yield (gaps, 100 * right), "es una probabilidad, de 0 a 1"
    wide = inside(gaps, spread * np.sqrt(1 / 50 + 1 / 4), rope=0.02)
    yield (gaps, wide), "no es la probabilidad que la t correlacionada"
    gauss = norm(gaps.mean(), spread * np.sqrt(1 / 50 + 1 / 4)).cdf([-0.01, 0.01])
    yield (gaps, gauss[1] - gauss[0]), "no es la probabilidad que la t correlacionada"
    yield (gaps, inside(gaps, spread / 2)), "no es la probabilidad que la t"
    yield (gaps, 1 - right), "no es la probabilidad que la t correlacionada"
    yield (gaps[:10], right), "`differences` debe ser una lista de 50 números"


ANSWERS = {
    "6_1": (right_6_1, wrong_6_1),
    "6_2": (right_6_2, wrong_6_2),
    "6_3": (right_6_3, wrong_6_3),
}
