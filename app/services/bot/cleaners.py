"""What makes a value of the bot's settings acceptable. Each answers the clean value or raises Unfit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from app.models.time_zones import zones
from app.services.account_cleaners import Unfit
from app.services.bot import hours
from app.services.bot.words import fold

_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2})?")
_MOST_LANGUAGES = 40
_MOST_PHRASES = 60
_LONGEST_PHRASE = 120
_MOST_HOLIDAYS = 200
_LONGEST_NAME = 80
_MOST_SPANS = 4
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def number(least: int, most: int) -> Callable[[object], int]:
    """A whole number, also as it is typed."""

    def clean(value: object) -> int:
        text = str(value).strip()
        is_whole = not isinstance(value, (bool, float)) and re.fullmatch(r"-?[0-9]{1,9}", text, re.ASCII)
        if not is_whole or not least <= int(text) <= most:
            raise Unfit(f"This must be a whole number from {least:,} to {most:,}.")
        return int(text)

    return clean


def switch(value: object) -> bool:
    if not isinstance(value, bool):
        raise Unfit("This must be on or off.")
    return value


def language(value: object) -> str:
    """A language's code, or empty for any."""
    text = str(value or "").strip()
    if text and not _LANGUAGE.fullmatch(text):
        raise Unfit("A language is written as its code, such as en, es or pt_BR.")
    return text


def phrases(value: object) -> list[str]:
    """Each with something in it that can be looked for; doubles once."""
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise Unfit("This must be a list of words or phrases.")
    kept: dict[str, str] = {}
    for one in (" ".join(given.split()) for given in value):
        if not one:
            continue
        if len(one) > _LONGEST_PHRASE:
            raise Unfit(f"“{one[:30]}…” is too long: {_LONGEST_PHRASE} characters are the most.")
        folded = fold(one)
        if not folded:
            raise Unfit(f"“{one}” has no letter, digit or sign to look for.")
        kept.setdefault(folded, one)
    if len(kept) > _MOST_PHRASES:
        raise Unfit(f"These are {len(kept)} phrases, and {_MOST_PHRASES} are the most.")
    return list(kept.values())


def wish_words(value: object) -> dict[str, list[str]]:
    """By language; a language without words is left out."""
    if not isinstance(value, Mapping):
        raise Unfit("This must be words by language.")
    if len(value) > _MOST_LANGUAGES:
        raise Unfit(f"These are {len(value)} languages, and {_MOST_LANGUAGES} are the most.")
    cleaned = {language(code): phrases(words) for code, words in value.items()}
    if "" in cleaned:
        raise Unfit("Each line begins with a language's code, such as en.")
    return {code: words for code, words in cleaned.items() if words}


def time_zone(value: object) -> str:
    name = str(value or "").strip()
    if name not in zones():
        raise Unfit(
            "This machine knows no such time zone. Write it as in Europe/London or America/Sao_Paulo."
        )
    return name


def week(value: object) -> list[list[list[int]]]:
    """Seven days, Monday first, each up to four spans of minutes that do not overlap."""
    if not isinstance(value, list) or len(value) not in (0, 7):
        raise Unfit("This must be seven days, Monday first.")
    return [_day(name, day) for name, day in zip(_DAYS, value, strict=False)]


def _day(name: str, value: object) -> list[list[int]]:
    if not isinstance(value, list) or len(value) > _MOST_SPANS:
        raise Unfit(f"{name} must be a list of up to {_MOST_SPANS} spans.")
    spans = sorted(_span(name, one) for one in value)
    ends = [end if end > first else end + hours.DAY for first, end in spans]
    if any(first < end for (first, _), end in zip(spans[1:], ends, strict=False)):
        raise Unfit(f"On {name} two spans overlap.")
    return spans


def _span(name: str, value: object) -> list[int]:
    minutes: list[Any] = list(value) if isinstance(value, list | tuple) else []
    if len(minutes) != 2 or not all(type(one) is int for one in minutes):
        raise Unfit(f"On {name} each span must be a begin and an end.")
    first, end = minutes
    if not (0 <= first < hours.DAY and 0 <= end <= hours.DAY) or first == end:
        raise Unfit(f"On {name} a span must begin and end within the day, and not at the same minute.")
    return [first, end]


def holidays(value: object) -> list[dict[str, str]]:
    """In order, each day once."""
    if not isinstance(value, list) or len(value) > _MOST_HOLIDAYS:
        raise Unfit(f"This must be a list of up to {_MOST_HOLIDAYS} holidays.")
    kept: dict[str, str] = {}
    for one in value:
        day = one.get("day") if isinstance(one, Mapping) else None
        try:
            parsed = date.fromisoformat(str(day))
        except ValueError:
            raise Unfit(f"“{day or one}” is not a day. Write it as in 2026-12-25.") from None
        name = " ".join(str(one.get("name") or "").split())
        if len(name) > _LONGEST_NAME:
            raise Unfit(f"The name of {parsed} is too long: {_LONGEST_NAME} characters are the most.")
        kept[parsed.isoformat()] = name
    return [{"day": day, "name": name} for day, name in sorted(kept.items())]


def address(value: object) -> str:
    """An http or https address without a password, or empty."""
    text = str(value or "").strip().rstrip("/")
    if not text:
        return ""
    if not _is_address(text) or len(text) > 500:
        raise Unfit(
            "This must be an address such as https://models.example.com/v1, without a password in it."
        )
    return text


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        has_place = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return has_place and not (parts.username or parts.password or parts.fragment or " " in text)


def words(most: int) -> Callable[[object], str]:
    """One line of text."""

    def clean(value: object) -> str:
        text: Any = " ".join(str(value or "").split())
        if len(text) > most:
            raise Unfit(f"This has {len(text):,} characters, and {most:,} is the most.")
        return str(text)

    return clean
