"""Escribe las búsquedas del juego: ``python data/build_game_searches.py``.

Cien de cada clase, con 25 trials, sobre la respuesta interpolada. Son las del
cuaderno 5, con sus semillas, de 0 a 99. Tarda unos segundos.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import optuna
import parts
from scipy.stats import qmc

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
import hpo_lab as lab  # noqa: E402

PATH = lab.DATA / "game_searches.csv"
KEYS = ["method", "seed", "trial"]
TRIALS, SEEDS = 25, range(100)
LOG = {"low": 0.01, "high": 1000, "log": True}


def grid(seed: int) -> np.ndarray:
    """Cinco alturas por eje, con un origen sorteado; array (25, 2) de logaritmos."""
    ticks = (np.arange(5)[:, None] + np.random.default_rng(seed).uniform(size=2)) / 5
    return 5 * np.array(list(product(*ticks.T))) - 2


def random(seed: int) -> np.ndarray:
    """Sorteos uniformes en los logaritmos."""
    return np.random.default_rng(seed).uniform(-2, 3, size=(TRIALS, 2))


def sobol(seed: int) -> np.ndarray:
    """Una sucesión de Sobol revuelta."""
    return 5 * qmc.Sobol(2, rng=seed).random_base2(6)[:TRIALS] - 2


def tpe(seed: int) -> np.ndarray:
    """TPE, con los ajustes que Optuna 5.0 trae por defecto."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    settings = {"n_startup_trials": 10, "multivariate": True, "constant_liar": True}
    sampler = optuna.samplers.TPESampler(seed=seed, **settings)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        values = [trial.suggest_float(name, **LOG) for name in ("C", "gamma")]
        return float(lab.interpolate_response(*values))

    study.optimize(objective, n_trials=TRIALS)
    return np.log10([list(trial.params.values()) for trial in study.trials])


METHODS = {"rejilla": grid, "azar": random, "Sobol": sobol, "TPE": tpe}


def search(method: str, seed: int) -> list[dict]:
    """Las filas de una búsqueda, una por trial."""
    return [
        dict(zip(KEYS, (method, seed, trial), strict=True))
        | {"log10_C": log_C, "log10_gamma": log_gamma}
        for trial, (log_C, log_gamma) in enumerate(METHODS[method](seed))
    ]


if __name__ == "__main__":
    done = parts.measure(search, list(product(METHODS, SEEDS)), "búsquedas")
    parts.save(PATH, [row for rows in done for row in rows], KEYS, 6)
