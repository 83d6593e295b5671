import subprocess
import sys

import pytest
from conftest import ROOT


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("data/build_synthetic.py", "data/*.csv"),
        ("images/build_drawings.py", "images/*.svg"),
    ],
)
def test_scripts_make_what_is_stored(script, made, tmp_path):
    for folder in ("notebooks", "data", "images"):
        (tmp_path / folder).mkdir()
    for name in ("notebooks/hpo_lab.py", script):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    subprocess.run([sys.executable, tmp_path / script], check=True)
    stored = sorted(ROOT.glob(made))
    assert stored and [p.name for p in stored] == [
        p.name for p in sorted(tmp_path.glob(made))
    ]
    for path in stored:
        assert path.read_bytes() == (tmp_path / path.relative_to(ROOT)).read_bytes()
