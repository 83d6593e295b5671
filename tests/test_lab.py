import re
import warnings
from importlib.metadata import version
from time import process_time

import matplotlib.pyplot as plt
import numpy as np
import optuna
import optuna.visualization.matplotlib
import pandas as pd
import pytest
from matplotlib.text import Text
from scipy.integrate import quad
from sklearn.exceptions import NotFittedError
from sklearn.metrics import make_scorer, r2_score
from sklearn.model_selection import (
    GridSearchCV,
    RandomizedSearchCV,
    cross_val_score,
    train_test_split,
)
from sklearn.svm import SVR

import hpo_lab as lab
from course import ROOT
from hpo_lab import output, problem

X, y = lab.make_dataset(80)
GRID = {"C": [1, 10, 100], "gamma": [1, 10]}


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def grid():
    return GridSearchCV(SVR(), GRID).fit(X, y)


@pytest.fixture(scope="module")
def study():
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    sampler = optuna.samplers.RandomSampler(0)
    study = optuna.create_study(direction="maximize", sampler=sampler)

    def objective(trial):
        if trial.number == 2:
            raise optuna.TrialPruned
        C = trial.suggest_float("C", 0.1, 100, log=True)
        kernel = trial.suggest_categorical("kernel", ["rbf", "linear"])
        if kernel == "linear":
            return -0.5
        return 0.9 - abs(np.log10(trial.suggest_float("gamma", 0.1, 100) * C)) / 10

    study.optimize(objective, n_trials=15)
    return study


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


def line(ax, label):
    return next(line for line in ax.lines if line.get_label().startswith(label))


# El problema


def test_target_is_the_formula_and_keeps_the_shape():
    x = np.linspace(-1, 1, 12).reshape(3, 4)
    assert lab.target(x) == pytest.approx(np.cos(5 * x) * x * x)
    assert lab.target(0.5) == lab.target(-0.5)


def test_dataset_shapes_distribution_and_bytes():
    X, y = lab.make_dataset(20_000, noise=0.1, seed=3)
    again = lab.make_dataset(20_000, noise=0.1, seed=3)
    assert X.shape == (20_000, 1) and y.shape == (20_000,)
    assert X.tobytes() == again[0].tobytes() and y.tobytes() == again[1].tobytes()
    assert y.tobytes() != lab.make_dataset(20_000, noise=0.1, seed=4)[1].tobytes()
    assert -1 <= X.min() < -0.99 and 0.99 < X.max() <= 1 and abs(X.mean()) < 0.02
    residual = y - lab.target(X[:, 0])
    assert residual.std() == pytest.approx(0.1, rel=0.03)
    assert abs(residual.mean()) < 0.003


def test_dataset_without_noise_is_the_function():
    X, y = lab.make_dataset(5, noise=0)
    assert np.array_equal(y, lab.target(X[:, 0]))


@pytest.mark.parametrize("noise", [0, 0.05, 0.2, 3])
def test_ceiling_equals_the_numerical_integral(noise):
    mean = quad(lambda x: lab.target(x) / 2, -1, 1)[0]
    variance = quad(lambda x: lab.target(x) ** 2 / 2, -1, 1)[0] - mean**2
    assert lab.noise_ceiling(noise) == pytest.approx(variance / (variance + noise**2))


def test_ceiling_of_the_course_and_of_a_large_sample():
    assert round(lab.noise_ceiling(0.05), 3) == 0.936
    X, y = lab.make_dataset(200_000, seed=1)
    measured = r2_score(y, lab.target(X[:, 0]))
    assert lab.noise_ceiling(0.05) == pytest.approx(measured, abs=0.002)


@pytest.mark.parametrize(
    ("n_samples", "error", "text"),
    [(1, ValueError, "2 o más; se recibió 1"), (2.5, TypeError, "entero"),
     ("10", TypeError, "se recibió '10'"), (True, TypeError, "True")],
)  # fmt: skip
def test_dataset_rejects_bad_sizes(n_samples, error, text):
    with pytest.raises(error, match=text):
        lab.make_dataset(n_samples)


@pytest.mark.parametrize(
    "function", [lab.noise_ceiling, lambda e: lab.make_dataset(5, e)]
)
@pytest.mark.parametrize(
    ("noise", "error"),
    [(-0.1, ValueError), (np.nan, ValueError), (np.inf, ValueError),
     ("0.1", TypeError), (None, TypeError), (True, TypeError)],
)  # fmt: skip
def test_bad_noise_is_rejected_with_what_was_got(function, noise, error):
    with pytest.raises(error, match=re.escape(str(noise))):
        function(noise)


# La tabla de data/


def test_csv_is_the_default_dataset():
    table = pd.read_csv(lab.DATA / "synthetic.csv")
    X, y = lab.make_dataset()
    assert list(table.columns) == ["x", "y"]
    assert np.array_equal(table["x"], X[:, 0]) and np.array_equal(table["y"], y)


SURFACE = pd.read_csv(lab.DATA / "response_surface.csv")
PINS = dict(
    re.findall(r"(?m)^([\w-]+)==(\S+)$", (ROOT / "requirements.txt").read_text())
)


def cross_validated(log10_C, log10_gamma):
    model = SVR(C=10**log10_C, gamma=10**log10_gamma)
    return cross_val_score(model, *problem.training_half(), cv=problem.CV)


def test_the_training_half_is_that_of_the_notebooks():
    X, y = lab.make_dataset()
    X, _, y, _ = train_test_split(X, y, test_size=0.5, random_state=0)
    assert all(map(np.array_equal, problem.training_half(), (X, y)))
    assert all(map(np.array_equal, problem.training_half(30), (X[:30], y[:30])))


def test_surface_covers_the_rectangle_and_is_light():
    columns = ["log10_C", "log10_gamma", "mean_r2", "std_r2", "fit_seconds"]
    assert list(SURFACE.columns) == columns and not SURFACE.isna().any(axis=None)
    axis = np.arange(-20, 31) / 10
    cells = [(C, gamma) for C in axis for gamma in axis]
    assert cells == list(zip(SURFACE["log10_C"], SURFACE["log10_gamma"], strict=True))
    assert (SURFACE["fit_seconds"] > 0).all() and SURFACE["mean_r2"].max() < 0.95
    assert (lab.DATA / "response_surface.csv").stat().st_size <= 300_000


def test_surface_is_real_cross_validation():
    names = ("numpy", "scikit-learn", "scipy")
    error = 1e-6 if all(version(name) == PINS[name] for name in names) else 1e-3
    rows = [*SURFACE.sample(11, random_state=0).index, SURFACE["mean_r2"].idxmax()]
    for row in SURFACE.loc[rows].itertuples():
        scores = cross_validated(row.log10_C, row.log10_gamma)
        assert scores.mean() == pytest.approx(row.mean_r2, abs=error)
        assert scores.std() == pytest.approx(row.std_r2, abs=error)


def test_interpolation_passes_through_the_table_and_has_its_shape():
    C, gamma = 10 ** SURFACE["log10_C"], 10 ** SURFACE["log10_gamma"]
    assert lab.interpolate_response(C, gamma) == pytest.approx(
        SURFACE["mean_r2"].to_numpy(), abs=1e-9
    )
    assert np.ndim(lab.interpolate_response(10, 10)) == 0
    assert lab.interpolate_response(np.ones((3, 1)), np.ones(4)).shape == (3, 4)
    ends = np.logspace(-2, 3, 2)
    assert np.isfinite(lab.interpolate_response(ends, ends)).all()


@pytest.mark.parametrize("logs", [(1.93, 0.34), (0.55, 0.87), (-0.25, 1.61)])
def test_interpolation_is_close_to_cross_validation_off_the_grid(logs):
    value = lab.interpolate_response(*np.power(10.0, logs))
    assert value == pytest.approx(cross_validated(*logs).mean(), abs=0.0015)


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize(
    ("bad", "error", "text"),
    [(0, ValueError, "entre 0.01 y 1000.* se recibió 0"), (-3, ValueError, "-3"),
     (1001, ValueError, "se recibió 1001"), (0.0099, ValueError, "0.0099"),
     (np.nan, ValueError, "nan"), (np.inf, ValueError, "inf"),
     ([1, 2000.5], ValueError, "2000.5"), ("10", TypeError, "número; se recibió '10'"),
     (None, TypeError, "None"), (True, TypeError, "True"),
     (np.ones(3), ValueError, r"formas compatibles.*\(\d,\) y \(\d,\)")],
)  # fmt: skip
def test_interpolation_refuses_to_leave_the_table(bad, error, text, order):
    with pytest.raises(error, match=text):
        lab.interpolate_response(*(bad, np.ones(2))[::order])


# Las figuras


def test_plot_data_draws_every_point_and_the_function():
    ax = lab.plot_data(X, y)
    assert legend(ax) == ["datos", "f(x) verdadera"]
    assert len(line(ax, "datos").get_xdata()) == 80
    xs, ys = line(ax, "f(x)").get_data()
    assert ys == pytest.approx(lab.target(xs))


def test_plot_model_shows_prediction_and_its_r2_on_the_given_data():
    model = SVR(C=10, gamma=10).fit(X, y)
    ax = plt.subplots()[1]
    assert lab.plot_model(model, X, y, ax, name="prueba") is ax
    assert f"prueba (R² = {model.score(X, y):.3f})" in legend(ax)
    xs, ys = line(ax, "prueba").get_data()
    assert ys == pytest.approx(model.predict(np.c_[xs]))


@pytest.mark.parametrize(
    ("bad_X", "bad_y", "text"),
    [(X[:, 0], y, r"\(80,\)"), (np.hstack([X, X]), y, r"\(80, 2\)"),
     (X, y[:-1], r"\(79,\)"), (X, np.c_[y], r"\(80, 1\)"),
     (np.where(X > 0.9, np.nan, X), y, "NaN"),
     (X, np.where(y > 0.2, np.inf, y), "NaN")],
)  # fmt: skip
def test_figures_reject_bad_data(bad_X, bad_y, text):
    with pytest.raises(ValueError, match=text):
        lab.plot_data(bad_X, bad_y)
    with pytest.raises(ValueError, match=text):
        lab.plot_model(SVR().fit(X, y), bad_X, bad_y)


def test_plot_model_rejects_an_unfitted_model():
    with pytest.raises(NotFittedError, match="SVR no está ajustado.*fit"):
        lab.plot_model(SVR(), X, y)


def test_history_of_a_grid_is_its_running_maximum(grid):
    ax = lab.plot_history(grid)
    scores = grid.cv_results_["mean_test_score"]
    trials, best = line(ax, "mejor").get_data()
    floor = scores.max() - 0.1
    assert list(trials) == [1, 2, 3, 4, 5, 6]
    assert best == pytest.approx(np.maximum.accumulate(scores).clip(floor))
    shown = len(line(ax, "cada").get_xdata())
    below = len(line(ax, "trial más abajo").get_xdata())
    assert (shown, below) == ((scores >= floor).sum(), (scores < floor).sum())


def test_history_of_a_study_skips_the_trials_that_did_not_finish(study):
    trials, best = line(lab.plot_history(study), "mejor").get_data()
    assert list(trials) == [t.number for t in study.trials if t.number != 2]
    assert best[-1] == study.best_value


def test_history_reads_the_metric_that_refit_names():
    scoring = {"r2": "r2", "other": make_scorer(lambda y, p: 0.25)}
    search = GridSearchCV(SVR(), GRID, scoring=scoring, refit="other").fit(X, y)
    assert set(line(lab.plot_history(search), "mejor").get_ydata()) == {0.25}


def test_response_marks_every_rbf_trial_and_the_best(grid, study):
    ax = lab.plot_response(grid)
    assert sorted(zip(*line(ax, "evaluado").get_data(), strict=True)) == [
        (np.log10(C), np.log10(gamma)) for C in (1, 10, 100) for gamma in (1, 10)
    ]
    x, y = line(ax, "mejor").get_data()
    assert 10 ** x[0] == pytest.approx(grid.best_params_["C"])
    assert 10 ** y[0] == pytest.approx(grid.best_params_["gamma"])
    drawn = line(lab.plot_response(study), "evaluado").get_xdata()
    kernels = [trial.params.get("kernel") for trial in study.trials]
    assert len(drawn) == kernels.count("rbf") < len(kernels)


def test_response_ignores_kernels_without_gamma():
    grids = [{"kernel": ["linear"], "C": [1, 10]}, {"kernel": ["rbf"]} | GRID]
    search = GridSearchCV(SVR(), grids).fit(X, y)
    assert len(line(lab.plot_response(search), "evaluado").get_xdata()) == 6


@pytest.mark.parametrize("plot", [lab.plot_history, lab.plot_response])
def test_searches_that_cannot_be_drawn(plot):
    with pytest.raises(ValueError, match="vacía.*un trial"):
        plot(optuna.create_study())
    with pytest.raises(NotFittedError, match="RandomizedSearchCV no está ajustado"):
        plot(RandomizedSearchCV(SVR(), GRID))
    with pytest.raises(TypeError, match="se recibió dict"):
        plot({"C": 1})
    with pytest.raises(TypeError, match="se recibió SVR"):
        plot(SVR().fit(X, y))


@pytest.mark.parametrize(
    "params",
    [{"C": [1, 10, 100], "gamma": [1]}, {"C": [1, 10]}, {"epsilon": [0.1, 0.2]}],
)
def test_response_needs_an_area(params):
    search = GridSearchCV(SVR(), params).fit(X, y)
    with pytest.raises(ValueError, match="al menos 3 puntos"):
        lab.plot_response(search)


@pytest.mark.parametrize("name", ["slice", "contour", "optimization_history"])
def test_a_figure_of_optuna_has_the_style_of_the_course(study, name):
    before = dict(plt.rcParams)
    plot = getattr(optuna.visualization.matplotlib, f"plot_{name}")
    options = {} if "history" in name else {"params": ["C", "gamma"]}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = lab.plot_optuna(plot, study, **options)
    assert dict(plt.rcParams) == before
    texts = {text.get_text() for text in figure.findobj(Text)}
    assert "R² de validación cruzada" in texts
    assert not [text for text in texts if re.search("Plot|Objective|Trial", text)]
    if options:
        assert {"C (escala log)", "gamma"} <= texts


# Lo que se muestra


@pytest.fixture
def shown(monkeypatch):
    images = []
    monkeypatch.setattr(output, "display", images.append)
    return images


@pytest.mark.parametrize("pick", [lambda fig, axes: fig, lambda fig, axes: axes])
def test_show_keeps_the_alternative_text_and_closes_the_figure(shown, pick):
    fig, axes = plt.subplots(1, 2)
    lab.show(pick(fig, axes), "dos ejes vacíos")
    metadata = shown[0]._repr_png_()[1]
    assert metadata["alt"] == "dos ejes vacíos" and metadata["width"] == 800
    assert not plt.fignum_exists(fig.number)


def test_show_notes_the_size_of_the_smallest_letter(shown):
    fig, ax = plt.subplots(figsize=(10, 4))
    ax.text(0.5, 0.5, "pequeña", fontsize=7)
    ax.text(0.5, 0.5, "invisible", fontsize=3, visible=False)
    lab.show(fig, "una letra de siete puntos")
    metadata = shown[0]._repr_png_()[1]
    assert (metadata["inches"], metadata["points"]) == ([10, 4], 7)


def test_show_image_travels_inside_the_output(shown):
    lab.show_image("protocol.png", "el protocolo")
    data, metadata = shown[0]._repr_png_()
    assert metadata["alt"] == "el protocolo" and len(data) > 10_000
    assert metadata["inches"] == [11, 6.2] and metadata["points"] >= 13


def test_missing_image_and_missing_text():
    with pytest.raises(FileNotFoundError, match="no_esta.png.*hay: .*protocol.png"):
        lab.show_image("no_esta.png", "algo")
    for alt in ("", "  ", None):
        with pytest.raises(ValueError, match="alt debe describir"):
            lab.show_image("protocol.png", alt)
        with pytest.raises(ValueError, match="alt debe describir"):
            lab.show(plt.subplots()[1], alt)


@pytest.fixture
def explorer(monkeypatch):
    """Lo que `explore` muestra, y sus deslizadores."""
    seen = {"knobs": {}}

    class Slider(output.widgets.FloatLogSlider):
        def __init__(self, value, description, **options):
            super().__init__(value, description=description, **options)
            seen["knobs"][description] = self

    def keep(bundle, raw, metadata):
        seen.update(bundle=bundle, metadata=metadata)

    monkeypatch.setattr(output.widgets, "FloatLogSlider", Slider)
    monkeypatch.setattr(output, "display", keep)
    return seen


def fit_svr(C, gamma):
    X, y = lab.make_dataset(200)
    return SVR(C=C, gamma=gamma).fit(X, y)


def test_explore_redraws_at_every_move_in_less_than_150_ms(explorer, monkeypatch):
    pictures = []
    image = output.widgets.Image

    def keep(**options):
        pictures.append(image(**options))
        return pictures[0]

    monkeypatch.setattr(output.widgets, "Image", keep)
    lab.explore(fit_svr, *lab.make_dataset(200, seed=1), C=1, gamma=1)
    seconds, drawn = [], {bytes(pictures[0].value)}
    for value in np.logspace(-2, 3, 11):
        for name in ("C", "gamma"):
            start = process_time()  # de procesador: otras pruebas corren a la vez
            explorer["knobs"][name].value = value
            seconds.append(process_time() - start)
            drawn.add(bytes(pictures[0].value))
    assert len(drawn) > 15
    assert np.median(seconds) < 0.15


def test_explore_leaves_a_picture_where_nobody_moves_the_sliders(explorer):
    lab.explore(fit_svr, *lab.make_dataset(200, seed=1), C=1, gamma=3)
    assert explorer["bundle"]["image/png"].startswith(b"\x89PNG")
    assert "application/vnd.jupyter.widget-view+json" in explorer["bundle"]
    assert explorer["metadata"]["image/png"]["alt"].startswith("El ajuste con C = 1 y")
    assert {k: s.value for k, s in explorer["knobs"].items()} == {"C": 1, "gamma": 3}


def test_explore_refuses_what_it_cannot_draw(explorer):
    X, y = lab.make_dataset(20)
    with pytest.raises(NotFittedError, match="SVR no está ajustado"):
        lab.explore(lambda C, gamma: SVR(), X, y)
    with pytest.raises(ValueError, match="X debe tener forma"):
        lab.explore(fit_svr, X[:, 0], y)


@pytest.mark.parametrize(("problem", "n"), [("sintético", 640), ("dígitos", 80)])
def test_recorded_searches_are_shuffled_together(problem, n):
    stored = lab.recorded_searches(problem, n)
    shuffled = lab.recorded_searches(problem, n, seed=3)
    assert all(v.shape == (100, 40) for k, v in stored.items() if "default" not in k)
    assert np.array_equal(stored["default"], shuffled["default"])
    where = shuffled["C"][5] == stored["C"][5][:, None]
    order = where.argmax(axis=0)
    for name in ("cv", "world", "gamma", "se"):
        assert np.array_equal(shuffled[name][5], stored[name][5][order]), name
    assert not np.array_equal(shuffled["C"], stored["C"])
    again = lab.recorded_searches(problem, n, seed=3)
    assert np.array_equal(again["C"], shuffled["C"])


def test_recorded_searches_say_what_there_is():
    with pytest.raises(ValueError, match="'sintético' con 50; hay: .*sintético con 40"):
        lab.recorded_searches("sintético", 50)
    for seed in (-1, 1.5, "a"):
        with pytest.raises(ValueError, match="seed debe ser un entero, 0 o más"):
            lab.recorded_searches("sintético", 40, seed=seed)


def test_an_interval_covers_what_it_estimates():
    samples = np.random.default_rng(0).normal(3, 1, size=(300, 60))
    ends = np.array([lab.interval(sample, np.mean) for sample in samples])
    assert 0.9 < np.mean((ends[:, 0] < 3) & (ends[:, 1] > 3)) < 0.98
    assert lab.interval(samples[0]) == lab.interval(list(samples[0]))
    text = lab.interval_text([1, 2, 3, 4, 5], digits=1)
    assert re.fullmatch(r"3\.0 \[\d\.0, \d\.0\]", text)


@pytest.mark.parametrize("values", [[1], [], [1, np.nan], [[1, 2], [3, 4]], 7])
def test_an_interval_needs_values(values):
    with pytest.raises(ValueError, match="dos números finitos o más"):
        lab.interval(values)
