"""The bot: what it goes by, where it stands in each conversation, and why it did what it did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Secret
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import BotOutcome, RuleMatch
from app.models.messages import Message


class BotSettings(Timestamps, Base):
    """How one account's bot behaves. On/off, greeting and fallback stand in the account, with the wizard.

    Without a row the defaults of these columns hold. Thresholds are percent; `hours` is a list of seven
    days, Monday first, each a list of [first minute, end minute] of the day; `holidays` a list of
    {"day", "name"}; `wish_words` words by language.
    """

    __tablename__ = "bot_settings"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    greets_again_after_h: Mapped[int] = mapped_column(default=0)
    """The silence after which the greeting is said again; 0: it is said once."""
    away_message: Mapped[str] = mapped_column(Text, default="")
    hand_over_message: Mapped[str] = mapped_column(Text, default="")
    offer_message: Mapped[str] = mapped_column(Text, default="")
    offer_button: Mapped[str] = mapped_column(default="")
    answer_threshold: Mapped[int] = mapped_column(default=60)
    offer_threshold: Mapped[int] = mapped_column(default=35)
    fallbacks_before_hand_over: Mapped[int] = mapped_column(default=3)
    """0: never by itself."""
    fallback_every_h: Mapped[int] = mapped_column(default=24)
    quiet_h: Mapped[int] = mapped_column(default=24)
    """How long the bot keeps quiet after a hand-over, unless it is given back before."""
    loop_replies: Mapped[int] = mapped_column(default=20)
    loop_minutes: Mapped[int] = mapped_column(default=10)
    time_zone: Mapped[str] = mapped_column(default="UTC")
    has_hours: Mapped[bool] = mapped_column(default=False)
    hours: Mapped[list[Any]] = mapped_column(default=list)
    holidays: Mapped[list[Any]] = mapped_column(default=list)
    wish_words: Mapped[dict[str, Any]] = mapped_column(default=dict)

    model_enabled: Mapped[bool] = mapped_column(default=False)
    model_address: Mapped[str] = mapped_column(Text, default="")
    model_name: Mapped[str] = mapped_column(default="")
    model_api_key: Mapped[Secret | None]
    model_instructions: Mapped[str] = mapped_column(Text, default="")
    model_timeout_s: Mapped[int] = mapped_column(default=15)
    model_daily_budget: Mapped[int] = mapped_column(default=200)
    """Questions it may be asked in one day (UTC)."""
    model_allows_private: Mapped[bool] = mapped_column(default=False)
    """Its address may lie in this machine's own network."""


class BotRule(Timestamps, Base):
    """When a customer writes this, answer that. `message_type` and `content` are as in a sent message.

    Without a `message_type` the rule says nothing and only hands over.
    """

    __tablename__ = "bot_rules"
    __table_args__ = (Index(None, "account_id", "priority", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    is_on: Mapped[bool] = mapped_column(default=True)
    priority: Mapped[int] = mapped_column(default=5)
    """1 is looked at first."""
    match: Mapped[RuleMatch] = mapped_column(enum_type(RuleMatch), default=RuleMatch.CONTAINS)
    phrases: Mapped[list[str]] = mapped_column(default=list)
    language: Mapped[str] = mapped_column(default="")
    message_type: Mapped[str] = mapped_column(default="")
    content: Mapped[dict[str, Any]] = mapped_column(default=dict)
    hands_over: Mapped[bool] = mapped_column(default=False)


class BotConversation(Base):
    """Where the bot stands in one conversation. Written under the conversation's lock."""

    __tablename__ = "bot_conversations"
    __table_args__ = (
        # Who waits for a person: few among many.
        Index(
            "ix_bot_conversations_waiting",
            "account_id",
            sqlite_where=text("waits_since IS NOT NULL"),
            postgresql_where=text("waits_since IS NOT NULL"),
        ),
    )

    conversation_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    handed_over_at: Mapped[datetime | None]
    handed_over_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    hand_over_reason: Mapped[str] = mapped_column(Text, default="")
    quiet_until: Mapped[datetime | None]
    given_back_at: Mapped[datetime | None]
    waits_since: Mapped[datetime | None]
    """The bot handed over and no person has written since."""
    fallbacks: Mapped[int] = mapped_column(default=0)
    """Questions without an answer, in a row."""
    fallback_said_at: Mapped[datetime | None]
    greeted_at: Mapped[datetime | None]
    away_until: Mapped[datetime | None]
    """The end of the closed period in which the away message was said."""
    language: Mapped[str] = mapped_column(default="")
    offered: Mapped[list[Any]] = mapped_column(default=list)
    """The articles offered lately in lists: {"row_id", "article_id", "title", "text"}."""


class BotTrace(Base):
    """What the bot made of one inbound message, step by step.

    `waiting` ones are a queue: the language model is still to be asked, and `pending` is what to do
    without it. A worker claims one by a lease.
    """

    __tablename__ = "bot_traces"
    __table_args__ = (
        UniqueConstraint("message_id"),
        Index(None, "account_id", "created_at", "id"),
        Index(None, "created_at"),
        Index(None, "conversation_id"),
        Index(None, "reply_message_id"),
        Index(
            "ix_bot_traces_waiting",
            "lease_until",
            sqlite_where=text("outcome = 'waiting'"),
            postgresql_where=text("outcome = 'waiting'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    reply_message_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_messages.id", ondelete="SET NULL")
    )
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    outcome: Mapped[BotOutcome] = mapped_column(enum_type(BotOutcome))
    reason: Mapped[str] = mapped_column(Text, default="")
    steps: Mapped[list[Any]] = mapped_column(default=list)
    """{"kind", "result", "text"} and where it fits "rule_id", "article_id", "score"."""
    rule_id: Mapped[int | None] = mapped_column(ForeignKey("bot_rules.id", ondelete="SET NULL"))
    article_id: Mapped[int | None] = mapped_column(BigId)
    score: Mapped[float | None]
    is_unanswered: Mapped[bool] = mapped_column(default=False)
    """A question for which nothing was found."""
    pending: Mapped[dict[str, Any]] = mapped_column(default=dict)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    model_tries: Mapped[int] = mapped_column(default=0)
    model_asked_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship(foreign_keys=[message_id])
    reply: Mapped[Message | None] = relationship(foreign_keys=[reply_message_id])
    rule: Mapped[BotRule | None] = relationship()
