"""La bitácora: ninguna línea a medias, y una copia reparada cuando la hubo."""

import errno
import os

import optuna
import pytest

from hpo_lab import journal
from hpo_lab.failures import StorageError
from hpo_lab.storage import open_storage


def fill(path, trials=5, name="a"):
    study = optuna.create_study(
        study_name=name, storage=open_storage(str(path)), load_if_exists=True
    )
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=trials)
    return study


def complete(path, name="a"):
    study = optuna.load_study(study_name=name, storage=open_storage(str(path)))
    return [t for t in study.trials if t.state.name == "COMPLETE"]


@pytest.fixture
def path(tmp_path):
    """Una bitácora con cinco trials."""
    path = tmp_path / "diario.log"
    fill(path)
    return path


@pytest.mark.parametrize("cut", [1, 20, 60])
def test_a_half_line_is_refused_and_repaired(cut, path):
    path.write_bytes(before := path.read_bytes()[:-cut])
    with pytest.raises(StorageError, match="última línea está incompleta") as error:
        open_storage(str(path))
    assert error.value.code == 2 and "--repair" in str(error.value)
    assert path.read_bytes() == before
    copy, dropped = journal.repair(str(path))
    assert dropped == 1 and path.read_bytes() == before
    fill(copy, 3)
    assert len(complete(copy)) == 7
    with pytest.raises(StorageError, match="Ya existe"):
        journal.repair(str(path))


@pytest.mark.parametrize("size", [1, 9, 11, 12, 26, 35, 70, -1])
def test_a_half_first_line_is_refused(size, path):
    path.write_bytes(before := path.read_bytes().splitlines(keepends=True)[0][:size])
    with pytest.raises(StorageError, match="No se tocó"):
        open_storage(str(path))
    assert path.read_bytes() == before


@pytest.mark.parametrize("cut", [5, 30, 80])
def test_a_line_glued_to_a_half_one_is_kept(cut, path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[-2][:cut], lines[-1]]))
    copy, dropped = journal.repair(str(path))
    assert dropped == 1 and copy.read_bytes() == b"".join(lines)
    assert len(complete(copy)) == 5


def test_an_empty_file_is_a_new_journal(tmp_path):
    path = tmp_path / "vacia.log"
    path.touch()
    assert len(fill(path, 2).trials) == 2


STUDY = '{"op_code":0,"worker_id":"w","study_name":"svr","directions":[2]}\n'


@pytest.mark.parametrize(
    "text, sentence",
    [
        ('{"op_code":0,"worker_id":"una nota\n', "no empieza como"),
        ('{"op_code":\n', "no empieza como"),
        ('{"op_code":99}\n{"op', "no empieza como"),
        (STUDY + '{"op_code":99}\n' + STUDY, "una línea rota"),
        (STUDY + "[1]\n", "una línea rota"),
        (STUDY + "{\n" + STUDY, "una línea rota"),
        (STUDY + '{"op_co\n', "una línea rota"),
    ],
)
def test_a_broken_journal_is_not_touched(text, sentence, tmp_path):
    path = tmp_path / "diario.log"
    path.write_text(text)
    with pytest.raises(StorageError, match=sentence) as error:
        open_storage(str(path))
    assert error.value.code == 2 and str(error.value).startswith("No se tocó")
    assert path.read_text() == text and list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_repaired_is_said(path):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:3], b"nada\n", *lines[3:]]))
    with pytest.raises(StorageError, match="la línea 4 está rota"):
        journal.repair(str(path))
    assert [p.name for p in path.parent.iterdir()] == ["diario.log"]


@pytest.mark.parametrize("written", [0, 1, 40])
@pytest.mark.parametrize(
    "failure", [OSError(errno.ENOSPC, "lleno"), KeyboardInterrupt()]
)
def test_a_cut_write_leaves_nothing(written, failure, path, monkeypatch):
    study = fill(path, 0)
    before, real = path.read_bytes(), os.write

    def write(file, data):
        real(file, data[:written])
        raise failure

    monkeypatch.setattr(journal.os, "write", write)
    with pytest.raises((StorageError, KeyboardInterrupt)):
        study.ask()
    monkeypatch.undo()
    assert path.read_bytes() == before
    assert not list(path.parent.glob("*.lock"))
    fill(path, 2)
    assert len(complete(path)) == 7


def test_a_slow_disk_that_writes_in_pieces(path, monkeypatch):
    real = os.write
    monkeypatch.setattr(journal.os, "write", lambda file, data: real(file, data[:7]))
    fill(path, 2)
    assert len(complete(path)) == 7


def test_another_writer_that_left_a_half_line_is_noticed(path):
    study = fill(path, 0)
    with path.open("ab") as file:
        file.write(b'{"op_code":4,"wor')
    before = path.read_bytes()
    with pytest.raises(StorageError, match="incompleta"):
        study.ask()
    assert path.read_bytes() == before


def test_a_journal_that_disappears_is_not_created_again(path):
    study = fill(path, 0)
    path.unlink()
    with pytest.raises(StorageError, match="La bitácora falló"):
        study.ask()
    assert not path.exists()
