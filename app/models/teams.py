"""Teams, how an account's conversations are given to people, who is there, and how fast people answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import AgentsSee, AssignBy, Role
from app.models.people import User


class Team(Timestamps, Base):
    """People who answer together. With `has_hours` it keeps hours of its own, else those of the account.

    `hours` and `holidays` as in BotSettings.
    """

    __tablename__ = "teams"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    has_hours: Mapped[bool] = mapped_column(default=False)
    time_zone: Mapped[str] = mapped_column(default="UTC")
    hours: Mapped[list[Any]] = mapped_column(default=list)
    holidays: Mapped[list[Any]] = mapped_column(default=list)

    members: Mapped[list[TeamMember]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="TeamMember.user_id"
    )
    places: Mapped[list[TeamPlace]] = relationship(
        cascade="all, delete-orphan", passive_deletes=True, order_by="TeamPlace.id"
    )


class TeamMember(Base):
    """A person in a team. Whether they may answer in an account, their rights say."""

    __tablename__ = "team_members"
    __table_args__ = (Index(None, "user_id"),)

    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)

    user: Mapped[User] = relationship(lazy="joined")


class TeamPlace(Base):
    """What a team serves: a whole account, or one of its numbers."""

    __tablename__ = "team_places"
    __table_args__ = (Index(None, "team_id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    team_id: Mapped[int] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE")
    )


class AccountDesk(Timestamps, Base):
    """How people work on one account's conversations. Without a row the defaults of these columns hold."""

    __tablename__ = "account_desks"

    account_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"), primary_key=True
    )
    assign_by: Mapped[AssignBy] = mapped_column(enum_type(AssignBy), default=AssignBy.NOBODY)
    assign_number_ids: Mapped[list[Any]] = mapped_column(default=list)
    """Only conversations of these numbers are given by themselves; empty: of all."""
    agents_see: Mapped[AgentsSee] = mapped_column(enum_type(AgentsSee), default=AgentsSee.EVERYTHING)
    numbers_from: Mapped[Role] = mapped_column(enum_type(Role), default=Role.VIEWER)
    """The least role that sees customers' numbers in full."""
    answer_target_min: Mapped[int | None]
    """Minutes of business hours until a person has answered; None: no target."""
    resolution_target_min: Mapped[int | None]


class DeskPresence(Base):
    """Where a person's visible page is, by its last sign. One row for each, overwritten."""

    __tablename__ = "desk_presences"
    __table_args__ = (Index(None, "conversation_id"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    seen_at: Mapped[datetime]
    conversation_id: Mapped[int | None] = mapped_column(BigId)
    """No foreign key: it is of use for a minute, and a sign must not wait for the conversation's row."""
    answering_until: Mapped[datetime | None]


class DeskSettings(Base):
    """What a person chose for their own work. Without a row the defaults of these columns hold."""

    __tablename__ = "desk_settings"

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    is_away: Mapped[bool] = mapped_column(default=False)
    last_given_at: Mapped[datetime | None]
    """When a conversation was last given to them by itself."""
    tells_browser: Mapped[bool] = mapped_column(default=False)
    tells_sound: Mapped[bool] = mapped_column(default=False)
    tells_content: Mapped[bool] = mapped_column(default=False)
    """A notification may say who wrote and what."""
    tells_assigned: Mapped[bool] = mapped_column(default=True)
    tells_mentions: Mapped[bool] = mapped_column(default=True)
    tells_own: Mapped[bool] = mapped_column(default=True)
    tells_unassigned: Mapped[bool] = mapped_column(default=False)
    has_shortcuts: Mapped[bool] = mapped_column(default=True)


class NoteMention(Base):
    """Somebody whom a note names."""

    __tablename__ = "note_mentions"
    __table_args__ = (
        UniqueConstraint("note_id", "user_id"),
        Index(None, "user_id", "at", "id"),
        Index(
            "ix_note_mentions_unread",
            "user_id",
            sqlite_where=text("read_at IS NULL"),
            postgresql_where=text("read_at IS NULL"),
        ),
        Index(None, "conversation_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    note_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversation_notes.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    read_at: Mapped[datetime | None]


class ConversationCase(Base):
    """From a customer's first message until somebody closed the conversation: how long people took.

    Seconds count business hours only. A case has a row once a person answered it or closed it; what the
    bot or a program said is nobody's answer.
    """

    __tablename__ = "conversation_cases"
    __table_args__ = (
        UniqueConstraint("conversation_id", "began_at"),
        Index(None, "account_id", "began_at"),
        Index(None, "began_at"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(BigId, ForeignKey("conversations.id", ondelete="CASCADE"))
    began_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None]
    answer_team_id: Mapped[int | None]
    answer_s: Mapped[int | None]
    answer_target_s: Mapped[int | None]
    """The target as it was then."""
    closed_at: Mapped[datetime | None]
    closed_by_id: Mapped[int | None]
    close_team_id: Mapped[int | None]
    resolution_s: Mapped[int | None]
    resolution_target_s: Mapped[int | None]
