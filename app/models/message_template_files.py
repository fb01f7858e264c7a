"""Sample files of message templates: shown in the preview, handed to Meta when it is submitted."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Timestamps


class MessageTemplateFile(Timestamps, Base):
    """A file in the media store. Components name it by `handle` in the place of Meta's upload handle, which
    lasts for a while only and is made anew at each submission."""

    __tablename__ = "message_template_files"
    __table_args__ = (Index(None, "account_id", "sha256"), Index(None, "store_key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    file_name: Mapped[str] = mapped_column(default="")
    """The uploader's word for it: shown to people, never used as a path."""
    mime_type: Mapped[str]
    size_bytes: Mapped[int]
    sha256: Mapped[str]
    store: Mapped[str]
    store_key: Mapped[str]

    @property
    def handle(self) -> str:
        return f"{FILE_PREFIX}{self.id}"


FILE_PREFIX = "sample-file:"
"""How a component names a MessageTemplateFile among `header_handle`; no handle of Meta's looks like this."""
