"""Files that came with messages: what is known of each, the pieces of those kept in the database, and what
is left to delete."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.base import Base, BigId, Timestamps, enum_type, utcnow
from app.models.enums import Direction, MediaState, ThumbnailState
from app.models.messages import Message

MEDIA_KINDS = frozenset({"image", "audio", "video", "document", "sticker"})
"""The kinds of message that carry a file, in Meta's words."""

_OPEN = "state IN ('waiting', 'fetching')"
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp")
"""What a small picture can be made of."""
HAS_NO_THUMBNAIL_YET = (
    "media_files.state = 'stored' AND media_files.thumbnail_state IS NULL "
    "AND media_files.mime_type IN ('image/jpeg', 'image/png', 'image/webp')"
)
"""The pictures that a worker has not looked at: in words of its own, so that a database sees that the small
index of just these rows fits."""
_NO_THUMBNAIL_YET = HAS_NO_THUMBNAIL_YET.replace("media_files.", "")
WITHOUT_THUMBNAIL: dict[str, Any] = {
    "thumbnail_state": None,
    "thumbnail_key": None,
    "thumbnail_size_bytes": None,
    "thumbnail_width": None,
    "thumbnail_height": None,
    "thumbnail_reason": "",
    "thumbnail_attempts": 0,
    "thumbnail_due_at": None,
}
"""The values of a row whose file is not here (any more)."""


@dataclass(frozen=True)
class Thumbnail:
    """A picture's small one: where its bytes lie, and how large it is."""

    id: int
    store: str
    store_key: str
    size_bytes: int
    width: int
    height: int
    mime_type: str = "image/webp"
    file_name: str = ""

    @property
    def tag(self) -> str:
        """Another one for other bytes."""
        return self.store_key.rpartition("-")[2]


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
        Index(
            "ix_media_files_thumbnail_key",
            "thumbnail_key",
            sqlite_where=text("thumbnail_key IS NOT NULL"),
            postgresql_where=text("thumbnail_key IS NOT NULL"),
        ),
        Index(
            "ix_media_files_no_thumbnail",
            "thumbnail_due_at",
            "id",
            sqlite_where=text(_NO_THUMBNAIL_YET),
            postgresql_where=text(_NO_THUMBNAIL_YET),
        ),
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
    thumbnail_state: Mapped[ThumbnailState | None] = mapped_column(enum_type(ThumbnailState))
    """None: nobody has looked at it, or there is nothing to look at."""
    thumbnail_key: Mapped[str | None]
    """In the same store as the file. Written before the first byte, new for every try."""
    thumbnail_size_bytes: Mapped[int | None]
    thumbnail_width: Mapped[int | None]
    thumbnail_height: Mapped[int | None]
    """Upright, whichever way the camera was held; known of some that have no small picture, too."""
    thumbnail_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    """Why there is none (yet), in words for people."""
    thumbnail_attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    thumbnail_due_at: Mapped[datetime | None]
    """Nobody takes it up before; None: at once."""

    message: Mapped[Message] = relationship(back_populates="media_file")

    @property
    def is_stored(self) -> bool:
        return self.state is MediaState.STORED

    @property
    def thumbnail(self) -> Thumbnail | None:
        """None also for a moment, until a worker has made it."""
        if not self.is_stored or self.thumbnail_state is not ThumbnailState.MADE:
            return None
        return Thumbnail(
            id=self.id,
            store=self.store or "",
            store_key=self.thumbnail_key or "",
            size_bytes=self.thumbnail_size_bytes or 0,
            width=self.thumbnail_width or 0,
            height=self.thumbnail_height or 0,
        )


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
