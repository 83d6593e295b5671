from functools import cache

import numpy as np
import optuna
from optuna.samplers import RandomSampler, TPESampler
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVC, SVR

from check_answers.common import DIGITS, explode, leave, three, tune
from hpo_lab.problem import CV, noise_ceiling, training_half

SEEDS = range(5)  # cinco de las cincuenta con que se midió cada comprobación
X, y = training_half(300)


def cross_validated(model):
    return cross_val_score(model, X, y, cv=CV).mean()


def knobs(measure=cross_validated):
    """Objetivo con las tres perillas del ejercicio, medido de la manera que se diga."""

    def objective(trial):
        C = trial.suggest_float("C", 0.01, 100, log=True)
        gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
        epsilon = trial.suggest_float("epsilon", 0.001, 0.3, log=True)
        return measure(SVR(C=C, gamma=gamma, epsilon=epsilon))

    return objective


@cache
def knobs_study(seed=0):
    study = optuna.create_study(direction="maximize", sampler=TPESampler(seed=seed))
    study.optimize(knobs(), n_trials=60)
    return study


def most_important(study):
    found = optuna.importance.get_param_importances(study)
    return max(found, key=found.get)


def right_4_1():
    for seed in SEEDS:
        study = knobs_study(seed)
        most = most_important(study)
        yield (f" {most.title()}", study, most), "Y tu predicción se cumplió."
    yield ("epsilon", study, most), "no se cumplió: mira en el corte"


def wrong_4_1():
    good = knobs_study()
    most = most_important(good)
    for name in {"C", "gamma", "epsilon"} - {most}:
        yield ("gamma", good, name), "`most` no es el de mayor importancia"
        yield ("gamma", good, name), "get_param_importances, con su evaluador"
    yield ("gamma", good, 3), "`most` debe ser uno de estos textos: C, gamma, epsilon"
    yield ("kernel", good, most), "`prediction` debe ser uno de estos textos"
    draw = np.random.default_rng(0)
    made_up = tune(knobs(lambda model: draw.uniform(0, 0.9)), 60)
    yield ("gamma", made_up, most_important(made_up)), "la validación cruzada con `cv`"
    flattering = tune(knobs(lambda model: model.fit(X, y).score(X, y)), 60)
    yield ("gamma", flattering, "gamma"), "¿Qué devuelve tu objetivo?"
    other = training_half(600)

    def on_more_points(model):
        return cross_val_score(model, *other, cv=CV).mean()

    yield ("gamma", tune(knobs(on_more_points), 60), "gamma"), "¿Con qué datos?"
    few = tune(three(), 59)
    yield ("gamma", few, "gamma"), "el study tiene 59 trials completos y se piden 60."
    down = tune(three(), 60, "minimize")
    yield ("gamma", down, "gamma"), "¿El study maximiza o minimiza la nota?"
    linear, wide = tune(three(log=False), 60), tune(three(high=1), 60)
    yield ("gamma", linear, "gamma"), "epsilon va de 0.001 a 0.3, en escala logarítmica"
    yield ("gamma", wide, "gamma"), "epsilon va de 0.001 a 0.3"
    yield ("gamma", tune(three("tol"), 60), "gamma"), "debe pedir C, gamma y epsilon"

    def from_a_list(trial):
        return sum(
            trial.suggest_categorical(n, [1, 10]) for n in ("C", "gamma", "epsilon")
        )

    yield ("gamma", tune(from_a_list, 60), "gamma"), "C va de 0.01 a 100"
    both = optuna.create_study(directions=["maximize", "minimize"])
    yield ("gamma", both, "gamma"), "al probar tu study se produjo RuntimeError"


def stop_by_trials(study, trial):
    if max(t.value for t in study.trials) - noise_ceiling() > -0.002:
        study.stop()


def stop_by_best(study, trial):
    if study.best_trial.value > noise_ceiling() - 2e-3:
        print("basta")
        study.stop()


class StopAsObject:
    def __call__(self, study, trial):
        if not noise_ceiling() - study.best_value >= 0.002:
            study.stop()


def stop_inside(study, trial):
    if abs(study.best_value - noise_ceiling()) < 0.002:
        study.stop()


def stop_early(study, trial):
    if study.best_value > 0.9:
        study.stop()


def stop_by_last(study, trial):
    if trial.value > noise_ceiling() - 0.002:
        study.stop()


def stop_too_wide(study, trial):
    if study.best_value > noise_ceiling() - 0.004:
        study.stop()


def stop_too_narrow(study, trial):
    if study.best_value > noise_ceiling() - 0.001:
        study.stop()


def never_stops(study, trial):
    return study.best_value > 0.934


def right_4_2():
    yield (stop_by_trials,), ""
    yield (stop_by_best,), ""
    yield (StopAsObject(),), ""


def wrong_4_2():
    yield (stop_inside,), "por encima del techo también debe detenerlo"
    yield (stop_early,), "se detuvo antes de tiempo"
    yield (stop_too_wide,), "se detuvo antes de tiempo"
    yield (stop_too_narrow,), "debió detenerse tras la segunda"
    yield (stop_by_last,), "Se mira la mejor nota del study, no la del trial"
    yield (optuna.study.MaxTrialsCallback(2),), "se detuvo antes de tiempo"
    yield (never_stops,), "¿Llamas a study.stop(), con paréntesis?"
    yield (lambda study, trial: 5,), "¿Llamas a study.stop(), con paréntesis?"
    raised = "al probar tu función se produjo"
    yield (explode,), f"{raised} RuntimeError: línea 1 línea 2"
    yield (leave,), f"{raised} SystemExit: 1"
    yield (lambda study: study.stop(),), f"{raised} TypeError"
    yield (StopAsObject,), f"{raised} TypeError"
    yield ("study.stop()",), "`stop_near_ceiling` debe ser una función"


def accuracy(model):
    return cross_val_score(model, *DIGITS, cv=CV).mean()


def branches(
    always=(),
    gamma=(1e-5, 1e-1),
    C=(0.1, 100),
    kernels=("rbf", "poly"),
    measure=accuracy,
):
    def objective(trial):
        params = {"kernel": trial.suggest_categorical("kernel", kernels)}
        params["C"] = trial.suggest_float("C", *C, log=True)
        for name in always:
            trial.suggest_float(name, *gamma, log=True)
        if params["kernel"] == "poly":
            params["degree"] = trial.suggest_int("degree", 2, 4)
            params["coef0"] = trial.suggest_float("coef0", 0, 1)
        else:
            params["gamma"] = trial.suggest_float("gamma", *gamma, log=True)
        return measure(SVC(**params))

    return objective


def in_two_parts(objective, seed=0, sizes=(15, 15), sampler=TPESampler):
    """El study como se abrió cada vez, y cuántos trials encontró la segunda."""
    storage = optuna.storages.InMemoryStorage()
    named = {"study_name": "digits", "storage": storage, "load_if_exists": True}
    opened = []
    for part, size in enumerate(sizes):
        options = {"direction": "maximize", "sampler": sampler(seed=2 * seed + part)}
        opened.append(optuna.create_study(**named, **options))
        found = len(opened[-1].trials)
        opened[-1].optimize(objective, n_trials=size)
    return *opened, found


@cache
def digits_studies(seed=0):
    return in_two_parts(branches(), seed)


def right_4_3():
    for seed in SEEDS:
        yield digits_studies(seed), "Exactitud = 0.9"
    first, second, found = in_two_parts(branches(), sizes=(16, 20))
    yield (first, second, np.int64(found)), "Exactitud = 0.9"


def fake(**options):
    """Un study de mentira y sin retomar: lo que se mira es antes de medir."""
    study = tune(branches(measure=lambda model: 0.98, **options), 30)
    return study, study


def wrong_4_3():
    first, second, found = digits_studies()
    for wrong in (0, 7, 30, -1):
        yield (
            (first, second, wrong),
            "cuántos trials tenía el study al abrirlo otra vez",
        )
    yield (first, second, 7.5), "`n_found` debe ser un número entero; llegó 7.5."
    yield (first, second, "15"), "`n_found` debe ser un número entero"
    for wrong in (7, 15):
        yield (second, second, wrong), "son el mismo objeto: falta abrir el study otra"
    other, *_ = digits_studies(1)
    yield (other, second, 15), "no tiene los trials de `first_study`"
    made_up = in_two_parts(branches(measure=lambda model: 0.99))
    yield made_up, "anotó 0.990, y la validación cruzada"
    with_one = RandomSampler(0)
    quick = branches(measure=lambda model: 0.98)  # se rechaza antes de medir
    alike = in_two_parts(quick, sampler=lambda seed: with_one)
    yield alike, "usaste el mismo *sampler*"
    bad = in_two_parts(branches(gamma=(10, 100), C=(1e-5, 1e-3)))
    yield bad, "¿Entre qué valores sugieres C y gamma?"
    few = in_two_parts(quick, sizes=(15, 14))
    yield few, "tiene 29 trials completos y se piden 30."
    always = fake(always=["gamma"])
    yield (*always, 15), "pidió kernel, C, gamma, degree, coef0: le falta o le sobra"
    three_knobs = tune(three(), 30)
    yield (three_knobs, three_knobs, 15), "se pide `kernel`"
    yield (*fake(kernels=["sigmoid"]), 15), "se pide `kernel`"
    yield (*fake(kernels=["rbf"]), 15), "falta uno de los dos kernels"


ANSWERS = {
    "4_1": (right_4_1, wrong_4_1),
    "4_2": (right_4_2, wrong_4_2),
    "4_3": (right_4_3, wrong_4_3),
}
