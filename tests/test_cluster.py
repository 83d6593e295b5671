"""Los archivos para Slurm y Kubernetes del cuaderno 8.

De verdad: bash ejecuta el programa de Slurm entero, con trabajadores sobre un almacén;
la orden del Job corre como la correría su contenedor, y el Job se compara con el
esquema oficial de Kubernetes. De mentira: ``srun`` es un programa que ejecuta lo que le
dan, nadie agenda el Job ni monta sus volúmenes, y el almacén es de SQLite.
"""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

import hpo_lab
from course import skip
from workers import WAIT, completed, finish, spoken, trials_of, wait_for

FOLDER = Path(hpo_lab.__file__).parent / "cluster"
SLURM, JOB = FOLDER / "slurm.sh", FOLDER / "kubernetes.yaml"
posix = pytest.mark.skipif(os.name != "posix", reason="bash")


@pytest.fixture
def folder(tmp_path):
    """Una carpeta con el objetivo y un ``srun`` que ejecuta lo que le dan."""
    (tmp_path / "mi_modelo.py").write_text(WAIT.format(0.1), "utf-8")
    (tmp_path / "srun").write_text('#!/bin/sh\nexec "$@"\n')
    (tmp_path / "srun").chmod(0o755)
    return tmp_path


def submit(folder, task, until):
    """Una tarea del array, como la lanzaría Slurm."""
    path = [str(folder), str(Path(sys.executable).parent), os.environ["PATH"]]
    env = os.environ | {"PATH": os.pathsep.join(path), "SLURM_CPUS_PER_TASK": "1"}
    env |= {"SLURM_ARRAY_TASK_ID": str(task), "UNTIL": str(until)}
    env["STORAGE"] = f"sqlite:///{folder}/e.db"
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(["bash", SLURM], cwd=folder, env=env, **streams)


@posix
@pytest.mark.slow
def test_the_slurm_array_ends_at_until(folder):
    tasks = [submit(folder, task, 7) for task in (1, 2, 3)]
    results = [finish(process) for process in tasks]
    assert [code for code, _, _ in results] == [0] * 3, results
    assert len(completed(f"sqlite:///{folder}/e.db", "mio")) == 7
    late = finish(submit(folder, 4, 7))
    assert late[0] == 0 and "Terminó: 0 completos" in late[1]


@posix
@pytest.mark.slow
def test_a_task_that_slurm_ends_gives_its_trial_back(folder):
    (folder / "mi_modelo.py").write_text(WAIT.format(2), "utf-8")
    task = submit(folder, 1, 5)
    wait_for(task, "completos: 1 de 5")
    time.sleep(0.5)
    task.send_signal(signal.SIGTERM)
    code, out, err = finish(task)
    assert code == 130 and "vuelve a la cola" in out, err
    states = [t.state.name for t in trials_of(f"sqlite:///{folder}/e.db", "mio")]
    assert states.count("WAITING") == 1 and "RUNNING" not in states


@posix
def test_slurm_reads_all_its_options():
    checked = subprocess.run(["bash", "-n", SLURM], capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr
    first, *lines = SLURM.read_text("utf-8").splitlines()
    options = [line for line in lines if line.startswith("#SBATCH ")]
    assert first == "#!/bin/bash" and lines[: len(options)] == options  # van juntas
    assert "#SBATCH --array=1-8" in options
    assert "#SBATCH --signal=TERM@120" in options  # sin B: a los pasos, no a bash


def test_no_password_is_written():
    for path in (SLURM, JOB):
        text = path.read_text("utf-8")
        assert not re.search(r"://[^@\s]*:[^@\s]*@|PGPASSWORD=|password=\w", text)


def test_the_job_asks_the_secret_and_gives_time():
    job = yaml.safe_load(JOB.read_text("utf-8"))
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    env = {each["name"]: each for each in container["env"]}
    assert env["PGPASSWORD"]["valueFrom"]["secretKeyRef"]["name"] == "optuna"
    assert pod["restartPolicy"] == "OnFailure" and job["spec"]["backoffLimit"] >= 8
    assert pod["terminationGracePeriodSeconds"] >= 60  # lo que espera el trabajador
    mounts = {each["name"] for each in container["volumeMounts"]}
    assert mounts == {each["name"] for each in pod["volumes"]}


@pytest.mark.slow
def test_the_command_of_the_job_ends_at_until(folder, monkeypatch):
    monkeypatch.chdir(folder)
    job = yaml.safe_load(JOB.read_text("utf-8"))
    (container,) = job["spec"]["template"]["spec"]["containers"]
    assert container["command"] == ["python", "-m", "hpo_lab.worker"]
    here = {"--storage": f"sqlite:///{folder}/e.db", "--until": "3"}
    pairs = [word.partition("=") for word in container["args"]]
    words = [f"{k}={here.get(k, v)}" if equal else k for k, equal, v in pairs]
    code, out, err = spoken(*words)
    assert code == 0 and "Terminó: 3 completos" in out, err
    assert len(completed(here["--storage"], "mio")) == 3


@pytest.mark.slow
def test_the_job_is_one_of_kubernetes(tmp_path):
    """El esquema oficial, estricto: un campo mal escrito o mal puesto se rechaza."""
    assert validate(JOB) == (0, "")
    text = JOB.read_text("utf-8")
    for good, bad in [
        ("backoffLimit: 20", "backofLimit: 20"),
        ("parallelism: 8", "parallelism: ocho"),
        ("      restartPolicy: OnFailure\n", "    restartPolicy: OnFailure\n"),
    ]:
        wrong = tmp_path / "mal.yaml"
        wrong.write_text(text.replace(good, bad), "utf-8")
        assert good in text and validate(wrong)[0] == 1, bad


def validate(path):
    """Lo que dice kubernetes-validate; uv lo trae, porque pesa más que el curso."""
    tool = ["--isolated", "--no-project", "--with", "kubernetes-validate==1.37.0"]
    tool += ["kubernetes-validate", "--strict", path]
    command = [sys.executable, "-m", "uv", "run", "-q", *tool]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    if "Failed to fetch" in done.stderr or "No solution" in done.stderr:
        skip("no hay red para traer kubernetes-validate")
    said = done.stdout + done.stderr
    return done.returncode, "" if done.returncode == 0 else said
