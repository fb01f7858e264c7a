"""What programs asked for under a key of their own, and what they were told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.crypto import Secret
from app.models.base import Base, EncryptedSecret, utcnow


class RepeatableRequest(Base):
    """A POST with an Idempotency-Key, written before it is carried out. `status` is None until the answer.

    The answer is kept encrypted: it may hold a secret that is shown once.
    """

    __tablename__ = "repeatable_requests"
    __table_args__ = (UniqueConstraint("api_key_id", "key"), Index(None, "started_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    api_key_id: Mapped[int] = mapped_column(ForeignKey("api_keys.id", ondelete="CASCADE"))
    key: Mapped[str]
    digest: Mapped[str]
    """Of address and body: the same key with another request is refused."""
    started_at: Mapped[datetime] = mapped_column(default=utcnow)
    status: Mapped[int | None]
    answer: Mapped[Secret | None] = mapped_column(EncryptedSecret)
