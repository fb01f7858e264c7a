"""Ids that look like Meta's: digits for nodes, `wamid.` and base64 for messages, EAA… for tokens."""

import base64
import hashlib
import secrets
import string

import phonenumbers

LETTERS = string.ascii_letters + string.digits
_TO_LETTERS = bytes(ord(LETTERS[byte % len(LETTERS)]) for byte in range(256))


def node_id() -> str:
    """15 digits, first not zero; treat as a string (beyond 2^53 in general)."""
    return str(secrets.randbelow(9) + 1) + "".join(secrets.choice(string.digits) for _ in range(14))


def wamid(wa_id: str) -> str:
    raw = b"\x1c\x18" + wa_id.encode()[:20] + b"\x15\x02\x00\x11\x18" + secrets.token_hex(8).upper().encode()
    return "wamid." + base64.b64encode(raw).decode()


def trace_id() -> str:
    # One look at the system's randomness, not one per letter: every answer carries such an id.
    return "A" + secrets.token_bytes(22).translate(_TO_LETTERS).decode()


def access_token() -> str:
    return "EAA" + "".join(secrets.choice(LETTERS) for _ in range(120))


def app_secret() -> str:
    return secrets.token_hex(16)


def digits_of(text: str) -> str:
    return "".join(character for character in text if character.isdigit())


def user_id(business_id: str, wa_id: str) -> str:
    """Business-scoped user id (`CC.digits`), the same each time for one person and portfolio.

    Source: Meta docs, "Business-scoped user IDs" page, read 2026-09.
    """
    digest = hashlib.sha256(f"{business_id}:{wa_id}".encode()).hexdigest()
    return f"{country_of(wa_id)}.{int(digest[:15], 16) % 10**18:018d}"


def country_of(wa_id: str) -> str:
    """ISO country of a number in international digits; US when it cannot be told."""
    try:
        region = phonenumbers.region_code_for_number(phonenumbers.parse("+" + wa_id))
    except phonenumbers.NumberParseException:
        region = None
    return region if region and region.isalpha() else _country_of_code(wa_id)


def dial_code_of(wa_id: str) -> str:
    """`44` of `447700900900`; `1` when it cannot be told."""
    try:
        return str(phonenumbers.parse("+" + wa_id).country_code or 1)
    except phonenumbers.NumberParseException:
        return "1"


def _country_of_code(wa_id: str) -> str:
    try:
        code = phonenumbers.parse("+" + wa_id).country_code or 1
    except phonenumbers.NumberParseException:
        return "US"
    region = phonenumbers.region_code_for_country_code(code)
    return region if region.isalpha() and len(region) == 2 else "US"


def identity_key_hash(wa_id: str, generation: int = 0) -> str:
    """The hash of a person's identity key, as webhooks and `recipient_identity_key_hash` carry it.

    generation: how often the key changed.
    """
    named = f"identity:{wa_id}" + (f":{generation}" if generation else "")
    return hashlib.sha256(named.encode()).hexdigest()[:12]


def display_number(wa_id: str) -> str:
    """`442071838750` → `+44 20 7183 8750`; digits with a plus when the number is not a known one."""
    try:
        parsed = phonenumbers.parse("+" + wa_id)
    except phonenumbers.NumberParseException:
        return "+" + wa_id
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
