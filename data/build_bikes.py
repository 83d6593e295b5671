"""Escribe las bicicletas del cuaderno 9: ``python data/build_bikes.py Bikeshare.csv``.

El archivo que lee es el que publica el paquete ``islp`` de PyPI, en ``ISLP/data``. Solo
cambia el nombre del mes por su número y comprime: los demás valores son los publicados.
"""

import sys
from pathlib import Path

import pandas as pd

PATH = Path(__file__).resolve().parent / "bikes.csv.gz"
NUMBERS = ["day", "hr", "casual", "registered", "bikers"]


def convert(published: pd.DataFrame) -> pd.DataFrame:
    """Las mismas filas, con ``month`` de 1 a 12 en lugar de ``mnth``.

    Raises
    ------
    ValueError
        Si no es esa tabla, no tiene las horas de 2011 o las cuentas no cuadran.
    """
    if not {"mnth", *NUMBERS} <= set(published):
        raise ValueError("no tiene las columnas de Bikeshare.csv")
    values = published[NUMBERS].apply(pd.to_numeric, errors="coerce")
    hours = 24 * values["day"] + values["hr"]
    if len(hours) != 8645 or not (hours.diff()[1:] > 0).all():
        raise ValueError(
            f"se esperaban las 8645 horas de 2011, en orden, y hay {len(hours)} filas"
        )
    if (values["casual"] + values["registered"] != values["bikers"]).any():
        raise ValueError("en alguna fila, casual + registered no es bikers")
    months = {name: number for number, name in enumerate(published["mnth"].unique(), 1)}
    table = published.rename(columns={"mnth": "month"})
    table["month"] = table["month"].map(months)
    return table


def read(path: str) -> pd.DataFrame:
    """La tabla de un CSV, o un error que dice que no lo es."""
    try:
        return pd.read_csv(path)
    except ValueError as error:  # también los de pandas y los de codificación
        raise ValueError("no se puede leer como CSV") from error


if __name__ == "__main__":
    if len(sys.argv) != 2 or not Path(sys.argv[1]).is_file():
        sys.exit("Se espera la ruta de Bikeshare.csv: python data/build_bikes.py RUTA")
    try:
        table = convert(read(sys.argv[1]))
    except ValueError as error:
        sys.exit(f"{sys.argv[1]}: {error}.")
    gzip = {"method": "gzip", "mtime": 0}  # sin la hora, el archivo sale siempre igual
    table.to_csv(PATH, index=False, lineterminator="\n", compression=gzip)
