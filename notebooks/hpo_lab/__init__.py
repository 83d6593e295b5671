"""Laboratorio del curso: el problema sintético y las figuras de los cuadernos.

Se usa como ``import hpo_lab as lab``. Aquí no hay ninguna búsqueda de hiperparámetros:
esas se escriben completas en cada cuaderno.
"""

from hpo_lab.figures import (
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    RED,
    plot_data,
    plot_history,
    plot_model,
    plot_optuna,
    plot_response,
)
from hpo_lab.intervals import interval, interval_text
from hpo_lab.output import explore, play, show, show_image
from hpo_lab.problem import (
    DATA,
    interpolate_response,
    make_dataset,
    noise_ceiling,
    recorded_searches,
    target,
)

__all__ = [
    "BLUE",
    "DATA",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "RED",
    "explore",
    "interpolate_response",
    "interval",
    "interval_text",
    "make_dataset",
    "noise_ceiling",
    "play",
    "plot_data",
    "plot_history",
    "plot_model",
    "plot_optuna",
    "plot_response",
    "recorded_searches",
    "show",
    "show_image",
    "target",
]
