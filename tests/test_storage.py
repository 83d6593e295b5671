"""Las copias de un study y el guardián que borra lo que un cuaderno deja."""

import os
import subprocess
import sys
import time

import optuna
import psutil
import pytest

from hpo_lab import guard
from hpo_lab.objectives import wait as objective
from hpo_lab.storage import add_copies, open_storage

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name != "posix", reason="kill -9 es de POSIX"),
]


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_folder_does_not_survive_a_death_in_its_start(when, tmp_path):
    code = "import os; from pathlib import Path; from hpo_lab import guard\n"
    code += "die = lambda *args, **options: os.kill(os.getpid(), 9)\n"
    if when == "before":
        code += "guard.subprocess.Popen = die\n"
    else:
        code += "guard._guards = type('', (), {'append': die})\n"
    code += "guard.temporary_folder()"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", code], env=env).returncode == -9
    assert wait(lambda: not list(tmp_path.iterdir()))


def test_a_folder_goes_even_if_someone_writes_in_it(tmp_path):
    code = "from hpo_lab import guard; print(guard.temporary_folder(), flush=True)"
    env = os.environ | {"TMPDIR": str(tmp_path)}
    owner = subprocess.Popen(
        [sys.executable, "-c", code + "; input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    folder = owner.stdout.readline().strip()
    code = f"for i in range(10**9): open(f'{folder}/{{i}}', 'w').close()"
    writer = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.DEVNULL)
    time.sleep(0.5)
    owner.kill()
    owner.communicate()
    try:
        assert wait(lambda: not list(tmp_path.iterdir()))
    finally:
        writer.kill()
        writer.wait()


@pytest.mark.parametrize("stop", [["/no/existe"], ["sleep", "60"], ["false"], ["true"]])
@pytest.mark.parametrize("error", [psutil.AccessDenied, psutil.NoSuchProcess])
def test_a_step_that_fails_does_not_stop_the_others(stop, error, tmp_path, monkeypatch):
    folder, killed = tmp_path / "carpeta", []
    folder.mkdir()
    monkeypatch.setattr(guard, "PATIENCE", 0.5)

    class Process:
        info = {"name": "ngrok", "cmdline": ["ngrok", "marca"]}

        def kill(self):
            killed.append(self)
            raise error(1)

    monkeypatch.setattr(psutil, "process_iter", lambda _: [Process(), Process()])
    code = guard.finish(str(folder), stop, "marca", ["ngrok"], {})
    assert (code == 0) == (stop == ["true"])
    assert len(killed) == 2 and not folder.exists()


def test_only_ngrok_is_killed_for_its_words(tmp_path):
    both = {}
    for name in ("vim", "ngrok"):
        program = tmp_path / name
        program.write_text(f"#!{sys.executable}\nimport time; time.sleep(60)\n")
        program.chmod(0o755)
        both[name] = subprocess.Popen([program, str(tmp_path / "ngrok.yml")])
    wait(lambda: all(len(psutil.Process(p.pid).cmdline()) > 2 for p in both.values()))
    guard.start(mark=str(tmp_path / "ngrok.yml")).communicate()
    try:
        assert both["ngrok"].wait(10) == -9 and both["vim"].poll() is None
    finally:
        for process in both.values():
            process.kill()
            process.wait()


@pytest.mark.parametrize("kind", ["journal", "sqlite", "postgres"])
def test_copies_are_trials_like_the_others(kind, tmp_path, request):
    url = {"journal": f"{tmp_path}/b.log", "sqlite": f"sqlite:///{tmp_path}/e.db"}
    url = url.get(kind) or request.getfixturevalue("postgres_url")
    for name in ("otro", "copias"):  # los trials de otro study no se tocan
        study = optuna.create_study(study_name=name, storage=open_storage(url))
        study.optimize(lambda trial: objective(trial, 0), n_trials=12)
    add_copies(open_storage(url), "copias", 3, n=5)
    storage = open_storage(url)
    trials = optuna.load_study(study_name="copias", storage=storage).trials
    assert [trial.number for trial in trials] == list(range(27))
    for number in range(12, 27):
        old = trials[(number - 12) % 5]
        assert (trials[number].params, trials[number].value) == (old.params, old.value)
    assert len(optuna.load_study(study_name="otro", storage=storage).trials) == 12
    with pytest.raises(ValueError, match="debe tener 50 trials o más; tiene 27"):
        add_copies(storage, "copias", 1, n=50)


def wait(condition, seconds=20):
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.1)
    return condition()
