"""The file: a zip archive with a part for each table, the media files, and a manifest that tells of both."""

from __future__ import annotations

import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from app.errors import DomainError
from app.services.backup.rows import Shape

FORMAT = 1
_MANIFEST = "manifest.json"
_PIECE_BYTES = 256 * 1024


class NoBackup(DomainError):
    """The file is none, is not whole, or was made by a newer version."""

    code = "no_backup"


@dataclass
class Manifest:
    """`counts`: rows by table. `revision`: of the schema. `check`: a known text, encrypted with the key that
    opens the secrets. `settings`: those that are no secret. `elsewhere`: media files that lie in a bucket."""

    revision: str
    taken_at: str
    check: str
    settings: dict[str, str]
    format: int = FORMAT
    shapes: list[Shape] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    media: int = 0
    media_missing: int = 0
    elsewhere: int = 0


class Writer:
    """Writes parts one after the other."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive

    def add_table(self, shape: Shape, lines: Iterable[str]) -> int:
        count = 0
        with self._zip.open(_table_part(shape.name), "w", force_zip64=True) as part:
            for line in lines:
                part.write(line.encode("utf-8", "surrogatepass") + b"\n")
                count += 1
        return count

    def add_media(self, key: str, pieces: Iterable[bytes]) -> None:
        """As it is: photos and films do not get smaller."""
        part = zipfile.ZipInfo(_media_part(key))
        with self._zip.open(part, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)

    def finish(self, manifest: Manifest) -> None:
        """Last of all: a file without a manifest is not whole."""
        self._zip.writestr(_MANIFEST, json.dumps(asdict(manifest), indent=1, ensure_ascii=False))


class Reader:
    """Reads parts in any order. What is not as it was written raises NoBackup (each part has a checksum)."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._zip = archive
        self.manifest = self._read_manifest()

    def lines(self, shape: Shape) -> Iterator[bytes]:
        with _saying_what_is_wrong(), self._zip.open(_table_part(shape.name)) as part:
            yield from part

    def media_keys(self) -> list[str]:
        prefix = _media_part("")
        return [name[len(prefix) :] for name in self._zip.namelist() if name.startswith(prefix)]

    def media_size(self, key: str) -> int:
        return self._zip.getinfo(_media_part(key)).file_size

    def media(self, key: str) -> Iterator[bytes]:
        with _saying_what_is_wrong(), self._zip.open(_media_part(key)) as part:
            while piece := part.read(_PIECE_BYTES):
                yield piece

    def _read_manifest(self) -> Manifest:
        with _saying_what_is_wrong():
            told: dict[str, Any] = json.loads(self._zip.read(_MANIFEST))
            if told["format"] > FORMAT:
                raise NoBackup(
                    "This backup was made by a newer version of waba-console. Install that one first."
                )
            told["shapes"] = [
                Shape(shape["name"], tuple(map(tuple, shape["columns"])), tuple(shape["key"]))
                for shape in told["shapes"]
            ]
            return Manifest(**told)


def _table_part(name: str) -> str:
    return f"tables/{name}.jsonl"


def _media_part(key: str) -> str:
    return f"media/{key}"


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """A new file for its owner alone; nobody sees it before it is whole and on the disk."""
    part = path.with_name(f"{path.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "w+b") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                yield Writer(archive)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    with _saying_what_is_wrong():
        archive = zipfile.ZipFile(path)
    with archive:
        yield Reader(archive)


@contextmanager
def _saying_what_is_wrong() -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, KeyError, TypeError, ValueError, EOFError) as error:
        raise NoBackup(f"This is no whole backup of waba-console, or it was changed since: {error}") from None
