"""``make seeds`` ve lo que solo vale con una semilla."""

import nbformat
import pytest

import seeds

pytestmark = pytest.mark.slow

LUCKY = """import numpy as np

draw = np.random.default_rng(SEARCH_SEED).random()
assert draw > 0.6"""
SOLID = """draws = np.random.default_rng(SEARCH_SEED).random(10_000)
assert abs(draws.mean() - 0.5) < 0.05"""


@pytest.fixture
def planted(tmp_path):
    """Un cuaderno con una afirmación que vale siempre, y las que se le agreguen."""

    def write(*cells):
        code = nbformat.v4.new_code_cell
        first = code("SEARCH_SEED = 0", id="parameters")
        first.metadata.tags = ["parameters"]
        text = nbformat.v4.new_markdown_cell("Sorteamos. El sorteo salió alto.")
        lesson = [code(source, id=name) for name, source in cells]
        last = [code("import numpy as np"), code(SOLID, id="solid")]
        nb = nbformat.v4.new_notebook(cells=[first, text, *lesson, *last])
        nbformat.write(nb, tmp_path / "99_prueba.ipynb")
        return str(tmp_path / "99_prueba.ipynb")

    return write


def test_a_claim_of_one_seed_is_reported_with_its_sentence(planted, capsys):
    path = planted(("lucky", LUCKY))
    assert not seeds.main(["--sets", "6", path])
    said = capsys.readouterr()
    counts = said.out.splitlines()[3].split()
    assert counts[0] == "99_prueba" and {"0", "1"} == set(counts[1:])
    assert "celda lucky\n  AssertionError: assert draw > 0.6\n" in said.out
    assert "«El sorteo salió alto.»" in said.out and "solid" not in said.out
    assert "6/6" in said.err


def test_a_rejected_solution_and_an_error_are_reported(planted, capsys):
    verdict = ("verdict", "print('Ejercicio 1.1 · Todavía no: falta algo.')")
    path = planted(verdict, ("wrong", "nada"))
    assert not seeds.main(["--sets", "1", path])
    said = capsys.readouterr().out
    assert "celda verdict\n  Ejercicio 1.1 · Todavía no" in said
    assert "celda wrong\n  NameError: nada" in said


def test_what_holds_passes_and_the_stored_seeds_are_replaced(planted, capsys):
    path = planted(("replaced", "assert SEARCH_SEED != 0"))
    assert seeds.main(["--sets", "2", "--first", "7", path])
    assert capsys.readouterr().out.splitlines()[1].split() == ["7", "8"]


def test_each_set_has_other_seeds_and_is_always_the_same(planted):
    notebook = nbformat.read(planted(), 4)
    drawn = [seeds.seeds_of(notebook, number)["SEARCH_SEED"] for number in range(50)]
    again = [seeds.seeds_of(notebook, number)["SEARCH_SEED"] for number in range(50)]
    assert drawn == again and len(set(drawn)) > 45 and 0 not in drawn


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--sets", "0"], "--sets de 1 o más"), (["nada.ipynb"], "no existe")],
)
def test_bad_words_are_one_sentence(words, said, capsys):
    with pytest.raises(SystemExit):
        seeds.main(words)
    assert said in capsys.readouterr().err.splitlines()[-1]
