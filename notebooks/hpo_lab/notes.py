"""Las notas ya calculadas que el almacén no aceptó a la primera: ninguna se pierde."""

from __future__ import annotations

import itertools
import json
import math
import re
import shlex
from pathlib import Path

import optuna
from optuna.storages import RetryHeartbeatStaleTrialCallback
from optuna.trial import TrialState

from hpo_lab.command import CommandError, ObjectiveError
from hpo_lab.failures import causes, hide, line, say, words

retry_history = RetryHeartbeatStaleTrialCallback.retry_history


def lost_to_another(error: BaseException) -> bool:
    """Dice si el trial falló porque otro trabajador lo dio por perdido."""
    finished = optuna.exceptions.UpdateFinishedTrialError
    return any(
        isinstance(cause, finished) or cause.args == ("Cannot tell a FAIL trial.",)
        for cause in causes(error)
    )


def read_values(value, expected: int) -> list[float]:
    """La nota de un objetivo, como lista.

    Raises
    ------
    ObjectiveError
        Si no trae tantos valores como direcciones tiene el study.
    ValueError
        Si no son números.
    """
    values = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(values) != expected:
        raise ObjectiveError(
            f"El objetivo devolvió {len(values)} valores y el study espera {expected}."
        )
    try:
        values = [float(each) for each in values]
    except (TypeError, ValueError, OverflowError):
        values = [math.nan]
    if any(map(math.isnan, values)):
        raise ValueError(f"devolvió {line(value)[:60]} y se espera un número")
    return values


def tell(study: optuna.Study, storage, record: dict, spare: bool = True) -> bool:
    """Anota la nota de un trial en él o, si lo dieron por perdido, en su repetición.

    Si agotó sus repeticiones, la anota en un trial nuevo, si hay lugar (`spare`).
    Devuelve False si no la anotó: otro ya lo repite, o sobra.

    Raises
    ------
    ValueError
        Si el study no tiene ese trial.
    """
    number, values = record["number"], record["values"]
    if len(values) != len(study.directions):
        raise CommandError(
            f"La nota trae {len(values)} valores y el study espera "
            f"{len(study.directions)}."
        )
    told = study.tell(number, values, skip_if_finished=True)
    if told.state == TrialState.COMPLETE:
        return True
    again = [trial for trial in study.trials if number in retry_history(trial)]
    for trial in again:
        waiting = trial.state == TrialState.WAITING
        if waiting and storage.set_trial_state_values(
            trial._trial_id, TrialState.RUNNING
        ):
            study.tell(trial.number, values)
            return True
    if again or not spare:
        return False
    lost = study.trials[number]
    copy = {
        key: getattr(lost, key) for key in ("params", "distributions", "user_attrs")
    }
    copy["system_attrs"] = {"failed_trial": number, "retry_history": [number]}
    study.add_trial(optuna.create_trial(values=values, **copy))
    return True


def save(record: dict, address: str, folder: Path) -> str:
    """Escribe en `folder` una nota que el almacén no aceptó; devuelve qué hacer."""
    name = re.sub(r"\W+", "_", record["study_name"])[:40]
    text, name = json.dumps(record), f"nota_{name}_{record['number']}"
    path = next(
        path
        for path in (folder / f"{name}_{n}.json" for n in itertools.count())
        if not path.exists()
    )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
        where = f"quedó en {path}"
    except OSError:  # el disco lleno, quizá; que quede al menos en la salida
        say(text)
        where = f"está en la línea anterior: guárdala en {path}"
    again = ["python", "-m", "hpo_lab.worker", "--tell", str(path)]
    again = shlex.join([*again, "--storage", address])
    return f"La nota del trial {record['number']} {where}; para anotarla: {again}"


def read_note(path: str) -> dict:
    """Lee una nota que escribió `save`.

    Raises
    ------
    CommandError
        Si no se puede leer o no es una nota.
    """
    if not Path(path).is_file():
        raise CommandError(f"{hide(path)!r} no es un archivo.")
    try:
        record = json.loads(Path(path).read_text("utf-8"))
        kinds = {"study_name": str, "number": int, "values": list}
        if all(isinstance(record[key], kind) for key, kind in kinds.items()):
            record["values"] = [float(value) for value in record["values"]]
            if not any(map(math.isnan, record["values"])):
                return record
    except OSError as error:
        raise CommandError(f"No se pudo leer {path!r}: {words(error)}") from error
    except (ValueError, TypeError, KeyError):
        pass
    raise CommandError(f"{path!r} no es una nota de un trabajador.")
