"""Ejercicios del cuaderno 8: Optuna repartido entre trabajadores."""

import math

import optuna
from scipy.optimize import brentq
from sklearn.datasets import load_diabetes
from sklearn.svm import SVR

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import complete, cv_score
from hpo_lab.check.kinds import Function, ListOf, Positive, Process, Study, Trial, Whole


@exercise
def exercise_8_1(processes: ListOf(Process, 3), trials: ListOf(Trial)):
    """Tres procesos trabajadores que terminaron, y los 60 trials que dejaron."""
    codes = [worker.returncode for worker in processes]
    if None in codes:
        raise Hint("algún trabajador no ha terminado: espéralo.")
    if codes != [0, 0, 0]:
        raise Hint(f"los códigos de salida son {codes}; 0 es que todo fue bien.")
    done = sum(trial.state.name == "COMPLETE" for trial in trials)
    if not done == len(trials) == 60:
        raise Hint(f"""hay {len(trials)} trials, {done} completos, y se piden 60: 20 de
            cada uno, en un study nuevo. ¿Lo leíste antes de que terminaran?""")
    if sorted(trial.number for trial in trials) != list(range(60)):
        raise Hint("los números deben ir del 0 al 59, sin huecos.")
    different = {tuple(sorted(trial.params.items())) for trial in trials}
    if len(different) != 60:
        raise Hint(f"""solo hay {len(different)} combinaciones distintas: dos
            trabajadores hicieron los mismos sorteos. ¿Les diste la misma semilla?""")


def _spare(W: float, t: float) -> float:
    """Segundos de procesador que le sobran al servidor en un ciclo de un trabajador."""
    m, s, u, r = 4, 0.006, 0.02, 0.00002  # los del enunciado
    return m * (t + u + s + r * W) - W * (s + r * W)


@exercise
def exercise_8_2(
    prediction: Positive, most: Whole, factor: Positive, shortest: Positive
):
    """Capacidad de un servidor de cuatro núcleos, con lo que gasta él por trial."""
    if _spare(most, 90) < 0:
        raise Hint(f"con {most:.0f} trabajadores el servidor no alcanza.")
    if _spare(most + 1, 90) >= 0:
        raise Hint(f"cabe otro trabajador además de esos {most:.0f}.")
    before, after = (brentq(_spare, 1, 1e6, args=(t,)) for t in (90, 360))
    if not abs(factor - after / before) < 0.02:
        raise Hint("""`factor` no coincide: es lo que caben con ajustes de 360 s entre
            lo que caben con ajustes de 90 s, con dos decimales.""")
    spare = _spare(1000, shortest)
    if spare <= -0.05:
        raise Hint(f"""con ajustes de {shortest:.3g} s, mil máquinas le piden al
            servidor más de lo que puede dar.""")
    if spare >= 0.05:
        raise Hint(f"""alcanza, y también con ajustes menores que {shortest:.3g} s.
            ¿Diste dos decimales?""")
    if abs(prediction - after / before) < 0.5:
        return "Y tu predicción estuvo cerca."
    return "Tu predicción quedó lejos: ¿qué término de la cuenta crece con W²?"


def _abandoned(done: int, lost: int):
    """Un study con trials completos y otros que nadie terminó, y su objetivo."""
    sampler = optuna.samplers.RandomSampler(seed=done + lost)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        return -abs(trial.suggest_float("x", -1, 1)) - trial.suggest_float("z", 0, 1)

    study.optimize(objective, n_trials=done)
    for _ in range(lost):
        objective(study.ask())
    return study, objective


@exercise
def exercise_8_3(rescue: Function, orphan_study: Study):
    """Una función que repite los trials perdidos, y un study rescatado con ella."""
    for done, lost in [(4, 3), (2, 0), (9, 1), (12, 0)]:
        given, objective = _abandoned(done, lost)
        orphans = [trial.params for trial in given.trials[done:]]
        with trying("tu función"):
            rescue(given, objective, 12)
            found = complete(given)
            honest = all(math.isclose(t.value, objective(t)) for t in found)
        case = f"con {done} completos, {lost} perdidos y 12 pedidos, "
        unfinished = sum(not trial.state.is_finished() for trial in given.trials)
        if unfinished:
            raise Hint(f"{case}quedan {unfinished} sin cerrar, en marcha o en cola.")
        again = sum(trial.params in orphans for trial in found)
        if again != lost:
            raise Hint(f"{case}se completaron {again} con valores de los perdidos.")
        if len(found) != 12:
            raise Hint(f"{case}quedan {len(found)} completos.")
        if not honest:
            raise Hint(f"{case}hay notas que no son las del objetivo.")
    if len(complete(orphan_study)) != 20:
        raise Hint(
            f"tu study tiene {len(complete(orphan_study))} completos; se piden 20."
        )
    if not all(trial.state.is_finished() for trial in orphan_study.trials):
        raise Hint("a tu study le quedan trials sin terminar: pásalo por `rescue`.")
    with trying("el mejor trial de tu study"):
        model = SVR(**orphan_study.best_params)
    score, best = (
        cv_score(model, *load_diabetes(return_X_y=True)),
        orphan_study.best_value,
    )
    if not abs(score - best) < 0.03:
        raise Hint(f"""el mejor trial dice R² = {best:.3f} y con esos valores sale
            {score:.3f}. ¿Usaste el objetivo del enunciado?""")
    return f"R² = {score:.3f}."
