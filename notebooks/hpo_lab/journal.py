"""La bitácora (*journal*) de un study: reconocerla, escribirla entera y repararla.

Optuna agrega líneas a un archivo. Si el disco se llena, puede quedar media línea, y lo
que otro escriba después se pega a ella: el archivo entero deja de leerse. Aquí una
línea se escribe completa o no se escribe.
"""

from __future__ import annotations

import json
import os
import shlex
import time
from collections import deque
from pathlib import Path

from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock

from hpo_lab.failures import StorageError, hide, words

RECORD = b'{"op_code":'  # así empieza cada línea
OPERATIONS = range(11)
HALF_LINE = (
    "No se tocó {!r}: su última línea está incompleta. Para escribir una copia sin "
    "ella: python -m hpo_lab.worker --repair {}"
)


class Journal(JournalFileBackend):
    """El archivo de una bitácora, que nunca queda con media línea.

    Raises
    ------
    StorageError
        Si no se puede leer o escribir, o si trae una línea incompleta o rota.
    """

    def __init__(self, path: str) -> None:
        try:
            super().__init__(path, JournalFileOpenLock(path))
        except OSError as error:
            raise _failure(error) from error

    def read_logs(self, log_number_from: int):
        """Lee las líneas desde una; la última puede estar a medio escribir."""
        try:
            for record in super().read_logs(log_number_from):
                if not _is_record(record):
                    raise ValueError("línea que no es de una bitácora")
                yield record
        except OSError as error:
            raise _failure(error) from error
        except ValueError as error:
            raise _broken(self._file_path) from error

    def append_logs(self, logs: list[dict]) -> None:
        """Escribe todas las líneas o ninguna."""
        lines = [json.dumps(log, separators=(",", ":")) + "\n" for log in logs]
        try:
            self._lock.acquire()
            try:
                self._append("".join(lines).encode())
            finally:
                self._lock.release()
        except (OSError, RuntimeError) as error:
            raise _failure(error) from error

    def _append(self, data: bytes) -> None:
        flags = os.O_RDWR | os.O_APPEND | getattr(os, "O_BINARY", 0)
        file = os.open(self._file_path, flags)
        try:
            size = os.lseek(file, 0, os.SEEK_END)
            if size:
                os.lseek(file, -1, os.SEEK_END)
                if os.read(file, 1) != b"\n":
                    raise _half_line(self._file_path)
            try:
                while data:
                    data = data[os.write(file, data) :]
                os.fsync(file)
            except BaseException:  # el disco se llenó, o Ctrl-C
                os.ftruncate(file, size)
                raise
        finally:
            os.close(file)


def check_journal(path: str) -> None:
    """Reconoce una bitácora por su primera línea, sin tocar el archivo.

    Raises
    ------
    StorageError
        Si es otra cosa, o si su última línea está incompleta.
    """
    for _ in range(10):  # otro proceso puede estar escribiendo la última
        with open(path, "rb") as file:
            line = file.readline()
            last = b"".join(deque(file, maxlen=1)) or line
        if line and not _starts_like_one(line):
            looks = "no empieza como una bitácora"
            if line.startswith(b"SQLite format 3\0"):
                looks = f"es una base de SQLite: ¿querías decir sqlite:///{path}?"
            raise StorageError(f"No se tocó {path!r}: {looks}", code=2)
        if not last or last.endswith(b"\n"):
            if last and _whole_record(last) != last:
                raise _broken(path)  # Optuna no lo diría hasta que hubiera otra
            return
        time.sleep(0.1)
    raise _half_line(path)


def repair(path: str) -> tuple[Path, int]:
    """Escribe al lado una copia de la bitácora sin las medias líneas.

    Si otra línea se pegó a una media, la conserva.

    Returns
    -------
    tuple of Path, int
        La copia, y cuántas medias líneas no están en ella.

    Raises
    ------
    StorageError
        Si no es una bitácora, si la copia ya existe o si hay algo más que reparar.
    """
    if not os.path.isfile(path):
        raise StorageError(f"{hide(path)!r} no es un archivo.", code=2)
    copy = Path(path).with_name(f"{Path(path).stem}.reparada{Path(path).suffix}")
    try:
        lines = Path(path).read_bytes().splitlines(keepends=True)
        if not lines or not _starts_like_one(lines[0]):
            looks = f"No se tocó {path!r}: no empieza como una bitácora"
            raise StorageError(looks, code=2)
        whole = [_whole_record(line) for line in lines]
        if None in whole[:-1]:
            number = whole.index(None) + 1
            raise StorageError(
                f"No se tocó {path!r}: la línea {number} está rota, y sin ella las "
                "demás no se entienden.",
                code=2,
            )
        with copy.open("xb") as file:
            try:
                file.writelines(line for line in whole if line)
                file.flush()
            except OSError:
                copy.unlink()
                raise
    except FileExistsError:
        raise StorageError(f"Ya existe {str(copy)!r}; no se tocó.", code=2) from None
    except OSError as error:
        raise _failure(error) from None
    return copy, sum(old != new for old, new in zip(lines, whole, strict=True))


def _whole_record(line: bytes) -> bytes | None:
    for start in (0, line.rfind(RECORD)):
        record = line[max(start, 0) :]
        try:
            if record.endswith(b"\n") and _is_record(json.loads(record)):
                return record
        except ValueError:
            continue
    return None


def _is_record(record) -> bool:
    return isinstance(record, dict) and record.get("op_code") in OPERATIONS


def _starts_like_one(line: bytes) -> bool:
    start = line[:64].replace(b" ", b"")
    if not line.endswith(b"\n"):  # a medias, puede ser muy corta
        return start[:11] == RECORD[: len(start)]
    return start.startswith(RECORD) and _whole_record(line) == line


def _failure(error: BaseException) -> StorageError:
    return StorageError(f"La bitácora falló: {words(error)}")


def _half_line(path: str) -> StorageError:
    return StorageError(HALF_LINE.format(path, shlex.quote(path)), code=2)


def _broken(path: str) -> StorageError:
    return StorageError(
        f"No se tocó {path!r}: empieza como una bitácora, pero trae una línea rota",
        code=2,
    )
