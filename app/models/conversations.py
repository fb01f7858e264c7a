"""Customers, and the conversation each has with one of our numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, foreign, mapped_column, relationship, remote

from app.models.accounts import Account, PhoneNumber
from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.contact_fields import ContactValue
from app.models.enums import Direction, MessageStatus
from app.models.number_masks import are_hidden, cut_numbers, mask_number, shown_words
from app.models.people import User
from app.models.phone_spelling import spell_phone
from app.models.phone_zones import zone_of_number
from app.models.teams import Team

WINDOW = timedelta(hours=24)
"""How long after a customer's last message free text may be sent.

Source: Meta docs, "Customer service windows", read 2026-09.
"""
WINDOW_MARGIN = timedelta(minutes=1)
"""Kept back from the window's end: our clock and Meta's may differ."""


_UNASSIGNED = "assigned_to_id IS NULL AND closed_at IS NULL"
_ASSIGNED = "assigned_to_id IS NOT NULL AND closed_at IS NULL"
_UNANSWERED = "waiting_since IS NOT NULL"
_FAILED = "last_message_status IN ('failed', 'unconfirmed')"
_ASSIGNED_CLOSED = "assigned_to_id IS NOT NULL AND closed_at IS NOT NULL"
_NAMES_NUMBERS = ("System message", "Notice from WhatsApp", "Contact")
"""So begin the previews of WhatsApp's notices and of contact cards (`services.message_text.preview`)."""
_WAITS = "case_since IS NOT NULL AND answered_at IS NULL"


def _partial(name: str, where: str, *columns: str) -> Index:
    return Index(f"ix_conversations_{name}", *columns, sqlite_where=text(where), postgresql_where=text(where))


class Contact(Timestamps, Base):
    """A customer of one account. Known by phone (`wa_id`), by business-scoped `user_id`, or both.

    Source: Meta docs, "Business-scoped user ids", read 2026-05: either may be missing.
    """

    __tablename__ = "contacts"
    __table_args__ = (
        UniqueConstraint("account_id", "wa_id"),
        UniqueConstraint("account_id", "user_id"),
        # The list over all accounts, that of one, and those without marketing.
        Index(None, "created_at", "id"),
        Index(None, "account_id", "created_at", "id"),
        Index(
            "ix_contacts_opted_out",
            "created_at",
            "id",
            sqlite_where=text("opted_out_at IS NOT NULL"),
            postgresql_where=text("opted_out_at IS NOT NULL"),
        ),
        Index(
            "ix_contacts_joined_to_id",
            "joined_to_id",
            sqlite_where=text("joined_to_id IS NOT NULL"),
            postgresql_where=text("joined_to_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    wa_id: Mapped[str | None]
    user_id: Mapped[str | None]
    profile_name: Mapped[str] = mapped_column(default="")
    username: Mapped[str] = mapped_column(default="")
    own_name: Mapped[str] = mapped_column(default="")
    """What the customer is called here; goes before what they call themselves."""
    language: Mapped[str] = mapped_column(default="")
    """One of Meta's codes for message templates; empty: not known."""
    note: Mapped[str] = mapped_column(Text, default="")
    opted_out_at: Mapped[datetime | None]
    """Since when they want no advertising; empty: they have not said so. The history is ContactConsent."""
    joined_to_id: Mapped[int | None] = mapped_column(BigId)
    """The contact whose page is this person's; empty: this one's own. Follows from ContactJoin, and is never
    more than one step. No foreign key: SQLite adds none to a table that is there."""
    time_zone: Mapped[str] = mapped_column(default="", server_default="")
    """By hand (`Europe/London`); empty: that of the number's country, where it has just one."""

    account: Mapped[Account] = relationship()
    tag_rows: Mapped[list[ContactTag]] = relationship(
        order_by="ContactTag.tag", cascade="all, delete-orphan", passive_deletes=True
    )
    joined_to: Mapped[Contact | None] = relationship(
        primaryjoin=lambda: foreign(Contact.joined_to_id) == remote(Contact.id), viewonly=True
    )
    value_rows: Mapped[list[ContactValue]] = relationship(
        order_by="ContactValue.field_id", cascade="all, delete-orphan", passive_deletes=True
    )

    @property
    def tags(self) -> list[str]:
        return [row.tag for row in self.tag_rows]

    @property
    def fields(self) -> dict[str, str]:
        """What stands in the account's own fields, by key; retired ones left out."""
        rows = sorted(self.value_rows, key=lambda row: (row.field.position, row.field_id))
        return {row.field.key: row.value for row in rows if not row.field.is_retired}

    @property
    def zone_name(self) -> str:
        """Where they are, by hand or by the number's country; empty: not known."""
        return self.time_zone or zone_of_number(self.phone_number)

    @property
    def phone_number(self) -> str:
        """With a leading plus, or empty when Meta has not told us the number."""
        return f"+{self.wa_id}" if self.wa_id else ""

    @property
    def shown_number(self) -> str:
        """The number as people write it, or empty; masked where whoever looks may not see it in full."""
        if are_hidden(self.account_id):
            return mask_number(self.phone_number)
        return spell_phone(self.phone_number)

    @property
    def called(self) -> str:
        """Their name, as one says it to them; empty where none is known: nobody is greeted by a number."""
        return cut_numbers(self._name)

    @property
    def display_name(self) -> str:
        handle = f"@{self.username}" if self.username else ""
        name = shown_words(self.account_id, self._name)
        return next(filter(None, (name, self.shown_number, handle, self.user_id)), "Unknown")

    @property
    def shown_profile_name(self) -> str:
        """What they call themselves, which may be their number."""
        return shown_words(self.account_id, self.profile_name)

    @property
    def shown_own_name(self) -> str:
        return shown_words(self.account_id, self.own_name)

    @property
    def address(self) -> str:
        """By what people tell them from others, beside the name: the number, else the user name, else the
        id."""
        return self.shown_number or (f"@{self.username}" if self.username else self.user_id or "")

    @property
    def _name(self) -> str:
        return next(filter(None, (self.own_name, self._own_name_elsewhere, self.profile_name)), "")

    @property
    def _own_name_elsewhere(self) -> str:
        """A person's name is given once, wherever they write from."""
        person = self.joined_to if self.joined_to_id else None
        return person.own_name if person else ""


class ContactTag(Base):
    """A word by which contacts are found and kept together."""

    __tablename__ = "contact_tags"
    __table_args__ = (Index(None, "tag", "contact_id"),)

    contact_id: Mapped[int] = mapped_column(
        ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    tag: Mapped[str] = mapped_column(primary_key=True)


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
        # Lists of the open, the closed, nobody's and somebody's, in their order; and how many are nobody's.
        _partial("open_latest", "closed_at IS NULL", "last_message_at", "id"),
        _partial("closed_latest", "closed_at IS NOT NULL", "last_message_at", "id"),
        # With what its own condition names: SQLite then counts without looking at the rows.
        _partial("unassigned", _UNASSIGNED, "account_id", "assigned_to_id", "closed_at"),
        _partial("unassigned_latest", _UNASSIGNED, "last_message_at", "id"),
        _partial("assigned_latest", _ASSIGNED, "assigned_to_id", "last_message_at", "id"),
        _partial("assigned_closed", _ASSIGNED_CLOSED, "assigned_to_id", "last_message_at", "id"),
        # A team's, and those of whom a customer waits for somebody's first answer: few among many.
        _partial("team_latest", "assigned_team_id IS NOT NULL", "assigned_team_id", "last_message_at", "id"),
        _partial("first_answer", _WAITS, "account_id", "case_since"),
        # The open ones of a number; whose window closes soonest; those that nobody has answered, longest
        # first and latest first; those whose last message failed.
        _partial("number_latest", "closed_at IS NULL", "phone_number_id", "last_message_at", "id"),
        _partial("open_window", "closed_at IS NULL", "last_inbound_at", "id"),
        _partial("unanswered", _UNANSWERED, "waiting_since", "id", "account_id"),
        _partial("unanswered_latest", _UNANSWERED, "last_message_at", "id"),
        _partial("failed_latest", _FAILED, "last_message_at", "id"),
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
    assigned_to_id: Mapped[int | None]
    """A person. No foreign key: SQLite adds none to a table that is there, and people are never deleted."""
    assigned_team_id: Mapped[int | None]
    """A team, beside a person of it or alone. No foreign key either: deleting a team clears it."""
    case_since: Mapped[datetime | None]
    """The customer's first message since it was last closed; empty: nothing is asked of us."""
    answered_at: Mapped[datetime | None]
    """A person's first answer in this case."""
    waiting_since: Mapped[datetime | None]
    """When the customer wrote the first message that nobody has answered; empty: none is open."""
    closed_at: Mapped[datetime | None]
    """Somebody was done with it; the customer's next message opens it again."""
    version: Mapped[int] = mapped_column(default=0)
    """Goes up with each change a page would show, so that a poll can answer "nothing new"."""

    account: Mapped[Account] = relationship()
    phone_number: Mapped[PhoneNumber] = relationship()
    contact: Mapped[Contact] = relationship()
    assigned_to: Mapped[User | None] = relationship(
        primaryjoin=lambda: foreign(Conversation.assigned_to_id) == User.id, viewonly=True
    )

    assigned_team: Mapped[Team | None] = relationship(
        primaryjoin=lambda: foreign(Conversation.assigned_team_id) == Team.id, viewonly=True
    )

    @property
    def shown_preview(self) -> str:
        """The last message's line; a notice or a card names numbers that not everybody may see."""
        line = self.last_message_preview
        return shown_words(self.account_id, line) if line.startswith(_NAMES_NUMBERS) else line

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

    @property
    def window_closes_at(self) -> datetime | None:
        return self.last_inbound_at + WINDOW if self.last_inbound_at else None

    def window_is_open(self, now: datetime | None = None) -> bool:
        """Whether free text may be sent now."""
        closes_at = self.window_closes_at
        return closes_at is not None and (now or utcnow()) < closes_at - WINDOW_MARGIN
