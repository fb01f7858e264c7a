"""Texts that people answer with again and again."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps


class CannedReply(Timestamps, Base):
    """A text under a short name. It fills the composer; nothing sends it by itself.

    `account_id`: null for all accounts. In the text {{name}} is the customer's, {{agent}} the writer's.
    """

    __tablename__ = "canned_replies"
    __table_args__ = (Index(None, "account_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    name: Mapped[str]
    body: Mapped[str] = mapped_column(Text)
