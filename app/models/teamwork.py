"""What colleagues do among themselves in a conversation. Nothing of it ever goes to Meta."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import TeamEvent


class ConversationEvent(Base):
    """Who took a conversation over, passed it on, closed or opened it. The names are kept as they were then.

    `actor_name`: empty where the customer's own message opened it again.
    """

    __tablename__ = "conversation_events"
    __table_args__ = (Index(None, "conversation_id", "at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    kind: Mapped[TeamEvent] = mapped_column(enum_type(TeamEvent))
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    assignee_name: Mapped[str] = mapped_column(default="")


class ConversationLook(Base):
    """How far a person has seen a conversation: what came later stands under the line "New" when they return.

    `message_id`: the newest they had before their eyes. Ids follow the order in which messages came here;
    no foreign key, as only its size is looked at.
    """

    __tablename__ = "conversation_looks"
    __table_args__ = (Index(None, "conversation_id"),)

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True
    )
    message_id: Mapped[int] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class ConversationNote(Base):
    """What a colleague wrote for the others. A table of its own: nothing that sends looks here."""

    __tablename__ = "conversation_notes"
    __table_args__ = (Index(None, "conversation_id", "at", "id"), UniqueConstraint("client_key"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    client_key: Mapped[str | None]
    """The form's one-time key: pressed twice, it is one note."""
    author_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    author_name: Mapped[str] = mapped_column(default="")
    body: Mapped[str] = mapped_column(Text)
