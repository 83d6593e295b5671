"""Ejercicios del cuaderno 9: el proyecto."""

import math
import re
from itertools import islice

import numpy as np
import optuna
from scipy.stats import betabinom
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge

from hpo_lab.check.core import Hint, Kind, exercise, trying
from hpo_lab.check.evidence import complete
from hpo_lab.check.kinds import Function, Number, Numbers, Whole

# Qué se prueba; el primer día y el último; los que no tienen filas, nunca en el borde
# de un fold ni de un hueco; y first, length, count y gap.
GAMES = [
    ("con `day` en orden", 0, 40, (), (20, 5, 3, 4)),
    ("sin hueco", 90, 130, (), (100, 7, 4, 0)),
    ("con un hueco mayor que el *fold*", 3, 60, (), (30, 6, 3, 9)),
    ("con días sin filas, que cuentan", 10, 75, (20, 47, 55, 63), (50, 8, 3, 5)),
    ("con `day` desordenado", 5, 80, (9, 34), (40, 7, 4, 3)),
    ("con `day` desordenado", 1, 19, (), (12, 1, 6, 1)),
]


def _day(label: str, low: int, high: int, empty: tuple) -> np.ndarray:
    rng = np.random.default_rng(low)
    days = np.setdiff1d(np.arange(low, high + 1), empty)
    day = np.repeat(days, rng.integers(2, 5, len(days)))
    return rng.permutation(day) if "desordenado" in label else day


def _positions(part, size: int) -> np.ndarray:
    """Las posiciones que trae una de las dos partes de un fold."""
    with trying("si `fit` y `held` son listas de posiciones"):
        rows = np.asarray(list(part))
    if rows.ndim != 1:
        raise Hint("cada parte trae arreglos dentro: ¿np.where? Toma su elemento [0].")
    if rows.dtype == bool:
        raise Hint("devuelves máscaras; se piden posiciones: np.flatnonzero(máscara).")
    if len(rows) and not np.issubdtype(rows.dtype, np.integer):
        raise Hint(f"las posiciones son enteros; las tuyas, {rows.dtype.name}.")
    if len(rows) and not 0 <= rows.min() <= rows.max() < size:
        low, high = rows.min(), rows.max()
        raise Hint(f"hay posiciones de {low} a {high}, y van de 0 a {size - 1}.")
    if len(set(rows)) != len(rows):
        raise Hint("repites posiciones. ¿Devuelves días?")
    return rows


def _folds(gap_folds, day: np.ndarray, rules: tuple) -> list[list]:
    given, count = day.copy(), rules[2]
    with trying("tu función"):
        folds = list(islice(gap_folds(given, *rules), 1000))
    if not np.array_equal(given, day):
        raise Hint("tu función cambia `day`: trabaja con una copia.")
    if len(folds) != count:
        raise Hint(f"con count={count} devuelves {len(folds)} pares.")
    with trying("si cada elemento de tu lista es un par (fit, held)"):
        pairs = [(fit, held) for fit, held in folds]
    return [[_positions(part, len(day)) for part in pair] for pair in pairs]


def _rows_of(days: np.ndarray) -> str:
    low, high = days.min(), days.max()
    return f"filas del día {low}" if low == high else f"filas del {low} al {high}"


def _of_held(day, held, start: int, length: int, gap: int) -> str | None:
    inside = (start <= day) & (day < start + length)
    lost, extra = day[inside & ~held], day[held & ~inside]
    if len(lost) and len(set(lost)) == gap:
        return f"a `held` le quitas {_rows_of(lost)}: el hueco se le quita a `fit`"
    span = f"van del {start} al {start + length - 1}"
    if len(extra):
        return f"a `held` le sobran {_rows_of(extra)}: {span}"
    return f"a `held` le faltan {_rows_of(lost)}: {span}" if len(lost) else None


def _of_fit(day, fit, start: int, length: int, gap: int) -> str | None:
    wanted, hole = day < start - gap, (start - gap <= day) & (day < start)
    lost, extra = day[wanted & ~fit], day[fit & ~wanted]
    if (extra >= start + length).any():
        return "`fit` trae filas de días posteriores a `held`: es el futuro"
    if (extra >= start).any():
        return "`fit` trae filas de `held`"
    if len(extra) and fit[hole].all():
        return f"`fit` trae el hueco entero, {_rows_of(extra)}"
    if len(extra):
        return f"`fit` trae {_rows_of(extra)}, y el hueco empieza el {start - gap}"
    if not fit.any():
        return "`fit` está vacío"
    if len(lost) and (day[fit] >= start - gap - length).all():
        return f"`fit` trae solo {_rows_of(day[fit])}, y van todas las anteriores"
    last = f"llega hasta el {start - gap - 1}, inclusive"
    return f"a `fit` le faltan {_rows_of(lost)}; {last}" if len(lost) else None


def _complaint(day, fold: list, *rules) -> str | None:
    """Qué tiene de malo un fold, si algo tiene."""
    start, length, gap = rules
    rows, order = np.arange(len(day)), np.argsort(day)
    right = [day < start - gap, (start <= day) & (day < start + length)]
    found = [np.isin(rows, part) for part in fold]
    if np.array_equal(found[::-1], right):
        return "van al revés: primero `fit` y después `held`"
    if [set(part) for part in fold] == [set(day[mask]) for mask in right]:
        return "devuelves los días, y se piden las posiciones de sus filas"
    wrong = _of_held(day, found[1], *rules) or _of_fit(day, found[0], *rules)
    if wrong and np.array_equal(found, [mask[order] for mask in right]):
        return "son posiciones en `day` ya ordenado, y se piden en el que llegó"
    return wrong


@exercise
def exercise_9_1(gap_folds: Function):
    """Folds por tiempo, con un hueco entre lo que enseña y lo que juzga."""
    for *place, rules in GAMES:
        day, (first, length, count, gap) = _day(*place), rules
        for k, fold in enumerate(_folds(gap_folds, day, rules)):
            start = first + k * length
            if wrong := _complaint(day, fold, start, length, gap):
                raise Hint(f"""{wrong}. Es el *fold* {k}, que empieza el día {start},
                    {place[0]}: first={first}, length={length}, count={count} y
                    gap={gap}.""")
    return f"Valen las {len(GAMES)} particiones probadas, con huecos de 0 a 9 días."


LIMIT, LIMIT_BEFORE = 120, 300  # kB: el del ejercicio y el de la sección 8


TwoGoals = Kind(
    "un study que minimiza dos metas, el error y los kB",
    lambda study: (
        isinstance(study, optuna.Study)
        and [goal.name for goal in study.directions] == ["MINIMIZE"] * 2
    ),
)
TrialNumber = Kind(
    "el número de un trial, un entero",
    float.is_integer,
    lambda answer: Whole.convert(getattr(answer, "number", answer)),
)
Text = Kind("un texto", lambda answer: isinstance(answer, str))


def _dominates(one, other) -> bool:
    pairs = list(zip(one.values, other.values, strict=True))
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


def _both(trial) -> str:
    return f"{trial.values[0]:.2f} con {trial.values[1]:.1f} kB"


def _undominated(name: str, number: float, trials: list, light: list):
    """El trial de ese número, si cabe y ninguno de los que caben lo domina."""
    trial = next((trial for trial in trials if trial.number == number), None)
    which = f"`{name}`: el trial {number:.0f}"
    if trial is None:
        raise Hint(f"{which} no existe; van del 0 al {len(trials) - 1}.")
    if trial.state.name != "COMPLETE":
        raise Hint(f"{which} no se completó: quedó {trial.state.name}.")
    if trial.values[1] > LIMIT:
        raise Hint(f"{which} no cabe en {LIMIT} kB: pesa {trial.values[1]:.1f}.")
    for other in light:
        if _dominates(other, trial):
            raise Hint(f"""{which}, de {_both(trial)}, está dominado por el
                {other.number}, de {_both(other)}.""")
    return trial


@exercise
def exercise_9_2(
    goals: TwoGoals, my_trial: TrialNumber, my_rival: TrialNumber, my_reason: Text
):
    """Un trial del frente de los que caben, su rival y la razón."""
    with trying("tu study"):
        trials, done = goals.trials, complete(goals)
    light = [trial for trial in done if trial.values[1] <= LIMIT]
    if not light or len(done) < 2:
        raise Hint(f"""los trials completos de `goals` son {len(done)}, y los que caben
            en {LIMIT} kB, {len(light)}: pídele más con run_until.""")
    mine, note = _undominated("my_trial", my_trial, trials, light), ""
    if my_rival == mine.number:
        raise Hint("`my_rival` es el mismo que `my_trial`, y debe ser otro.")
    front = [t for t in light if not any(_dominates(other, t) for other in light)]
    if len(front) > 1:
        rival = _undominated("my_rival", my_rival, trials, light)
    else:  # puede pasar con otra semilla: que nadie se quede sin rival
        pool, kind = (light, "que quepa") if len(light) > 1 else (done, "completo")
        note = f"""Solo el {mine.number} cabe sin que otro lo domine: como rival vale
            cualquier otro trial {kind}."""
        rival = next((trial for trial in pool if trial.number == my_rival), None)
        if rival is None:
            raise Hint(f"el trial {my_rival:.0f} no sirve de rival. {note}")
    if (words := len(my_reason.split())) < 10:
        raise Hint(f"`my_reason` tiene {words} palabras y se piden diez o más.")
    said = [float(n.replace(",", ".")) for n in re.findall(r"\d+[.,]\d+", my_reason)]
    for owner, error in (("trial", mine.values[0]), ("rival", rival.values[0])):
        if not any(abs(number - error) < 0.0501 for number in said):
            raise Hint(f"`my_reason` no dice el MAE de tu {owner}, {error:.1f}.")
    best = min(t.values[0] for t in done if t.values[1] <= LIMIT_BEFORE)
    return f"""Eliges un MAE de {_both(mine)}; tu rival, {_both(rival)}. Frente al menor
        con {LIMIT_BEFORE} kB o menos, pierdes {mine.values[0] - best:.1f}. {note}"""


# Cuántos errores y qué parte; (n + 1) * level nunca queda cerca de un entero.
RADII = [(7, 0.3), (50, 0.8), (10, 0.83), (37, 0.95), (9, 0.5), (8, 0.9), (37, 0.99)]


def _radius(errors: np.ndarray, level: float) -> float:
    rank = math.ceil((len(errors) + 1) * level)
    return np.sort(np.abs(errors))[rank - 1] if rank <= len(errors) else np.inf


def _try_radius(conformal_radius, errors: np.ndarray, level: float) -> None:
    n, right, given = len(errors), _radius(errors, level), errors.copy()
    rank, case = math.ceil((n + 1) * level), f"con {n} errores y level={level}"
    with trying(f"tu función {case}"):
        said = Number.convert(conformal_radius(given, level))
    if not np.array_equal(given, errors):
        raise Hint("tu función cambia `errors`: trabaja con una copia.")
    if math.isnan(said):
        raise Hint(f"{case}, tu función no devuelve un número.")
    if said == right or math.isclose(said, right):
        return
    if rank > n:
        raise Hint(f"""{case} haría falta el error número {rank}, que no existe: la
            respuesta es np.inf, y devuelves {said:.3g}.""")
    if said == math.inf:
        raise Hint(f"{case} devuelves inf, y el error número {rank} existe.")
    if said in (rank, rank - 1):
        raise Hint(f"{case} devuelves {said:g}, un número de orden, y no el error.")
    signed = np.sort(errors)[rank - 1], np.quantile(errors, level)
    if np.isclose(np.abs(signed), abs(said)).any():
        raise Hint(f"{case} ordenas los errores con su signo: falta el valor absoluto.")
    places = np.flatnonzero(np.isclose(np.sort(np.abs(errors)), said))
    if not len(places):
        raise Hint(f"""{case} devuelves {said:.3g}, que no es ninguno de los errores sin
            signo. ¿np.quantile? Interpola.""")
    why = {
        n + 1 - rank: "¿Ordenas de mayor a menor?",
        rank + 1: "El primero es [0]; y method='higher' tampoco da ese número.",
        math.floor((n + 1) * level): "¿Redondeas hacia arriba?",
        math.ceil(n * level): "¿Usas n + 1, y no n?",
    }
    raise Hint(f"""{case} devuelves el error número {places[0] + 1} de menor a mayor, y
        es el {rank}. {why.get(places[0] + 1, "")}""")


@exercise
def exercise_9_3(conformal_radius: Function, hit_rate: Number, mixed: Numbers(442)):
    """El radio conforme con pocos errores, y cuánto cubre de verdad."""
    rng = np.random.default_rng(1)  # ningún descuido coincide con otro
    for n, level in RADII:
        _try_radius(conformal_radius, rng.normal(-5, 30, n), level)
    if sorted(mixed) != list(range(442)):
        raise Hint("`mixed` ya no es el orden de las 442 filas: ejecuta su celda.")
    X, y = load_diabetes(return_X_y=True)
    teach, calibrate, decide = np.split(mixed.astype(int), [200, 250])
    gaps = y - Ridge(alpha=0.1).fit(X[teach], y[teach]).predict(X)
    size, misses = _radius(gaps[calibrate], 0.8), np.abs(gaps)

    def inside(radius, rows=decide):
        return np.mean(misses[rows] <= radius)

    true, plain = inside(size), np.quantile(misses[calibrate], 0.8)
    if abs(hit_rate - true) < 0.00051:
        low, high = betabinom(192, 41, 10).ppf([0.05, 0.95]) / 192
        return f"""Se pidió 0.8 y acierta {true:.3f} de las 192; con tan pocas filas,
            nueve de cada diez repartos quedan entre {low:.2f} y {high:.2f}."""
    if abs(hit_rate - 100 * true) < 0.051:
        raise Hint("`hit_rate` está en porcentaje, y va de 0 a 1.")
    mistakes = [
        (1 - true, "es la parte que queda fuera del intervalo"),
        (inside(size, calibrate), "juzga las 50 que calibran: van las de `decide`"),
        (inside(size, teach), "juzga las 200 que enseñan: van las de `decide`"),
        (inside(size, slice(None)), "juzga las 442: van las de `decide`"),
        (inside(plain), "usa el cuantil sin corregir: va tu `conformal_radius`"),
        (inside(_radius(gaps[teach], 0.8)), "calibra con las 200 que él vio"),
        (inside(_radius(gaps[decide], 0.8)), "calibra con las mismas que juzgan"),
        (inside(_radius(gaps[calibrate], 0.9)), "es del 90 %: se pide el 80 %"),
        (np.mean(gaps[decide] <= size), "compara los errores con su signo"),
        (true.round(2), "va con tres decimales"),
    ]
    for value, why in mistakes:
        if abs(hit_rate - value) < 0.00051:
            raise Hint(f"`hit_rate` {why}.")
    raise Hint("""`hit_rate` no coincide: con el radio de las 50 de `calibrate`, ¿qué
        parte de las 192 de `decide` queda a esa distancia o menos?""")
