"""Small real files for customers who send media without bringing one."""

import math
import struct
import zlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WIDTH, HEIGHT = 240, 160
RECORDED = Path(__file__).with_name("samples")


@dataclass(frozen=True)
class Sample:
    data: bytes
    mime_type: str
    filename: str


def sample(kind: str) -> Sample:
    """kind: image, audio, video, document or sticker."""
    return {
        "image": Sample(_png(), "image/png", "photo.png"),
        "audio": Sample(_recorded("voice.ogg"), "audio/ogg; codecs=opus", "voice.ogg"),
        "video": Sample(_recorded("film.mp4"), "video/mp4", "film.mp4"),
        "document": Sample(_pdf(), "application/pdf", "document.pdf"),
        "sticker": Sample(_recorded("sticker.webp"), "image/webp", "sticker.webp"),
    }[kind]


@cache
def _recorded(name: str) -> bytes:
    """Four tones (Opus), three seconds of film (H.264), a smiling face: drawn and recorded by a browser."""
    return (RECORDED / name).read_bytes()


@cache
def _png() -> bytes:
    """A small landscape: sky, sun, two hills."""
    rows = b"".join(b"\x00" + b"".join(_pixel(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    image = _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(rows)) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + image


def _pixel(x: int, y: int) -> bytes:
    if y > HEIGHT * 0.72 + 9 * math.sin(x / 31):
        return bytes((52, 110 + y // 6, 84))
    if y > HEIGHT * 0.58 + 14 * math.cos(x / 47):
        return bytes((96, 148, 122))
    if (x - 178) ** 2 + (y - 40) ** 2 < 380:
        return bytes((255, 224, 150))
    return bytes((132 + y // 2, 176 + y // 3, 232))


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf() -> bytes:
    """One A4 page with two lines."""
    words = b"BT /F1 24 Tf 72 740 Td (Sample document) Tj 0 -32 Td /F1 12 Tf (Made by the sandbox.) Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%b\nendstream" % (len(words), words),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + table
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
