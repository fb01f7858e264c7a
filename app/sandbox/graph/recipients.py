"""Who a message goes to: phone number, business-scoped user id, or group.

Source: Meta docs, "Send messages" and "Business-scoped user IDs" pages, read 2026-09.
"""

import re
from dataclasses import dataclass
from typing import Any

import phonenumbers

from .. import ids
from ..database import Row
from ..store import accounts, customers
from . import errors
from .errors import GraphError
from .registry import Call

BSUID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
FILLERS = str.maketrans("", "", " -()")
SHORTEST, LONGEST = 7, 15


@dataclass(frozen=True)
class Recipient:
    """`user_id` only when the message was addressed by it: then the answer and webhooks hide the phone."""

    wa_id: str
    input: str
    user_id: str | None = None

    def contact(self) -> dict[str, str]:
        if self.user_id is not None:
            return {"input": self.input, "user_id": self.user_id}
        return {"input": self.input, "wa_id": self.wa_id}


def find(call: Call) -> Recipient:
    """`to` wins over `recipient`. Raises GraphError."""
    kind = call.params.get("recipient_type")
    if kind not in (None, "individual", "group"):
        raise errors.one_of("recipient_type", ("individual", "group"), kind)
    to, user_id = call.params.text("to"), call.params.text("recipient")
    if not to and not user_id:
        raise errors.required("to")
    if kind == "group":
        raise GraphError(131041, details="The sandbox has no groups.")
    if to:
        return Recipient(_normalised(to, call.node.row), to)
    return _by_user_id(call, user_id or "")


def _normalised(to: str, number: Row) -> str:
    digits = to.translate(FILLERS).removeprefix("+")
    if not digits.isascii() or not digits.isdigit():
        raise errors.bad_value("to: the phone number may hold digits, +, blanks, hyphens and parentheses.")
    if not to.strip().startswith("+"):
        digits = _with_country(digits, number["wa_id"])
    if not SHORTEST <= len(digits) <= LONGEST:
        raise errors.bad_value("to: a phone number with country code has 7 to 15 digits.")
    return _without_mobile_prefix(digits)


def _with_country(digits: str, sender: str) -> str:
    """Without `+` Meta may put the sender's country code in front; here only where that makes it right."""
    if _is_valid("+" + digits):
        return digits
    code = phonenumbers.country_code_for_region(ids.country_of(sender))
    guess = f"{code}{digits.lstrip('0')}"
    return guess if _is_valid("+" + guess) else digits


def _is_valid(number: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(number))
    except phonenumbers.NumberParseException:
        return False


def _without_mobile_prefix(digits: str) -> str:
    """Mexican mobile numbers lose their old 1: `wa_id` differs from `input`."""
    return "52" + digits[3:] if digits.startswith("521") and len(digits) == 13 else digits


def _by_user_id(call: Call, user_id: str) -> Recipient:
    if not BSUID.fullmatch(user_id):
        raise errors.bad_value("recipient: not a business-scoped user ID.")
    waba = accounts.find_waba(call.db, call.node.waba_id)
    customer = customers.find_by_user_id(call.db, waba["business_id"], user_id) if waba else None
    if customer is None:
        raise GraphError(131026, details="recipient: this business does not know a user with that ID.")
    return Recipient(customer["wa_id"], user_id, user_id)


def is_authentication_by_user_id(recipient: Recipient, template: dict[str, Any] | None) -> bool:
    """Not allowed: error 131062."""
    return recipient.user_id is not None and template is not None and template["category"] == "AUTHENTICATION"
