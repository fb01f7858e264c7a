"""A kept file becomes that of a message."""

from __future__ import annotations

from app.extensions import db
from app.models import Direction, MediaFile, MediaState, Message, OutgoingFile


def give_to(file: OutgoingFile, message: Message) -> None:
    """The bytes are the message's from now on: the thread shows what was sent. The caller commits."""
    db.session.add(
        MediaFile(
            account_id=file.account_id,
            message_id=message.id,
            direction=Direction.OUTBOUND,
            meta_id=file.meta_id,
            mime_type=file.mime_type,
            file_name=file.file_name,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            width=file.width,
            height=file.height,
            state=MediaState.STORED,
            next_attempt_at=None,
            store=file.store,
            store_key=file.store_key,
            stored_at=file.stored_at,
        )
    )
    db.session.delete(file)
    db.session.flush()
