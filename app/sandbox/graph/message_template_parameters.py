"""Does a send fit its message template: name, language, status, parameters of header, body, buttons, cards.

Source: Meta docs, "Templates" and "Error codes" pages, read 2026-03; most detail texts (unverified).
"""

import re
from typing import Any

from ..database import Row
from ..digits import whole_number
from ..store import message_templates
from . import checks, errors
from .errors import GraphError
from .registry import Call

VARIABLE = re.compile(r"{{\s*([^{}]+?)\s*}}")
BODY_FORMATS = {"text", "currency", "date_time"}
LONGEST_BODY = 1024
LONGEST_CODE = 15
Part = dict[str, Any]


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
    components = sent.get("components")
    if components is None:
        components = []
    if not isinstance(components, list) or not all(isinstance(part, dict) for part in components):
        raise errors.bad_value("template['components'] must be a list of objects.")
    if row["extra"].get("library_template_name") and not row["components"]:
        return None  # the texts of Meta's library are not here to compare with
    return _check_parts(call, row, row["components"], components)


def _check_parts(call: Call, row: Row, created: list[Part], sent: list[Part]) -> str | None:
    by_type = {str(part.get("type", "")).upper(): part for part in created}
    link = _check_header(call, row, by_type.get("HEADER"), _sent_part(sent, "header"))
    _check_body(call, row, by_type.get("BODY"), _sent_part(sent, "body"))
    buttons = by_type.get("BUTTONS", {}).get("buttons", [])
    _check_buttons(buttons, [part for part in sent if str(part.get("type", "")).lower() == "button"])
    if "CAROUSEL" in by_type:
        _check_cards(call, row, by_type["CAROUSEL"]["cards"], _sent_part(sent, "carousel"))
    return link


def _sent_part(sent: list[Part], kind: str) -> Part:
    return next((part for part in sent if str(part.get("type", "")).lower() == kind), {})


def _parameters(part: Part) -> list[Part]:
    parameters = part.get("parameters") or []
    if not isinstance(parameters, list) or not all(isinstance(item, dict) for item in parameters):
        raise errors.bad_value("parameters must be a list of objects.")
    return parameters


def _check_header(call: Call, row: Row, header: Part | None, sent: Part) -> str | None:
    parameters = _parameters(sent)
    form = str((header or {}).get("format", "TEXT")).upper()
    if header is None or form == "TEXT":
        _check_variables(call, row, "header", (header or {}).get("text", ""), parameters)
        return None
    kind = form.lower()
    if len(parameters) != 1:
        raise _wrong_count("header", len(parameters), 1)
    if parameters[0].get("type") != kind:
        raise GraphError(
            132012, details=f"header: Format mismatch, expected {form}, received {_form(parameters[0])}"
        )
    value = checks.object_at(parameters[0], kind, f"header parameter {kind}")
    if kind in {"image", "video", "document"}:
        return checks.media_reference(call.db, call.node.waba_id, value, f"template header {kind}")
    return None


def _check_body(call: Call, row: Row, body: Part | None, sent: Part) -> None:
    text = (body or {}).get("text") or ""
    parameters = _parameters(sent)
    if row["category"] == "AUTHENTICATION":
        text = "{{1}}"
        _check_code(parameters)
    _check_variables(call, row, "body", text, parameters)
    filled = len(VARIABLE.sub("", text)) + sum(len(_shown(item)) for item in parameters)
    if filled > LONGEST_BODY:
        raise GraphError(
            132005, details=f"body: the filled text has {filled} characters, more than {LONGEST_BODY}"
        )


def _check_code(parameters: list[Part]) -> None:
    if any(len(_shown(item)) > LONGEST_CODE for item in parameters):
        raise errors.bad_value(f"body: a code has at most {LONGEST_CODE} characters.")


def _check_variables(call: Call, row: Row, where: str, text: str, parameters: list[Part]) -> None:
    names = list(dict.fromkeys(VARIABLE.findall(text)))
    if len(parameters) != len(names):
        raise _wrong_count(where, len(parameters), len(names))
    if row["parameter_format"] == "NAMED" and names:
        sent = {item.get("parameter_name") for item in parameters}
        if sent != set(names):
            raise GraphError(132012, details=f"{where}: expected parameter_name {', '.join(sorted(names))}")
    for index, item in enumerate(parameters):
        _check_value(call, item, f"{where} parameter {index + 1}")


def _check_value(call: Call, item: Part, path: str) -> None:
    kind = item.get("type")
    if kind not in BODY_FORMATS:
        raise GraphError(132012, details=f"{path}: Format mismatch, expected TEXT, received {_form(item)}")
    value = _shown(item)
    if not value:
        raise errors.missing_part(f"{path}: the text is missing.")
    if "\n" in value or "\t" in value or " " * 5 in value:
        # (unverified) rule; the code for invalid parameters is 132018 since v23.
        code = 132018 if call.version >= 23 else 100
        raise GraphError(
            code, details=f"{path}: no new-line or tab characters and no more than 4 consecutive spaces."
        )


def _shown(item: Part) -> str:
    if item.get("type") == "text":
        return str(item.get("text") or "")
    inner = item.get(str(item.get("type")))
    return str(inner.get("fallback_value") or "") if isinstance(inner, dict) else ""


def _form(item: Part) -> str:
    return str(item.get("type", "UNKNOWN")).upper()


def _wrong_count(where: str, got: int, expected: int) -> GraphError:
    return GraphError(
        132000,
        details=f"{where}: number of localizable_params ({got}) does not match the expected number of params "
        f"({expected})",
    )


def _check_buttons(created: list[Part], sent: list[Part]) -> None:
    by_index: dict[int, Part] = {}
    for part in sent:
        index = str(part.get("index", ""))
        position = whole_number(index)
        if position is None or position >= len(created):
            raise GraphError(132012, details=f"button: there is no button with index {index or 'none'}")
        by_index[position] = part
    for place, button in enumerate(created):
        _check_button(place, button, by_index.get(place))


def _check_button(index: int, button: Part, sent: Part | None) -> None:
    kind = str(button.get("type", "")).upper()
    expected = _expected_sub_type(kind, button)
    if sent is None:
        if expected in {"url", "copy_code", "mpm"}:
            raise errors.missing_part(f"buttons: Button at index {index} of type {kind} requires a parameter")
        return
    sub_type = str(sent.get("sub_type", "")).lower()
    if expected is not None and sub_type != expected:
        raise GraphError(
            132012, details=f"button: index {index} is of type {kind}, sub_type {sub_type} does not fit"
        )
    if expected is None:
        raise GraphError(132000, details=f"button: index {index} of type {kind} takes no parameters")
    _check_button_value(index, expected, _parameters(sent))


def _check_button_value(index: int, sub_type: str, parameters: list[Part]) -> None:
    wanted = {"url": "text", "copy_code": "coupon_code", "quick_reply": "payload"}.get(sub_type)
    if wanted is None:
        return
    if len(parameters) != 1:
        raise _wrong_count(f"button {index}", len(parameters), 1)
    if parameters[0].get("type") != wanted:
        raise GraphError(132012, details=f"button {index}: expected a parameter of type {wanted}")
    if not parameters[0].get(wanted):
        raise errors.missing_part(f"button {index}: {wanted} is empty")


def _expected_sub_type(kind: str, button: Part) -> str | None:
    """None: nothing may be sent for it."""
    if kind == "OTP" or (kind == "URL" and VARIABLE.search(str(button.get("url", "")))):
        return "url"
    known = ("QUICK_REPLY", "COPY_CODE", "FLOW", "CATALOG", "MPM", "VOICE_CALL")
    return kind.lower() if kind in known else None


def _check_cards(call: Call, row: Row, created: list[Part], sent: Part) -> None:
    cards = sent.get("cards") or []
    is_product = any(str(part.get("format", "")).upper() == "PRODUCT" for part in created[0]["components"])
    if not isinstance(cards, list) or (len(cards) != len(created) and not is_product):
        raise _wrong_count("carousel cards", len(cards), len(created))
    for index, card in enumerate(cards):
        template = created[min(index, len(created) - 1)]
        _check_parts(call, row, template["components"], card.get("components") or [])
