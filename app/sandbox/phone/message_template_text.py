"""A sent message template with its values filled in, as the customer reads it."""

import re
from dataclasses import dataclass, field
from typing import Any

from .actions import Action, Card, call_permission

VARIABLE = re.compile(r"{{\s*([^{}]+?)\s*}}")
ICONS = {
    "URL": "external-link", "PHONE_NUMBER": "phone", "COPY_CODE": "copy", "OTP": "copy", "FLOW": "list",
    "VOICE_CALL": "phone", "CATALOG": "shopping-cart", "MPM": "shopping-cart", "SPM": "shopping-cart",
    "REQUEST_CONTACT_INFO": "user",
}  # fmt: skip
LABELS = {
    "COPY_CODE": "Copy offer code",
    "OTP": "Copy code",
    "REQUEST_CONTACT_INFO": "Share contact info",
    "SPM": "View",
    "MPM": "View items",
    "CATALOG": "View catalogue",
}
MEDIA = {"image", "video", "document", "location"}
Part = dict[str, Any]


@dataclass
class Filled:
    """`media`: (kind, its object) of a media or location header; `until`: when an offer ends, or 0."""

    header: str = ""
    body: str = ""
    footer: str = ""
    media: tuple[str, Part] | None = None
    actions: list[Action] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    until: float = 0.0


@dataclass(frozen=True)
class Sent:
    """What the send brought. `chosen`: payloads tapped. `place`: of a carousel's card, with a dot, or ""."""

    components: list[Part]
    chosen: set[str]
    place: str = ""

    def values(self, kind: str) -> list[Part]:
        found = (part for part in self.components if str(part.get("type", "")).lower() == kind)
        return list(next(found, {}).get("parameters") or [])

    def button(self, index: int) -> Part:
        """The first parameter of that button."""
        found = (
            part
            for part in self.components
            if str(part.get("type", "")).lower() == "button" and str(part.get("index")) == str(index)
        )
        parameters = next(found, {}).get("parameters") or [{}]
        return dict(parameters[0])


def fill(created: list[Part], sent: Part, chosen: set[str]) -> Filled:
    """created: the message template's components; sent: the `template` object; chosen: payloads tapped."""
    return _fill(created, Sent(sent.get("components") or [], chosen))


def _fill(created: list[Part], sent: Sent) -> Filled:
    filled = Filled()
    for part in created:
        FILLERS.get(part["type"], _ignore)(filled, part, sent)
    return filled


def _header(filled: Filled, part: Part, sent: Sent) -> None:
    kind = str(part.get("format", "TEXT")).lower()
    parameters = sent.values("header")
    if kind == "text":
        filled.header = filled_text(str(part.get("text", "")), parameters)
    elif kind == "product":
        product = (parameters[0].get("product") if parameters else None) or {}
        filled.header = f"Product {product.get('product_retailer_id', '')}".strip()
    elif kind in MEDIA and parameters:
        filled.media = (kind, parameters[0][kind])


def _body(filled: Filled, part: Part, sent: Sent) -> None:
    text = part.get("text") or "{{1}} is your verification code."
    if part.get("add_security_recommendation"):
        text += " For your security, do not share this code."
    filled.body = filled_text(str(text), sent.values("body"))


def _footer(filled: Filled, part: Part, _sent: Sent) -> None:
    minutes = part.get("code_expiration_minutes")
    filled.footer = str(part.get("text") or (f"This code expires in {minutes} minutes." if minutes else ""))


def _offer(filled: Filled, part: Part, sent: Sent) -> None:
    filled.header = str((part.get("limited_time_offer") or {}).get("text") or "Limited-time offer")
    values = sent.values("limited_time_offer") or [{}]
    ends_ms = (values[0].get("limited_time_offer") or {}).get("expiration_time_ms")
    filled.until = float(ends_ms) / 1000 if ends_ms else 0.0


def _call_permission(filled: Filled, _part: Part, sent: Sent) -> None:
    filled.actions += call_permission(sent.chosen)


def _carousel(filled: Filled, part: Part, sent: Sent) -> None:
    cards = (
        next((item.get("cards") for item in sent.components if item.get("type") == "carousel"), None) or []
    )
    for index, created in enumerate(part["cards"]):
        given = cards[index].get("components", []) if index < len(cards) else []
        inner = _fill(created["components"], Sent(given, sent.chosen, f"{index}."))
        text = "\n".join(words for words in (inner.header, inner.body) if words)
        filled.cards.append(Card(text, inner.media, inner.actions))


def _buttons(filled: Filled, part: Part, sent: Sent) -> None:
    filled.actions += [_button(button, index, sent) for index, button in enumerate(part["buttons"])]


def _button(button: Part, index: int, sent: Sent) -> Action:
    kind = str(button["type"])
    label = str(button.get("text") or LABELS.get(kind, kind.replace("_", " ").capitalize()))
    icon, parameter = ICONS.get(kind, ""), sent.button(index)
    is_chosen = str(parameter.get("payload") or label) in sent.chosen
    taps = {
        "QUICK_REPLY": f"template:{sent.place}{index}",
        "FLOW": "flow:",
        "REQUEST_CONTACT_INFO": "contact:",
    }
    if kind in taps:
        return Action(label, taps[kind], icon, is_chosen)
    copy = _code(button, parameter) if kind in {"COPY_CODE", "OTP"} else ""
    return Action(label, icon=icon, reveal=_reveal(kind, button, parameter), copy=copy)


def _code(button: Part, parameter: Part) -> str:
    example = button.get("example") or ""
    known = example[0] if isinstance(example, list) and example else example
    return str(parameter.get("coupon_code") or parameter.get("text") or known)


def _reveal(kind: str, button: Part, parameter: Part) -> str:
    if kind == "URL":
        return f"Opens {filled_text(str(button.get('url', '')), [parameter] if parameter else [])}"
    if kind in {"PHONE_NUMBER", "VOICE_CALL"}:
        return f"Calls {button.get('phone_number') or 'the business on WhatsApp'}"
    if kind in {"COPY_CODE", "OTP"}:
        return f"Copies {_code(button, parameter)}".strip()
    return "Opens the catalogue; the sandbox has none"


def _ignore(_filled: Filled, _part: Part, _sent: Sent) -> None:
    return None


FILLERS = {
    "HEADER": _header,
    "BODY": _body,
    "FOOTER": _footer,
    "BUTTONS": _buttons,
    "CAROUSEL": _carousel,
    "LIMITED_TIME_OFFER": _offer,
    "CALL_PERMISSION_REQUEST": _call_permission,
}


def filled_text(text: str, parameters: list[Part]) -> str:
    """Named values by their name, others in order."""
    named = {str(item["parameter_name"]): _value(item) for item in parameters if item.get("parameter_name")}
    ordered = {str(index): _value(item) for index, item in enumerate(parameters, start=1)}
    return VARIABLE.sub(lambda match: (named or ordered).get(match[1], match[0]), text)


def _value(item: Part) -> str:
    if item.get("type") == "text":
        return str(item.get("text", ""))
    inner = item.get(str(item.get("type"))) or {}
    return str(inner.get("fallback_value", "")) if isinstance(inner, dict) else ""
