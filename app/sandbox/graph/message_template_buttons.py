"""Buttons of message templates. Source: Meta docs, "Template components" page, read 2026-03."""

import re
from typing import Any

import phonenumbers

from . import errors
from .errors import GraphError
from .message_template_texts import NO_EXAMPLE, TOO_LONG, VARIABLE, refuse

KINDS = (
    "QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "CATALOG", "MPM", "SPM", "VOICE_CALL",
    "REQUEST_CONTACT_INFO", "APP",
)  # fmt: skip
MARKETING_KINDS = ("CATALOG", "MPM", "SPM")
MOST = 10
MOST_OF = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1, "VOICE_CALL": 1}
WITHOUT_TEXT = {"COPY_CODE", "OTP", "REQUEST_CONTACT_INFO"}
LONGEST_LABEL, LONGEST_URL, LONGEST_CODE = 25, 2000, 20
SIGNATURE = re.compile(r"[A-Za-z0-9+/=]{11}")
PACKAGE = re.compile(r"[A-Za-z]\w*(\.[A-Za-z]\w*)+")
Part = dict[str, Any]


def check(component: Part | None, category: str) -> None:
    """Number, kinds, grouping, and each button by itself."""
    if component is None:
        return
    buttons = _named(component)
    kinds = [button["type"] for button in buttons]
    for kind, most in MOST_OF.items():
        if kinds.count(kind) > most:
            raise refuse(None, "Too many buttons", f"At most {most} of type {kind}.")
    if "OTP" in kinds:
        raise refuse(None, "Button is not allowed", "OTP buttons are only for the category AUTHENTICATION.")
    _check_grouping(kinds)
    for index, button in enumerate(buttons):
        _check_one(index, button, category)


def check_otp(component: Part | None) -> None:
    """Authentication: exactly one OTP button."""
    buttons = _named(component) if component is not None else []
    if len(buttons) != 1 or buttons[0]["type"] != "OTP":
        raise refuse(None, "Button is missing", "An authentication template has exactly one OTP button.")
    button = buttons[0]
    kind = str(button.get("otp_type", "")).upper()
    if kind not in {"COPY_CODE", "ONE_TAP", "ZERO_TAP"}:
        raise errors.one_of("otp_type", ("COPY_CODE", "ONE_TAP", "ZERO_TAP"), button.get("otp_type"))
    for key in ("text", "autofill_text"):
        if len(str(button.get(key) or "")) > LONGEST_LABEL:
            raise refuse(
                TOO_LONG, "Button text is too long", f"{key} has at most {LONGEST_LABEL} characters."
            )
    if kind != "COPY_CODE":
        _check_apps(button.get("supported_apps"))
    if kind == "ZERO_TAP" and button.get("zero_tap_terms_accepted") is not True:
        raise refuse(None, "Terms are not accepted", "zero_tap_terms_accepted must be true.")


def _named(component: Part) -> list[Part]:
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


def _check_grouping(kinds: list[str]) -> None:
    """Quick replies form one unbroken group, all first or all last."""
    quick = [kind == "QUICK_REPLY" for kind in kinds]
    if quick not in (sorted(quick), sorted(quick, reverse=True)):
        raise refuse(
            None, "Order of buttons is not valid", "Quick replies must stand together, first or last."
        )


def _check_one(index: int, button: Part, category: str) -> None:
    kind = button["type"]
    if kind in MARKETING_KINDS and category != "MARKETING":
        raise refuse(None, "Button is not allowed", f"{kind} is only for the category MARKETING.")
    text = str(button.get("text") or "")
    if kind not in WITHOUT_TEXT and not text.strip():
        raise errors.required(f"components['buttons'][{index}]['text']")
    if len(text) > LONGEST_LABEL:
        raise refuse(
            TOO_LONG,
            "Button text is too long",
            f"It has {len(text)} characters, {LONGEST_LABEL} are allowed.",
        )
    if kind == "URL":
        _check_url(button)
    elif kind == "PHONE_NUMBER":
        _check_phone(index, button)
    elif kind == "COPY_CODE":
        _check_code(button)
    elif kind == "FLOW":
        _check_flow(button)


def _check_url(button: Part) -> None:
    url = str(button.get("url") or "")
    if not url.startswith(("http://", "https://")) or len(url) > LONGEST_URL:
        raise refuse(None, "URL is not valid", "It begins with https:// and has at most 2000 characters.")
    variables = VARIABLE.findall(url)
    if not variables:
        return
    if len(variables) > 1 or not url.endswith("}}"):
        raise refuse(None, "URL is not valid", "A URL has one variable, at its very end.")
    example = button.get("example")
    samples = [example] if isinstance(example, str) else example
    if not isinstance(samples, list) or len(samples) != 1 or not samples[0]:
        raise refuse(NO_EXAMPLE, "Sample is missing", "A URL with a variable needs example with one value.")


def _check_phone(index: int, button: Part) -> None:
    """Code 192; the message names the path."""
    number = str(button.get("phone_number") or "")
    try:
        is_possible = phonenumbers.is_possible_number(
            phonenumbers.parse(number if number[:1] == "+" else "+" + number)
        )
    except phonenumbers.NumberParseException:
        is_possible = False
    if not is_possible or len(number) > 20:
        path = f"components['buttons'][{index}]['phone_number']"
        raise GraphError(192, f"Param {path} is not a valid phone number.", http=400)


def _check_code(button: Part) -> None:
    example = button.get("example")
    code = str(example[0] if isinstance(example, list) and example else example or "")
    if not code:
        raise refuse(NO_EXAMPLE, "Sample is missing", "A COPY_CODE button needs example with a code.")
    if len(code) > LONGEST_CODE:
        raise refuse(
            TOO_LONG, "Code is too long", f"It has {len(code)} characters, {LONGEST_CODE} are allowed."
        )


def _check_flow(button: Part) -> None:
    if sum(bool(button.get(key)) for key in ("flow_id", "flow_name", "flow_json")) != 1:
        raise refuse(
            None, "Flow is missing", "A FLOW button needs exactly one of flow_id, flow_name and flow_json."
        )
    if button.get("flow_action", "navigate") not in {"navigate", "data_exchange"}:
        raise errors.one_of("flow_action", ("navigate", "data_exchange"), button.get("flow_action"))


def _check_apps(apps: Any) -> None:
    if not isinstance(apps, list) or not 1 <= len(apps) <= 5:
        raise refuse(None, "Apps are missing", "supported_apps holds 1 to 5 apps.")
    for app in apps:
        package = str(app.get("package_name") or "") if isinstance(app, dict) else ""
        if not PACKAGE.fullmatch(package) or len(package) > 224:
            raise refuse(
                None, "Package name is not valid", "It has at least two parts with dots, as com.example.app."
            )
        if not SIGNATURE.fullmatch(str(app.get("signature_hash") or "")):
            raise refuse(None, "Signature hash is not valid", "signature_hash has exactly 11 characters.")
