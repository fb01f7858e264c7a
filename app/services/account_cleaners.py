"""What makes a typed value acceptable, field by field. Each answers the clean value or raises Unfit."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from app.crypto import Secret
from app.graph.profiles import VERTICALS

_LONGEST_ID = 30
_SHORTEST_ID = 5
_LONGEST_EMAIL = 128
_LONGEST_SITE = 256
_MOST_SITES = 2
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HEX_32 = re.compile(r"[0-9a-fA-F]{32}")
_DISPLAY_NUMBER = re.compile(r"\+?[0-9 ().\-]{5,40}")


class Unfit(ValueError):
    """A value that cannot be taken; the text is for the person who typed it."""


def text_of(max_length: int) -> Callable[[object], str]:
    """Free text of at most `max_length` characters, line breaks as \\n."""

    def clean(value: object) -> str:
        text = _text(value)
        if len(text) > max_length:
            raise Unfit(
                f"This has {len(text):,} characters, and {max_length:,} is the most. "
                f"Shorten it by {len(text) - max_length:,}."
            )
        return text

    return clean


def meta_id(value: object) -> str:
    """One of Meta's ids: digits, kept as text."""
    text = re.sub(r"[\s\u200b\ufeff]", "", _text(value))
    if not text:
        return ""
    if text.startswith("+"):
        raise Unfit("This looks like a phone number. Meta's ID is a number of its own, without a plus.")
    if not (text.isascii() and text.isdigit()):
        raise Unfit("This has characters other than digits. Meta's IDs are 15 to 17 digits.")
    if not _SHORTEST_ID <= len(text) <= _LONGEST_ID:
        raise Unfit(f"This has {len(text)} digits. Meta's IDs have 15 to 17; copy the whole of it.")
    return text


def app_secret(value: object) -> Secret:
    text = _one_word(value)
    if text.startswith("EAA"):
        raise Unfit(
            "This is an access token, not the App Secret. The token belongs in step 3. The secret stands "
            "under App settings, Basic, and has 32 letters and digits."
        )
    if not 8 <= len(text) <= 128:
        counted = "1 character" if len(text) == 1 else f"{len(text)} characters"
        raise Unfit(f"This has {counted}. The App Secret has 32; choose Show and copy all of it.")
    return Secret(text)


def access_token(value: object) -> Secret:
    """Line breaks and spaces from copying are taken out; no token of Meta's has any."""
    text = re.sub(r"\s", "", _text(value))
    if _HEX_32.fullmatch(text):
        raise Unfit(
            "This looks like an App Secret, not a token. A permanent access token is much longer and starts "
            "with EAA."
        )
    if "|" in text:
        raise Unfit(
            "This is the app's own token. Create a token for a system user instead: it starts with EAA."
        )
    if not (text.isascii() and text.isprintable() and 8 <= len(text) <= 2000):
        raise Unfit("This is not a whole access token. Copy it again: it is long and starts with EAA.")
    return Secret(text)


def verify_token(value: object) -> Secret:
    text = _one_word(value)
    if not 6 <= len(text) <= 128:
        raise Unfit("The verify token needs 6 to 128 characters.")
    return Secret(text)


def phone_number(value: object) -> str:
    """`+` and digits. Raises Unfit for what cannot be a whole international number."""
    text = _text(value)
    for attempt in (text, "+" + re.sub(r"\D", "", text)):
        try:
            parsed = phonenumbers.parse(attempt)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(parsed):
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    raise Unfit(
        "This is not a whole phone number. Write it with a plus and the country code, "
        "such as +44 20 7946 0112."
    )


def display_number(value: object) -> str:
    """How the number is written for people; empty means that Meta's own spelling is taken."""
    text = _text(value)
    if text and not _DISPLAY_NUMBER.fullmatch(text):
        raise Unfit(
            "This is not written like a phone number. Digits, spaces, brackets and a leading plus are fine; "
            "leave it empty to use Meta's spelling."
        )
    return text


def email(value: object) -> str:
    text = _text(value)
    if not text:
        return ""
    try:
        found = validate_email(text, check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError:
        raise Unfit("This is not an email address. Write it like hello@example.com.") from None
    if len(found) > _LONGEST_EMAIL:
        raise Unfit(f"This address is longer than the {_LONGEST_EMAIL} characters that Meta takes.")
    return found


def vertical(value: object) -> str:
    text = _text(value)
    if text and text not in VERTICALS:
        raise Unfit("Meta does not know this line of business. Choose one of the list.")
    return text


def websites(value: object) -> list[str]:
    """At most two addresses; one text or a list of them."""
    given = value if isinstance(value, list | tuple) else [value]
    sites = [site for site in map(_text, given) if site]
    if len(sites) > _MOST_SITES:
        raise Unfit(f"Meta shows {_MOST_SITES} websites at most. Remove {len(sites) - _MOST_SITES}.")
    for site in sites:
        _check_site(site)
    return sites


def switch(value: object) -> bool:
    if value is None:
        return False
    if isinstance(value, bool):
        return value
    raise Unfit("This is either true or false.")


def _check_site(site: str) -> None:
    try:
        parts = urlsplit(site)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in {"http", "https"} or not parts.hostname or " " in site:
        raise Unfit("A website starts with https:// or http://, such as https://example.com.")
    if len(site) > _LONGEST_SITE:
        raise Unfit(f"This address is longer than the {_LONGEST_SITE} characters that Meta takes.")


def _one_word(value: object) -> str:
    text = _text(value)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise Unfit("This has spaces or characters that do not belong in it. Copy it again.")
    return text


def _text(value: object) -> str:
    """Ids may come as JSON numbers; anything that is not text or a whole number is refused."""
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unfit("This must be text.")
    text = str(value).replace("\r\n", "\n").replace("\r", "\n").strip()
    if _CONTROL.search(text):
        raise Unfit("This has characters that cannot be stored. Type it again by hand.")
    return text
