"""A place in a webhook's body on the way down to its items."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.graph import reading
from app.graph.webhooks.items import BadElement, ReportedError, Source


@dataclass(slots=True)
class Place:
    """A value, its JSON path, what it is about, and when the body arrived.

    Not frozen: ten of them are made for a single status, and freezing makes each dearer than its reading.
    """

    value: Any
    path: str
    source: Source
    arrived: datetime

    def at(self, key: str) -> Place:
        """The value under this key of an object."""
        found = self.value.get(key) if isinstance(self.value, dict) else None
        return Place(found, f"{self.path}.{key}" if self.path else key, self.source, self.arrived)

    def each(self) -> Iterator[Place | BadElement]:
        """The objects of an array; what is not an object, or not an array, comes as BadElement."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            yield self.bad("this is not a list")
            return
        for index, found in enumerate(self.value):
            place = Place(found, f"{self.path}[{index}]", self.source, self.arrived)
            yield place if isinstance(found, dict) else place.bad("this is not a JSON object")

    def about(self, source: Source) -> Place:
        """The same place, with what is known of it by now."""
        return Place(self.value, self.path, source, self.arrived)

    def bad(self, reason: str) -> BadElement:
        """This place as something that could not be understood."""
        return BadElement(**self.where(), reason=reason, raw=self.value)

    def where(self) -> dict[str, Any]:
        """The fields of Source for an item found here."""
        source = self.source
        return {
            "waba_id": source.waba_id,
            "phone_number_id": source.phone_number_id,
            "display_phone_number": source.display_phone_number,
            "field": source.field,
            "entry_time": source.entry_time,
            "path": self.path,
        }

    def moment(self, key: str = "timestamp") -> datetime:
        """The time under this key; the arrival of the body if it cannot be read."""
        return reading.moment(reading.mapping(self.value).get(key)) or self.arrived


def reported_errors(value: object) -> tuple[ReportedError, ...]:
    """The errors of a value, message or status; old payloads have `details` beside `code`.

    Source: Meta docs, "Webhooks: errors" page, read 2026-09.
    """
    return tuple(map(_reported_error, reading.mappings(value)))


def _reported_error(found: dict[str, Any]) -> ReportedError:
    data = reading.mapping(found.get("error_data"))
    return ReportedError(
        code=reading.integer(found.get("code")),
        title=reading.text(found.get("title")) or reading.text(found.get("message")) or "",
        details=reading.text(data.get("details")) or reading.text(found.get("details")) or "",
        href=reading.text(found.get("href")),
    )
