"""What a file is by its bytes, and a browser’s recording in the form that Meta takes."""

from __future__ import annotations

import base64
import io
import struct
from itertools import pairwise

import pytest

from app.services.attachments import kinds, voice
from tests.support.media import PNG

# A second from Chromium's own recorder, audio/webm;codecs=opus.
RECORDING = base64.b64decode(
    "GkXfo59ChoEBQveBAULygQRC84EIQoKEd2VibUKHgQRChYECGFOAZwH/////////FUmpZpkq17GDD0JATYCGQ2hy"
    "b21lV0GGQ2hyb21lFlSua7+uvdeBAXPFh0ePcPP/TrODgQKGhkFfT1BVU2Oik09wdXNIZWFkAQEAAIC7AAAAAADh"
    "jbWERzuAAJ+BAWJkgSAfQ7Z1Af/////////ngQCjsoEAAIBrgw0PC+TBNuzFjYxJSEJs0AfJcifhROpV8fDA0TIp"
    "MAfJecjJV8CiEiP6WSBwo7CBADyAawMHyXnIyVfAohIj+lkgcAfJecjJV8CiEiP6WSBwB8l5yMlXwKISI/pZIHCj"
    "sIEAeIBrAwfJecjJV8CiEiP6WSBwB8l5yMlXwKISI/pZIHAHyXnIyVfAohIj+lkgcKOwgQC0gGsDB8l5yMlXwKIS"
    "I/pZIHAHyXnIyVfAohIj+lkgcAfJecjJV8CiEiP6WSBwo7CBAPCAawMHyXnIyVfAohIj+lkgcAfJecjJV8CiEiP6"
    "WSBwB8l5yMlXwKISI/pZIHCjsIEBLIBrAwfJecjJV8CiEiP6WSBwB8l5yMlXwKISI/pZIHAHyXnIyVfAohIj+lkg"
    "cKOwgQFogGsDB8l5yMlXwKISI/pZIHAHyXnIyVfAohIj+lkgcAfJecjJV8CiEiP6WSBwH0O2dQH/////////54IB"
    "pKOwgQAAgGsDB8l5yMlXwKISI/pZIHAHyXnIyVfAohIj+lkgcAfJecjJV8CiEiP6WSBwo+WBADyAWOAAonQPweQJ"
    "zLGmuqAho47cccjG0RMI9PPWaaNvRs7YPWRBCsXNcIyXm6y/9JTRiG2rEQ6Rzeu3xNwfqIsyWEpYVbeLtvugiQUF"
    "4tIjHeuDOHnQYIyo39PERAnfBjorxKPjgQB4gFjhFwAERhB/JOrgFEjqC6OkhkIeSm16gHZUBJ9LShE96UVPB0pG"
    "/vbxJIeA6UeMxdG1IwUyXY2bDbilrPE/dVeolXdPi1as6K7c0yQcZ6qdh0HiE4PiG+/Ljfck2MPAo+aBALSAWIAT"
    "UoHJQl12dftDZVh69tq3hOQDI4TVqXCbiIMHDjg4NYrxdVctQON41SnhzIzt2N9qarqlY1uupWs49jc8k5XJGKDR"
    "JgKOE0co2L+MPzNFOw7T5JCam6PK5xQMcpOeq8Cj1IEA8IBYA4RLdra68DUu26Nnmw3C1Sx8Rf3mKWz3IIYDtCv3"
    "WA/4JXdEn3jOrAEV/57tFiCnEaSA1GsKgxD4erYSmzQllL0QJJW2DuQT0/e7wStxgKOwgQEsgFgCyGhTPy5ANOvy"
    "KMtH49KqaN+te7qJZmgNhcIXinHYTdcKd1d3iNrxv4kQo6iBAWiAWAKNVwh580vmh1800njS8oOiPbm0cIqvVu3x"
    "aiJ1zsXqF9NAH0O2dQH/////////54IDSKOmgQAAgFgCLsZeIVjW0y7T2DxcYBGAzatfDe+JS30U+Juit5y5tYij"
    "mYEAPIBYAfJecjaSHwX6R41pLI8gCvv7KyA="
)


def box(kind: bytes, *parts: bytes) -> bytes:
    data = b"".join(parts)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def film(*tracks: tuple[bytes, bytes], brand: bytes = b"isom") -> bytes:
    """An MP4 with these (handler, codec) and no pictures."""
    made = [
        box(
            b"trak",
            box(
                b"mdia",
                box(b"hdlr", b"\0" * 8 + handler + b"\0" * 12),
                box(b"minf", box(b"stbl", box(b"stsd", b"\0" * 8, box(codec, b"\0" * 8)))),
            ),
        )
        for handler, codec in tracks
    ]
    return box(b"ftyp", brand, b"\0" * 4) + box(b"mdat", b"x" * 99) + box(b"moov", box(b"mvhd"), *made)


def ogg(head: bytes) -> bytes:
    return b"OggS" + b"\0" * 22 + bytes([1, len(head)]) + head


def webp(side: int, more: int = 0, flags: int = 0) -> bytes:
    size = (side - 1).to_bytes(3, "little")
    return b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0" + bytes([flags]) + b"\0\0\0" + size + size + b"x" * more


def zipped(name: bytes) -> bytes:
    return b"PK\x03\x04" + b"x" * 40 + b"PK\x01\x02" + name


def found(content: bytes, name: str = "file") -> kinds.Found:
    return kinds.identify(io.BytesIO(content), len(content), name)


H264, AAC = (b"vide", b"avc1"), (b"soun", b"mp4a")
OFFICE = "application/vnd.openxmlformats-officedocument"


@pytest.mark.parametrize(
    "content, name, kind, mime_type",
    [
        (PNG, "x.pdf", "image", "image/png"),
        (b"\xff\xd8\xff\xe0" + b"x" * 20, "x", "image", "image/jpeg"),
        (film(H264, AAC), "a.mp4", "video", "video/mp4"),
        (film(H264, brand=b"3gp5"), "a.mp4", "video", "video/3gpp"),
        (film(AAC), "a.mp4", "audio", "audio/mp4"),
        (film(AAC, brand=b"M4A "), "a.m4a", "audio", "audio/mp4"),
        (ogg(b"OpusHead\x01\x01"), "a.ogg", "audio", "audio/ogg"),
        (b"ID3\x04" + b"\0" * 20, "a.mp3", "audio", "audio/mpeg"),
        (b"\xff\xfb\x90\x00", "a.mp3", "audio", "audio/mpeg"),
        (b"\xff\xf1\x50\x80", "a.aac", "audio", "audio/aac"),
        (b"#!AMR\n", "a.amr", "audio", "audio/amr"),
        (b"%PDF-1.7\n", "a.exe", "document", "application/pdf"),
        ("BMW für Ünal".encode(), "a.csv", "document", "text/plain"),
        (zipped(b"word/document.xml"), "a.zip", "document", f"{OFFICE}.wordprocessingml.document"),
        (zipped(b"xl/workbook.xml"), "a.xlsx", "document", f"{OFFICE}.spreadsheetml.sheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "A.XLS", "document", "application/vnd.ms-excel"),
        (webp(512), "a.webp", "sticker", "image/webp"),
        (webp(512, 200 * 1024, flags=2), "a.webp", "sticker", "image/webp"),
    ],
)
def test_a_file_is_what_its_bytes_say(content: bytes, name: str, kind: str, mime_type: str) -> None:
    got = found(content, name)
    assert (got.kind, got.mime_type, got.problem) == (kind, mime_type, "")


@pytest.mark.parametrize(
    "content, said",
    [
        (film((b"vide", b"hvc1"), AAC), "This film is coded as HEVC"),
        (film(H264, AAC, AAC), "several sound tracks"),
        (film(H264, brand=b"qt  "), "QuickTime"),
        (ogg(b"OpusHead\x01\x02"), "mono only"),
        (ogg(b"\x01vorbis"), "coded as Opus"),
        (webp(300), "only as a sticker, of 512 × 512"),
        (webp(512, 200 * 1024), "allows 100 KB, 500 KB if it moves"),
        (PNG[:24] + b"\x08\x03" + PNG[26:], "8 bits only"),
        (b"MZ\x90\x00\x03", "Programs"),
        (b"RIFF\0\0\0\0WAVEfmt ", "WAV sound"),
        (b"\x1a\x45\xdf\xa3webm", "WebM"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "This kind of file is not taken"),
        (b"\0\0\0\0", "This kind of file is not taken"),
        (b"\xff\xd8\xff" + b"x" * 5_300_000, "WhatsApp allows 5 MB"),
    ],
)
def test_what_cannot_be_sent_is_said_with_what_to_do(content: bytes, said: str) -> None:
    assert said in found(content).problem


@pytest.mark.parametrize("size", [0, 7, 12, 30, 60, 120])
def test_a_file_that_is_cut_off_breaks_nothing(size: int) -> None:
    for content in (film(H264, AAC), PNG, webp(512), ogg(b"OpusHead"), RECORDING, zipped(b"x")):
        kinds.early_problem(content[:size], len(content))
        found(content[:size])


def pages(data: bytes) -> list[tuple[int, int, int, bytes, bytes]]:
    """(flags, position, number, whole page, what it holds) of each page."""
    made = []
    while data:
        mark, _version, flags, position, _serial, number, _sum, count = struct.unpack("<4sBBqIIIB", data[:27])
        assert mark == b"OggS"
        end = 27 + count + sum(data[27 : 27 + count])
        made.append((flags, position, number, data[:end], data[27 + count : end]))
        data = data[end:]
    return made


def checksum(page: bytes) -> int:
    """By dividing bit by bit: another way than the code's."""
    value = 0
    for byte in page[:22] + b"\0\0\0\0" + page[26:]:
        for bit in range(7, -1, -1):
            carry = value >> 31
            value = (value << 1 | byte >> bit & 1) & 0xFFFFFFFF
            value ^= 0x04C11DB7 if carry else 0
    for _ in range(32):
        value = (value << 1 & 0xFFFFFFFF) ^ (0x04C11DB7 if value >> 31 else 0)
    return value


def test_a_browsers_recording_becomes_ogg_in_mono_with_every_packet() -> None:
    sound = voice.ogg_from_webm(RECORDING)
    found_pages = pages(sound)
    assert [flags for flags, *_ in found_pages[:2]] == [2, 0]
    assert found_pages[-1][0] == 4
    assert [number for _, _, number, *_ in found_pages] == list(range(len(found_pages)))
    assert all(one[1] <= other[1] for one, other in pairwise(found_pages))
    assert found_pages[-1][1] / 48_000 == pytest.approx(1.0, abs=0.2)
    assert found_pages[0][4].startswith(b"OpusHead\x01\x01")
    for _, _, _, page, _ in found_pages:
        assert struct.unpack("<I", page[22:26])[0] == checksum(page)
    assert found(sound).mime_type == "audio/ogg"
    # Broken off by a crash of the browser: what is there is kept.
    assert pages(voice.ogg_from_webm(RECORDING[:-20]))[-1][0] == 4


def test_long_recordings_fill_many_pages() -> None:
    block = RECORDING[RECORDING.rindex(b"\xa3") :]
    sound = voice.ogg_from_webm(RECORDING + block * 600)
    found_pages = pages(sound)
    assert len(found_pages) > 20
    assert all(len(page[27:]) for _, _, _, page, _ in found_pages)


@pytest.mark.parametrize(
    "data", [b"", b"\x1a\x45\xdf\xa3", RECORDING[:100], b"\x1a\x45\xdf\xa3" + b"\xff" * 50]
)
def test_no_recording_is_told_apart(data: bytes) -> None:
    with pytest.raises(voice.NotOpus):
        voice.ogg_from_webm(data)


def test_a_recording_that_somebody_made_up_neither_breaks_nor_busies_the_server(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(voice, "_MOST_PACKETS", 600)
    start = RECORDING[: RECORDING.index(b"\xa3", RECORDING.index(b"\x1f\x43\xb6\x75"))]

    def block(packet: bytes) -> bytes:
        return b"\xa3" + struct.pack(">I", 0x10000000 | len(packet) + 4) + b"\x81\0\0\x80" + packet

    for blocks in (block(b"\x03"), block(b"\x08" * 70_000), block(b"\x08") * 601):
        with pytest.raises(voice.NotOpus):
            voice.ogg_from_webm(start + blocks)
    assert voice.ogg_from_webm(start + block(b"\x08" * 65_024))
    assert "WebM" in kinds.early_problem(RECORDING, 17 * 1024 * 1024)
    assert kinds.early_problem(RECORDING, 1024 * 1024) == ""
