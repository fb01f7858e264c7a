"""Reads of invitations."""

from __future__ import annotations

from sqlalchemy import select

from app.errors import NotFound
from app.extensions import db
from app.models import Invitation

_MOST_SHOWN = 200


def list_waiting() -> list[Invitation]:
    """Those nobody used or withdrew, also when they ran out; the newest first."""
    statement = (
        select(Invitation)
        .where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .order_by(Invitation.created_at.desc(), Invitation.id.desc())
        .limit(_MOST_SHOWN)
    )
    return list(db.session.scalars(statement))


def get_waiting(invitation_id: int) -> Invitation:
    """Raises NotFound, also for one that was used or withdrawn."""
    invitation = db.session.get(Invitation, invitation_id)
    if invitation is None or invitation.used_at is not None or invitation.withdrawn_at is not None:
        raise NotFound("There is no such open invitation.")
    return invitation


def find_by_hash(token_hash: str) -> Invitation | None:
    return db.session.scalar(select(Invitation).where(Invitation.token_hash == token_hash))
