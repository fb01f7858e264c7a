"""Field types that are strict where marshmallow's own are generous, and how values are shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any, cast

from apiflask import Schema
from marshmallow import ValidationError, fields, validate

from app.api.blueprint import LARGEST_ID
from app.api.paging import read_cursor
from app.crypto import Secret
from app.queries.slices import Turn

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
MAX_LIMIT = 200
_DEFAULT_LIMIT = 50


def described(text: str, example: Any = None) -> dict[str, Any]:
    """`metadata` for a field: its description and example in the API's own description."""
    given = {"description": text or None, "example": example}
    return {key: value for key, value in given.items() if value is not None}


class Text(fields.String):
    """Text of bounded length without characters that a database cannot keep."""

    def __init__(self, most: int = 255, *, least: int = 0, **options: Any) -> None:
        super().__init__(validate=validate.Length(min=least or None, max=most), **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> str:
        text: str = super()._deserialize(value, attr, data, **options)
        if _UNSTORABLE.search(text):
            raise ValidationError("Has a character that cannot be stored.")
        return text


class Flag(fields.Boolean):
    """true or false; not 1, "yes" or "on"."""

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError("Must be true or false.")
        return value


class Id(fields.Integer):
    """One of our ids in a JSON body."""

    def __init__(self, **options: Any) -> None:
        super().__init__(strict=True, validate=validate.Range(1, LARGEST_ID), **options)


class QueryInteger(fields.Integer):
    """A whole number in an address: digits, and nothing else that Python would take for a number."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        super().__init__(validate=validate.Range(least, most), **options)

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,18}", value, re.ASCII):
            raise ValidationError("Must be a whole number.")
        return int(value)


class Moment(fields.AwareDateTime):
    """A moment in UTC. Taken as ISO 8601 (a date is its first moment), shown with a Z."""

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> datetime:
        try:
            moment = datetime.fromisoformat(value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
        except (TypeError, ValueError, OverflowError):
            raise ValidationError(
                "Must be a date or a time such as 2026-11-22T09:30:00Z (write a plus sign as %2B)."
            ) from None

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> str | None:
        if value is None:
            return None
        return str(value.isoformat(timespec="milliseconds").replace("+00:00", "Z"))


class Choice(fields.String):
    """One of a closed set of words."""

    def __init__(self, *words: str, **options: Any) -> None:
        super().__init__(validate=validate.OneOf(words), **options)

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> str | None:
        return None if value is None else str(value)


class Masked(fields.Field[Any]):
    """A stored Secret, shown as whether it is set and its last characters. Never taken in here."""

    def __init__(self, **options: Any) -> None:
        ends_in = {"type": "string", **described("Empty when too short to show a part of.", "1234")}
        metadata = {
            "type": "object",
            "required": ["is_set", "ends_in"],
            "properties": {"is_set": {"type": "boolean"}, "ends_in": ends_in},
        }
        super().__init__(metadata=metadata, dump_only=True, **options)

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> dict[str, Any]:
        secret: Secret | None = value
        return {"is_set": bool(secret), "ends_in": secret.tail() if secret else ""}


class CursorField(fields.Field[Turn]):
    """A cursor from an earlier answer's `next` or `previous`."""

    def __init__(self, **options: Any) -> None:
        metadata = {"type": "string", **described("The page's begin, from next or previous.")}
        super().__init__(metadata=metadata, **options)

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> Turn:
        turn = read_cursor(str(value))
        if turn is None:
            raise ValidationError("This is not a cursor of ours. Follow “next” and “previous” as they are.")
        return turn


class ListQuery(Schema):
    """What every list takes."""

    limit = QueryInteger(
        1, MAX_LIMIT, load_default=_DEFAULT_LIMIT, metadata=described("Rows per page.", _DEFAULT_LIMIT)
    )
    cursor = CursorField()


class Rows(fields.Field[Any]):
    """A list of rows, each as its schema shows it; in the description a reference to that schema."""

    def __init__(self, item: type[Schema], **options: Any) -> None:
        self._item = item
        reference = {"$ref": f"#/components/schemas/{item.__name__}"}
        super().__init__(metadata={"type": "array", "items": reference}, dump_only=True, **options)

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> list[dict[str, Any]]:
        return [self._item().dump(row) for row in value]


def list_of(item: type[Schema], name: str) -> type[Schema]:
    """The schema of one page of a list."""
    address = described("The address of the neighbouring page, or null.")
    made = Schema.from_dict(
        {
            "results": Rows(item, required=True),
            "next": fields.String(required=True, allow_none=True, metadata=address),
            "previous": fields.String(required=True, allow_none=True, metadata=address),
        },
        name=name,
    )
    return cast("type[Schema]", made)
