"""Who wants no advertising, and since when: each turn of a customer's mind is a row that stays."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import ConsentKind, ConsentSource


class ContactConsent(Base):
    """A contact opted out of marketing, or back in. `contacts.opted_out_at` is what holds now.

    `at`: when the customer said so. `note`: the word, or what a person wrote beside it; it stays when the
    message is let go of. `actor_name`: the person or key, also when they are gone.
    """

    __tablename__ = "contact_consents"
    __table_args__ = (Index(None, "contact_id", "id"), Index(None, "message_id"), Index(None, "user_id"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    kind: Mapped[ConsentKind] = mapped_column(enum_type(ConsentKind))
    source: Mapped[ConsentSource] = mapped_column(enum_type(ConsentSource))
    message_id: Mapped[int | None] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="SET NULL"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)
    note: Mapped[str] = mapped_column(default="")
