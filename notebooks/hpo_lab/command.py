"""El comando del trabajador: lo que se le pide, y el objetivo y el study que usa."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import math
import os
import re
import sys
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import optuna

from hpo_lab.failures import StorageError, hide, line

SETTINGS = ("direction", "directions", "sampler", "pruner", "catch")


class CommandError(Exception):
    """Un comando que no se entiende, dicho en una frase."""

    code = 2


class ObjectiveError(Exception):
    """Un objetivo que falla, dicho en una frase."""

    code = 3


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> None:
        option, _, said = message.removeprefix("argument ").partition(": ")
        if option.startswith("--") and "expected" not in said:
            raise CommandError(f"{option}: {said}")
        what = f"falta el valor de {option}" if said else "sobra algo"
        raise CommandError(f"No se entiende el comando: {what}; --help lo explica.")


def _number(kind: type, least: float, most: float = 10**9) -> Callable[[str], float]:
    def read(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            what = "un entero" if kind is int else "un número"
            numeric = re.fullmatch(r"[-+]?([.\de+-]{1,20}|nan|inf)", text)
            raise argparse.ArgumentTypeError(
                f"se espera {what} entre {least} y {most}; se recibió "
                f"{text if numeric else 'otra cosa'}."
            )
        return value

    return read


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Lee el comando.

    Raises
    ------
    CommandError
        Si le falta o le sobra algo, o si un valor no es de los esperados. La frase no
        repite lo que pueda ser una contraseña.
    """
    parser = _Parser(
        prog="python -m hpo_lab.worker",
        description="Corre trials de un study compartido.",
        epilog="La contraseña va en PGPASSWORD o en ~/.pgpass, nunca en el comando.",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--objective", help="archivo.py:función o paquete.modulo:función")
    add("--storage", help="dirección del almacén, o ruta de una bitácora")
    add("--study-name", help="nombre del study")
    add("--trials", type=_number(int, 1), help="cuántos trials corre este trabajador")
    until = "hasta cuántos trials completos crece el study"
    add("--until", type=_number(int, 1), help=until)
    seed = "semilla del sampler; distinta en cada trabajador"
    add("--seed", type=_number(int, 0, 2**32 - 1), help=seed)
    add("--create", action="store_true", help="crea el study si no existe")
    beat = "segundos entre avisos de vida, los mismos en todos (60)"
    add("--heartbeat", type=_number(int, 1), default=60, help=beat)
    retry = "cuántas veces se repite el trial de un trabajador que murió (3)"
    add("--retries", type=_number(int, 0), default=3, help=retry)
    patience = "segundos que se espera a un almacén que no responde (60)"
    add("--patience", type=_number(float, 0), default=60, help=patience)
    add("--tell", metavar="ARCHIVO", help="anota la nota que un trabajador no pudo")
    add("--repair", metavar="BITÁCORA", help="escribe una copia sin medias líneas")
    add("--debug", action="store_true", help="muestra además el error completo")
    args, unknown = parser.parse_known_args(arguments)
    if unknown:
        parser.error("")
    _check(args)
    return args


def _check(args: argparse.Namespace) -> None:
    for name in ("objective", "storage", "study_name", "tell", "repair"):
        text = getattr(args, name)
        if text is not None and not (text.strip() and text.isprintable()):
            option = name.replace("_", "-")
            raise CommandError(f"--{option} está vacío o trae caracteres ilegibles.")
    if args.repair:
        return
    needed = ["storage"] if args.tell else ["objective", "storage", "study_name"]
    missing = [f"--{name}".replace("_", "-") for name in needed]
    missing = [
        m for m, name in zip(missing, needed, strict=True) if not vars(args)[name]
    ]
    if missing:
        raise CommandError(f"Falta {', '.join(missing)}; --help lo explica.")
    if not args.tell and (args.trials is None) == (args.until is None):
        raise CommandError("Se espera --trials o --until, uno de los dos.")


def load_objective(spec: str) -> tuple[Callable, ModuleType]:
    """Importa el objetivo, y devuelve también el módulo en que está.

    Raises
    ------
    CommandError
        Si no se entiende, no existe o no se puede importar.
    """
    where, _, name = spec.rpartition(":")
    if not where or not name.isidentifier():
        raise CommandError(
            "--objective: se espera archivo.py:función o paquete.modulo:función; "
            f"se recibió {hide(spec)!r}."
        )
    try:
        module = _load_file(where) if where.endswith(".py") else _load_module(where)
    except (CommandError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise CommandError(
            f"No se pudo importar el objetivo: {_place(error)}"
        ) from error
    objective = getattr(module, name, None)
    if not callable(objective):
        raise CommandError(f"En {where!r} no hay una función {name!r}.")
    return objective, module


def _load_file(where: str) -> ModuleType:
    path = Path(where)
    if not path.is_file():
        raise CommandError(f"No existe el archivo {hide(where)!r} del objetivo.")
    sys.path.insert(0, str(path.resolve().parent))
    name = path.stem if path.stem not in sys.modules else f"objetivo_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    with warnings.catch_warnings():  # que no cambie los del trabajador
        spec.loader.exec_module(module)
    return module


def _load_module(where: str) -> ModuleType:
    if not all(part.isidentifier() for part in where.split(".")):
        raise CommandError(f"--objective: {hide(where)!r} no es un módulo.")
    if os.getcwd() not in sys.path:
        sys.path.insert(0, os.getcwd())
    return importlib.import_module(where)


def _place(error: BaseException, file: str | None = None) -> str:
    """Dónde ocurrió un error, en el archivo dado si pasó por él, y qué dijo."""
    frames = traceback.extract_tb(error.__traceback__)
    inside = [frame for frame in frames if file and frame.filename == file]
    frame = error if isinstance(error, SyntaxError) else (inside or frames)[-1]
    name = Path(frame.filename or "").name
    return f"{name}:{frame.lineno}: {type(error).__name__}: {line(error)}".rstrip(": ")


def objective_failed(error: Exception, file: str | None) -> ObjectiveError:
    """El error de un objetivo, con su archivo y su línea."""
    return ObjectiveError(f"El objetivo falló en {_place(error, file)}")


def has_study(storage: optuna.storages.BaseStorage, name: str) -> bool:
    """Dice si el almacén tiene un study con ese nombre."""
    try:
        storage.get_study_id_from_name(name)
    except KeyError:
        return False
    return True


def read_settings(module: ModuleType, seed: int | None) -> dict:
    """Lo que el módulo del objetivo dice del study.

    Returns
    -------
    dict
        ``directions``, lista de str o None; ``sampler``, ``pruner`` y ``catch``.

    Raises
    ------
    CommandError
        Si algo no es de lo esperado.
    """
    said = {name: getattr(module, name, None) for name in SETTINGS}
    directions = said["directions"] or (said["direction"] and [said["direction"]])
    if directions and any(each not in ("minimize", "maximize") for each in directions):
        raise CommandError("`direction` debe ser 'minimize' o 'maximize'.")
    sampler, pruner = said["sampler"], said["pruner"]
    try:
        if sampler is None:
            sampler = optuna.samplers.TPESampler(seed=seed)
        elif callable(sampler):
            sampler = sampler(seed=seed)
        elif seed is not None:
            raise CommandError("--seed: `sampler` debe ser una función de la semilla.")
        else:
            sampler.reseed_rng()  # que dos trabajadores no hagan los mismos sorteos
    except (CommandError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise CommandError(f"`sampler` falló: {_place(error)}") from error
    catch = said["catch"] or ()
    catch = catch if isinstance(catch, tuple) else (catch,)
    kinds = {"sampler": (sampler, optuna.samplers.BaseSampler)}
    kinds["pruner"] = pruner, (optuna.pruners.BasePruner, type(None))
    for name, (value, kind) in kinds.items():
        if not isinstance(value, kind):
            raise CommandError(f"`{name}` no es un {name} de Optuna.")
    if not all(
        isinstance(each, type) and issubclass(each, Exception) for each in catch
    ):
        raise CommandError("`catch` debe ser una excepción o una tupla de ellas.")
    directions = list(directions) if directions else None
    return {
        "directions": directions,
        "sampler": sampler,
        "pruner": pruner,
        "catch": catch,
    }


def find_study(
    storage: optuna.storages.BaseStorage,
    name: str,
    settings: dict | None = None,
    create: bool = False,
) -> optuna.Study:
    """Encuentra un study por su nombre; con `create`, lo crea si no existe.

    Raises
    ------
    StorageError
        Si no existe y no se pidió crearlo.
    CommandError
        Si sus direcciones no son las del objetivo.
    """
    settings = settings or {"directions": None, "sampler": None, "pruner": None}
    directions = settings["directions"]
    options = {key: settings[key] for key in ("sampler", "pruner")}
    options |= {"study_name": name, "storage": storage}
    if has_study(storage, name):
        study = optuna.load_study(**options)
    elif create:
        wanted = {"directions": directions or ["minimize"], "load_if_exists": True}
        study = optuna.create_study(**options, **wanted)
    else:
        names = optuna.get_all_study_names(storage)[::-1]  # primero, los nuevos
        names = line(", ".join(names) or "ninguno")
        raise StorageError(
            f"No hay un study {name!r} en ese almacén; hay: {names}. "
            "Con --create se crea."
        )
    found = [direction.name.lower() for direction in study.directions]
    if directions and directions != found:
        raise CommandError(
            f"El study {name!r} es {found} y el objetivo {directions}: no coinciden."
        )
    return study
