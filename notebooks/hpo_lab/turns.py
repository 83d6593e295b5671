"""Cuántos trials le faltan a un study que varios trabajadores llenan a la vez."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from datetime import datetime, timedelta

import optuna
import psutil
from optuna.storages import JournalStorage
from optuna.trial import FrozenTrial, TrialState


def left(study: optuna.Study, until: int) -> int:
    """Cuántos faltan para que tenga `until` completos."""
    complete = (TrialState.COMPLETE,)
    return until - len(study.get_trials(deepcopy=False, states=complete))


def room(study: optuna.Study, until: int, before: float = float("inf")) -> int:
    """Cuántos faltan por empezar.

    Para un trial que acaba de empezar cuentan los que tienen un número menor que el
    suyo (`before`): así, de dos que toman a la vez el último lugar, sigue uno.
    """
    running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
    journal = isinstance(study._storage, JournalStorage)
    return left(study, until) - sum(
        trial.number < before and _is_alive(trial, journal) for trial in running
    )


def _is_alive(trial: FrozenTrial, journal: bool) -> bool:
    host, start = trial.user_attrs.get("host"), trial.datetime_start
    if host is None:  # acaba de empezar, o no es de un trabajador
        return abs(datetime.now() - start) < timedelta(minutes=1)
    if not journal:
        return True  # si calló, el aviso de vida lo dirá
    process = trial.user_attrs["process"]
    if host != socket.gethostname() or process == os.getpid():
        return False  # no hay cómo saberlo, o es de un proceso anterior
    with suppress(psutil.Error):
        return psutil.Process(process).create_time() < start.timestamp() + 1
    return False
