"""How wide and high a picture is, out of its first bytes: so that a page can keep its place free."""

from __future__ import annotations

import struct
from typing import IO

_LARGEST = 65_535
_MOST_SEGMENTS = 200
# Of JPEG's markers those that begin a frame; C4, C8 and CC are tables.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD9)})


def measure(file: IO[bytes], mime_type: str) -> tuple[int, int] | None:
    """(width, height) in pixels of a JPEG, PNG or WebP; None for anything else, broken ones too.

    Source: the formats' own descriptions (ITU-T T.81 B.1, PNG 11.2.2, RFC 9649), read 2026-11.
    """
    reader = {"image/jpeg": _jpeg, "image/png": _png, "image/webp": _webp}.get(mime_type)
    if reader is None:
        return None
    file.seek(0)
    try:
        width, height = reader(file)
    except (struct.error, ValueError):
        return None
    return (width, height) if 0 < width <= _LARGEST and 0 < height <= _LARGEST else None


def _png(file: IO[bytes]) -> tuple[int, int]:
    head = file.read(24)
    if head[:8] != b"\x89PNG\r\n\x1a\n" or head[12:16] != b"IHDR":
        raise ValueError("not a PNG")
    width, height = struct.unpack(">II", head[16:24])
    return width, height


def _jpeg(file: IO[bytes]) -> tuple[int, int]:
    if file.read(2) != b"\xff\xd8":
        raise ValueError("not a JPEG")
    for _ in range(_MOST_SEGMENTS):
        marker = _next_marker(file)
        if marker in _WITHOUT_LENGTH:
            continue
        (length,) = struct.unpack(">H", file.read(2))
        if marker in _FRAMES:
            height, width = struct.unpack(">xHH", file.read(5))
            return width, height
        file.seek(length - 2, 1)
    raise ValueError("no frame in sight")


def _next_marker(file: IO[bytes]) -> int:
    """Markers begin with one FF or several."""
    (byte,) = struct.unpack("B", file.read(1))
    if byte != 0xFF:
        raise ValueError("not at a marker")
    while byte == 0xFF:
        (byte,) = struct.unpack("B", file.read(1))
    return int(byte)


def _webp(file: IO[bytes]) -> tuple[int, int]:
    head = file.read(30)
    if head[:4] != b"RIFF" or head[8:12] != b"WEBP":
        raise ValueError("not a WebP")
    kind = head[12:16]
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if kind == b"VP8L":
        (bits,) = struct.unpack("<I", head[21:25])
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    raise ValueError("a kind of WebP that is not known")
