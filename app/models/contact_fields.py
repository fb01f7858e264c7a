"""What an account wants to know of its customers beside what WhatsApp tells: fields of its own, and their
values.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId, Timestamps, enum_type
from app.models.enums import FieldKind


class ContactField(Timestamps, Base):
    """One field of an account's. `key` is what programs, files and placeholders call it, and never changes.

    `choices`: what can be chosen, for that kind; `position`: its place, from 1. A retired one is offered no
    more and keeps its values.
    """

    __tablename__ = "contact_fields"
    __table_args__ = (UniqueConstraint("account_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    key: Mapped[str]
    name: Mapped[str]
    kind: Mapped[FieldKind] = mapped_column(enum_type(FieldKind))
    choices: Mapped[list[str]] = mapped_column(default=list)
    position: Mapped[int] = mapped_column(default=1)
    retired_at: Mapped[datetime | None]

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


class ContactValue(Base):
    """What one contact has in one field. No row: nothing.

    `value` is text in one form for each kind (a number without grouping, `2026-03-09`, `yes`); `folded` the
    beginning of it without regard to case, by which it is found.
    """

    __tablename__ = "contact_values"
    __table_args__ = (Index(None, "field_id", "folded"),)

    contact_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("contacts.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    field_id: Mapped[int] = mapped_column(
        ForeignKey("contact_fields.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    value: Mapped[str] = mapped_column(Text)
    folded: Mapped[str]

    field: Mapped[ContactField] = relationship(lazy="joined", innerjoin=True)
