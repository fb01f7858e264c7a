"""What time it is where a phone number is from. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import lru_cache

import phonenumbers
from babel.core import get_global

from app.models.time_zones import zone


@lru_cache(maxsize=4_096)
def zone_of_number(number: str) -> str:
    """`+447700900118` → `Europe/London`; empty where the number's country has several times, or is not known.

    A country with two names for one time (Germany's Büsingen) has one.
    """
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    # A number of no range that is given out: by all that share its country code.
    shared = phonenumbers.region_codes_for_country_code(parsed.country_code or 0)
    return _one_zone((region,) if region else tuple(shared))


@lru_cache(maxsize=400)
def _one_zone(regions: tuple[str, ...]) -> str:
    names = [
        name
        for region in regions
        for name in get_global("territory_zones").get(region, ())
        if _is_known(name)
    ]
    return names[0] if names and len({_offsets(name) for name in names}) == 1 else ""


def _is_known(name: str) -> bool:
    try:
        zone(name)
    except ValueError:
        return False
    return True


def _offsets(name: str) -> tuple[timedelta | None, ...]:
    """In winter and in summer, this year."""
    year = datetime.now(UTC).year
    return tuple(datetime(year, month, 1, tzinfo=zone(name)).utcoffset() for month in (1, 7))
