"""Cada comprobación, con respuestas buenas, malas, sin escribir y disparatadas."""

import re
import subprocess
import sys
import warnings
from functools import cache
from time import process_time
from types import SimpleNamespace
from unittest.mock import MagicMock

import hpo_check as check
import hpo_lab as lab
import numpy as np
import optuna
import pandas as pd
import pytest
import sklearn
from conftest import SOLUTIONS
from scipy.stats import halfnorm, loguniform, qmc, uniform
from sklearn.datasets import load_diabetes, load_digits
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
    validation_curve,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from worker import wait_objective

X, y = lab.make_dataset()
X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
cv = KFold(n_splits=5, shuffle=True, random_state=0)
DIABETES = load_diabetes(return_X_y=True)
LATE = DIABETES[1] > np.median(DIABETES[1])
DIGITS = [part[:500] for part in load_digits(return_X_y=True)]
EPSILONS = np.logspace(-3, 0, 13)


def explode(*args):
    raise RuntimeError("línea 1\nlínea 2")


def leave(*args):
    raise SystemExit(1)


class Hostile:
    """Falla con todo lo que se le haga."""

    def __getattr__(self, name):
        raise OSError("no")

    __array__ = __eq__ = __float__ = __lt__ = __call__ = explode
    __hash__ = None


HOSTILE = {
    "text": "hola\nmundo",
    "number": -3.5,
    "nan": float("nan"),
    "inf": np.inf,
    "huge": 10**400,
    "bool": True,
    "array": np.arange(6.0).reshape(2, 3),
    "empty": [],
    "texts": ["a"] * 13,
    "complex": 1j,
    "dict": {"C": 1},
    "frame": pd.DataFrame({"a": [1, np.nan]}),
    "class": SVR,
    "unfitted": SVR(C=-1),
    "other model": LinearRegression(),
    "fitted": SVC().fit([[0], [1]], [0, 1]),
    "search": GridSearchCV(SVR(), {"C": [1]}),
    "function": explode,
    "leaves": leave,
    "prints": lambda *args: (
        print("\n" * 5, args) or warnings.warn("¡cuidado!", stacklevel=2)
    ),
    "empty study": optuna.create_study(),
    "two studies": optuna.create_study(directions=["maximize", "minimize"]),
    "mock": MagicMock(),
    "hostile": Hostile(),
}


@pytest.fixture
def ask(capfd):
    """Hace una comprobación y devuelve su línea, la única que debe aparecer."""

    def run(number, *answers):
        capfd.readouterr()
        start = process_time()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            getattr(check, f"exercise_{number}")(*answers)
        assert process_time() - start < 2
        out, err = capfd.readouterr()
        assert out.count("\n") == 1 and not err
        exercise, verdict = out.strip().split(" · ", 1)
        assert exercise == f"Ejercicio {number.replace('_', '.')}"
        return verdict

    return run


def curve(score=cross_val_score, epsilons=EPSILONS, n=200, **settings):
    settings = {"C": 10, "gamma": 10} | settings
    options = {"cv": cv} if score is cross_val_score else {}
    models = [SVR(**settings, epsilon=epsilon) for epsilon in epsilons]
    return [np.mean(score(m, X[:n], y[:n], **options)) for m in models]


def train_score(model, X, y):
    return model.fit(X, y).score(X, y)


def grid(space, model=None, data=(X, y), **options):
    return GridSearchCV(model or SVR(), space, cv=cv, **options).fit(*data)


def draw(space, n_iter, data, model=None):
    options = {"n_iter": n_iter, "cv": cv, "random_state": 0}
    return RandomizedSearchCV(model or SVR(), space, **options).fit(*data)


def tune(objective, n_trials, direction="maximize", study=None):
    sampler = optuna.samplers.RandomSampler(0)
    study = study or optuna.create_study(direction=direction, sampler=sampler)
    study.optimize(objective, n_trials=n_trials)
    return study


def three(name="epsilon", low=0.001, high=0.3, log=True):
    """Objetivo de mentira: lo que se comprueba es el espacio, no el ajuste."""

    def objective(trial):
        C = trial.suggest_float("C", 0.01, 100, log=True)
        gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
        epsilon = trial.suggest_float(name, low, high, log=log)
        return -abs(np.log10(gamma)) - abs(np.log10(C)) / 50 - epsilon / 1000

    return objective


def branches(always=(), gamma=(1e-4, 1e-2)):
    def objective(trial):
        kernel = trial.suggest_categorical("kernel", ["rbf", "poly"])
        C = trial.suggest_float("C", 1, 100, log=True)
        for name in always:
            trial.suggest_float(name, *gamma, log=True)
        if kernel == "rbf":
            return 0.9 + trial.suggest_float("gamma", *gamma, log=True) + C / 1e4
        return trial.suggest_int("degree", 2, 4) / 10 + trial.suggest_float(
            "coef0", 0, 1
        )

    return objective


def stop_by_trials(study, trial):
    if max(t.value for t in study.trials) - lab.noise_ceiling() > -0.002:
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
    if abs(study.best_value - lab.noise_ceiling()) < 0.002:
        study.stop()


def stop_early(study, trial):
    if study.best_value > 0.9:
        study.stop()


def never_stops(study, trial):
    return study.best_value > 0.934


def right_1_1():
    gammas = np.logspace(-2, 4, 40)
    model, data = SVR(C=0.1, epsilon=0.01), (X[:200], y[:200])
    found = validation_curve(
        model, *data, param_name="gamma", param_range=gammas, cv=cv
    )
    yield "derecha", gammas[found[1].mean(axis=1).argmax()]
    yield " Izquierda ", np.array([100])
    yield "igual", 60


def right_1_2():
    yield EPSILONS, curve()
    yield list(EPSILONS[::-1]), curve()[::-1]
    other = KFold(n_splits=5, shuffle=True, random_state=3)
    options = {"param_name": "epsilon", "param_range": EPSILONS, "cv": other}
    found = validation_curve(SVR(C=10, gamma=10), X[:200], y[:200], **options)
    yield pd.Series(EPSILONS), found[1].mean(axis=1)


def right_1_3():
    yield (SVR(C=15),)
    yield (SVR(C=50).fit(*DIABETES),)
    yield (make_pipeline(StandardScaler(), SVR(C=20)),)
    yield (grid({"C": [1, 30]}, data=DIABETES),)


def right_2_1():
    yield 4321, 3121
    yield np.int64(4321), 3121.0


def right_2_2():
    coarse = {"C": [1, 100], "gamma": [0.1, 1, 10]}
    fine = {"C": [30, 100, 300], "gamma": [2, 5]}
    yield grid(coarse, refit=False), grid(fine, refit=False)
    pipe = make_pipeline(StandardScaler(), SVR())
    named = {"svr__C": [10, 1000], "svr__gamma": [0.1, 1]}
    yield grid(named, pipe), grid({"C": [60], "gamma": [2, 2.5, 3]})


def right_2_3():
    gammas = np.logspace(-4, -2, 3)
    yield (grid({"gamma": gammas}, SVC(), DIGITS),)
    pipe = make_pipeline(SVC())
    yield (grid({"svc__C": [10], "svc__gamma": gammas}, pipe, DIGITS),)
    mixed = [{"kernel": ["linear"]}, {"gamma": [1e-5, *gammas], "kernel": ["rbf"]}]
    yield (grid(mixed, SVC(C=10), DIGITS, refit=False),)


def right_3_1():
    yield 459, 459
    yield np.float64(459), np.array(459)


def right_3_2():
    axis, caches = np.logspace(-2, 3, 4), [100, 200, 300, 400]
    some, log = (X[:60], y[:60]), loguniform(0.01, 1000)
    full = grid({"C": axis, "gamma": axis, "cache_size": caches}, data=some)
    yield full, draw({"C": log, "gamma": log, "cache_size": caches}, 64, some)
    space = {"svr__C": log, "svr__gamma": log, "svr__cache_size": uniform(100, 300)}
    yield full, draw(space, 64, some, make_pipeline(StandardScaler(), SVR()))


def right_3_3():
    epsilon = loguniform(0.1, 100)
    yield (draw({"C": loguniform(1, 1000), "epsilon": epsilon}, 30, DIABETES),)
    pipe = make_pipeline(StandardScaler(), SVR(kernel="linear"))
    space = {"svr__C": loguniform(0.1, 10), "svr__epsilon": epsilon}
    yield (draw(space, 25, DIABETES, pipe),)


def right_4_1():
    yield "epsilon", tune(three(), 60), "gamma"
    yield "Gamma", tune(three(), 80), " gamma"


def right_4_2():
    yield from [(stop_by_trials,), (stop_by_best,), (StopAsObject(),)]


def right_4_3():
    yield tune(branches(), 30), 15
    study = tune(branches(), 20)
    yield tune(branches(), 20, study=study), np.int64(20)


def wrong_1_1():
    for gamma in (3.16, 1e4, 0.01, 0, -5, 1e300):
        yield "derecha", gamma
    yield "arriba", 100


def wrong_1_2():
    yield EPSILONS, curve(train_score)
    yield np.linspace(0.001, 1, 13), curve(epsilons=np.linspace(0.001, 1, 13))
    yield EPSILONS, curve(gamma=0.1)
    yield EPSILONS, curve()[::-1]
    yield EPSILONS * 10, curve(epsilons=EPSILONS * 10)
    yield EPSILONS[:5], curve()[:5]
    yield -EPSILONS, curve()


def wrong_1_3():
    yield from [(SVR(),), (SVR(C=1e4),), (SVC(C=20),), (LinearRegression(),)]
    yield (SVR(kernel="poly", C=1e6, gamma=1e3, verbose=True),)
    yield (GridSearchCV(SVR(), {"C": [1, 10]}),)


def wrong_2_1():
    yield from [(432, 312), (4320, 3120), (4321, 4321), (4321, 3122), (0, 0)]
    yield "4321", "3121"


def wrong_2_2():
    coarse, poor = {"C": [1, 100], "gamma": [0.1, 1, 10]}, {"C": [0.01], "gamma": [1]}
    fine = {"C": [30, 100, 300], "gamma": [2, 5]}
    good = grid(fine, refit=False)
    yield grid(coarse), good
    yield good, good
    yield grid(coarse, refit=False), grid(poor)
    yield grid({"C": [1], "gamma": [1]}, refit=False), good
    yield grid({"C": [1, 10]}), good
    yield grid(coarse, refit=False), GridSearchCV(SVR(), fine)
    small = (np.linspace(-1, 1, 50)[:, None], np.linspace(0, 1, 50))
    yield grid(coarse, refit=False), grid(fine | {"gamma": [0.01, 0.02]}, data=small)
    yield grid(coarse, refit=False), draw({"C": [1], "gamma": [1, 2]}, 2, (X, y))


def wrong_2_3():
    yield (grid({"gamma": [0.1, 1, 10]}, SVC(), DIGITS),)
    yield (grid({"gamma": [1e-3, 1e-2, 1e-1]}, SVC(), DIGITS),)
    yield (grid({"gamma": ["scale", 0.1, 1]}, SVC(), DIGITS),)
    yield (grid({"C": [1, 10]}, SVC(), DIGITS),)
    yield (grid({"gamma": [1e-4, 1e-3, 1e-2]}, SVR(), DIGITS),)
    yield (GridSearchCV(SVC(), {"gamma": [1e-4, 1e-3, 1e-2]}),)


def wrong_3_1():
    yield from [(458, 458), (459, 1377), (59, 59), (460, 460), (458.2, 458.2), (-1, -1)]


def wrong_3_2():
    axis, caches = np.logspace(-2, 3, 4), [100, 200, 300, 400]
    some, log = (X[:60], y[:60]), loguniform(0.01, 1000)
    space = {"C": log, "gamma": log, "cache_size": caches}
    full = grid({"C": axis, "gamma": axis, "cache_size": caches}, data=some)
    yield full, full
    yield full, draw(space, 60, some)
    yield full, draw(space | {"gamma": list(axis)}, 64, some)
    yield full, draw(space | {"C": uniform(0.01, 1000)}, 64, some)
    yield full, draw({"C": log, "gamma": log}, 64, some)
    yield full, draw(space | {"cache_size": uniform(100, 400)}, 64, some)
    even = {"C": np.linspace(0.01, 1000, 4), "gamma": axis, "cache_size": caches}
    yield grid(even, data=some), draw(space, 64, some)
    longer = {"C": axis, "gamma": np.logspace(-2, 3, 8), "cache_size": caches[:2]}
    yield grid(longer, data=some), draw(space, 64, some)
    yield draw(space, 64, some), full


def wrong_3_3():
    few = [part[:60] for part in DIABETES]
    space = {"C": loguniform(1, 1000), "epsilon": loguniform(0.1, 100)}
    yield (draw(space, 31, few),)
    yield (draw(space | {"epsilon": loguniform(0.001, 0.3)}, 30, few),)
    yield (draw(space | {"epsilon": uniform(0.1, 99)}, 30, few),)
    yield (draw(space | {"epsilon": halfnorm(scale=50)}, 30, few),)
    yield (draw(space | {"C": loguniform(0.01, 1)}, 30, few),)
    yield (draw({"C": loguniform(1, 1000)}, 30, few),)


def wrong_4_1():
    good = tune(three(), 60)
    yield "gamma", good, "C"
    yield "gamma", good, "epsilon"
    yield "gamma", good, 3
    yield "kernel", good, "gamma"
    yield "gamma", tune(three(), 59), "gamma"
    yield "gamma", tune(three(), 60, "minimize"), "gamma"
    yield "gamma", tune(three(log=False), 60), "gamma"
    yield "gamma", tune(three(high=1), 60), "gamma"
    yield "gamma", tune(three("tol"), 60), "gamma"


def wrong_4_2():
    yield from [(stop_inside,), (stop_early,), (never_stops,), (explode,), (leave,)]
    yield (optuna.study.MaxTrialsCallback(2),)
    yield (lambda study: study.stop(),)
    yield (StopAsObject,)


def wrong_4_3():
    good = tune(branches(), 30)
    yield from [(good, 0), (good, 30), (good, 7.5), (good, "15")]
    yield tune(branches(), 29), 15
    yield tune(branches(always=["gamma"]), 30), 15
    yield tune(branches(gamma=(10, 100)), 30), 15
    yield tune(three(), 30), 15


def best_of(n, seeds, low=-2, high=3):
    boxes = [np.random.default_rng(s).uniform(low, high, size=(n, 2)) for s in seeds]
    return np.array([lab.interpolate_response(*(10**box).T).max() for box in boxes])


def percent(short, long):
    return 100 * np.mean(long > short)


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


@cache
@sklearn.config_context(skip_parameter_validation=True)
def searches(n_iter=16, kind=RandomizedSearchCV):
    """Veinte búsquedas sobre 40 pacientes, y lo que prometen menos lo que dan."""
    found, gaps = [], []
    for seed in range(20):
        order = np.random.default_rng(seed).permutation(442)
        few, others = order[:40], order[40:]
        data = DIABETES[0][few], LATE[few]
        if kind is RandomizedSearchCV:
            space = {"C": loguniform(0.1, 1e4), "gamma": loguniform(0.01, 100)}
            model = SVC()
            search = draw(space, n_iter, data, model)
        else:
            space = {"kneighborsclassifier__n_neighbors": range(1, n_iter + 1)}
            model = make_pipeline(StandardScaler(), KNeighborsClassifier())
            search = grid(space, model, data, refit=False)
        model.set_params(**search.best_params_).fit(*data)
        gaps.append(search.best_score_)
        gaps[-1] -= model.score(DIABETES[0][others], LATE[others])
        found.append(search)
    return found, np.mean(gaps)


def processes(code="pass", n=3):
    command = [sys.executable, "-c", code]
    return [subprocess.run(command, stderr=subprocess.DEVNULL) for _ in range(n)]


def waited(study, n_trials=60, seed=0):
    study.sampler = optuna.samplers.RandomSampler(seed=seed)
    study.optimize(lambda trial: wait_objective(trial, 0), n_trials=n_trials)
    return study.trials


def rescue_by_queue(study, objective, wanted):
    for trial in study.get_trials(states=[optuna.trial.TrialState.RUNNING]):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        study.enqueue_trial(trial.params)
    complete = study.get_trials(states=[optuna.trial.TrialState.COMPLETE])
    study.optimize(objective, n_trials=wanted - len(complete))


def rescue_by_telling(study, objective, wanted):
    for trial in study.trials:
        if trial.state.name == "RUNNING":
            study.tell(trial.number, objective(trial))
    while sum(t.state.name == "COMPLETE" for t in study.trials) < wanted:
        study.optimize(objective, n_trials=1)


def rescue_without_repeating(study, objective, wanted):
    for trial in study.trials:
        if trial.state.name == "RUNNING":
            study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
    complete = sum(t.state.name == "COMPLETE" for t in study.trials)
    study.optimize(objective, n_trials=wanted - complete)


def rescue_without_closing(study, objective, wanted):
    for trial in study.trials:
        if trial.state.name == "RUNNING":
            study.enqueue_trial(trial.params)
    complete = sum(t.state.name == "COMPLETE" for t in study.trials)
    study.optimize(objective, n_trials=wanted - complete)


def rescue_and_wanted_more(study, objective, wanted):
    rescue_by_queue(study, objective, wanted)
    study.optimize(objective, n_trials=wanted)


def rescue_with_zeros(study, objective, wanted):
    for trial in study.trials:
        if trial.state.name == "RUNNING":
            study.tell(trial.number, 0)
    rescue_by_queue(study, objective, wanted)


def real_objective(trial):
    C = trial.suggest_float("C", 1, 1000, log=True)
    epsilon = trial.suggest_float("epsilon", 0.1, 100, log=True)
    return cross_val_score(SVR(C=C, epsilon=epsilon), *DIABETES, cv=cv).mean()


@cache
def half_dead():
    """Un study con ocho completos y dos abandonados."""
    study = tune(real_objective, 8)
    for _ in range(2):
        trial = study.ask()
        trial.suggest_float("C", 1, 1000, log=True)
        trial.suggest_float("epsilon", 0.1, 100, log=True)
    return study


def rescued(rescue=rescue_by_queue, objective=real_objective, wanted=20):
    study = optuna.create_study(direction="maximize")
    study.add_trials(half_dead().trials)
    rescue(study, objective, wanted)
    return study


def right_5_1():
    short, long = best_of(25, range(100)), best_of(50, range(100, 200))
    yield 50, short, long, percent(short, long)
    short, long = best_of(25, range(500, 600)), best_of(50, range(900, 1000))
    yield np.float64(67), list(short), pd.Series(long), round(percent(short, long))


def right_5_2():
    yield from [(latin(by_scipy),), (latin(by_hand),), (latin(up_to_the_edges),)]
    yield (lambda n, seed: pd.DataFrame(latin(by_scipy)(n, seed)),)


def right_5_3():
    yield searches()
    found, gap = searches(kind=GridSearchCV)
    yield tuple(found), np.float64(gap)


def right_6_1():
    yield processes(), waited(optuna.create_study())
    both = optuna.create_study()
    waited(both, 30, seed=1)
    yield tuple(processes()), waited(both, 30, seed=2)[::-1]


def right_6_2():
    yield 4, 416, 2.13, 2.57
    yield 2.1, np.int64(416), 888 / 416, np.float64(39 * (0.05 + 40 * 0.0004))


def right_6_3():
    yield rescue_by_queue, rescued()
    yield rescue_by_telling, rescued(rescue_by_telling)


def wrong_5_1():
    short, long = best_of(25, range(100)), best_of(50, range(100, 200))
    yield 50, short, best_of(50, range(100)), 50
    yield 50, short, long, percent(short, long) / 100
    yield 150, short, long, percent(short, long)
    yield 50, 0.9363 - short, 0.9363 - long, percent(short, long)
    yield 50, short[:50], long[:50], percent(short, long)
    same = best_of(25, range(100, 200))
    yield 50, short, same, percent(short, same)
    narrow = best_of(50, range(100), low=0, high=1)
    yield 50, short, narrow, percent(short, narrow)


def wrong_5_2():
    yield from [(latin(uniform_points),), (latin(diagonal),), (by_scipy,)]
    yield (lambda n, seed: 1000 * by_scipy(n, seed),)
    yield (latin(lambda n, seed: by_scipy(64, seed)[:n]),)
    yield (latin(lambda n, seed: by_scipy(n, 0)),)
    yield (latin(lambda n, seed: by_scipy(n, None)),)
    yield (latin(lambda n, seed: by_scipy(n, seed).T),)
    yield (latin(lambda n, seed: by_scipy(n, seed)[:, :1]),)


def wrong_5_3():
    found, gap = searches()
    yield from [(found, -gap), (found, 0), (found, 100 * gap), (found[:19], gap)]
    yield (found[0], gap)
    yield from [(found[1:] + found[:1], gap), searches(n_iter=3)]


def wrong_6_1():
    good, done = processes(), optuna.create_study()
    waited(done)
    yield good[:2], done.trials
    yield processes("import sys; sys.exit(2)"), done.trials
    yield [*good[:2], SimpleNamespace(returncode=None)], done.trials
    yield good, done.trials[:59]
    yield good, done
    yield good, [trial.number for trial in done.trials]
    twins = optuna.create_study()
    for seed in (1, 2, 1):
        waited(twins, 20, seed)
    yield good, twins.trials
    yield good, done.trials[:30] * 2
    tell = optuna.create_study()
    tell.ask()
    yield good, waited(tell, 59)


def wrong_6_2():
    good = (2, 416, 2.13, 2.57)
    yield from [(2, 417, *good[2:]), (2, 400, *good[2:]), (2, 416.5, *good[2:])]
    yield from [
        (2, 416, 4, 2.57),
        (2, 416, 2.13, 90),
        (2, 416, 2.13, 1),
        (-2, *good[1:]),
    ]
    yield from [(2, 416, 2.13, 2.64), (-2, *good[1:])]


def wrong_6_3():
    good = rescued()
    yield from [(rescue_without_repeating, good), (rescue_without_closing, good)]
    yield from [(rescue_and_wanted_more, good), (rescue_with_zeros, good)]
    yield rescue_by_queue, half_dead()
    yield rescue_by_queue, rescued(wanted=19)
    yield rescue_by_queue, rescued(rescue_without_closing)
    yield rescue_by_queue, rescued(objective=lambda trial: 1 + real_objective(trial))
    yield rescue_by_queue, tune(three(), 20)


@cache
def right(number):
    return list(globals()[f"right_{number}"]())


def names(prefix):
    found = [name for name in globals() if name.startswith(prefix)]
    return [name.removeprefix(prefix) for name in found]


ALL = [name.removeprefix("exercise_") for name in dir(check) if "exercise_" in name[:9]]


def test_every_exercise_is_tested():
    assert sorted(names("right_")) == sorted(names("wrong_")) == sorted(ALL)
    assert {name[0] for name in ALL} == {path.stem[1] for path in SOLUTIONS}


@pytest.mark.parametrize("number", ALL)
def test_right_answers_are_accepted(number, ask):
    assert len(right(number)) >= 2
    for answer in right(number):
        assert ask(number, *answer).startswith("Bien."), answer


@pytest.mark.parametrize("number", ALL)
def test_wrong_answers_get_a_hint(number, ask):
    answers = list(globals()[f"wrong_{number}"]())
    assert len(answers) >= 5
    hints = [ask(number, *answer) for answer in answers]
    assert all(re.match(r"Todavía no: .{15}", hint) for hint in hints), hints
    assert len(set(hints)) >= 2


@pytest.mark.parametrize("number", ALL)
def test_what_is_missing_is_pending(number, ask):
    good = right(number)[0]
    assert ask(number, *[None] * len(good)).startswith("Pendiente: falta")
    assert ask(number).startswith("Pendiente: falta")
    for place in range(len(good)):
        partial = [*good[:place], None, *good[place + 1 :]]
        assert ask(number, *partial).startswith("Pendiente: falta")


@pytest.mark.parametrize("number", ALL)
def test_nothing_makes_it_raise(number, ask):
    good = right(number)[0]
    for kind, bad in HOSTILE.items():
        for place in range(len(good)):
            if number == "1_1" and place == 1 and kind == "number":
                continue
            verdict = ask(number, *good[:place], bad, *good[place + 1 :])
            assert verdict.startswith("Todavía no:"), (kind, place, verdict)
    assert ask(number, *good, 1).startswith("Todavía no:")


def test_an_untouched_function_is_pending_and_a_short_one_is_not(ask):
    source = (
        "def stop_near_ceiling(study, trial):\n    # Escribe tu código aquí\n    ..."
    )
    space = {}
    exec(source, space)
    assert ask("4_2", space["stop_near_ceiling"]).startswith("Pendiente")
    assert ask("4_2", lambda study, trial: 5).startswith("Todavía no")
    exec("def propose(n, seed):\n    ...", space)
    assert ask("5_2", space["propose"]).startswith("Pendiente")


def test_the_state_of_optuna_and_of_warnings_is_left_as_it_was(ask):
    before = optuna.logging.get_verbosity(), list(warnings.filters)
    ask("4_2", explode)
    assert (optuna.logging.get_verbosity(), list(warnings.filters)) == before
