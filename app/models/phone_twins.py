"""Two spellings of one phone number, where a country changed how its mobile numbers are written.

Meta may answer with another spelling than it was given (Brazil, Mexico; Meta docs, "Send messages" page, read
2026-09), and which one a customer has depends on when they joined WhatsApp. Landlines were never changed.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Twin:
    """The other spelling, without a plus. `is_certain`: nobody else can have it; otherwise it may be a
    landline."""

    wa_id: str
    rule: str
    is_certain: bool = True


_BRAZIL = "Brazil’s ninth digit"
_MEXICO = "Mexico’s old 1"
_ARGENTINA = "Argentina’s 9"
# The old mobile numbers of Brazil began with 6 to 9; with 2 to 5 begin landlines, which got no ninth digit.
_BRAZIL_NEW = re.compile(r"(55[1-9][1-9])9([6-9]\d{7})", re.ASCII)
_BRAZIL_OLD = re.compile(r"(55[1-9][1-9])([6-9]\d{7})", re.ASCII)
_MEXICO_OLD = re.compile(r"521(\d{10})", re.ASCII)
_MEXICO_NEW = re.compile(r"52(\d{10})", re.ASCII)
# Without the 9 the same digits are somebody's landline: `54 11 4123 4567` and `54 9 11 4123 4567` may be two
# people.
_ARGENTINA_MOBILE = re.compile(r"549(\d{10})", re.ASCII)
_ARGENTINA_LANDLINE = re.compile(r"54([1-8]\d{9})", re.ASCII)
_RULES = (
    (_BRAZIL_NEW, r"\1\2", _BRAZIL, True),
    (_BRAZIL_OLD, r"\g<1>9\2", _BRAZIL, True),
    (_MEXICO_OLD, r"52\1", _MEXICO, True),
    (_MEXICO_NEW, r"521\1", _MEXICO, True),
    (_ARGENTINA_MOBILE, r"54\1", _ARGENTINA, False),
    (_ARGENTINA_LANDLINE, r"549\1", _ARGENTINA, False),
)


def twin_of(wa_id: str) -> Twin | None:
    """The other spelling of a number given by its digits; None where there is but one."""
    for pattern, other, rule, is_certain in _RULES:
        if pattern.fullmatch(wa_id):
            return Twin(pattern.sub(other, wa_id), rule, is_certain)
    return None


def spellings_of(wa_id: str) -> tuple[str, ...]:
    """It, and the other spelling where that is certain to be the same phone."""
    twin = twin_of(wa_id)
    return (wa_id, twin.wa_id) if twin and twin.is_certain else (wa_id,)


def is_mobile_twin(wa_id: str) -> bool:
    """Whether these digits have Argentina's 9: WhatsApp writes mobile numbers so, and landlines without."""
    return _ARGENTINA_MOBILE.fullmatch(wa_id) is not None
