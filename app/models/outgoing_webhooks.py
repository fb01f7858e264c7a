"""What customers' own systems are told: where to, what is still to be told, and each try."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Secret
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import DeliveryState, OutgoingEvent
from app.models.people import User

_OPEN = "state IN ('waiting', 'sending')"


class OutgoingWebhook(Timestamps, Base):
    """An address of the customer's that is told of chosen events. Off, it is told nothing, and what waits
    goes on waiting."""

    __tablename__ = "outgoing_webhooks"

    id: Mapped[int] = mapped_column(primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    description: Mapped[str] = mapped_column(Text, default="")
    events: Mapped[list[str]]
    """Of OutgoingEvent's words."""
    is_for_all: Mapped[bool]
    """All accounts, also those that are connected later; else those in `accounts`."""
    is_on: Mapped[bool] = mapped_column(default=True)
    off_reason: Mapped[str] = mapped_column(Text, default="")
    """Why it was switched off here, in words for people; empty when a person did it."""
    secret: Mapped[Secret | None]
    previous_secret: Mapped[Secret | None]
    previous_secret_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    """Tries in a row that failed."""
    failing_since: Mapped[datetime | None]
    last_attempt_at: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_answer: Mapped[str] = mapped_column(Text, default="")
    """How the last try ended, in a few words."""
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    accounts: Mapped[list[OutgoingWebhookAccount]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    created_by: Mapped[User | None] = relationship()

    @property
    def account_ids(self) -> list[int]:
        return sorted(link.account_id for link in self.accounts)


class OutgoingWebhookAccount(Base):
    """An account whose events an outgoing webhook is told of."""

    __tablename__ = "outgoing_webhook_accounts"
    __table_args__ = (Index(None, "account_id"),)

    webhook_id: Mapped[int] = mapped_column(
        ForeignKey("outgoing_webhooks.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )


class OutgoingDelivery(Base):
    """One event for one address, written in the transaction that it tells of. The row is the queue: a worker
    that takes one sets `sending`, its name and `next_attempt_at`, until when it is his.

    `body` is what is posted, byte for byte, with every try and every replay.
    """

    __tablename__ = "outgoing_deliveries"
    __table_args__ = (
        # The worker's look for work, address by address: few rows are open at any time.
        Index(
            "ix_outgoing_deliveries_open",
            "webhook_id",
            "next_attempt_at",
            "id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        Index(None, "created_at", "id"),
        Index(None, "webhook_id", "created_at", "id"),
        Index(None, "account_id"),
        Index(
            "ix_outgoing_deliveries_failed",
            "created_at",
            "id",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
        Index(None, "replay_of_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    webhook_id: Mapped[int] = mapped_column(ForeignKey("outgoing_webhooks.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    """None for a test."""
    event_id: Mapped[str]
    """The header `webhook-id`: the same for every try and every replay, so that doubles can be told."""
    event: Mapped[OutgoingEvent] = mapped_column(enum_type(OutgoingEvent))
    body: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[DeliveryState] = mapped_column(enum_type(DeliveryState), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    last_answer: Mapped[str] = mapped_column(Text, default="")
    replay_of_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("outgoing_deliveries.id", ondelete="SET NULL")
    )
    is_replay: Mapped[bool] = mapped_column(default=False)

    webhook: Mapped[OutgoingWebhook] = relationship()


class OutgoingAttempt(Base):
    """One try to deliver: what was posted with it, and what came back, shortened."""

    __tablename__ = "outgoing_attempts"
    __table_args__ = (Index(None, "delivery_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    delivery_id: Mapped[int] = mapped_column(BigId, ForeignKey("outgoing_deliveries.id", ondelete="CASCADE"))
    number: Mapped[int]
    started_at: Mapped[datetime]
    duration_ms: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    request_headers: Mapped[dict[str, Any]]
    status: Mapped[int | None]
    """Of the answer; None when there was none."""
    answer: Mapped[str] = mapped_column(Text, default="")
    error: Mapped[str] = mapped_column(Text, default="")
