"""El Chromium de la máquina, sin ventana y sin hablar con nadie."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find() -> str | None:
    """Ruta del navegador, o None si no hay ninguno."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@contextmanager
def launch():
    """Lo abre, y lo cierra al salir."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find(), args=FLAGS)
        yield browser
        browser.close()
