"""People, what they may do and where, their sign-ins, their API keys, and what they did."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship, synonym

from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import Role


class User(Timestamps, Base):
    """A person who signs in. `role` is the base role; an owner sees every account."""

    __tablename__ = "users"
    __table_args__ = (UniqueConstraint("email"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(enum_type(Role))
    password_hash: Mapped[str]
    has_temporary_password: Mapped[bool] = mapped_column(default=False)
    """An owner made the password up: it opens one page only, on which the person chooses their own."""
    is_active: Mapped[bool] = mapped_column(default=True)
    last_sign_in_at: Mapped[datetime | None]
    time_zone: Mapped[str] = mapped_column(default="", server_default="")
    """In which times are shown to them; empty: the console's own."""

    memberships: Mapped[list[Membership]] = relationship(back_populates="user", cascade="all, delete-orphan")

    @property
    def display_name(self) -> str:
        return self.name or self.email


class Membership(Base):
    """A person's role in one account."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("user_id", "account_id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    role: Mapped[Role] = mapped_column(enum_type(Role))

    user: Mapped[User] = relationship(back_populates="memberships")


class UserSession(Base):
    """One signed-in browser. The cookie holds a random token; only its hash is here."""

    __tablename__ = "user_sessions"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_seen_at: Mapped[datetime] = mapped_column(default=utcnow)
    ip_address: Mapped[str] = mapped_column(default="")
    user_agent: Mapped[str] = mapped_column(default="")
    revoked_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


class SignInAttempt(Base):
    """A failed or successful try to sign in; what slowing down and locking count."""

    __tablename__ = "sign_in_attempts"
    __table_args__ = (Index(None, "email_hash", "at"), Index(None, "ip_address", "at"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    email_hash: Mapped[str]
    ip_address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=utcnow)
    succeeded: Mapped[bool]


class ApiKey(Base):
    """A key for the JSON API: found by `prefix`, compared by hash, shown once.

    An owner's key sees every account; any other only those in `accounts`.
    """

    __tablename__ = "api_keys"
    __table_args__ = (UniqueConstraint("prefix"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(enum_type(Role))
    prefix: Mapped[str]
    key_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    expires_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]

    accounts: Mapped[list[ApiKeyAccount]] = relationship(cascade="all, delete-orphan", lazy="selectin")
    created_by: Mapped[User | None] = relationship(lazy="joined")

    def opens_at(self, now: datetime) -> bool:
        """Not revoked, not run out, and whoever made it may still sign in."""
        if self.revoked_at is not None or (self.expires_at is not None and self.expires_at <= now):
            return False
        return self.created_by is None or self.created_by.is_active


class ApiKeyAccount(Base):
    """An account that a key may see."""

    __tablename__ = "api_key_accounts"

    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"), primary_key=True)
    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )


class AuditEntry(Base):
    """Who did what, when and from where. Rows are added and never changed; secrets never enter.

    A trigger in the database refuses every UPDATE but the one that foreign keys make: forgetting the id of
    somebody or something that is gone (the name stays in `actor_name`). Deleting is left possible for a
    retention that removes the oldest; no page, API or service deletes.
    """

    __tablename__ = "audit_log"
    __table_args__ = (
        Index(None, "account_id", "at"),
        Index(None, "at"),
        Index(None, "user_id", "at"),
        Index(None, "api_key_id", "at"),
        Index(None, "action", "at"),
        Index(None, "object_type", "object_id", "at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="SET NULL")
    )
    actor_name: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    object_type: Mapped[str] = mapped_column(default="")
    object_id: Mapped[str] = mapped_column(default="")
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    ip_address: Mapped[str] = mapped_column(Text, default="")

    created_at: Mapped[datetime] = synonym("at")
    """What lists that are paged by cursor go by."""
