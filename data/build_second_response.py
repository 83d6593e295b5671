"""Escribe la segunda respuesta: ``python data/build_second_response.py``.

Es la validación cruzada de HistGradientBoostingRegressor, con la mitad de los pacientes
de load_diabetes, en cada celda de una rejilla de cinco hiperparámetros, uno de ellos
categórico. Usa todos los núcleos y muestra su avance; en total gasta unos nueve minutos
de procesador. Se puede interrumpir: la vez siguiente calcula solo lo que falte.
"""

import sys
from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import parts
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import ParameterGrid, train_test_split

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import CV, DATA  # noqa: E402

PATH = DATA / "second_response.csv"
TREES = [25, 50, 100, 200, 400]
# Los demás ejes: por cada combinación se crece un solo modelo por fold, de 25 a 400
# árboles, porque los primeros n son los mismos del modelo de n.
AXES = {
    "loss": ["absolute_error", "poisson", "squared_error"],
    "learning_rate": [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8],
    "max_leaf_nodes": [2, 4, 8, 16, 31],
    "min_samples_leaf": [5, 10, 20, 40, 80],
}
KEYS = [*AXES, "max_iter"]
DECIMALS = {"mean_r2": 6, "se_r2": 6, "fit_seconds": 4}


def patients() -> tuple[np.ndarray, np.ndarray]:
    """Aparta 221 pacientes con sus medidas originales: X (221, 10), y (221,).

    Este modelo agrupa las columnas con más de 255 valores distintos, y cómo lo hace
    cambia con la versión de scikit-learn. Con 221 pacientes no agrupa ninguna.
    """
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
    return X, y


def measure(params: dict) -> list[dict]:
    """Califica una combinación con cada cantidad de árboles: una fila por cantidad."""
    X, y = patients()
    scores, seconds = np.empty((2, CV.get_n_splits(), len(TREES)))
    for fold, (train, test) in enumerate(CV.split(X)):
        model = HistGradientBoostingRegressor(
            early_stopping=False, random_state=0, warm_start=True, **params
        )
        spent = 0.0
        for i, n in enumerate(TREES):
            start = process_time()
            model.set_params(max_iter=n).fit(X[train], y[train])
            spent += process_time() - start
            scores[fold, i] = model.score(X[test], y[test])
            seconds[fold, i] = spent
    columns = {
        "max_iter": TREES,
        "mean_r2": scores.mean(axis=0),
        "se_r2": scores.std(axis=0, ddof=1) / np.sqrt(len(scores)),
        "fit_seconds": seconds.mean(axis=0),
    }
    return pd.DataFrame(params | columns)[KEYS + list(DECIMALS)].to_dict("records")


def key(row: dict) -> tuple:
    """Lo que distingue a una fila de las demás."""
    return tuple(row[name] for name in KEYS)


if __name__ == "__main__":
    rows = parts.read(PATH)
    done = {key(row) for row in rows}
    missing = [
        params
        for params in ParameterGrid(AXES)
        if not {key(params | {"max_iter": n}) for n in TREES} <= done
    ]
    for measured in parts.measure(
        measure, [(params,) for params in missing], "combinaciones"
    ):
        rows += [row for row in measured if key(row) not in done]
        parts.save(PATH, rows, KEYS, DECIMALS)
