"""Ejercicios del cuaderno 1: la curva de validación."""

import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.svm import SVR

from hpo_lab.check.core import Hint, exercise
from hpo_lab.check.evidence import cv_score, training_half
from hpo_lab.check.kinds import ModelOfSVR, Numbers, OneOf, Positive


@exercise
def exercise_1_1(
    prediction: OneOf("izquierda", "igual", "derecha"), best_gamma: Positive
):
    """Adónde se cree que irá la cima con C = 0.1, y el `gamma` en que está."""
    X, y = training_half(200)
    gammas = [*np.logspace(-2, 4, 13), best_gamma]
    models = [SVR(C=0.1, epsilon=0.01, gamma=gamma) for gamma in gammas]
    *curve, score = [cv_score(model, X, y) for model in models]
    if not score > max(curve) - 0.01:
        raise Hint(f"""con C = 0.1 y ese `gamma`, R² = {score:.2f} en validación, y la
            cima está más arriba. ¿Cambiaste C? ¿Buscaste el máximo de la curva?""")
    if prediction == "derecha":
        return "Y tu predicción se cumplió."
    return "Tu predicción no se cumplió: eso es lo que más vale la pena entender."


@exercise
def exercise_1_2(epsilons: Numbers(13), epsilon_scores: Numbers(13)):
    """Curva de validación de `epsilon`: 13 valores y su R² de validación cruzada."""
    if not np.allclose((min(epsilons), max(epsilons)), (0.001, 1)):
        raise Hint("los valores de `epsilons` van desde 0.001 hasta 1.")
    ratios = np.diff(np.log(np.sort(epsilons)))
    if not np.allclose(ratios, ratios.mean(), rtol=0.05):
        raise Hint("en escala logarítmica, los valores crecen por un mismo factor.")
    X, y = training_half(200)
    models = [SVR(C=10, gamma=10, epsilon=epsilon) for epsilon in epsilons]
    seen = [model.fit(X, y).score(X, y) for model in models]
    if np.allclose(epsilon_scores, seen, atol=1e-3):
        raise Hint("son las notas en los datos del ajuste; usa validación cruzada.")
    errors = np.abs(epsilon_scores - [cv_score(model, X, y) for model in models])
    if not errors.max() < 0.03:
        raise Hint(f"""con epsilon = {epsilons[errors.argmax()]:.3g} no sale esa nota.
            ¿Usas 200 puntos, C = 10, gamma = 10 y el promedio de los cinco folds?""")


@exercise
def exercise_1_3(diabetes_model: ModelOfSVR):
    """Una SVR, sola o dentro de un *pipeline*, que sirva para load_diabetes."""
    score = cv_score(diabetes_model, *load_diabetes(return_X_y=True))
    if not score > 0.45:
        raise Hint(f"""con ese modelo, R² = {score:.3f} en validación. Prueba varios
            órdenes de magnitud de C: los errores se miden en las unidades de y.""")
    return f"R² = {score:.3f}."
