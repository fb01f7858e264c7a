"""Small real files for customers who send media without bringing one."""

import math
import struct
import zlib
from dataclasses import dataclass
from functools import cache

WIDTH, HEIGHT = 240, 160


@dataclass(frozen=True)
class Sample:
    data: bytes
    mime_type: str
    filename: str


def sample(kind: str) -> Sample:
    """kind: image, audio, video, document or sticker. Audio and video are containers without content."""
    return {
        "image": Sample(_png(), "image/png", "photo.png"),
        "audio": Sample(_ogg(), "audio/ogg; codecs=opus", "voice.ogg"),
        "video": Sample(_mp4(), "video/mp4", "film.mp4"),
        "document": Sample(_pdf(), "application/pdf", "document.pdf"),
        "sticker": Sample(_webp(), "image/webp", "sticker.webp"),
    }[kind]


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
    """One empty A4 page."""
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    )
    out, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(out))
        out += b"%d 0 obj%sendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    start = len(out)
    out += b"xref\n0 4\n0000000000 65535 f \n" + table
    return out + b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start


def _ogg() -> bytes:
    """The two header packets of an Opus stream."""
    head = b"OpusHead\x01\x01" + struct.pack("<HIhB", 312, 48000, 0, 0)
    tags = b"OpusTags" + struct.pack("<I", 7) + b"sandbox" + struct.pack("<I", 0)
    return _ogg_page(head, 0, 2) + _ogg_page(tags, 1, 4)


def _ogg_page(packet: bytes, sequence: int, flags: int) -> bytes:
    bare = b"OggS\x00" + struct.pack("<BqII", flags, 0, 1, sequence)
    tail = bytes((1, len(packet))) + packet
    return bare + struct.pack("<I", _ogg_crc(bare + bytes(4) + tail)) + tail


def _ogg_crc(data: bytes) -> int:
    crc = 0
    for byte in data:
        crc ^= byte << 24
        for _ in range(8):
            crc = ((crc << 1) ^ 0x04C11DB7 if crc & 0x80000000 else crc << 1) & 0xFFFFFFFF
    return crc


def _mp4() -> bytes:
    kind = b"ftypisom\x00\x00\x02\x00isomiso2mp41"
    return struct.pack(">I", len(kind) + 4) + kind + struct.pack(">I", 8) + b"mdat"


def _webp() -> bytes:
    """One transparent pixel, lossless."""
    pixel = bytes.fromhex("2f0000001007101111880808fe0700")
    chunk = b"VP8L" + struct.pack("<I", len(pixel)) + pixel + b"\x00"
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk
