import re
import tomllib

import pytest

import stamp
from course import NOTEBOOKS, ROOT, links

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "data/README.md"])
def test_links_lead_somewhere(name):
    path = ROOT / name
    for url in links(path.read_text("utf-8")):
        assert "://" in url or (path.parent / url).exists(), url


def test_it_is_short_and_its_three_doors_follow_the_table():
    assert len(README.split()) <= 700
    heads = re.findall(r"(?m)^## (.+)$", README)
    assert heads[:3] == ["Estudiar", "Enseñar", "Mantener"]
    assert README.index("| --- |") < README.index("## Estudiar")


def test_the_version_is_one():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    version = project["version"]
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert re.search(r"(?m)^## (\S+)", changes)[1] == version
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


def test_every_notebook_has_its_row_and_its_address():
    colab = stamp.COLAB.format(**stamp.read_address())
    for path in NOTEBOOKS:
        assert README.count(f"](notebooks/{path.name})") == 1
        assert README.count(f"]({colab}{path.name})") == 1
    assert stamp.stamp_text(README, stamp.read_address()) == README


def test_minutes_are_those_of_each_notebook():
    rows = [line for line in README.splitlines() if "](notebooks/0" in line]
    assert all(row.startswith("| [abrir](https://colab.") for row in rows)
    for row, path in zip(rows, NOTEBOOKS, strict=True):
        minutes = row.split("|")[3].strip()
        assert f"unos {minutes} minutos" in path.read_text("utf-8"), path.name


def test_ci_runs_the_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert script[-2:] == ["make test", "make full"]
    assert "```\nmake test\n```" in README


def test_every_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    pages = README + (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    for target in re.findall(r"`make ([a-z]+)|(?m:^make ([a-z]+))", pages):
        assert re.search(rf"(?m)^{''.join(target)}:", makefile), target
