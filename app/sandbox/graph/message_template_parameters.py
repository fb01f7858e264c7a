"""Does a send fit its message template: name, language, status, parameters of header, body, buttons, cards.

Source: Meta docs, "Templates" and "Error codes" pages, read 2026-03; most detail texts (unverified).
"""

import re
from dataclasses import dataclass
from typing import Any

from ..database import Row
from ..store import message_templates
from . import checks, errors, message_template_values
from .errors import GraphError
from .registry import Call

VARIABLE = re.compile(r"{{\s*([^{}]+?)\s*}}")
BODY_FORMATS = ("text", "currency", "date_time")
# Header of the message template → type of the parameter that fills it.
HEADER_FORMATS = {
    "IMAGE": "image", "VIDEO": "video", "GIF": "video", "DOCUMENT": "document", "LOCATION": "location",
    "PRODUCT": "product",
}  # fmt: skip
# Button → sub_type, type of its parameter, and whether it must be sent. VOICE_CALL has several.
BUTTONS = {
    "QUICK_REPLY": ("quick_reply", "payload", False),
    "COPY_CODE": ("copy_code", "coupon_code", True),
    "FLOW": ("flow", "action", False),
    "CATALOG": ("catalog", "action", False),
    "MPM": ("mpm", "action", True),
    "VOICE_CALL": ("voice_call", "", False),
    "ORDER_DETAILS": ("order_details", "", False),
}
UNTIDY = re.compile(r"[\n\r\t]| {5,}")
LONGEST_BODY = 1024
LONGEST_CODE = 15
# Taken with every message template.
FREE = ("tap_target_configuration", "order_status")
Part = dict[str, Any]
Key = tuple[str, str, int]


@dataclass(frozen=True)
class Slot:
    """Parameters that a component takes: each of one of `types` (any if empty), so many, by name if named."""

    where: str
    types: tuple[str, ...]
    count: int | None = 1
    names: tuple[str, ...] = ()
    is_required: bool = True
    longest: int = LONGEST_BODY


def find_sendable(call: Call, sent: Part) -> Row:
    """The message template a send names. Raises 132001, 132015 or 132016."""
    name = checks.text_at(sent, "name", "template['name']", 512)
    language = checks.object_at(sent, "language", "template['language']")
    code = checks.text_at(language, "code", "template['language']['code']", 20)
    if language.get("policy", "deterministic") != "deterministic":
        raise errors.bad_value("template['language']['policy'] must be deterministic.")
    row = message_templates.find_version(call.db, call.node.waba_id, name, code)
    if row is not None and row["status"] == "PAUSED":
        raise GraphError(132015, details=f"template ({name}) is paused")
    if row is not None and row["status"] == "DISABLED":
        raise GraphError(132016, details=f"template ({name}) is disabled")
    if row is None or row["status"] != "APPROVED":
        raise GraphError(132001, details=f"template name ({name}) does not exist in {code}")
    return row


def check(call: Call, row: Row, sent: Part) -> str | None:
    """Raises 132000, 132005, 132012, 131008 or 131009; answers the link of a media header."""
    path = "template['components']"
    components = checks.optional_list_at(sent, "components", path)
    message_template_values.check(call, components, path)
    if row["extra"].get("library_template_name") and not row["components"]:
        return None  # the texts of Meta's library are not here to compare with
    created = {str(part.get("type", "")).upper(): part for part in row["components"]}
    _check_group(call, row, created, components)
    _check_carousel(call, row, created, components)
    return _link(components)


def _link(components: list[Part]) -> str | None:
    header = next((part for part in components if part["type"] == "header"), {})
    for item in header.get("parameters") or []:
        media = item.get(item["type"])
        if item["type"] in ("image", "video", "document") and media.get("link"):
            return str(media["link"])
    return None


def _check_group(call: Call, row: Row, created: dict[str, Part], sent: list[Part]) -> None:
    """What is sent against what the message template, or a card of it, expects."""
    wanted = _slots(row, created)
    seen: set[Key] = set()
    for part in sent:
        key = _key(part)
        if part["type"] == "carousel" or part["type"] in FREE:
            continue
        slot = wanted.get(key)
        if slot is None or key in seen:
            _check_surplus(part, key)
            continue
        seen.add(key)
        _check_slot(call, slot, part.get("parameters") or [])
        if part["type"] == "body":
            _check_filled(created["BODY"], part.get("parameters") or [])
    for key, slot in wanted.items():
        if key not in seen and slot.is_required:
            _refuse_missing(key, slot)


def _key(part: Part) -> Key:
    if part["type"] != "button":
        return part["type"], "", -1
    return "button", part["sub_type"], int(float(part["index"]))


def _check_surplus(part: Part, key: Key) -> None:
    if part["type"] == "button":
        raise GraphError(
            132012, details=f"button {key[2]}: there is none of this sub_type, or it is repeated"
        )
    if part.get("parameters"):
        raise _wrong_count(part["type"], len(part["parameters"]), 0)


def _refuse_missing(key: Key, slot: Slot) -> None:
    if key[0] == "button":
        raise errors.missing_part(f"button {key[2]}: type {key[1]} requires a parameter")
    raise _wrong_count(slot.where, 0, slot.count or 0)


def _slots(row: Row, created: dict[str, Part]) -> dict[Key, Slot]:
    found: dict[Key, Slot] = {}
    header = created.get("HEADER", {})
    form = str(header.get("format", "TEXT")).upper()
    if form in HEADER_FORMATS:
        found["header", "", -1] = Slot("header", (HEADER_FORMATS[form],))
    elif names := _names(header.get("text")):
        found["header", "", -1] = _texts(row, "header", names, ("text",))
    if row["category"] == "AUTHENTICATION":
        found["body", "", -1] = Slot("body", BODY_FORMATS, longest=LONGEST_CODE)
    elif names := _names(created.get("BODY", {}).get("text")):
        found["body", "", -1] = _texts(row, "body", names, BODY_FORMATS)
    if (created.get("LIMITED_TIME_OFFER", {}).get("limited_time_offer") or {}).get("has_expiration") is True:
        found["limited_time_offer", "", -1] = Slot("limited_time_offer", ("limited_time_offer",))
    for index, button in enumerate(created.get("BUTTONS", {}).get("buttons", [])):
        found |= _button(row, index, button)
    return found


def _names(text: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(VARIABLE.findall(str(text or ""))))


def _texts(row: Row, where: str, names: tuple[str, ...], types: tuple[str, ...]) -> Slot:
    return Slot(where, types, len(names), names if row["parameter_format"] == "NAMED" else ())


def _button(row: Row, index: int, button: Part) -> dict[Key, Slot]:
    kind, where = str(button.get("type", "")).upper(), f"button {index}"
    if kind == "OTP":
        return {("button", "url", index): Slot(where, ("text",), longest=LONGEST_CODE)}
    if kind == "URL" and (names := _names(button.get("url"))):
        return {("button", "url", index): _texts(row, where, names, ("text",))}
    if kind not in BUTTONS:
        return {}
    sub_type, type_, is_required = BUTTONS[kind]
    count, types = (1, (type_,)) if type_ else (None, ())
    return {("button", sub_type, index): Slot(where, types, count, is_required=is_required)}


def _check_slot(call: Call, slot: Slot, parameters: list[Part]) -> None:
    if slot.count is None:
        return
    if len(parameters) != slot.count and (slot.is_required or parameters):
        raise _wrong_count(slot.where, len(parameters), slot.count)
    if slot.names and {item.get("parameter_name") for item in parameters} != set(slot.names):
        raise GraphError(132012, details=f"{slot.where}: expected parameter_name {', '.join(slot.names)}")
    for index, item in enumerate(parameters):
        _check_value(call, slot, item, f"{slot.where} parameter {index + 1}")


def _check_value(call: Call, slot: Slot, item: Part, path: str) -> None:
    kind = item["type"]
    if kind not in slot.types:
        expected = ", ".join(slot.types).upper()
        raise GraphError(
            132012, details=f"{path}: Format mismatch, expected {expected}, received {kind.upper()}"
        )
    if kind not in BODY_FORMATS:
        return
    value = _shown(item)
    if len(value) > slot.longest:
        if slot.longest == LONGEST_CODE:
            raise errors.bad_value(f"{path}: a code has at most {LONGEST_CODE} characters.")
        raise GraphError(132005, details=f"{path}: {len(value)} characters, more than {slot.longest}")
    if UNTIDY.search(value):
        # (unverified) rule; the code for invalid parameters is 132018 since v23.
        code = 132018 if call.version >= 23 else 100
        raise GraphError(
            code, details=f"{path}: no new-line or tab characters and no more than 4 consecutive spaces."
        )


def _check_filled(body: Part, parameters: list[Part]) -> None:
    fixed = VARIABLE.sub("", str(body.get("text") or ""))
    filled = len(fixed) + sum(len(_shown(item)) for item in parameters)
    if filled > LONGEST_BODY:
        raise GraphError(
            132005, details=f"body: the filled text has {filled} characters, more than {LONGEST_BODY}"
        )


def _shown(item: Part) -> str:
    if item["type"] == "text":
        return str(item["text"])
    inner = item.get(item["type"])
    return str(inner.get("fallback_value") or "") if isinstance(inner, dict) else ""


def _wrong_count(where: str, got: int, expected: int) -> GraphError:
    return GraphError(
        132000,
        details=f"{where}: number of localizable_params ({got}) does not match the expected number of params "
        f"({expected})",
    )


def _check_carousel(call: Call, row: Row, created: dict[str, Part], sent: list[Part]) -> None:
    """As many cards as were created; of a product carousel the first one is the pattern for all."""
    given = [part["cards"] for part in sent if part["type"] == "carousel"]
    if "CAROUSEL" not in created and not given:
        return
    patterns = created.get("CAROUSEL", {}).get("cards", [])
    if "CAROUSEL" not in created or len(given) != 1:
        raise _wrong_count("carousel", len(given), min(1, len(patterns)))
    by_type = [{str(part["type"]).upper(): part for part in card["components"]} for card in patterns]
    is_product = str(by_type[0].get("HEADER", {}).get("format", "")).upper() == "PRODUCT"
    if len(given[0]) != len(patterns) and (not is_product or len(given[0]) < len(patterns)):
        raise _wrong_count("carousel", len(given[0]), len(patterns))
    for index, card in enumerate(given[0]):
        pattern = by_type[0 if is_product else index]
        try:
            _check_group(call, row, pattern, card.get("components") or [])
        except GraphError as error:
            raise GraphError(error.code, details=f"carousel: card {index}: {_details(error)}") from error


def _details(error: GraphError) -> str:
    return str((error.error_data or {}).get("details") or error.message)
