"""What is known of a message's file."""

from __future__ import annotations

from typing import Any

from apiflask import Schema
from marshmallow import fields

from app.api.blueprint import blueprint
from app.api.schemas.fields import Choice, Moment, Text, described
from app.models import MediaFile, MediaState


class MediaOut(Schema):
    """The file of a message, and how far it has come."""

    id = fields.Integer(required=True, metadata=described("Our id; see `media/{id}/`.", 311))
    state = Choice(
        *MediaState,
        required=True,
        metadata=described(
            "waiting and fetching: on its way from Meta; stored: here; failed: it could not be fetched; "
            "gone: nobody has it any more.",
            "stored",
        ),
    )
    reason = fields.String(
        required=True, allow_none=True, metadata=described("Why it is not here (yet), in words for people.")
    )
    mime_type = fields.String(required=True, metadata=described("As its sender said.", "image/jpeg"))
    file_name = fields.String(
        required=True, allow_none=True, metadata=described("The sender's word for it; documents have one.")
    )
    size_bytes = fields.Integer(
        required=True, allow_none=True, metadata=described("Known once it is here.", 184213)
    )
    sha256 = fields.String(
        required=True, allow_none=True, metadata=described("Of what is stored, in hex; null until then.")
    )
    url = fields.String(
        required=True,
        allow_none=True,
        metadata=described(
            "Where its bytes are, for your API key; null until then.", "/api/whatsapp/api/media/311/"
        ),
    )
    stored_at = Moment(required=True, allow_none=True)


def show_media(file: MediaFile | None) -> dict[str, Any] | None:
    """The row under the API's names."""
    if file is None:
        return None
    return {
        "id": file.id,
        "state": file.state,
        "reason": file.reason or None,
        "mime_type": file.mime_type,
        "file_name": file.file_name or None,
        "size_bytes": file.size_bytes,
        "sha256": file.sha256 if file.is_stored else None,
        "url": f"{blueprint.url_prefix}/media/{file.id}/" if file.is_stored else None,
        "stored_at": file.stored_at,
    }


class UploadIn(Schema):
    """A file, its bytes in base64."""

    file_name = Text(240, least=1, required=True, metadata=described("", "offer.pdf"))
    mime_type = Text(100, least=3, required=True, metadata=described("", "application/pdf"))
    content_base64 = fields.String(
        required=True, metadata=described("Up to 20 MB; larger files go by link.", "JVBERi0xLjQKJSVFT0YK")
    )
    phone_number_id = Text(
        40, metadata=described("The sending number, by our id or Meta's. Default: the first.", "1")
    )


class UploadOut(Schema):
    """What a message names: `"document": {"id": …}`."""

    id = fields.String(required=True, metadata=described("Meta's id, good for 30 days.", "1037543291543636"))
    mime_type = fields.String(required=True, metadata=described("", "application/pdf"))
    size_bytes = fields.Integer(required=True, metadata=described("", 15))
