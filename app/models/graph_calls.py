"""Every call to Meta, kept for a while, with secrets blanked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, utcnow


class GraphCall(Base):
    """One exchange with Meta: what was asked, what came back, how long it took.

    `path` has no query. `request` and `answer` are JSON as text, shortened, without tokens, secrets and PINs.
    `outcome`: `ok`, or the name of what went wrong (`throttled`, `unconfirmed` ...).
    """

    __tablename__ = "graph_calls"
    __table_args__ = (
        Index(None, "account_id", "at"),
        Index(None, "at"),
        # What went wrong is rare, and what people look for.
        Index(
            "ix_graph_calls_failed",
            "account_id",
            "at",
            sqlite_where=text("outcome <> 'ok'"),
            postgresql_where=text("outcome <> 'ok'"),
        ),
        Index(
            "ix_graph_calls_message",
            "message_id",
            sqlite_where=text("message_id IS NOT NULL"),
            postgresql_where=text("message_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    account_id: Mapped[int | None] = mapped_column(
        ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE")
    )
    message_id: Mapped[int | None] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    method: Mapped[str]
    path: Mapped[str]
    http_status: Mapped[int | None]
    outcome: Mapped[str]
    error_code: Mapped[int | None]
    duration_ms: Mapped[int]
    trace_id: Mapped[str] = mapped_column(default="")
    api_version: Mapped[str] = mapped_column(default="")
    usage_percent: Mapped[int | None]
    request: Mapped[str] = mapped_column(Text, default="")
    answer: Mapped[str] = mapped_column(Text, default="")
