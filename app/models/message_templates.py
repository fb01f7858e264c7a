"""WhatsApp message templates, as Meta keeps them, and our drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, Timestamps, enum_type
from app.models.enums import MessageTemplateStatus


class MessageTemplate(Timestamps, Base):
    """One language of a message template. `components` is Meta's array, as read back or to be sent."""

    __tablename__ = "whatsapp_message_templates"
    __table_args__ = (
        UniqueConstraint("account_id", "name", "language"),
        Index(None, "account_id", "status"),
        Index(None, "meta_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    meta_id: Mapped[str | None]
    name: Mapped[str]
    language: Mapped[str]
    category: Mapped[str]
    status: Mapped[MessageTemplateStatus] = mapped_column(
        enum_type(MessageTemplateStatus), default=MessageTemplateStatus.DRAFT
    )
    parameter_format: Mapped[str] = mapped_column(default="POSITIONAL")
    components: Mapped[list[Any]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Further fields of Meta's create body, by its names: `message_send_ttl_seconds`, …"""
    body_text: Mapped[str] = mapped_column(Text, default="")
    """The body's words out of `components`, so that lists can show and search them."""
    rejected_reason: Mapped[str] = mapped_column(Text, default="")
    quality_score: Mapped[str] = mapped_column(default="")
    correct_category: Mapped[str] = mapped_column(default="")
    """To which Meta announced to move it."""
    previous_category: Mapped[str] = mapped_column(default="")
    """What it was before Meta moved it."""
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with each save: whoever saves over a newer one than he saw is told."""
    submitted_at: Mapped[datetime | None]
    status_changed_at: Mapped[datetime | None]
    last_synced_at: Mapped[datetime | None]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    account: Mapped[Account] = relationship()

    @property
    def is_sendable(self) -> bool:
        return self.status is MessageTemplateStatus.APPROVED
