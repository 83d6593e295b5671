import re

import pytest
import stamp
from conftest import NOTEBOOKS, ROOT

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("folder", [ROOT, ROOT / "data"], ids=["/", "data/"])
def test_links_lead_somewhere(folder):
    text = (folder / "README.md").read_text("utf-8")
    links = [url for url in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in url]
    assert links
    for url in links:
        assert (folder / url).exists(), url


def test_every_notebook_has_its_row_and_its_address():
    colab = stamp.COLAB.format(**stamp.read_address())
    for path in NOTEBOOKS:
        assert README.count(f"](notebooks/{path.name})") == 1
        assert README.count(f"]({colab}{path.name})") == 1
    assert stamp.stamp_text(README, stamp.read_address()) == README


def test_minutes_are_those_of_each_notebook():
    rows = [line for line in README.splitlines() if "](notebooks/0" in line]
    for row, path in zip(rows, NOTEBOOKS, strict=True):
        minutes = row.split("|")[3].strip()
        assert f"unos {minutes} minutos" in path.read_text("utf-8"), path.name


def test_ci_runs_the_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    assert script[-1] == "make test" and "```\nmake test\n```" in README


def test_every_target_of_the_readme_exists():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\bmake ([a-z]+)\b", README.split("## In English")[0]):
        assert re.search(rf"(?m)^{target}:", makefile), target
