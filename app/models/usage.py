"""Figures that are counted ahead: finished days, the hours of late, and what has to be counted again."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Timestamps, utcnow


class AccountUsageLog(Timestamps, Base):
    """One number's finished day in the time zone of its account, by when the message was created here.

    `delivered` counts all that reached the phone, read ones included.
    """

    __tablename__ = "whatsapp_account_usage_logs"
    __table_args__ = (UniqueConstraint("account_id", "phone_number_id", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    day: Mapped[date]
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    failures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Count of failed messages by Meta's code, as text ("" for those that never reached Meta)."""
    kinds: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """By Meta's word for the kind of message: `{"text": {"sent": 3, "received": 5}}`. Beside these, each
    message template by its name: `{"template:order_update": {"sent": 3, "delivered": 3, "read": 2}}`."""
    pricing: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    """Messages that Meta priced, by its category and type: `{"marketing": {"regular": 12}}`."""
    bot_replies: Mapped[int] = mapped_column(default=0, server_default="0")
    unique_people: Mapped[int] = mapped_column(default=0, server_default="0")
    """Customers with a message in or out on this day."""
    api_calls: Mapped[int] = mapped_column(default=0, server_default="0")
    """Calls to Meta's API; those about the account itself count with its first number."""
    messages_purged_at: Mapped[datetime | None]
    """When messages of this day were let go of: its figures stay, since nobody can count them again."""


class UsageDirtyDay(Base):
    """A day of the account whose figures changed after it was rolled up (read the day after, say)."""

    __tablename__ = "usage_dirty_days"

    phone_number_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(primary_key=True)


class UsageHour(Base):
    """One number's hour (UTC; `hour_at` is its first moment), counted as a day is. A quiet one has a row too.

    It says what the messages say for as long as no UsageChange names it; without a row, they are counted.
    """

    __tablename__ = "usage_hours"
    __table_args__ = {"sqlite_with_rowid": False}

    phone_number_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"), primary_key=True
    )
    hour_at: Mapped[datetime] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    sent: Mapped[int] = mapped_column(default=0)
    delivered: Mapped[int] = mapped_column(default=0)
    read: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    received: Mapped[int] = mapped_column(default=0)
    failures: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """As in AccountUsageLog."""
    counted_at: Mapped[datetime] = mapped_column(default=utcnow)


class UsageChange(Base):
    """A change of a number's figures in this hour that is not in the hour's row.

    Whoever changes messages adds a row of his own in the same transaction, so the two are seen together or
    not at all. No writer ever waits for another, and a count that could not see the change yet leaves the
    row for the next one.
    """

    __tablename__ = "usage_changes"
    __table_args__ = (Index(None, "hour_at", "phone_number_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    hour_at: Mapped[datetime]
