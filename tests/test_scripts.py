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
    for name in (script, "data/parts.py"):
        shutil.copy(ROOT / name, folder / name)
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
    shutil.copy(ROOT / "data" / "response_surface.csv", tmp_path / "data")
    subprocess.run([sys.executable, tmp_path / script], check=True)
    stored = sorted(ROOT.glob(made))
    assert stored and [p.name for p in stored] == [
        p.name for p in sorted(tmp_path.glob(made))
    ]
    for path in stored:
        assert path.read_bytes() == (tmp_path / path.relative_to(ROOT)).read_bytes()


@pytest.mark.skipif(os.name != "posix", reason="mata al programa con su grupo (POSIX)")
@pytest.mark.parametrize(
    ("name", "first", "count", "pieces"),
    [
        ("response_surface", 100, 60, 60),
        # Cada ajuste da cinco filas, y al primero y al último les falta una parte.
        ("second_response", 2002, 60, 13),
        ("overtuning", 3, 40, 7),  # siete filas por búsqueda, y dos a medias
        ("tunability", 60, 15, 15),
    ],
)
def test_a_table_is_resumed_where_it_was_killed(name, first, count, pieces, tmp_path):
    script = f"data/build_{name}.py"
    copy_to(tmp_path, script)
    stored = pd.read_csv(lab.DATA / f"{name}.csv")
    path = tmp_path / "data" / f"{name}.csv"
    lost = stored.index[first : first + count]
    stored.drop(lost).to_csv(path, index=False, lineterminator="\n")

    command = [sys.executable, tmp_path / script]
    two_cores = os.environ | {"LOKY_MAX_CPU_COUNT": "2"}  # que no acabe de un golpe
    running = subprocess.Popen(command, start_new_session=True, env=two_cores)
    for _ in range(600):
        if len(pd.read_csv(path)) > len(stored) - count:
            break
        time.sleep(0.1)
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()
    assert len(stored) - count < len(pd.read_csv(path)) <= len(stored)

    done = subprocess.run(command, check=True, capture_output=True, text=True)
    assert f"/{pieces} " not in done.stderr and "100%" in done.stderr
    made = pd.read_csv(path)
    assert sorted(p.name for p in path.parent.glob("*.csv")) == [path.name]
    same, wanted = [
        t.drop(columns="fit_seconds", errors="ignore") for t in (made, stored)
    ]
    pd.testing.assert_frame_equal(same, wanted, rtol=0, atol=1.1e-3)
    assert (made.get("fit_seconds", pd.Series([1])) > 0).all()
    kept = made.index.difference(lost)
    assert made.loc[kept].equals(stored.loc[kept])
