"""Ejercicios del cuaderno 3: los sorteos."""

from sklearn.datasets import load_diabetes
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

from hpo_lab.check.core import Hint, exercise, trying
from hpo_lab.check.evidence import chosen, cv_score, tried
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
    if not draws["gamma"].nunique() > 60:
        raise Hint("el azar repite gamma: dale una distribución, no una lista.")
    for table in (grid, draws):
        with trying("tus valores"):
            table = table.astype(float)
        below = (table[["C", "gamma"]] < (0.01 * 1000) ** 0.5).mean()
        if not below.between(0.25, 0.75, inclusive="neither").all():
            raise Hint("""C y gamma deben repartirse parejo entre órdenes de magnitud,
                de 0.01 a 1000, en la rejilla y en los sorteos.""")
        if not table["cache_size"].between(100, 400).all():
            raise Hint("""cache_size va de 100 a 400; en SciPy, uniform(a, b) llega
                hasta a + b.""")
    return f"Valores de gamma: {grid['gamma'].nunique()} y {draws['gamma'].nunique()}."


@exercise
def exercise_3_3(diabetes_search: Fitted(RandomizedSearchCV)):
    """Una búsqueda al azar de C y `epsilon` sobre load_diabetes, con 30 sorteos."""
    table = tried(diabetes_search)
    if not {"C", "epsilon"} <= set(table):
        raise Hint("la búsqueda debe sortear C y epsilon.")
    if len(table) > 30:
        raise Hint(f"hiciste {len(table)} sorteos y el presupuesto es 30.")
    with trying("tus valores de epsilon"):
        epsilon = table["epsilon"].astype(float)
    low, high = epsilon.min(), epsilon.max()
    if not (low >= 0.1 and 20 < high <= 100):
        raise Hint(f"""tus epsilon van de {low:.3g} a {high:.3g}; se pide de 0.1 a 100,
            en las unidades de y.""")
    below = (epsilon < (0.1 * 100) ** 0.5).mean()
    if not 0.2 < below < 0.8:
        raise Hint(f"""{100 * below:.0f} % de tus epsilon son menores que 3.16, la mitad
            del rango en escala logarítmica: revisa la distribución.""")
    score = cv_score(chosen(diabetes_search), *load_diabetes(return_X_y=True))
    if not score > 0.46:
        raise Hint(f"""el mejor sorteo da R² = {score:.3f} y se pide 0.46. ¿Entre qué
            valores sorteas C? En el cuaderno 1 hiciste su curva con estos datos.""")
    return f"R² = {score:.3f}."
