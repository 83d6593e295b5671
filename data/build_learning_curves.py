"""Escribe las curvas del cuaderno 7: ``python data/build_learning_curves.py``.

Una red (MLPRegressor) se entrena época por época con 700 puntos del curso y se califica
en otros 300, con cada combinación de una rejilla de cinco hiperparámetros y tres
semillas. Usa todos los núcleos y muestra su avance. Se puede interrumpir: la vez
siguiente calcula solo lo que falte.
"""

import sys
from itertools import product
from pathlib import Path
from time import process_time

import parts
from sklearn.metrics import r2_score
from sklearn.neural_network import MLPRegressor
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import DATA, training_half  # noqa: E402

PATH = DATA / "learning_curves.csv"
EPOCHS = [1, 2, 3, 5, 9, 14, 20, 27, 40, 54, 67, 81]
AXES = {
    "learning_rate": [0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3],
    "width": [8, 16, 32, 64],
    "depth": [1, 2],
    "batch": [8, 32, 128],
    "alpha": [1e-6, 1e-3, 1e-1],
}
KEYS = [*AXES, "seed"]
WORST = -9  # un R² más bajo se escribe así


def curve(learning_rate, width, depth, batch, alpha, seed) -> dict:
    """El R² de validación al final de cada época de EPOCHS, y segundos por época."""
    X, y = training_half()
    model = MLPRegressor(
        hidden_layer_sizes=(width,) * depth,
        activation="tanh",
        learning_rate_init=learning_rate,
        batch_size=batch,
        alpha=alpha,
        random_state=seed,
    )
    scores, start = {}, process_time()
    with threadpool_limits(1):
        for epoch in range(1, EPOCHS[-1] + 1):
            model.partial_fit(X[:700], y[:700])
            if epoch in EPOCHS:
                r2 = r2_score(y[700:], model.predict(X[700:]))
                scores[str(epoch)] = max(r2, WORST)
    seconds = (process_time() - start) / EPOCHS[-1]
    values = (learning_rate, width, depth, batch, alpha, seed)
    return dict(zip(KEYS, values, strict=True)) | scores | {"epoch_seconds": seconds}


if __name__ == "__main__":
    rows = parts.read(PATH)
    done = {tuple(row[key] for key in KEYS) for row in rows}
    tasks = [(*values, seed) for values in product(*AXES.values()) for seed in range(3)]
    missing = [task for task in tasks if task not in done]
    decimals = {str(epoch): 4 for epoch in EPOCHS} | {"epoch_seconds": 5}
    for row in parts.measure(curve, missing, "curvas"):
        rows.append(row)
        if len(rows) % 20 == 0:
            parts.save(PATH, rows, KEYS, decimals)
    parts.save(PATH, rows, KEYS, decimals)
