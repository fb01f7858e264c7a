"""Customers' numbers that whoever looks may not see in full: the page's door says in which accounts.

Only what is shown is masked (`shown_number`, `display_name`); what is sent and looked up stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from contextvars import ContextVar

from app.models.phone_spelling import spell_phone

_SHOWN = 4
_NUMBER = re.compile(r"\+?\d[\d ().-]{6,20}\d")
"""In the digits of any script."""
NAME_NUMBERS = ("contacts", "system")
"""Kinds of messages that are not a person's own words: notices of WhatsApp's, and contact cards."""
_hidden_in: ContextVar[frozenset[int]] = ContextVar("hidden_in", default=frozenset())


def hide_numbers_of(account_ids: Collection[int]) -> None:
    """From now on, in this request; an empty collection ends it."""
    _hidden_in.set(frozenset(account_ids))


def are_hidden(account_id: int) -> bool:
    return account_id in _hidden_in.get()


def mask_number(number: str) -> str:
    """`+447700900118` → `+44 ••• ••• 0118`; nothing stays nothing."""
    if not number:
        return ""
    first = spell_phone(number).split(" ", maxsplit=1)[0]
    country = first if first.startswith("+") and len(first) <= _SHOWN else "+"
    return f"{country} ••• ••• {number[-_SHOWN:]}"


def shown_text(account_id: int, message_type: str, text: str) -> str:
    """A message's words for whoever looks; what people wrote themselves stays as they wrote it."""
    return shown_words(account_id, text) if message_type in NAME_NUMBERS else text


def shown_words(account_id: int, text: str) -> str:
    """A name, or Meta's words about a customer, for whoever looks."""
    return mask_numbers_in(text) if are_hidden(account_id) else text


def mask_numbers_in(text: str) -> str:
    """For lines of WhatsApp's own, such as that a customer's number changed."""
    return _NUMBER.sub(lambda found: mask_number("+" + _digits(found[0])), text)


def cut_numbers(name: str) -> str:
    """What of a name is none: nobody is greeted by a number."""
    return " ".join(_NUMBER.sub(" ", name).split()) if _NUMBER.search(name) else name


def _digits(text: str) -> str:
    return "".join(str(int(char)) for char in text if char.isdecimal())
