"""Cada celda, dos veces seguidas y otra vez después de la última.

Es lo que hace quien estudia: repetir una celda, o volver a una de antes cuando todo ya
corrió. Debe salir lo mismo o una sola frase; nunca un traceback. La vuelta se hace de
la última a la primera, para que ninguna se apoye en que se repitió la de antes.
"""

import copy

import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course import EVERY, code_cells, name_of, read, text_of

pytestmark = pytest.mark.full


# Celdas que al repetirse dicen otra cosa en una frase, y parte de esa frase.
SENTENCES = {
    "danger-delete": "código 404",
}


def run(client, cell):
    """Ejecuta una copia de una celda; su texto y, si se negó, las líneas del error."""
    cell = copy.deepcopy(cell)
    try:
        client.execute_cell(cell, 0)
    except CellExecutionError:
        return text_of(cell), cell.outputs[-1].traceback
    return text_of(cell), []


def rerun(path):
    """Celdas que al repetirse no dan lo mismo ni una sola frase, y lo que dieron."""
    notebook = read(path)
    code = code_cells(notebook)
    resources = {"metadata": {"path": path.parent}}
    client = NotebookClient(notebook, timeout=120, resources=resources)
    first, wrong = {}, {}

    def again(name, when):
        text, error = run(client, code[name])
        if name in SENTENCES and len(text) == 1 and SENTENCES[name] in text[0]:
            return
        same = bool(code[name].metadata.get("tags")) or text == first[name]
        if len(error) > 1 or not error and not same:
            wrong[name, when] = error[-1:] or text

    with client.setup_kernel():
        for name, cell in code.items():
            first[name], error = run(client, cell)
            assert not error, error
            again(name, "seguidas")
        for name in reversed(code):
            again(name, "al final")
    return wrong


@pytest.mark.parametrize("path", EVERY, ids=name_of)
def test_every_cell_may_run_again(path, busy_port):
    assert rerun(path) == {}
