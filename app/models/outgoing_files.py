"""Files that people have chosen to send and have not sent yet: each waits in a conversation's composer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, BigId, Timestamps

PLANNED = "planned-"
"""So begin the keys of files that wait for a planned message to leave: `planned-<its id>-<number>`."""


class OutgoingFile(Timestamps, Base):
    """A file on its way from a browser into a message. Once sent, its bytes belong to a MediaFile and this
    row is gone.

    It comes in pieces, so that a poor line loses one of them and not all. `key` is the browser's: the same
    key is the same file, however often its pieces are sent. Of a planned message it begins with PLANNED: such
    a file is nobody's choice any more and stays until the message leaves or is cancelled.
    """

    __tablename__ = "outgoing_files"
    __table_args__ = (
        UniqueConstraint("key"),
        Index(None, "conversation_id", "user_id"),
        Index(None, "created_at"),
        Index(None, "store_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    key: Mapped[str]
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    conversation_id: Mapped[int] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(default="")
    """The sender's word for it: shown to people, never used as a path."""
    size_bytes: Mapped[int]
    """As promised, until the file is whole; then its own."""
    received_bytes: Mapped[int] = mapped_column(default=0)
    pieces: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """`keys`: where its pieces lie in the store, in their order, until it is whole. `at_meta_since`: when
    Meta got it, as ISO text."""
    kind: Mapped[str] = mapped_column(default="")
    """Meta's word for the message that will carry it; empty until it is whole."""
    mime_type: Mapped[str] = mapped_column(default="")
    is_voice: Mapped[bool] = mapped_column(default=False, server_default=false())
    sha256: Mapped[str] = mapped_column(default="")
    width: Mapped[int | None]
    height: Mapped[int | None]
    meta_id: Mapped[str | None]
    """Meta's id of the file, which the message will name; None until Meta has it."""
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why Meta does not have it yet, in words for people."""
    store: Mapped[str]
    store_key: Mapped[str | None]
    stored_at: Mapped[datetime | None]

    @property
    def is_planned(self) -> bool:
        return self.key.startswith(PLANNED)

    @property
    def is_whole(self) -> bool:
        return self.stored_at is not None
