"""Messages in and out, each try to send one, and each status Meta reported."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account, PhoneNumber
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.conversations import Contact, Conversation
from app.models.enums import AttemptOutcome, Direction, MessagePriority, MessageStatus
from app.models.number_masks import shown_text

if TYPE_CHECKING:
    from app.models.media import MediaFile


HISTORY_KEYS = "history:"
"""So begin the `client_key`s of messages from before the number was connected, which no figures count."""


def new_client_ref() -> str:
    return uuid.uuid4().hex


class Message(Timestamps, Base):
    """One WhatsApp message, in or out. The row is the queue: `queued` rows are what is left to send.

    `client_ref` goes out as `biz_opaque_callback_data` and comes back in each status, which settles a
    message whose answer was lost. `client_key` is the sender's own key: the same key is the same
    message. `occurred_at` orders a thread: Meta's time for what came in, ours for what goes out.
    Status only moves forward (MessageStatus.rank).
    """

    __tablename__ = "whatsapp_messages"
    __table_args__ = (
        UniqueConstraint("account_id", "wamid"),
        UniqueConstraint("client_ref"),
        UniqueConstraint("account_id", "client_key"),
        UniqueConstraint("bot_reply_to_id"),
        Index(None, "conversation_id", "occurred_at", "id"),
        Index(None, "account_id", "created_at"),
        Index(None, "phone_number_id", "created_at"),
        # The worker's look for work: few rows are open at any time, so the index stays tiny.
        Index(
            "ix_whatsapp_messages_open",
            "status",
            "next_attempt_at",
            sqlite_where=text("status IN ('queued', 'sending', 'unconfirmed')"),
            postgresql_where=text("status IN ('queued', 'sending', 'unconfirmed')"),
        ),
        # What a number may send next, per number and in its order: a long queue of one never hides another's.
        Index(
            "ix_whatsapp_messages_queued",
            "phone_number_id",
            "priority",
            "next_attempt_at",
            "id",
            sqlite_where=text("status = 'queued'"),
            postgresql_where=text("status = 'queued'"),
        ),
        # Whether an earlier message of the conversation is still on its way.
        Index(
            "ix_whatsapp_messages_in_turn",
            "conversation_id",
            "id",
            sqlite_where=text("status IN ('queued', 'sending')"),
            postgresql_where=text("status IN ('queued', 'sending')"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    status: Mapped[MessageStatus] = mapped_column(enum_type(MessageStatus))
    message_type: Mapped[str]
    text_content: Mapped[str] = mapped_column(Text, default="")
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    wamid: Mapped[str | None]
    context_wamid: Mapped[str | None]
    client_ref: Mapped[str] = mapped_column(default=new_client_ref)
    client_key: Mapped[str | None]
    client_key_digest: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(default=utcnow)

    sender_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    bot_reply_to_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_messages.id", ondelete="SET NULL")
    )
    priority: Mapped[MessagePriority] = mapped_column(
        enum_type(MessagePriority), default=MessagePriority.PERSON
    )

    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    wait_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why a queued message does not go out yet, in words for people; empty when it simply has its turn."""
    expires_at: Mapped[datetime | None]
    """After this it is of no use to the customer and is not sent any more."""
    resends_unconfirmed: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its sender prefers a second copy to none: sent again once when nobody can tell whether it left."""

    error_code: Mapped[int | None]
    error_title: Mapped[str] = mapped_column(Text, default="")
    error_details: Mapped[str] = mapped_column(Text, default="")
    error_trace_id: Mapped[str] = mapped_column(default="")
    pricing_category: Mapped[str] = mapped_column(default="")
    pricing_type: Mapped[str] = mapped_column(default="")

    sent_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]
    played_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()
    phone_number: Mapped[PhoneNumber] = relationship()
    contact: Mapped[Contact] = relationship()
    conversation: Mapped[Conversation] = relationship()
    media_file: Mapped[MediaFile | None] = relationship(back_populates="message", viewonly=True)

    @property
    def is_outbound(self) -> bool:
        return self.direction is Direction.OUTBOUND

    @property
    def shown_text(self) -> str:
        """Its words, with numbers masked where whoever looks may not see them in full."""
        return shown_text(self.account_id, self.message_type, self.text_content)

    @property
    def is_bot(self) -> bool:
        return self.priority is MessagePriority.BOT


class MessageAttempt(Base):
    """One try to hand a message to Meta, written before the call is made."""

    __tablename__ = "message_attempts"
    __table_args__ = (
        Index(None, "message_id"),
        # What a worker has under way, or left behind: a handful among millions.
        Index(
            "ix_message_attempts_started",
            "worker",
            sqlite_where=text("outcome = 'started'"),
            postgresql_where=text("outcome = 'started'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    finished_at: Mapped[datetime | None]
    worker: Mapped[str] = mapped_column(default="")
    outcome: Mapped[AttemptOutcome] = mapped_column(enum_type(AttemptOutcome), default=AttemptOutcome.STARTED)
    http_status: Mapped[int | None]
    error_code: Mapped[int | None]
    error_text: Mapped[str] = mapped_column(Text, default="")
    trace_id: Mapped[str] = mapped_column(default="")


class MessageStatusEvent(Base):
    """A status as Meta reported it. Kept for messages not known (yet) too, by their `wamid`."""

    __tablename__ = "message_status_events"
    __table_args__ = (UniqueConstraint("account_id", "wamid", "status"), Index(None, "message_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    wamid: Mapped[str]
    status: Mapped[str]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime] = mapped_column(default=utcnow)
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
