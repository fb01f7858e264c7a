"""Places in a list that is ordered by a time and an id: where the next page begins."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, or_

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_LATEST_US = (datetime(9999, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, order=True)
class Cursor:
    """One row's place. Written as `microseconds-id`, so that it can stand in an address."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> Cursor | None:
        """The place, or None for nothing and for nonsense (an address can say anything)."""
        first, _, second = (text or "").partition("-")
        if not (_is_count(first) and _is_count(second)):
            return None
        microseconds, id_ = int(first), int(second)
        if microseconds > _LATEST_US or id_ > _LARGEST_ID:
            return None
        return cls(_EPOCH + microseconds * _MICROSECOND, id_)

    def is_after(self, at_column: Any, id_column: Any) -> ColumnElement[bool]:
        """The condition: rows older than this place."""
        # Said twice, so that an index on the time finds where to begin.
        return and_(at_column <= self.at, or_(at_column < self.at, id_column < self.id))

    def is_before(self, at_column: Any, id_column: Any) -> ColumnElement[bool]:
        """The condition: rows newer than this place, for a list that begins with the oldest."""
        return and_(at_column >= self.at, or_(at_column > self.at, id_column > self.id))

    def is_not_after(self, at_column: Any, id_column: Any) -> ColumnElement[bool]:
        """The condition: this place's row and all newer ones."""
        return and_(at_column >= self.at, or_(at_column > self.at, id_column >= self.id))


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 20
