"""Ways in beside the password: invitations by one-time link, second factors, passkeys; and who has to."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Secret
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import Role, SecondFactorFor
from app.models.people import User


class Invitation(Base):
    """A link that makes one person; only its hash is here. `account_roles` maps account ids to roles.

    It stops with whoever made it: `created_by` must still be an owner who may sign in when it is used.
    """

    __tablename__ = "invitations"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "created_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str] = mapped_column(default="")
    role: Mapped[Role] = mapped_column(enum_type(Role))
    account_roles: Mapped[dict[str, Any]] = mapped_column(default=dict)
    token_hash: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    created_by: Mapped[User | None] = relationship(lazy="joined")


class SecondFactor(Base):
    """A person's authenticator app. It asks nothing before `confirmed_at`.

    `last_step` is the 30 seconds whose code was taken last: that code and older ones are taken no more.
    `failures` since the last right code, wherever they came from, make the next guess wait.
    """

    __tablename__ = "second_factors"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    secret: Mapped[Secret | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    failed_at: Mapped[datetime | None]


class RecoveryCode(Base):
    """A code on paper for who lost their authenticator app: its hash, and when it was used."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str]
    used_at: Mapped[datetime | None]


class SignInStep(Base):
    """Somebody whose password was right, and whose code is still to come. The browser has the token."""

    __tablename__ = "sign_in_steps"
    __table_args__ = (UniqueConstraint("token_hash"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    token_hash: Mapped[str]
    attempt_id: Mapped[int] = mapped_column(BigId)
    """The try that becomes a success with the code."""
    created_at: Mapped[datetime] = mapped_column(default=utcnow)

    user: Mapped[User] = relationship(lazy="joined")


class Passkey(Base):
    """A key pair that a person's device, or its password manager, keeps: here is the public half.

    It stands for both factors: the device asks for a finger, a face or a PIN before it signs.
    """

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("credential_id"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    name: Mapped[str]
    credential_id: Mapped[str]
    public_key: Mapped[str]
    sign_count: Mapped[int] = mapped_column(BigId, default=0)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    last_used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship(lazy="joined")


class UsedChallenge(Base):
    """A challenge that was answered rightly: it is taken no second time. Kept as long as one lives."""

    __tablename__ = "used_challenges"
    __table_args__ = (Index(None, "at"),)

    challenge_hash: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)


class ConsoleRules(Timestamps, Base):
    """What owners decide for the whole console: one row, which is not there before somebody has decided."""

    __tablename__ = "console_rules"

    id: Mapped[int] = mapped_column(primary_key=True)
    second_factor_for: Mapped[SecondFactorFor] = mapped_column(
        enum_type(SecondFactorFor), default=SecondFactorFor.NOBODY
    )
