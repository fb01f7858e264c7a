"""How Meta's ids of people and accounts look."""

from __future__ import annotations

import re

_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}", re.ASCII)
_NODE_ID = re.compile(r"[A-Za-z0-9_=-]{1,128}", re.ASCII)
_PHONE_NOISE = re.compile(r"[\s().\u00a0\u2010-\u2015-]+")
_PHONE = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)  # E.164: at most 15 digits


def is_user_id(value: str) -> bool:
    """Is this a business-scoped user id (BSUID) such as `US.7310000000000000101`?

    The pattern decides, not the key: some payloads carry one in `from` or `wa_id`.
    Source: Meta docs, "Business-scoped user IDs" page, read 2026-09; letters beside digits are
    accepted to be safe (unverified).
    """
    return _USER_ID.fullmatch(value) is not None


def is_node_id(value: str) -> bool:
    """Can this stand as one segment in a Graph path? (No slash, dot or query may sneak in.)"""
    return _NODE_ID.fullmatch(value) is not None


def phone_with_plus(value: str) -> str | None:
    """A phone number as Meta should get it: `+`, country code, digits. None if it is not one.

    Without the `+` Meta may put the business number's country code in front.
    Source: Meta docs, "Send messages" page, read 2026-09.
    """
    bare = _PHONE_NOISE.sub("", value)
    full = bare if bare.startswith("+") else f"+{bare}"
    return full if _PHONE.fullmatch(full) else None
