"""Ejercicios del cuaderno 2: la rejilla."""

import numpy as np
import pandas as pd
from sklearn.model_selection import GridSearchCV
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, digits, has, training_half, tried
from hpo_lab.check.kinds import Fitted, Whole


@exercise
def exercise_2_1(n_full: Whole, n_list: Whole):
    """Ajustes de la rejilla completa, y de la lista en la que solo RBF usa `gamma`."""
    # Kernels por C por gamma por epsilon; en la lista, solo RBF va con gamma.
    box, listed, linear_only = 3 * 6 * 6 * 4, 6 * 6 * 4 + 2 * 6 * 4, 2 * 6 * 6 * 4 + 24
    for name, given, count in [("n_full", n_full, box), ("n_list", n_list, listed)]:
        if given == count:
            raise Hint(f"`{name}` son combinaciones; cada una se ajusta en cada fold.")
        if given == 10 * count:
            raise Hint(f"a `{name}` le falta el ajuste que se hace después de elegir.")
        if name == "n_list" and given == 10 * linear_only + 1:
            raise Hint("""en `n_list` el polinomio sigue recibiendo `gamma`, y la
                sección 3 muestra que tampoco la necesita.""")
        if given != 10 * count + 1:
            raise Hint(f"""`{name}` no coincide. Escribe primero las combinaciones de
                cada diccionario, súmalas, y después multiplica por los folds.""")


def _logs(name: str, search: GridSearchCV) -> list[np.ndarray]:
    """Los valores de C y los de gamma, en logaritmos y de menor a mayor."""
    table = tried(search)
    if not {"C", "gamma"} <= set(table):
        raise Hint(f"`{name}` debe buscar C y gamma.")
    with trying(f"los valores de `{name}`"):
        return [np.log(np.unique(table[k].astype(float))) for k in ("C", "gamma")]


def _measured(name: str, search: GridSearchCV) -> float:
    """La nota de lo que eligió una búsqueda, si es la que dice que obtuvo."""
    with trying(f"`{name}`"):
        claimed = search.best_score_
    score = cv_score(chosen(search), *training_half(), max_iter=500_000)
    if not abs(claimed - score) < 0.005:
        raise Hint(f"""`{name}` dice que llegó a {claimed:.3f}, y su mejor combinación
            obtiene R² = {score:.3f} con `X_train`, `y_train` y `cv`. ¿Usó otros datos,
            otros folds u otra nota?""")
    return score


@exercise
def exercise_2_2(
    coarse_search: Fitted(GridSearchCV), fine_search: Fitted(GridSearchCV)
):
    """Dos rejillas ajustadas, gruesa y fina, con 60 ajustes entre las dos."""
    coarse, fine = (
        _logs("coarse_search", coarse_search),
        _logs("fine_search", fine_search),
    )
    if min(map(len, coarse)) < 2:
        raise Hint("la gruesa debe recorrer al menos dos valores de C y dos de gamma.")
    if not coarse_search.n_splits_ == fine_search.n_splits_ == 5:
        raise Hint("usa los cinco folds de `cv`.")
    fits = sum(5 * len(tried(s)) + bool(s.refit) for s in (coarse_search, fine_search))
    if fits > 60:
        raise Hint(f"""entre las dos hacen {fits} ajustes, con el final de cada una si
            `refit` no es False; el presupuesto es 60.""")
    pairs = list(zip(coarse, fine, strict=True))
    if not any(np.diff(f).min(initial=np.inf) < np.diff(c).min() for c, f in pairs):
        raise Hint("`fine_search` no es más fina: acerca sus valores de C o de gamma.")
    _measured("coarse_search", coarse_search)
    best = tried(coarse_search).iloc[coarse_search.best_index_]
    for knob, (c, f) in zip(("C", "gamma"), pairs, strict=True):
        reach = np.diff(c).max() + 1e-9  # un paso de la gruesa, como mucho
        if not f.min() - reach <= np.log(float(best[knob])) <= f.max() + reach:
            raise Hint(f"""la gruesa eligió {knob} = {best[knob]:.3g} y la fina busca
                lejos de ahí: sus límites deben salir de la primera.""")
    score = _measured("fine_search", fine_search)
    known = SVR(C=100, gamma=10**0.5)
    if not score > cv_score(known, *training_half(), max_iter=500_000) - 0.01:
        raise Hint(f"""la fina llega a R² = {score:.3f} y queda a más de 0.01 de lo
            pedido. ¿Quedó el óptimo de la gruesa en un borde? ¿Entre qué valores falta
            mirar?""")
    return f"R² = {score:.3f} con {fits} ajustes."


def _on_scaled_digits(search: GridSearchCV, model, raw: float) -> float:
    """La nota con los píxeles de 0 a 1, si fue con ellos con los que se buscó."""
    X, y = digits()
    with trying("tu búsqueda"):
        claimed = search.best_score_
    # Dividir entre 16 no aprende nada de los datos; este escalador, sí.
    unit, learned = X / 16, StandardScaler().fit_transform(X)
    unit, learned = cv_score(model, unit, y), cv_score(model, learned, y)
    if learned > 0.95 and abs(learned - claimed) < min(abs(unit - claimed), 0.03):
        raise Hint("""parece que escalaste antes de la búsqueda, con todas las imágenes:
            pon el escalador dentro de un `Pipeline`.""")
    if unit > 0.95 and abs(unit - claimed) < 0.03:
        return unit
    raise Hint(f"""la mejor combinación acierta {raw:.3f}, y SVC con sus valores por
        defecto pasa de 0.95. Un píxel va de 0 a 16: ¿qué gamma corresponde?""")


@exercise
def exercise_2_3(digits_search: Fitted(GridSearchCV)):
    """Una rejilla de SVC sobre 500 dígitos, con el mejor `gamma` en su interior."""
    table, model = tried(digits_search), chosen(digits_search)
    if not has(model, SVC):
        raise Hint("se pide clasificar con SVC.")
    if "gamma" not in table:
        raise Hint("la rejilla debe recorrer gamma.")
    X, y = digits()
    score = cv_score(model, X, y)
    if not score > 0.95:
        score = _on_scaled_digits(digits_search, model, score)
    gammas = pd.to_numeric(table["gamma"], errors="coerce")  # "scale" no es un número
    if not gammas.min() < gammas[digits_search.best_index_] < gammas.max():
        raise Hint("el mejor gamma quedó en el borde: no sabes qué hay más allá.")
    return f"Exactitud = {score:.3f}."
