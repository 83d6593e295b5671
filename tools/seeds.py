"""Ejecuta los cuadernos con otras semillas y dice qué afirmaciones no se sostienen.

python tools/seeds.py [--sets 5] [--first 1] [cuaderno …]

Como hace papermill, pone debajo de la celda ``parameters`` otra con valores nuevos. No
compara textos: mira los ``assert``, los errores y lo que dicen las comprobaciones de
las soluciones. Cada juego de semillas sale de su número: el 7 es siempre el mismo.
"""

import argparse
import ast
import os
import random
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
from nbclient import NotebookClient
from tqdm.contrib.concurrent import thread_map

from refresh import PRIVATE
from stamp import notebooks

BAD_VERDICTS = ("Todavía no", "No se pudo comprobar")
COLORS = re.compile(r"\x1b\[[\d;]*m")


def seeds_of(notebook: nbformat.NotebookNode, number: int) -> dict[str, int]:
    """Semillas nuevas para los nombres de su celda ``parameters``, según el número."""
    (cell,) = (c for c in notebook.cells if "parameters" in c.metadata.get("tags", []))
    names = [node.id for node in ast.walk(ast.parse(cell.source)) if is_stored(node)]
    draw = random.Random(number)
    return {name: draw.randrange(1, 10_000) for name in sorted(names)}


def is_stored(node: ast.AST) -> bool:
    """Dice si el nodo es un nombre al que se asigna algo."""
    return isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)


def run(path: Path, number: int) -> list[dict]:
    """Ejecuta un cuaderno con ese juego de semillas; una fila por celda que falla."""
    notebook = nbformat.read(path, as_version=4)
    seeds = seeds_of(notebook, number)
    source = "\n".join(f"{name} = {value}" for name, value in seeds.items())
    tags = [c.metadata.get("tags", []) for c in notebook.cells]
    place = 1 + next(i for i, found in enumerate(tags) if "parameters" in found)
    notebook.cells.insert(place, nbformat.v4.new_code_cell(source))
    resources = {"metadata": {"path": path.parent}}
    options = {"timeout": 900, "allow_errors": True, "resources": resources}
    client = NotebookClient(notebook, kernel_name="python3", **options)
    client.execute(stderr=subprocess.DEVNULL)  # los avisos del kernel, no de las celdas
    failures, above = [], ""
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            above = cell.source
            continue
        for said in map(failure, cell.outputs):
            if said:
                where = {"cuaderno": name_of(path), "juego": number, "celda": cell.id}
                failures.append(where | {"falló": said, "dice": last_sentence(above)})
    return failures


def failure(output: nbformat.NotebookNode) -> str:
    """Lo que falló según la salida de una celda; nada si no falló."""
    if output.output_type == "error":
        lines = COLORS.sub("", "\n".join(output.traceback)).splitlines()
        at = [line for line in lines if re.match(r"-+> *\d+", line)]
        line = re.sub(r"^-+> *\d+ *", "", at[0]) if at else ""
        return f"{output.ename}: {line} {output.evalue}".strip()
    text = output.get("text", "")
    return text.strip() if any(words in text for words in BAD_VERDICTS) else ""


def last_sentence(text: str) -> str:
    """La última frase de un texto en Markdown, la que la celda siguiente mide."""
    return re.split(r"(?<=[.:?])\s+", text.strip())[-1]


def name_of(path: Path) -> str:
    """Nombre del cuaderno, con su carpeta si son soluciones."""
    folder = "soluciones/" if path.parent.name == "soluciones" else ""
    return folder + path.stem


def main(words: list[str]) -> bool:
    """Ejecuta cada cuaderno con cada juego y escribe la tabla; dice si nada falló."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", type=int, default=5, help="cuántos juegos")
    parser.add_argument("--first", type=int, default=1, help="número del primero")
    parser.add_argument("paths", nargs="*", metavar="cuaderno")
    given = parser.parse_args(words)
    numbers = range(given.first, given.first + given.sets)
    paths = [Path(path).resolve() for path in given.paths or notebooks()]
    if given.sets < 1 or given.first < 0:
        parser.error("se espera --sets de 1 o más y --first de 0 o más")
    if lost := [str(path) for path in paths if not path.is_file()]:
        parser.error(f"no existe {', '.join(lost)}; se espera la ruta de un cuaderno")
    tasks = [(path, number) for path in paths for number in numbers]
    options = {"desc": "Semillas", "max_workers": os.cpu_count()}
    done = thread_map(lambda task: run(*task), tasks, **options)
    counts = pd.DataFrame(0, [name_of(path) for path in paths], numbers)
    for (path, number), failures in zip(tasks, done, strict=True):
        counts.loc[name_of(path), number] = len(failures)
    asserts = sum(
        len(re.findall(r"^\s*assert ", cell.source, re.M))
        for path in paths
        for cell in nbformat.read(path, as_version=4).cells
    )
    print(f"Celdas que fallan, por juego de semillas ({asserts} assert):")
    print(counts.rename_axis("cuaderno").to_string())
    for row in sum(done, []):
        print("\n{cuaderno} · juego {juego} · celda {celda}".format_map(row))
        print("  {falló}\n  «{dice}»".format_map(row))
    return not counts.to_numpy().any()


if __name__ == "__main__":
    for name in PRIVATE:
        os.environ.pop(name, None)
    sys.exit(not main(sys.argv[1:]))
