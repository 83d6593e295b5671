"""Un proceso trabajador (*worker*): corre trials de un study compartido y termina.

    python -m hpo_lab.worker --create --storage sqlite:///e.db --study-name a --trials 9

La misma orden sirve en otra máquina con el paquete instalado y la dirección del almacén
(*storage*). La contraseña de PostgreSQL no va en el comando: se pone en la
variable PGPASSWORD o en el archivo ``~/.pgpass`` de libpq.

Termina con código 0 si corrió todos sus trials, 1 si el almacén falló, 2 si el comando
estaba mal y 130 si lo interrumpieron (SIGINT, que es Ctrl-C, o SIGTERM).
"""

from __future__ import annotations

import argparse
import signal
import sys
import time

import optuna
from optuna.storages import JournalStorage, RDBStorage
from sklearn.model_selection import cross_val_score
from sklearn.svm import SVR

from hpo_lab.problem import CV, training_half
from hpo_lab.storage import (
    STORAGE_ERRORS,
    StorageError,
    causes,
    open_storage,
    reason,
)

PATIENCE = 60  # segundos que se espera a un servidor caído


def svr_objective(trial: optuna.Trial, n_samples: int = 1000) -> float:
    """R² de validación cruzada de un SVR con kernel RBF, sobre el entrenamiento."""
    C = trial.suggest_float("C", 0.01, 100, log=True)
    gamma = trial.suggest_float("gamma", 0.01, 100, log=True)
    model = SVR(C=C, gamma=gamma)
    return cross_val_score(model, *training_half(n_samples), cv=CV).mean()


def wait_objective(trial: optuna.Trial, seconds: float) -> float:
    """Espera y no calcula nada: deja ver lo que cuesta el almacén."""
    value = trial.suggest_float("C", 0.01, 100, log=True)
    trial.suggest_float("gamma", 0.01, 100, log=True)
    time.sleep(seconds)
    return value


def _lost_to_another(error: BaseException) -> bool:
    finished = optuna.exceptions.UpdateFinishedTrialError
    return any(
        isinstance(cause, finished) or "Cannot tell a FAIL trial" in str(cause)
        for cause in causes(error)
    )


def find_study(
    storage: JournalStorage | RDBStorage, name: str, seed: int | None, create: bool
) -> optuna.Study:
    """Encuentra un study por su nombre; con `create`, lo crea si no existe.

    Raises
    ------
    StorageError
        Si no existe y no se pidió crearlo.
    """
    sampler = optuna.samplers.TPESampler(seed=seed)
    options = {"study_name": name, "storage": storage, "sampler": sampler}
    if create:
        options |= {"direction": "maximize", "load_if_exists": True}
        return optuna.create_study(**options)
    try:
        return optuna.load_study(**options)
    except KeyError:
        names = ", ".join(optuna.get_all_study_names(storage)) or "ninguno"
        raise StorageError(
            f"No hay un study {name!r} en ese almacén; hay: {names}. "
            "Con --create se crea."
        ) from None


class Interruption:
    """Ctrl-C corta el trial en curso; entre dos trials, espera a que se anote.

    La segunda vez termina el proceso sin esperar.
    """

    def __init__(self, objective) -> None:
        self.objective = objective
        self.inside = self.asked = self.cut = False

    def listen(self) -> None:
        """Atiende desde ahora Ctrl-C (SIGINT) y SIGTERM."""
        signal.signal(signal.SIGINT, self._ask)
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, number: int, _) -> None:
        self.asked = True
        signal.signal(number, signal.SIG_DFL)
        if self.inside:
            self.cut = True
            raise KeyboardInterrupt

    def __call__(self, trial: optuna.Trial) -> float:
        """Evalúa el objetivo."""
        self.inside = True
        try:
            if self.asked:
                self.cut = True
                raise KeyboardInterrupt
            return self.objective(trial)
        finally:
            self.inside = False


def work(
    study: optuna.Study, objective: Interruption, n_trials: int, patience: float
) -> None:
    """Corre `n_trials`; si el servidor calla, lo espera `patience` segundos.

    El trial que estaba en curso cuando calló queda sin anotar: otro lo repetirá.

    Raises
    ------
    StorageError
        Si el almacén no vuelve a tiempo o no se puede escribir en él.
    KeyboardInterrupt
        Si se interrumpe; el trial en curso queda como fallido.
    """
    done, silent_since = 0, None
    while done < n_trials:
        if objective.asked:
            raise KeyboardInterrupt
        try:
            study.optimize(objective, n_trials=1)
        except Exception as error:
            if _lost_to_another(error):
                print("otro trabajador dio este trial por perdido", file=sys.stderr)
                continue
            if not any(isinstance(cause, STORAGE_ERRORS) for cause in causes(error)):
                raise
            said = reason(error)
            silent_since = silent_since or time.monotonic()
            if "no responde" not in said or time.monotonic() - silent_since > patience:
                raise StorageError(said) from None
            print("el almacén no responde; espero", file=sys.stderr, flush=True)
            time.sleep(1)
            continue
        done, silent_since = done + 1, None
        print(f"trial {done} de {n_trials}", flush=True)


def parse(arguments: list[str] | None) -> argparse.Namespace:
    """Lee el comando."""
    parser = argparse.ArgumentParser(
        prog="python -m hpo_lab.worker",
        description="Corre trials de un study compartido.",
        epilog="La contraseña va en PGPASSWORD o en ~/.pgpass, nunca en el comando.",
    )
    add = parser.add_argument
    add(
        "--storage", required=True, help="dirección del almacén, o ruta de una bitácora"
    )
    add("--study-name", required=True, help="nombre del study")
    add("--trials", required=True, type=int, help="cuántos trials correr")
    add("--seed", type=int, help="semilla del sampler; distinta en cada trabajador")
    add("--create", action="store_true", help="crea el study si no existe")
    add("--wait", type=float, help="en vez de la SVR, solo espera estos segundos")
    heartbeat = "segundos entre avisos de vida, los mismos en todos (60)"
    add("--heartbeat", type=int, default=60, help=heartbeat)
    patience = "segundos que espera a un servidor que corta o rechaza la conexión (60)"
    add("--patience", type=float, default=PATIENCE, help=patience)
    args = parser.parse_args(arguments)
    for name in ("trials", "heartbeat"):
        if getattr(args, name) < 1:
            parser.error(f"--{name} debe ser 1 o más; se recibió {getattr(args, name)}")
    for name in ("seed", "wait", "patience"):
        if (getattr(args, name) or 0) < 0:
            parser.error(f"--{name} debe ser 0 o más; se recibió {getattr(args, name)}")
    return args


def main(arguments: list[str] | None = None) -> int:
    """Corre el trabajador y devuelve su código de salida."""
    args = parse(arguments)
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    objective = svr_objective
    if args.wait is not None:
        objective = lambda trial: wait_objective(trial, args.wait)  # noqa: E731
    objective = Interruption(objective)
    objective.listen()
    try:
        storage = open_storage(args.storage, args.heartbeat)
        study = find_study(storage, args.study_name, args.seed, args.create)
        work(study, objective, args.trials, args.patience)
    except StorageError as error:
        print(error, file=sys.stderr)
        return error.code
    except STORAGE_ERRORS as error:
        print(reason(error), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrumpido.")
        if objective.cut:
            print("El trial en curso quedó anotado como fallido.")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
