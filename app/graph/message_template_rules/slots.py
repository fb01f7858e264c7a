"""The places of a message template that want a value at each send.

Source: Meta docs, "Send message templates" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from app.graph import reading
from app.graph.message_template_rules import placeholders

SlotKind = Literal[
    "text",
    "image",
    "video",
    "document",
    "location",
    "product",
    "payload",
    "coupon_code",
    "flow",
    "catalog",
    "products",
    "expires_at",
]
_FILES: dict[str, SlotKind] = {
    "IMAGE": "image",
    "VIDEO": "video",
    "GIF": "video",
    "DOCUMENT": "document",
}


@dataclass(frozen=True, slots=True)
class Variable:
    """One value to give. `key` is unique in the message template: `header.1`, `body.first_name`,
    `button.0.url`, `card.1.body.1`; use it in `values`.

    `name` is the number or name of a text variable (None for files and the like), `is_named`
    tells which. `example` is the author's. The code of a login message has one key although it
    goes out twice.
    """

    key: str
    kind: SlotKind
    label: str
    name: str | None = None
    is_named: bool = False
    example: str = ""
    is_required: bool = True
    most_characters: int | None = None


@dataclass(frozen=True, slots=True)
class ExpectedComponent:
    """A component that Meta expects at a send: `header`, `body`, `button`, `limited_time_offer`.

    Buttons have `sub_type` and zero-based `index`; what stands on a card of a carousel has
    `card`.
    """

    type: str
    parameters: tuple[Variable, ...]
    sub_type: str | None = None
    index: int | None = None
    card: int | None = None

    @property
    def is_required(self) -> bool:
        return any(variable.is_required for variable in self.parameters)


_LOGIN_CODE = Variable("body.1", "text", "Code", name="1", most_characters=15)


def variables(components: Sequence[dict[str, Any]]) -> list[Variable]:
    """All values of a message template in order, each key once."""
    found = (variable for expected in expected_parameters(components) for variable in expected.parameters)
    return list({variable.key: variable for variable in found}.values())


def expected_parameters(components: Sequence[dict[str, Any]]) -> tuple[ExpectedComponent, ...]:
    """The components with values that a send of this message template has."""
    expected: list[ExpectedComponent] = []
    for component in reading.mappings(list(components)):
        if _kind(component) == "CAROUSEL":
            expected.extend(_cards(component))
        else:
            expected.extend(_component(component))
    return tuple(expected)


def is_product_carousel(component: dict[str, Any]) -> bool:
    """Its cards are only a pattern: two are submitted, two to ten are sent."""
    return any(
        (reading.text(part.get("format")) or "").upper() == "PRODUCT"
        for card in reading.mappings(component.get("cards"))
        for part in reading.mappings(card.get("components"))
    )


def _cards(carousel: dict[str, Any]) -> Iterator[ExpectedComponent]:
    for number, card in enumerate(reading.mappings(carousel.get("cards"))):
        for part in reading.mappings(card.get("components")):
            for expected in _component(part):
                yield _on_card(expected, number)


def _on_card(expected: ExpectedComponent, number: int) -> ExpectedComponent:
    moved = tuple(
        replace(
            variable,
            key=f"card.{number}.{variable.key}",
            label=f"Card {number + 1}: {variable.label}",
        )
        for variable in expected.parameters
    )
    return replace(expected, card=number, parameters=moved)


def _kind(component: dict[str, Any]) -> str:
    return (reading.text(component.get("type")) or "").upper()


def _component(component: dict[str, Any]) -> Iterator[ExpectedComponent]:
    kind = _kind(component)
    if kind == "HEADER":
        slots = _header(component)
        yield from [ExpectedComponent("header", slots)] if slots else []
    elif kind == "BODY":
        slots = _body(component)
        yield from [ExpectedComponent("body", slots)] if slots else []
    elif kind == "BUTTONS":
        for index, button in enumerate(reading.items(component.get("buttons"))):
            yield from _button(index, reading.mapping(button))
    elif kind == "LIMITED_TIME_OFFER":
        offer = reading.mapping(component.get("limited_time_offer"))
        if offer.get("has_expiration") is True:
            slot = Variable("offer.expires_at", "expires_at", "End of the offer")
            yield ExpectedComponent("limited_time_offer", (slot,))


def _header(component: dict[str, Any]) -> tuple[Variable, ...]:
    form = (reading.text(component.get("format")) or "TEXT").upper()
    if form == "TEXT":
        return _texts(component, "header", "header_text", "Header")
    if form in _FILES:
        kind = _FILES[form]
        return (Variable(f"header.{kind}", kind, f"Header {kind}"),)
    if form == "LOCATION":
        return (Variable("header.location", "location", "Header location"),)
    if form == "PRODUCT":
        return (Variable("header.product", "product", "Product"),)
    return ()


def _body(component: dict[str, Any]) -> tuple[Variable, ...]:
    is_login_code = "text" not in component and "add_security_recommendation" in component
    if is_login_code or reading.text(component.get("text")) is None:
        return (_LOGIN_CODE,)
    return _texts(component, "body", "body_text", "Body")


def _texts(component: dict[str, Any], place: str, key: str, label: str) -> tuple[Variable, ...]:
    found = placeholders.names(reading.text(component.get("text")) or "")
    if all(placeholders.is_number(name) for name in found):
        found.sort(key=int)  # values go out by number, wherever the numbers stand in the text
    examples = _examples(reading.mapping(component.get("example")), key, found)
    return tuple(
        Variable(
            f"{place}.{name}",
            "text",
            f"{label} {{{{{name}}}}}",
            name=name,
            is_named=not placeholders.is_number(name),
            example=examples.get(name, ""),
        )
        for name in found
    )


def _examples(example: dict[str, Any], key: str, found: list[str]) -> dict[str, str]:
    named = {
        reading.text(pair.get("param_name")) or "": reading.text(pair.get("example")) or ""
        for pair in reading.mappings(example.get(f"{key}_named_params"))
    }
    rows = example.get(key)
    first = rows[0] if isinstance(rows, list) and rows and isinstance(rows[0], list) else rows
    listed = [first] if isinstance(first, str) else list(reading.texts(first))
    return {**dict(zip(found, listed, strict=False)), **named}


def _button(index: int, button: dict[str, Any]) -> Iterator[ExpectedComponent]:
    label = reading.text(button.get("text")) or "Button"
    made = _BUTTONS.get(_kind(button))
    if made is not None:
        sub_type, kind, suffix, words, is_required = made
        slot = Variable(
            f"button.{index}.{suffix}",
            kind,
            f"{words} “{label}”",
            example=_example_of(button),
            is_required=is_required,
        )
        yield ExpectedComponent("button", (slot,), sub_type, index)
    elif _kind(button) == "OTP" or _is_login_link(button):
        yield ExpectedComponent("button", (_LOGIN_CODE,), "url", index)
    elif _kind(button) == "URL":
        yield from _link(index, button, label)


def _link(index: int, button: dict[str, Any], label: str) -> Iterator[ExpectedComponent]:
    url = reading.text(button.get("url")) or ""
    for name in placeholders.names(url)[:1]:
        slot = Variable(
            f"button.{index}.url",
            "text",
            f"End of the link “{label}”",
            name=name,
            is_named=not placeholders.is_number(name),
            example=_suffix(url, _example_of(button)),
        )
        yield ExpectedComponent("button", (slot,), "url", index)


def _is_login_link(button: dict[str, Any]) -> bool:
    """A one-time-code button comes back from Meta as a URL button with an internal address."""
    url = reading.text(button.get("url")) or ""
    return _kind(button) == "URL" and "otp_type=" in url


def _example_of(button: dict[str, Any]) -> str:
    example = button.get("example")
    first = example[0] if isinstance(example, list) and example else example
    return reading.text(first) or ""


def _suffix(url: str, example: str) -> str:
    """Examples come as the whole address or as its end; a send wants the end."""
    return example.removeprefix(url.split("{{", maxsplit=1)[0])


_BUTTONS: dict[str, tuple[str, SlotKind, str, str, bool]] = {
    "QUICK_REPLY": ("quick_reply", "payload", "payload", "Payload of", False),
    "COPY_CODE": ("copy_code", "coupon_code", "code", "Code for", True),
    "FLOW": ("flow", "flow", "flow", "Flow data of", False),
    "CATALOG": ("catalog", "catalog", "product", "Shown product of", False),
    "MPM": ("mpm", "products", "products", "Products of", True),
}
