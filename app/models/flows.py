"""WhatsApp Flows: forms inside a chat."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps


class Flow(Timestamps, Base):
    """A Flow as Meta keeps it. `status` is Meta's word (DRAFT, PUBLISHED, DEPRECATED, BLOCKED, THROTTLED)."""

    __tablename__ = "whatsapp_flows"
    __table_args__ = (UniqueConstraint("account_id", "meta_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    meta_id: Mapped[str | None]
    name: Mapped[str]
    status: Mapped[str] = mapped_column(default="DRAFT")
    categories: Mapped[list[str]] = mapped_column(default=list)
    flow_json: Mapped[str] = mapped_column(Text, default="")
    last_synced_at: Mapped[datetime | None]
