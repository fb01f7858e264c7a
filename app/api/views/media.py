"""The bytes of files that came with messages, and files for sending."""

from __future__ import annotations

import base64
from functools import partial
from typing import Any

from flask import Response

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.media import UploadIn, UploadOut
from app.api.views.messages import sending_number
from app.errors import FieldProblem, InvalidFields
from app.models import Account, MediaFile
from app.queries.accounts import get_account
from app.queries.media import get_media_file
from app.services import media as service
from app.services import media_uploads
from app.web.file_answers import file_answer
from app.web.identity import current_actor

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


@blueprint.post("/accounts/<int:account_id>/media/")
@allowed("messages.send", account=get_account)
@blueprint.input(UploadIn, location="json")
@blueprint.output(UploadOut, status_code=201, description="At Meta; name its id in a message.")
@blueprint.doc(tags=["Messages"])
def upload_media(account: Account, json_data: dict[str, Any]) -> dict[str, Any]:
    """Upload a file for sending

    It goes to Meta and is not kept here. Images have up to 5 MB, audio and video 16, documents 20 this way
    (larger ones: send them by `link`).
    """
    content = _bytes_of(json_data["content_base64"])
    media_id = media_uploads.upload(
        account=account,
        number=sending_number(account, json_data.get("phone_number_id")),
        content=content,
        mime_type=json_data["mime_type"],
        file_name=json_data["file_name"],
        actor=current_actor(),
    )
    return {"id": media_id, "mime_type": json_data["mime_type"], "size_bytes": len(content)}


def _bytes_of(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded, validate=True)
    except ValueError:
        raise InvalidFields([FieldProblem("content_base64", "This is not base64.")]) from None
