"""El motor de las comprobaciones: lee las respuestas y dice el veredicto en una línea.

Una comprobación declara en su firma de qué clase es cada respuesta, y lanza `Hint` si
algo no se cumple. Ninguna compara con una solución guardada: vale cualquier camino.
"""

import logging
import numbers
import reprlib
import sys
import warnings
from collections.abc import Callable
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import wraps
from io import StringIO
from textwrap import shorten
from types import FunctionType
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
from IPython.utils.capture import capture_output


class Hint(Exception):
    """Lo que le falta a la respuesta; se imprime en una línea aunque tenga varias."""


class Kind(NamedTuple):
    """Una clase de respuesta: cómo se llama, cómo se reconoce, en qué se convierte."""

    name: str
    test: Callable  # recibe la respuesta ya convertida
    convert: Callable = lambda answer: answer


def exercise(check: Callable) -> Callable:
    """Hace de una comprobación la función del cuaderno, que imprime una sola línea."""
    number = check.__name__.removeprefix("exercise_").replace("_", ".")

    @wraps(check)
    def ask(*answers, **named):
        with _silence():
            verdict = " ".join(_verdict(check, answers, named).split())
        # Lo que trae el estudiante puede tener caracteres que no se pueden escribir.
        verdict = verdict.encode("utf-8", "backslashreplace").decode()
        print(f"Ejercicio {number} · {verdict}")

    return ask


@contextmanager
def trying(what: str):
    """Da como pista el error de algo que trajo el estudiante: su función, su modelo."""
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        raise Hint(f"al probar {what} se produjo {_said(error)}") from None


def _verdict(check: Callable, answers: tuple, named: dict) -> str:
    try:
        return _judge(check, answers, named)
    except Hint as hint:
        return f"Todavía no: {hint}"
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # nada más debe detener el cuaderno
        return f"""No se pudo comprobar: falló la comprobación, no tu respuesta. Avisa
            a quien dicta el curso de que se produjo {_said(error)}"""


def _judge(check: Callable, answers: tuple, named: dict) -> str:
    kinds = check.__annotations__
    if len(answers) > len(kinds):
        asked = f"se espera un total de {len(kinds)}"
        raise Hint(f"llegaron {len(answers)} respuestas y {asked}.")
    given = dict.fromkeys(kinds) | dict(zip(kinds, answers, strict=False))
    for name, answer in named.items():
        if name not in kinds:
            raise Hint(f"llegó `{name}`; se espera {', '.join(kinds)}.")
        if name in list(kinds)[: len(answers)]:
            raise Hint(f"`{name}` llegó dos veces.")
        given[name] = answer
    missing = [f"`{name}`" for name, answer in given.items() if _untouched(answer)]
    if missing:
        verb = "faltan" if len(missing) > 1 else "falta"
        return f"Pendiente: {verb} {', '.join(missing)}."
    read = [_read(name, answer, kinds[name]) for name, answer in given.items()]
    return f"Bien. {check(*read) or ''}"


def _untouched(answer) -> bool:
    """Dice si está como la trae el cuaderno: None, o una función vacía."""

    def empty(): ...

    # Llamarla no serviría, porque una correcta también puede devolver None: se mira si
    # Python la convirtió en las mismas instrucciones que una vacía.
    if type(answer) is FunctionType:
        return answer.__code__.co_code == empty.__code__.co_code
    return answer is None


def _read(name: str, answer, kind: Kind):
    try:
        value = kind.convert(answer)
        fits = kind.test(value)
    except (Hint, KeyboardInterrupt):
        raise
    except BaseException:  # ni siquiera se deja leer
        fits = False
    if not fits:
        raise Hint(f"`{name}` debe ser {kind.name}; llegó {_brief(answer)}.")
    return value


def _brief(answer) -> str:
    name = type(answer).__name__
    with _forgiven():  # puede no tener longitud
        if isinstance(answer, (str, numbers.Number)):
            return reprlib.repr(answer)
        return f"{name} de longitud {len(answer)}"
    return name


def _said(error: BaseException) -> str:
    name = type(error).__name__
    with _forgiven():  # su mensaje también puede fallar
        return shorten(f"{name}: {error}", 300, placeholder=" …")
    return name


@contextmanager
def _forgiven():
    try:
        yield
    except KeyboardInterrupt:
        raise
    except BaseException:
        pass


@contextmanager
def _silence():
    """Calla lo que la respuesta escriba, anote, avise, dibuje o muestre."""
    out, err = StringIO(), StringIO()
    level, figures = logging.root.manager.disable, plt.get_fignums()
    logging.disable(sys.maxsize)
    try:
        with (
            warnings.catch_warnings(action="ignore"),
            np.errstate(all="ignore"),
            redirect_stdout(out),
            redirect_stderr(err),
            capture_output(stdout=False, stderr=False),
        ):
            yield
    finally:
        logging.disable(level)
        for number in set(plt.get_fignums()) - set(figures):
            plt.close(number)
        # Un registro que la respuesta haya creado se queda con ellas y sigue sirviendo.
        out.write, err.write = sys.stdout.write, sys.stderr.write
