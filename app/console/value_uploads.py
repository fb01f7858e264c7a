"""Files that an agent chose for a message template: handed to Meta before the message is queued."""

from __future__ import annotations

from typing import Any

from app.console.forms import MessageTemplateForm
from app.models import Account, PhoneNumber
from app.services import media_uploads
from app.web.identity import current_actor


def upload_values(form: MessageTemplateForm, account: Account, number: PhoneNumber) -> dict[str, Any]:
    """Meta's ids of the chosen files, by the key of the value. Raises DomainError.

    Pressed twice, a file is uploaded twice, and the message is sent once all the same.
    """
    values: dict[str, Any] = {}
    for key, file in form.files().items():
        media_id = media_uploads.upload(
            account=account,
            number=number,
            content=file.stream.read(),
            mime_type=file.mimetype,
            file_name=file.filename or "file",
            actor=current_actor(),
        )
        is_document = key.endswith("document")
        values[key] = {"id": media_id, **({"filename": file.filename} if is_document else {})}
    return values
