"""How much each number may send now: shared by all workers, so that together they keep Meta's pace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, utcnow


class NumberPace(Base):
    """One number's token bucket and the pause Meta asked for. Whoever claims for the number locks it."""

    __tablename__ = "number_paces"

    phone_number_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"), primary_key=True
    )
    tokens: Mapped[float] = mapped_column(default=0.0)
    counted_at: Mapped[datetime] = mapped_column(default=utcnow)
    paused_until: Mapped[datetime | None]
    pause_reason: Mapped[str] = mapped_column(default="")
    failures: Mapped[int] = mapped_column(default=0)
    """Tries in a row that got no proper answer: while there are any, one message at a time is a probe."""


class InitiatedContact(Base):
    """When a message template last went to a customer outside the 24-hour window.

    The business portfolio may do so with a limited number of different people in 24 hours.
    Source: Meta docs, "Messaging limits", read 2026-09.
    """

    __tablename__ = "initiated_contacts"
    __table_args__ = (Index(None, "account_id", "at"),)

    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
