"""Escribe la tabla de lo que gana afinar: ``python data/build_tunability.py``.

Cuatro familias de modelos y tres tablas que scikit-learn trae. En cada reparto se
apartan datos de prueba, se ajusta la familia con sus valores por defecto y con los que
halla una búsqueda al azar de 30 configuraciones, y se califican las dos. Usa todos los
núcleos y muestra su avance. Se puede interrumpir: la vez siguiente calcula solo lo que
falte.
"""

import sys
from pathlib import Path

import parts
from scipy.stats import loguniform, randint, uniform
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.model_selection import KFold, RandomizedSearchCV, train_test_split
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "notebooks"))
from hpo_lab.problem import DATA  # noqa: E402

PATH = DATA / "tunability.csv"
SPLITS, TRIALS, TEST_SIZE = 20, 30, 0.25
KEYS = ["table", "family", "split"]
TABLES = {
    "diabetes": load_diabetes,
    "cáncer": load_breast_cancer,
    "dígitos": load_digits,
}
# Por familia: regresor, clasificador y espacio.
FAMILIES = {
    "SVM": (SVR, SVC, {"C": loguniform(1e-2, 1e3), "gamma": loguniform(1e-4, 10)}),
    "k vecinos": (
        KNeighborsRegressor,
        KNeighborsClassifier,
        {
            "n_neighbors": randint(1, 61),
            "weights": ["uniform", "distance"],
            "p": [1, 2],
        },
    ),
    "árbol": (
        DecisionTreeRegressor,
        DecisionTreeClassifier,
        {"max_depth": randint(1, 21), "min_samples_leaf": randint(1, 51)},
    ),
    "bosque": (
        RandomForestRegressor,
        RandomForestClassifier,
        {"max_features": uniform(0.1, 0.9), "min_samples_leaf": randint(1, 21)},
    ),
}


def model_of(table: str, family: str):
    """El modelo por defecto, con las columnas en la misma escala, y su espacio."""
    regressor, classifier, space = FAMILIES[family]
    model = regressor() if table == "diabetes" else classifier()
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    step = type(model).__name__.lower()
    space = {f"{step}__{name}": values for name, values in space.items()}
    return make_pipeline(StandardScaler(), model), space


def compare(table: str, family: str, split: int) -> dict:
    """Una fila: la nota en prueba (R² o exactitud) por defecto y afinada."""
    X, y = TABLES[table](return_X_y=True)
    halves = train_test_split(X, y, test_size=TEST_SIZE, random_state=split)
    X_train, X_test, y_train, y_test = halves
    model, space = model_of(table, family)
    cv = KFold(5, shuffle=True, random_state=split)
    search = RandomizedSearchCV(model, space, n_iter=TRIALS, cv=cv, random_state=split)
    search.fit(X_train, y_train)
    default = model.fit(X_train, y_train).score(X_test, y_test)
    tuned = search.score(X_test, y_test)
    row = {"table": table, "family": family, "split": split}
    return row | {"default": default, "tuned": tuned, "promised": search.best_score_}


if __name__ == "__main__":
    rows = parts.read(PATH)
    done = {tuple(row[key] for key in KEYS) for row in rows}
    tasks = [(t, f, s) for t in TABLES for f in FAMILIES for s in range(SPLITS)]
    missing = [task for task in tasks if task not in done]
    for row in parts.measure(compare, missing, "comparaciones"):
        rows.append(row)
        parts.save(PATH, rows, KEYS, decimals=4)
