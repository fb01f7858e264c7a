"""Filling the set-up steps with a fresh account of the built-in sandbox, and playing its customer.

These are calls to the sandbox's control paths, which Meta does not have; everything else about a
sandbox account goes the same way as with Meta.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests
from flask import current_app
from sqlalchemy.exc import IntegrityError

from app.errors import NotReady, Unavailable
from app.extensions import db
from app.models import Account, utcnow
from app.queries import accounts as account_queries
from app.queries.access import EVERYTHING, Actor
from app.services import account_fields, audit
from app.services.account_values import apply_values
from app.services.accounts import propose_verify_token, require_last_step, start_setup
from app.services.knowledge import setup_text

_TIMEOUT_S = (2.0, 10.0)
SANDBOX_CUSTOMER = "+14155550123"
_CUSTOMER_NAME = "Robin Sample"
_TEST_TEXT = "Hello, is this line working?"
_IDENTITY = ("waba_id", "meta_business_account_id", "app_id")

SAMPLE_PROFILE: dict[str, Any] = {
    "business_about": "Answers on weekdays from 8 to 18.",
    "business_description": "A shop that exists only in the sandbox. No message reaches a real phone.",
    "business_email": "hello@example.com",
    "business_address": "14 Harbour Row, London",
    "business_vertical": "RETAIL",
    "business_websites": ["https://example.com"],
}
SAMPLE_BOT: dict[str, Any] = {
    "auto_reply_enabled": True,
    "greeting_message": "Hello, and thank you for writing. What can we do for you?",
    "fallback_message": "I have no answer to that. A colleague will reply here soon.",
    "knowledge_base": (
        "opening hours\nWe are open on weekdays from 8 to 18, and on Saturdays from 9 to 13.\n\n"
        "delivery time\nOrders leave our shop within one working day and take two to three days.\n\n"
        "return an order\nYou can return anything within 30 days. Write us your order number, and we send "
        "you a label."
    ),
}


def start_with_sandbox_values(*, actor: Actor) -> Account:
    """A new draft with step 1 filled from a fresh sandbox account."""
    values = _new_account({})
    return _fill(start_setup(actor=actor, name=values["name"]), 1, values)


def fill_step(*, account: Account, step: int) -> Account:
    """Put sandbox values into one of the steps 1 to 5 of a draft; the person still presses continue.

    Raises NotReady outside of the sandbox or for a live account, Unavailable when it does not answer.
    """
    _require_sandbox()
    if account.is_live:
        raise NotReady("This account is connected already. Its values are changed by hand.")
    if step > 3:
        return _fill(account, step, SAMPLE_PROFILE | SAMPLE_BOT | {"business_name": account.name})
    # From step 2 on the sandbox is asked for the account of step 1 again, so nothing has to be kept.
    known = {"waba_id": account.meta_id, "app_id": account.app_id} if step > 1 else {}
    account_id = account.id
    db.session.commit()
    values = _new_account({name: value for name, value in known.items() if value})
    values["webhook_verify_token"] = propose_verify_token()
    return _fill(account_queries.get_account(account_id, EVERYTHING), step, values)


def _fill(account: Account, step: int, values: dict[str, Any]) -> Account:
    cleaned, problems = account_fields.clean(account_fields.fields_of(step), values)
    if problems:
        raise Unavailable(f"The sandbox gave values that cannot be used. {problems[0].message}")
    apply_values(account, cleaned)
    account.setup_step = min(account.setup_step, step - 1)
    account.is_sandbox = True
    try:
        if "knowledge_base" in cleaned:
            setup_text.follow(account)
        db.session.commit()
    except IntegrityError:
        db.session.rollback()
        text = "These values are in use here already, perhaps by a second click. Reload the page to see."
        raise Unavailable(text) from None
    return account


@dataclass(frozen=True)
class CustomerMessage:
    """What the made-up customer wrote."""

    waba_account_id: int
    wamid: str
    from_phone_number: str
    to_phone_number: str
    text_content: str


def send_test_message(*, account: Account, actor: Actor) -> CustomerMessage:
    """Let a made-up customer write to the account's first number; the event comes in a moment later.

    Raises NotReady outside of the sandbox, before step 6 (StepNotOpen) and without a number, Unavailable.
    """
    _require_sandbox()
    require_last_step(account)
    number = account.first_number
    if number is None:
        raise NotReady("The account has no phone number yet. Enter one in step 2.")
    text = f"{_TEST_TEXT} ({utcnow():%H:%M:%S})"
    body = {
        "phone_number_id": number.meta_id,
        "from": SANDBOX_CUSTOMER,
        "name": _CUSTOMER_NAME,
        "message": {"type": "text", "text": {"body": text}},
    }
    account_id, called = account.id, number.phone_number
    audit.record(actor, "account.test_message", account_id=account.id, object_type="account")
    db.session.commit()
    answer = control("/_sandbox/inbound", body)
    return CustomerMessage(account_id, str(answer.get("wamid", "")), SANDBOX_CUSTOMER, called, text)


def _new_account(wanted: dict[str, Any]) -> dict[str, Any]:
    """The values of a sandbox account: the one with these ids, or a fresh one."""
    _require_sandbox()
    return control("/_sandbox/accounts", wanted)


def _require_sandbox() -> None:
    if not current_app.config["SETTINGS"].is_sandbox:
        raise NotReady("This console talks to Meta itself. Sandbox values only work with the sandbox.")


def require_answer() -> None:
    """Raises Unavailable when the sandbox is not there."""
    _call("GET", "/_sandbox/health", None)


def control(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """One control call; the answer's object. Raises Unavailable when it is refused or never comes."""
    return _call("POST", path, body)


def _call(method: str, path: str, body: dict[str, Any] | None) -> dict[str, Any]:
    url = f"{current_app.config['SETTINGS'].graph_api_base_url}{path}"
    try:
        answer = requests.request(method, url, json=body, timeout=_TIMEOUT_S)
        found = answer.json()
    except (requests.RequestException, ValueError):
        raise Unavailable(
            "The sandbox did not answer. Check that it is running (make run starts it), then try again."
        ) from None
    if not answer.ok or not isinstance(found, dict):
        raise Unavailable(f"The sandbox refused this. It answered with HTTP status {answer.status_code}.")
    return found
