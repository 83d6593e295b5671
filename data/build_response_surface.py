"""Escribe la tabla de la respuesta: ``python data/build_response_surface.py``.

Es la validación cruzada de un SVR con kernel RBF en cada punto de una rejilla de C y
gamma. Usa todos los núcleos y muestra su avance: con dos tarda de tres a siete
minutos. Se puede interrumpir: la vez siguiente calcula solo lo que falte.
"""

import sys
from pathlib import Path

import numpy as np
import parts
from sklearn.model_selection import cross_validate
from sklearn.svm import SVR

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import CV, DATA, training_half  # noqa: E402

PATH = DATA / "response_surface.csv"
AXIS = np.linspace(-2, 3, 51).round(1)
KEYS = ["log10_C", "log10_gamma"]
DECIMALS = {"mean_r2": 9, "std_r2": 9, "fit_seconds": 4}


def measure(log10_C: float, log10_gamma: float) -> dict[str, float]:
    """Califica una combinación con los datos y los folds del curso: una fila."""
    model = SVR(C=10**log10_C, gamma=10**log10_gamma)
    result = cross_validate(model, *training_half(), cv=CV)
    return {
        "log10_C": log10_C,
        "log10_gamma": log10_gamma,
        "mean_r2": result["test_score"].mean(),
        "std_r2": result["test_score"].std(),
        "fit_seconds": result["fit_time"].mean(),
    }


if __name__ == "__main__":
    rows = parts.read(PATH)
    done = {(row["log10_C"], row["log10_gamma"]) for row in rows}
    missing = [(C, gamma) for C in AXIS for gamma in AXIS if (C, gamma) not in done]
    for row in parts.measure(measure, missing, "combinaciones"):
        rows.append(row)
        if len(rows) % 10 == 0:
            parts.save(PATH, rows, KEYS, DECIMALS)
    parts.save(PATH, rows, KEYS, DECIMALS)
