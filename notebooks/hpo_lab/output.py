"""Lo que los cuadernos muestran: figuras descritas, deslizadores y un juego."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from html import escape
from io import BytesIO

import ipywidgets as widgets
import matplotlib.pyplot as plt
import numpy as np
import PIL.Image
from IPython.display import Image, display
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text

from hpo_lab.figures import plot_model
from hpo_lab.problem import IMAGES, noise_ceiling


def show(ax, alt: str) -> None:
    """Muestra la figura de `ax` (Axes, array de Axes o Figure) con texto alternativo.

    Con la imagen se anotan las pulgadas de la figura y los puntos de su letra más
    pequeña, para que las presentaciones comprueben que se lee desde lejos.

    Raises
    ------
    ValueError
        Si `alt` está vacío.
    """
    _check_alt(alt)
    figure = np.ravel(ax)[0]
    figure = getattr(figure, "figure", figure)
    # Con 128 colores, el PNG pesa la tercera parte y se ve igual.
    full, small = BytesIO(), BytesIO()
    figure.savefig(full, dpi=150)
    PIL.Image.open(full).convert("RGB").quantize(128).save(small, "png", optimize=True)
    size = print_size(figure)
    width = int(100 * size["inches"][0])
    display(Image(small.getvalue(), width=width, metadata={"alt": alt} | size))
    plt.close(figure)


def show_image(name: str, alt: str, width: int = 880) -> None:
    """Muestra un dibujo PNG de la carpeta ``images/``, de `width` píxeles de ancho.

    El dibujo viaja dentro de la salida, así que se ve igual en Colab, en Jupyter,
    en GitHub y en HTML exportado, y se lee su texto alternativo.

    Raises
    ------
    FileNotFoundError
        Si no hay un dibujo con ese nombre.
    ValueError
        Si `alt` está vacío.
    """
    _check_alt(alt)
    if not (IMAGES / name).is_file():
        names = ", ".join(sorted(path.name for path in IMAGES.glob("*.png")))
        raise FileNotFoundError(f"No hay un dibujo {name!r} en images/; hay: {names}.")
    about = {"alt": alt} | _drawn_size(name)
    display(Image(filename=IMAGES / name, width=width, metadata=about))


def explore(
    fit: Callable, X: np.ndarray, y: np.ndarray, C: float = 1, gamma: float = 1
) -> None:
    """Muestra deslizadores de C y gamma: cada cambio ajusta el modelo y lo redibuja.

    Sin nadie que los mueva (HTML, presentación, GitHub) queda la figura inicial.

    Parameters
    ----------
    fit : función que recibe C y gamma y devuelve un modelo ajustado
    X : array (n, 1)
    y : array (n,)
        Datos en los que se dibuja y se califica.
    C, gamma : float
        Valores iniciales, entre 0.01 y 1000.

    Raises
    ------
    NotFittedError, ValueError
        Como `plot_model`.
    """
    log = {"min": -2, "max": 3, "step": 0.1, "readout_format": ".3g"}
    knobs = {
        name: widgets.FloatLogSlider(value, description=name, **log)
        for name, value in {"C": C, "gamma": gamma}.items()
    }
    picture = widgets.Image(width=800)
    canvas = FigureCanvasAgg(Figure())
    ax = canvas.figure.subplots()

    def redraw(_) -> None:
        values = {name: knob.value for name, knob in knobs.items()}
        ax.clear()
        plot_model(fit(**values), X, y, ax, "SVR")
        title = "C = {C:.3g}, gamma = {gamma:.3g}".format(**values)
        ax.set_title(f"{title} · techo de R² = {noise_ceiling():.3f}")
        png = BytesIO()
        canvas.print_png(png)
        picture.value = png.getvalue()

    redraw(None)
    # Acomodar los márgenes otra vez en cada cambio tardaría el doble.
    canvas.figure.set_layout_engine("none")
    for knob in knobs.values():
        knob.observe(redraw, "value")
    box = widgets.VBox([*knobs.values(), picture])
    alt = f"El ajuste con C = {C:.3g} y gamma = {gamma:.3g} sobre los datos y f(x)."
    about = {"alt": alt} | print_size(canvas.figure)
    text = "Deslizadores de C y gamma, con la figura del ajuste"
    _show_live(box, text, bytes(picture.value), about)


def play() -> None:
    """Muestra el juego «¿Le ganas a TPE?»: 25 trials sobre un mapa tapado.

    Es una página que no pide nada a la red (``images/game.html``). Sin un kernel que la
    muestre (HTML, presentación, GitHub) queda una imagen de ella.
    """
    page = escape((IMAGES / "game.html").read_text("utf-8"))
    style = "width: 100%; height: 680px; border: 0"
    frame = (
        f'<iframe srcdoc="{page}" title="¿Le ganas a TPE?" style="{style}"></iframe>'
    )
    alt = "El juego a medias: doce trials en un tablero tapado y cuánto falta."
    about = {"alt": alt} | _drawn_size("game.png")
    png = (IMAGES / "game.png").read_bytes()
    _show_live(widgets.HTML(frame), "Juego: ¿Le ganas a TPE?", png, about)


def print_size(figure: Figure) -> dict:
    """Pulgadas de una figura ya dibujada y puntos de su letra más pequeña."""
    words = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text()]
    points = min((word.get_fontsize() for word in words), default=None)
    return {"inches": [float(x) for x in figure.get_size_inches()], "points": points}


def _drawn_size(name: str) -> dict:
    """Las pulgadas y los puntos que anotó en un dibujo quien lo hizo."""
    return json.loads(PIL.Image.open(IMAGES / name).info.get("Comment", "{}"))


def _show_live(widget: widgets.Widget, text: str, png: bytes, about: dict) -> None:
    """Muestra un widget y, donde no hay quien lo mueva, su imagen."""
    view = {"version_major": 2, "version_minor": 0, "model_id": widget.model_id}
    bundle = {
        "text/plain": text,
        "application/vnd.jupyter.widget-view+json": view,
        "image/png": png,
    }
    if "google.colab" in sys.modules:  # entre los dos, no consta que elija el widget
        del bundle["image/png"]
    display(bundle, raw=True, metadata={"image/png": {"width": 800} | about})


def _check_alt(alt: str) -> None:
    if not isinstance(alt, str) or not alt.strip():
        raise ValueError(f"alt debe describir la figura; se recibió {alt!r}.")
