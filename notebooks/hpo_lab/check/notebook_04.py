"""Ejercicios del cuaderno 4: Optuna."""

import numpy as np
import optuna
from sklearn.svm import SVC

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import complete, cv_score, digits
from hpo_lab.check.kinds import Completed, Function, OneOf, Whole

RANGES = {"C": (0.01, 100), "gamma": (0.01, 100), "epsilon": (0.001, 0.3)}


@exercise
def exercise_4_1(
    prediction: OneOf(*RANGES), knobs_study: Completed(60), most: OneOf(*RANGES)
):
    """Un study de C, gamma y epsilon, y el más importante de los tres."""
    trials = complete(knobs_study)
    if any(set(trial.params) != set(RANGES) for trial in trials):
        raise Hint("cada trial debe pedir C, gamma y epsilon, y nada más.")
    for name, ends in RANGES.items():
        space = trials[-1].distributions[name]
        is_log = getattr(space, "log", False)
        if not (is_log and np.allclose((space.low, space.high), ends)):
            raise Hint(f"{name} va de {ends[0]} a {ends[1]}, en escala logarítmica.")
    with trying("la importancia en tu study"):
        found = optuna.importance.get_param_importances(knobs_study)
    if most != max(found, key=found.get):
        raise Hint("""`most` no es el de mayor importancia en tu study: lee lo que
            devuelve get_param_importances.""")
    if most == prediction:
        return "Y tu predicción se cumplió."
    return "Tu predicción no se cumplió: mira en el corte de qué depende la nota."


def _trials_run(callback, *scores: float) -> int:
    """Trials que corre un study con estas notas antes de que lo detengan."""
    study = optuna.create_study(direction="maximize")
    settings = {"n_trials": len(scores), "callbacks": [callback]}
    with trying("tu función"):
        study.optimize(lambda trial: scores[trial.number], **settings)
    return len(study.trials)


@exercise
def exercise_4_2(stop_near_ceiling: Function):
    """Un *callback* que detiene el study a menos de 0.002 del techo."""
    if _trials_run(stop_near_ceiling, 0.2, 0.9, -5, 0.932, 0.931, 0.5) != 6:
        raise Hint("""se detuvo antes de tiempo: ninguna de las notas, la mayor 0.932,
            está a menos de 0.002 del techo.""")
    if _trials_run(stop_near_ceiling, 0.2, 0.935, 0.3, 0.9) != 2:
        raise Hint("""con las notas 0.2, 0.935, 0.3 debió detenerse tras la segunda, a
            menos de 0.002 del techo. ¿Llamas a study.stop(), con paréntesis?""")
    if _trials_run(stop_near_ceiling, 0.2, 0.945, 0.3, 0.9) != 2:
        raise Hint("una nota por encima del techo también debe detenerlo.")


@exercise
def exercise_4_3(digits_study: Completed(30), n_found: Whole):
    """Un study condicional de SVC sobre 500 dígitos, retomado a la mitad."""
    wanted = {"rbf": {"gamma"}, "poly": {"degree", "coef0"}}
    trials = complete(digits_study)
    kernels = [trial.params.get("kernel") for trial in trials]
    for trial, kernel in zip(trials, kernels, strict=True):
        if kernel not in ("rbf", "poly"):
            raise Hint('se pide `kernel`, con "rbf" o "poly".')
        if set(trial.params) != {"kernel", "C"} | wanted[kernel]:
            raise Hint(f"""el trial {trial.number}, con kernel {kernel}, pidió
                {", ".join(trial.params)}: le falta o le sobra alguno.""")
    if set(kernels) != set(wanted):
        raise Hint("en el study falta uno de los dos kernels.")
    if not 0 < n_found < len(digits_study.trials):
        raise Hint("`n_found` es cuántos trials tenía el study al abrirlo otra vez.")
    score = cv_score(SVC(**digits_study.best_params), *digits())
    if not score > 0.97:
        raise Hint(f"""el mejor trial acierta {score:.3f} y se pide 0.97. ¿Entre qué
            valores sugieres gamma? Un píxel va de 0 a 16.""")
    return f"Exactitud = {score:.3f}."
