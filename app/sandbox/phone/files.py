"""Files of one's own that the customer sends: which kind of message each becomes, and what is refused."""

import base64
import mimetypes
from typing import Any

from werkzeug.datastructures import FileStorage

from ..graph.media import LONGEST
from ..inbound import InvalidInbound
from .attachments import size_in_words

Message = dict[str, Any]
MOST_FILES = 10
LONGEST_CAPTION = 1024
LONGEST_DOCUMENT = 100 * 1024 * 1024
# As phones do: a picture or film of another format goes as a document.
KINDS = {
    "image/jpeg": "image", "image/png": "image", "image/webp": "sticker",
    "video/mp4": "video", "video/3gpp": "video",
    **dict.fromkeys(("audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"), "audio"),
}  # fmt: skip
# What browsers call it → what Meta does.
OTHER_NAMES = {"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-m4a": "audio/mp4"}


def messages_of(files: list[FileStorage], caption: str, *, as_documents: bool) -> list[Message]:
    """A message for each file; the first one that takes a caption gets it. Raises InvalidInbound."""
    chosen = [file for file in files if file.filename]
    if len(chosen) > MOST_FILES:
        raise InvalidInbound(f"At most {MOST_FILES} files go at once; you chose {len(chosen)}.")
    made = [_message(file, as_documents=as_documents) for file in chosen]
    words = caption.strip()[:LONGEST_CAPTION]
    target = next((message for message in made if message["type"] in {"image", "video", "document"}), None)
    if words and target is not None:
        target[target["type"]]["caption"] = words
    return made


def has_caption(made: list[Message]) -> bool:
    return any("caption" in message[message["type"]] for message in made)


def _message(file: FileStorage, *, as_documents: bool) -> Message:
    name = str(file.filename).replace("\\", "/").rsplit("/", 1)[-1][:240]
    mime_type = _mime_type(file, name)
    kind = "document" if as_documents else KINDS.get(mime_type, "document")
    data = file.read()
    most = LONGEST_DOCUMENT if kind == "document" else LONGEST[mime_type]
    if not data:
        raise InvalidInbound(f"{name} is empty. Choose another file.")
    if len(data) > most:
        raise InvalidInbound(
            f"{name} has {size_in_words(len(data))}; WhatsApp takes at most {size_in_words(most)} of "
            "that kind. Send it as a document, or choose a smaller one."
        )
    content: Message = {"data": base64.b64encode(data).decode(), "mime_type": mime_type}
    if kind == "document":
        content["filename"] = name
    if kind == "audio":
        content["voice"] = mime_type == "audio/ogg"
    if kind == "sticker":
        content["animated"] = b"ANIM" in data[:64]
    return {"type": kind, kind: content}


def _mime_type(file: FileStorage, name: str) -> str:
    given = (file.mimetype or "").lower()
    if given in {"", "application/octet-stream"}:
        given = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"image/jpg": "image/jpeg", "audio/mp3": "audio/mpeg", "audio/x-m4a": "audio/mp4"}.get(
        given, given
    )
