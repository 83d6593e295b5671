import numpy as np
import optuna

from check_answers.common import explode, good_study, leave, three, tune
from hpo_lab.problem import noise_ceiling


def right_4_1():
    yield ("epsilon", good_study(), "gamma"), "no se cumplió: mira en el corte"
    yield ("Gamma", tune(three(), 80), " gamma"), "tu predicción se cumplió."


def wrong_4_1():
    good = good_study()
    yield ("gamma", good, "C"), "`most` no es el de mayor importancia"
    yield ("gamma", good, "epsilon"), "get_param_importances"
    yield ("gamma", good, 3), "`most` debe ser uno de estos textos: C, gamma, epsilon"
    yield ("kernel", good, "gamma"), "`prediction` debe ser uno de estos textos"
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
    if study.best_trial.value >= 0.934:
        print("basta")
        study.stop()


class StopAsObject:
    def __call__(self, study, trial):
        if study.best_value > 0.9342:
            study.stop()


def stop_inside(study, trial):
    if abs(study.best_value - noise_ceiling()) < 0.002:
        study.stop()


def stop_early(study, trial):
    if study.best_value > 0.9:
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
    yield (optuna.study.MaxTrialsCallback(2),), "se detuvo antes de tiempo"
    yield (never_stops,), "¿Llamas a study.stop(), con paréntesis?"
    yield (lambda study, trial: 5,), "¿Llamas a study.stop(), con paréntesis?"
    raised = "al probar tu función se produjo"
    yield (explode,), f"{raised} RuntimeError: línea 1 línea 2"
    yield (leave,), f"{raised} SystemExit: 1"
    yield (lambda study: study.stop(),), f"{raised} TypeError"
    yield (StopAsObject,), f"{raised} TypeError"
    yield ("study.stop()",), "`stop_near_ceiling` debe ser una función"


def branches(always=(), gamma=(1e-4, 1e-2), kernels=("rbf", "poly")):
    def objective(trial):
        kernel = trial.suggest_categorical("kernel", kernels)
        C = trial.suggest_float("C", 1, 100, log=True)
        for name in always:
            trial.suggest_float(name, *gamma, log=True)
        if kernel == "rbf":
            return 0.9 + trial.suggest_float("gamma", *gamma, log=True) + C / 1e4
        degree = trial.suggest_int("degree", 2, 4)
        return degree / 10 + trial.suggest_float("coef0", 0, 1)

    return objective


def right_4_3():
    yield (tune(branches(), 30), 15), "Exactitud = 0.9"
    study = tune(branches(), 20)
    yield (tune(branches(), 20, study=study), np.int64(20)), "Exactitud = 0.9"


def wrong_4_3():
    good = tune(branches(), 30)
    for found in (0, 30, -1):
        yield (good, found), "cuántos trials tenía el study al abrirlo otra vez"
    yield (good, 7.5), "`n_found` debe ser un número entero; llegó 7.5."
    yield (good, "15"), "`n_found` debe ser un número entero"
    yield (tune(branches(), 29), 15), "tiene 29 trials completos y se piden 30."
    always = tune(branches(always=["gamma"]), 30)
    yield (always, 15), "pidió kernel, C, gamma, degree, coef0: le falta o le sobra"
    yield (
        (tune(branches(gamma=(10, 100)), 30), 15),
        "¿Entre qué valores sugieres gamma?",
    )
    yield (tune(three(), 30), 15), "se pide `kernel`"
    yield (tune(branches(kernels=["sigmoid"]), 30), 15), "se pide `kernel`"
    yield (tune(branches(kernels=["rbf"]), 30), 15), "falta uno de los dos kernels"


ANSWERS = {
    "4_1": (right_4_1, wrong_4_1),
    "4_2": (right_4_2, wrong_4_2),
    "4_3": (right_4_3, wrong_4_3),
}
