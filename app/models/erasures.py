"""People who were erased: how far it is, and the proof, which says nothing of whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.crypto import Secret
from app.models.accounts import Account
from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import ErasureState

_OPEN = "state IN ('waiting', 'working')"


class Erasure(Base):
    """One request to erase a person. The row is the queue; a worker claims it by a lease.

    `subject`: what the person is found by while the work goes on, encrypted, and gone at its end. `step` and
    `place` tell the next worker where to go on; `counts` how many rows of which table went. `shell_id`: the
    contact without any name that the last days' messages, emptied, hang on until the figures of these days
    are settled. `signature` covers what the proof says.
    """

    __tablename__ = "erasures"
    __table_args__ = (
        Index(None, "account_id", "created_at", "id"),
        Index("ix_erasures_open", "lease_until", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index(
            "ix_erasures_shell",
            "shell_id",
            sqlite_where=text("shell_id IS NOT NULL"),
            postgresql_where=text("shell_id IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    state: Mapped[ErasureState] = mapped_column(enum_type(ErasureState), default=ErasureState.WAITING)
    subject: Mapped[Secret | None]
    step: Mapped[int] = mapped_column(default=0)
    place: Mapped[int] = mapped_column(BigId, default=0)
    counts: Mapped[dict[str, Any]] = mapped_column(default=dict)
    shell_id: Mapped[int | None] = mapped_column(BigId)
    error: Mapped[str] = mapped_column(Text, default="")
    """Why it does not go on just now, in words for people."""
    tries: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    signature: Mapped[str] = mapped_column(default="")

    account: Mapped[Account] = relationship()
