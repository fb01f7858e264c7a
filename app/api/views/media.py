"""The bytes of files that came with messages."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Response

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.models import MediaFile
from app.queries.media import get_media_file
from app.services import media as service
from app.web.file_answers import file_answer

_BYTES: dict[str, Any] = {"schema": {"type": "string", "format": "binary"}}
_ANSWERS: dict[Any, Any] = {
    200: {"description": "The file, of the type the sender gave it.", "content": {"*/*": _BYTES}},
    206: {"description": "The part that the header Range asks for.", "content": {"*/*": _BYTES}},
    304: {"description": "The file with this ETag is the one you have."},
}


@blueprint.get("/media/<int:media_id>/")
@allowed("messages.view", media=get_media_file)
@blueprint.doc(tags=["Messages"], responses=_ANSWERS)
def show_media(media: MediaFile) -> Response:
    """Download a message's file

    404 until it is there: see `media.state` of the message. Takes `Range` and `If-None-Match`. What a
    browser could be tricked with comes as an attachment; do not trust the type more than its sender.
    """
    return file_answer(media, partial(service.read, media))
