"""Authentication message templates: Meta fixes the text, only the button is ours.

Source: Meta docs, "Authentication message templates" page, read 2026-09.
"""

from __future__ import annotations

import re

from app.graph.checking import Spot
from app.graph.message_template_rules.buttons import check_label, kind_of
from app.graph.message_template_rules.context import Context

_OTP_KINDS = ("COPY_CODE", "ONE_TAP", "ZERO_TAP")
_LONGEST_MINUTES = 90
_MOST_APPS = 5
_PACKAGE_CHARACTERS = 224
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]*(?:\.[A-Za-z][A-Za-z0-9_]*)+", re.ASCII)
_HASH = re.compile(r"[A-Za-z0-9+/=]{11}", re.ASCII)
_ALLOWED = frozenset({"BODY", "FOOTER", "BUTTONS"})


def check(components: Spot, context: Context) -> None:
    for kind in sorted(set(context.components) - _ALLOWED):
        context.component(kind).note(
            f"An authentication message template has no {kind} component.", "not_allowed"
        )
    if context.has("BODY"):
        _check_body(context.component("BODY"))
    else:
        components.note("The body is missing.", "missing")
    if context.has("FOOTER"):
        _check_footer(context.component("FOOTER"))
    if context.has("BUTTONS"):
        _check_buttons(context.component("BUTTONS")["buttons"])
    else:
        components.note("The button for the code is missing.", "missing")


def _check_body(body: Spot) -> None:
    body["text"].absent("Meta writes this text itself; leave it out.")
    body["add_security_recommendation"].flag("The security note")


def _check_footer(footer: Spot) -> None:
    footer["text"].absent("Meta writes this text itself; give the minutes instead.")
    if not footer["code_expiration_minutes"].is_missing:
        footer["code_expiration_minutes"].whole("The minutes until the code expires", 1, _LONGEST_MINUTES)


def _check_buttons(spot: Spot) -> None:
    buttons = spot.list("Buttons", 1)
    if len(buttons) > 1:
        spot.note("An authentication message template has exactly one button.", "too_many")
    for button in (one for one in buttons if one.object("The button")):
        if kind_of(button) == "OTP":
            _check_otp(button)
        else:
            button["type"].note("Only the button for the code is possible here.", "not_allowed")


def _check_otp(button: Spot) -> None:
    given = button["otp_type"].value
    upper = given.upper() if isinstance(given, str) else given
    kind = Spot(upper, button["otp_type"].path, button.problems).choice(
        "The way to hand over the code", _OTP_KINDS
    )
    check_label(button["text"], "The button's text", required=False)
    check_label(button["autofill_text"], "The fill-in button's text", required=False)
    for key in ("package_name", "signature_hash"):
        button[key].absent("This belongs into the list of supported apps.")
    if kind in ("ONE_TAP", "ZERO_TAP"):
        for app in button["supported_apps"].list("Supported apps", 1, _MOST_APPS):
            _check_app(app)
    if kind == "ZERO_TAP" and button["zero_tap_terms_accepted"].value is not True:
        button["zero_tap_terms_accepted"].note("The terms for zero-tap must be accepted.", "missing")


def _check_app(app: Spot) -> None:
    if not app.object("The app"):
        return
    package = app["package_name"].text("The package name", _PACKAGE_CHARACTERS)
    if package and not _PACKAGE.fullmatch(package):
        app["package_name"].note("A package name looks like com.example.shop.", "bad_package")
    signature = app["signature_hash"].text("The app's signature hash")
    if signature and not _HASH.fullmatch(signature):
        app["signature_hash"].note("The app's signature hash has 11 characters.", "bad_hash")
