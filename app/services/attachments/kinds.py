"""What a file is, by its bytes, and what stands in the way of sending it, in plain words.

What Meta takes: Meta docs, "Supported media types" page, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

from app.graph.media_limits import KILOBYTE, MEDIA_LIMITS, check_media, kind_of, size_in_words
from app.services.attachments import films, voice
from app.services.picture_size import measure

HEAD_BYTES = 64 * KILOBYTE
MOST_BYTES = max(limit.most_bytes for limit in MEDIA_LIMITS.values())
ACCEPTED = ",".join(name for limit in MEDIA_LIMITS.values() for name in limit.mime_types)
"""For the `accept` of a file field."""
TAKEN = (
    "WhatsApp takes pictures as JPEG or PNG (5 MB), films as MP4 or 3GP (16 MB), sound as MP3, M4A, AAC, AMR "
    "or OGG with Opus (16 MB), PDF, text, Word, Excel and PowerPoint files (100 MB), and stickers as WebP of "
    "512 × 512 (100 KB, moving ones 500 KB)."
)
_UNKNOWN = f"This kind of file is not taken by WhatsApp. {TAKEN}"
_WEBM = "WebM and Matroska files are not taken by WhatsApp. Save it as MP4."
_STILL_STICKER = 100 * KILOBYTE
_STICKER_SIDE = 512
_OFFICE = "application/vnd.openxmlformats-officedocument"
_STARTS: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"%PDF-", "application/pdf"),
    (b"#!AMR", "audio/amr"),
    (b"ID3", "audio/mpeg"),
)
# Known, and not taken: what to say, and what to do.
_NOT_TAKEN: tuple[tuple[bytes, int, str], ...] = (
    (b"GIF8", 0, "GIFs are not taken by WhatsApp. Save it as a film (MP4), then attach that."),
    (b"BM", 0, "Pictures in BMP format are not taken by WhatsApp. Save it as JPEG or PNG."),
    (b"II*\0", 0, "Pictures in TIFF format are not taken by WhatsApp. Save it as JPEG or PNG."),
    (b"MM\0*", 0, "Pictures in TIFF format are not taken by WhatsApp. Save it as JPEG or PNG."),
    (b"WAVE", 8, "WAV sound is not taken by WhatsApp. Save it as MP3 or M4A."),
    (b"AVI ", 8, "Films in AVI format are not taken by WhatsApp. Save it as MP4."),
    (b"fLaC", 0, "FLAC sound is not taken by WhatsApp. Save it as MP3 or M4A."),
    (b"MZ", 0, "Programs are not taken by WhatsApp."),
)
_BRANDS_NOT_TAKEN = {
    "qt  ": "Films in Apple’s QuickTime format (MOV) are not taken by WhatsApp. Save it as MP4.",
    **dict.fromkeys(
        ("heic", "heix", "hevc", "mif1", "msf1"),
        "Photos in HEIC format are not taken by WhatsApp. Save it as JPEG.",
    ),
    **dict.fromkeys(
        ("avif", "avis"), "Pictures in AVIF format are not taken by WhatsApp. Save it as JPEG or PNG."
    ),
}
_CODECS_NOT_TAKEN = {"hvc1": "HEVC", "hev1": "HEVC", "av01": "AV1", "vp09": "VP9", "vp08": "VP8"}
_OLD_OFFICE = {
    "doc": "application/msword",
    "xls": "application/vnd.ms-excel",
    "ppt": "application/vnd.ms-powerpoint",
}
_NEW_OFFICE: tuple[tuple[bytes, str], ...] = (
    (b"word/document.xml", f"{_OFFICE}.wordprocessingml.document"),
    (b"xl/workbook.xml", f"{_OFFICE}.spreadsheetml.sheet"),
    (b"ppt/presentation.xml", f"{_OFFICE}.presentationml.presentation"),
)
_DIRECTORY_BYTES = 256 * KILOBYTE
_TEXT_CONTROLS = frozenset(range(0x20)) - {0x09, 0x0A, 0x0C, 0x0D, 0x1B}


@dataclass(frozen=True)
class Found:
    """`mime_type` and `kind` in Meta's words; with a `problem` it cannot be sent."""

    mime_type: str = ""
    kind: str = ""
    problem: str = ""
    width: int | None = None
    height: int | None = None


def too_large(size_bytes: int) -> str:
    """Why nothing of this size can be sent; empty when something can."""
    if size_bytes < 1:
        return "The file is empty."
    if size_bytes > MOST_BYTES:
        most = size_in_words(MOST_BYTES)
        return f"The file has {size_in_words(size_bytes)}; WhatsApp takes at most {most}."
    return ""


def early_problem(head: bytes, size_bytes: int) -> str:
    """What its first bytes and its size tell already, before the rest is sent here."""
    if voice.is_webm(head):
        # A recording, perhaps: only all of it tells. What is too long for one is not read at all.
        return _WEBM if size_bytes > MEDIA_LIMITS["audio"].most_bytes else ""
    mime_type, problem = _by_start(head)
    if problem or not mime_type:
        return problem
    return " ".join(one.message for one in check_media(mime_type, size_bytes))


def identify(file: IO[bytes], size_bytes: int, name: str) -> Found:
    """All of it, whatever it is called. `name` only tells old Office files apart."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    mime_type, problem = _by_start(head)
    if not problem and not mime_type:
        mime_type, problem = _by_content(file, head, size_bytes, name)
    if not problem:
        problem = _FURTHER.get(mime_type, _nothing_more)(file, head)
    if not problem:
        problem = " ".join(one.message for one in check_media(mime_type, size_bytes))
    if problem:
        return Found(problem=problem)
    if mime_type == "video/mp4" and _is_sound_only(file):
        mime_type = "audio/mp4"
    width, height = measure(file, mime_type) or (None, None)
    if mime_type == "image/webp" and (problem := _sticker_problem(head, size_bytes, width, height)):
        return Found(problem=problem)
    return Found(mime_type, kind_of(mime_type) or "", "", width, height)


def _by_start(head: bytes) -> tuple[str, str]:
    """(type, problem); neither when the first bytes do not tell."""
    for start, place, words in _NOT_TAKEN:
        # Two letters are a word's beginning as well.
        if head[place : place + len(start)] == start and (len(start) > 2 or not _is_text(head)):
            return "", words
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp", ""
    if (brand := films.brand_of(head)) is not None:
        return _by_brand(brand)
    if head[:4] == b"OggS":
        return _ogg(head)
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xF6 == 0xF0:
        return "audio/aac", ""
    if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 == 0xE2:
        return "audio/mpeg", ""
    return next((mime for start, mime in _STARTS if head.startswith(start)), ""), ""


def _by_brand(brand: str) -> tuple[str, str]:
    if brand in _BRANDS_NOT_TAKEN:
        return "", _BRANDS_NOT_TAKEN[brand]
    if brand.startswith("M4A"):
        return "audio/mp4", ""
    return ("video/3gpp" if brand.startswith("3g") else "video/mp4"), ""


def _ogg(head: bytes) -> tuple[str, str]:
    at = head.find(b"OpusHead", 0, 512)
    if at < 0:
        return "", "OGG files are taken by WhatsApp only with sound coded as Opus. Save it as MP3 or M4A."
    if head[at + 9 : at + 10] != b"\x01":
        return (
            "",
            "WhatsApp takes OGG sound in mono only; this is stereo. Save it as MP3 or M4A.",
        )
    return "audio/ogg", ""


def _by_content(file: IO[bytes], head: bytes, size_bytes: int, name: str) -> tuple[str, str]:
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        ending = name.rpartition(".")[2].lower()
        return _OLD_OFFICE.get(ending, ""), "" if ending in _OLD_OFFICE else _UNKNOWN
    if head.startswith(b"PK"):
        mime_type = _office(file, head, size_bytes)
        return mime_type, "" if mime_type else f"ZIP archives are not taken by WhatsApp. {TAKEN}"
    if voice.is_webm(head):
        return "", _WEBM
    if _is_text(head):
        return "text/plain", ""
    return "", _UNKNOWN


def _office(file: IO[bytes], head: bytes, size_bytes: int) -> str:
    """By the names in the archive's own directory at its end; nothing is unpacked."""
    file.seek(max(0, size_bytes - _DIRECTORY_BYTES))
    names = head + file.read(_DIRECTORY_BYTES)
    return next((mime for entry, mime in _NEW_OFFICE if entry in names), "")


def _is_text(head: bytes) -> bool:
    if _TEXT_CONTROLS & set(head):
        return False
    try:
        head.decode()
    except UnicodeDecodeError as error:
        # The last letter may be cut in two.
        return error.start >= len(head) - 3
    return True


def _nothing_more(_file: IO[bytes], _head: bytes) -> str:
    return ""


def _png_problem(_file: IO[bytes], head: bytes) -> str:
    """Meta takes eight bits a colour, with or without transparency."""
    if len(head) < 26 or (head[24] == 8 and head[25] in (2, 6)):
        return ""
    return "WhatsApp takes PNG pictures in full colour with 8 bits only. Save it as JPEG, then attach that."


def _film_problem(file: IO[bytes], _head: bytes) -> str:
    tracks = films.tracks_of(file)
    coded = next((_CODECS_NOT_TAKEN[one.codec] for one in tracks if one.codec in _CODECS_NOT_TAKEN), "")
    if coded:
        return f"This film is coded as {coded}; WhatsApp shows H.264 only. Save it as MP4 with H.264."
    if sum(one.handler == "soun" for one in tracks) > 1:
        return "This film has several sound tracks; WhatsApp takes films with one at most."
    return ""


_FURTHER = {"image/png": _png_problem, "video/mp4": _film_problem, "video/3gpp": _film_problem}


def _is_sound_only(file: IO[bytes]) -> bool:
    handlers = {one.handler for one in films.tracks_of(file)}
    return "soun" in handlers and "vide" not in handlers


def _sticker_problem(head: bytes, size_bytes: int, width: int | None, height: int | None) -> str:
    if (width, height) != (_STICKER_SIDE, _STICKER_SIDE):
        return (
            "WhatsApp takes WebP only as a sticker, of 512 × 512 points. To send it as a picture, save it as "
            "JPEG or PNG."
        )
    if not _is_moving(head) and size_bytes > _STILL_STICKER:
        return f"The sticker has {size_in_words(size_bytes)}; WhatsApp allows 100 KB, 500 KB if it moves."
    return ""


def _is_moving(head: bytes) -> bool:
    return head[12:16] == b"VP8X" and len(head) > 20 and bool(head[20] & 0x02)
