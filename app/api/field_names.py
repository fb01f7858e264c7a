"""Names of fields in refusals, as the caller wrote them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from app.errors import InvalidFields


def renamed(error: InvalidFields, names: Mapping[str, str]) -> InvalidFields:
    """The same refusal, its fields (and what stands in them) named as the request has them."""
    return InvalidFields([replace(one, field=_named(one.field, names)) for one in error.problems])


def _named(field: str, names: Mapping[str, str]) -> str:
    for ours, theirs in names.items():
        if field == ours or field.startswith(f"{ours}."):
            return theirs + field[len(ours) :]
    return field
