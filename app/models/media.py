"""Files that came with messages: what is known of each, the pieces of those kept in the database, and what
is left to delete."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import Direction, MediaState
from app.models.messages import Message

MEDIA_KINDS = frozenset({"image", "audio", "video", "document", "sticker"})
"""The kinds of message that carry a file, in Meta's words."""

_OPEN = "state IN ('waiting', 'fetching')"


class MediaFile(Timestamps, Base):
    """The file of a message. The row is the queue: `waiting` rows are what is left to fetch from Meta.

    A worker that takes one sets `fetching`, its name and `next_attempt_at`, until when it is his: he moves
    it on while he works, and once it has passed anybody may take the row. `store_key` is new for every try
    and written before the first byte, so no file is ever without a row that names it, and whoever comes
    too late finds another key here.
    """

    __tablename__ = "media_files"
    __table_args__ = (
        UniqueConstraint("message_id"),
        # The worker's look for work, account by account: few rows are open at any time.
        Index(
            "ix_media_files_open",
            "account_id",
            "next_attempt_at",
            "id",
            sqlite_where=text(_OPEN),
            postgresql_where=text(_OPEN),
        ),
        # What is older than files are to be kept.
        Index(
            "ix_media_files_stored_at",
            "stored_at",
            sqlite_where=text("state = 'stored'"),
            postgresql_where=text("state = 'stored'"),
        ),
        Index(None, "store_key"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    message_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_messages.id", ondelete="CASCADE"))
    direction: Mapped[Direction] = mapped_column(enum_type(Direction))
    meta_id: Mapped[str]
    mime_type: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str] = mapped_column(default="")
    """The sender's word for it: shown to people, never used as a path."""
    sha256: Mapped[str] = mapped_column(default="")
    """As Meta gave it (hex or base64) until the file is here; then its own, in hex."""
    size_bytes: Mapped[int | None]
    width: Mapped[int | None]
    height: Mapped[int | None]
    state: Mapped[MediaState] = mapped_column(enum_type(MediaState), default=MediaState.WAITING)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why it is not here (yet), in words for people."""
    attempts: Mapped[int] = mapped_column(default=0)
    next_attempt_at: Mapped[datetime | None] = mapped_column(default=utcnow)
    lease_owner: Mapped[str | None]
    store: Mapped[str | None]
    store_key: Mapped[str | None]
    stored_at: Mapped[datetime | None]

    message: Mapped[Message] = relationship(back_populates="media_file")

    @property
    def is_stored(self) -> bool:
        return self.state is MediaState.STORED


class MediaDeletion(Base):
    """Bytes in a store that belong to no row any more. Written with the change that let them go, worked off
    after its commit: a crash in between leaves this row, not a file that nobody knows of."""

    __tablename__ = "media_deletions"
    __table_args__ = (Index(None, "due_at"), Index(None, "store_key"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    store: Mapped[str]
    store_key: Mapped[str]
    due_at: Mapped[datetime] = mapped_column(default=utcnow)
    attempts: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(Text, default="")
    """Why the last try did not work."""


class MediaChunk(Base):
    """A piece of a file that is kept in the database. Whole as soon as its last piece is there."""

    __tablename__ = "media_chunks"

    store_key: Mapped[str] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    is_last: Mapped[bool]
    data: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
