"""Lo que vale para toda prueba, también para ``pytest notebooks`` a solas."""

import os

# Con ellos en el entorno, los cuadernos abrirían un túnel y usarían un servidor ajeno.
for name in ("NGROK_AUTHTOKEN", "OPTUNA_STORAGE"):
    os.environ.pop(name, None)

# Los archivos más largos, en orden: si uno empezara al final, los demás lo esperarían.
LONGEST = (
    "test_colab.py",
    "test_rerun.py",
    "08_distribuido.ipynb",
    "test_browser.py",
    "test_slides.py",
    "test_site.py",
    "test_worker.py",
    "05_comparacion.ipynb",
    "04_optuna.ipynb",
)


def pytest_collection_modifyitems(items):
    """Pone primero lo más largo, para que los procesos terminen a la vez."""
    place = {name: i for i, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.path.name, len(LONGEST)))
