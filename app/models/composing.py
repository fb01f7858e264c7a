"""What stands between an agent's hands and a message: drafts, messages planned for later, read receipts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.conversations import Conversation
from app.models.enums import PlannedState


class Draft(Base):
    """What one person has typed in one conversation and not sent yet.

    `face`: the form of the composer it was typed in; `fields`: that form's fields, by name, each a list of
    texts. `version` is another one after each change: a browser that saves on top of a version it has not
    seen is told so.
    """

    __tablename__ = "conversation_drafts"
    __table_args__ = (UniqueConstraint("conversation_id", "user_id"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    face: Mapped[str]
    fields: Mapped[dict[str, Any]] = mapped_column(default=dict)
    version: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(default=utcnow)


class PlannedMessage(Timestamps, Base):
    """A message that is to leave at a certain time. When it is due, it becomes a row of `whatsapp_messages`
    in the same transaction that sets its state: so it never leaves twice, and never gets lost.

    `holds_if_answered`: it waits for a person if the customer has written since it was planned. `reason`: why
    it is held, in words. `next_look_at`: when the worker looks at it; later than `send_at` where a limit made
    it wait. `client_key` is its sender's own key: the same key is the same planned message.
    """

    __tablename__ = "planned_messages"
    __table_args__ = (
        UniqueConstraint("account_id", "client_key"),
        Index(
            "ix_planned_messages_due",
            "next_look_at",
            sqlite_where=text("state = 'planned'"),
            postgresql_where=text("state = 'planned'"),
        ),
        Index(None, "conversation_id", "state"),
        Index(None, "account_id", "send_at", "id"),
        Index(None, "message_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    state: Mapped[PlannedState] = mapped_column(enum_type(PlannedState), default=PlannedState.PLANNED)
    message_type: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    text_content: Mapped[str] = mapped_column(Text, default="")
    context_wamid: Mapped[str | None]
    send_at: Mapped[datetime]
    next_look_at: Mapped[datetime]
    holds_if_answered: Mapped[bool] = mapped_column(default=False, server_default=false())
    resends_unconfirmed: Mapped[bool] = mapped_column(default=False, server_default=false())
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    client_key: Mapped[str | None]
    client_key_digest: Mapped[str | None]
    decided_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When a person last looked at it: what the customer wrote since then, they did not know."""
    message_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("whatsapp_messages.id", ondelete="SET NULL")
    )
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")

    account: Mapped[Account] = relationship()
    conversation: Mapped[Conversation] = relationship()

    @property
    def is_open(self) -> bool:
        """Still ours to send, change or drop."""
        return self.state in {PlannedState.PLANNED, PlannedState.HELD}


class ReadReceipt(Base):
    """A customer is to see that their message was read, or that somebody is typing. One row per conversation:
    what is asked for again before it left is asked for once. `sent_at`: when it was handed to Meta, whatever
    came of it; empty while it is due.
    """

    __tablename__ = "read_receipts"
    __table_args__ = (
        Index(
            "ix_read_receipts_due",
            "asked_at",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    wamid: Mapped[str]
    shows_typing: Mapped[bool] = mapped_column(default=False, server_default=false())
    asked_at: Mapped[datetime] = mapped_column(default=utcnow)
    sent_at: Mapped[datetime | None]
