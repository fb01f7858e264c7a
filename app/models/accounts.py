"""WhatsApp Business accounts, their phone numbers, and what is logged about both."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Secret
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import AccountStatus, CheckState, ReadReceipts
from app.models.phone_spelling import spell_phone


class Account(Timestamps, Base):
    """A WhatsApp Business account (WABA) and all six set-up steps say about it.

    `setup_step` is the highest step finished (0 to 6). `previous_app_secret` stays valid beside the
    current one, so that a change of secret refuses no event on its way.
    """

    __tablename__ = "whatsapp_business_accounts"
    __table_args__ = (UniqueConstraint("meta_id"), Index(None, "status"))

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    meta_id: Mapped[str | None]
    meta_business_account_id: Mapped[str | None]
    app_id: Mapped[str | None]
    app_secret: Mapped[Secret | None]
    previous_app_secret: Mapped[Secret | None]
    access_token: Mapped[Secret | None]
    webhook_verify_token: Mapped[Secret | None]

    business_name: Mapped[str] = mapped_column(default="")
    business_about: Mapped[str] = mapped_column(default="")
    business_description: Mapped[str] = mapped_column(Text, default="")
    business_email: Mapped[str] = mapped_column(default="")
    business_address: Mapped[str] = mapped_column(default="")
    business_vertical: Mapped[str] = mapped_column(default="")
    business_websites: Mapped[list[str]] = mapped_column(default=list)

    auto_reply_enabled: Mapped[bool] = mapped_column(default=False)
    knowledge_base: Mapped[str] = mapped_column(Text, default="")
    greeting_message: Mapped[str] = mapped_column(Text, default="")
    fallback_message: Mapped[str] = mapped_column(Text, default="")

    status: Mapped[AccountStatus] = mapped_column(enum_type(AccountStatus), default=AccountStatus.SETUP)
    attention_reason: Mapped[str] = mapped_column(Text, default="")
    setup_step: Mapped[int] = mapped_column(default=0)
    is_sandbox: Mapped[bool] = mapped_column(default=False)
    currency: Mapped[str] = mapped_column(default="")
    time_zone: Mapped[str] = mapped_column(default="UTC", server_default="UTC")
    """Its days begin at midnight there (`Europe/London`): in all figures, and in its limits."""
    messages_per_minute: Mapped[int | None]
    messages_per_day: Mapped[int | None]
    messages_per_month: Mapped[int | None]
    """Its own limits, whoever sends; None: none. See services/quotas.py."""
    read_receipts: Mapped[ReadReceipts] = mapped_column(
        enum_type(ReadReceipts), default=ReadReceipts.NEVER, server_default="never"
    )
    shows_typing: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Whether customers see that somebody is typing; WhatsApp then marks what they wrote as read."""
    token_scopes: Mapped[list[str]] = mapped_column(default=list)
    token_expires_at: Mapped[datetime | None]
    subscribed_at: Mapped[datetime | None]
    handshake_seen_at: Mapped[datetime | None]
    first_event_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime | None]
    message_templates_synced_at: Mapped[datetime | None]
    live_at: Mapped[datetime | None]
    archived_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    phone_numbers: Mapped[list[PhoneNumber]] = relationship(
        back_populates="account",
        cascade="all, delete-orphan",
        lazy="selectin",
        order_by="PhoneNumber.id",
    )

    @property
    def is_live(self) -> bool:
        return self.status in {AccountStatus.LIVE, AccountStatus.NEEDS_ATTENTION}

    @property
    def first_number(self) -> PhoneNumber | None:
        return self.phone_numbers[0] if self.phone_numbers else None


class PhoneNumber(Timestamps, Base):
    """A business phone number. `meta_id` is Meta's phone number id and belongs to one account only."""

    __tablename__ = "whatsapp_phone_numbers"
    __table_args__ = (UniqueConstraint("meta_id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    meta_id: Mapped[str]
    phone_number: Mapped[str]
    display_number: Mapped[str] = mapped_column(default="")
    verified_name: Mapped[str] = mapped_column(default="")
    status: Mapped[str] = mapped_column(default="")
    quality_rating: Mapped[str] = mapped_column(default="")
    name_status: Mapped[str] = mapped_column(default="")
    platform_type: Mapped[str] = mapped_column(default="")
    code_verification_status: Mapped[str] = mapped_column(default="")
    throughput_level: Mapped[str] = mapped_column(default="")
    messaging_limit: Mapped[str] = mapped_column(default="")
    last_synced_at: Mapped[datetime | None]
    last_event_at: Mapped[datetime | None]
    usual_gap_s: Mapped[int | None]
    """The longest silence of its webhooks that is still usual; None while there is too little to tell."""
    silent_since: Mapped[datetime | None]
    """Set while its webhooks have been missing for longer than is usual."""

    account: Mapped[Account] = relationship(back_populates="phone_numbers")

    @property
    def shown_number(self) -> str:
        return spell_phone(self.display_number or self.phone_number)


class NumberActiveHour(Base):
    """An hour (its first moment) in which a number's webhooks arrived: its rhythm is read off these."""

    __tablename__ = "number_active_hours"
    __table_args__ = {"sqlite_with_rowid": False}

    phone_number_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"), primary_key=True
    )
    hour_at: Mapped[datetime] = mapped_column(primary_key=True)


class AccountHealthLog(Base):
    """One run of the health check: the worst state, and each line with its evidence."""

    __tablename__ = "whatsapp_account_health_logs"
    __table_args__ = (Index(None, "account_id", "checked_at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    checked_at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[CheckState] = mapped_column(enum_type(CheckState))
    checks: Mapped[list[Any]] = mapped_column(default=list)
    source: Mapped[str] = mapped_column(default="")
    """Why it was made; empty in logs of earlier versions."""
    numbers: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Meta's words about each number as they were then, by its id at Meta."""
