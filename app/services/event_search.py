"""What somebody types to find events, and how it stands in an address: sealed, never in the clear.

A phone number in an address ends up in histories, logs and screenshots; so do message ids, which have
the customer's number inside.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from app.crypto import Secret, current_cipher
from app.errors import InvalidFields
from app.models import PhoneNumber
from app.services.conversations import normalise_recipient
from app.services.event_keys import MESSAGE, NUMBER, PERSON, USER

LONGEST = 200
_LONGEST_SEALED = 2_000
_PURPOSE = "event-search:"
_LIKE_A_NUMBER = re.compile(r"[\d\s()+./-]+")


def seal(text: str) -> str:
    """An opaque form for an address; another each time."""
    return current_cipher.get().encrypt(Secret(_PURPOSE + text))


def unseal(token: str) -> str:
    """What was sealed; empty for anything that we did not seal."""
    if not token or len(token) > _LONGEST_SEALED or not token.isascii():
        return ""
    opened = current_cipher.get().decrypt(token)
    text = opened.reveal() if opened is not None else ""
    return text.removeprefix(_PURPOSE) if text.startswith(_PURPOSE) else ""


def keys_for(text: str, numbers: Sequence[PhoneNumber]) -> tuple[str, ...]:
    """Under which keys an event may be kept that this text means.

    A phone number may be written in any way; without a country code it is read as one of the
    countries of `numbers`. Those are also found themselves, by number or by Meta's id.
    """
    text = text.strip()[:LONGEST]
    if not text:
        return ()
    if not _LIKE_A_NUMBER.fullmatch(text) or not any(map(str.isdigit, text)):
        return (MESSAGE + text, USER + text)
    digits = {re.sub(r"[^0-9]", "", text)} | {_international(text, number) for number in numbers}
    ours = [number for number in numbers if re.sub(r"[^0-9]", "", number.phone_number) in digits]
    return tuple(
        sorted(
            {PERSON + value for value in digits if value}
            | {NUMBER + value for value in digits if value}
            | {NUMBER + number.meta_id for number in ours}
        )
    )


def person_keys(text: str) -> tuple[str, ...]:
    """A customer's phone number with its country code, in any spelling, or their user id."""
    digits = re.sub(r"[^0-9]", "", text)
    return (PERSON + digits,) if _LIKE_A_NUMBER.fullmatch(text) and digits else (USER + text.strip(),)


def _international(text: str, number: PhoneNumber) -> str:
    try:
        wa_id, _ = normalise_recipient(text, number)
    except InvalidFields:
        return ""
    return wa_id or ""
