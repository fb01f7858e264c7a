"""Saved views of the conversation list: a name for filters and an order, and who begins with which."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps


class ConversationView(Timestamps, Base):
    """Filters and order by a name. `account_id`: all of that account see it; without one only its maker.

    `query`: as the list's address carries them, empty ones left out.
    """

    __tablename__ = "conversation_views"
    __table_args__ = (Index(None, "user_id"), Index(None, "account_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    name: Mapped[str]
    query: Mapped[dict[str, Any]] = mapped_column(default=dict)


class ConversationStart(Base):
    """With which view a person's list begins; without a row with all conversations."""

    __tablename__ = "conversation_starts"
    __table_args__ = (Index(None, "view_id"),)

    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    view_id: Mapped[int] = mapped_column(ForeignKey("conversation_views.id", ondelete="CASCADE"))
