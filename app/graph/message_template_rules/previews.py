"""How a message template will look, with values or with its placeholders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.message_template_rules import placeholders

# Meta's wording is fixed for each language; this is near its English one (unverified).
_CODE_SENTENCE = "{{1}} is your verification code."
_SECURITY_SENTENCE = " For your security, do not share this code."
_FIXED_LABELS = {
    "COPY_CODE": "Copy code",
    "OTP": "Copy code",
    "CATALOG": "View catalog",
    "MPM": "View items",
    "SPM": "View",
    "REQUEST_CONTACT_INFO": "Share contact info",
}


@dataclass(frozen=True, slots=True)
class PreviewButton:
    """A button as it shows; `url` only for those that open a web page."""

    kind: str
    text: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Preview:
    """Plain texts in WhatsApp's own mark-up (`*bold*`); nothing in here is HTML.

    `header_kind` is text, image, video, document, location, product or None.
    """

    body: str = ""
    header_kind: str | None = None
    header_text: str = ""
    header_sample: str = ""
    """The file shown to Meta's reviewers: an upload handle, an address, or whatever else names it."""
    footer: str = ""
    offer: str = ""
    buttons: tuple[PreviewButton, ...] = ()
    cards: tuple[Preview, ...] = ()


def render_preview(components: Sequence[dict[str, Any]], values: Mapping[str, Any] | None = None) -> Preview:
    """The message template with these values (by `Variable.key`); missing ones stay `{{1}}`."""
    return _render(components, values or {}, "")


def _render(components: Sequence[dict[str, Any]], values: Mapping[str, Any], prefix: str) -> Preview:
    found = {
        (reading.text(component.get("type")) or "").upper(): component
        for component in reading.mappings(list(components))
    }
    header = found.get("HEADER", {})
    kind = (reading.text(header.get("format")) or "TEXT").lower() if header else None
    cards = reading.mappings(found.get("CAROUSEL", {}).get("cards"))
    offer = reading.mapping(found.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer"))
    return Preview(
        body=_fill(_body_text(found.get("BODY", {})), values, f"{prefix}body."),
        header_kind=kind,
        header_text=_fill(reading.text(header.get("text")) or "", values, f"{prefix}header."),
        header_sample=_sample(header),
        footer=_footer(found.get("FOOTER", {})),
        offer=reading.text(offer.get("text")) or "",
        buttons=_buttons(found.get("BUTTONS", {}), values, prefix),
        cards=tuple(
            _render(reading.mappings(card.get("components")), values, f"card.{number}.")
            for number, card in enumerate(cards)
        ),
    )


def _sample(header: dict[str, Any]) -> str:
    handles = reading.items(reading.mapping(header.get("example")).get("header_handle"))
    return (reading.text(handles[0]) or "") if handles else ""


def _fill(text: str, values: Mapping[str, Any], prefix: str) -> str:
    given = {name: _shown(values.get(prefix + name)) for name in placeholders.names(text)}
    return placeholders.fill(text, {name: value for name, value in given.items() if value})


def _shown(value: Any) -> str:
    """Currencies and dates come as objects; Meta's clients show them from `fallback_value`."""
    if isinstance(value, Mapping):
        inner = reading.mapping(value.get(reading.text(value.get("type")) or ""))
        return reading.text(inner.get("fallback_value")) or reading.text(value.get("text")) or ""
    return "" if value is None else str(value)


def _body_text(body: dict[str, Any]) -> str:
    text = reading.text(body.get("text"))
    if text is not None or not body:
        return text or ""
    advice = _SECURITY_SENTENCE if body.get("add_security_recommendation") is True else ""
    return _CODE_SENTENCE + advice


def _footer(footer: dict[str, Any]) -> str:
    minutes = reading.integer(footer.get("code_expiration_minutes"))
    if minutes is not None:
        return f"This code expires in {minutes} minute{'' if minutes == 1 else 's'}."
    return reading.text(footer.get("text")) or ""


def _buttons(component: dict[str, Any], values: Mapping[str, Any], prefix: str) -> tuple[PreviewButton, ...]:
    made = []
    for index, button in enumerate(reading.mappings(component.get("buttons"))):
        kind = (reading.text(button.get("type")) or "").upper()
        url = reading.text(button.get("url"))
        suffix = _shown(values.get(f"{prefix}button.{index}.url"))
        if url and suffix:
            url = placeholders.fill(url, dict.fromkeys(placeholders.names(url), suffix))
        label = reading.text(button.get("text")) or _FIXED_LABELS.get(
            kind, kind.replace("_", " ").capitalize()
        )
        made.append(PreviewButton(kind, label, url))
    return tuple(made)
