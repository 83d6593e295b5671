"""Ejercicios del cuaderno 7: la multifidelidad."""

import numpy as np
import optuna
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import HistGradientBoostingClassifier as Boosting
from threadpoolctl import threadpool_limits

from hpo_lab.check.core import Hint, Kind, exercise, trying
from hpo_lab.check.evidence import folds
from hpo_lab.check.kinds import Function, Numbers, Whole

# Cuántas entran, los escalones y de cuántas pasa una.
GAMES = [(81, [1, 3, 9, 27, 81], 3), (52, [2, 3, 11], 3), (4, [1, 2, 4], 2)]
GAMES += [(3, [1, 2, 6], 4), (79, [1, 5, 6], 4), (47, [3, 4, 10, 12], 2)]
Fitted = Kind(
    "un HistGradientBoostingClassifier después de llamar a fit",
    lambda model: isinstance(model, Boosting) and hasattr(model, "n_iter_"),
)


def _play(tournament, scores, budgets: list, eta: int) -> list[float]:
    given = scores.copy(), budgets.copy()
    with trying("tu función"):
        answer = tournament(*given, eta)
    if not all(map(np.array_equal, given, (scores, budgets))):
        raise Hint("tu función cambia `scores` o `budgets`: trabaja con una copia.")
    with trying("si tu función devuelve dos números"):
        row, epochs = answer
        return [Whole.convert(row), Whole.convert(epochs)]


def _outcome(scores, budgets: list, eta: int, how=np.floor) -> tuple:
    """La que gana, el gasto si se reanudan y si no, y cuántas quedaban antes."""
    alive, sizes = np.arange(len(scores)), [len(scores)]
    for column in scores.T[:-1]:
        sizes.append(max(1, int(how(len(alive) / eta))))
        alive = alive[np.argsort(-column[alive])][: sizes[-1]]
    winner = alive[scores[alive, -1].argmax()]
    resumed = np.dot(sizes, np.diff(budgets, prepend=0))
    return winner, resumed, np.dot(sizes, budgets), sizes[-2]


@exercise
def exercise_7_1(tournament: Function):
    """Un torneo: la fila de la que gana y las épocas que se gastan."""
    rng = np.random.default_rng(7)
    games = [(rng.normal(size=(n, len(b))), b, eta) for n, b, eta in GAMES]
    rows, spent = np.transpose([_play(tournament, *game) for game in games])
    winners, costs, paid_twice, left = np.transpose([_outcome(*g) for g in games])
    if (spent == paid_twice).all():
        raise Hint("pagas cada escalón desde cero, y las que pasan se reanudan.")
    if (spent == [_outcome(*game, np.ceil)[1] for game in games]).all():
        raise Hint("redondeas hacia arriba cuántas pasan, y son n // eta.")
    for (n, budgets, eta), cost, said in zip(GAMES, costs, spent, strict=True):
        if said != cost:
            raise Hint(f"""con {n} configuraciones, budgets={budgets} y eta={eta} se
                gastan {cost} épocas hasta el final; tu segundo número es {said:g}.""")
    if (rows == [_outcome(-game[0], *game[1:])[0] for game in games]).all():
        raise Hint("gana la de menor nota, y debe ganar la de mayor.")
    if (rows == [scores[:, -1].argmax() for scores, *_ in games]).all():
        raise Hint("en la última columna solo compiten las que llegaron a ella.")
    if (rows != winners).any():
        if (rows < left).all():
            raise Hint("devuelves un puesto entre las que quedaban, no la fila.")
        raise Hint("""tu primer número no es la fila de la ganadora: ¿ordenas las que
            quedan con la columna de su escalón? Hay notas negativas.""")
    return f"Un torneo de 81 gasta {costs[0]} épocas; las 81 enteras, {81 * 81}."


@exercise
@threadpool_limits.wrap(limits=1)  # con más hilos, un equipo ocupado tarda mucho más
def exercise_7_2(rounds_done: Numbers(5), delivery: Fitted):
    """Las rondas de cada *fold*, y el modelo que se entrega con ellas."""
    X, y = load_breast_cancer(return_X_y=True)
    knobs = {"learning_rate": 0.2, "max_leaf_nodes": 8}
    base = Boosting(max_iter=300, early_stopping=True, random_state=0, **knobs)
    pairs, said = list(folds().split(X)), list(rounds_done)
    true = [base.fit(X[a], y[a]).n_iter_ for a, _ in pairs]
    if said != true:
        if min(said) == 300:
            raise Hint("son las 300 rondas: no se detuvo. ¿Ajustaste `base`?")
        if said == [base.fit(X, y).n_iter_] * 5:
            raise Hint("ajustas con todos los tumores: faltó quitar los del *fold*.")
        if said == [base.fit(X[b], y[b]).n_iter_ for _, b in pairs]:
            raise Hint("ajustas con los tumores del *fold*: van los que no son de él.")
        raise Hint("""`rounds_done` no son los n_iter_ de `base`, ajustada sin los
            tumores de cada *fold*, en el orden de cv.split.""")
    with trying("tu `delivery`"):
        stops, rounds = delivery.do_early_stopping_, delivery.n_iter_
        other = [k for k, v in knobs.items() if delivery.get_params()[k] != v]
        gap = clone(delivery).fit(X, y).predict_proba(X) - delivery.predict_proba(X)
    if stops:
        raise Hint("`delivery` aún se detiene sola, y para eso aparta tumores.")
    if other:
        raise Hint(f"las rondas valen para el {other[0]} de `base`: deja el mismo.")
    # Valen también sin las diez de espera, o con más porque hay más datos.
    if not min(true) - 10 <= rounds <= 1.25 * max(true):
        raise Hint(f"""las {rounds} rondas de `delivery` no salen de las cinco, que van
            de {min(true)} a {max(true)}.""")
    if not np.abs(gap).max() < 1e-3:
        raise Hint("`delivery` no predice como ajustada con los 569 tumores.")
    return f"Se detuvo entre {min(true)} y {max(true)} rondas; entregas {rounds}."


class _Pruner(optuna.pruners.BasePruner):
    """Poda solo el tercer trial, tras su tercera nota; recuerda qué le preguntan."""

    def __init__(self) -> None:
        self.asked = [set(), set(), set()]

    def prune(self, study: optuna.Study, trial: optuna.trial.FrozenTrial) -> bool:
        self.asked[trial.number].add(len(trial.intermediate_values))
        return trial.number == 2 and len(trial.intermediate_values) >= 3


@exercise
def exercise_7_3(prunable: Function):
    """Un objetivo que anota su nota por el camino y se deja podar."""
    pruner, sampler = _Pruner(), optuna.samplers.RandomSampler(seed=0)
    study = optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)
    with trying("tu función"):
        study.optimize(prunable, n_trials=3)
        first, second, cut = study.trials
    notes = [[*trial.intermediate_values.values()] for trial in study.trials]
    for trial, scores, asked in zip((first, second), notes, pruner.asked, strict=False):
        state, steps = trial.state.name, list(trial.intermediate_values)
        if state == "PRUNED":
            raise Hint("se podó sin que nadie lo pidiera: ¿should_prune lleva ()?")
        if len(steps) < 5 or steps != sorted(steps):
            raise Hint("debe anotar cinco notas o más, con pasos crecientes.")
        if state == "FAIL" or abs(trial.value - scores[-1]) > 1e-9:
            raise Hint("debe devolver la última nota que anotó.")
        if not trial.params:
            raise Hint("debe sugerir al menos un hiperparámetro.")
        hits = 597 * np.array(scores)  # los aciertos son un entero, hasta 597
        if not np.abs(hits - hits.round().clip(0, 597)).max() < 0.1:
            raise Hint("anota algo que no es la exactitud, de 0 a 1, en X_judge.")
        if 0 in asked and len(steps) not in asked:
            raise Hint("pregunta si se poda antes de anotar, y es después.")
        if not asked >= {*range(1, len(steps))}:
            raise Hint("debe preguntar si se poda después de cada anotación.")
    if all(len({*scores}) == 1 for scores in notes):
        raise Hint("sus notas nunca cambian: ¿aprende entre una y otra?")
    if cut.state.name != "PRUNED" or len(notes[2]) > 3:
        wrong = "siguió" if len(notes[2]) > 3 else "devolvió un valor"
        raise Hint(f"""should_prune() dijo que sí tras la tercera nota, y tu función
            {wrong}: ahí se lanza optuna.TrialPruned, con raise.""")
    return f"Completos: {first.value:.3f} y {second.value:.3f}; el podado, en 3 pasos."
