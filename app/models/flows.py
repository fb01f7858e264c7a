"""WhatsApp Flows: forms inside a chat, customers' answers, and news about their health."""

from __future__ import annotations

import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, BigId, JsonType, Timestamps, utcnow
from app.models.conversations import Contact
from app.models.messages import Message

SENDABLE_STATUSES = frozenset({"PUBLISHED", "THROTTLED"})


def new_token_key() -> str:
    return secrets.token_hex(8)


class Flow(Timestamps, Base):
    """A Flow as Meta keeps it. `status` is Meta's word (DRAFT, PUBLISHED, DEPRECATED, BLOCKED, THROTTLED).

    Two texts: `flow_json` is what stands in the editor here, finished or not; `meta_json` is what Meta was
    known to have last. `outline` holds the screens and questions of Meta's text, `published_outline` those
    of the version that customers get.
    """

    __tablename__ = "whatsapp_flows"
    __table_args__ = (
        UniqueConstraint("account_id", "meta_id"),
        Index(None, "account_id", "name"),
        Index(None, "token_key", unique=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    meta_id: Mapped[str | None]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default="DRAFT")
    categories: Mapped[list[str]] = mapped_column(default=list)
    flow_json: Mapped[str] = mapped_column(Text, default="", deferred=True)
    last_synced_at: Mapped[datetime | None]

    meta_json: Mapped[str] = mapped_column(Text, default="", server_default="", deferred=True)
    has_unsent_text: Mapped[bool] = mapped_column(default=False, server_default=false())
    """What stands in the editor is not at Meta: refused, not readable, or not sent yet."""
    validation_errors: Mapped[list[Any]] = mapped_column(default=list, server_default=text("'[]'"))
    """Meta's, with lines and columns; of a text that is no JSON, ours in the same form."""
    json_version: Mapped[str] = mapped_column(default="", server_default="")
    data_api_version: Mapped[str] = mapped_column(default="", server_default="")
    endpoint_uri: Mapped[str] = mapped_column(Text, default="", server_default="")
    health: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    preview_url: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Whoever has the address sees the Flow, so it stands on its page only and in no log."""
    preview_expires_at: Mapped[datetime | None]
    outline: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    published_outline: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"))
    published_at: Mapped[datetime | None]
    status_changed_at: Mapped[datetime | None]
    meta_updated_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None]
    """Since when Meta no longer lists it."""
    token_key: Mapped[str | None] = mapped_column(default=new_token_key)
    """Begins every token that goes out with this Flow, so that an answer leads back to it."""

    account: Mapped[Account] = relationship()

    @property
    def is_served(self) -> bool:
        """Customers can get a published version, also while a later draft is being written."""
        is_draft_of_published = self.status == "DRAFT" and self.published_at is not None
        return self.gone_at is None and (self.status in SENDABLE_STATUSES or is_draft_of_published)

    @property
    def is_sendable(self) -> bool:
        """Served to customers, or a draft that can be sent for a test."""
        return (
            self.meta_id is not None and self.gone_at is None and (self.is_served or self.status == "DRAFT")
        )


class FlowAnswer(Base):
    """What a customer sent off with a Flow. The inbound message keeps Meta's own words.

    `flow_id` is None where neither the token nor the message it answers tells which Flow it was;
    `problem` says what was wrong with Meta's `response_json`, in words for people.
    """

    __tablename__ = "flow_answers"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "flow_id", "created_at", "id"),
        Index(None, "account_id", "created_at", "id"),
        # Rows go with their customer, and nobody looks through all of them for that.
        Index(None, "contact_id"),
        Index(None, "conversation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    flow_id: Mapped[int | None] = mapped_column(ForeignKey("whatsapp_flows.id", ondelete="SET NULL"))
    message_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    flow_token: Mapped[str] = mapped_column(Text, default="")
    answers: Mapped[dict[str, Any]] = mapped_column(JsonType, default=dict)
    problem: Mapped[str] = mapped_column(Text, default="")
    received_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    flow: Mapped[Flow | None] = relationship()
    account: Mapped[Account] = relationship()
    contact: Mapped[Contact] = relationship()
    message: Mapped[Message] = relationship()


class FlowEvent(Base):
    """News of Meta about a Flow: another status, an alert about its endpoint, a version that ends.

    `event` is Meta's word, `details` Meta's whole value.
    """

    __tablename__ = "flow_events"
    __table_args__ = (Index(None, "flow_id", "occurred_at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    flow_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_flows.id", ondelete="CASCADE"))
    event: Mapped[str]
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    occurred_at: Mapped[datetime]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
