"""What belongs to a message template of one name in all its languages."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps, enum_type
from app.models.enums import Role


class MessageTemplateFamily(Timestamps, Base):
    """All languages of one name; made when something is set that is the same for all of them."""

    __tablename__ = "message_template_families"
    __table_args__ = (UniqueConstraint("account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    name: Mapped[str]
    fallback_language: Mapped[str] = mapped_column(default="")
    """Sent to whoever's language there is no variant of; empty: the one that the sender names."""
    least_role: Mapped[Role] = mapped_column(enum_type(Role), default=Role.AGENT)
    """Who may send it by hand: this role and those above."""


class MessageTemplateTag(Base):
    """A word by which message templates are found and kept together."""

    __tablename__ = "message_template_tags"
    __table_args__ = (Index(None, "tag"),)

    family_id: Mapped[int] = mapped_column(
        ForeignKey("message_template_families.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(primary_key=True)
