"""Who is who: the addresses of each contact and how they came, contacts that are one person, and the
blocked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId, enum_type, utcnow
from app.models.conversations import Contact
from app.models.enums import AddressKind, AddressSource, BlockState, JoinState


class ContactAddress(Base):
    """One way to reach or to recognise a contact, with when and by what it came.

    What holds now stands in the contact itself (`wa_id`, `user_id`, `username`); here stands all there ever
    was. `ended_at`: since when it is another person's, or nobody's. `is_refused`: a person said that it is
    not theirs, so that no rule brings it back. `event_id`: of WebhookEvent, which is let go of earlier than
    this.
    """

    __tablename__ = "contact_addresses"
    __table_args__ = (
        UniqueConstraint("contact_id", "kind", "value"),
        Index(None, "account_id", "kind", "value"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[AddressKind] = mapped_column(enum_type(AddressKind))
    value: Mapped[str]
    """A number's digits without a plus; an id or a name as Meta writes it."""
    source: Mapped[AddressSource] = mapped_column(enum_type(AddressSource))
    event_id: Mapped[int | None] = mapped_column(BigId)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]
    is_refused: Mapped[bool] = mapped_column(default=False)


class ContactJoin(Base):
    """Two contacts that are one person, or may be. `contacts.joined_to_id` follows from those that hold.

    Nothing is moved by it: each contact keeps its conversations, so that a join that is undone leaves no
    trace in them. `into_id`: the one whose page is the person's. `actor_name`: who did it; empty: a rule.
    `reason`: the rule in words.
    """

    __tablename__ = "contact_joins"
    __table_args__ = (
        UniqueConstraint("contact_id", "into_id"),
        Index(None, "account_id", "state", "id"),
        Index(None, "into_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    into_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    state: Mapped[JoinState] = mapped_column(enum_type(JoinState))
    reason: Mapped[str] = mapped_column(default="")
    event_id: Mapped[int | None] = mapped_column(BigId)
    actor_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)

    contact: Mapped[Contact] = relationship(foreign_keys=[contact_id])
    into: Mapped[Contact] = relationship(foreign_keys=[into_id])


class ContactBlock(Base):
    """Somebody whom one of our numbers has blocked at Meta, or was told to.

    A row is written before Meta is asked; `blocking` and `unblocking` mean that the answer is not known yet
    or was lost. `contact_id` is empty for those whom Meta lists and nobody here has written with. Source:
    Meta docs, "Block users" page, read 2026-09.
    """

    __tablename__ = "contact_blocks"
    __table_args__ = (
        UniqueConstraint("phone_number_id", "contact_id"),
        Index(None, "account_id", "state", "id"),
        Index(None, "contact_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    phone_number_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_phone_numbers.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    wa_id: Mapped[str | None]
    user_id: Mapped[str | None]
    state: Mapped[BlockState] = mapped_column(enum_type(BlockState))
    reason: Mapped[str] = mapped_column(default="")
    actor_name: Mapped[str] = mapped_column(default="")
    """Who asked for it here; empty: it was found on Meta's list."""
    at: Mapped[datetime] = mapped_column(default=utcnow)

    contact: Mapped[Contact | None] = relationship()

    @property
    def holds(self) -> bool:
        """Whether nothing is sent: Meta would refuse it, or may."""
        return self.state in {BlockState.BLOCKING, BlockState.BLOCKED, BlockState.UNBLOCKING}

    @property
    def is_unsure(self) -> bool:
        return self.state in {BlockState.BLOCKING, BlockState.UNBLOCKING}
