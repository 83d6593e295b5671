"""Ejercicios del cuaderno 4: Optuna."""

import numpy as np
import optuna
from sklearn.svm import SVC, SVR

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import complete, cv_score, digits, training_half
from hpo_lab.check.kinds import Completed, Function, OneOf, Study, Whole
from hpo_lab.problem import noise_ceiling

RANGES = {"C": (0.01, 100), "gamma": (0.01, 100), "epsilon": (0.001, 0.3)}


def _measured_again(model, study: optuna.Study, data: tuple) -> None:
    """Vuelve a medir el mejor trial y otros cuatro, repartidos por todo el study."""
    trials = complete(study)
    some = trials[:: max(1, len(trials) // 4)][:4]
    for trial in [study.best_trial, *some]:
        score = cv_score(model(**trial.params), *data)
        if not abs(score - trial.value) < 0.005:
            raise Hint(f"""el trial {trial.number} anotó {trial.value:.3f}, y la
                validación cruzada con `cv` da {score:.3f}. ¿Qué devuelve tu objetivo?
                ¿Con qué datos?""")


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
    _measured_again(SVR, knobs_study, training_half(300))
    with trying("la importancia en tu study"):
        found = optuna.importance.get_param_importances(knobs_study)
    if most != max(found, key=found.get):
        raise Hint("""`most` no es el de mayor importancia en tu study: lee lo que
            devuelve get_param_importances, con su evaluador predeterminado.""")
    if most == prediction:
        return "Y tu predicción se cumplió."
    return "Tu predicción no se cumplió: mira en el corte de qué depende la nota."


def _trials_run(callback, *scores: float, stored: float | None = None) -> int:
    """Trials que corre un study con estas notas antes de que lo detengan.

    Puede ser uno retomado, que ya tiene un trial con la nota `stored`.
    """
    study = optuna.create_study(direction="maximize")
    if stored is not None:
        study.add_trial(optuna.trial.create_trial(value=stored))
    before = len(study.trials)
    settings = {"n_trials": len(scores), "callbacks": [callback]}
    with trying("tu función"):
        study.optimize(lambda trial: scores[trial.number - before], **settings)
    return len(study.trials) - before


@exercise
def exercise_4_2(stop_near_ceiling: Function):
    """Un *callback* que detiene el study a menos de 0.002 del techo."""
    ceiling = noise_ceiling()
    far, near = ceiling - 0.0022, ceiling - 0.0018
    if _trials_run(stop_near_ceiling, 0.2, 0.9, -5, far, 0.931, 0.5) != 6:
        raise Hint(f"""se detuvo antes de tiempo: ninguna de las notas, la mayor
            {far:.4f}, está a menos de 0.002 del techo, {ceiling:.4f}.""")
    if _trials_run(stop_near_ceiling, 0.2, near, 0.3, 0.9) != 2:
        raise Hint(f"""con las notas 0.2, {near:.4f}, 0.3 debió detenerse tras la
            segunda, a menos de 0.002 del techo, {ceiling:.4f}. ¿Llamas a study.stop(),
            con paréntesis?""")
    if _trials_run(stop_near_ceiling, 0.2, 0.945, 0.3, 0.9) != 2:
        raise Hint("una nota por encima del techo también debe detenerlo.")
    if _trials_run(stop_near_ceiling, 0.2, 0.3, 0.9, stored=near) != 1:
        raise Hint("""en un study retomado que ya traía una nota junto al techo debió
            detenerse tras el primer trial. Se mira la mejor nota del study, no la del
            trial que terminó.""")


@exercise
def exercise_4_3(first_study: Study, digits_study: Completed(30), n_found: Whole):
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
    if first_study is digits_study:
        raise Hint("""`first_study` y `digits_study` son el mismo objeto: falta abrir el
            study otra vez, con create_study y load_if_exists o con load_study.""")
    if first_study.trials != digits_study.trials:
        raise Hint("""`digits_study` no tiene los trials de `first_study`. ¿Lo abriste
            con el mismo nombre y el mismo almacén?""")
    if first_study.sampler is digits_study.sampler:
        raise Hint("las dos veces usaste el mismo *sampler*: la segunda lleva otro.")
    if not 15 <= n_found <= len(digits_study.trials) - 15:
        raise Hint("""`n_found` es cuántos trials tenía el study al abrirlo otra vez:
            15 o más, y después faltaban 15.""")
    _measured_again(SVC, digits_study, digits())
    if not digits_study.best_value > 0.97:
        raise Hint(f"""el mejor trial acierta {digits_study.best_value:.3f} y se pide
            0.97. ¿Entre qué valores sugieres C y gamma? Un píxel va de 0 a 16.""")
    return f"Exactitud = {digits_study.best_value:.3f}."
