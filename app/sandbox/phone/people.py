"""Customers made and changed on the page."""

from werkzeug.datastructures import MultiDict

from .. import clock, ids
from .. import settings as settings_store
from ..context import Sandbox
from ..inbound import InvalidInbound
from ..store import customers
from ..webhooks import people
from .chat import Chat

LONGEST_NAME = 100


def turn(sandbox: Sandbox, chat: Chat, trait: str) -> None:
    """Turn one trait of the customer shown; the app is told of a changed wish about marketing."""
    where = (chat.number["business_id"], chat.customer.wa_id)
    with sandbox.db.write():
        row = customers.get_or_add(sandbox.db, *where)
        is_on = not row[trait]
        if trait == "reads_messages" and not sandbox.settings.reads_messages:
            settings_store.change(sandbox.db, {trait: True})
            is_on = True
        customers.change(sandbox.db, *where, {trait: int(is_on)})
        people.follow_up(sandbox, chat.number, row, customers.get_or_add(sandbox.db, *where))


def _free_wa_id(sandbox: Sandbox, business_id: str) -> str:
    """Stands for a person without a number; two made in the same second are two."""
    at = int(clock.now())
    while customers.find(sandbox.db, business_id, f"1999{at}") is not None:
        at += 1
    return f"1999{at}"


def add(sandbox: Sandbox, chat: Chat, form: "MultiDict[str, str]") -> str:
    """A customer with `name` and `other`, a number; without one only with a user id. Answers the wa_id."""
    name, username = form.get("name", "").strip(), form.get("username", "").strip().lstrip("@")
    digits = ids.digits_of(form.get("other", ""))
    if digits and not 7 <= len(digits) <= 15:
        raise InvalidInbound("A phone number has 7 to 15 digits, country code included.")
    if not name or len(name) > LONGEST_NAME or len(username) > LONGEST_NAME:
        raise InvalidInbound(f"The customer needs a name of at most {LONGEST_NAME} characters.")
    wa_id, business_id = (
        digits or _free_wa_id(sandbox, chat.number["business_id"]),
        chat.number["business_id"],
    )
    with sandbox.db.write():
        customers.rename(sandbox.db, business_id, wa_id, name, username or None)
        customers.change(sandbox.db, business_id, wa_id, {"is_listed": 1, "hides_phone": int(not digits)})
    return wa_id
