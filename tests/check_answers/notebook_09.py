from functools import cache

import numpy as np
import optuna
import pandas as pd
from optuna.trial import TrialState, create_trial
from sklearn.linear_model import Ridge
from sklearn.model_selection import TimeSeriesSplit

from check_answers.common import DIABETES, explode


def by_masks(day, first, length, count, gap):
    rows, starts = np.arange(len(day)), first + length * np.arange(count)
    return [
        (rows[day < a - gap], rows[(a <= day) & (day < a + length)]) for a in starts
    ]


def by_lists(day, first, length, count, gap):
    folds = []
    for k in range(count):
        fit, held = [], []
        for row, d in enumerate(day.tolist()):
            if d < first + k * length - gap:
                fit.append(row)
            elif first + k * length <= d <= first + (k + 1) * length - 1:
                held.append(row)
        folds.append([fit, held])
    return folds


def by_where(day, first, length, count, gap):
    """Un generador, con las filas de atrás para adelante."""
    for start in range(first, first + count * length, length):
        block = np.where(np.isin(day, range(start, start + length)))[0]
        yield np.flatnonzero(day < start - gap)[::-1], block[::-1]


def by_pandas(day, first, length, count, gap):
    rows = pd.Series(day).sort_values()
    block = (rows - first) // length
    return tuple(
        (set(rows.index[rows < first + k * length - gap]), rows.index[block == k])
        for k in range(count)
    )


def by_order(day, first, length, count, gap):
    """Ordena, corta con una búsqueda y vuelve a las filas del principio."""
    order = np.argsort(day, kind="stable")
    starts = first + length * np.arange(count)
    cuts = np.searchsorted(day[order], [starts - gap, starts, starts + length])
    return [[order[:a], order[b:c]] for a, b, c in cuts.T]


def right_9_1():
    for gap_folds in (by_masks, by_lists, by_where, by_pandas, by_order):
        yield (gap_folds,), "las 6 particiones probadas, con huecos de 0 a 9 días"
    yield (lambda *game: np.array(by_masks(*game), dtype=object),), "Valen"
    yield (
        (lambda *game: [map(range_or_list, pair) for pair in by_masks(*game)],),
        "Valen",
    )


def range_or_list(rows):
    """Un range si las filas son seguidas: es otra manera de dar posiciones."""
    whole = np.arange(rows[0], rows[0] + len(rows))
    return range(rows[0], rows[-1] + 1) if np.array_equal(rows, whole) else list(rows)


def split_by(fit=None, held=None, change=lambda part: part):
    """Unos folds buenos a los que les cambian la regla de una de las dos partes."""

    def gap_folds(day, first, length, count, gap):
        folds = []
        for k in range(count):
            game = day, first + k * length, length, gap
            taken = (fit or good_fit)(*game), (held or good_held)(*game)
            folds.append(tuple(change(np.flatnonzero(mask)) for mask in taken))
        return folds

    return gap_folds


def good_fit(day, start, length, gap):
    return day < start - gap


def good_held(day, start, length, gap):
    return (start <= day) & (day < start + length)


def between(low, high):
    """Una regla: los días desde uno hasta antes de otro, dichos con su fórmula."""

    def rule(day, start, length, gap):
        names = {"min": day.min(), "a": start, "n": length, "gap": gap}
        return (eval(low, names) <= day) & (day < eval(high, names))

    return rule


def no_gap_nor_block(day, start, length, gap):
    return (day < start - gap) | (day >= start + length)


def days_with_rows(day, start, length, gap):
    days = np.unique(day[day < start])
    return np.isin(day, days[: len(days) - gap])


def all_but_last(day, start, length, gap):
    return np.isin(day, np.unique(day[day < start])[:-gap])


def rows_not_days(day, start, length, gap):
    before = day < start
    before[np.flatnonzero(before)[before.sum() - gap :]] = False
    return before


def one_row_a_day(day, start, length, gap):
    first = np.zeros(len(day), bool)
    first[np.unique(day, return_index=True)[1]] = True
    return good_held(day, start, length, gap) & first


def masks(day, first, length, count, gap):
    starts = range(first, first + count * length, length)
    return [
        (good_fit(day, a, length, gap), good_held(day, a, length, gap)) for a in starts
    ]


def sorts(day, *rules):
    day.sort()
    return by_masks(day, *rules)


def in_sorted(day, *rules):
    return by_masks(np.sort(day), *rules)


def labels(day, *rules, change=lambda days: days):
    return [tuple(change(day[p]) for p in pair) for pair in by_masks(day, *rules)]


def spaced(day, first, length, count, gap):
    """Pone el hueco también entre un fold y el siguiente."""
    starts = [first + k * (length + gap) for k in range(count)]
    return [by_masks(day, a, length, 1, gap)[0] for a in starts]


def by_scikit(day, first, length, count, gap):
    return list(TimeSeriesSplit(count, gap=gap, test_size=length).split(day))


def wrong_9_1():
    ignored = split_by(between("min", "a"))
    yield (ignored,), "`fit` trae el hueco entero, filas del 16 al 19. Es el *fold* 0,"
    yield (split_by(between("min + gap", "a")),), "`fit` trae el hueco entero"
    from_held = split_by(between("min", "a"), between("a + gap", "a + n"))
    yield (from_held,), "a `held` le quitas filas del 20 al 23: el hueco se le quita a"
    after = split_by(between("min", "a"), between("a", "a + n - gap"))
    yield (after,), "a `held` le quitas filas del 21 al 24: el hueco se le quita a"
    moved = split_by(between("min", "a"), between("a + gap", "a + n + gap"))
    yield (moved,), "a `held` le quitas filas del 20 al 23"
    yield (spaced,), "a `held` le quitas filas del 25 al 28"
    long_gap = split_by(between("min", "a - gap - 1"))
    yield (long_gap,), "a `fit` le faltan filas del día 15; llega hasta el 15, inclus"
    short_gap = split_by(between("min", "a - gap + 1"))
    yield (short_gap,), "`fit` trae filas del día 16, y el hueco empieza el 16"
    longer = split_by(held=between("a", "a + n + 1"))
    yield (longer,), "a `held` le sobran filas del día 25: van del 20 al 24"
    shorter = split_by(held=between("a", "a + n - 1"))
    yield (shorter,), "a `held` le faltan filas del día 24: van del 20 al 24"
    late = split_by(held=between("a + 1", "a + n + 1"))
    yield (late,), "a `held` le sobran filas del día 25"
    everything = split_by(held=between("a", "10_000"))
    yield (everything,), "a `held` le sobran filas del 25 al 40"
    yield (split_by(no_gap_nor_block),), "filas de días posteriores a `held`: es el fu"
    yield (split_by(between("min", "a + n")),), "`fit` trae filas de `held`"
    window = split_by(between("a - gap - n", "a - gap"))
    yield (window,), "`fit` trae solo filas del 11 al 15, y van todas las anteriores"
    yield (split_by(between("20", "a - gap")),), "`fit` está vacío. Es el *fold* 0"
    yield (
        (split_by(all_but_last),),
        "vacío. Es el *fold* 0, que empieza el día 100, sin",
    )
    present = split_by(days_with_rows)
    yield (
        (present,),
        "a `fit` le faltan filas del día 44; llega hasta el 44, inclusive.",
    )
    yield (
        (present,),
        "el día 50, con días sin filas, que cuentan: first=50",
    )
    yield (
        (split_by(rows_not_days),),
        "`fit` trae filas del 16 al 18, y el hueco empieza",
    )
    yield (split_by(held=one_row_a_day),), "a `held` le faltan filas del 20 al 24"
    swapped = split_by(change=lambda rows: rows)
    yield (lambda *game: [pair[::-1] for pair in swapped(*game)],), "van al revés: pri"
    yield (labels,), "repites posiciones. ¿Devuelves días?"
    unique = labels_of(np.unique)
    yield (unique,), "devuelves los días, y se piden las posiciones de sus filas"
    yield (masks,), "devuelves máscaras; se piden posiciones: np.flatnonzero"
    tuples = split_by(change=lambda rows: (rows,))
    yield (tuples,), "¿np.where? Toma su elemento [0]"
    yield (split_by(change=lambda rows: rows / 1),), "son enteros; las tuyas, float64"
    yield (split_by(change=lambda rows: rows.astype(str)),), "son enteros; las tuyas"
    yield (
        (split_by(change=lambda rows: rows + 1),),
        "a `held` le sobran filas del día 25",
    )
    yield (
        (split_by(change=lambda rows: rows - 200),),
        "hay posiciones de -200 a -154, y van de 0 a 121",
    )
    yield (split_by(change=lambda rows: len(rows)),), "son listas de posiciones se prod"
    yield (
        (in_sorted,),
        "son posiciones en `day` ya ordenado, y se piden en el que llegó",
    )
    yield (sorts,), "tu función cambia `day`: trabaja con una copia"
    yield (lambda *game: by_masks(*game)[:-1],), "con count=3 devuelves 2 pares"
    yield (lambda *game: by_masks(*game)[0],), "con count=3 devuelves 2 pares"
    yield (lambda *game: [*by_masks(*game)] * 2,), "con count=3 devuelves 6 pares"
    yield (lambda *game: [fit for fit, _ in by_masks(*game)],), "es un par (fit, held)"
    yield (lambda *game: iter(dict, 0),), "con count=3 devuelves 1000 pares"
    yield (lambda *game: print(game),), "al probar tu función se produjo TypeError"
    yield (lambda day: by_masks(day, 20, 5, 3, 4),), "tu función se produjo TypeError"
    yield (by_scikit,), "a `held` le sobran filas"
    yield (explode,), "al probar tu función se produjo RuntimeError: línea 1 línea 2"
    yield (by_masks(np.arange(9), 5, 2, 2, 1),), "debe ser una función; llegó list"


def labels_of(change):
    return lambda *game: labels(*game, change=change)


def goals_of(*values):
    """Un study de dos metas con estos trials; None es uno que falló."""
    study = optuna.create_study(directions=["minimize", "minimize"])
    for pair in values:
        state = TrialState.COMPLETE if pair else TrialState.FAIL
        study.add_trial(create_trial(values=pair, state=state))
    return study


@cache
def goals():
    """El 0 no cabe, el 3 falló, y de los que caben dominan el 1, el 4, el 5 y el 6."""
    found = [(28.1, 480), (30.42, 100), (31.0, 110), None]
    found += [(33.87, 60), (29.5, 119.9), (30.42, 100), (29.0, 120.1), (33.9, 60)]
    study = goals_of(*found)
    study.ask()  # el 9 quedó en marcha
    return study


WHY = "Pierdo poco error y el archivo pesa bastante menos: {} contra {} bicicletas."


def right_9_2():
    verdict = "Eliges un MAE de 30.42 con 100.0 kB; tu rival, 33.87 con 60.0 kB. Frente"
    yield (goals(), 1, 4, WHY.format(30.4, 33.9)), verdict
    yield (
        (goals(), 1, 4, WHY.format(30.4, 33.9)),
        "al menor con 300 kB o menos, pierdes 1.4.",
    )
    yield (goals(), 5, 1, WHY.format("29,5", "30,4")), "pierdes 0.5."
    yield (goals(), 1, 6, WHY.format(30.42, "los mismos 30.4")), "pierdes 1.4."
    yield (goals(), np.int64(4), 5.0, WHY.format("33.87 ", "(29.5)")), "pierdes 4.9."
    trials = goals().trials
    yield (goals(), trials[6], trials[5], WHY.format("MAE=30.4;", 29.5)), "pierdes"
    yield (goals(), 6, 4, "\n".join(["30.4", "33.9", *"abcdefgh"])), "pierdes 1.4."
    half = goals_of((30.25, 80), (31.35, 70))  # la mitad se redondea de dos maneras
    for said in ((30.2, 31.3), (30.3, 31.4)):
        yield (half, 0, 1, WHY.format(*said)), "pierdes 0.0."
    alone = goals_of((30, 100), (31, 110), (25, 400), (31, 110))
    for rival in (1, 3):
        answers = (alone, 0, rival, WHY.format("30.0", "31.0"))
        yield answers, "Solo el 0 cabe sin que otro lo domine: como rival vale cualqui"
    only = goals_of((30, 100), (25, 200), (28, 500), None)
    yield (only, 0, 2, WHY.format("30.0", "28.0")), "vale cualquier otro trial completo"
    yield (only, 0, 1, WHY.format("30.0", "25.0")), "pierdes 5.0. Solo el 0 cabe sin qu"


def wrong_9_2():
    good = goals(), 1, 4, WHY.format(30.4, 33.9)
    yield (
        (*good[:1], 0, *good[2:]),
        "`my_trial`: el trial 0 no cabe en 120 kB: pesa 480.0",
    )
    yield (
        (*good[:1], 7, *good[2:]),
        "`my_trial`: el trial 7 no cabe en 120 kB: pesa 120.1",
    )
    yield (
        (*good[:2], 7, *good[3:]),
        "`my_rival`: el trial 7 no cabe en 120 kB: pesa 120.1",
    )
    lost = "el trial 2, de 31.00 con 110.0 kB, está dominado por el 1, de 30.42 con"
    yield (*good[:1], 2, *good[2:]), f"`my_trial`: {lost}"
    yield (*good[:2], 2, *good[3:]), f"`my_rival`: {lost}"
    yield (
        (*good[:2], 8, *good[3:]),
        "`my_rival`: el trial 8, de 33.90 con 60.0 kB, está",
    )
    yield (*good[:1], 3, *good[2:]), "el trial 3 no se completó: quedó FAIL"
    yield (*good[:1], 9, *good[2:]), "el trial 9 no se completó: quedó RUNNING"
    yield (*good[:1], 10, *good[2:]), "el trial 10 no existe; van del 0 al 9"
    yield (*good[:1], -1, *good[2:]), "el trial -1 no existe; van del 0 al 9"
    yield (*good[:2], 1, *good[3:]), "`my_rival` es el mismo que `my_trial`"
    whole = "debe ser el número de un trial, un entero; llegó"
    for bad in (1.5, "1", [30.4, 100], "el uno", float("nan"), True):
        yield (*good[:1], bad, *good[2:]), f"`my_trial` {whole}"
    yield (*good[:2], good[0], *good[3:]), f"`my_rival` {whole} Study"
    yield (*good[:3], "30.4 y 33.9 son los dos errores"), "tiene 7 palabras y se piden"
    yield (*good[:3], ""), "`my_reason` tiene 0 palabras y se piden diez"
    yield (*good[:3], WHY.format(30.4, 33)), "no dice el MAE de tu rival, 33.9"
    yield (*good[:3], WHY.format(30, 33.9)), "no dice el MAE de tu trial, 30.4"
    yield (*good[:3], WHY.format(30.5, 33.9)), "no dice el MAE de tu trial, 30.4"
    yield (*good[:3], WHY.format("menos", "más")), "no dice el MAE de tu trial, 30.4"
    yield (*good[:3], WHY.split()), "`my_reason` debe ser un texto; llegó list"
    yield (*good[:3], explode), "`my_reason` debe ser un texto; llegó function"
    both = "debe ser un study que minimiza dos metas, el error y los kB; llegó"
    other = optuna.create_study(directions=["maximize", "minimize"])
    for study in (other, optuna.create_study(), goals().trials, goals().best_trials):
        yield (study, *good[1:]), f"`goals` {both}"
    heavy = goals_of((28, 130), (27, 200))
    yield (
        (heavy, *good[1:]),
        "completos de `goals` son 2, y los que caben en 120 kB, 0: píd",
    )
    yield (
        (goals_of((28, 100)), 0, 0, WHY),
        "completos de `goals` son 1, y los que caben en 120 kB, 1:",
    )
    yield (
        (goals_of(), *good[1:]),
        "completos de `goals` son 0, y los que caben en 120 kB, 0:",
    )
    alone = goals_of((30, 100), (31, 110), (25, 400))
    yield (
        (alone, 0, 2, WHY),
        "el trial 2 no sirve de rival. Solo el 0 cabe sin que otro",
    )
    yield (
        (alone, 0, 7, WHY),
        "el trial 7 no sirve de rival. Solo el 0 cabe sin que otro",
    )
    yield (alone, 0, 0, WHY), "`my_rival` es el mismo que `my_trial`"
    only = goals_of((30, 100), (25, 200), None)
    yield (only, 0, 2, WHY), "como rival vale cualquier otro trial completo"


def by_sort(errors, level):
    rank = int(np.ceil((len(errors) + 1) * level))
    return np.sort(np.abs(errors))[rank - 1] if rank <= len(errors) else np.inf


def by_padding(errors, level):
    ranked = [*sorted(map(abs, errors)), float("inf")]
    return ranked[min(len(errors), -int(-(len(errors) + 1) * level // 1) - 1)]


def by_quantile(errors, level):
    share = np.ceil((len(errors) + 1) * level) / len(errors)
    if share > 1:
        return np.inf
    return np.quantile(np.abs(errors), share, method="inverted_cdf")


def by_partition(errors, level):
    padded = np.append(abs(errors), np.inf)
    return np.quantile(padded, level, method="inverted_cdf")


def by_series(errors, level):
    ranks = pd.Series(errors).abs().rank()
    enough = ranks >= (len(errors) + 1) * level
    return np.array([pd.Series(errors).abs()[enough].min() if any(enough) else np.inf])


def by_count(errors, level):
    """El menor radio que cubre lo pedido, contando la fila nueva como fallo."""
    for radius in sorted(abs(errors)):
        if (abs(errors) <= radius).sum() / (len(errors) + 1) >= level:
            return float(radius)
    return float("inf")


def parts(seed=0):
    X, y = DIABETES
    mixed = np.random.default_rng(seed).permutation(len(y))
    teach, calibrate, decide = np.split(mixed, [200, 250])
    gaps = y - Ridge(alpha=0.1).fit(X[teach], y[teach]).predict(X)
    return mixed, gaps, teach, calibrate, decide


def hits(seed=0, level=0.8, calibrate=None, judge=None, radius=by_sort):
    _, gaps, *rows = parts(seed)
    first = rows[1 if calibrate is None else calibrate]
    last = rows[2 if judge is None else judge]
    return np.mean(np.abs(gaps[last]) <= radius(gaps[first], level))


def right_9_3():
    mixed, roads = parts()[0], (by_padding, by_quantile, by_partition, by_series)
    for radius in (by_sort, *roads, by_count):
        yield (
            (radius, hits(), mixed),
            f"Se pidió 0.8 y acierta {hits():.3f} de las 192; con tan",
        )
        assert hits(radius=radius) == hits()
    for seed in range(1, 6):
        answers = by_sort, round(hits(seed), 3), list(parts(seed)[0])
        yield answers, f"acierta {hits(seed):.3f} de las 192; con tan pocas"
    yield (by_sort, np.array(hits() + 0.0005), pd.Series(mixed)), "Se pidió 0.8"
    yield (by_sort, float(f"{hits():.4f}"), mixed.astype(float)), "Se pidió 0.8"


def of_sorted(place, absolute=np.abs):
    """El error que ocupa un lugar, contado desde 1, que sale de n y de level."""

    def radius(errors, level):
        where = int(place(len(errors), level))
        if where > len(errors):
            return np.inf
        return np.sort(absolute(errors))[where - 1]

    return radius


def ceil(n, level):
    return np.ceil((n + 1) * level)


def signed_then_absolute(errors, level):
    return abs(of_sorted(ceil, np.asarray)(errors, level))


def plain_quantile(errors, level, **options):
    return np.quantile(np.abs(errors), level, **options)


def corrected_quantile(errors, level, **options):
    share = min(1, ceil(len(errors), level) / len(errors))
    return np.quantile(np.abs(errors), share, **options)


def backwards(errors, level):
    where = int(ceil(len(errors), level))
    return np.inf if where > len(errors) else np.sort(abs(errors))[-where]


def spoils(errors, level):
    errors[:] = np.abs(errors)
    errors.sort()
    return by_sort(errors, level)


def saturates(value=None):
    """Responde otra cosa cuando no hay radio que alcance."""

    def radius(errors, level):
        answer = by_sort(errors, level)
        largest = np.abs(errors).max() if value is None else value
        return largest if answer == np.inf else answer

    return radius


def wrong_9_3():
    mixed, found = parts()[0], hits()
    seven = "con 7 errores y level=0.3 "
    signed = f"{seven}ordenas los errores con su signo: falta el valor absoluto"
    said = [
        (of_sorted(ceil, np.asarray), signed),
        (signed_then_absolute, signed),
        (np.quantile, signed),
        (
            plain_quantile,
            "no es ninguno de los errores sin signo. ¿np.quantile? Interp",
        ),
        (corrected_quantile, "que no es ninguno de los errores sin signo"),
        (lambda e, q: np.percentile(abs(e), q), "que no es ninguno de los errores"),
        (lambda e, q: np.std(e), "que no es ninguno de los errores sin signo"),
        (lambda e, q: 2 * by_sort(e, q), "que no es ninguno de los errores sin signo"),
        (lambda e, q: -by_sort(e, q), "que no es ninguno de los errores sin signo"),
        (
            of_sorted(lambda n, level: (n + 1) * level),
            "devuelves el error número 2 de menor a mayor, y es el 3. ¿Redondeas hacia",
        ),
        (
            of_sorted(lambda n, level: np.round((n + 1) * level)),
            "número 2 de menor a mayor, y es el 3. ¿Redondeas hacia arriba?",
        ),
        (
            of_sorted(lambda n, level: np.ceil(n * level)),
            "con 50 errores y level=0.8 devuelves el error número 40 de menor a mayor,",
        ),
        (
            of_sorted(lambda n, level: np.ceil(n * level)),
            "y es el 41. ¿Usas n + 1, y no n?",
        ),
        (
            lambda e, q: plain_quantile(e, q, method="inverted_cdf"),
            "y es el 41. ¿Usas n + 1, y no n?",
        ),
        (
            lambda e, q: plain_quantile(e, q, method="higher"),
            "con 10 errores y level=0.83 devuelves el error número 9",
        ),
        (
            lambda e, q: corrected_quantile(e, q, method="higher"),
            "número 4 de menor a mayor, y es el 3. El primero es [0]; y method=",
        ),
        (
            of_sorted(lambda n, level: ceil(n, level) + 1),
            "número 4 de menor a mayor, y es el 3. El primero es [0]",
        ),
        (backwards, "número 5 de menor a mayor, y es el 3. ¿Ordenas de mayor a menor?"),
        (lambda e, q: ceil(len(e), q), f"{seven}devuelves 3, un número de orden, y no"),
        (lambda e, q: ceil(len(e), q) - 1, f"{seven}devuelves 2, un número de orden"),
        (spoils, "tu función cambia `errors`: trabaja con una copia"),
        (
            saturates(),
            "con 8 errores y level=0.9 haría falta el error número 9, que no",
        ),
        (saturates(-np.inf), "la respuesta es np.inf, y devuelves -inf"),
        (saturates(0), "la respuesta es np.inf, y devuelves 0."),
        (saturates(1e9), "la respuesta es np.inf, y devuelves 1e+09"),
        (saturates(np.nan), "con 8 errores y level=0.9, tu función no devuelve un núm"),
        (saturates("inf"), "con 8 errores y level=0.9, tu función no devuelve un núm"),
        (
            lambda e, q: np.sort(abs(e))[int(ceil(len(e), q)) - 1],
            "tu función con 8 errores y level=0.9 se produjo IndexError",
        ),
        (lambda e, q: np.inf, f"{seven}devuelves inf, y el error número 3 existe"),
        (
            lambda e, q: print(by_sort(e, q)),
            f"{seven[:-1]}, tu función no devuelve un número",
        ),
        (
            lambda e, q: np.abs(e),
            "tu función con 7 errores y level=0.3 se produjo Value",
        ),
        (lambda e, q: (yield by_sort(e, q)), "tu función no devuelve un número"),
        (lambda e: by_sort(e, 0.8), f"al probar tu función {seven}se produjo TypeE"),
        (explode, "se produjo RuntimeError: línea 1 línea 2"),
        (found, "`conformal_radius` debe ser una función; llegó"),
    ]
    for radius, hint in said:
        yield (radius, found, mixed), hint
    X, y = DIABETES
    _, gaps, teach, calibrate, decide = parts()
    size = by_sort(gaps[calibrate], 0.8)
    rates = [
        (hits(judge=1), "juzga las 50 que calibran: van las de `decide`"),
        (hits(judge=0), "juzga las 200 que enseñan: van las de `decide`"),
        (np.mean(abs(gaps) <= size), "juzga las 442: van las de `decide`"),
        (hits(calibrate=0), "calibra con las 200 que él vio"),
        (hits(calibrate=2), "calibra con las mismas que juzgan"),
        (hits(radius=plain_quantile), "usa el cuantil sin corregir"),
        (hits(level=0.9), "es del 90 %: se pide el 80 %"),
        (1 - found, "es la parte que queda fuera del intervalo"),
        (np.mean(gaps[decide] <= size), "compara los errores con su signo"),
        (100 * found, "está en porcentaje, y va de 0 a 1"),
        (round(100 * found, 1), "está en porcentaje, y va de 0 a 1"),
        (round(found, 2), "va con tres decimales"),
        (found - 1 / 192, "no coincide: con el radio de las 50 de `calibrate`, ¿qué"),
        (found + 1 / 192, "de las 192 de `decide` queda a esa distancia o menos?"),
        (size, "no coincide"),
        (0.8, "no coincide"),
        (hits(level=0.5), "no coincide"),
        (np.inf, "`hit_rate` debe ser un número finito; llegó"),
        (abs(gaps[decide]) <= size, "`hit_rate` debe ser un número finito; llegó ndar"),
        ("0.8", "`hit_rate` debe ser un número finito; llegó '0.8'"),
    ]
    for rate, hint in rates:
        yield (by_sort, rate, mixed), hint
    yield (by_sort, found, decide), "`mixed` debe ser una lista de 442 números"
    for bad in (
        np.zeros(442),
        mixed + 1,
        np.arange(442) / 2,
        gaps,
        np.r_[mixed[1:], 5],
    ):
        yield (
            (by_sort, found, bad),
            "ya no es el orden de las 442 filas: ejecuta su cel",
        )
    yield (by_sort, found, np.arange(442)), "`hit_rate`"


ANSWERS = {
    "9_1": (right_9_1, wrong_9_1),
    "9_2": (right_9_2, wrong_9_2),
    "9_3": (right_9_3, wrong_9_3),
}
