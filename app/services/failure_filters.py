"""Words by which failed conversations are asked for: whatever the cause, by whose side it was, or by code."""

from __future__ import annotations

import re

from app.queries.conversation_filters import NEVER_AT_META, Failed
from app.services.failures import Side, list_known_codes

ANY = "any"
SIDES = (Side.CUSTOMER, Side.OURS, Side.ACCOUNT, Side.META)
WORDS = (ANY, *(side.value for side in SIDES), NEVER_AT_META)


def is_failure_word(word: str) -> bool:
    """One of WORDS, or a code of Meta's."""
    return word in WORDS or re.fullmatch(r"[0-9]{1,9}", word, re.ASCII) is not None


def read_failed(word: str | None) -> Failed | None:
    """`word`: as `is_failure_word` takes it; none is no such filter."""
    if not word or word == ANY:
        return Failed() if word else None
    if word == NEVER_AT_META:
        return Failed(frozenset(), is_without_code=True)
    if word.isdigit():
        return Failed(frozenset({int(word)}))
    side = Side(word)
    codes = frozenset(known.failure.code or 0 for known in list_known_codes(side=side))
    return Failed(codes, is_without_code=side is Side.OURS, is_unconfirmed=side is Side.META)
