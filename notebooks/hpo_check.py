"""Comprobaciones de los ejercicios; se usa como ``import hpo_check as check``.

Cada función recibe las respuestas de un ejercicio e imprime una línea: pendiente, bien,
o todavía no, con una pista. Ninguna compara con una solución guardada: miran lo que la
respuesta tiene que cumplir, así que vale cualquier camino correcto.
"""

import math
import numbers
import warnings
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from functools import wraps
from inspect import isfunction, signature
from io import StringIO

import hpo_lab as lab
import numpy as np
import optuna
import pandas as pd
from scipy.optimize import brentq
from scipy.stats import ks_2samp
from sklearn.base import clone
from sklearn.datasets import load_diabetes, load_digits
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    ParameterGrid,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.svm import SVC, SVR

CV = KFold(n_splits=5, shuffle=True, random_state=0)


class _NotYet(Exception):
    """La respuesta no cumple algo; el mensaje es la pista."""


def _need(condition: bool, hint: str) -> None:
    if not condition:
        raise _NotYet(hint)


# Lo que comparten todas las comprobaciones


def _starter(study, trial):
    # Como la función que trae escrita el cuaderno, sin llenar.
    ...


def _untouched(answer) -> bool:
    if isfunction(answer):
        code, empty = answer.__code__, _starter.__code__
        return (code.co_code, code.co_consts) == (empty.co_code, empty.co_consts)
    return answer is None


@contextmanager
def _silence():
    """Calla lo que escriban la respuesta, los avisos y Optuna."""
    level = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                yield
    finally:
        optuna.logging.set_verbosity(level)


def _verdict(check, answers: tuple) -> str:
    names = list(signature(check).parameters)
    answers += (None,) * (len(names) - len(answers))
    try:
        with _silence():
            pairs = zip(names, answers, strict=True)
            missing = [f"`{name}`" for name, answer in pairs if _untouched(answer)]
            if missing:
                verb = "faltan" if len(missing) > 1 else "falta"
                return f"Pendiente: {verb} {', '.join(missing)}."
            return f"Bien. {check(*answers) or ''}".rstrip()
    except _NotYet as hint:
        return f"Todavía no: {hint}"
    except (Exception, SystemExit) as error:  # ninguna respuesta detiene el cuaderno
        if any(map(isfunction, answers)):
            said = " ".join(f"{type(error).__name__}: {error}".split())
            return f"Todavía no: al probar tu función se produjo {said}"
        kinds = ", ".join(type(answer).__name__ for answer in answers)
        return (
            "Todavía no: revisa que cada respuesta sea de la clase que pide el "
            f"enunciado; llegó {kinds}, y al usarla se produjo {type(error).__name__}."
        )


def _exercise(check):
    """Convierte una función que lanza `_NotYet` en una que imprime una sola línea."""
    number = check.__name__.removeprefix("exercise_").replace("_", ".")

    @wraps(check)
    def ask(*answers):
        print(f"Ejercicio {number} · {_verdict(check, answers)}")

    return ask


def _number(value, name: str) -> float:
    value = value.item() if isinstance(value, (np.generic, np.ndarray)) else value
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    _need(
        is_number and math.isfinite(value),
        f"`{name}` debe ser un número finito; llegó {type(value).__name__}.",
    )
    return float(value)


def _numbers(values, size: int, name: str) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    _need(
        array.shape == (size,) and np.isfinite(array).all(),
        f"`{name}` debe tener {size} números finitos.",
    )
    return array


def _one_of(text, options: tuple, name: str) -> str:
    lowered = [option.lower() for option in options]
    _need(
        isinstance(text, str) and text.strip().lower() in lowered,
        f"`{name}` debe ser uno de estos textos: {', '.join(options)}.",
    )
    return text.strip().lower()


def _train_data(n_samples: int) -> tuple[np.ndarray, np.ndarray]:
    X, y = lab.make_dataset()
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
    return X[:n_samples], y[:n_samples]


def _digits() -> tuple[np.ndarray, np.ndarray]:
    X, y = load_digits(return_X_y=True)
    return X[:500], y[:500]


def _cv_score(model, X: np.ndarray, y: np.ndarray, max_iter: int = 30_000) -> float:
    model = clone(model)
    for part in (model, *model.get_params().values()):
        if isinstance(part, (SVC, SVR)):  # un ajuste desbocado no debe detener la clase
            part.set_params(max_iter=max_iter, verbose=False)
    return cross_val_score(model, X, y, cv=CV, error_score="raise").mean()


def _tried(search, kind: type, name: str) -> pd.DataFrame:
    """Combinaciones que evaluó una búsqueda, una por fila, sin el prefijo del paso."""
    _need(
        isinstance(search, kind) and hasattr(search, "cv_results_"),
        f"`{name}` debe ser un {kind.__name__} después de llamar a fit.",
    )
    tried = pd.DataFrame(search.cv_results_["params"])
    return tried.rename(columns=lambda column: column.split("__")[-1])


def _fits(search) -> int:
    n_candidates = len(search.cv_results_["params"])
    return search.n_splits_ * n_candidates + bool(search.refit)


def _best(search):
    """Modelo de una búsqueda, sin ajustar, con los hiperparámetros que ella eligió."""
    return clone(search.estimator).set_params(**search.best_params_)


def _completed(study, n_trials: int) -> list:
    _need(
        isinstance(study, optuna.Study),
        f"`study` debe ser un Study de Optuna; llegó {type(study).__name__}.",
    )
    _need(study.direction.name == "MAXIMIZE", "¿El study maximiza o minimiza la nota?")
    trials = [trial for trial in study.trials if trial.state.name == "COMPLETE"]
    _need(
        len(trials) >= n_trials,
        f"el study tiene {len(trials)} trials completos y se piden {n_trials}.",
    )
    return trials


# Cuaderno 1


@_exercise
def exercise_1_1(prediction, best_gamma):
    """Adónde se cree que irá la cima con C = 0.1, y el `gamma` en que está."""
    options = ("izquierda", "igual", "derecha")
    prediction = _one_of(prediction, options, "prediction")
    gamma = _number(best_gamma, "best_gamma")
    _need(gamma > 0, "`gamma` siempre es positivo.")
    X, y = _train_data(200)
    *curve, score = [
        _cv_score(SVR(C=0.1, epsilon=0.01, gamma=value), X, y)
        for value in (*np.logspace(-2, 4, 13), gamma)
    ]
    _need(
        score > max(curve) - 0.01,
        f"con C = 0.1 y ese `gamma` la validación da R² = {score:.2f}, y la cima está "
        "más arriba. ¿Cambiaste C? ¿Buscaste el máximo en la curva de validación?",
    )
    if prediction == "derecha":
        return "Y tu predicción se cumplió."
    return "Tu predicción no se cumplió: eso es lo que más vale la pena entender."


@_exercise
def exercise_1_2(epsilons, scores):
    """Curva de validación de `epsilon`: 13 valores y su R² de validación cruzada."""
    epsilons = _numbers(epsilons, 13, "epsilons")
    scores = _numbers(scores, 13, "scores")
    ends = min(epsilons), max(epsilons)
    _need(np.allclose(ends, (0.001, 1)), "los valores van desde 0.001 hasta 1.")
    ratios = np.diff(np.log(np.sort(epsilons)))
    _need(
        np.allclose(ratios, ratios.mean(), rtol=0.05),
        "en escala logarítmica, cada valor es el anterior por un mismo factor.",
    )
    X, y = _train_data(200)
    models = [SVR(C=10, gamma=10, epsilon=epsilon) for epsilon in epsilons]
    seen = [model.fit(X, y).score(X, y) for model in models]
    _need(
        not np.allclose(scores, seen, atol=1e-3),
        "esas son las notas en los mismos datos del ajuste; usa validación cruzada.",
    )
    expected = np.array([_cv_score(model, X, y) for model in models])
    wrong = np.abs(scores - expected).argmax()
    _need(
        abs(scores - expected)[wrong] < 0.03,
        f"la nota de epsilon = {epsilons[wrong]:.3g} no es la esperada. Revisa que "
        "uses 200 puntos, C = 10, gamma = 10, y el promedio de los cinco folds.",
    )


@_exercise
def exercise_1_3(model):
    """Una SVR, sola o dentro de un *pipeline*, que sirva para load_diabetes."""
    model = getattr(model, "best_estimator_", model)
    parts = (model, *model.get_params().values())
    _need(
        any(isinstance(part, SVR) for part in parts)
        and not isinstance(model, (GridSearchCV, RandomizedSearchCV)),
        "`model` debe ser una SVR con los hiperparámetros que elegiste, sola o dentro "
        "de un pipeline.",
    )
    score = _cv_score(model, *load_diabetes(return_X_y=True))
    _need(
        score > 0.45,
        f"con ese modelo, R² = {score:.3f} en validación cruzada. Recorre varios "
        "órdenes de magnitud de C: los errores se miden en las unidades de y.",
    )
    return f"R² = {score:.3f}."


# Cuaderno 2


@_exercise
def exercise_2_1(n_box, n_list):
    """Ajustes de la rejilla completa, y de la que no repite `gamma` con el lineal."""
    common = {"C": range(6), "epsilon": range(4)}
    curved = {"kernel": ["poly", "rbf"], "gamma": range(6)} | common
    box = curved | {"kernel": ["linear", "poly", "rbf"]}
    grids = {"n_box": box, "n_list": [curved, {"kernel": ["linear"]} | common]}
    answers = {"n_box": n_box, "n_list": n_list}
    for name, grid in grids.items():
        given, combinations = _number(answers[name], name), len(ParameterGrid(grid))
        _need(
            given != combinations,
            f"`{name}` cuenta combinaciones; cada una se ajusta una vez por fold.",
        )
        _need(
            given != 10 * combinations,
            f"a `{name}` le falta un ajuste, el que se hace después de elegir.",
        )
        _need(
            given == 10 * combinations + 1,
            f"`{name}` no coincide. Escribe primero las combinaciones de cada "
            "diccionario, súmalas, y después multiplica por los folds.",
        )


@_exercise
def exercise_2_2(coarse, fine):
    """Dos rejillas ajustadas, gruesa y fina, con 60 ajustes entre las dos."""
    steps = {}
    for name, search in {"coarse": coarse, "fine": fine}.items():
        tried = _tried(search, GridSearchCV, name)
        _need({"C", "gamma"} <= set(tried), f"`{name}` debe buscar C y gamma.")
        values = [np.log(tried[knob].unique().astype(float)) for knob in ("C", "gamma")]
        steps[name] = [np.diff(np.sort(v)).min(initial=np.inf) for v in values]
    _need(
        np.isfinite(steps["coarse"]).all(),
        "la gruesa debe recorrer al menos dos valores de C y dos de gamma.",
    )
    _need(coarse.n_splits_ == fine.n_splits_ == 5, "usa los cinco folds de `cv`.")
    fits = _fits(coarse) + _fits(fine)
    _need(
        fits <= 60,
        f"entre las dos hacen {fits} ajustes, contando el final de cada una si "
        "`refit` no es False; el presupuesto es 60.",
    )
    _need(
        any(np.array(steps["fine"]) < steps["coarse"]),
        "la segunda rejilla no es más fina: acerca sus valores en C, en gamma o en "
        "ambos.",
    )
    score = fine.best_score_
    if score > 0.934:  # ¿con los datos y los folds del curso?
        score = _cv_score(_best(fine), *_train_data(1000), max_iter=200_000)
    _need(
        score > 0.934,
        f"la rejilla fina llega a R² = {score:.3f} y hay que pasar de 0.934. ¿Quedó el "
        "óptimo de la gruesa en un borde? ¿Entre qué valores falta mirar?",
    )
    return f"R² = {score:.3f} con {fits} ajustes."


@_exercise
def exercise_2_3(search):
    """Una rejilla de SVC sobre 500 dígitos, con el mejor `gamma` en su interior."""
    tried = _tried(search, GridSearchCV, "search")
    model = _best(search)
    parts = (model, *model.get_params().values())
    _need(any(isinstance(part, SVC) for part in parts), "se pide clasificar con SVC.")
    _need("gamma" in tried, "la rejilla debe recorrer gamma.")
    score = _cv_score(model, *_digits())
    _need(
        score > 0.97,
        f"la mejor combinación acierta {score:.3f}, y los valores por defecto de SVC "
        "ya pasan de 0.97. Un píxel va de 0 a 16: ¿qué gamma corresponde?",
    )
    gammas = pd.to_numeric(tried["gamma"], errors="coerce")  # "scale" no es un número
    _need(
        gammas.min() < gammas[search.best_index_] < gammas.max(),
        "el mejor gamma quedó en el borde de la lista: no sabes qué hay más allá.",
    )
    return f"Exactitud = {score:.3f}."


# Cuaderno 3


@_exercise
def exercise_3_1(n_two, n_six):
    """Sorteos para el mejor 1 % con 99 %, con dos y con seis hiperparámetros."""
    n_two, n_six = _number(n_two, "n_two"), _number(n_six, "n_six")
    _need(n_two == int(n_two) and n_six == int(n_six), "los sorteos son enteros.")
    _need(
        1 - 0.99**n_two >= 0.99,
        f"con {n_two:.0f} sorteos, la probabilidad de fallar todos es "
        f"{0.99 ** max(n_two, 0):.5f}, y debe ser 0.01 o menos.",
    )
    _need(
        1 - 0.99 ** (n_two - 1) < 0.99,
        "alcanzan, pero se pide el menor número que alcanza.",
    )
    _need(n_six == n_two, "mira otra vez qué aparece en la fórmula y qué no.")


@_exercise
def exercise_3_2(grid_search, random_search):
    """Rejilla y azar, 64 combinaciones de C, gamma y uno que no tiene efecto."""
    grid = _tried(grid_search, GridSearchCV, "grid_search")
    draws = _tried(random_search, RandomizedSearchCV, "random_search")
    for name, tried in {"grid_search": grid, "random_search": draws}.items():
        _need(
            set(tried) == {"C", "gamma", "cache_size"},
            f"`{name}` debe buscar C, gamma y cache_size, y nada más.",
        )
        _need(
            len(tried) == 64,
            f"`{name}` evaluó {len(tried)} combinaciones; se comparan 64 con 64.",
        )
    _need(
        all(grid.nunique() == 4),
        "en la rejilla, cada hiperparámetro lleva cuatro valores.",
    )
    _need(
        draws["gamma"].nunique() > 60,
        "el azar repite valores de gamma: dale una distribución, no una lista.",
    )
    for tried in (grid, draws):
        below = (tried[["C", "gamma"]].astype(float) < math.sqrt(0.01 * 1000)).mean()
        _need(
            below.between(0.25, 0.75, inclusive="neither").all(),
            "C y gamma deben repartirse parejo entre órdenes de magnitud, de 0.01 a "
            "1000, en la rejilla y en los sorteos.",
        )
        _need(
            tried["cache_size"].between(100, 400).all(),
            "cache_size va de 100 a 400; en SciPy, uniform(a, b) llega hasta a + b.",
        )
    return f"Valores de gamma: {grid['gamma'].nunique()} y {draws['gamma'].nunique()}."


@_exercise
def exercise_3_3(search):
    """Una búsqueda al azar de C y `epsilon` sobre load_diabetes, con 30 sorteos."""
    tried = _tried(search, RandomizedSearchCV, "search")
    _need({"C", "epsilon"} <= set(tried), "la búsqueda debe sortear C y epsilon.")
    _need(len(tried) <= 30, f"hiciste {len(tried)} sorteos y el presupuesto es 30.")
    epsilon = tried["epsilon"].astype(float)
    _need(
        epsilon.between(0.1, 100).all() and epsilon.max() > 20,
        f"tus epsilon van de {epsilon.min():.3g} a {epsilon.max():.3g}; se pide de 0.1 "
        "a 100, en las unidades de y.",
    )
    below = (epsilon < math.sqrt(0.1 * 100)).mean()
    _need(
        0.2 < below < 0.8,
        f"{100 * below:.0f} % de tus epsilon son menores que 3.16, la mitad del rango "
        "en escala logarítmica: revisa la distribución.",
    )
    score = _cv_score(_best(search), *load_diabetes(return_X_y=True))
    _need(
        score > 0.46,
        f"el mejor sorteo da R² = {score:.3f} y se pide 0.46. ¿Entre qué valores "
        "sorteas C? En el cuaderno 1 hiciste su curva con estos datos.",
    )
    return f"R² = {score:.3f}."


# Cuaderno 4


@_exercise
def exercise_4_1(prediction, study, most):
    """Un study de C, gamma y epsilon, y el más importante de los tres."""
    names = ("C", "gamma", "epsilon")
    prediction = _one_of(prediction, names, "prediction")
    trials = _completed(study, 60)
    _need(
        all(set(trial.params) == set(names) for trial in trials),
        "cada trial debe pedir C, gamma y epsilon, y nada más.",
    )
    ranges = {"C": (0.01, 100), "gamma": (0.01, 100), "epsilon": (0.001, 0.3)}
    for name, ends in ranges.items():
        space = trials[-1].distributions[name]
        _need(
            space.log and np.allclose((space.low, space.high), ends),
            f"{name} va de {ends[0]} a {ends[1]}, en escala logarítmica.",
        )
    most = _one_of(most, names, "most")
    found = optuna.importance.get_param_importances(study)
    _need(
        most == max(found, key=found.get).lower(),
        "no es el de mayor importancia en tu study: lee lo que devuelve "
        "get_param_importances.",
    )
    if most == prediction:
        return "Y tu predicción se cumplió."
    return "Tu predicción no se cumplió: mira en el corte de qué depende la nota."


@_exercise
def exercise_4_2(stop_near_ceiling):
    """Un *callback* que detiene el study a menos de 0.002 del techo."""
    _need(callable(stop_near_ceiling), "`stop_near_ceiling` debe ser una función.")

    def trials_run(values):
        study = optuna.create_study(direction="maximize")
        study.optimize(
            lambda trial: values[trial.number],
            n_trials=len(values),
            callbacks=[stop_near_ceiling],
        )
        return len(study.trials)

    far = [0.2, 0.9, -5, 0.932, 0.931, 0.5]
    _need(
        trials_run(far) == len(far),
        "se detuvo antes de tiempo: ninguna de las notas, la mayor 0.932, está a menos "
        "de 0.002 del techo.",
    )
    _need(
        trials_run([0.2, 0.935, 0.3, 0.9]) == 2,
        "con las notas 0.2, 0.935, 0.3 debió detenerse tras el segundo trial, que está "
        "a menos de 0.002 del techo. ¿Llamas a study.stop(), con paréntesis?",
    )
    _need(
        trials_run([0.2, 0.945, 0.3, 0.9]) == 2,
        "una nota por encima del techo también debe detenerlo.",
    )


@_exercise
def exercise_4_3(study, found):
    """Un study condicional de SVC sobre 500 dígitos, retomado a la mitad."""
    trials = _completed(study, 30)
    wanted = {"rbf": {"gamma"}, "poly": {"degree", "coef0"}}
    for trial in trials:
        kernel = trial.params.get("kernel")
        _need(kernel in wanted, 'se pide `kernel`, con "rbf" o "poly".')
        _need(
            set(trial.params) == {"kernel", "C"} | wanted[kernel],
            f"el trial {trial.number}, con kernel {kernel}, pidió "
            f"{', '.join(trial.params)}: le falta o le sobra alguno.",
        )
    kernels = {trial.params["kernel"] for trial in trials}
    _need(kernels == set(wanted), "en el study falta uno de los dos kernels.")
    found = _number(found, "found")
    _need(
        0 < found < len(study.trials) and found == int(found),
        "`found` es cuántos trials tenía el study al abrirlo por segunda vez.",
    )
    score = _cv_score(SVC(**study.best_params), *_digits())
    _need(
        score > 0.97,
        f"el mejor trial acierta {score:.3f} y se pide 0.97. ¿Entre qué valores "
        "sugieres gamma? Un píxel va de 0 a 16.",
    )
    return f"Exactitud = {score:.3f}."


# Cuaderno 5


def _random_best(n: int, n_searches: int, seed: int = 1) -> np.ndarray:
    points = 10 ** np.random.default_rng(seed).uniform(-2, 3, size=(n_searches, n, 2))
    return lab.interpolate_response(points[..., 0], points[..., 1]).max(axis=1)


@_exercise
def exercise_5_1(prediction, short, long, wins):
    """Qué tan seguido gana el azar con 50 puntos al azar con 25, en cien parejas."""
    prediction = _number(prediction, "prediction")
    _need(0 <= prediction <= 100, "`prediction` es un porcentaje, de 0 a 100.")
    found = {25: _numbers(short, 100, "short"), 50: _numbers(long, 100, "long")}
    _need(
        any(found[25] > found[50]),
        "la búsqueda larga nunca pierde. ¿Le diste las mismas semillas que a la corta? "
        "Entonces empieza por los mismos 25 puntos, y no son dos búsquedas.",
    )
    for n, values in found.items():
        own, other = (ks_2samp(values, _random_best(m, 1000)) for m in (n, 75 - n))
        _need(
            own.pvalue > 1e-5 and own.statistic < other.statistic,
            f"tus notas no se parecen a las de cien búsquedas al azar de {n} puntos: "
            "mira el presupuesto, la escala logarítmica, y que sea la mejor nota.",
        )
    wins, won = _number(wins, "wins"), 100 * np.mean(found[50] > found[25])
    _need(
        abs(wins - won) < 0.51,
        "`wins` no es el porcentaje, de 0 a 100, de parejas en que `long` supera a "
        "`short`.",
    )
    if abs(prediction - won) <= 10:
        return "Y tu predicción quedó a diez puntos o menos."
    return "Tu predicción quedó lejos: ¿en cuál de las dos está el mejor de los 75?"


@_exercise
def exercise_5_2(propose):
    """Una función que propone un hipercubo latino de `n` puntos en escala log."""
    _need(callable(propose), "`propose` debe ser una función.")
    drawn = {}
    for n, seed in [(7, 0), (7, 0), *((16, seed) for seed in range(100))]:
        points = np.array(propose(n, seed), dtype=float)
        _need(
            points.shape == (n, 2),
            f"propose({n}, {seed}) debe devolver un arreglo de forma ({n}, 2); "
            f"devolvió uno de forma {points.shape}.",
        )
        _need(
            (points > 0.0099).all() and (points < 1001).all(),
            "hay puntos fuera del espacio: C y gamma van de 0.01 a 1000.",
        )
        parts = np.floor(n * (np.log10(points) + 2) / 5 + 1e-9).clip(0, n - 1)
        _need(
            (np.sort(parts, axis=0) == np.arange(n)[:, None]).all(),
            f"con {n} puntos, alguna de las {n} partes iguales de un eje, en escala "
            "logarítmica, quedó vacía.",
        )
        before = drawn.setdefault((n, seed), points)
        _need(
            np.array_equal(before, points),
            "con la misma semilla deben salir los mismos puntos.",
        )
    many = np.array([points for (n, _), points in drawn.items() if n == 16])
    _need(len(np.unique(many, axis=0)) == 100, "con otra semilla deben salir otros.")
    ties = [abs(np.corrcoef(np.log(points).T)[0, 1]) for points in many]
    _need(
        np.mean(ties) < 0.6,
        "C y gamma suben o bajan a la vez: cada eje se baraja por su cuenta.",
    )
    scores = lab.interpolate_response(*many.clip(0.01, 1000).T).max(axis=0)
    return (
        f"R² mediano con 16 puntos: {np.median(scores):.4f}; el azar, "
        f"{np.median(_random_best(16, 1000)):.4f}."
    )


@_exercise
def exercise_5_3(searches, optimism):
    """Veinte búsquedas con 40 pacientes, y cuánto exagera la nota de la elegida."""
    optimism = _number(optimism, "optimism")
    _need(
        isinstance(searches, (list, tuple)) and len(searches) == 20,
        "`searches` debe ser una lista con 20 búsquedas, una por orden.",
    )
    X, y = load_diabetes(return_X_y=True)
    y, rows = y > np.median(y), []
    for seed, search in enumerate(searches):
        kind = GridSearchCV if isinstance(search, GridSearchCV) else RandomizedSearchCV
        tried = len(_tried(search, kind, f"searches[{seed}]"))
        _need(tried >= 16, f"la búsqueda {seed} probó {tried}; se piden 16 o más.")
        order = np.random.default_rng(seed).permutation(442)
        few, others = order[:40], order[40:]
        model = _best(search)
        _need(
            abs(_cv_score(model, X[few], y[few], 200_000) - search.best_score_) < 0.03,
            f"la nota de searches[{seed}] no es la exactitud que da `cv` con los "
            f"primeros 40 pacientes de orders[{seed}].",
        )
        truth = model.fit(X[few], y[few]).score(X[others], y[others])
        rows.append((search.best_score_, truth))
    promised, truth = np.mean(rows, axis=0)
    _need(
        abs(optimism - (promised - truth)) < 0.005,
        "`optimism` no es la media de la nota prometida, best_score_, menos la que la "
        "elegida obtiene con los otros 402 pacientes.",
    )
    return f"Prometían {promised:.2f} y dieron {truth:.2f}."


# Cuaderno 6


@_exercise
def exercise_6_1(workers, trials):
    """Tres procesos trabajadores que terminaron, y los 60 trials que dejaron."""
    _need(
        isinstance(workers, (list, tuple)) and len(workers) == 3,
        "`workers` debe ser una lista con los tres procesos.",
    )
    codes = [worker.returncode for worker in workers]
    _need(None not in codes, "algún trabajador no ha terminado: espéralo.")
    _need(codes == [0, 0, 0], f"los códigos de salida son {codes}; 0 es que todo fue.")
    _need(
        isinstance(trials, (list, tuple))
        and all(isinstance(trial, optuna.trial.FrozenTrial) for trial in trials),
        "`trials` debe ser la lista de trials del study, `study.trials`.",
    )
    done = sum(trial.state.name == "COMPLETE" for trial in trials)
    _need(
        done == len(trials) == 60,
        f"hay {len(trials)} trials, {done} completos, y se piden 60: 20 de cada uno, "
        "en un study nuevo. ¿Esperaste a que terminaran antes de leerlo?",
    )
    numbers = sorted(trial.number for trial in trials)
    _need(numbers == list(range(60)), "los números deben ir del 0 al 59, sin huecos.")
    different = {tuple(sorted(trial.params.items())) for trial in trials}
    _need(
        len(different) == 60,
        f"solo hay {len(different)} combinaciones distintas: dos trabajadores hicieron "
        "los mismos sorteos. ¿Qué semilla le diste a cada uno?",
    )


@_exercise
def exercise_6_2(prediction, most, factor, shortest):
    """Capacidad de un servidor con c = 0.05 s por vuelta y r = 0.0004 s por lectura."""
    c, r = 0.05, 0.0004
    prediction = _number(prediction, "prediction")
    _need(prediction > 0, "`prediction` dice por cuánto se multiplica: es positiva.")

    def free(W, t):  # segundos que le sobran al servidor en cada ciclo
        return t + c + r * W - W * (c + r * W)

    most = _number(most, "most")
    _need(most == int(most) and most > 0, "`most` es un número entero de trabajadores.")
    _need(free(most, 90) >= 0, f"con {most:.0f} trabajadores el servidor no alcanza.")
    _need(free(most + 1, 90) < 0, f"cabe otro trabajador además de esos {most:.0f}.")
    factor, expected = _number(factor, "factor"), []
    for t in (90, 360):
        expected.append(brentq(free, 1, 1e5, args=(t,)))
    ratio = expected[1] / expected[0]
    _need(
        abs(factor - ratio) < 0.02,
        "`factor` no coincide: es lo que caben con ajustes de 360 s entre lo que caben "
        "con ajustes de 90 s, con dos decimales.",
    )
    shortest = _number(shortest, "shortest")
    spare = free(40, shortest)
    _need(
        spare > -0.02,
        f"con ajustes de {shortest:.3g} s, cuarenta máquinas le piden al servidor más "
        "de lo que puede dar.",
    )
    _need(
        spare < 0.02,
        f"alcanza, y también con ajustes menores que {shortest:.3g} s. ¿Diste dos "
        "decimales?",
    )
    if abs(prediction - ratio) < 0.5:
        return "Y tu predicción estuvo cerca."
    return "Tu predicción quedó lejos: ¿qué término de la cuenta crece con W²?"


def _abandoned(done: int, lost: int):
    """Un study con trials completos y otros que nadie terminó."""
    sampler = optuna.samplers.RandomSampler(seed=done + lost)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        return -abs(trial.suggest_float("x", -1, 1)) - trial.suggest_float("z", 0, 1)

    study.optimize(objective, n_trials=done)
    for _ in range(lost):
        objective(study.ask())
    return study, objective


@_exercise
def exercise_6_3(rescue, study):
    """Una función que repite los trials perdidos, y un study rescatado con ella."""
    _need(callable(rescue), "`rescue` debe ser una función.")
    for done, lost in [(4, 3), (2, 0), (9, 1), (12, 0)]:
        given, objective = _abandoned(done, lost)
        orphans = [trial.params for trial in given.trials[done:]]
        rescue(given, objective, 12)
        complete = [t for t in given.trials if t.state.name == "COMPLETE"]
        unfinished = sum(not trial.state.is_finished() for trial in given.trials)
        case = f"con {done} completos, {lost} perdidos y 12 pedidos, "
        _need(
            unfinished == 0,
            f"{case}hay trials sin cerrar, en marcha o en cola: {unfinished}.",
        )
        again = sum(trial.params in orphans for trial in complete)
        _need(
            again == lost,
            f"{case}se completaron {again} trials con los valores de los perdidos.",
        )
        _need(len(complete) == 12, f"{case}quedan {len(complete)} completos.")
        _need(
            all(math.isclose(trial.value, objective(trial)) for trial in complete),
            f"{case}hay notas que no son las del objetivo.",
        )
    trials = _completed(study, 20)
    _need(len(trials) == 20, f"tu study tiene {len(trials)} completos; se piden 20.")
    _need(
        all(trial.state.is_finished() for trial in study.trials),
        "a tu study le quedan trials sin terminar: pásalo por `rescue`.",
    )
    score = _cv_score(SVR(**study.best_params), *load_diabetes(return_X_y=True))
    _need(
        abs(score - study.best_value) < 0.03,
        f"el mejor trial dice R² = {study.best_value:.3f} y con esos valores sale "
        f"{score:.3f}. ¿Usaste el objetivo del enunciado?",
    )
    return f"R² = {score:.3f}."
