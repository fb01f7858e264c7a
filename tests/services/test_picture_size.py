"""The size of a picture out of its first bytes, and nothing of what only calls itself one."""

from __future__ import annotations

import struct
from io import BytesIO
from pathlib import Path

import pytest

from app.services.picture_size import measure
from tests.support.media import PNG

SAMPLES = Path(__file__).resolve().parents[2] / "app" / "sandbox" / "samples"
FRAME = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", 300, 400) + b"\x03" + b"\x00" * 9


def jpeg(*segments: bytes) -> bytes:
    return b"\xff\xd8" + b"".join(segments) + b"\xff\xd9"


def segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(content) + 2) + content


def webp(kind: bytes, content: bytes) -> bytes:
    return b"RIFF" + struct.pack("<I", 100) + b"WEBP" + kind + struct.pack("<I", len(content)) + content


@pytest.mark.parametrize(
    "mime_type, data, size",
    [
        ("image/png", PNG, (1, 1)),
        ("image/jpeg", jpeg(FRAME), (400, 300)),
        ("image/jpeg", jpeg(segment(0xE1, b"x" * 60_000), segment(0xC4, b"table"), FRAME), (400, 300)),
        ("image/jpeg", jpeg(b"\xff\xff" + FRAME[1:]), (400, 300)),
        ("image/webp", webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 512, 256)), (512, 256)),
        ("image/webp", webp(b"VP8L", b"\x2f" + struct.pack("<I", 511 | 255 << 14) + b"\0" * 5), (512, 256)),
        ("image/webp", webp(b"VP8X", b"\0\0\0\0" + b"\xff\x01\x00" + b"\xff\x00\x00"), (512, 256)),
    ],
)
def test_the_size_is_read(mime_type: str, data: bytes, size: tuple[int, int]) -> None:
    assert measure(BytesIO(data), mime_type) == size


def test_a_sticker_that_a_browser_drew_is_measured() -> None:
    with (SAMPLES / "sticker.webp").open("rb") as file:
        assert measure(file, "image/webp") == (512, 512)


@pytest.mark.parametrize("mime_type", ["image/png", "image/jpeg", "image/webp", "image/gif", "text/html", ""])
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\0" * 8,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + b"\xff" * 8,
        b"\xff\xd8",
        b"\xff\xd8\xff\xe0\x00\x00" * 300,
        b"\xff\xd8" + b"\xff\xd0" * 1000,
        b"RIFF\0\0\0\0WEBPVP8 ",
        b"RIFF\0\0\0\0WEBPABCD" + b"\0" * 30,
    ],
)
def test_what_is_no_picture_has_no_size(mime_type: str, data: bytes) -> None:
    assert measure(BytesIO(data), mime_type) is None
