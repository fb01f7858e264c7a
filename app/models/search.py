"""What the search looks into: for each searched row its terms, and what has yet to be made searchable.

A row's terms stand here as one text, a blank between two and one at either end (SQLite, with an FTS5 index
beside the table that triggers keep in step), or as a `tsvector` (PostgreSQL, with a GIN index). These rows
point at no other table: triggers take them away together with what they are about (migration 0004), so
that writing one locks no message.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Dialect, Index, Integer, Text, func
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from app.models.base import Base, BigId


class _TermVector(TypeDecorator[str]):
    """Terms with blanks between them in; PostgreSQL makes the vector, and reads nothing into the words."""

    impl = TSVECTOR
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else value.strip()

    def bind_expression(self, bindparam: Any) -> Any:
        return func.array_to_tsvector(func.string_to_array(bindparam, " ", type_=Text()))


TermList = Text().with_variant(_TermVector(), "postgresql")


class SearchMessage(Base):
    """A message's words."""

    __tablename__ = "search_messages"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    terms: Mapped[str] = mapped_column(TermList)


class SearchContact(Base):
    """A customer's names and number as they are compared, a line each, and the parts of three signs."""

    __tablename__ = "search_contacts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    lines: Mapped[str] = mapped_column(Text)
    terms: Mapped[str] = mapped_column(TermList)


class SearchProgress(Base):
    """How far a kind of rows is searchable: all up to `done_to`, but for those in SearchChange."""

    __tablename__ = "search_progress"

    kind: Mapped[str] = mapped_column(primary_key=True)
    done_to: Mapped[int] = mapped_column(BigInteger, default=0)


class SearchChange(Base):
    """A row whose searched columns changed. Written by triggers; one row per change, never updated, so that
    a change that is committed while another is worked off is not lost."""

    __tablename__ = "search_changes"
    __table_args__ = (Index(None, "kind", "row_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    kind: Mapped[str]
    row_id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer(), "sqlite"))
