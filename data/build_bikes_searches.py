"""Escribe las búsquedas del cuaderno 9: ``python data/build_bikes_searches.py``.

Repite con veinte semillas la búsqueda de ese cuaderno, con sus mismas funciones: TPE
con ``group=True``, TPE sin eso, azar, y TPE que, al llegar un mes de datos, retoma las
mejores de la búsqueda que no lo tenía. Usa todos los núcleos y muestra su avance. Se
puede interrumpir: la vez siguiente corre solo las búsquedas que falten. Para probarlo,
``--seeds 2 --trials 3`` corre menos semillas y menos trials por búsqueda; borra después
la tabla que deje.
"""

import argparse
import sys
import time
import warnings
from itertools import product
from pathlib import Path

import numpy as np
import optuna
import pandas as pd
import parts
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
)
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import DATA  # noqa: E402

PATH = DATA / "bikes_searches.csv"
KEYS = ["search", "seed", "number"]
TRIALS = {"TPE": 60, "sin grupos": 40, "azar": 120, "retomada": 15}
SAMPLERS = {
    "TPE": lambda seed: optuna.samplers.TPESampler(seed=seed, group=True),
    "sin grupos": lambda seed: optuna.samplers.TPESampler(seed=seed),
    "azar": lambda seed: optuna.samplers.RandomSampler(seed=seed),
    "retomada": lambda seed: optuna.samplers.TPESampler(seed=seed + 1000, group=True),
}
WEATHER = ["temp", "atemp", "hum", "windspeed"]
COLUMNS = ["hr", "weekday", "workingday", "holiday", "month", "weathersit", *WEATHER]
DEFAULT = {
    "family": "boosting",
    "loss": "squared_error",
    "learning_rate": 0.1,
    "max_leaf_nodes": 31,
    "min_samples_leaf": 20,
    "max_features": 1.0,
    "early_stopping": False,
}


def cyclic(period, pieces):
    """Ondas que se repiten cada `period`."""
    knots = np.linspace(0, period, pieces + 1).reshape(-1, 1)
    return SplineTransformer(knots=knots, extrapolation="periodic")


def columns(family):
    """Cada familia, con las columnas como le sirven."""
    kinds = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
    if family != "ridge":
        steps = [("kinds", kinds, ["weathersit"])]
        return ColumnTransformer(steps, remainder="passthrough")
    steps = [("kinds", kinds, ["weathersit", "weekday"])]
    steps += [("hour", cyclic(24, 12), ["hr"]), ("month", cyclic(12, 4), ["month"])]
    return ColumnTransformer(steps, remainder=StandardScaler())


def ridge(trial, seed):
    """Una regresión ridge sobre el logaritmo de la demanda."""
    alpha = trial.suggest_float("alpha", 0.01, 1000, log=True)
    degree = trial.suggest_int("degree", 1, 2)
    model = Ridge(alpha=alpha)
    return make_pipeline(
        PolynomialFeatures(degree, interaction_only=True),
        TransformedTargetRegressor(model, func=np.log1p, inverse_func=np.expm1),
    )


def neighbors(trial, seed):
    """Vecinos más cercanos."""
    return KNeighborsRegressor(
        n_neighbors=trial.suggest_int("n_neighbors", 1, 50, log=True),
        weights=trial.suggest_categorical("weights", ["uniform", "distance"]),
        metric=trial.suggest_categorical("metric", ["euclidean", "manhattan"]),
    )


def boosting(trial, seed):
    """Árboles por boosting."""
    losses = ["squared_error", "absolute_error", "poisson"]
    stops = trial.suggest_categorical("early_stopping", [False, True])
    return HistGradientBoostingRegressor(
        loss=trial.suggest_categorical("loss", losses),
        learning_rate=trial.suggest_float("learning_rate", 0.03, 0.5, log=True),
        max_leaf_nodes=trial.suggest_int("max_leaf_nodes", 4, 64, log=True),
        min_samples_leaf=trial.suggest_int("min_samples_leaf", 2, 100, log=True),
        max_features=trial.suggest_float("max_features", 0.2, 1),
        max_iter=500 if stops else 100,
        early_stopping=stops,
        random_state=seed,
    )


FAMILIES = {"ridge": ridge, "k-NN": neighbors, "boosting": boosting}


def build(trial, seed):
    """El pipeline de un trial."""
    family = trial.suggest_categorical("family", list(FAMILIES))
    return make_pipeline(columns(family), FAMILIES[family](trial, seed))


def read_weeks() -> tuple[pd.DataFrame, pd.Series, list[tuple]]:
    """Las horas de entrenamiento, su demanda y los cinco folds de cuatro semanas."""
    hours = pd.read_csv(DATA / "bikes.csv.gz").query("day < 310")
    day, rows = hours["day"].to_numpy(), np.arange(len(hours))
    starts = range(170, 310, 28)
    cv = [(rows[day < a], rows[(a <= day) & (day < a + 28)]) for a in starts]
    return hours[COLUMNS], hours["bikers"], cv


def score(trial: optuna.Trial, seed: int, X, y, cv: list[tuple]) -> float:
    """El objetivo del cuaderno: error medio por hora, con poda."""
    model, errors = build(trial, seed), []
    for step, (fit, held) in enumerate(cv):
        model.fit(X.iloc[fit], y.iloc[fit])
        error = mean_absolute_error(y.iloc[held], model.predict(X.iloc[held]))
        errors.append(error)
        trial.report(np.mean(errors), step)
        if held is not cv[-1][1] and trial.should_prune():
            break
    trial.set_user_attr("errors", errors)
    if len(errors) < len(cv):
        raise optuna.TrialPruned
    return np.mean(errors)


def best_without_last(rows: list[dict]) -> list[dict]:
    """Las cinco mejores de una búsqueda, según los folds que no son el último."""
    table = pd.DataFrame(rows).query("number > 0")
    table = table.dropna(subset="error_5")  # las que no se podaron
    order = table[[f"error_{k}" for k in range(1, 5)]].mean(axis=1).sort_values()
    space = table.columns[table.columns.get_loc("seconds") + 1 :]
    return [
        row[space].dropna().to_dict()
        for _, row in table.loc[order.index[:5]].iterrows()
    ]


def search(name: str, seed: int, most: int, tpe: list[dict] | None = None) -> list:
    """Los trials de una búsqueda, con sus segundos de procesador.

    La retomada parte de los trials de TPE. Si no los recibe, repite esa búsqueda: los
    de la tabla están redondeados, y con ellos los modelos son otros.
    """
    first = []
    if name == "retomada":
        first = best_without_last(tpe or search("TPE", seed, most))
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    warnings.simplefilter("ignore")
    pruner = optuna.pruners.MedianPruner(n_startup_trials=5, n_warmup_steps=1)
    study = optuna.create_study(sampler=SAMPLERS[name](seed=seed), pruner=pruner)
    for params in [DEFAULT, *first]:
        study.enqueue_trial(params)
    data, ends = read_weeks(), []

    def objective(trial):
        return score(trial, seed, *data)

    start = time.process_time()
    with threadpool_limits(1):
        for _ in range(min(most, TRIALS[name])):
            study.optimize(objective, n_trials=1)
            ends.append(time.process_time() - start)
    rows = []
    for trial, seconds in zip(study.trials, np.diff(ends, prepend=0), strict=True):
        row = {"search": name, "seed": seed, "number": trial.number}
        errors = trial.user_attrs["errors"]
        row |= {f"error_{k}": e for k, e in enumerate(errors, 1)}
        rows.append(row | {"seconds": seconds} | trial.params)
    return rows


def main(seeds: int, most: int) -> None:
    """Corre las búsquedas que falten; las retomadas, cuando están las de TPE."""
    rows, tpe = parts.read(PATH), {}
    done = {(row["search"], row["seed"]) for row in rows}
    for names in (["TPE", "sin grupos", "azar"], ["retomada"]):
        pairs = [(name, seed) for seed, name in product(range(seeds), names)]
        missing = [pair for pair in pairs if pair not in done]
        tasks = [(name, seed, most, tpe.get(seed)) for name, seed in missing]
        for made in parts.measure(search, tasks, " y ".join(names)):
            if made[0]["search"] == "TPE":
                tpe[made[0]["seed"]] = made
            rows += made
            save(rows)


def save(rows: list[dict]) -> None:
    """Guarda la tabla con las columnas siempre en el mismo orden."""
    errors = [f"error_{k}" for k in range(1, 6)]
    space = [*DEFAULT, "alpha", "degree", "n_neighbors", "weights", "metric"]
    wanted = [*KEYS, *errors, "seconds", *space]
    table = pd.DataFrame(rows).reindex(columns=wanted)
    parts.save(PATH, table.to_dict("records"), KEYS, 3)


if __name__ == "__main__":
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--seeds", type=int, default=20)
    reader.add_argument(
        "--trials", type=int, default=120, help="como mucho, por búsqueda"
    )
    args = reader.parse_args()
    main(args.seeds, args.trials)
