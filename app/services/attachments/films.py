"""What is inside an MP4 or 3GP file: its tracks and how they are coded.

Source: ISO/IEC 14496-12 (ISO base media file format), read 2026-11.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_INSIDE = frozenset({b"moov", b"trak", b"mdia", b"minf", b"stbl"})
_MOST_BOXES = 2_000
_LONGEST_PATH = 6


@dataclass(frozen=True)
class Track:
    """`handler` is `vide`, `soun` or another; `codec` its four letters, such as `avc1`."""

    handler: str
    codec: str


def brand_of(head: bytes) -> str | None:
    """The four letters after `ftyp`; None if it is not of this family of formats."""
    return head[8:12].decode("latin-1") if head[4:8] == b"ftyp" else None


def tracks_of(file: IO[bytes]) -> list[Track]:
    """Empty when there is nothing to be found; a broken file is Meta's to refuse."""
    end = file.seek(0, 2)
    found: list[Track] = []
    handler = ""
    for kind, payload in _boxes(file, 0, end):
        if kind == b"trak":
            handler = ""
        elif kind == b"hdlr" and not handler:
            handler = payload[8:12].decode("latin-1")
        elif kind == b"stsd" and handler:
            found.append(Track(handler, payload[12:16].decode("latin-1")))
    return found


def _boxes(file: IO[bytes], start: int, end: int) -> Iterator[tuple[bytes, bytes]]:
    """Each box with the first bytes of what it holds, in the order in which they stand."""
    stack = [(start, end)]
    for _ in range(_MOST_BOXES):
        while stack and stack[-1][0] + 8 > stack[-1][1]:
            stack.pop()
        if not stack:
            return
        at, within = stack.pop()
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        skip = 8
        if size == 1 and len(head) == 16:
            (size,) = struct.unpack(">Q", head[8:])
            skip = 16
        size = within - at if size == 0 else size
        if size < skip:
            return
        stack.append((at + size, within))
        file.seek(at + skip)
        yield kind, file.read(min(32, size - skip))
        if kind in _INSIDE and len(stack) < _LONGEST_PATH + 1:
            stack.append((at + skip, min(at + size, within)))
