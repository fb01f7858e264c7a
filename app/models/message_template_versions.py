"""What a message template was before, and what somebody is changing in one that is at Meta."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps, enum_type, utcnow


class VersionOrigin(StrEnum):
    """By what a version came about."""

    SAVED = "saved"
    SUBMITTED = "submitted"
    EDITED = "edited"
    """Changed while it was at Meta, and sent there again."""
    RESTORED = "restored"
    IMPORTED = "imported"
    META = "meta"
    """Found at Meta: made or changed elsewhere."""


class MessageTemplateVersion(Base):
    """The whole text of one language as it stood. Written once; only the newest `saved` one of the same
    person grows while he goes on writing. `options`: as in MessageTemplate."""

    __tablename__ = "message_template_versions"
    __table_args__ = (UniqueConstraint("message_template_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_template_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_message_templates.id", ondelete="CASCADE")
    )
    number: Mapped[int]
    """From 1, by language."""
    origin: Mapped[VersionOrigin] = mapped_column(enum_type(VersionOrigin))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    api_key_id: Mapped[int | None] = mapped_column(ForeignKey("api_keys.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    category: Mapped[str]
    parameter_format: Mapped[str]
    components: Mapped[list[Any]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)


class MessageTemplateChange(Timestamps, Base):
    """A change of one that is at Meta, as far as it is written: kept by itself, sent when somebody says so.

    `body` is Meta's create body. A sync never touches it.
    """

    __tablename__ = "message_template_changes"
    __table_args__ = (UniqueConstraint("message_template_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_template_id: Mapped[int] = mapped_column(
        ForeignKey("whatsapp_message_templates.id", ondelete="CASCADE")
    )
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    revision: Mapped[int] = mapped_column(default=1)
    """Grows with each save: whoever saves over a newer one than he saw is told."""
    saved_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
