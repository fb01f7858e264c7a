"""What Meta posted, byte for byte, and how far we got with it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import EventState


class WebhookEvent(Base):
    """One POST of Meta's, stored before it was answered with 200.

    A part of a POST that could not be worked off gets a row of its own (`parent_id`), parked with the
    reason; the rest of the POST is not held up by it. `account_id` is set by the worker.
    """

    __tablename__ = "whatsapp_webhook_events"
    __table_args__ = (
        Index(None, "account_id", "received_at"),
        Index(None, "state", "received_at"),
        Index(
            "ix_whatsapp_webhook_events_parent",
            "parent_id",
            sqlite_where=text("parent_id IS NOT NULL"),
            postgresql_where=text("parent_id IS NOT NULL"),
        ),
        Index(
            "ix_whatsapp_webhook_events_due",
            "next_attempt_at",
            "id",
            sqlite_where=text("state = 'pending'"),
            postgresql_where=text("state = 'pending'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    parent_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_webhook_events.id", ondelete="CASCADE")
    )
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    verified_account_ids: Mapped[str] = mapped_column(default="")
    """Whose secret the signature fitted: our account ids, comma separated. Parts that name other
    accounts are not believed."""
    body: Mapped[bytes] = mapped_column(LargeBinary)
    body_sha256: Mapped[str]
    state: Mapped[EventState] = mapped_column(enum_type(EventState), default=EventState.PENDING)
    summary: Mapped[str] = mapped_column(Text, default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    processed_at: Mapped[datetime | None]
    replayed_at: Mapped[datetime | None]
    """When it was last asked for that this be processed again."""
    is_repeat: Mapped[bool] = mapped_column(default=False, server_default=false())
    """It had its effect before: what it once set (a state, a rating) is history and is not set again."""


class WebhookEventKey(Base):
    """What an event can be found by: message ids, people, numbers and kinds it speaks of.

    `key` starts with what it is: `m:` a wamid, `p:` a wa_id, `u:` a user id, `n:` Meta's phone number id,
    `k:` a kind (`messages.text`, `status.read`, a field's name).
    """

    __tablename__ = "webhook_event_keys"
    __table_args__ = (Index(None, "event_id"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("whatsapp_webhook_events.id", ondelete="CASCADE"), primary_key=True
    )
