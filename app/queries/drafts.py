"""Reads of drafts: each person sees only their own."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from app.extensions import db
from app.models import Draft


def find_draft(conversation_id: int, user_id: int) -> Draft | None:
    statement = select(Draft).where(Draft.conversation_id == conversation_id, Draft.user_id == user_id)
    return db.session.scalar(statement)


def list_drafts(conversation_ids: Collection[int], user_id: int) -> dict[int, Draft]:
    """This person's, by conversation."""
    statement = select(Draft).where(Draft.conversation_id.in_(conversation_ids), Draft.user_id == user_id)
    return (
        {draft.conversation_id: draft for draft in db.session.scalars(statement)} if conversation_ids else {}
    )
