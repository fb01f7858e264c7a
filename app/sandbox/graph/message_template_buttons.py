"""Buttons of message templates. Source: Meta docs, "Template components" page, read 2026-03.

That a label has no variables, and that FLOW, CATALOG, MPM and SPM stand once, no page says (unverified).
"""

import re
from typing import Any

import phonenumbers

from . import errors
from .errors import GraphError
from .message_template_texts import NO_EXAMPLE, TOO_LONG, VARIABLE, check_variables, refuse, sample

KINDS = (
    "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "CATALOG", "MPM", "SPM", "VOICE_CALL",
    "REQUEST_CONTACT_INFO", "APP",
)  # fmt: skip
MARKETING_KINDS = ("COPY_CODE", "CATALOG", "MPM", "SPM", "APP")
MOST = 10
MOST_OF = {
    "URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "VOICE_CALL": 1, "FLOW": 1, "CATALOG": 1, "MPM": 1, "SPM": 1,
}  # fmt: skip
WITHOUT_TEXT = {"COPY_CODE", "OTP", "REQUEST_CONTACT_INFO"}
LONGEST_LABEL, LONGEST_URL, LONGEST_PHONE, LONGEST_CODE = 25, 2000, 20, 20
LINK = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
PHONE = re.compile(r"[+0-9][0-9 ().-]*")
FLOW_ACTIONS = ("navigate", "data_exchange")
ICONS = ("DOCUMENT", "PROMOTION", "REVIEW")
Part = dict[str, Any]


def check(component: Part | None, category: str, parameter_format: str) -> None:
    """Number, kinds, grouping, and each button by itself."""
    if component is None:
        return
    buttons = named(component)
    kinds = [button["type"] for button in buttons]
    for kind, most in MOST_OF.items():
        if kinds.count(kind) > most:
            raise refuse(None, "Too many buttons", f"At most {most} of type {kind}.")
    if "OTP" in kinds:
        raise refuse(None, "Button is not allowed", "OTP buttons are only for the category AUTHENTICATION.")
    _check_grouping(kinds)
    for index, button in enumerate(buttons):
        _check_one(index, button, category, parameter_format)


def named(component: Part) -> list[Part]:
    """The buttons, their types in capitals."""
    buttons = component.get("buttons")
    if not isinstance(buttons, list) or not all(isinstance(button, dict) for button in buttons):
        raise errors.required("buttons")
    if not 1 <= len(buttons) <= MOST:
        raise refuse(None, "Number of buttons is not valid", f"1 to {MOST} buttons are allowed.")
    for button in buttons:
        button["type"] = str(button.get("type", "")).upper()
        if button["type"] not in KINDS:
            raise errors.one_of("buttons['type']", KINDS, button["type"])
    return buttons


def check_label(button: Part, key: str, *, is_required: bool) -> None:
    text = button.get(key)
    if text is None or text == "":
        if is_required:
            raise errors.required(f"components['buttons']['{key}']")
        return
    if not isinstance(text, str) or (is_required and not text.strip()):
        raise errors.required(f"components['buttons']['{key}']")
    if len(text) > LONGEST_LABEL:
        raise refuse(
            TOO_LONG,
            "Button text is too long",
            f"{key} has {len(text)} characters, {LONGEST_LABEL} are allowed.",
        )
    if "{{" in text or "}}" in text:
        raise refuse(None, "Button text is not valid", f"{key} has no variables.")


def _check_grouping(kinds: list[str]) -> None:
    """Quick replies form one unbroken group, all first or all last."""
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    if quick not in (sorted(quick), sorted(quick, reverse=True)):
        raise refuse(
            None, "Order of buttons is not valid", "Quick replies must stand together, first or last."
        )


def _check_one(index: int, button: Part, category: str, parameter_format: str) -> None:
    kind = button["type"]
    if kind in MARKETING_KINDS and category != "MARKETING":
        raise refuse(None, "Button is not allowed", f"{kind} is only for the category MARKETING.")
    check_label(button, "text", is_required=kind not in WITHOUT_TEXT)
    if kind == "URL":
        _check_url(button, parameter_format)
    elif kind == "PHONE_NUMBER":
        _check_phone(index, button)
    elif kind == "COPY_CODE":
        _check_code(button)
    elif kind == "FLOW":
        _check_flow(button)
    elif kind == "APP" and not isinstance(button.get("app_deep_link"), dict):
        raise errors.required(f"components['buttons'][{index}]['app_deep_link']")


def _check_url(button: Part, parameter_format: str) -> None:
    url = button.get("url")
    if not isinstance(url, str) or not LINK.fullmatch(url) or len(url) > LONGEST_URL:
        raise refuse(None, "URL is not valid", "It begins with https:// and has at most 2000 characters.")
    if not check_variables(url, parameter_format, "URL", None):
        return
    if len(VARIABLE.findall(url)) > 1 or not url.endswith("}}"):
        raise refuse(None, "URL is not valid", "A URL has one variable, at its very end.")
    example = button.get("example")
    samples = [example] if isinstance(example, str) else example
    if not isinstance(samples, list) or len(samples) != 1 or not sample(samples[0]):
        raise refuse(NO_EXAMPLE, "URL sample is missing", "A URL with a variable needs example, one value.")


def _check_phone(index: int, button: Part) -> None:
    """Code 192; the message names the path."""
    number = str(button.get("phone_number") or "")
    try:
        is_possible = phonenumbers.is_possible_number(
            phonenumbers.parse(number if number[:1] == "+" else "+" + number)
        )
    except phonenumbers.NumberParseException:
        is_possible = False
    if not is_possible or not PHONE.fullmatch(number) or len(number) > LONGEST_PHONE:
        path = f"components['buttons'][{index}]['phone_number']"
        raise GraphError(192, f"Param {path} is not a valid phone number.", http=400)


def _check_code(button: Part) -> None:
    example = button.get("example")
    code = sample(example[0] if isinstance(example, list) and example else example)
    if not code:
        raise refuse(NO_EXAMPLE, "Code is missing", "A COPY_CODE button needs example with a code.")
    if len(code) > LONGEST_CODE:
        raise refuse(
            TOO_LONG, "Code is too long", f"It has {len(code)} characters, {LONGEST_CODE} are allowed."
        )


def _check_flow(button: Part) -> None:
    if sum(bool(button.get(key)) for key in ("flow_id", "flow_name", "flow_json")) != 1:
        raise refuse(
            None, "Flow is missing", "A FLOW button needs exactly one of flow_id, flow_name and flow_json."
        )
    for key, allowed in (("flow_action", FLOW_ACTIONS), ("icon", ICONS)):
        if button.get(key) is not None and button[key] not in allowed:
            raise errors.one_of(key, allowed, button[key])
