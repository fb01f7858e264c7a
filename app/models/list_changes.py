"""What was done to many conversations at once, and how each of them stood before: what an undo goes by."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import ListAction


class ListChange(Base):
    """One press. `client_key`: the form's one-time key; pressed twice, it is done once.

    `skipped`: how many could not be changed, by the reason in words. `details`: to whom, which tag.
    `restored` and `kept`: of an undo, how many are as before, and how many had changed since.
    """

    __tablename__ = "list_changes"
    __table_args__ = (UniqueConstraint("client_key"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    client_key: Mapped[str | None]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    action: Mapped[ListAction] = mapped_column(enum_type(ListAction))
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    changed: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    undone_at: Mapped[datetime | None]
    restored: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)


class ListChangeItem(Base):
    """One conversation of it. `before` and `after`: those of its values that were changed, by name."""

    __tablename__ = "list_change_items"
    __table_args__ = (Index(None, "conversation_id"),)

    change_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("list_changes.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
