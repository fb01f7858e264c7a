"""A message's file as its bubble shows it, in whatever state it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import url_for

from app.models import MediaFile, MediaState, Message, OutgoingFile, utcnow
from app.services.media import can_be_fetched
from app.services.media_claims import LIFE
from app.web.file_answers import SHOWN_TYPES, file_name
from app.web.filters import file_size

_WIDEST, _HIGHEST, _STICKER = 320, 340, 160
_LONGEST_END = 5
_TAG_DIGITS = 8
_WORDS = {
    MediaState.WAITING: "Is being fetched from WhatsApp",
    MediaState.FETCHING: "Is being fetched from WhatsApp",
    MediaState.FAILED: "Could not be fetched",
    MediaState.GONE: "No longer there",
}


@dataclass(frozen=True)
class File:
    """`shown_as` is picture, film, sound or file. `image_url`: a picture's small one, where there is one.
    Without `url` it is not here; `state`, `reason`: why; `kept_until`: so long Meta still has it.
    `short_type`: "PDF"."""

    id: int | str
    shown_as: str
    name: str
    size: str
    url: str = ""
    image_url: str = ""
    width: int | None = None
    height: int | None = None
    state: str = ""
    reason: str = ""
    again_at: datetime | None = None
    is_bad: bool = False
    can_be_fetched: bool = False
    kept_until: datetime | None = None
    size_bytes: int = 0
    short_type: str = ""


def file_of(file: MediaFile, message: Message) -> File:
    shown_as = _shown_as(file, message.message_type)
    name, size = file_name(file) if shown_as == "file" else "", file_size(file.size_bytes)
    if file.is_stored:
        url = url_for("console.media_file", conversation_id=message.conversation_id, media_id=file.id)
        width, height = _fitted(file, _STICKER if message.message_type == "sticker" else _HIGHEST)
        return File(
            id=file.id,
            shown_as=shown_as,
            name=name,
            size=size,
            url=url,
            image_url=_thumbnail_url(file, message),
            width=width,
            height=height,
            size_bytes=file.size_bytes or 0,
            short_type=_short_type(file, name),
        )
    at = file.next_attempt_at
    is_put_off = file.state is MediaState.WAITING and bool(file.reason) and at is not None and at > utcnow()
    return File(
        id=file.id,
        shown_as=shown_as,
        name=name,
        size=size,
        state=_WORDS[file.state],
        reason=file.reason,
        again_at=at if is_put_off else None,
        is_bad=file.state in (MediaState.FAILED, MediaState.GONE),
        can_be_fetched=bool(file.reason) and can_be_fetched(file, message),
        kept_until=message.occurred_at + LIFE,
    )


def planned_file(file: OutgoingFile, message_type: str) -> File:
    """Of a message that is still to leave."""
    shown_as = _shown_as(file, message_type)
    name = file_name(file) if shown_as == "file" else ""
    width, height = _fitted(file, _STICKER if message_type == "sticker" else _HIGHEST)
    return File(
        # Browsers keep files for good, and the next one may get this one's number: the key tells them apart.
        url=url_for(
            "console.outgoing_file",
            conversation_id=file.conversation_id,
            outgoing_file_id=file.id,
            key=file.key,
        ),
        id=f"plan-{file.id}",
        shown_as=shown_as,
        name=name,
        size=file_size(file.size_bytes),
        width=width,
        height=height,
        size_bytes=file.size_bytes,
        short_type=_short_type(file, name),
    )


def _short_type(file: MediaFile | OutgoingFile, name: str) -> str:
    """The end of its name, as people know kinds of files by; else what Meta calls it."""
    end = name.rpartition(".")[2] if "." in name else file.mime_type.rpartition("/")[2]
    is_plain = end.isascii() and end.isalnum() and len(end) <= _LONGEST_END
    return end.upper() if is_plain else ""


def _shown_as(file: MediaFile | OutgoingFile, message_type: str) -> str:
    """What was sent as a document is one for people, too, even if it is a picture."""
    # With parameters ("audio/ogg; codecs=opus") until it is fetched.
    mime_type = file.mime_type.partition(";")[0].strip()
    kind = mime_type.partition("/")[0]
    if message_type == "document" or mime_type not in SHOWN_TYPES:
        return "file"
    return {"image": "picture", "video": "film", "audio": "sound"}.get(kind, "file")


def _thumbnail_url(file: MediaFile, message: Message) -> str:
    thumbnail = file.thumbnail
    if thumbnail is None:
        return ""
    return url_for(
        "console.media_thumbnail",
        conversation_id=message.conversation_id,
        media_id=file.id,
        v=thumbnail.tag[:_TAG_DIGITS],
    )


def _fitted(file: MediaFile | OutgoingFile, highest: int) -> tuple[int | None, int | None]:
    """The size it is shown in: the page keeps that place free while it loads. The small picture's is upright,
    the file's own as the camera was held."""
    width, height = file.width, file.height
    if isinstance(file, MediaFile):
        width, height = file.thumbnail_width or width, file.thumbnail_height or height
    if not width or not height:
        return None, None
    scale = min(1.0, _WIDEST / width, highest / height)
    return max(1, round(width * scale)), max(1, round(height * scale))
