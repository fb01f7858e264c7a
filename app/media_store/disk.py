"""Files in a folder of this machine (or one that several machines mount)."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from app.media_store.interface import NotStored, StoreTrouble, check_key, counted

_PIECE_BYTES = 256 * 1024
_PART = ".part"


class DiskStore:
    """A file per key, in 256 folders; written beside its place, then moved there."""

    name = "disk"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, key: str, pieces: Iterable[bytes], *, size_bytes: int) -> None:
        path = self._path(key)
        part = path.with_name(f"{path.name}.{secrets.token_hex(4)}{_PART}")
        with _telling("written"):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                self._write(part, counted(pieces, size_bytes))
                part.replace(path)
            except BaseException:
                part.unlink(missing_ok=True)
                raise
            _sync_folder(path.parent)

    def _write(self, part: Path, pieces: Iterable[bytes]) -> None:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        with _telling("read"), self._open(key) as file:
            file.seek(start)
            left = None if end is None else end - start
            while piece := file.read(_PIECE_BYTES if left is None else min(_PIECE_BYTES, left)):
                left = None if left is None else left - len(piece)
                yield piece

    def _open(self, key: str) -> BinaryIO:
        try:
            return self._path(key).open("rb")
        except FileNotFoundError:
            raise NotStored from None

    def size(self, key: str) -> int | None:
        with _telling("read"):
            try:
                return self._path(key).stat().st_size
            except FileNotFoundError:
                return None

    def delete(self, key: str) -> None:
        path = self._path(key)
        with _telling("deleted"):
            path.unlink(missing_ok=True)
            for part in path.parent.glob(f"{path.name}.*{_PART}"):
                part.unlink(missing_ok=True)

    def keys(self, before: datetime) -> Iterator[str]:
        """A half-written file goes by the key that it was to have."""
        with _telling("read"):
            for path in self._folder.glob("*/*"):
                key = path.name.partition(".")[0]
                if _is_key(key) and _is_older(path, before):
                    yield key

    def _path(self, key: str) -> Path:
        shard = check_key(key).partition("-")[2][:2]
        return self._folder / shard / key


def _sync_folder(folder: Path) -> None:
    """Only then does the new name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_older(path: Path, moment: datetime) -> bool:
    """False also for one that was deleted meanwhile."""
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:
        return False


def _is_key(text: str) -> bool:
    try:
        return check_key(text) == text
    except ValueError:
        return False


@contextmanager
def _telling(done: str) -> Iterator[None]:
    """An error of the file system, as one of ours, without the path."""
    try:
        yield
    except OSError as error:
        raise StoreTrouble(f"The media folder could not be {done}: {error.strerror or error}.") from error
