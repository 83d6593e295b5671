"""Escribe las búsquedas del cuaderno 7: ``python data/build_fidelity_searches.py``.

Cada búsqueda de Optuna juega sobre `learning_curves.csv`: pide la nota de una red época
por época y el podador decide si sigue. Usa todos los núcleos y muestra su avance. Se
puede interrumpir: la vez siguiente calcula solo lo que falte.
"""

import sys
from itertools import product
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import parts
from optuna.pruners import (
    HyperbandPruner,
    MedianPruner,
    NopPruner,
    SuccessiveHalvingPruner,
)
from optuna.samplers import RandomSampler, TPESampler
from optuna.trial import TrialState

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import DATA  # noqa: E402

PATH = DATA / "fidelity_searches.csv"
KEYS = ["space", "sampler", "pruner", "seed"]
BUDGETS = [1, 2, 4, 6, 8, 12, 16, 24, 32, 48, 64]  # en entrenamientos completos
NARROW = {
    "learning_rate": [0.01, 0.03, 0.1],
    "width": [8, 16, 32],
    "depth": [2],
    "alpha": [1e-6, 1e-3],
}
SAMPLERS = {"azar": RandomSampler, "TPE": TPESampler}
PRUNERS = {
    "ninguno": NopPruner,
    "mediana": MedianPruner,
    "mitades": lambda: SuccessiveHalvingPruner(min_resource=1, reduction_factor=3),
    "Hyperband": lambda: HyperbandPruner(1, 81, 3),
}


def load_curves(space: str) -> tuple[list[int], list[int], np.ndarray]:
    """Las épocas, los valores de cada eje y las curvas, (ejes…, semilla, época)."""
    table = pd.read_csv(DATA / "learning_curves.csv")
    if space == "estrecho":
        inside = [table[name].isin(values) for name, values in NARROW.items()]
        table = table[np.all(inside, axis=0)]
    columns = [name for name in table if name.isdigit()]
    axes = list(table.columns[: table.columns.get_loc("1")])
    sizes = [table[name].nunique() for name in axes]
    table = table.sort_values(axes)
    curves = table[columns].to_numpy().reshape(*sizes, len(columns))
    return [int(epoch) for epoch in columns], sizes[:-1], curves


def search(space: str, sampler: str, pruner: str, seed: int) -> dict:
    """El mejor R² de una red completa al gastar cada presupuesto."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    epochs, sizes, curves = load_curves(space)
    study = optuna.create_study(
        direction="maximize",
        sampler=SAMPLERS[sampler](seed=seed),
        pruner=PRUNERS[pruner](),
        study_name=f"{seed}",  # de él sortea Hyperband el torneo de cada trial
    )
    rng, spent, ends = np.random.default_rng(seed), [], []
    while sum(spent) < epochs[-1] * BUDGETS[-1]:
        trial = study.ask()
        places = [trial.suggest_int(f"eje_{i}", 0, n - 1) for i, n in enumerate(sizes)]
        curve = curves[(*places, rng.integers(3))]
        pruned = False
        for epoch, r2 in zip(epochs[:-1], curve, strict=False):
            trial.report(r2, epoch)
            if pruned := trial.should_prune():
                break
        if pruned:
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, curve[-1])
        spent.append(epoch if pruned else epochs[-1])
        ends.append(-np.inf if pruned else curve[-1])
    best, total = np.maximum.accumulate(ends), np.cumsum(spent)
    row = {"space": space, "sampler": sampler, "pruner": pruner, "seed": seed}
    for budget in BUDGETS:
        done = np.searchsorted(total, epochs[-1] * budget, side="right")
        row[str(budget)] = best[done - 1]
    return row | {"trials": len(ends)}


if __name__ == "__main__":
    rows = parts.read(PATH)
    done = {tuple(row[key] for key in KEYS) for row in rows}
    tasks = product(["todo", "estrecho"], SAMPLERS, PRUNERS, range(100))
    missing = [task for task in tasks if task not in done]
    for row in parts.measure(search, missing, "búsquedas"):
        rows.append(row)
        if len(rows) % 10 == 0:
            parts.save(PATH, rows, KEYS, 4)
    parts.save(PATH, rows, KEYS, 4)
