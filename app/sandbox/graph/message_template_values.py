"""The form of what a send puts into a message template: components, buttons, values of each type.

Whether there are the right ones is `message_template_parameters`' question.
Source: Meta docs, "Send message templates" page, read 2026-09.
"""

from collections.abc import Callable
from typing import Any

from . import checks, content_checks, errors
from .checks import list_at, object_at, optional_object_at, optional_text_at, text_at, whole_at
from .errors import GraphError
from .registry import Call

COMPONENTS = (
    "header", "body", "button", "carousel", "limited_time_offer", "order_status", "tap_target_configuration",
)  # fmt: skip
SUB_TYPES = (
    "quick_reply", "url", "copy_code", "flow", "catalog", "mpm", "voice_call", "order_details",
)  # fmt: skip
MOST_BUTTONS, MOST_CARDS, MOST_SECTIONS, MOST_PRODUCTS = 10, 10, 10, 30
LONGEST_PAYLOAD, LONGEST_COUPON, LONGEST_SECTION, LONGEST_CALL_MINUTES = 512, 20, 24, 43_200
# Milliseconds. Nobody can tell whether an end in January 1970 was meant: pywa 4.5.0 sends seconds.
FIRST_END, LAST_END, MOST_AMOUNT = 1, 10**14, 10**15
BAD_VALUE, WRONG_AMOUNT = 131009, 132008
Part = dict[str, Any]
Check = Callable[[Call, Part, str], None]


def in_lower_case(sent: Any) -> Any:
    """Types and sub_types of a send in lower case, as Meta's pages write them.

    Capital ones are taken too: Meta's own examples and pywa 4.5.0 have them (unverified).
    """
    if isinstance(sent, list):
        return [in_lower_case(item) for item in sent]
    if not isinstance(sent, dict):
        return sent
    words = {key: sent[key].lower() for key in ("type", "sub_type") if isinstance(sent.get(key), str)}
    inner = {key: in_lower_case(sent[key]) for key in ("components", "parameters", "cards") if key in sent}
    return {**sent, **words, **inner}


def check(call: Call, components: list[Part], path: str) -> None:
    """Raises 131008 or 131009 (100 for a key that is not known)."""
    for index, part in enumerate(components):
        here = f"{path}[{index}]"
        if part.get("type") not in COMPONENTS:
            raise errors.bad_value(f"{here}['type'] must be one of {', '.join(COMPONENTS)}.")
        if part["type"] == "carousel":
            _check_cards(call, part, here)
            continue
        if part["type"] == "button":
            if part.get("sub_type") not in SUB_TYPES:
                raise errors.bad_value(f"{here}['sub_type'] must be one of {', '.join(SUB_TYPES)}.")
            whole_at(part, "index", f"{here}['index']", 0, MOST_BUTTONS - 1)
        for at, item in enumerate(checks.optional_list_at(part, "parameters", f"{here}['parameters']")):
            _check_value(call, item, f"{here}['parameters'][{at}]")


def _check_cards(call: Call, part: Part, path: str) -> None:
    for index, card in enumerate(list_at(part, "cards", f"{path}['cards']", 1, MOST_CARDS)):
        here = f"{path}['cards'][{index}]"
        whole_at(card, "card_index", f"{here}['card_index']", index, index)
        check(
            call,
            checks.optional_list_at(card, "components", f"{here}['components']"),
            f"{here}['components']",
        )


def _check_value(call: Call, item: Part, path: str) -> None:
    """A type that is not known here is left to what the message template expects."""
    kind = text_at(item, "type", f"{path}['type']")
    optional_text_at(item, "parameter_name", f"{path}['parameter_name']")
    if kind in CHECKS:
        CHECKS[kind](call, item, path)


def _words(key: str, most: int | None = None) -> Check:
    return lambda _call, item, path: void(text_at(item, key, f"{path}['{key}']", most))


def void(_value: object) -> None:
    """The check is in the asking."""


def _media(kind: str) -> Check:
    def check_media(call: Call, item: Part, path: str) -> None:
        holder = object_at(item, kind, f"{path}['{kind}']")
        checks.media_reference(call.db, call.node.waba_id, holder, f"{path}['{kind}']")

    return check_media


def _currency(_call: Call, item: Part, path: str) -> None:
    holder = object_at(item, "currency", f"{path}['currency']")
    text_at(holder, "fallback_value", f"{path}['currency']['fallback_value']")
    try:
        text_at(holder, "code", f"{path}['currency']['code']", 3)
        whole_at(holder, "amount_1000", f"{path}['currency']['amount_1000']", -MOST_AMOUNT, MOST_AMOUNT)
    except GraphError as error:
        # Which values are wrong enough for 132008 is unverified.
        if error.code != BAD_VALUE:
            raise
        wrong = GraphError(WRONG_AMOUNT)
        wrong.error_data = error.error_data
        raise wrong from None


def _date_time(_call: Call, item: Part, path: str) -> None:
    holder = object_at(item, "date_time", f"{path}['date_time']")
    text_at(holder, "fallback_value", f"{path}['date_time']['fallback_value']")


def _location(_call: Call, item: Part, path: str) -> None:
    content_checks.check_location(object_at(item, "location", f"{path}['location']"), f"{path}['location']")


def _product(_call: Call, item: Part, path: str) -> None:
    holder = object_at(item, "product", f"{path}['product']")
    text_at(holder, "product_retailer_id", f"{path}['product']['product_retailer_id']")
    optional_text_at(holder, "catalog_id", f"{path}['product']['catalog_id']")


def _ttl(_call: Call, item: Part, path: str) -> None:
    whole_at(item, "ttl_minutes", f"{path}['ttl_minutes']", 1, LONGEST_CALL_MINUTES)


def _offer(_call: Call, item: Part, path: str) -> None:
    holder = object_at(item, "limited_time_offer", f"{path}['limited_time_offer']")
    if holder.get("expiration_time_ms") is not None:
        here = f"{path}['limited_time_offer']['expiration_time_ms']"
        whole_at(holder, "expiration_time_ms", here, FIRST_END, LAST_END)


def _targets(_call: Call, item: Part, path: str) -> None:
    here = f"{path}['tap_target_configuration']"
    for index, target in enumerate(list_at(item, "tap_target_configuration", here, 1, None)):
        checks.url_at(target, "url", f"{here}[{index}]['url']")
        text_at(target, "title", f"{here}[{index}]['title']")


def _action(_call: Call, item: Part, path: str) -> None:
    """Of a Flow, a catalog, several products or an order."""
    action = object_at(item, "action", f"{path}['action']")
    for key in ("flow_token", "thumbnail_product_retailer_id"):
        optional_text_at(action, key, f"{path}['action']['{key}']")
    for key in ("flow_action_data", "order_details"):
        optional_object_at(action, key, f"{path}['action']['{key}']")
    if action.get("sections") is not None:
        _sections(action, f"{path}['action']['sections']")


def _sections(action: Part, path: str) -> None:
    sections, count = list_at(action, "sections", path, 0, MOST_SECTIONS), 0
    for index, section in enumerate(sections):
        if len(sections) > 1:
            text_at(section, "title", f"{path}[{index}]['title']", LONGEST_SECTION)
        optional_text_at(section, "title", f"{path}[{index}]['title']", LONGEST_SECTION)
        here = f"{path}[{index}]['product_items']"
        items = list_at(section, "product_items", here, 1, None)
        count += len(items)
        for at, one in enumerate(items):
            text_at(one, "product_retailer_id", f"{here}[{at}]['product_retailer_id']")
    if count > MOST_PRODUCTS:
        raise errors.bad_value(f"{path}: at most {MOST_PRODUCTS} items in total.")


CHECKS: dict[str, Check] = {
    "text": _words("text"),
    **{kind: _media(kind) for kind in ("image", "video", "document")},
    "currency": _currency,
    "date_time": _date_time,
    "location": _location,
    "product": _product,
    "payload": _words("payload", LONGEST_PAYLOAD),
    "coupon_code": _words("coupon_code", LONGEST_COUPON),
    "ttl_minutes": _ttl,
    "limited_time_offer": _offer,
    "tap_target_configuration": _targets,
    "action": _action,
}
