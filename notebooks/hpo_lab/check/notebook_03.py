"""Ejercicios del cuaderno 3: los sorteos."""

import numpy as np
import pandas as pd
from scipy.stats import kstest, loguniform
from sklearn.datasets import load_diabetes
from sklearn.model_selection import (
    GridSearchCV,
    ParameterSampler,
    RandomizedSearchCV,
    cross_val_score,
)

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, folds, training_half, tried
from hpo_lab.check.kinds import Fitted, Whole


@exercise
def exercise_3_1(n_two: Whole, n_six: Whole):
    """Sorteos para el mejor 1 % con 99 %, con dos y con seis hiperparámetros."""
    fail = 0.99 ** max(n_two, 0)
    if not 1 - fail >= 0.99:
        raise Hint(f"""con {n_two:.0f} sorteos, la probabilidad de fallar todos es
            {fail:.5f}, y debe ser 0.01 o menos.""")
    if not 1 - 0.99 ** (n_two - 1) < 0.99:
        raise Hint("alcanzan, pero se pide el menor número que alcanza.")
    if n_six != n_two:
        raise Hint("mira otra vez qué aparece en la fórmula y qué no.")


@exercise
def exercise_3_2(grid_64: Fitted(GridSearchCV), random_64: Fitted(RandomizedSearchCV)):
    """Rejilla y azar, 64 combinaciones de C, gamma y uno que no tiene efecto."""
    grid, draws = tried(grid_64), tried(random_64)
    for name, table in {"grid_64": grid, "random_64": draws}.items():
        if set(table) != {"C", "gamma", "cache_size"}:
            raise Hint(f"`{name}` debe buscar C, gamma y cache_size, y nada más.")
        if len(table) != 64:
            raise Hint(f"`{name}` evaluó {len(table)} combinaciones; se piden 64.")
    if not all(grid.nunique() == 4):
        raise Hint("en la rejilla, cada hiperparámetro lleva cuatro valores.")
    source = _drawn(random_64)
    if not source["gamma"].nunique() > 100:
        raise Hint("el azar repite gamma: dale una distribución, no una lista.")
    with trying("tus valores"):
        grid, draws, source = (t.astype(float) for t in (grid, draws, source))
    for name in ("C", "gamma"):
        _covers(grid[name], name)
        _even(source[name], name, 0.01, 1000)
    for table in (grid, source):
        if not table["cache_size"].between(100, 400).all():
            raise Hint("""cache_size va de 100 a 400; en SciPy, uniform(a, b) llega
                hasta a + b.""")
    where = "en los primeros 300 puntos de entrenamiento, con los folds de `cv`"
    for name, search in {"grid_64": grid_64, "random_64": random_64}.items():
        _agrees(search, name, *training_half(300), where)
    return f"Valores de gamma: {grid['gamma'].nunique()} y {draws['gamma'].nunique()}."


@exercise
def exercise_3_3(diabetes_search: Fitted(RandomizedSearchCV)):
    """Una búsqueda al azar de C y `epsilon` sobre load_diabetes, con 30 sorteos."""
    table = tried(diabetes_search)
    if not {"C", "epsilon"} <= set(table):
        raise Hint("la búsqueda debe sortear C y epsilon.")
    if len(table) != 30:
        raise Hint(f"hiciste {len(table)} sorteos y se piden 30.")
    with trying("tus valores de epsilon"):
        epsilon = _drawn(diabetes_search)["epsilon"].astype(float)
    _even(epsilon, "epsilon", 0.1, 100)
    X, y = load_diabetes(return_X_y=True)
    where = "en todo `load_diabetes`, con los folds de `cv`"
    _agrees(diabetes_search, "diabetes_search", X, y, where)
    score = cv_score(chosen(diabetes_search), X, y)
    if not score > 0.4:
        raise Hint(f"""el mejor sorteo da R² = {score:.3f} y se pide 0.4. ¿Entre qué
            valores sorteas C? En el cuaderno 1 hiciste su curva con estos datos.""")
    return f"R² = {score:.3f}."


def _drawn(search: RandomizedSearchCV) -> pd.DataFrame:
    """Mil sorteos de lo que recibió una búsqueda.

    Se juzgan las distribuciones y no los sorteos que tocaron, que son de la suerte.
    """
    with trying("tus distribuciones"):
        sampler = ParameterSampler(search.param_distributions, 1000, random_state=0)
        table = pd.DataFrame(list(sampler))
    return table.rename(columns=lambda column: column.split("__")[-1])


def _covers(values: pd.Series, name: str) -> None:
    """Pide cuatro valores de punta a punta, sin saltarse tres órdenes de magnitud."""
    logs = np.log10(values.where(values > 0, 1e-9).unique())
    widest = np.diff(np.sort(logs)).max()
    if not (-2.01 < logs.min() <= -1 and 2 <= logs.max() < 3.01 and widest < 2.6):
        raise Hint(f"""en la rejilla, los valores de {name} deben repartirse parejo
            entre órdenes de magnitud, de 0.01 a 1000.""")


def _even(values: pd.Series, name: str, low: float, high: float) -> None:
    """Pide sorteos dentro del rango y parejos entre órdenes de magnitud."""
    if not values.between(0.999 * low, 1.001 * high).all():
        raise Hint(f"""tus {name} van de {values.min():.3g} a {values.max():.3g}; se
            pide de {low:g} a {high:g}.""")
    even = loguniform(low, high)
    if not kstest(values, even.cdf).statistic < 0.12:
        found, asked = values.quantile([0.1, 0.9]).tolist(), even.ppf([0.1, 0.9])
        raise Hint(f"""ocho de cada diez sorteos de {name} caen entre {found[0]:.3g} y
            {found[1]:.3g}; repartidos parejo entre órdenes de magnitud, de {low:g} a
            {high:g}, caerían entre {asked[0]:.3g} y {asked[1]:.3g}.""")


def _agrees(search, name: str, X, y, where: str) -> None:
    """Pide que la mejor nota que dice una búsqueda sea la que dan los datos pedidos."""
    with trying("lo que eligió tu búsqueda"):
        scorer = search.scorer_
        if search.multimetric_:
            scorer = scorer[search.refit]
        model = chosen(search)
        score = cross_val_score(model, X, y, cv=folds(), scoring=scorer).mean()
        said = search.best_score_
    if not abs(score - said) < 1e-6:
        raise Hint(f"""`{name}` dice que su mejor nota es {said:.4f}; {where}, da
            {score:.4f}.""")
