"""Reads of the sample files of message templates."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import MessageTemplateFile
from app.queries.access import AccountScope


def get_file(file_id: int, scope: AccountScope) -> MessageTemplateFile:
    """Raises NotFound outside the scope."""
    statement = select(MessageTemplateFile).where(
        MessageTemplateFile.id == file_id, scope.covers(MessageTemplateFile.account_id)
    )
    found: MessageTemplateFile | None = db.session.scalar(statement)
    if found is None:
        raise NotFound("There is no such sample file.")
    return found


def get_files(account_id: int, ids: Collection[int]) -> dict[int, MessageTemplateFile]:
    statement = select(MessageTemplateFile).where(
        MessageTemplateFile.account_id == account_id, MessageTemplateFile.id.in_(ids)
    )
    return {file.id: file for file in db.session.scalars(statement)}


def find_same(account_id: int, sha256: str) -> MessageTemplateFile | None:
    statement = select(MessageTemplateFile).where(
        MessageTemplateFile.account_id == account_id, MessageTemplateFile.sha256 == sha256
    )
    return db.session.scalar(statement.limit(1))
