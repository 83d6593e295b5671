r"""Un proceso trabajador (*worker*): corre trials de un study compartido y termina.

    python -m hpo_lab.worker --objective mi_modelo.py:objective --create \
        --storage sqlite:///e.db --study-name a --trials 9

El objetivo es una función de un archivo o de un paquete (``paquete.modulo:funcion``).
Junto a ella se puede nombrar ``direction`` o ``directions`` (si no, se minimiza),
``sampler`` (uno, o una función de la semilla), ``pruner`` y ``catch`` (con qué errores
falla el trial y sigue el trabajador).

La misma orden sirve en otra máquina con el paquete instalado y la dirección del almacén
(*storage*). La contraseña de PostgreSQL no va en el comando, sino en la variable
PGPASSWORD o en el archivo ``~/.pgpass`` de libpq.

Termina con código 0 si corrió sus trials, 1 si el almacén falló, 2 si el comando estaba
mal, 3 si falló el objetivo y 130 si lo interrumpieron (Ctrl-C, que es SIGINT, o
SIGTERM).
"""

from __future__ import annotations

import argparse
import math
import os
import signal
import socket
import sys
import time
import traceback
import warnings
from collections import Counter
from contextlib import suppress
from functools import partial
from importlib.metadata import version
from pathlib import Path

import optuna
from optuna.trial import TrialState

from hpo_lab import command, notes, turns
from hpo_lab.command import CommandError, ObjectiveError
from hpo_lab.failures import Patience, StorageError, causes, line, reason, redact, say
from hpo_lab.journal import repair
from hpo_lab.storage import open_storage, unmarked

FAILURES = 10  # fallidos seguidos con los que se rinde
STORAGE_FAILURES = (StorageError, optuna.exceptions.StorageInternalError)
COUNTS = {"completos": "COMPLETE", "fallidos": "FAIL", "podados": "PRUNED"}


class Worker:
    """Corre los trials de un study, uno tras otro.

    Parameters
    ----------
    args : argparse.Namespace
        Lo que devuelve `command.parse`.

    Raises
    ------
    CommandError, StorageError
        Si el objetivo no sirve o no es el de ese study, o si el almacén no se abre.
    """

    def __init__(self, args: argparse.Namespace) -> None:
        self.objective, module = command.load_objective(args.objective)
        settings = command.read_settings(module, args.seed)
        self.catch, self.address = settings["catch"], args.storage
        self.trials, self.until = args.trials, args.until
        self.file, self.folder = getattr(module, "__file__", None), Path.cwd()
        self.tally, self.failed, self.inside = Counter(), 0, False
        self._forget()
        self.patience, self.process = Patience(args.patience), os.getpid()
        signal.signal(signal.SIGINT, self._stop)
        signal.signal(signal.SIGTERM, self._stop)
        try:
            self.storage = _open(args, self.patience)
            find = partial(command.find_study, self.storage, args.study_name)
            self.study = find(settings, args.create)
        except StorageError:
            if self.patience.ended:  # dejó de esperarlo porque se lo pidieron
                raise KeyboardInterrupt from None
            raise

    def _stop(self, number: int, _) -> None:
        """Atiende Ctrl-C (SIGINT) y SIGTERM.

        Cortan el trial en curso; entre dos trials, esperan a que se anote. La segunda
        vez terminan el proceso sin esperar.
        """
        signal.signal(number, signal.SIG_DFL)
        if os.getpid() != self.process:  # es un hijo del objetivo
            os.kill(os.getpid(), number)
        self.patience.ended = True
        if self.inside:
            raise KeyboardInterrupt

    def run(self) -> None:
        """Corre trials hasta completar los suyos o los del study.

        Raises
        ------
        StorageError, ObjectiveError
            Si el almacén no vuelve a tiempo, o si el objetivo falla.
        KeyboardInterrupt
            Si se interrumpe; el trial en curso vuelve a la cola.
        """
        waited = False
        while self._left() > 0:
            if self.patience.ended:
                raise KeyboardInterrupt
            room = partial(turns.room, self.study, self.until)
            if not self.until or self.patience.insist(room) > 0:
                self._run_one()
                continue
            if not waited:
                say("Los que faltan ya están en marcha; espero.", error=False)
                waited = True
            stale = partial(optuna.storages.fail_stale_trials, self.study)
            self.patience.insist(stale)
            time.sleep(0.5)

    def __call__(self, trial: optuna.Trial):
        """Marca el trial, evalúa el objetivo y guarda su nota hasta que se anote."""
        self.trial = trial
        trial.set_user_attr("worker_version", version("hpo-lab"))
        trial.set_user_attr("process", os.getpid())
        trial.set_user_attr("host", socket.gethostname())  # el último: ver `turns`
        if self.until and turns.room(self.study, self.until, trial.number) < 1:
            self.surplus = True
            raise RuntimeError("otro trabajador empezó antes el último que faltaba")
        start = time.monotonic()
        try:
            self.inside = True
            if self.patience.ended:
                raise KeyboardInterrupt
            value = self.objective(trial)
        except (Exception, KeyboardInterrupt) as error:
            self.problem = f"{type(error).__name__}: {line(error)}"
            raise
        except BaseException as error:  # Optuna no lo anotaría
            self.problem = f"el objetivo lanzó {type(error).__name__}"
            raise RuntimeError(self.problem) from error
        finally:
            self.inside = False
            with suppress(Exception):  # la nota importa más
                seconds = round(time.monotonic() - start, 3)
                trial.set_user_attr("seconds", seconds)
        try:
            self.values = notes.read_values(value, len(self.study.directions))
        except ValueError as error:
            self.problem, value = str(error), math.nan  # Optuna lo dará por fallido
        except ObjectiveError as error:
            self.fatal = error
            raise
        return value

    def _forget(self) -> None:
        self.trial = self.values = self.problem = self.fatal = None
        self.surplus = False

    def _run_one(self) -> None:
        self._forget()
        count = [lambda _, trial: self._count(trial.state)]
        try:
            self.study.optimize(self, n_trials=1, catch=self.catch, callbacks=count)
            self.patience.since = None
        except KeyboardInterrupt:
            self._give_back()
            raise
        except Exception as error:
            if not self.surplus and not self.fatal:
                self._recover(error)
        if self.fatal:
            raise self.fatal
        if self.surplus:
            self._give_back()
        if self.failed >= FAILURES:
            said = f"{FAILURES} trials fallidos seguidos; el último, {self.problem}."
            raise ObjectiveError(said)

    def _recover(self, error: Exception) -> None:
        if self.values is not None and self._settle():
            self._count(TrialState.COMPLETE)
        elif self.values is not None or notes.lost_to_another(error):
            say("otro trabajador dio este trial por perdido")
        elif any(isinstance(cause, STORAGE_FAILURES) for cause in causes(error)):
            if not self.patience.allows(error):
                raise StorageError(reason(error)) from error
        elif not command.has_study(self.storage, self.study.study_name):
            name = self.study.study_name
            raise StorageError(f"Alguien borró el study {name!r}.") from error
        else:
            raise command.objective_failed(error, self.file) from error

    def _count(self, state: TrialState) -> None:
        if self.surplus or self.fatal:
            return
        self.tally[state] += 1
        self.failed = self.failed + 1 if state == TrialState.FAIL else 0
        if self.failed:
            say(f"trial {self.trial.number} fallido: {self.problem}")
        elif self.trials:
            done = self.trials - self._left()
            say(f"trial {done} de {self.trials}", error=False)
        else:
            say(f"completos: {self.until - self._left()} de {self.until}", error=False)

    def _left(self) -> int:
        if self.until:
            return self.patience.insist(partial(turns.left, self.study, self.until))
        good = (TrialState.COMPLETE, TrialState.PRUNED)
        return self.trials - sum(self.tally[state] for state in good)

    def _give_back(self) -> None:
        if self.trial is None:
            return
        number = self.trial.number
        try:
            cut = self.study.trials[number]
            if not cut.params and "fixed_params" not in cut.system_attrs:
                return  # aún no tenía valores
            attrs = ("params", "distributions", "user_attrs", "system_attrs")
            again = {key: getattr(unmarked(cut), key) for key in attrs}
            again["system_attrs"] |= {"given_back": number}  # no es una muerte
            waiting = TrialState.WAITING
            self.study.add_trial(optuna.create_trial(state=waiting, **again))
            say(f"El trial {number} vuelve a la cola.", error=False)
        except Exception as error:
            say(f"El trial {number} no pudo volver a la cola. {reason(error)}")

    def _settle(self) -> bool:
        """Insiste en anotar una nota; si no puede, la deja en un archivo."""
        record = {
            "study_name": self.study.study_name,
            "number": self.trial.number,
            "values": self.values,
            "params": self.trial.params,
        }
        try:
            spare = not self.until or self._left() > 0
            tell = partial(notes.tell, self.study, self.storage, record, spare)
            return self.patience.insist(tell)
        except Exception as error:
            raise StorageError(
                f"{reason(error)}. {notes.save(record, self.address, self.folder)}"
            ) from error


def _open(args: argparse.Namespace, patience: Patience):
    return open_storage(
        args.storage, args.heartbeat, args.retries, args.create, patience
    )


def _run(args: argparse.Namespace) -> str:
    """Hace lo que pide el comando; devuelve la última línea."""
    if args.repair:
        copy, dropped = repair(args.repair)
        return f"{copy}: medias líneas que quedaron fuera: {dropped}."
    if args.tell:
        record = notes.read_note(args.tell)
        patience = Patience(args.patience)
        storage = _open(args, patience)
        study = command.find_study(storage, record["study_name"])
        told = patience.insist(lambda: notes.tell(study, storage, record))
        said = "Anotada la nota" if told else "Otro ya repitió lo"
        return f"{said} del trial {record['number']}."
    worker = Worker(args)
    worker.run()
    counts = [f"{worker.tally[TrialState[state]]} {n}" for n, state in COUNTS.items()]
    return f"Terminó: {', '.join(counts)}."


def main(arguments: list[str] | None = None) -> int:
    """Corre el trabajador y devuelve su código de salida."""
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    warnings.filterwarnings("ignore", category=UserWarning, module="optuna")
    debug = "--debug" in (sys.argv if arguments is None else arguments)
    try:
        args = command.parse(arguments)  # --help termina aquí
    except CommandError as error:
        say(str(error))
        return error.code
    try:
        say(_run(args), error=False)
    except KeyboardInterrupt:
        say("Interrumpido.", error=False)
        return 130
    except BaseException as error:
        if debug:
            say(redact(traceback.format_exc()))
        known = isinstance(error, (CommandError, ObjectiveError, StorageError))
        say(str(error) if known else reason(error))
        return getattr(error, "code", 1) if known else 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
