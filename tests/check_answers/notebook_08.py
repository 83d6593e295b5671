import subprocess
import sys
from functools import cache
from types import SimpleNamespace

import numpy as np
import optuna
from optuna.trial import TrialState
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

from check_answers.common import CV, DIABETES, explode, good_study, tune
from hpo_lab.objectives import wait


def processes(code="pass", n=3):
    command = [sys.executable, "-S", "-c", code]
    return [subprocess.run(command, stderr=subprocess.DEVNULL) for _ in range(n)]


def waited(study, n_trials=60, seed=0):
    study.sampler = optuna.samplers.RandomSampler(seed=seed)
    study.optimize(lambda trial: wait(trial, 0), n_trials=n_trials)
    return study.trials


def right_8_1():
    yield (processes(), waited(optuna.create_study())), ""
    both = optuna.create_study()
    waited(both, 30, seed=1)
    yield (tuple(processes()), waited(both, 30, seed=2)[::-1]), ""


def wrong_8_1():
    good, done = processes(), optuna.create_study()
    trials = waited(done)
    yield (
        (good[:2], trials),
        "`processes` debe ser una lista de 3 en la que cada elemento",
    )
    yield (["uno", "dos", "tres"], trials), "es un proceso; llegó list de longitud 3."
    failed = [*good[:2], *processes("import sys; sys.exit(2)", 1)]
    yield (failed, trials), "los códigos de salida son [0, 0, 2]"
    running = [*good[:2], SimpleNamespace(returncode=None)]
    yield (running, trials), "algún trabajador no ha terminado"
    yield (good, trials[:59]), "hay 59 trials, 59 completos, y se piden 60"
    yield (
        (good, done),
        "`trials` debe ser una lista en la que cada elemento es un trial",
    )
    yield (
        (good, [trial.number for trial in trials]),
        "un trial, como los de `study.trials`; llegó list",
    )
    twins = optuna.create_study()
    for seed in (1, 2, 1):
        waited(twins, 20, seed)
    yield (good, twins.trials), "solo hay 40 combinaciones distintas"
    yield (good, trials[:30] * 2), "los números deben ir del 0 al 59"
    asked = optuna.create_study()
    asked.ask()
    yield (good, waited(asked, 59)), "hay 60 trials, 59 completos"


def right_8_2():
    yield (4, 4097, 2.03, 6.45), "quedó lejos: ¿qué término"
    yield (2.1, np.int64(4097), 8338 / 4097, np.float64(6.454)), "estuvo cerca."


def wrong_8_2():
    yield (2, 4098, 2.03, 6.45), "con 4098 trabajadores el servidor no alcanza."
    yield (2, 4000, 2.03, 6.45), "cabe otro trabajador además de esos 4000."
    yield (2, 4097.5, 2.03, 6.45), "`most` debe ser un número entero; llegó 4097.5."
    yield (2, 4097, 4, 6.45), "`factor` no coincide: es lo que caben"
    yield (2, 4097, 2.03, 90), "alcanza, y también con ajustes menores que 90 s"
    yield (2, 4097, 2.03, 6.5), "menores que 6.5 s. ¿Diste dos decimales?"
    yield (2, 4097, 2.03, 1), "con ajustes de 1 s, mil máquinas le piden"
    yield (-2, 4097, 2.03, 6.45), "`prediction` debe ser un número positivo; llegó -2."


def count(study):
    return len(study.get_trials(states=[TrialState.COMPLETE]))


def running(study):
    return study.get_trials(states=[TrialState.RUNNING])


def rescue_by_queue(study, objective, wanted):
    for trial in running(study):
        study.tell(trial.number, state=TrialState.FAIL)
        study.enqueue_trial(trial.params)
    study.optimize(objective, n_trials=wanted - count(study))


def rescue_by_telling(study, objective, wanted):
    for trial in running(study):
        study.tell(trial.number, objective(trial))
    while count(study) < wanted:
        study.optimize(objective, n_trials=1)


def rescue_without_repeating(study, objective, wanted):
    for trial in running(study):
        study.tell(trial.number, state=TrialState.FAIL)
    study.optimize(objective, n_trials=wanted - count(study))


def rescue_without_closing(study, objective, wanted):
    for trial in running(study):
        study.enqueue_trial(trial.params)
    study.optimize(objective, n_trials=wanted - count(study))


def rescue_and_wanted_more(study, objective, wanted):
    rescue_by_queue(study, objective, wanted)
    study.optimize(objective, n_trials=wanted)


def rescue_with_zeros(study, objective, wanted):
    for trial in running(study):
        study.tell(trial.number, 0)
    rescue_by_queue(study, objective, wanted)


def rescue_with_empty_trials(study, objective, wanted):
    rescue_by_queue(study, objective, wanted - 1)
    study.add_trial(optuna.trial.create_trial(value=0))


def real_objective(trial):
    C = trial.suggest_float("C", 1, 1000, log=True)
    epsilon = trial.suggest_float("epsilon", 0.1, 100, log=True)
    return cross_val_score(SVR(C=C, epsilon=epsilon), *DIABETES, cv=CV).mean()


@cache
def half_dead():
    """Un study con ocho completos y dos abandonados."""
    study = tune(real_objective, 8)
    for _ in range(2):
        trial = study.ask()
        trial.suggest_float("C", 1, 1000, log=True)
        trial.suggest_float("epsilon", 0.1, 100, log=True)
    return study


def copied(trials):
    study = optuna.create_study(direction="maximize")
    study.add_trials(trials)
    return study


@cache
def rescued(rescue=rescue_by_queue):
    study = copied(half_dead().trials)
    rescue(study, real_objective, 20)
    return study


def right_8_3():
    yield (rescue_by_queue, rescued()), "R² = 0.4"
    yield (rescue_by_telling, rescued(rescue_by_telling)), "R² = 0.4"


def wrong_8_3():
    good = rescued()
    case = "con 4 completos, 3 perdidos y 12 pedidos, "
    repeated = f"{case}se completaron 0 con valores de los perdidos."
    yield (rescue_without_repeating, good), repeated
    yield (rescue_without_closing, good), f"{case}quedan 3 sin cerrar, en marcha o"
    yield (rescue_and_wanted_more, good), f"{case}quedan 24 completos."
    yield (rescue_with_zeros, good), f"{case}hay notas que no son las del objetivo"
    raised = "al probar tu función se produjo"
    yield (explode, good), f"{raised} RuntimeError: línea 1 línea 2"
    yield (rescue_with_empty_trials, good), f"{raised} ValueError"
    yield (rescue_by_queue, half_dead()), "tu study tiene 8 completos; se piden 20."
    yield (rescue_by_queue, copied(good.trials[:-1])), "tu study tiene 19 completos"
    open_ended = copied(good.trials)
    open_ended.ask()
    yield (rescue_by_queue, open_ended), "le quedan trials sin terminar"
    better = good.trials
    for trial in better:
        trial.values = [1 + trial.value] if trial.values else None
    wrong_scores = "¿Usaste el objetivo del enunciado?"
    yield (rescue_by_queue, copied(better)), wrong_scores
    yield (rescue_by_queue, copied(good_study().trials[:20])), wrong_scores


ANSWERS = {
    "8_1": (right_8_1, wrong_8_1),
    "8_2": (right_8_2, wrong_8_2),
    "8_3": (right_8_3, wrong_8_3),
}
