"""La segunda respuesta de ``data/``: completa, ligera y medida de verdad."""

from itertools import product

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.model_selection import cross_val_score, train_test_split
from threadpoolctl import threadpool_limits

import hpo_lab as lab
from hpo_lab import problem

PATH = lab.DATA / "second_response.csv"
TABLE = pd.read_csv(PATH)
AXES = {
    "loss": ["absolute_error", "poisson", "squared_error"],
    "learning_rate": [0.0125, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8],
    "max_leaf_nodes": [2, 4, 8, 16, 31],
    "min_samples_leaf": [5, 10, 20, 40, 80],
    "max_iter": [25, 50, 100, 200, 400],
}


def row_of(**params):
    cells = TABLE.set_index(list(AXES)).index
    return cells.get_loc(tuple(params[name] for name in AXES))


def defaults():
    return {
        name: value
        for name, value in HistGradientBoostingRegressor().get_params().items()
        if name in AXES
    }


def test_it_has_every_cell_in_order_and_is_light():
    assert list(TABLE.columns) == [*AXES, "mean_r2", "se_r2", "fit_seconds"]
    assert not TABLE.isna().any(axis=None)
    cells = list(TABLE[list(AXES)].itertuples(index=False, name=None))
    assert cells == list(product(*AXES.values()))
    assert (TABLE[["se_r2", "fit_seconds"]] > 0).all(axis=None)
    assert TABLE["mean_r2"].max() < 0.6
    assert PATH.stat().st_size <= 300_000


def test_the_default_configuration_is_a_cell():
    assert row_of(**defaults()) in TABLE.index


def test_it_is_real_cross_validation():
    X, y = load_diabetes(return_X_y=True, scaled=False)
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
    rows = {*TABLE.sample(11, random_state=0).index, TABLE["mean_r2"].idxmax()}
    rows.add(row_of(**defaults()))
    for row in sorted(rows):
        params = {name: TABLE.loc[row, name] for name in AXES}
        model = HistGradientBoostingRegressor(
            early_stopping=False, random_state=0, **params
        )
        with threadpool_limits(1):  # con más hilos, en una máquina ocupada es más lento
            scores = cross_val_score(model, X, y, cv=problem.CV)
        assert scores.mean() == pytest.approx(TABLE.loc[row, "mean_r2"], abs=1e-5)
        error = scores.std(ddof=1) / np.sqrt(len(scores))
        assert error == pytest.approx(TABLE.loc[row, "se_r2"], abs=1e-5)
