"""How a phone number is written for people."""

from __future__ import annotations

from functools import lru_cache

import phonenumbers


@lru_cache(maxsize=4_096)
def spell_phone(number: str) -> str:
    """`+447700900118` → `+44 7700 900118`; what is not a possible number in E.164 stays as it is."""
    if not (number.startswith("+") and number[1:].isdigit()):
        return number
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    if not phonenumbers.is_possible_number(parsed):
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
