"""What pages do to values before showing them: dates, numbers, names, lead sentences.

Times come in as aware UTC and are shown in the zone of `timezone()`; words are English, as the pages are.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel.numbers import format_decimal
from flask import Flask, current_app, g, has_app_context

from app.models.time_zones import zone_or_utc
from app.web.markdown import markdown
from app.web.whatsapp_text import whatsapp_text

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_MONTHS = (
    "Jan",
    "Feb",
    "Mar",
    "Apr",
    "May",
    "Jun",
    "Jul",
    "Aug",
    "Sep",
    "Oct",
    "Nov",
    "Dec",
)
_WEEKDAYS = (
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
)
_LOCALE = "en_GB"


def timezone() -> tzinfo:
    """The zone times are shown in: the request's (`g.timezone`), else `DISPLAY_TIMEZONE`, else UTC."""
    if not has_app_context():
        return UTC
    name = g.get("timezone") or current_app.config.get("DISPLAY_TIMEZONE")
    return ZoneInfo(name) if name else UTC


def zone_name() -> str:
    """What to call the zone that times are shown in: `Europe/London`."""
    return str(timezone())


def ago(at: datetime | None, now: datetime | None = None) -> str:
    """`just now`, `40 s ago`, `3 min ago`, `5 h ago`; from one day on the date itself. None is `never`.

    A time slightly ahead (clocks differ) is `just now`; further ahead it is `in 3 min`.
    """
    if at is None:
        return "never"
    seconds = int(((now or datetime.now(UTC)) - at).total_seconds())
    if -5 < seconds < 5:
        return "just now"
    if abs(seconds) >= _DAY:
        return day_time(at, now)
    words = _one_unit(abs(seconds))
    return f"{words} ago" if seconds > 0 else f"in {words}"


def _one_unit(seconds: int) -> str:
    if seconds < _MINUTE:
        return f"{seconds} s"
    if seconds < _HOUR:
        return f"{seconds // _MINUTE} min"
    return f"{seconds // _HOUR} h"


def clock(at: datetime | None, *, with_seconds: bool = False) -> str:
    """`14:32`, or `14:32:09`."""
    if at is None:
        return ""
    return at.astimezone(timezone()).strftime("%H:%M:%S" if with_seconds else "%H:%M")


def day(at: datetime | None, now: datetime | None = None) -> str:
    """`19 Nov`, with the year when it is another one: `3 Mar 2025`."""
    if at is None:
        return ""
    local = at.astimezone(timezone())
    this_year = (now or datetime.now(UTC)).astimezone(timezone()).year
    text = f"{local.day} {_MONTHS[local.month - 1]}"
    return text if local.year == this_year else f"{text} {local.year}"


def day_time(at: datetime | None, now: datetime | None = None) -> str:
    """`19 Nov, 14:32`."""
    return f"{day(at, now)}, {clock(at)}" if at else ""


def day_label(at: datetime | None, now: datetime | None = None) -> str:
    """The line between two days of a thread: `Today`, `Yesterday`, `Wednesday`, `Wednesday, 18 Nov`."""
    if at is None:
        return ""
    local = at.astimezone(timezone())
    days = ((now or datetime.now(UTC)).astimezone(timezone()).date() - local.date()).days
    if days in (0, 1):
        return "Yesterday" if days else "Today"
    return f"{_WEEKDAYS[local.weekday()]}, {day(at, now)}"


def short_time(at: datetime | None, now: datetime | None = None) -> str:
    """For a list: `14:32` today, `Wed` within a week, else `3 Mar`."""
    if at is None:
        return ""
    local = at.astimezone(timezone())
    days = ((now or datetime.now(UTC)).astimezone(timezone()).date() - local.date()).days
    if days <= 0:
        return clock(at)
    return _WEEKDAYS[local.weekday()][:3] if days < 7 else day(at, now)


def iso(at: datetime | None) -> str:
    """For `<time datetime>`: UTC, to the second."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if at else ""


def duration(value: timedelta | float | None) -> str:
    """Two units at most: `0.3 s`, `12 s`, `4 m`, `1 h 50 m`, `3 d 4 h`.

    value: a timedelta, or seconds; below nothing is `0 s`.
    """
    if value is None:
        return ""
    seconds = max(value.total_seconds() if isinstance(value, timedelta) else float(value), 0.0)
    if 0 < seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    return _two_units(int(seconds))


def _two_units(seconds: int) -> str:
    for size, unit, next_size, next_unit in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "m"),
    ):
        if seconds >= size:
            rest = seconds % size // next_size
            return f"{seconds // size} {unit} {rest} {next_unit}" if rest else f"{seconds // size} {unit}"
    return f"{seconds // _MINUTE} m" if seconds >= _MINUTE else f"{seconds} s"


def number(value: float | Decimal | None) -> str:
    """`45,900`; at most two decimals; None is `–`."""
    if value is None:
        return "–"
    return format_decimal(value, format="#,##0.##", locale=_LOCALE)


def percent(value: float | Decimal | None, digits: int = 1) -> str:
    """A share from 0 to 1 as `97.5%`; None (nothing to share) is `–`."""
    if value is None:
        return "–"
    return (
        format_decimal(
            Decimal(str(value)) * 100,
            format=f"#,##0.{'0' * digits}".rstrip("."),
            locale=_LOCALE,
        )
        + "%"
    )


def file_size(size_bytes: int | None) -> str:
    """`184 KB`, `3.1 MB`."""
    if size_bytes is None:
        return ""
    size = float(size_bytes)
    for unit in ("bytes", "KB", "MB"):
        if size < 1_000:
            return f"{size:.0f} {unit}" if size >= 10 or unit == "bytes" else f"{size:.1f} {unit}"
        size /= 1_000
    return f"{size:.1f} GB"


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 number`, `2 numbers`, `2 replies` (many="replies")."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def local_clock(zone: str, now: datetime | None = None) -> str:
    """`21:40` in a zone of this name; empty where it is not known, or shows what the clock here shows."""
    if not zone:
        return ""
    now = now or datetime.now(UTC)
    there = now.astimezone(zone_or_utc(zone))
    return "" if there.utcoffset() == now.astimezone(timezone()).utcoffset() else there.strftime("%H:%M")


def initials(name: str | None) -> str:
    """One or two letters for an avatar; a phone number gives `#`, nothing gives `?`."""
    words = [word for word in (name or "").split() if word[0].isalnum()]
    if not words:
        return "#" if (name or "").strip().startswith("+") else "?"
    if words[0].isdigit():
        return "#"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][0] + words[-1][0]).upper()


_TINTS = ("brand", "info", "ok", "warn", "bot")


def tint(name: str | None) -> str:
    """A lasting avatar colour for a name: one of brand, info, ok, warn, bot."""
    return _TINTS[sum(map(ord, name or "")) % len(_TINTS)]


def lead(text: str) -> tuple[str, str]:
    """Cut `What happened. Why, and what to do.` after its first sentence, so that a page can set it bold."""
    first, stop, rest = text.partition(". ")
    return (f"{first}.", rest) if stop else (text, "")


FILTERS = {
    "ago": ago,
    "clock": clock,
    "day": day,
    "local_clock": local_clock,
    "day_time": day_time,
    "day_label": day_label,
    "short_time": short_time,
    "iso": iso,
    "duration": duration,
    "number": number,
    "percent": percent,
    "file_size": file_size,
    "plural": plural,
    "initials": initials,
    "tint": tint,
    "lead": lead,
    "markdown": markdown,
    "whatsapp_text": whatsapp_text,
}


def init_filters(app: Flask) -> None:
    app.jinja_env.filters.update(FILTERS)
    app.jinja_env.globals["zone_name"] = zone_name
