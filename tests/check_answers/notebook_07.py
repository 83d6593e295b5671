from functools import cache

import numpy as np
import optuna
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from check_answers.common import CV, explode


def by_arrays(scores, budgets, eta):
    alive, spent, before = np.arange(len(scores)), 0, 0
    for k, budget in enumerate(budgets):
        spent += len(alive) * (budget - before)
        before = budget
        order = alive[np.argsort(scores[alive, k])[::-1]]
        alive = order[: max(1, len(order) // eta)]
    return alive[0], spent


def by_lists(scores, budgets, eta):
    alive, spent = list(range(len(scores))), len(scores) * budgets[0]
    for k in range(len(budgets) - 1):
        alive.sort(key=lambda row: -scores[row][k])
        del alive[max(1, len(alive) // eta) :]
        spent += len(alive) * (budgets[k + 1] - budgets[k])
    return [max(alive, key=lambda row: scores[row][-1]), float(spent)]


def by_pandas(scores, budgets, eta):
    table = pd.DataFrame(scores).sample(frac=1)
    sizes = [len(table)]
    for k in range(len(budgets) - 1):
        table = table.nlargest(max(1, len(table) // eta), k)
        sizes.append(len(table))
    spent = np.dot(sizes, np.diff(budgets, prepend=0))
    return np.array([table.iloc[:, -1].idxmax(), spent])


def by_mask(scores, budgets, eta):
    """Deja fuera a las que pierden poniéndoles la peor nota posible."""
    masked, n, spent = scores.copy(), len(scores), 0
    for k, more in enumerate(np.diff(budgets, prepend=0)):
        spent += n * more
        n = max(1, n // eta)
        if k < len(budgets) - 1:
            out = masked[:, k] < np.sort(masked[:, k])[-n]
            masked[out] = -np.inf
    return masked[:, -1].argmax(), spent


def right_7_1():
    for tournament in (by_arrays, by_lists, by_pandas, by_mask):
        yield (tournament,), "Un torneo de 81 gasta 297 épocas; las 81 enteras, 6561."


def changed(row=None, epochs=None):
    """Un torneo bueno al que le cambian un número."""

    def tournament(*game):
        good = by_arrays(*game)
        return (row(*game) if row else good[0], epochs(*game) if epochs else good[1])

    return tournament


def sizes(scores, budgets, eta, how=np.floor):
    found = [len(scores)]
    for _ in budgets[1:]:
        found.append(max(1, int(how(found[-1] / eta))))
    return found


def not_resumed(scores, budgets, eta):
    return np.dot(sizes(scores, budgets, eta), budgets)


def rounded(how):
    return lambda scores, budgets, eta: np.dot(
        sizes(scores, budgets, eta, how), np.diff(budgets, prepend=0)
    )


def until_alone(scores, budgets, eta):
    found = sizes(scores, budgets, eta)
    last = found.index(1) if 1 in found else len(found)
    return np.dot(found[:last], np.diff(budgets, prepend=0)[:last])


def losers(scores, budgets, eta):
    return by_arrays(-scores, budgets, eta)[0]


def place(scores, budgets, eta):
    return np.argsort(np.argsort(-scores[: sizes(scores, budgets, eta)[-1], -1]))[0]


def forgets_rows(scores, budgets, eta):
    alive = np.arange(len(scores))
    for k, n in enumerate([*sizes(scores, budgets, eta)[1:], 1]):
        alive = np.argsort(-scores[alive, k])[:n]
    return alive[0]


def spoils(scores, budgets, eta):
    answer = by_arrays(scores, budgets, eta)
    scores[0] = -1
    return answer


def silent(scores, budgets, eta):
    print(by_arrays(scores, budgets, eta))


def wrong_7_1():
    yield (changed(epochs=not_resumed),), "pagas cada escalón desde cero"
    yield (changed(epochs=rounded(np.ceil)),), "redondeas hacia arriba"
    yield (
        (changed(epochs=until_alone),),
        "se gastan 297 épocas hasta el final; tu segundo número es 243",
    )
    yield (changed(epochs=rounded(np.round)),), "con 52 configuraciones, budgets=[2, 3"
    yield (lambda *game: by_arrays(*game)[::-1],), "tu segundo número es 72"
    yield (changed(row=losers),), "gana la de menor nota"
    at_the_end = changed(row=lambda scores, *rules: scores[:, -1].argmax())
    yield (at_the_end,), "solo compiten las que llegaron a ella"
    yield (changed(row=place),), "un puesto entre las que quedaban, no la fila"
    yield (changed(row=forgets_rows),), "un puesto entre las que quedaban, no la fila"
    at_the_start = changed(row=lambda scores, *rules: scores[:, 0].argmax())
    yield (at_the_start,), "tu primer número no es la fila de la ganadora"
    yield (changed(row=lambda *game: by_arrays(*game)[0] + 1),), "no es la fila"
    yield (spoils,), "tu función cambia `scores` o `budgets`"
    yield (silent,), "si tu función devuelve dos números se produjo TypeErr"
    yield (lambda *game: by_arrays(*game)[0],), "devuelve dos números se produjo"
    yield (changed(epochs=lambda *game: "8"),), "tu segundo número es nan"
    yield (explode,), "al probar tu función se produjo RuntimeError: línea 1 línea 2"
    yield (by_arrays(np.eye(3), [1, 2, 3], 2),), "debe ser una función; llegó tuple"


TUMORS = load_breast_cancer(return_X_y=True)
KNOBS = {"learning_rate": 0.2, "max_leaf_nodes": 8}


@threadpool_limits.wrap(limits=1)
def boost(n_rounds, X, y, **options):
    options = KNOBS | options
    model = HistGradientBoostingClassifier(max_iter=int(n_rounds), **options)
    return model.fit(X, y)


@cache
def rounds_done(part=0, n_rounds=300, **options):
    """Rondas hasta detenerse, con una de las dos partes de cada fold."""
    X, y = TUMORS
    options = {"early_stopping": True, "random_state": 0} | options
    places = [pair[part] for pair in CV.split(X)]
    return tuple(boost(n_rounds, X[a], y[a], **options).n_iter_ for a in places)


def right_7_2():
    found = rounds_done()
    said = f"Se detuvo entre {min(found)} y {max(found)} rondas; entregas "
    for summary in (np.median, np.mean, max, min):
        n = int(summary(found))
        yield (found, boost(n, *TUMORS, early_stopping=False)), f"{said}{n}."
    less = int(np.median(found)) - 10  # sin las de espera
    yield (np.array(found), boost(less, *TUMORS)), f"{said}{less}."
    X, y = load_breast_cancer(return_X_y=True, as_frame=True)
    order = np.random.default_rng(0).permutation(len(y))
    table = boost(np.median(found), X.iloc[order], y.iloc[order], random_state=5)
    yield (pd.Series(found), table), said
    twice = boost(20, *TUMORS, warm_start=True).set_params(max_iter=40)
    yield (list(map(float, found)), twice.fit(*TUMORS)), "entregas 40."


def wrong_7_2():
    X, y = TUMORS
    found = rounds_done()
    good = boost(np.median(found), X, y)
    yield (rounds_done(early_stopping=False), good), "son las 300 rondas: no se detuvo"
    whole = boost(300, X, y, early_stopping=True, random_state=0).n_iter_
    yield ([whole] * 5, good), "con todos los tumores: faltó quitar los del"
    yield (rounds_done(part=1), good), "ajustas con los tumores del *fold*"
    yield (found[::-1], good), "no son los n_iter_ de `base`"
    yield (rounds_done(learning_rate=0.1), good), "no son los n_iter_ de `base`"
    yield (np.subtract(found, 10), good), "no son los n_iter_ de `base`"
    yield (found[:4], good), "`rounds_done` debe ser una lista de 5 números"
    stops = boost(np.median(found), X, y, early_stopping=True)
    yield (found, stops), "aún se detiene sola, y para eso aparta tumores"
    yield (found, boost(300, X, y)), "las 300 rondas de `delivery` no salen de las"
    yield (found, boost(sum(found), X, y)), "no salen de las cinco, que van de"
    yield (found, boost(5, X, y)), "las 5 rondas de `delivery` no salen de las"
    slow = boost(np.median(found), X, y, learning_rate=0.1)
    yield (found, slow), "las rondas valen para el learning_rate de `base`"
    big = boost(np.median(found), X, y, max_leaf_nodes=31)
    yield (found, big), "las rondas valen para el max_leaf_nodes de `base`"
    for a, _ in CV.split(X):
        part = boost(np.median(found), X[a], y[a])
        yield (found, part), "`delivery` no predice como ajustada con los 569"
    fitted = "debe ser un HistGradientBoostingClassifier después de llamar a fit"
    yield (found, HistGradientBoostingClassifier()), fitted
    yield (found, GaussianNB().fit(X, y)), fitted
    yield (found, boost(43, X[:, :5], y)), "al probar tu `delivery` se produjo ValueE"


X_learn, X_judge = np.split(load_digits().data / 16, [1200])
y_learn, y_judge = np.split(load_digits().target, [1200])
CLASSES = np.arange(10)


def judged(model):
    return model.score(X_judge, y_judge)


def note(trial, step, score):
    trial.report(score, step)
    if trial.should_prune():
        raise optuna.TrialPruned
    return score


def linear(trial, seed=0):
    alpha = trial.suggest_float("alpha", 1e-5, 0.1, log=True)
    model = SGDClassifier(alpha=alpha, random_state=seed)
    for step in range(6):
        model.partial_fit(X_learn, y_learn, classes=CLASSES)
        score = note(trial, step, judged(model))
    return score


def network(trial, seed=0):
    rate = trial.suggest_float("learning_rate_init", 1e-4, 0.1, log=True)
    width = trial.suggest_int("width", 8, 32)
    model = MLPClassifier((width,), learning_rate_init=rate, random_state=seed)
    for epoch in range(1, 8):
        model.partial_fit(X_learn, y_learn, classes=CLASSES)
        score = note(trial, epoch, judged(model))
    return score


def forest(trial, seed=0):
    depth = trial.suggest_int("max_depth", 2, 10)
    model = RandomForestClassifier(0, max_depth=depth, random_state=seed)
    model.set_params(warm_start=True)
    for n_trees in (2, 4, 8, 16, 24):
        model.set_params(n_estimators=n_trees).fit(X_learn, y_learn)
        score = judged(model)
        trial.report(score, n_trees)
        if trial.should_prune():
            raise optuna.TrialPruned(f"con {n_trees} árboles")
    return score


def growing(trial, seed=0):
    smoothing = trial.suggest_float("var_smoothing", 1e-9, 1, log=True)
    order = np.random.default_rng(seed).permutation(1200)
    for size in np.geomspace(50, 1200, 5).astype(int):
        model = GaussianNB(var_smoothing=smoothing)
        model.fit(X_learn[order[:size]], y_learn[order[:size]])
        score = np.mean(model.predict(X_judge) == y_judge)
        note(trial, int(size), score)
    return score


def lazy(trial, seed=0):
    """No pregunta tras la última nota, que ya no ahorra nada."""
    C = trial.suggest_categorical("C", [0.01, 0.1, 1])
    for size in (100, 200, 400, 600, 1200):
        model = LogisticRegression(C=C, max_iter=30)
        score = judged(model.fit(X_learn[:size], y_learn[:size]))
        trial.report(score, size)
        if size < 1200 and trial.should_prune():
            raise optuna.exceptions.TrialPruned()
    return float(score)


ROADS = (linear, network, forest, growing, lazy)


def right_7_3():
    for prunable in ROADS:
        yield (prunable,), "; el podado, en 3 pasos."


def steps_of(n=6, suggest=True, learn=True, judge=judged, step=lambda k: k):
    """Un objetivo como `linear`, al que le cambian algo."""

    def prunable(trial):
        alpha = trial.suggest_float("alpha", 1e-4, 0.1) if suggest else 0.01
        model = SGDClassifier(alpha=alpha, random_state=0)
        for k in range(n):
            if learn or not k:
                model.partial_fit(X_learn, y_learn, classes=CLASSES)
            note(trial, step(k), judge(model))
        return judge(model)

    return prunable


def no_judge(model):
    return model.score(X_learn, y_learn)


def asking(ask, then=None, last=None):
    """Un objetivo que pregunta, o se poda, de otra manera."""

    def prunable(trial):
        alpha = trial.suggest_float("alpha", 1e-4, 0.1)
        model = SGDClassifier(alpha=alpha, random_state=0)
        for k in range(6):
            model.partial_fit(X_learn, y_learn, classes=CLASSES)
            if ask == "antes" and trial.should_prune():
                raise optuna.TrialPruned
            trial.report(judged(model), k)
            if ask == "sin paréntesis" and trial.should_prune:
                raise optuna.TrialPruned
            if (ask == "siempre" or (ask == "a veces" and k % 2)) and (
                trial.should_prune()
            ):
                if then == "sigue":
                    continue
                if then == "falla":
                    raise ValueError("podado")
                return optuna.TrialPruned() if then == "clase" else judged(model)
        return {"nada": None, "otra": 0.5}.get(last, judged(model))

    return prunable


def wrong_7_3():
    yield (steps_of(n=4),), "cinco notas o más, con pasos crecientes"
    yield (steps_of(step=lambda k: 0),), "cinco notas o más, con pasos crecientes"
    yield (steps_of(step=lambda k: 10 - k),), "cinco notas o más, con pasos crecien"
    yield (lambda trial: trial.suggest_float("x", 0, 1),), "cinco notas o más"
    yield (steps_of(suggest=False),), "debe sugerir al menos un hiperparámetro"
    yield (steps_of(learn=False),), "sus notas nunca cambian: ¿aprende entre una"
    yield (steps_of(judge=no_judge),), "no es la exactitud, de 0 a 1, en X_judge"
    percent = steps_of(judge=lambda model: 100 * judged(model))
    yield (percent,), "no es la exactitud, de 0 a 1, en X_judge"
    minus = steps_of(judge=lambda model: -judged(model))
    yield (minus,), "no es la exactitud, de 0 a 1, en X_judge"
    yield (asking("nunca"),), "preguntar si se poda después de cada anotación"
    yield (asking("a veces"),), "preguntar si se poda después de cada anotación"
    yield (asking("antes"),), "pregunta si se poda antes de anotar, y es después"
    yield (asking("sin paréntesis"),), "¿should_prune lleva ()?"
    yield (asking("siempre", "sigue"),), "tercera nota, y tu función siguió"
    yield (asking("siempre"),), "tercera nota, y tu función devolvió un valor"
    yield (asking("siempre", "clase"),), "tercera nota, y tu función devolvió un"
    yield (asking("siempre", "falla"),), "al probar tu función se produjo ValueError"
    yield (asking("siempre", last="nada"),), "debe devolver la última nota que anotó"
    yield (asking("siempre", last="otra"),), "debe devolver la última nota que anotó"
    yield (lambda trial: trial.study.stop(),), "al probar tu función se produjo ValueE"
    yield (lambda: 0.9,), "al probar tu función se produjo TypeError"
    yield (explode,), "al probar tu función se produjo RuntimeError: línea 1 línea 2"


ANSWERS = {
    "7_1": (right_7_1, wrong_7_1),
    "7_2": (right_7_2, wrong_7_2),
    "7_3": (right_7_3, wrong_7_3),
}
