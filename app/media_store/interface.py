"""What every store can do, and what can go wrong with one."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Protocol

_KEY = re.compile(r"[0-9]{1,19}-[0-9a-f]{32}", re.ASCII)


class StoreTrouble(Exception):
    """It does not work now and may later: out of reach, full, wrongly set up. The text is for people."""


class NotStored(Exception):
    """There is no such file in the store."""


class MediaStore(Protocol):
    """Files by key. Everything may raise StoreTrouble; a file that was put is there whole or not at all."""

    name: str

    def put(self, key: str, pieces: Iterable[bytes], *, size_bytes: int) -> None:
        """Keep the bytes under the key, in place of what was there. They may be more than fit into memory.

        StoreTrouble if they are not exactly `size_bytes`; what the iteration raises is passed on. Nothing is
        to be seen of a file whose put did not end.
        """

    def read(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from `start` up to, not including, `end`, in pieces. The first one raises NotStored."""

    def size(self, key: str) -> int | None:
        """How many bytes it has; None when it is not there."""

    def delete(self, key: str) -> None:
        """Away with it; nothing happens when it is not there."""

    def keys(self, before: datetime) -> Iterator[str]:
        """The keys of all files, half-written ones too, that were put before that moment."""


def new_key(media_file_id: int) -> str:
    """A key that no other try to store this file has or will have."""
    return f"{media_file_id}-{secrets.token_hex(16)}"


def check_key(key: str) -> str:
    """The key itself. Raises ValueError for what `new_key` cannot have made: a key becomes part of a path."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a key of a stored file")
    return key


def counted(pieces: Iterable[bytes], size_bytes: int) -> Iterator[bytes]:
    """The pieces, and StoreTrouble at their end if they were not that many bytes."""
    left = size_bytes
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise StoreTrouble("The file changed while it was being stored.")
