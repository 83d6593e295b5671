"""Ejercicios del cuaderno 2: la rejilla."""

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV
from sklearn.svm import SVC

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, digits, has, tried
from hpo_lab.check.kinds import Fitted, Whole
from hpo_lab.problem import training_half


@exercise
def exercise_2_1(n_full: Whole, n_list: Whole):
    """Ajustes de la rejilla completa, y de la que no repite `gamma` con el lineal."""
    # Kernels por C por gamma por epsilon; en la lista, el lineal va sin gamma.
    box, listed = 3 * 6 * 6 * 4, 2 * 6 * 6 * 4 + 6 * 4
    for name, given, count in [("n_full", n_full, box), ("n_list", n_list, listed)]:
        if given == count:
            raise Hint(f"`{name}` son combinaciones; cada una se ajusta en cada fold.")
        if given == 10 * count:
            raise Hint(f"a `{name}` le falta el ajuste que se hace después de elegir.")
        if given != 10 * count + 1:
            raise Hint(f"""`{name}` no coincide. Escribe primero las combinaciones de
                cada diccionario, súmalas, y después multiplica por los folds.""")


def _steps(name: str, search: GridSearchCV) -> np.ndarray:
    """Menor distancia entre dos valores vecinos, en logaritmos, de C y de gamma."""
    table = tried(search)
    if not {"C", "gamma"} <= set(table):
        raise Hint(f"`{name}` debe buscar C y gamma.")
    with trying(f"los valores de `{name}`"):
        logs = [np.log(table[knob].unique().astype(float)) for knob in ("C", "gamma")]
    return np.array([np.diff(np.sort(log)).min(initial=np.inf) for log in logs])


@exercise
def exercise_2_2(
    coarse_search: Fitted(GridSearchCV), fine_search: Fitted(GridSearchCV)
):
    """Dos rejillas ajustadas, gruesa y fina, con 60 ajustes entre las dos."""
    steps, finer = (
        _steps("coarse_search", coarse_search),
        _steps("fine_search", fine_search),
    )
    if not np.isfinite(steps).all():
        raise Hint("la gruesa debe recorrer al menos dos valores de C y dos de gamma.")
    if not coarse_search.n_splits_ == fine_search.n_splits_ == 5:
        raise Hint("usa los cinco folds de `cv`.")
    fits = sum(5 * len(tried(s)) + bool(s.refit) for s in (coarse_search, fine_search))
    if fits > 60:
        raise Hint(f"""entre las dos hacen {fits} ajustes, con el final de cada una si
            `refit` no es False; el presupuesto es 60.""")
    if not any(finer < steps):
        raise Hint("`fine_search` no es más fina: acerca sus valores de C o de gamma.")
    with trying("`fine_search`"):
        score = fine_search.best_score_
    if score > 0.934:  # ¿con los datos y los folds del curso?
        score = cv_score(chosen(fine_search), *training_half(), max_iter=200_000)
    if not score > 0.934:
        raise Hint(f"""la fina llega a R² = {score:.3f} y hay que pasar de 0.934. ¿Quedó
            el óptimo de la gruesa en un borde? ¿Entre qué valores falta mirar?""")
    return f"R² = {score:.3f} con {fits} ajustes."


@exercise
def exercise_2_3(digits_search: Fitted(GridSearchCV)):
    """Una rejilla de SVC sobre 500 dígitos, con el mejor `gamma` en su interior."""
    table, model = tried(digits_search), chosen(digits_search)
    if not has(model, SVC):
        raise Hint("se pide clasificar con SVC.")
    if "gamma" not in table:
        raise Hint("la rejilla debe recorrer gamma.")
    score = cv_score(model, *digits())
    if not score > 0.97:
        raise Hint(f"""la mejor combinación acierta {score:.3f}, y SVC con sus valores
            por defecto pasa de 0.97. Un píxel va de 0 a 16: ¿qué gamma corresponde?""")
    gammas = pd.to_numeric(table["gamma"], errors="coerce")  # "scale" no es un número
    if not gammas.min() < gammas[digits_search.best_index_] < gammas.max():
        raise Hint("el mejor gamma quedó en el borde: no sabes qué hay más allá.")
    return f"Exactitud = {score:.3f}."
