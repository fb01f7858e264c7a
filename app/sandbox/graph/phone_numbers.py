"""Phone numbers: reading, settings of the node, and bringing one up (code, register, deregister).

Source: Meta docs, "Phone numbers" and "Registration" pages, read 2026-03.
"""

from .. import clock, magic
from ..database import Database, Row
from ..store import node_settings, phone_numbers
from . import callbacks, coexistence, conditions, errors, names
from .errors import GraphError
from .nodes import read
from .registry import MANAGEMENT, MESSAGING, Answer, Call, Node, edge, finder

SUCCESS: Answer = {"success": True}
HOUR_S = 3600.0
# How many codes and how many wrong PINs an hour; the numbers are not documented (unverified).
MOST_CODES = 5
WRONG_PINS, MOST_WRONG_PINS = 3, 5
CODE_ASKED, PIN_WRONG = "code_asked", "pin_wrong"


@finder
def find_number(db: Database, node_id: str) -> Node | None:
    row = phone_numbers.find(db, node_id)
    return None if row is None else Node("phone_number", node_id, row, row["waba_id"])


@edge("phone_number", "", "GET", scope=MANAGEMENT)
def get_number(call: Call) -> Answer:
    return read(call)


@edge("phone_number", "", "POST", scope=MANAGEMENT)
def change_number(call: Call) -> Answer:
    """`webhook_configuration`, `pin` or `new_display_name`; anything else is an unknown parameter."""
    known = {"webhook_configuration": _set_callback, "pin": _set_pin, "new_display_name": _set_name}
    given = [name for name in known if call.params.has(name)]
    if not given:
        raise errors.invalid(f"One of {', '.join(known)} is required.")
    for name in given:
        known[name](call)
    return SUCCESS


@edge("phone_number", "request_code", "POST", scope=MANAGEMENT)
def request_code(call: Call) -> Answer:
    method = call.params.required_text("code_method")
    if method not in {"SMS", "VOICE"}:
        raise errors.one_of("code_method", ("SMS", "VOICE"), method)
    call.params.required_text("language")
    conditions.check(call, conditions.VERIFICATION)
    if node_settings.count_events(call.db, call.node.id, CODE_ASKED, HOUR_S) >= MOST_CODES:
        raise GraphError(136024)
    node_settings.note_event(call.db, call.node.id, CODE_ASKED)
    phone_numbers.update(call.db, call.node.id, code_requested_at=clock.now())
    return SUCCESS


@edge("phone_number", "verify_code", "POST", scope=MANAGEMENT)
def verify_code(call: Call) -> Answer:
    """The code of the sandbox is always the same; see docs/sandbox.md."""
    code = call.params.required_text("code")
    if call.node.row["code_requested_at"] is None or code != magic.VERIFICATION_CODE:
        raise GraphError(136025)
    phone_numbers.update(call.db, call.node.id, code_verification_status="VERIFIED", code_requested_at=None)
    return SUCCESS


@edge("phone_number", "register", "POST", scope=MESSAGING)
def register(call: Call) -> Answer:
    """The first call sets the PIN; later it must be the same."""
    _check_product(call)
    coexistence.refuse(call)
    pin = _checked_pin(call.params.required_text("pin"))
    conditions.check(call, conditions.REGISTRATION)
    number = call.node.row
    if number["code_verification_status"] != "VERIFIED":
        raise GraphError(133006)
    _count_registration(call)
    _check_pin(call, number, pin)
    phone_numbers.update(call.db, call.node.id, pin=pin, status="CONNECTED")
    names.adopt(call)
    return SUCCESS


def _check_pin(call: Call, number: Row, pin: str) -> None:
    """Wrong: 133005, then 133009 (too fast), then 133008 for an hour, whatever is tried."""
    wrong = node_settings.count_events(call.db, call.node.id, PIN_WRONG, HOUR_S)
    if wrong >= MOST_WRONG_PINS:
        raise GraphError(133008, details="Too many wrong PINs. Try again in 60 minutes.")
    if number["pin"] is None or number["pin"] == pin:
        node_settings.forget_events(call.db, call.node.id, PIN_WRONG)
        return
    node_settings.note_event(call.db, call.node.id, PIN_WRONG)
    if wrong >= WRONG_PINS:
        raise GraphError(133009, details="The PIN was guessed too fast. Try again in 5 minutes.")
    raise GraphError(133005)


@edge("phone_number", "deregister", "POST", scope=MESSAGING)
def deregister(call: Call) -> Answer:
    coexistence.refuse(call)
    if not phone_numbers.is_registered(call.node.row):
        raise GraphError(133010)
    _count_registration(call)
    phone_numbers.update(call.db, call.node.id, status="DISCONNECTED")
    return SUCCESS


def _check_product(call: Call) -> None:
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))


def _count_registration(call: Call) -> None:
    if not phone_numbers.count_registration(call.db, call.node.id):
        raise GraphError(133016)


def _checked_pin(pin: str) -> str:
    if len(pin) != 6 or not pin.isascii() or not pin.isdigit():
        raise errors.invalid("pin must be 6 digits.")
    return pin


def _set_pin(call: Call) -> None:
    coexistence.refuse(call)
    phone_numbers.update(call.db, call.node.id, pin=_checked_pin(call.params.required_text("pin")))


def _set_name(call: Call) -> None:
    names.submit(call, call.params.required_text("new_display_name"))


def _set_callback(call: Call) -> None:
    """An empty URI removes the override."""
    wanted = call.params.opened("webhook_configuration")
    if not isinstance(wanted, dict) or "override_callback_uri" not in wanted:
        raise errors.required("webhook_configuration[override_callback_uri]")
    uri = str(wanted["override_callback_uri"] or "")
    if uri:
        callbacks.verified(uri, str(wanted.get("verify_token") or ""))
    app_id = call.token.app_id if uri else None
    phone_numbers.update(call.db, call.node.id, override_callback_uri=uri or None, override_app_id=app_id)
