"""The fields of the six set-up steps and their rules: one table for the pages and the JSON API.

A field's cleaner takes what was typed and answers the value to store, or raises Unfit with a
sentence for the person who typed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from app.errors import FieldProblem
from app.graph.profiles import VERTICALS
from app.services import account_cleaners as cleaners

STEPS = 6
LINES_OF_BUSINESS = VERTICALS
"""Meta's words for a line of business, and ours."""


@dataclass(frozen=True)
class AccountField:
    """One field. `max_length` is in characters; a secret's stored value may be kept by leaving it empty."""

    name: str
    label: str
    step: int
    clean: Callable[[Any], Any]
    is_required: bool = False
    is_secret: bool = False
    max_length: int | None = None


def _text(name: str, label: str, step: int, max_length: int, *, is_required: bool = False) -> AccountField:
    clean = cleaners.text_of(max_length)
    return AccountField(name, label, step, clean, is_required=is_required, max_length=max_length)


_ALL = (
    _text("name", "Name in this console", 1, 100, is_required=True),
    AccountField(
        "waba_id", "WhatsApp Business Account ID", 1, cleaners.meta_id, is_required=True, max_length=30
    ),
    AccountField("meta_business_account_id", "Meta business account ID", 1, cleaners.meta_id, max_length=30),
    AccountField("app_id", "App ID", 1, cleaners.meta_id, is_required=True, max_length=30),
    AccountField("app_secret", "App Secret", 1, cleaners.app_secret, is_required=True, is_secret=True),
    AccountField("phone_number_id", "Phone number ID", 2, cleaners.meta_id, is_required=True, max_length=30),
    AccountField("phone_number", "Phone number", 2, cleaners.phone_number, is_required=True, max_length=40),
    AccountField("display_number", "Display number", 2, cleaners.display_number, max_length=40),
    AccountField(
        "access_token", "Permanent access token", 3, cleaners.access_token, is_required=True, is_secret=True
    ),
    AccountField(
        "webhook_verify_token",
        "Webhook verify token",
        3,
        cleaners.verify_token,
        is_required=True,
        is_secret=True,
        max_length=128,
    ),
    _text("business_name", "Business name", 4, 128),
    # Source of the six limits: Meta docs, "Business profiles" page, read 2026-09.
    _text("business_about", "About", 4, 139),
    _text("business_description", "Description", 4, 512),
    AccountField("business_email", "Email", 4, cleaners.email, max_length=128),
    _text("business_address", "Address", 4, 256),
    AccountField("business_vertical", "Line of business", 4, cleaners.vertical),
    AccountField("business_websites", "Websites", 4, cleaners.websites),
    AccountField("auto_reply_enabled", "Reply automatically", 5, cleaners.switch),
    _text("knowledge_base", "Knowledge base", 5, 50_000),
    _text("greeting_message", "Greeting", 5, 1024),
    _text("fallback_message", "Fallback", 5, 1024),
)
FIELDS: dict[str, AccountField] = {field.name: field for field in _ALL}


def fields_of(step: int) -> tuple[AccountField, ...]:
    return tuple(field for field in _ALL if field.step == step)


def step_of(name: str) -> int:
    """The step a field stands in; 0 for a problem that belongs to no field."""
    return FIELDS[name].step if name in FIELDS else 0


def clean(
    fields: Iterable[AccountField], given: Mapping[str, object], *, kept: frozenset[str] = frozenset()
) -> tuple[dict[str, Any], list[FieldProblem]]:
    """(values to store, problems). `kept` names secrets that are stored already and may stay empty."""
    values: dict[str, Any] = {}
    problems: list[FieldProblem] = []
    for field in fields:
        raw = given.get(field.name)
        if field.is_secret and field.name in kept and _is_blank(raw):
            continue
        if field.is_required and _is_blank(raw):
            problems.append(FieldProblem(field.name, f"{field.label} is missing. {_WHERE[field.step]}"))
            continue
        try:
            values[field.name] = field.clean(raw)
        except cleaners.Unfit as error:
            problems.append(FieldProblem(field.name, str(error)))
    return values, problems


_WHERE = {
    1: "Copy it from the place the sketch shows.",
    2: "Copy it from the place the sketch shows.",
    3: "The help beside the form says where it comes from.",
}


def unknown_fields(given: Mapping[str, object]) -> list[FieldProblem]:
    """What nobody asked for is refused, so that a misspelt name is not silently lost."""
    return [
        FieldProblem(name, f"There is no field called {name[:60]}.") for name in given if name not in FIELDS
    ]


_NOT_PORTFOLIO = (
    "The business account (portfolio) has a number of its own, under Business settings, Business info. "
    "You may leave this empty."
)
_OWN_WORD = (
    "The verify token is a word of your own, which Meta shows back to us. Keep the one we propose, or make "
    "one up."
)
_SAME = (
    (
        "waba_id",
        "app_id",
        "This is your App ID, not the account ID.",
        (
            "Both stand on the same page of Meta's dashboard and look alike. Copy the one labelled WhatsApp "
            "Business Account ID."
        ),
    ),
    (
        "meta_business_account_id",
        "waba_id",
        "This is the WhatsApp Business Account ID again.",
        _NOT_PORTFOLIO,
    ),
    ("meta_business_account_id", "app_id", "This is your App ID.", _NOT_PORTFOLIO),
    (
        "phone_number_id",
        "waba_id",
        "This is the WhatsApp Business Account ID.",
        ("Copy the one labelled Phone number ID, which stands above it."),
    ),
    (
        "phone_number_id",
        "app_id",
        "This is your App ID.",
        ("Copy the one labelled Phone number ID on the page API Setup."),
    ),
    ("webhook_verify_token", "app_secret", "This is your App Secret.", _OWN_WORD),
    ("webhook_verify_token", "access_token", "This is your access token.", _OWN_WORD),
)
"""Field, the field it repeats, what it is, what to do."""


def find_mix_ups(values: Mapping[str, Any]) -> list[FieldProblem]:
    """Values that were copied into the wrong field: the same one twice, or a number instead of its id."""
    problems = [
        FieldProblem(wrong, f"{said} {to_do}")
        for wrong, right, said, to_do in _SAME
        if values.get(wrong) and values.get(wrong) == values.get(right)
    ]
    number = str(values.get("phone_number") or "").lstrip("+")
    if number and values.get("phone_number_id") == number:
        text = "This is the phone number itself. Copy the ID that Meta labels Phone number ID."
        problems.append(FieldProblem("phone_number_id", text))
    return problems


def _is_blank(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
