"""What a person entered on a screen, and what the phone would not let pass.

Source: Meta docs, "Components" page, read 2026-05; the wordings are ours.
"""

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any, Protocol

from .items import Item, Page, Part
from .patterns import match_all

LONGEST_ENTRY = 10_000
NUMBER = re.compile(r"-?\d+([.,]\d+)?")
EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
PHONE = re.compile(r"\+?[\d ()./-]{4,24}")
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


class Posted(Protocol):
    """A submitted form: what was entered, by the name of the field."""

    def one(self, name: str) -> str: ...
    def many(self, name: str) -> list[str]: ...
    def files(self, item: Item) -> list[Part]: ...


def read(page: Page, posted: Posted) -> Part:
    """name → entry for each field that can be changed now. Choices that were not offered are dropped."""
    return {item.name: READERS[item.kind](item, posted) for item in page.fields if item.is_enabled}


def check(page: Page, form: Part) -> dict[str, str]:
    """name → what is wrong, for the fields on the screen; empty when it may be left."""
    wrong: dict[str, str] = {}
    for item in page.fields:
        message = next(_complaints(item, form.get(item.name)), None)
        if message is not None:
            wrong[item.name] = item.error_message or message
    return wrong | _unmatched([item for item in page.fields if item.name not in wrong], form)


def _unmatched(items: list[Item], form: Part) -> dict[str, str]:
    asked = [item for item in items if item.kind == "text" and item.pattern and form.get(item.name)]
    matches = match_all([(item.pattern, str(form[item.name])) for item in asked])
    return {
        item.name: item.error_message or item.help or "This does not have the form that is asked for."
        for item, is_match in zip(asked, matches, strict=True)
        if not is_match
    }


def _text(item: Item, posted: Posted) -> str:
    text = posted.one(item.name)[:LONGEST_ENTRY]
    return text.replace("\r\n", "\n") if item.kind == "area" else text.strip()


def _some(item: Item, posted: Posted) -> list[str]:
    wanted = posted.many(item.name)
    return [option.id for option in item.options if option.id in wanted and option.is_enabled]


def _one(item: Item, posted: Posted) -> str:
    wanted = posted.one(item.name)
    return next((option.id for option in item.options if option.id == wanted and option.is_enabled), "")


def _is_on(item: Item, posted: Posted) -> bool:
    return bool(posted.one(item.name))


def _range(item: Item, posted: Posted) -> Part:
    return {key: posted.one(f"{item.name}:{key}").strip()[:20] for key in ("start-date", "end-date")}


def _files(item: Item, posted: Posted) -> list[Part]:
    return posted.files(item)


def _kept(item: Item, _posted: Posted) -> Any:
    """A list is left by a tap on its row; see player."""
    return item.value


READERS: dict[str, Callable[[Item, Posted], Any]] = {
    "text": _text,
    "area": _text,
    "date": _text,
    "some": _some,
    "chips": _some,
    "one": _one,
    "dropdown": _one,
    "check": _is_on,
    "range": _range,
    "photos": _files,
    "documents": _files,
    "list": _kept,
}


def _complaints(item: Item, value: Any) -> Iterator[str]:
    if item.kind == "list":
        return
    is_empty = not (any(value.values()) if isinstance(value, dict) else value)
    if is_empty and item.is_required:
        yield "This is required."
    if item.kind in {"photos", "documents", "some", "chips"}:
        yield from _count_complaints(item, len(value) if isinstance(value, list) else 0)
    if is_empty:
        return
    if item.kind in {"text", "area"}:
        yield from _text_complaints(item, str(value))
    if item.kind == "date":
        yield from _day_complaints(item, _day(str(value)))
    if item.kind == "range" and isinstance(value, dict):
        yield from _range_complaints(item, value)


def _count_complaints(item: Item, count: int) -> Iterator[str]:
    what = "files" if item.kind in {"photos", "documents"} else "choices"
    # A group that is not required may stay empty; a picker that wants files is required by that.
    may_be_empty = what == "choices" and not item.is_required
    if item.least is not None and count < item.least and not (count == 0 and may_be_empty):
        yield f"At least {item.least} {what}, please."
    if item.most is not None and count > item.most:
        yield f"At most {item.most} {what}, please."


def _text_complaints(item: Item, value: str) -> Iterator[str]:
    if item.least is not None and len(value) < item.least:
        yield f"At least {item.least} characters, please."
    if item.most is not None and len(value) > item.most:
        yield f"At most {item.most} characters, please; these are {len(value)}."
    wanted, words = FORMS.get(item.input_type, (None, ""))
    if item.kind == "text" and wanted is not None and not wanted.fullmatch(value):
        yield words


FORMS: dict[str, tuple[re.Pattern[str], str]] = {
    "number": (NUMBER, "This must be a number."),
    "email": (EMAIL, "This must be an e-mail address, as name@example.com."),
    "phone": (PHONE, "This must be a phone number."),
    "passcode": (re.compile(r"[0-9]+"), "A passcode has digits only."),
}


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        return None


def _day_complaints(item: Item, day: date | None) -> Iterator[str]:
    if day is None:
        yield "This must be a date."
        return
    earliest, latest = _day(item.earliest), _day(item.latest)
    if earliest is not None and day < earliest:
        yield f"The earliest day is {earliest.isoformat()}."
    if latest is not None and day > latest:
        yield f"The latest day is {latest.isoformat()}."
    if day.isoformat() in item.unavailable:
        yield "That day is not available."
    if item.weekdays and WEEKDAYS[day.weekday()] not in item.weekdays:
        yield f"Only these days: {', '.join(item.weekdays)}."


def _range_complaints(item: Item, value: Part) -> Iterator[str]:
    first, last = (_day(str(value.get(key) or "")) for key in ("start-date", "end-date"))
    yield from _day_complaints(item, first)
    yield from _day_complaints(item, last)
    if first is None or last is None:
        return
    if last < first:
        yield "The last day is before the first."
    days = (last - first + timedelta(days=1)).days
    if item.least is not None and days < item.least:
        yield f"At least {item.least} days, please."
    if item.most is not None and days > item.most:
        yield f"At most {item.most} days, please."
