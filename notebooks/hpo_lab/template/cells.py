"""Las celdas de proyecto.ipynb; `hpo_lab.project` las convierte en un cuaderno."""
# ruff: noqa: E402

# %% [markdown] titulo
# # Mi proyecto
#
# Se llena de arriba abajo. Las funciones se escriben en `objetivo.py`, que cada sección
# vuelve a leer cuando cambia; los textos y las decisiones, aquí. La celda que necesita
# algo sin escribir lo dice y se detiene. Toda celda se puede repetir, y la búsqueda
# sigue donde quedó, también mañana.

# %% colab
import importlib.util
import os
import subprocess
import sys

COURSE = "git+https://github.com/nferrucho/NPL@main"
FOLDER = "/content/drive/MyDrive/mi_proyecto"  # en Colab, la carpeta del proyecto

if "google.colab" in sys.modules:
    if FOLDER.startswith("/content/drive"):
        from google.colab import drive

        drive.mount("/content/drive")
    os.chdir(FOLDER)
    if not importlib.util.find_spec("hpo_lab"):
        subprocess.run([sys.executable, "-m", "pip", "install", "-q", COURSE])

# %% preparar
import json
from pathlib import Path
from platform import python_version

import joblib
import matplotlib.pyplot as plt
import numpy as np
import optuna
import pandas as pd
from IPython.display import display
from optuna.trial import FixedTrial, TrialState
from sklearn import __version__ as sklearn_version

import hpo_lab as lab
from hpo_lab import command
from hpo_lab.project import ProjectError, blanks, load
from hpo_lab.storage import open_storage

# %% parametros
STUDY = "proyecto"  # otro nombre cuando cambies los datos, los folds o la métrica
N_TRIALS = 40  # con los que se queda el study, por más veces que se repita la celda

# %% falta
print("Falta escribir en objetivo.py:", ", ".join(blanks()) or "nada")

# %% [markdown] paso-1
# ## 1 · La pregunta y la métrica
#
# Quién decide qué con la predicción, y qué cuesta cada error. De eso sale la métrica,
# que es `measure` en `objetivo.py`.

# %% pregunta
# Escribe tu código aquí
QUESTION = ""  # qué se predice, para qué caso y con cuánta anticipación
DECISION = ""  # quién decide qué con la predicción
COSTS = ""  # cuánto cuesta predecir de más y cuánto de menos
METRIC = "error absoluto medio"
UNIT = ""  # sus unidades, si las tiene
LABEL = f"{METRIC} ({UNIT})" if UNIT else METRIC

# %% [markdown] paso-2
# ## 2 · Los datos y la partición
#
# `load_data`, `split` y `make_folds`. Aquí solo se miran las filas de entrenamiento.

# %% datos
parts = load("load_data")
X_train, y_train = parts.training()
folds = parts.make_folds(X_train)
print(f"{len(X_train)} filas de entrenamiento, {X_train.shape[1]} columnas")
print("filas de ajuste y de validación:", [(len(a), len(b)) for a, b in folds])
X_train.describe(include="all").transpose()

# %% [markdown] paso-3
# ## 3 · El punto de partida ingenuo
#
# Lo que se acierta sin modelo, con `naive`. Un modelo que no le gane no sirve.

# %% ingenuo
parts = load("load_data", "naive")
naive_folds = []
for fit, judged in folds:
    guess = parts.naive(X_train, y_train, fit, judged)
    naive_folds.append(float(parts.measure(y_train[judged], guess)))
print(f"{LABEL}: {np.mean(naive_folds):.4g}")

# %% [markdown] paso-4
# ## 4 · El modelo con sus valores por defecto
#
# `build` y `DEFAULT`. Es lo que la búsqueda tiene que mejorar.

# %% por-defecto
parts = load("load_data", "DEFAULT", "build")
default = FixedTrial(parts.DEFAULT)
parts.objective(default)
default_folds = default.user_attrs["folds"]
table = pd.DataFrame({"ingenuo": naive_folds, "por defecto": default_folds})
table.rename_axis("fold").round(4)

# %% [markdown] paso-5
# ## 5 · La búsqueda
#
# El study se guarda en `bitacora.log`, al lado de este cuaderno. El trabajador también
# lo puede llenar, desde una terminal: la orden está en `objetivo.py`.

# %% study
optuna.logging.set_verbosity(optuna.logging.WARNING)
parts = load("load_data", "DEFAULT", "build")
settings = command.read_settings(parts, seed=None)  # con una fija, seguir repetiría
storage = open_storage("bitacora.log")
study = command.find_study(storage, STUDY, settings, create=True)
for trial in study.get_trials(states=[TrialState.RUNNING]):
    if "host" not in trial.user_attrs:  # es de un kernel que murió, no de un trabajador
        study.tell(trial.number, state=TrialState.FAIL)

# %% buscar
done = study.get_trials(states=[TrialState.COMPLETE, TrialState.PRUNED])
missing = N_TRIALS - len(done)
alive = [t for t in study.trials if t.state != TrialState.FAIL]
known = [t.params or t.system_attrs.get("fixed_params") for t in alive]
if missing > 0:
    if default.params not in known:
        study.enqueue_trial(default.params)
    study.optimize(parts.objective, n_trials=missing, catch=parts.catch)
complete = study.get_trials(states=[TrialState.COMPLETE])
best = study.best_trial
print(f"{len(complete)} trials completos; el mejor, el {best.number}: {best.params}")

# %% historia
values = pd.Series({trial.number: trial.value for trial in complete})
lower = parts.direction == "minimize"
so_far = values.cummin() if lower else values.cummax()
start = np.mean(default_folds)
ax = plt.subplots()[1]
ax.plot(values, "o", color=lab.GRAY, label="cada trial")
ax.plot(so_far, drawstyle="steps-post", marker="", label="mejor hasta ahora")
ax.axhline(start, color=lab.ORANGE, linestyle="--", label="por defecto")
ax.set(xlabel="trial", ylabel=LABEL)
ax.locator_params(axis="x", integer=True)
ax.legend()
alt = f"El mejor de {len(values)} trials da {best.value:.4g}; por defecto, {start:.4g}."
lab.show(ax, alt=alt)

# %% igual
noted = [trial.value for trial in complete if trial.params == default.params]
same = len(best.user_attrs["folds"]) == len(default_folds)
if not same or not np.allclose(noted, start, rtol=0.001):
    raise ProjectError(
        "Los valores por defecto dan aquí una nota y en el study otra: o cambió "
        "objetivo.py, y con otro STUDY se empieza de nuevo, o al modelo le falta "
        "fijar su random_state."
    )

# %% [markdown] paso-6
# ## 6 · ¿Es de verdad mejor?
#
# La nota de la ganadora exagera, porque se eligió con ella. Decide tú, con lo que
# cuesta cada error, qué diferencia importa: menos que eso no vale un modelo más
# complicado.

# %% comparar
# Escribe tu código aquí
MARGIN = None  # la mejora que importa, en las unidades de la métrica
table["mejor"] = best.user_attrs["folds"]
table["mejora"] = (table["por defecto"] - table["mejor"]) * (1 if lower else -1)
gain = table["mejora"].mean()
wins = int((table["mejora"] > 0).sum())
print(f"{LABEL}: mejora {gain:.4g} en promedio, y en {wins} de {len(table)} folds.")
if MARGIN is None:
    print("Falta decidir desde qué mejora importa: MARGIN.")
else:
    chosen = "mejor" if gain >= MARGIN else "por defecto"
    print(f"Importa desde {MARGIN}: se entrega el modelo {chosen}.")
table.rename_axis("fold").round(4)

# %% [markdown] paso-7
# ## 7 · La única evaluación en prueba
#
# Cuando ya no vayas a cambiar nada, `READY = True`. Si después vuelves a elegir, la
# prueba ya no dice cómo le irá al modelo con casos nuevos; el study recuerda cuántos
# modelos elegidos la vieron.

# %% lista
READY = False
if READY and MARGIN is None:
    raise ProjectError("Antes de abrir la prueba, decide MARGIN en la sección 6.")
if not READY:
    print("La prueba sigue cerrada.")

# %% prueba
if READY:
    parts = load()
    X, y = parts.load_data()
    y = np.asarray(y)  # por posición, no por etiqueta
    train, test = parts.split(X)
    candidates = {"por defecto": default.params, "mejor": best.params}
    predicted, models = {"ingenuo": parts.naive(X, y, train, test)}, {}
    for name, params in candidates.items():
        models[name] = parts.build(FixedTrial(params)).fit(X.iloc[train], y[train])
        predicted[name] = models[name].predict(X.iloc[test])
    scores = {name: float(parts.measure(y[test], p)) for name, p in predicted.items()}
    display(pd.Series(scores, name=LABEL).to_frame().round(4))

# %% vista
if READY:
    seen = study.user_attrs.get("seen", [])
    if candidates[chosen] not in seen:
        seen = [*seen, candidates[chosen]]
        study.set_user_attr("seen", seen)
    if len(seen) > 1:
        print(
            f"La prueba ya vio {len(seen)} modelos elegidos: su nota también exagera."
        )

# %% [markdown] paso-8
# ## 8 · Entregar
#
# El modelo se guarda, y otro proceso de Python lo abre y debe predecir lo mismo. Un
# archivo de joblib puede ejecutar código: abre solo los tuyos.

# %% guardar
AGAIN = """
import json, joblib, objetivo
X, y = objetivo.load_data()
predicted = joblib.load("modelo.joblib").predict(X.iloc[objetivo.split(X)[1]])
print(json.dumps(predicted.tolist()))
"""
if READY:
    joblib.dump(models[chosen], "modelo.joblib")
    again = subprocess.run(
        [sys.executable, "-c", AGAIN], capture_output=True, text=True
    )
    assert again.returncode == 0, again.stderr[-1000:]
    same = pd.Series(json.loads(again.stdout.splitlines()[-1]))
    pd.testing.assert_series_equal(
        same, pd.Series(predicted[chosen].tolist()), check_dtype=False
    )
    print("Otro proceso abrió modelo.joblib y predijo lo mismo.")

# %% [markdown] nota-ficha
# La ficha dice qué se entrega. Esta celda la escribe otra vez cada vez que se ejecuta.

# %% ficha
# Escribe tu código aquí
LIMITS = ""  # para qué casos no sirve, y cuándo habría que ajustarlo otra vez
if READY:
    lines = [f"# {QUESTION or 'Mi proyecto'}", ""]
    lines += [f"- Quién decide qué: {DECISION or 'sin escribir'}"]
    lines += [f"- Qué cuesta cada error: {COSTS or 'sin escribir'}"]
    lines += [f"- Límites: {LIMITS or 'sin escribir'}"]
    lines += [f"- Datos: {len(train)} filas de entrenamiento y {len(test)} de prueba"]
    lines += [f"- Modelo entregado: {chosen}, {candidates[chosen]}"]
    lines += [f"- Se buscó con {len(folds)} folds y {len(study.trials)} trials"]
    lines += [f"- Se pedía mejorar {MARGIN} y se mejoró {gain:.4g}"]
    lines += [f"- Modelos elegidos que vieron la prueba: {len(seen)}"]
    lines += [f"- Versiones: Python {python_version()}, scikit-learn {sklearn_version}"]
    lines += ["", f"| {LABEL} | en los folds | en la prueba |"]
    lines += ["| --- | --- | --- |"]
    for name, score in scores.items():
        lines += [f"| {name} | {table[name].mean():.4g} | {score:.4g} |"]
    Path("ficha.md").write_text("\n".join(lines) + "\n", "utf-8")
