"""Reads of files that came with messages."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import func, select, text
from sqlalchemy.orm import contains_eager

from app.errors import NotFound
from app.extensions import db
from app.models import HAS_NO_THUMBNAIL_YET, MEDIA_KINDS, Account, AccountStatus, MediaFile, Message
from app.queries.access import AccountScope


def get_media_file(media_id: int, scope: AccountScope, conversation_id: int | None = None) -> MediaFile:
    """With its message. Raises NotFound outside the scope, and in another conversation than the one named."""
    statement = (
        select(MediaFile)
        .join(MediaFile.message)
        .join(Account, Account.id == MediaFile.account_id)
        .options(contains_eager(MediaFile.message))
        .where(
            MediaFile.id == media_id,
            scope.covers(MediaFile.account_id),
            Account.status != AccountStatus.ARCHIVED,
        )
    )
    if conversation_id is not None:
        statement = statement.where(Message.conversation_id == conversation_id)
    file: MediaFile | None = db.session.scalar(statement)
    if file is None:
        raise NotFound("There is no such file.")
    return file


def count_without_thumbnail() -> int:
    """Pictures of all accounts whose small one is still to be made."""
    counting = select(func.count(MediaFile.id)).where(text(HAS_NO_THUMBNAIL_YET))
    return db.session.scalar(counting) or 0


def may_have_file(message: Message) -> bool:
    """Whether it is of a kind that carries a file, or has one above its text."""
    if message.message_type in MEDIA_KINDS:
        return True
    header = message.content.get("header") if message.message_type == "interactive" else None
    return isinstance(header, dict) and header.get("type") in MEDIA_KINDS


def find_media_files(messages: Iterable[Message]) -> dict[int, MediaFile]:
    """The files of these messages, by message id. No query where none can have one."""
    ids = [message.id for message in messages if may_have_file(message)]
    if not ids:
        return {}
    files = db.session.scalars(select(MediaFile).where(MediaFile.message_id.in_(ids)))
    return {file.message_id: file for file in files}
