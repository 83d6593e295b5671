"""Escribe las búsquedas del cuaderno 6: ``python data/build_overtuning.py``.

Cada búsqueda sortea un conjunto pequeño de datos y 40 configuraciones, y anota de cada
una lo que la validación cruzada cree y lo que da en el mundo: datos aparte, que la
búsqueda no ve. Usa todos los núcleos y muestra su avance. Se puede interrumpir: la vez
siguiente calcula solo lo que falte.
"""

import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd
import parts
import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import KFold
from sklearn.svm import SVC, SVR

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import DATA, make_dataset, search_configurations  # noqa: E402

PATH = DATA / "overtuning.csv"
SIZES = {"sintético": [40, 160, 640], "dígitos": [40, 80, 160]}
SEARCHES, REPEATS = 100, 5
KEYS = ["problem", "n", "search", "score"]


def sample(problem: str, n: int, search: int) -> tuple[np.ndarray, ...]:
    """Sortea los n datos de una búsqueda y su mundo: X, y, X_world, y_world."""
    if problem == "sintético":
        X, y = make_dataset(n + 1000, noise=0.3, seed=search)
        return X[:n], y[:n], X[n:], y[n:]
    X, y = load_digits(return_X_y=True)
    order = np.random.default_rng(search).permutation(len(X))
    chosen, world = order[:n], order[-1500:]
    return X[chosen], y[chosen], X[world], y[world]


def configurations(problem: str, search: int) -> list[dict]:
    """La de por defecto y 40 al azar, iguales para todos los tamaños."""
    drawn = search_configurations(problem, search)
    return [{}, *({"C": C, "gamma": gamma} for C, gamma in drawn)]


def fit_and_score(problem, params, X, y, X_new, y_new) -> float:
    """Exactitud en datos nuevos; en el sintético, error cuadrático medio cambiado."""
    if problem == "dígitos":
        return SVC(**params).fit(X, y).score(X_new, y_new)
    return -np.mean((SVR(**params).fit(X, y).predict(X_new) - y_new) ** 2)


def fold_scores(problem, params, X, y, seed) -> np.ndarray:
    """Las cinco notas de un reparto."""
    cv = KFold(5, shuffle=True, random_state=seed)
    return np.array(
        [fit_and_score(problem, params, X[a], y[a], X[b], y[b]) for a, b in cv.split(X)]
    )


def run(problem: str, n: int, search: int) -> list[dict]:
    """Una búsqueda: siete filas de notas, con una columna por configuración."""
    sklearn.set_config(assume_finite=True, skip_parameter_validation=True)
    X, y, X_world, y_world = sample(problem, n, search)
    rows = []
    for trial, params in enumerate(configurations(problem, search)):
        splits = [1000 * search + repeat for repeat in range(REPEATS)]
        folds = np.array([fold_scores(problem, params, X, y, s) for s in splits])
        own = fold_scores(problem, params, X, y, 1000 * search + 100 + trial)
        rows.append(
            {
                "cv": folds[0].mean(),
                "se": folds[0].std(ddof=1) / np.sqrt(5),
                "repeated": folds.mean(),
                "own": own.mean(),
                "holdout": folds[0, 0],
                "own_holdout": own[0],
                "world": fit_and_score(problem, params, X, y, X_world, y_world),
            }
        )
    scores = pd.DataFrame(rows).T
    if problem == "sintético":  # del error al R², con la varianza del mundo
        scores /= y_world.var()
        scores.loc[scores.index != "se"] += 1
    scores.columns = [str(column) for column in scores]
    scores.insert(0, "score", scores.index)
    return [
        {"problem": problem, "n": n, "search": search} | row
        for row in scores.to_dict("records")
    ]


if __name__ == "__main__":
    rows = parts.read(PATH)
    found = Counter((row["problem"], row["n"], row["search"]) for row in rows)
    done = {task for task, count in found.items() if count == 7}
    rows = [row for row in rows if (row["problem"], row["n"], row["search"]) in done]
    tasks = [
        (problem, n, search)
        for problem, sizes in SIZES.items()
        for n in sizes
        for search in range(SEARCHES)
    ]
    missing = [task for task in tasks if task not in done]
    for measured in parts.measure(run, missing, "búsquedas"):
        rows += measured
        parts.save(PATH, rows, KEYS, decimals=3)
