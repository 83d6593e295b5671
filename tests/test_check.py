"""Cada comprobación, con respuestas buenas, malas, sin escribir y disparatadas."""

import logging
import sys
import warnings
from copy import deepcopy
from functools import cache
from inspect import signature
from time import process_time
from unittest.mock import MagicMock

import matplotlib.pyplot as plt
import nbformat
import numpy as np
import optuna
import pandas as pd
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC, SVR
from threadpoolctl import threadpool_limits

from check_answers import ANSWERS
from check_answers.common import explode, leave
from course import SOLUTIONS
from hpo_lab import check
from hpo_lab.check.core import exercise
from hpo_lab.check.kinds import Number


def talk(*args):
    print("\n" * 5, args)
    print("en la otra salida", file=sys.stderr)
    warnings.warn("¡cuidado!", stacklevel=2)


class Hostile:
    """Falla con todo lo que se le haga."""

    def __getattr__(self, name):
        raise OSError("no")

    __array__ = __eq__ = __float__ = __lt__ = __call__ = explode
    __hash__ = None


class Unspeakable(Exception):
    """Un error cuyo mensaje también falla."""

    def __str__(self):
        raise self


def stammer(*args):
    raise Unspeakable


class Liar:
    """Ni siquiera deja preguntar de qué clase es."""

    __class__ = property(explode)
    __len__ = explode


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
    "prints": talk,
    "empty study": optuna.create_study(),
    "two studies": optuna.create_study(directions=["maximize", "minimize"]),
    "stammers": stammer,
    "mock": MagicMock(),
    "hostile": Hostile(),
    "liar": Liar(),
}


@pytest.fixture
def ask(capfd, caplog):
    """Hace una comprobación y devuelve su línea, la única que debe aparecer."""

    def run(number, *answers, by=None, **named):
        capfd.readouterr()
        caplog.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            (by or getattr(check, f"exercise_{number}"))(*answers, **named)
        out, err = capfd.readouterr()
        assert out.count("\n") == 1 and not err and not caplog.records
        asked, verdict = out.strip().split(" · ", 1)
        assert asked == f"Ejercicio {number.replace('_', '.')}"
        return verdict

    return run


@cache
def right(number):
    return list(ANSWERS[number][0]())


def one_right(number):
    return right(number)[0][0]


def names(number):
    return list(signature(getattr(check, f"exercise_{number}")).parameters)


COSTLY = ("2_2", "4_1", "4_3", "6_1")  # sus respuestas son búsquedas de verdad
every_exercise = pytest.mark.parametrize(
    "number",
    [pytest.param(n, marks=[pytest.mark.slow] * (n in COSTLY)) for n in ANSWERS],
)


def test_every_exercise_is_tested():
    assert check.__all__ == [f"exercise_{number}" for number in ANSWERS]
    written = {int(number.split("_")[0]) for number in ANSWERS}
    assert written == {int(path.stem.split("_")[0]) for path in SOLUTIONS}


@every_exercise
def test_right_answers_are_accepted(number, ask):
    assert len(right(number)) >= 2
    for answers, praise in right(number):
        verdict = ask(number, *answers)
        assert verdict.startswith("Bien.") and praise in verdict, (verdict, praise)
        assert praise or verdict == "Bien."


@every_exercise
def test_wrong_answers_get_a_hint_of_what_is_wrong(number, ask):
    wrong = list(ANSWERS[number][1]())
    assert len(wrong) >= 5
    for answers, hint in wrong:
        verdict = ask(number, *answers)
        assert verdict.startswith("Todavía no: ") and hint in verdict, (verdict, hint)


@every_exercise
def test_what_is_missing_is_pending(number, ask):
    good = one_right(number)
    missing = ", ".join(f"`{name}`" for name in names(number))
    verb = "faltan" if len(good) > 1 else "falta"
    assert ask(number) == f"Pendiente: {verb} {missing}."
    assert ask(number, *[None] * len(good)) == f"Pendiente: {verb} {missing}."
    for place, name in enumerate(names(number)):
        partial = [*good[:place], None, *good[place + 1 :]]
        assert ask(number, *partial) == f"Pendiente: falta `{name}`."


@every_exercise
def test_too_many_answers_are_counted(number, ask):
    good = one_right(number)
    n = len(good)
    hint = f"Todavía no: llegaron {n + 1} respuestas y se espera un total de {n}."
    assert ask(number, *good, 1) == hint


@every_exercise
def test_whatever_arrives_gets_a_hint(number, ask):
    good = one_right(number)
    for kind, bad in HOSTILE.items():
        for place in range(len(good)):
            verdict = ask(number, *good[:place], bad, *good[place + 1 :])
            assert verdict.startswith("Todavía no:"), (kind, place, verdict)


@pytest.mark.slow
@every_exercise
def test_a_check_takes_less_than_two_seconds(number, ask):
    for answers, _ in right(number):
        with threadpool_limits(1):  # los hilos que esperan a otro también gastan
            start = process_time()
            ask(number, *answers)
            assert process_time() - start < 2


def test_a_function_without_code_is_pending(ask):
    space = {}
    headers = ("stop_near_ceiling(study, trial)", "propose(n, seed)")
    headers += ("tournament(scores, budgets, eta)", "prunable(trial)")
    headers += ("gap_folds(day, first, length, count, gap)",)
    for header in headers:
        exec(f"def {header}:\n    # Escribe tu código aquí\n    ...", space)
    assert ask("4_2", space["stop_near_ceiling"]).startswith("Pendiente: falta")
    assert ask("5_2", space["propose"]) == "Pendiente: falta `propose`."
    assert ask("7_1", space["tournament"]) == "Pendiente: falta `tournament`."
    assert ask("7_3", space["prunable"]) == "Pendiente: falta `prunable`."
    assert ask("9_1", space["gap_folds"]) == "Pendiente: falta `gap_folds`."
    for short in (lambda n, seed: 5, lambda n, seed: n, lambda n, seed: ...):
        assert ask("5_2", short).startswith("Todavía no")


def test_a_defect_of_the_check_is_not_blamed_on_the_answer(ask):
    def exercise_9_9(answer: Number):
        return {}[f"clave de {answer}\nocupada"]

    verdict = ask("9_9", 1, by=exercise(exercise_9_9))
    assert verdict.startswith("No se pudo comprobar: falló la comprobación, no tu")
    assert verdict.endswith(r"se produjo KeyError: 'clave de 1.0\nocupada'")


@every_exercise
def test_answers_may_come_by_name(number, ask):
    good, own = one_right(number), names(number)
    named = dict(zip(own, good, strict=True))
    assert ask(number, **named).startswith("Bien.")
    first = named.pop(own[0])
    assert ask(number, first, **named).startswith("Bien.")
    assert ask(number, **named) == f"Pendiente: falta `{own[0]}`."
    twice = ask(number, first, **{own[0]: first})
    assert twice == f"Todavía no: `{own[0]}` llegó dos veces."
    other = ask(number, otra=1)
    assert other == f"Todavía no: llegó `otra`; se espera {', '.join(own)}."


class Leaves(BaseException):
    pass


@pytest.mark.parametrize(
    "error", [Leaves, GeneratorExit, StopIteration, SystemExit, MemoryError]
)
def test_whatever_a_function_raises_is_one_sentence(error, ask):
    def fail(*args):
        raise error("por algo")

    assert f"se produjo {error.__name__}: por algo" in ask("4_2", fail)

    class Fails:
        __float__ = __len__ = __array__ = __getattr__ = fail

    assert "llegó Fails" in ask("1_2", Fails(), Fails())

    def exercise_9_9(answer: Number):
        raise error("por algo")

    verdict = ask("9_9", 1, by=exercise(exercise_9_9))
    assert verdict.startswith("No se pudo comprobar") and "por algo" in verdict


def test_the_student_can_interrupt_a_check(capfd):
    def interrupted(*args):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check.exercise_4_2(interrupted)
    print("después")
    assert capfd.readouterr() == ("después\n", "")


def test_text_that_cannot_be_written_is_escaped(ask):
    def fail(*args):
        raise ValueError("roto \ud800")

    assert ask("4_2", fail).endswith(r"ValueError: roto \ud800")
    assert r"`\ud800`" in ask("4_2", **{"\ud800": 1})


@pytest.mark.slow
def test_a_model_that_talks_is_silent(ask):
    searches, optimism = deepcopy(one_right("6_1"))
    loud = [s.estimator for s in searches if "verbose" in s.estimator.get_params()]
    assert loud
    for model in loud:
        model.set_params(verbose=True)
    assert ask("6_1", searches, optimism).startswith("Bien.")


def test_logs_and_figures_are_silent_only_while_it_checks(ask, capfd):
    root, log = logging.getLogger(), logging.getLogger("de_la_respuesta")
    before = logging.StreamHandler()  # guarda la salida de verdad
    log.addHandler(before)

    def write(study, trial):
        if len(log.handlers) == 1:
            log.addHandler(logging.StreamHandler())  # guarda la callada
        log.critical("de la respuesta")
        root.error("de la raíz")
        optuna.logging.set_verbosity(optuna.logging.INFO)
        optuna.create_study()
        plt.plot([1, 2])
        plt.show()

    level, kept = optuna.logging.get_verbosity(), plt.figure()
    try:
        assert ask("4_2", write).startswith("Todavía no")
        assert plt.get_fignums() == [kept.number]
        log.critical("después")
        assert capfd.readouterr().err.splitlines() == ["después"] * 2
    finally:
        optuna.logging.set_verbosity(level)
        plt.close(kept)
        log.handlers.clear()


NOISY = """
import logging
import matplotlib.pyplot as plt
import optuna
from IPython.display import clear_output, display
from tqdm.notebook import tqdm
from hpo_lab import check

def noisy(study, trial):
    print("impreso")
    logging.warning("anotado")
    display("mostrado")
    optuna.create_study().optimize(lambda trial: 1, n_trials=2, show_progress_bar=True)
    for _ in tqdm(range(3)):
        clear_output()
    plt.plot([1, 2])
    plt.show()
    plt.plot([2, 1])
"""
LATER = """
print("impreso")
logging.warning("anotado")
display("mostrado")
plt.plot([1, 2])
plt.show()
"""


@pytest.mark.slow
def test_in_a_notebook_only_the_verdict_is_seen():
    sources = (NOISY, "check.exercise_4_2(noisy)", LATER)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    notebook = nbformat.v4.new_notebook(cells=cells)
    for left in (2, 1, 0):
        options = {"timeout": 60, "raise_on_iopub_timeout": True}
        client = NotebookClient(deepcopy(notebook), **options)
        try:
            cells = client.execute().cells
            break
        except CellTimeoutError:  # un canal no llegó a abrirse (jupyter_client#487)
            assert left
    (verdict,) = cells[1].outputs
    assert verdict.name == "stdout" and verdict.text.count("\n") == 1
    assert verdict.text.startswith("Ejercicio 4.2 · Todavía no")
    kinds = [output.get("name", output.output_type) for output in cells[2].outputs]
    assert sorted(kinds) == ["display_data", "display_data", "stderr", "stdout"]


def test_a_long_error_is_cut(ask):
    def complain(study, trial):
        raise ValueError("palabra " * 1000)

    verdict = ask("4_2", complain)
    assert verdict.endswith(" palabra …") and len(verdict) < 400


def test_the_state_of_optuna_and_of_warnings_is_left_as_it_was(ask):
    before = optuna.logging.get_verbosity(), list(warnings.filters)
    ask("4_2", explode)
    assert (optuna.logging.get_verbosity(), list(warnings.filters)) == before
