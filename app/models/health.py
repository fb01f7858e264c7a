"""What an account's health checks lead to: changes, open alerts, news of Meta's that wait to be looked at."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import CheckState, DeliveryState

_IS_OPEN = "closed_at IS NULL"
_IS_NEW = "handled_at IS NULL"
_IS_DUE = "state IN ('waiting', 'sending')"


class HealthChange(Base):
    """One thing that became worse, better or other between two checks, in a sentence."""

    __tablename__ = "account_health_changes"
    __table_args__ = (Index(None, "account_id", "at", "id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    key: Mapped[str]
    kind: Mapped[str]
    """`worse`, `better` or `other`."""
    sentence: Mapped[str] = mapped_column(Text)
    source: Mapped[str]
    """How it was noticed: see app.services.health_sources."""


class HealthAlert(Base):
    """A trouble from the check that found it until it has been well for a while. One open row per account
    and key: people and systems are told when a row opens or gets worse, and when it closes."""

    __tablename__ = "account_health_alerts"
    __table_args__ = (
        Index(
            "uq_account_health_alerts_open",
            "account_id",
            "key",
            unique=True,
            sqlite_where=text(_IS_OPEN),
            postgresql_where=text(_IS_OPEN),
        ),
        Index(None, "account_id", "key", "opened_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    key: Mapped[str]
    level: Mapped[int]
    """How bad: an alert that rises is told again, one that falls is not."""
    state: Mapped[CheckState] = mapped_column(enum_type(CheckState))
    title: Mapped[str] = mapped_column(Text)
    evidence: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(Text, default="")
    what_to_do: Mapped[str] = mapped_column(Text, default="")
    opened_at: Mapped[datetime] = mapped_column(default=utcnow)
    changed_at: Mapped[datetime] = mapped_column(default=utcnow)
    """When it opened or last got worse: a banner that was put away before shows again."""
    well_since: Mapped[datetime | None]
    """Set while it is well and not told as such yet: it may come back."""
    returns: Mapped[int] = mapped_column(default=0)
    """How often it came back within a day: each time it has to be well for twice as long."""
    closed_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()


class HealthAlertDismissal(Base):
    """A person has put an alert's banner away."""

    __tablename__ = "account_health_alert_dismissals"

    alert_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account_health_alerts.id", ondelete="CASCADE"), primary_key=True
    )
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class HealthSignal(Base):
    """News about an account that a check is to look at within a second. Rows are only added, so that
    whoever brings them waits for nobody.

    With a `key` it is a finding by itself, since Meta can be asked for it nowhere: it stands until `until`,
    or until a later signal of the same key whose state is PASSED.
    """

    __tablename__ = "account_health_signals"
    __table_args__ = (
        Index(
            "ix_account_health_signals_new",
            "account_id",
            sqlite_where=text(_IS_NEW),
            postgresql_where=text(_IS_NEW),
        ),
        Index(None, "account_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    source: Mapped[str]
    key: Mapped[str] = mapped_column(default="")
    state: Mapped[CheckState] = mapped_column(enum_type(CheckState), default=CheckState.WARNING)
    title: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[str] = mapped_column(Text, default="")
    why: Mapped[str] = mapped_column(Text, default="")
    what_to_do: Mapped[str] = mapped_column(Text, default="")
    until: Mapped[datetime | None]
    handled_at: Mapped[datetime | None]


class HealthWatch(Base):
    """When a live account is looked at next, and who is at it."""

    __tablename__ = "account_health_watches"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    next_at: Mapped[datetime] = mapped_column(default=utcnow)
    lease_until: Mapped[datetime | None]


class Mail(Base):
    """An e-mail to one person. The row is the queue: a worker that takes it sets `sending` and until when it
    is his. `message_id` stays the same for every try, so that mailboxes can tell doubles."""

    __tablename__ = "mails"
    __table_args__ = (
        Index(
            "ix_mails_open",
            "next_attempt_at",
            "id",
            sqlite_where=text(_IS_DUE),
            postgresql_where=text(_IS_DUE),
        ),
        Index(None, "created_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    recipient: Mapped[str]
    subject: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    message_id: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    state: Mapped[DeliveryState] = mapped_column(enum_type(DeliveryState), default=DeliveryState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None]
    finished_at: Mapped[datetime | None]
    last_answer: Mapped[str] = mapped_column(Text, default="")
