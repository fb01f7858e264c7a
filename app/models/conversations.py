"""Customers, and the conversation each has with one of our numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account, PhoneNumber
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import Direction, MessageStatus
from app.models.phone_spelling import spell_phone

WINDOW = timedelta(hours=24)
"""How long after a customer's last message free text may be sent.

Source: Meta docs, "Customer service windows", read 2026-09.
"""
WINDOW_MARGIN = timedelta(minutes=1)
"""Kept back from the window's end: our clock and Meta's may differ."""


class Contact(Timestamps, Base):
    """A customer of one account. Known by phone (`wa_id`), by business-scoped `user_id`, or both.

    Source: Meta docs, "Business-scoped user ids", read 2026-05: either may be missing.
    """

    __tablename__ = "contacts"
    __table_args__ = (UniqueConstraint("account_id", "wa_id"), UniqueConstraint("account_id", "user_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    wa_id: Mapped[str | None]
    user_id: Mapped[str | None]
    profile_name: Mapped[str] = mapped_column(default="")
    username: Mapped[str] = mapped_column(default="")

    @property
    def phone_number(self) -> str:
        """With a leading plus, or empty when Meta has not told us the number."""
        return f"+{self.wa_id}" if self.wa_id else ""

    @property
    def shown_number(self) -> str:
        """The number as people write it, or empty."""
        return spell_phone(self.phone_number)

    @property
    def display_name(self) -> str:
        return self.profile_name or self.shown_number or self.username or self.user_id or "Unknown"


class Conversation(Timestamps, Base):
    """All messages between one customer and one of our numbers, with what its list row shows."""

    __tablename__ = "conversations"
    __table_args__ = (
        UniqueConstraint("phone_number_id", "contact_id"),
        Index(None, "account_id", "last_message_at", "id"),
        # The list over all accounts, and the count of unread ones that every page shows.
        Index(None, "last_message_at", "id"),
        Index(
            "ix_conversations_unread",
            "account_id",
            sqlite_where=text("unread_count > 0"),
            postgresql_where=text("unread_count > 0"),
        ),
        # The list of unread ones, in its order.
        Index(
            "ix_conversations_unread_latest",
            "last_message_at",
            "id",
            sqlite_where=text("unread_count > 0"),
            postgresql_where=text("unread_count > 0"),
        ),
        # How many windows are open.
        Index(None, "last_inbound_at", "account_id", "phone_number_id"),
        Index(None, "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    last_message_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_message_preview: Mapped[str] = mapped_column(default="")
    last_message_direction: Mapped[Direction | None] = mapped_column(enum_type(Direction))
    last_message_status: Mapped[MessageStatus | None] = mapped_column(enum_type(MessageStatus))
    last_message_id: Mapped[int | None] = mapped_column(BigId)
    last_inbound_at: Mapped[datetime | None]
    pair_paid_until: Mapped[datetime | None]
    """How far ahead this pair of number and customer has borrowed from Meta's one message per six seconds."""
    unread_count: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=0)
    """Goes up with each change a page would show, so that a poll can answer "nothing new"."""

    account: Mapped[Account] = relationship()
    phone_number: Mapped[PhoneNumber] = relationship()
    contact: Mapped[Contact] = relationship()

    @property
    def window_closes_at(self) -> datetime | None:
        return self.last_inbound_at + WINDOW if self.last_inbound_at else None

    def window_is_open(self, now: datetime | None = None) -> bool:
        """Whether free text may be sent now."""
        closes_at = self.window_closes_at
        return closes_at is not None and (now or utcnow()) < closes_at - WINDOW_MARGIN
