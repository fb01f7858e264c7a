"""The business profile of a number. Source: Meta docs, "Business profiles" page, read 2026-03."""

import re
from collections.abc import Callable
from typing import Any

from ..database import from_json, to_json
from ..store import phone_numbers
from . import checks, errors, uploads
from .fields import parse
from .registry import MESSAGING, Answer, Call, edge

VERTICALS = (
    "ALCOHOL", "APPAREL", "AUTO", "BEAUTY", "EDU", "ENTERTAIN", "EVENT_PLAN", "FINANCE", "GOVT", "GROCERY",
    "HEALTH", "HOTEL", "NONPROFIT", "ONLINE_GAMBLING", "OTC_DRUGS", "OTHER", "PHYSICAL_GAMBLING",
    "PROF_SERVICES", "RESTAURANT", "RETAIL", "TRAVEL",
)  # fmt: skip
FIELDS = ("about", "address", "description", "email", "profile_picture_url", "websites", "vertical")
LONGEST = {"about": 139, "address": 256, "description": 512, "email": 128}
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
MOST_WEBSITES, LONGEST_WEBSITE = 2, 256


@edge("phone_number", "whatsapp_business_profile", "GET", scope=MESSAGING)
def get_profile(call: Call) -> Answer:
    """A list with one flat object; without `fields` only messaging_product."""
    profile = from_json(call.node.row["profile"])
    asked = [field.name for field in parse(call.params.text("fields"))]
    for name in asked:
        if name not in (*FIELDS, "messaging_product", "id"):
            raise errors.unknown_field(name, "WhatsAppBusinessProfile")
    shown = {name: profile[name] for name in asked if profile.get(name)}
    return {"data": [shown | {"messaging_product": "whatsapp"}]}


@edge("phone_number", "whatsapp_business_profile", "POST", scope=MESSAGING)
def change_profile(call: Call) -> Answer:
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    profile = from_json(call.node.row["profile"])
    for name in (*LONGEST, "websites", "vertical", "profile_picture_handle"):
        if call.params.has(name):
            profile |= CHECKS[name](call, name)
    phone_numbers.update(call.db, call.node.id, profile=to_json(profile))
    return {"success": True}


def _text(call: Call, name: str) -> dict[str, Any]:
    value = call.params.text(name) or ""
    if len(value) > LONGEST[name]:
        raise errors.invalid(f"{name} must be at most {LONGEST[name]} characters long.")
    if name == "about" and not value.strip():
        raise errors.invalid("about must not be empty.")
    if name == "email" and value and not EMAIL.fullmatch(value):
        raise errors.invalid("email must be a valid e-mail address.")
    return {name: value}


def _websites(call: Call, name: str) -> dict[str, Any]:
    websites = call.params.opened(name)
    websites = [websites] if isinstance(websites, str) and websites else (websites or [])
    if not isinstance(websites, list) or len(websites) > MOST_WEBSITES:
        raise errors.invalid(f"websites must be a list of at most {MOST_WEBSITES}.")
    for website in websites:
        if not checks.LINK.fullmatch(str(website)) or len(str(website)) > LONGEST_WEBSITE:
            raise errors.invalid(
                "websites: each must begin with http:// or https:// and have at most 256 characters."
            )
    return {name: [str(website) for website in websites]}


def _vertical(call: Call, name: str) -> dict[str, Any]:
    value = call.params.text(name)
    if value not in VERTICALS:
        raise errors.one_of(name, VERTICALS, value)
    return {name: value}


def _picture(call: Call, name: str) -> dict[str, Any]:
    handle = call.params.text(name) or ""
    uploads.check_handle(call, handle, uploads.HEADER_TYPES["IMAGE"], name)
    return {"profile_picture_url": f"{call.sandbox.base_url()}/static/picture.svg"}


CHECKS: dict[str, Callable[[Call, str], dict[str, Any]]] = {
    **dict.fromkeys(LONGEST, _text),
    "websites": _websites,
    "vertical": _vertical,
    "profile_picture_handle": _picture,
}
