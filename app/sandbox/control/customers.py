"""People on the other side: who they are, what they let the business see, whether they read."""

from typing import Any

from flask import Response, jsonify, request

from .. import ids, inbound
from ..context import current_sandbox
from ..database import Row
from ..store import customers, messages
from ..webhooks import people
from . import inputs
from .blueprint import blueprint
from .inputs import BadInput

KEYS = ("from", "user_id", "name", "username", "last_inbound_at", *customers.TRAITS)
# Without a phone number of its own a customer gets one of these, which nobody is shown.
HIDDEN_PREFIX = "1999"


@blueprint.post("/customers")
def add_customers() -> tuple[Response, int]:
    """Make or change customers of a number's business; answers them with their user ids.

    Each: `from` or `user_id` or both, `name`, `username`, `last_inbound_at` (UNIX seconds; their 24-hour
    window counts from it), and the traits of store.customers.TRAITS (true or false). With a `user_id` alone
    the phone number stays hidden. The app is told when a known customer's `is_opted_out` changes.
    """
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "customers"))
    number = inputs.number(sandbox, given)
    business_id = _business(number)
    with sandbox.db.write():
        known = [_know(number, business_id, person) for person in inputs.objects(given, "customers")]
    return jsonify({"data": [_shown(row) for row in known]}), 201


@blueprint.post("/customers/changes")
def change_customer() -> Response:
    """A known person gets `new_number`, or with `new_identity` another key (a new phone)."""
    sandbox = current_sandbox()
    given = inputs.body()
    inputs.known_keys(given, ("phone_number_id", "from", "new_number", "new_identity"))
    number, wa_id = inputs.number(sandbox, given), inputs.wa_id(given, "from")
    moved_to = inputs.wa_id(given, "new_number") if "new_number" in given else None
    if (moved_to is None) == (not inputs.flag(given, "new_identity", False)):
        raise BadInput("Give one of 'new_number', a phone number, and 'new_identity', true.")
    if moved_to == wa_id:
        raise BadInput("'new_number' is the number the customer has already.")
    with sandbox.db.write():
        row = customers.get_or_add(sandbox.db, _business(number), wa_id)
        message = (
            people.new_number(sandbox, row, moved_to)
            if moved_to
            else people.new_identity(sandbox, number, row)
        )
        told = inbound.receive(sandbox, number, inbound.Sender(wa_id), message, "") if message else None
        now = customers.get_or_add(sandbox.db, _business(number), moved_to or wa_id)
    return jsonify(_shown(now) | ({"wamid": told} if told else {}))


@blueprint.get("/customers")
def list_customers() -> Response:
    """`?phone_number_id=`: everybody its business knows, by name."""
    number = inputs.number(current_sandbox(), dict(request.args.items()))
    rows = customers.list_of(current_sandbox().db, _business(number))
    return jsonify({"data": [_shown(row) for row in rows]})


@blueprint.delete("/customers")
def delete_customers() -> Response:
    """`?phone_number_id=`, and `from` or `user_id` for one person. Messages stay; traits are forgotten."""
    given = dict(request.args.items())
    inputs.known_keys(given, ("phone_number_id", "from", "user_id"))
    business_id = _business(inputs.number(current_sandbox(), given))
    wa_id = inputs.wa_id(given, "from") if "from" in given else None
    if "user_id" in given:
        found = customers.find_by_user_id(current_sandbox().db, business_id, given["user_id"])
        if found is None:
            raise BadInput(f"This business knows nobody with the user id {given['user_id']}.")
        wa_id = found["wa_id"]
    deleted = customers.delete(current_sandbox().db, business_id, wa_id)
    return jsonify({"success": True, "deleted": deleted})


def _know(number: Row, business_id: str, person: dict[str, Any]) -> Row:
    db = current_sandbox().db
    inputs.known_keys(person, KEYS)
    wa_id = _wa_id(business_id, person)
    name, username = inputs.optional_text(person, "name", 100), inputs.optional_text(person, "username", 36)
    known = customers.find(db, business_id, wa_id)
    customers.rename(db, business_id, wa_id, name, username)
    _open_window(number, wa_id, person.get("last_inbound_at"))
    row = customers.change(db, business_id, wa_id, _columns(business_id, wa_id, person))
    if known is not None:
        people.follow_up(current_sandbox(), number, known, row)
    return row


def _wa_id(business_id: str, person: dict[str, Any]) -> str:
    if "from" in person:
        return inputs.wa_id(person, "from")
    user_id = inputs.text(person, "user_id", 140)
    found = customers.find_by_user_id(current_sandbox().db, business_id, user_id)
    return str(found["wa_id"]) if found else HIDDEN_PREFIX + ids.node_id()[:9]


def _columns(business_id: str, wa_id: str, person: dict[str, Any]) -> dict[str, Any]:
    columns: dict[str, Any] = {
        key: int(inputs.flag(person, key, default))
        for key, default in customers.TRAITS.items()
        if key in person
    }
    if "user_id" in person:
        columns["user_id"] = _user_id(business_id, wa_id, person)
    if "from" not in person:
        columns["hides_phone"] = 1
    return columns


def _user_id(business_id: str, wa_id: str, person: dict[str, Any]) -> str:
    user_id = inputs.text(person, "user_id", 140)
    country, _, rest = user_id.partition(".")
    if len(country) != 2 or not country.isupper() or not rest.replace(".", "").isalnum():
        raise BadInput("'user_id' must look like GB.1234567890: a country, a dot, letters and digits.")
    owner = customers.find_by_user_id(current_sandbox().db, business_id, user_id)
    if owner is not None and owner["wa_id"] != wa_id:
        raise BadInput(f"Another customer of this business has the user id {user_id}.")
    return user_id


def _open_window(number: Row, wa_id: str, at: Any) -> None:
    if at is None:
        return
    at = inputs.moment({"last_inbound_at": at}, "last_inbound_at")
    messages.open_window(current_sandbox().db, number["id"], wa_id, at)


def _business(number: Row) -> str:
    return str(current_sandbox().db.value("SELECT business_id FROM wabas WHERE id = ?", number["waba_id"]))


def _shown(row: Row) -> dict[str, Any]:
    shown = {key: row[key] for key in ("wa_id", "user_id", "name", "username")}
    return shown | {key: bool(row[key]) for key in customers.TRAITS}
