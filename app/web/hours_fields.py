"""Fields of a form for business hours: a week in a time zone, with holidays."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from wtforms import BooleanField, Form, FormField, StringField, TextAreaField
from wtforms.fields import FieldList
from wtforms.validators import Length, Optional, ValidationError

from app.models.time_zones import zones

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_DAY_MINUTES = 24 * 60
_STRETCHES = ("first", "second", "third", "fourth")


class DayForm(Form):  # type: ignore[misc]
    """One day: its stretches, such as before and after lunch. A program may have set up to four."""

    first_from = StringField("from", [Optional()])
    first_to = StringField("to", [Optional()])
    second_from = StringField("and from", [Optional()])
    second_to = StringField("to", [Optional()])
    third_from = StringField("and from", [Optional()])
    third_to = StringField("to", [Optional()])
    fourth_from = StringField("and from", [Optional()])
    fourth_to = StringField("to", [Optional()])

    def pairs(self) -> list[tuple[StringField, StringField]]:
        return [(self[f"{name}_from"], self[f"{name}_to"]) for name in _STRETCHES]

    def shown_pairs(self) -> list[tuple[StringField, StringField]]:
        """Two to fill in, and those beyond that are filled in."""
        pairs = self.pairs()
        return pairs[:2] + [pair for pair in pairs[2:] if pair[0].data or pair[1].data]

    def spans(self) -> list[list[int]]:
        """Raises ValueError for half a stretch and for what is no time."""
        found = []
        for first, end in self.pairs():
            if first.data or end.data:
                found.append([_minute(first.data), _minute(end.data) or _DAY_MINUTES])
        return found


def _minute(text: str | None) -> int:
    parts = _TIME.fullmatch(text or "")
    if parts is None:
        raise ValueError("not a time")
    return int(parts[1]) * 60 + int(parts[2])


def _clock(minute: int) -> str:
    return f"{minute // 60 % 24:02d}:{minute % 60:02d}"


class HoursFields:
    """To be mixed into a form, before its base. Rules for the values stand in the services."""

    has_hours = BooleanField("Keep business hours")
    time_zone = StringField(
        "Time zone",
        [Length(max=64, message="This is too long. 64 characters are the most.")],
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    hours = FieldList(FormField(DayForm), min_entries=7, max_entries=7)
    holidays = TextAreaField(
        "Holidays",
        [Optional(), Length(max=20_000, message="This is too long. 20,000 characters are the most.")],
        render_kw={"rows": 5},
    )

    @staticmethod
    def shown_hours(row: Any) -> dict[str, Any]:
        """`row` has has_hours, time_zone, hours and holidays, as the bot's settings do."""
        week: Sequence[Any] = row.hours or [[]] * 7
        return {
            "has_hours": row.has_hours,
            "time_zone": row.time_zone,
            "hours": [_shown_day(day) for day in week],
            "holidays": "\n".join(f"{one['day']} {one['name']}".strip() for one in row.holidays),
        }

    @property
    def zones(self) -> Sequence[str]:
        """To choose from while typing."""
        return zones()

    def validate_hours(self, field: FieldList) -> None:
        wrong = []
        for name, day in zip(_DAYS, field, strict=True):
            try:
                day.form.spans()
            except ValueError:
                wrong.append(name)
        if wrong:
            raise ValidationError(
                f"{', '.join(wrong)}: give begin and end of each stretch as a time, or leave both empty."
            )

    def hours_values(self) -> dict[str, Any]:
        """As the services take them; of a form that is valid."""
        lines = (self.holidays.data or "").splitlines()
        return {
            "has_hours": self.has_hours.data,
            "time_zone": self.time_zone.data,
            "hours": [day.form.spans() for day in self.hours],
            "holidays": [_holiday(line) for line in lines if line.strip()],
        }


def _shown_day(day: Sequence[Sequence[int]]) -> dict[str, str]:
    shown: dict[str, str] = {}
    for name, (begin, stop) in zip(_STRETCHES, day, strict=False):
        shown |= {f"{name}_from": _clock(begin), f"{name}_to": _clock(stop)}
    return shown


def _holiday(line: str) -> dict[str, str]:
    day, _, name = line.strip().partition(" ")
    return {"day": day, "name": name.strip()}
