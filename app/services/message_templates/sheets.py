"""A message template as the editor shows it, part by part, and the way from there to Meta's form and back.

Nothing is dropped: what the editor has no fields for is carried along as it came (`rest`, `others`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.graph import reading
from app.graph.message_template_rules import MessageTemplateDraft, variables
from app.graph.message_template_rules.placeholders import is_number, names
from app.services.message_templates.sheet_buttons import ButtonSheet, button_of, to_button

STANDARD, CAROUSEL, OFFER, CALL, LOGIN = "standard", "carousel", "offer", "call", "login"
SHAPES = (STANDARD, CAROUSEL, OFFER, CALL)
"""What the author chooses; LOGIN comes with its category."""
MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "GIF")
MOST_CARDS = 10


@dataclass(frozen=True)
class PartSheet:
    """Header, text and buttons: of the message, or of one card."""

    header: str = ""
    """Meta's format, or empty for none."""
    header_text: str = ""
    handle: str = ""
    """The sample file: ours, an upload handle, or the address under which Meta shows its copy."""
    body: str = ""
    buttons: list[ButtonSheet] = field(default_factory=list)


@dataclass(frozen=True)
class LoginSheet:
    """What can be chosen of a message template for login codes; Meta writes its text."""

    warns: bool = True
    minutes: str = ""
    kind: str = "COPY_CODE"
    text: str = ""
    autofill_text: str = ""
    apps: list[tuple[str, str]] = field(default_factory=list)
    """(package name, signature hash)"""
    terms: bool = False


@dataclass(frozen=True)
class Sheet:
    """All of it. `samples` go by the key of their variable: `body.1`, `header.name`, `card.0.body.1`."""

    name: str = ""
    language: str = "en_US"
    category: str = "UTILITY"
    shape: str = STANDARD
    main: PartSheet = field(default_factory=PartSheet)
    footer: str = ""
    samples: dict[str, str] = field(default_factory=dict)
    offer_text: str = ""
    offer_ends: bool = False
    cards: list[PartSheet] = field(default_factory=list)
    login: LoginSheet = field(default_factory=LoginSheet)
    life: str = ""
    """Seconds for which Meta tries to deliver; empty for Meta's default."""
    clicks_off: bool = False
    others: list[dict[str, Any]] = field(default_factory=list)
    """Components that the editor does not know."""
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def is_login(self) -> bool:
        return self.category == "AUTHENTICATION"

    @property
    def parts(self) -> list[tuple[str, PartSheet]]:
        """(prefix of its variables, part): the message, then its cards."""
        cards = self.cards if self.shape == CAROUSEL else []
        return [("", self.main), *((f"card.{number}.", card) for number, card in enumerate(cards))]

    @property
    def is_named(self) -> bool:
        return any(not is_number(name) for _, name in list_variables(self))


def list_variables(sheet: Sheet) -> list[tuple[str, str]]:
    """(key of its sample, name) of every variable in header and text, of the message and its cards."""
    if sheet.is_login:
        return []
    found = []
    for prefix, part in sheet.parts:
        texts = (("header", part.header_text if part.header == "TEXT" else ""), ("body", part.body))
        found += [(f"{prefix}{place}.{name}", name) for place, text in texts for name in names(text)]
    return found


def to_draft(sheet: Sheet) -> MessageTemplateDraft:
    """In Meta's form; nothing is checked here."""
    is_named = sheet.is_named
    return MessageTemplateDraft(
        name=sheet.name,
        language=sheet.language,
        category=sheet.category,
        components=_login(sheet.login) if sheet.is_login else _components(sheet, is_named=is_named),
        parameter_format=None if sheet.is_login else "NAMED" if is_named else "POSITIONAL",
        message_send_ttl_seconds=int(sheet.life) if _is_whole(sheet.life) else None,
        cta_url_link_tracking_opted_out=True if sheet.clicks_off else None,
        extra=sheet.extra,
    )


def _is_whole(text: str) -> bool:
    return text.removeprefix("-").isascii() and text.removeprefix("-").isdecimal() and len(text) < 12


def _components(sheet: Sheet, *, is_named: bool) -> list[dict[str, Any]]:
    made = _part(sheet.main, sheet.samples, "", is_named=is_named, has_header=sheet.shape != CAROUSEL)
    buttons = [made.pop()] if made and made[-1]["type"] == "BUTTONS" else []
    if sheet.shape == OFFER:
        offer = {"text": sheet.offer_text, "has_expiration": sheet.offer_ends}
        made.append({"type": "LIMITED_TIME_OFFER", "limited_time_offer": offer})
    elif sheet.footer:
        made.append({"type": "FOOTER", "text": sheet.footer})
    if sheet.shape == CAROUSEL:
        cards = [
            {"components": _part(card, sheet.samples, f"card.{number}.", is_named=is_named)}
            for number, card in enumerate(sheet.cards)
        ]
        return [*made, {"type": "CAROUSEL", "cards": cards}, *sheet.others]
    if sheet.shape == CALL:
        made.append({"type": "CALL_PERMISSION_REQUEST"})
    return [*made, *buttons, *sheet.others]


def _part(
    part: PartSheet, samples: Mapping[str, str], prefix: str, *, is_named: bool, has_header: bool = True
) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    if part.header and has_header:
        made.append(_header(part, samples, prefix, is_named=is_named))
    # A body without text would be one of Meta's fixed ones, those of login codes.
    if part.body:
        example = _example(part.body, samples, f"{prefix}body", is_named=is_named)
        made.append({"type": "BODY", "text": part.body} | example)
    if part.buttons:
        made.append({"type": "BUTTONS", "buttons": [to_button(button) for button in part.buttons]})
    return made


def _header(part: PartSheet, samples: Mapping[str, str], prefix: str, *, is_named: bool) -> dict[str, Any]:
    made: dict[str, Any] = {"type": "HEADER", "format": part.header}
    if part.header == "TEXT":
        example = _example(part.header_text, samples, f"{prefix}header", is_named=is_named)
        return made | {"text": part.header_text} | example
    if part.header in MEDIA and part.handle:
        made["example"] = {"header_handle": [part.handle]}
    return made


def _example(text: str, samples: Mapping[str, str], place: str, *, is_named: bool) -> dict[str, Any]:
    """Samples in Meta's form; a variable without one keeps its place empty, which the check then says."""
    found, kind = names(text), place.rpartition(".")[2]
    if not found:
        return {}
    if is_named:
        pairs = [{"param_name": name, "example": samples.get(f"{place}.{name}", "")} for name in found]
        return {"example": {f"{kind}_text_named_params": pairs}}
    ordered = sorted(found, key=lambda name: int(name) if is_number(name) else 0)
    values = [samples.get(f"{place}.{name}", "") for name in ordered]
    return {"example": {f"{kind}_text": values if kind == "header" else [values]}}


def _login(login: LoginSheet) -> list[dict[str, Any]]:
    button: dict[str, Any] = {"type": "OTP", "otp_type": login.kind}
    if login.text:
        button["text"] = login.text
    if login.kind != "COPY_CODE":
        if login.autofill_text:
            button["autofill_text"] = login.autofill_text
        button["supported_apps"] = [
            {"package_name": package, "signature_hash": signature} for package, signature in login.apps
        ]
    if login.kind == "ZERO_TAP":
        button["zero_tap_terms_accepted"] = login.terms
    made: list[dict[str, Any]] = [{"type": "BODY", "add_security_recommendation": login.warns}]
    if login.minutes:
        minutes: Any = int(login.minutes) if _is_whole(login.minutes) else login.minutes
        made.append({"type": "FOOTER", "code_expiration_minutes": minutes})
    return [*made, {"type": "BUTTONS", "buttons": [button]}]


_KNOWN = ("HEADER", "BODY", "FOOTER", "BUTTONS", "LIMITED_TIME_OFFER", "CAROUSEL", "CALL_PERMISSION_REQUEST")


def sheet_of(draft: MessageTemplateDraft) -> Sheet:
    """The editor's view of what is in Meta's form, as written or as read back."""
    found = _by_type(draft.components)
    cards = reading.mappings(found.get("CAROUSEL", {}).get("cards"))
    offer = reading.mapping(found.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer"))
    is_login = draft.category == "AUTHENTICATION"
    return Sheet(
        name=draft.name,
        language=draft.language,
        category=draft.category,
        shape=_shape(found),
        main=PartSheet() if is_login else _read_part(found),
        footer=reading.text(found.get("FOOTER", {}).get("text")) or "",
        samples={
            variable.key: variable.example
            for variable in variables(draft.components)
            if variable.kind == "text" and ".url" not in variable.key and not is_login
        },
        offer_text=reading.text(offer.get("text")) or "",
        offer_ends=offer.get("has_expiration") is True,
        cards=[_read_part(_by_type(reading.mappings(card.get("components")))) for card in cards],
        login=_read_login(found) if is_login else LoginSheet(),
        life=str(draft.message_send_ttl_seconds or ""),
        clicks_off=draft.cta_url_link_tracking_opted_out is True,
        others=[] if is_login else [part for part in draft.components if _type(part) not in _KNOWN],
        extra=draft.extra,
    )


def _type(component: Mapping[str, Any]) -> str:
    return (reading.text(component.get("type")) or "").upper()


def _by_type(components: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {_type(component): component for component in components}


def _shape(found: Mapping[str, Any]) -> str:
    shapes = (("CAROUSEL", CAROUSEL), ("LIMITED_TIME_OFFER", OFFER), ("CALL_PERMISSION_REQUEST", CALL))
    return next((shape for kind, shape in shapes if kind in found), STANDARD)


def _read_part(found: Mapping[str, dict[str, Any]]) -> PartSheet:
    header = found.get("HEADER", {})
    handles = reading.items(reading.mapping(header.get("example")).get("header_handle"))
    return PartSheet(
        header=(reading.text(header.get("format")) or "TEXT").upper() if header else "",
        header_text=reading.text(header.get("text")) or "",
        handle=(reading.text(handles[0]) or "") if handles else "",
        body=reading.text(found.get("BODY", {}).get("text")) or "",
        buttons=[button_of(button) for button in reading.mappings(found.get("BUTTONS", {}).get("buttons"))],
    )


def _read_login(found: Mapping[str, dict[str, Any]]) -> LoginSheet:
    buttons = reading.mappings(found.get("BUTTONS", {}).get("buttons"))
    button = buttons[0] if buttons else {}
    minutes = reading.integer(found.get("FOOTER", {}).get("code_expiration_minutes"))
    return LoginSheet(
        warns=found.get("BODY", {}).get("add_security_recommendation") is True,
        minutes="" if minutes is None else str(minutes),
        kind=_login_kind(button),
        text=reading.text(button.get("text")) or "",
        autofill_text=reading.text(button.get("autofill_text")) or "",
        apps=[
            (reading.text(app.get("package_name")) or "", reading.text(app.get("signature_hash")) or "")
            for app in reading.mappings(button.get("supported_apps"))
        ],
        terms=button.get("zero_tap_terms_accepted") is True,
    )


def _login_kind(button: Mapping[str, Any]) -> str:
    """Read back, the button is a link of Meta's own that has the kind in it."""
    in_link = re.search(r"otp_type=(\w+)", reading.text(button.get("url")) or "")
    return (reading.text(button.get("otp_type")) or (in_link[1] if in_link else "COPY_CODE")).upper()
