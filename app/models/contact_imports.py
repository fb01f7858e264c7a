"""Files of contacts that are taken over by the worker, and what became of each of their lines."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.models.accounts import Account
from app.models.base import Base, BigId, enum_type, utcnow
from app.models.enums import ContactImportState, ContactRowState

_OPEN = "state IN ('waiting', 'working', 'undoing')"


class ContactImport(Base):
    """A file of contacts. The row is the queue; a worker claims it by a lease.

    `draft`: the file is here, and somebody still says what its columns mean. `content` is there until the
    work is done. `reading`: {"encoding", "delimiter", "has_header"}; `mapping`: what each column means, in
    order, "" for nothing; `options`: {"mode", "wins", "country", "consent_source", "consent_on"}.
    """

    __tablename__ = "contact_imports"
    __table_args__ = (
        Index(None, "account_id", "created_at", "id"),
        Index(
            "ix_contact_imports_open", "lease_until", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("whatsapp_business_accounts.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    actor_name: Mapped[str] = mapped_column(default="")
    file_name: Mapped[str]
    size_bytes: Mapped[int]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
    reading: Mapped[dict[str, Any]] = mapped_column(default=dict)
    columns: Mapped[list[str]] = mapped_column(default=list)
    """What the file calls them; "Column 1" … without a line of names."""
    mapping: Mapped[list[str]] = mapped_column(default=list)
    options: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[ContactImportState] = mapped_column(
        enum_type(ContactImportState), default=ContactImportState.DRAFT
    )
    error: Mapped[str] = mapped_column(Text, default="")
    total: Mapped[int | None]
    """Lines of contacts in the file."""
    created: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    failed: Mapped[int] = mapped_column(default=0)
    undone: Mapped[int] = mapped_column(default=0)
    kept: Mapped[int] = mapped_column(default=0)
    """Lines that the undoing left as they were, since somebody changed them meanwhile."""
    tries: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship()

    @property
    def done(self) -> int:
        """Lines dealt with so far."""
        return self.created + self.updated + self.unchanged + self.failed

    @property
    def is_at_rest(self) -> bool:
        """No worker has anything to do about it."""
        return self.state not in {
            ContactImportState.WAITING,
            ContactImportState.WORKING,
            ContactImportState.UNDOING,
        }


class ContactImportRow(Base):
    """What became of one line. The last one tells where a killed worker stopped.

    `before` and `after`: the contact's values that the line changed, which an undoing goes by; `cells`: a
    line that was not taken, as it stood in the file.
    """

    __tablename__ = "contact_import_rows"
    __table_args__ = (
        Index(None, "contact_id"),
        Index(
            "ix_contact_import_rows_failed",
            "import_id",
            "position",
            sqlite_where=text("state = 'failed'"),
            postgresql_where=text("state = 'failed'"),
        ),
    )

    import_id: Mapped[int] = mapped_column(
        ForeignKey("contact_imports.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The line in the file, as an editor counts it, from 1."""
    state: Mapped[ContactRowState] = mapped_column(enum_type(ContactRowState))
    contact_id: Mapped[int | None] = mapped_column(BigId, ForeignKey("contacts.id", ondelete="SET NULL"))
    error: Mapped[str] = mapped_column(Text, default="")
    before: Mapped[dict[str, Any]] = mapped_column(default=dict)
    after: Mapped[dict[str, Any]] = mapped_column(default=dict)
    cells: Mapped[list[str]] = mapped_column(default=list)
