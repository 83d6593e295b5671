import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

import hpo_lab as lab
from course import ROOT

pytestmark = pytest.mark.slow


def copy_to(folder, script):
    """Copia el programa y el paquete a una carpeta con la forma del curso."""
    for name in ("data", "images"):
        (folder / name).mkdir()
    (folder / script).write_bytes((ROOT / script).read_bytes())
    package = Path("notebooks", "hpo_lab")
    shutil.copytree(ROOT / package, folder / package)


@pytest.mark.parametrize(
    ("script", "made"),
    [
        ("data/build_synthetic.py", "data/synthetic.csv"),
        ("images/build_drawings.py", "images/*.svg"),
    ],
)
def test_scripts_make_what_is_stored(script, made, tmp_path):
    copy_to(tmp_path, script)
    subprocess.run([sys.executable, tmp_path / script], check=True)
    stored = sorted(ROOT.glob(made))
    assert stored and [p.name for p in stored] == [
        p.name for p in sorted(tmp_path.glob(made))
    ]
    for path in stored:
        assert path.read_bytes() == (tmp_path / path.relative_to(ROOT)).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="mata al programa con su grupo (POSIX)")
def test_the_response_surface_is_resumed_where_it_was_killed(tmp_path):
    script = "data/build_response_surface.py"
    copy_to(tmp_path, script)
    stored = pd.read_csv(lab.DATA / "response_surface.csv")
    path = tmp_path / "data" / "response_surface.csv"
    stored.drop(stored.index[100:160]).to_csv(path, index=False, lineterminator="\n")

    command = [sys.executable, tmp_path / script]
    running = subprocess.Popen(command, start_new_session=True)
    for _ in range(600):
        if len(pd.read_csv(path)) > len(stored) - 60:
            break
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert len(stored) - 60 < len(pd.read_csv(path)) <= len(stored)

    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert "/60 " not in done.stderr and "100%" in done.stderr
    made = pd.read_csv(path)
    assert sorted(p.name for p in path.parent.glob("*.csv")) == [path.name]
    same = made.drop(columns="fit_seconds")
    pd.testing.assert_frame_equal(
        same, stored.drop(columns="fit_seconds"), rtol=0, atol=1e-3
    )
    assert (made["fit_seconds"] > 0).all()
    kept = made.index.difference(range(100, 160))
    assert made.loc[kept].equals(stored.loc[kept])
