"""Files that an agent chose for a message template: handed to Meta before the message is queued."""

from __future__ import annotations

from typing import Any

from app.console.forms import MessageTemplateForm
from app.console.leaving import plan_with_files
from app.errors import FieldProblem, InvalidFields
from app.models import Account, Conversation, MessageTemplate, OutgoingFile, PhoneNumber
from app.services import media_uploads, messages
from app.web.identity import current_actor


def plan_values(
    form: MessageTemplateForm,
    message_template: MessageTemplate,
    values: dict[str, Any],
    conversation: Conversation,
) -> object:
    """Plan the message template with files that were chosen on this computer; they stay here until it leaves.

    Raises DomainError.
    """
    files = form.files()

    def fill(kept: list[OutgoingFile]) -> dict[str, Any]:
        by_key = dict(zip(files, kept, strict=True))
        chosen = {key: _value(key, file.meta_id, file.file_name) for key, file in by_key.items()}
        for key, file in by_key.items():
            if not key.endswith(file.kind):
                problem = f"“{file.file_name}” is of another kind than this message template wants."
                raise InvalidFields([FieldProblem(key, f"{problem} Nothing was planned.")])
        return messages.message_template_content(message_template, values | chosen)

    given = list(files.values())
    return plan_with_files(conversation, "template", form, given, fill, quotes=False)


def _value(key: str, media_id: str | None, name: str) -> dict[str, Any]:
    return {"id": media_id, **({"filename": name} if key.endswith("document") else {})}


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
        values[key] = _value(key, media_id, file.filename or "file")
    return values
