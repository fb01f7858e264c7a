"""What files WhatsApp takes and how large: one table for the client, the pages and the API.

Source: Meta docs, "Supported media types" and "Resumable upload" pages, read 2026-09.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.graph.problems import Problem

KILOBYTE = 1024
MEGABYTE = 1024 * KILOBYTE
MOST_INBOUND_BYTES = 100 * MEGABYTE
_OFFICE = "application/vnd.openxmlformats-officedocument"


@dataclass(frozen=True, slots=True)
class MediaLimit:
    """The types of a kind of media and the bytes of its largest file."""

    kind: str
    mime_types: tuple[str, ...]
    most_bytes: int

    @property
    def in_words(self) -> str:
        """`5 MB`"""
        return size_in_words(self.most_bytes)


_IMAGES = ("image/jpeg", "image/png")
_DOCUMENTS = (
    "application/pdf",
    "text/plain",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    f"{_OFFICE}.wordprocessingml.document",
    f"{_OFFICE}.spreadsheetml.sheet",
    f"{_OFFICE}.presentationml.presentation",
)
# A sticker's limit is the animated one's; a still one may have 100 KB, which only its bytes tell.
MEDIA_LIMITS: dict[str, MediaLimit] = {
    limit.kind: limit
    for limit in (
        MediaLimit("image", _IMAGES, 5 * MEGABYTE),
        MediaLimit(
            "audio", ("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), 16 * MEGABYTE
        ),
        MediaLimit("video", ("video/mp4", "video/3gpp"), 16 * MEGABYTE),
        MediaLimit("document", _DOCUMENTS, 100 * MEGABYTE),
        MediaLimit("sticker", ("image/webp",), 500 * KILOBYTE),
    )
}
# Samples of message templates and profile pictures; their sizes follow the kind that is sent.
HANDLE_LIMITS: dict[str, MediaLimit] = {
    limit.kind: limit
    for limit in (
        MediaLimit("image", ("image/jpeg", "image/jpg", "image/png"), 5 * MEGABYTE),
        MediaLimit("video", ("video/mp4",), 16 * MEGABYTE),
        MediaLimit("document", ("application/pdf",), 100 * MEGABYTE),
    )
}


def bare_type(mime_type: str) -> str:
    """`audio/ogg` out of `Audio/OGG; codecs=opus`."""
    return mime_type.partition(";")[0].strip().lower()


def kind_of(mime_type: str) -> str | None:
    """Which kind of message carries a file of this type; None if no kind does."""
    bare = bare_type(mime_type)
    return next((kind for kind, limit in MEDIA_LIMITS.items() if bare in limit.mime_types), None)


def check_media(mime_type: str, size_bytes: int, kind: str | None = None) -> list[Problem]:
    """What Meta would refuse in a file to send; `kind` if it is known which message it is for."""
    return _check(MEDIA_LIMITS, mime_type, size_bytes, kind)


def check_handle_file(mime_type: str, size_bytes: int, kind: str | None = None) -> list[Problem]:
    """What Meta would refuse in a message template's sample or a profile picture."""
    return _check(HANDLE_LIMITS, mime_type, size_bytes, kind)


def size_in_words(size_bytes: int) -> str:
    """`500 KB`, `16 MB`, `1.5 MB`: rounded up, so that a file over a limit never looks like it."""
    unit, name = (MEGABYTE, "MB") if size_bytes >= MEGABYTE else (KILOBYTE, "KB")
    tenths = -(-size_bytes * 10 // unit)
    return f"{tenths / 10:g} {name}"


def _check(limits: dict[str, MediaLimit], mime_type: str, size_bytes: int, kind: str | None) -> list[Problem]:
    bare = bare_type(mime_type)
    wanted = [limits[kind]] if kind in limits else list(limits.values())
    limit = next((limit for limit in wanted if bare in limit.mime_types), None)
    if limit is None:
        allowed = ", ".join(name for one in wanted for name in one.mime_types)
        return [
            Problem("file", f"WhatsApp does not take this type of file. It takes: {allowed}.", "bad_type")
        ]
    if size_bytes < 1:
        return [Problem("file", "The file is empty.", "missing")]
    if size_bytes > limit.most_bytes:
        return [
            Problem(
                "file",
                f"The file has {size_in_words(size_bytes)}; WhatsApp allows {limit.in_words} for this kind.",
                "too_large",
            )
        ]
    return []
