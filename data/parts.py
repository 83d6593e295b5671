"""Lo que comparten los programas de esta carpeta: hacer una tabla por partes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
from joblib import Parallel, delayed
from tqdm import tqdm


def read(path: Path) -> list[dict]:
    """Las filas que ya están, si las hay."""
    return pd.read_csv(path).to_dict("records") if path.exists() else []


def save(path: Path, rows: list[dict], keys: list[str], decimals: int | dict) -> None:
    """Escribe la tabla de una vez, para que nunca quede a medias."""
    part = path.with_suffix(".part")
    table = pd.DataFrame(rows).sort_values(keys).round(decimals)
    table.to_csv(part, index=False, lineterminator="\n")
    part.replace(path)


def measure(work: Callable, tasks: list[tuple], name: str) -> Iterator:
    """Lo que da `work` con cada tarea, en todos los núcleos y con barra de avance."""
    pool = Parallel(n_jobs=-1, return_as="generator_unordered")
    return tqdm(
        pool(delayed(work)(*task) for task in tasks), total=len(tasks), desc=name
    )
