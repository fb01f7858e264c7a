"""Files of planned messages: they stay here until the message leaves, and are handed to Meta once more where
Meta would have forgotten them by then.

Meta keeps an uploaded file for 30 days. Source: Meta docs, "Media" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import Message, OutgoingFile, PlannedMessage, utcnow
from app.models.outgoing_files import PLANNED
from app.queries.media import may_have_file
from app.queries.outgoing_files import list_of_plan
from app.services import media_upkeep
from app.services.attachments import keeping
from app.services.attachments.giving import give_to

FRESH = timedelta(days=28)
"""So long Meta surely has it, with two days to spare for a message that waits for a limit."""


def adopt(planned: PlannedMessage, files: Sequence[OutgoingFile]) -> None:
    """These wait in no composer any more. The caller holds them, and commits."""
    for number, file in enumerate(files):
        file.key = f"{PLANNED}{planned.id}-{number}"
    db.session.flush()


def renew(planned_id: int) -> None:
    """See to it that Meta has the files of this message when it leaves now. Commits; fresh ones cost no call.

    Raises GraphError where Meta does not take one, NotFound or Unavailable where the store does not give it.
    """
    for file in list_of_plan(planned_id):
        if file.meta_id and utcnow() - keeping.at_meta_since(file) < FRESH:
            continue
        file_id, old = file.id, file.meta_id
        new = keeping.upload_again(file)
        _replace(planned_id, file_id, old, new)
    db.session.commit()


def _replace(planned_id: int, file_id: int, old: str | None, new: str) -> None:
    """The message names the file by its new id. Whoever did the same meanwhile was as right."""
    planned = db.session.get(PlannedMessage, planned_id, populate_existing=True, with_for_update=True)
    file = db.session.get(OutgoingFile, file_id, populate_existing=True, with_for_update=True)
    if planned is not None and file is not None and file.meta_id == old:
        planned.content = _renamed(planned.content, old, new)
        keeping.note_at_meta(file, new)
    db.session.commit()


def _renamed(value: Any, old: str | None, new: str) -> Any:
    """Wherever a file stands: alone, in a header, in a card of a message template."""
    if isinstance(value, dict):
        return {
            key: new if key == "id" and inner == old else _renamed(inner, old, new)
            for key, inner in value.items()
        }
    return [_renamed(inner, old, new) for inner in value] if isinstance(value, list) else value


def hand_on(planned: PlannedMessage, message: Message) -> None:
    """It has left: its file is the message's, also one above a text; the many that a message template may
    name are not kept. The caller commits."""
    for file in list_of_plan(planned.id):
        if may_have_file(message):
            give_to(file, message)
        else:
            _let_go(file)


def let_go(planned: PlannedMessage) -> None:
    """It is not sent. The caller commits."""
    for file in list_of_plan(planned.id):
        _let_go(file)


def _let_go(file: OutgoingFile) -> None:
    media_upkeep.note_for_deletion(media_upkeep.keys_of(file))
    db.session.delete(file)
