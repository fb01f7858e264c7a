"""The company as the sandbox knows it: account, numbers, message templates, customers and their windows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from app.services.demo import message_templates as samples
from app.services.demo.company import CLAIMS, PINNED, SERVICE, WABA_ID
from app.services.demo.crowd import Customer
from app.services.demo.drafts import Draft
from app.services.sandbox_accounts import control


def make_account() -> dict[str, Any]:
    """The company's account with both numbers and its message templates; the values of a set-up."""
    values = control("/_sandbox/accounts", PINNED)
    control(f"/_sandbox/phone_numbers/{CLAIMS.meta_id}", {"verified_name": CLAIMS.verified_name})
    control(
        "/_sandbox/phone_numbers",
        {
            "waba_id": WABA_ID,
            "phone_number_id": SERVICE.meta_id,
            "phone_number": SERVICE.phone_number,
            "display_number": SERVICE.display_number,
            "verified_name": SERVICE.verified_name,
        },
    )
    control(
        "/_sandbox/message_templates",
        {
            "waba_id": WABA_ID,
            "message_templates": [sample.for_sandbox() for sample in samples.AT_META],
            "is_all": True,
        },
    )
    return values


def introduce(drafts: Iterable[Draft]) -> dict[str, str]:
    """Tell the sandbox who wrote when, so that windows are open there as here; answers user ids by wa_id."""
    user_ids: dict[str, str] = {}
    for number_id, people in _by_number(drafts).items():
        body = {"phone_number_id": number_id, "customers": list(people.values())}
        answer = control("/_sandbox/customers", body)
        user_ids |= {person["wa_id"]: person["user_id"] for person in answer["data"]}
    return user_ids


def _by_number(drafts: Iterable[Draft]) -> dict[str, dict[str, dict[str, Any]]]:
    numbers: dict[str, dict[str, dict[str, Any]]] = {}
    for draft in drafts:
        people = numbers.setdefault(draft.number.meta_id, {})
        person = people.setdefault(draft.customer.wa_id, _person(draft.customer))
        if draft.line.is_inbound:
            person["last_inbound_at"] = draft.at.timestamp()
    return numbers


def _person(customer: Customer) -> dict[str, Any]:
    person = {"from": customer.wa_id, "name": customer.name, "username": customer.username}
    return {key: value for key, value in person.items() if value}


def write_in(live: Sequence[Draft]) -> None:
    """Let customers write now, as webhooks: Meta's way in, with the times the plan has for them."""
    for draft in live:
        content = {key: value for key, value in draft.content.items() if key not in _OF_THE_FILE}
        message: dict[str, Any] = {
            "type": draft.line.type,
            draft.line.type: content,
            "id": draft.wamid,
            "timestamp": _seconds(draft.at),
        }
        if draft.context_wamid:
            message["context"] = {"id": draft.context_wamid}
        body = {
            "phone_number_id": draft.number.meta_id,
            **_person(draft.customer),
            "hide_phone": draft.customer.hides_phone,
            "message": message,
        }
        control("/_sandbox/inbound", body)


_OF_THE_FILE = ("id", "sha256", "mime_type")
"""The sandbox puts a real file of its own into a photo or a voice message, and says what it is."""


def _seconds(at: datetime) -> str:
    return str(int(at.timestamp()))
