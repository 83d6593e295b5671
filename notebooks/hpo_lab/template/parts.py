"""Las partes del proyecto: los datos, la partición, la métrica y el modelo.

Las usan el cuaderno, la prueba y el trabajador, que corre trials en otro proceso:

    python -m hpo_lab.worker --objective objetivo.py:objective --create --trials 20
        --storage bitacora.log --study-name proyecto        (todo en una línea)

Se escribe donde dice «Escribe tu código aquí». Lo demás ya funciona; cámbialo si tu
problema lo pide.
"""

from functools import cache
from pathlib import Path

import numpy as np
import optuna
from sklearn.base import clone
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import KFold, TimeSeriesSplit

FOLDER = Path(__file__).resolve().parent  # para leer una tabla: FOLDER / "tabla.csv"
IN_TIME = True  # las filas van en el orden del tiempo; si no tienen orden, False


@cache  # se leen una sola vez
def load_data():
    """Lee los datos y devuelve X, y.

    X es un DataFrame con una fila por caso y solo lo que se sabe antes de predecir; y
    es un array con lo que se predice, una por fila y en sus unidades. Si hay tiempo,
    las filas van de la más antigua a la más nueva. La tabla se guarda en esta carpeta.
    """
    # Escribe tu código aquí
    raise NotImplementedError("Falta escribir load_data en objetivo.py.")


def split(X):
    """Devuelve las posiciones de las filas de entrenamiento y las de prueba.

    Por defecto, la prueba es el último 20 % de las filas, o un 20 % al azar si no van
    en el orden del tiempo.
    """
    rows = np.arange(len(X))
    if not IN_TIME:
        rows = np.random.default_rng(0).permutation(rows)
    end = round(0.8 * len(X))
    return rows[:end], rows[end:]


def make_folds(X_train):
    """Devuelve los folds: una lista de parejas (filas de ajuste, de validación).

    Son posiciones dentro de X_train. Por defecto, cinco folds que respetan el tiempo,
    o cinco al azar si no lo hay.
    """
    random = KFold(5, shuffle=True, random_state=0)
    return list((TimeSeriesSplit(5) if IN_TIME else random).split(X_train))


def naive(X, y, fit, judged):
    """Predice las filas `judged` sin ningún modelo: es el punto de partida ingenuo.

    `fit` y `judged` son posiciones en X e y. Devuelve un array con una predicción por
    fila de `judged`, en las unidades de y: por ejemplo, la media de y[fit], o el valor
    de una semana antes.
    """
    # Escribe tu código aquí
    raise NotImplementedError("Falta escribir naive en objetivo.py.")


direction = "minimize"  # si en tu métrica más es mejor, "maximize"


def measure(y_true, y_pred):
    """Devuelve la métrica, un número en las unidades de quien usa la predicción."""
    return mean_absolute_error(y_true, y_pred)


# Escribe tu código aquí: los valores por defecto, con los nombres que usa build.
DEFAULT = {}


def build(trial):
    """Devuelve un modelo sin ajustar con los hiperparámetros de un trial.

    Es un Pipeline de scikit-learn, con todo lo que aprende de los datos adentro, y el
    espacio de búsqueda se dice con trial.suggest_float, suggest_int y
    suggest_categorical. Si el modelo usa azar, fija su random_state.
    """
    # Escribe tu código aquí
    raise NotImplementedError("Falta escribir build en objetivo.py.")


# Lo que sigue no hay que cambiarlo.

catch = (ValueError,)  # con estos errores falla un trial y la búsqueda sigue
pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)


def training():
    """Devuelve X, y de entrenamiento, que es todo lo que ve la búsqueda."""
    X, y = load_data()
    train, _ = split(X)
    return X.iloc[train], np.asarray(y)[train]


def objective(trial):
    """Devuelve la métrica media en los folds; la de cada uno queda en `folds`."""
    X, y = training()
    model = build(trial)
    folds = make_folds(X)
    scores = []
    for step, (fit, judged) in enumerate(folds):
        fitted = clone(model).fit(X.iloc[fit], y[fit])
        scores.append(float(measure(y[judged], fitted.predict(X.iloc[judged]))))
        trial.set_user_attr("folds", scores)
        trial.report(np.mean(scores), step)
        if step + 1 < len(folds) and trial.should_prune():
            raise optuna.TrialPruned
    return float(np.mean(scores))
