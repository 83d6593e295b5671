"""Las reglas de la casa, sobre los cuadernos tal como están guardados."""

import ast
import json
import re
from statistics import median
from urllib.parse import unquote

import nbformat
import pytest
from IPython.core.inputtransformer2 import TransformerManager

import stamp
from course import (
    EVERY,
    NOTEBOOKS,
    ROOT,
    SOLUTIONS,
    alts,
    code_cells,
    links,
    name_of,
    text_of,
    verdicts,
)

of_all = pytest.mark.parametrize("path", EVERY, ids=name_of)
of_course = pytest.mark.parametrize("path", NOTEBOOKS, ids=name_of)
of_solutions = pytest.mark.parametrize("path", SOLUTIONS, ids=name_of)

SECTIONS = ["## 1. ", "## Lo que medimos", "## Ejercicios"]
FINAL = "La única evaluación en prueba"
BAD_OUTPUT = re.compile(
    r"Traceback|Warning\b|site-packages|/(?:root|home|tmp|Users|work|content|private)/"
    r"|[A-Z]:\\\\Users|<[\w.]+ object at 0x|authtoken: *\S|\b2[A-Za-z0-9]{26,}_\w{20,}"
)


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=nbformat.NO_CONVERT)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


@pytest.fixture
def prose(notebook):
    return [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]


def lines(cell):
    return [line for line in cell.source.splitlines() if line.strip()]


@of_all
def test_format(notebook, path):
    nbformat.validate(notebook)
    assert (notebook.nbformat, notebook.nbformat_minor) == (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert path.stat().st_size <= 1_000_000


@of_all
def test_every_cell_was_executed_in_order(code):
    counts = [cell.execution_count for cell in code]
    assert counts == list(range(1, len(code) + 1))


@of_all
def test_outputs_are_clean(code):
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error", cell.id
            assert output.get("name") != "stderr", cell.id
            data = dict(output.get("data", {}), text=output.get("text", ""))
            data.pop("image/png", None)
            text = json.dumps(data, ensure_ascii=False)
            text = text.replace("<IPython.core.display.Image object>", "")
            assert not BAD_OUTPUT.search(text), (cell.id, BAD_OUTPUT.search(text))


@of_all
def test_tags(code):
    for cell in code:
        tags = set(cell.metadata.get("tags", []))
        assert tags <= {"nbval-ignore-output", "live", "parameters", "slide-code"}, (
            cell.id
        )
        if "live" in tags:
            assert "nbval-ignore-output" in tags and not cell.outputs, cell.id


@of_all
def test_address_and_setup_cell(notebook, path):
    before = nbformat.writes(notebook)
    stamped = stamp.stamp_notebook(notebook, stamp.read_address())
    assert nbformat.writes(stamped) == before
    assert [cell.id for cell in notebook.cells].count("setup") == 1
    colab = stamp.COLAB.format(**stamp.read_address())
    assert f"]({colab}{name_of(path)}.ipynb)" in notebook.cells[1].source


@of_course
def test_skeleton(notebook, code, prose, path):
    first, badge, plan = notebook.cells[:3]
    number = int(path.name[:2])
    assert re.match(rf"# {number} · [A-ZÁÉÍÓÚ]\w+", first.source)
    assert badge.source.startswith("[![Abrir en Colab](")
    for words in ("**Qué harás.**", "**Qué aprenderás**", "**Qué necesitas.**"):
        assert words in plan.source
    assert re.search(r"\d+ minutos", plan.source)
    assert code[0].id == "setup"
    heads = [text.splitlines()[0] for text in prose if text.startswith("## ")]
    found = [next(i for i, h in enumerate(heads) if h.startswith(s)) for s in SECTIONS]
    assert found == sorted(found)
    assert "CC BY 4.0" in prose[-1] and "MIT" in prose[-1]
    other = {name for name in re.findall(r"\]\((\d\d_\w+\.ipynb)\)", prose[-2])}
    assert other and path.name not in other


@of_all
def test_cell_sizes(code, path):
    sizes = [len(lines(cell)) for cell in code]
    assert median(sizes) <= (5 if path in SOLUTIONS else 3)
    assert sum(size <= 12 for size in sizes) / len(sizes) >= 0.9
    assert max(sizes) <= 20
    assert not [cell.id for cell in code if cell.source.rstrip().endswith(";")]
    wide = {c.id: max(map(len, lines(c))) for c in code if c.id != "setup"}
    assert max(wide.values()) <= 88, wide


@of_course
def test_prose_and_code_are_in_balance(code, prose):
    words = sum(len(text.split()) for text in prose)
    written = sum(len(lines(cell)) for cell in code if cell.id != "setup")
    assert 10 <= words / written <= 25


@of_all
def test_images_have_alternative_text(code, prose, path):
    images = 0
    for cell in code:
        for output in cell.outputs:
            if any(kind.startswith("image/") for kind in output.get("data", {})):
                images += 1
                assert len(output.metadata["image/png"]["alt"]) > 20, cell.id
    assert images >= 3 or path in SOLUTIONS
    assert not re.search(r"!\[\s*\]\(|<img(?![^>]*alt=)", "\n".join(prose))


@of_all
def test_links_lead_somewhere(prose, path):
    colab = stamp.COLAB.format(**stamp.read_address())
    for url in links("\n".join(prose)):
        if url.startswith(colab):
            assert (ROOT / "notebooks" / url.removeprefix(colab)).is_file(), url
        elif not url.startswith("https://"):
            assert (path.parent / unquote(url)).is_file(), url


@of_course
def test_the_test_half_is_used_only_at_the_end(notebook):
    section = ""
    used = []
    for cell in notebook.cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            section = cell.source.splitlines()[0]
        elif re.search(r"\b[Xy]_test\b", cell.source) and cell.cell_type == "code":
            used.append(section)
    assert len(used) > 1 and "1." in used[0]
    assert all(FINAL in section for section in used[1:])
    heads = [c.source for c in notebook.cells if c.source.startswith("## ")]
    last = max(i for i, head in enumerate(heads) if FINAL in head)
    assert heads[last + 1].startswith("## Lo que medimos")


def statements(notebook):
    return {
        cell.id: cell.source
        for cell in notebook.cells
        if re.fullmatch(r"exercise-\d-\d", cell.id)
    }


@of_course
def test_exercises_have_their_parts_and_their_solutions(notebook, path):
    called = verdicts(notebook)
    cells = {cell.id: cell for cell in notebook.cells}
    assert 2 <= len(called) <= 3 and len(statements(notebook)) == len(called)
    for name in statements(notebook):
        assert "# Escribe tu código aquí" in cells[f"{name}-code"].source
        assert f"check.{name.replace('-', '_')}(" in cells[f"{name}-check"].source
    solved = nbformat.read(path.parent / "soluciones" / path.name, nbformat.NO_CONVERT)
    assert statements(solved) == statements(notebook)
    assert list(verdicts(solved)) == list(called)
    assert all(" · Pendiente: falta" in line for line in called.values())
    assert all(" · Bien." in line for line in verdicts(solved).values())


@of_course
def test_review_questions_fold_their_answer(notebook):
    review = [c.source for c in notebook.cells if re.match(r"review-\d", c.id)]
    assert 3 <= len(review) <= 5
    for text in review:
        assert re.fullmatch(
            r"> .+\?\n\n<details>\n<summary>Respuesta</summary>\n\n.+\n\n</details>",
            text,
        )


@of_solutions
def test_solutions_never_touch_the_test_half(code, notebook):
    assert not [c.id for c in code if re.search(r"\b[Xy]_test\b", c.source)]
    first, badge, _ = notebook.cells[:3]
    assert re.match(r"# \d · Soluciones: ", first.source)
    assert badge.source.startswith("[![Abrir en Colab](")


def assigned(source):
    """Nombres que una celda asigna fuera de sus funciones."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    names, pending = set(), list(tree.body)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        if not isinstance(node, ast.FunctionDef | ast.ClassDef | ast.comprehension):
            pending += ast.iter_child_nodes(node)
    return names - {"_"}


SEEDED = {"seed", "random_state", "rng"}
GENERATORS = {"default_rng", "RandomState", "RandomSampler", "TPESampler", "QMCSampler"}


def literal_seeds(source):
    """Líneas de una celda que fijan una semilla con un número."""
    tree = ast.parse(TransformerManager().transform_cell(source))
    given = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            given += [word.value for word in node.keywords if word.arg in SEEDED]
            name = getattr(node.func, "attr", getattr(node.func, "id", ""))
            given += node.args[:1] if name in GENERATORS else []
    return {node.lineno for node in given if isinstance(node, ast.Constant)}


# Los datos del cuaderno 8 son los que el trabajador lleva dentro.
FIXED = {("08_distribuido", "data")}


@of_all
def test_every_seed_stands_in_the_cell_of_parameters(code, path):
    setup, parameters, *others = code
    assert (setup.id, parameters.id) == ("setup", "parameters")
    assert parameters.metadata.tags == ["parameters"]
    names = assigned(parameters.source)
    assert names <= {"DATA_SEED", "SPLIT_SEED", "FOLDS_SEED", "SEARCH_SEED"}
    text = "\n".join(cell.source for cell in others)
    assert {name for name in names if name not in text} == set()
    wrong = {c.id: lines for c in others if (lines := literal_seeds(c.source))}
    assert {(name_of(path), name) for name in wrong} <= FIXED, wrong


@of_course
def test_exercises_use_names_of_their_own(notebook):
    lesson, exercises = set(), {}
    for name, cell in code_cells(notebook).items():
        if re.match(r"exercise-\d", name):
            exercises[name] = assigned(cell.source)
        else:
            lesson |= assigned(cell.source)
    clashes = {name: names & lesson for name, names in exercises.items()}
    assert not any(clashes.values()), clashes


@of_course
def test_every_section_has_its_minutes_and_its_question(notebook):
    minutes = 0
    for cell in notebook.cells:
        about = cell.metadata.slideshow
        kind = "slide" if "say" in about else about.slide_type
        assert about.slide_type == kind in ("slide", "notes", "skip"), cell.id
        if re.match("##? ", cell.source) and kind != "skip":
            found = re.match(r"Minutos: (\d+)\. .*¿.+\?", about.notes)
            assert found, cell.id
            minutes += int(found[1])
    assert f"unos {minutes} minutos" in notebook.cells[2].source


def numbers(text):
    text = re.sub(r"\$[^$]+\$|`[^`]+`", " ", text)  # ni fórmulas ni código
    return set(re.findall(r"\d+(?:\.\d+)?", text))


def measured(cell):
    """Lo que una celda imprimió o describió, si no cambia de una máquina a otra."""
    if cell.cell_type == "markdown":
        return cell.source
    if "nbval-ignore-output" in cell.metadata.get("tags", []):
        return ""
    return " ".join([str(text_of(cell)), *alts(cell)])


def projected(about):
    keys = ("say", "ask", "vote")
    return [*(about[key] for key in keys if key in about), *about.get("points", [])]


@of_course
def test_what_is_projected_was_measured(notebook):
    """Cada número de una diapositiva está en las salidas de las que habla."""
    cells = {cell.id: cell for cell in notebook.cells}
    for cell in notebook.cells:
        about = cell.metadata.slideshow
        if "say" not in about:
            continue
        shown = [cell, cells.get(about.get("picture"), cell)]
        text = " ".join(map(measured, shown))
        said = numbers(" ".join(projected(about)))
        assert said <= set(re.findall(r"\d+(?:\.\d+)?", text)), (cell.id, said)
        assert all(len(line) < 140 for line in projected(about)), cell.id
        assert len(about.get("points", [])) <= 3, cell.id
        assert about.say[0].isupper() and about.say[-1] in ".?»", cell.id
