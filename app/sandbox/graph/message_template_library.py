"""Meta's library of message templates (a small part of it), and creating one from an item.

Source: Meta docs, "Template library" page, read 2026-03; the texts here are our own.
"""

from typing import Any

from . import errors
from .message_template_texts import refuse
from .paging import page
from .registry import MANAGEMENT, Answer, Call, edge

Part = dict[str, Any]
URL_BUTTON = {"type": "URL", "text": "See details", "url": "https://www.example.com/{{1}}"}
CALL_BUTTON = {"type": "PHONE_NUMBER", "text": "Call us", "phone_number": "+12025550100"}
PAYMENTS, ORDERS = ("PAYMENTS", ["FINANCIAL_SERVICES"]), ("ORDER_MANAGEMENT", ["E_COMMERCE"])


def _item(number: int, name: str, topic: tuple[str, list[str]], usecase: str, text: str, **more: Any) -> Part:
    """`more`: header, params (values in the order of the text), types, buttons."""
    params = more.get("params", [])
    item: Part = {
        "id": f"72170{number:010d}",
        "name": name,
        "language": "en_US",
        "category": "UTILITY",
        "topic": topic[0],
        "usecase": usecase,
        "industry": topic[1],
        "header": more.get("header"),
        "body": text,
        "body_params": params,
        "body_param_types": more.get("types", ["TEXT"] * len(params)),
        "buttons": more.get("buttons"),
    }
    return {key: value for key, value in item.items() if value is not None}


ITEMS = (
    _item(1, "low_balance_warning_1", PAYMENTS, "LOW_BALANCE_WARNING",
          "Your account ending in {{1}} has a balance of {{2}}. Add money to keep using it.",
          header="Your balance is low", params=["4821", "$12.50"], types=["NUMBER", "AMOUNT"]),
    _item(2, "payment_due_reminder_1", PAYMENTS, "PAYMENT_DUE_REMINDER",
          "Hi {{1}}, your payment of {{2}} is due on {{3}}. Please pay in time.",
          header="Payment reminder", params=["Nadia", "$40.00", "Jan 12"], types=["TEXT", "AMOUNT", "DATE"],
          buttons=[URL_BUTTON]),
    _item(3, "payment_confirmation_1", PAYMENTS, "PAYMENT_CONFIRMATION",
          "Thank you. We received your payment of {{1}} on {{2}}.",
          header="Payment received", params=["$40.00", "Jan 12"], types=["AMOUNT", "DATE"]),
    _item(4, "order_confirmed_1", ORDERS, "ORDER_CONFIRMED",
          "Hi {{1}}, your order {{2}} is confirmed. We will write when it is on its way.",
          header="Order confirmed", params=["Nadia", "HL-20418"], buttons=[URL_BUTTON]),
    _item(5, "order_delay_1", ORDERS, "ORDER_DELAY",
          "Hi {{1}}, your order {{2}} is late. We now expect it on {{3}}. We are sorry.",
          header="Your order is late", params=["Nadia", "HL-20418", "Jan 12"],
          types=["TEXT", "TEXT", "DATE"]),
    _item(6, "shipment_confirmation_1", ORDERS, "SHIPMENT_CONFIRMATION",
          "Hi {{1}}, your order {{2}} was handed to the carrier today.",
          header="On its way", params=["Nadia", "HL-20418"], buttons=[URL_BUTTON, CALL_BUTTON]),
    _item(7, "delivery_update_1", ORDERS, "DELIVERY_UPDATE",
          "Hi {{1}}, your order {{2}} arrives on {{3}}.",
          header="Delivery update", params=["Nadia", "HL-20418", "Jan 12"], types=["TEXT", "TEXT", "DATE"]),
    _item(8, "feedback_survey_1", ("CUSTOMER_FEEDBACK", ["E_COMMERCE"]), "FEEDBACK_SURVEY",
          "Hi {{1}}, how was your visit on {{2}}? Tell us in a minute.",
          header="How was it?", params=["Nadia", "Jan 12"], types=["TEXT", "DATE"], buttons=[URL_BUTTON]),
    _item(9, "account_creation_confirmation_1", ("ACCOUNT_UPDATE", ["FINANCIAL_SERVICES"]),
          "ACCOUNT_CREATION_CONFIRMATION", "Hi {{1}}, your account is ready. Sign in whenever you like.",
          header="Welcome", params=["Nadia"]),
    _item(10, "fraud_alert_1", ("ACCOUNT_UPDATE", ["FINANCIAL_SERVICES"]), "FRAUD_ALERT",
          "We saw a payment of {{1}} with your card ending in {{2}}. Was it not you? Call us at once.",
          header="Please check", params=["$250.00", "4821"], types=["AMOUNT", "NUMBER"],
          buttons=[CALL_BUTTON]),
)  # fmt: skip
FILTERS = ("topic", "usecase", "language", "name")
EXTRAS = (
    "add_contact_number", "add_learn_more_link", "add_security_recommendation", "add_track_package_link",
    "code_expiration_minutes",
)  # fmt: skip


@edge("root", "message_template_library", "GET", scope=MANAGEMENT)
def list_library(call: Call) -> Answer:
    rows = [item for item in ITEMS if _matches(call, item)]
    return page(call, rows)


def _matches(call: Call, item: Part) -> bool:
    for name in FILTERS:
        wanted = call.params.text(name)
        if wanted and item[name] != wanted:
            return False
    industry, search = call.params.text("industry"), call.params.text("search")
    if industry and industry not in item["industry"]:
        return False
    return not search or search.lower() in f"{item['name']} {item.get('header')} {item['body']}".lower()


def find(name: Any, language: Any) -> Part | None:
    """Items are in English; their other languages are told by the same text here."""
    is_english = str(language).startswith("en")
    return next((item for item in ITEMS if item["name"] == name and is_english), None)


def fill(body: Part) -> bool:
    """Put the item's components into a creation body; False when the library here has it not."""
    item = find(body.get("library_template_name"), body.get("language"))
    if item is None:
        return False
    if body["category"] != "UTILITY":
        raise errors.one_of("category", ("UTILITY",), body["category"])
    extras = body.get("library_template_body_inputs") or {}
    if not isinstance(extras, dict) or set(extras) - set(EXTRAS):
        raise errors.invalid(f"library_template_body_inputs has only {', '.join(EXTRAS)}.")
    components: list[Part] = [{"type": "HEADER", "format": "TEXT", "text": item["header"]}]
    components.append({"type": "BODY", "text": item["body"], "example": {"body_text": [item["body_params"]]}})
    if item.get("buttons"):
        given = body.get("library_template_button_inputs")
        components.append({"type": "BUTTONS", "buttons": _filled_buttons(item["buttons"], given)})
    body["components"] = components
    return True


def _filled_buttons(buttons: list[Part], given: Any) -> list[Part]:
    """One input per button, in order, with the address or number of the business."""
    is_right = isinstance(given, list) and [part.get("type") for part in given if isinstance(part, dict)] == [
        button["type"] for button in buttons
    ]
    if not is_right:
        kinds = ", ".join(button["type"] for button in buttons)
        raise refuse(None, "Button input is missing", f"library_template_button_inputs must hold: {kinds}.")
    return [_filled_button(button, one) for button, one in zip(buttons, given, strict=True)]


def _filled_button(button: Part, given: Part) -> Part:
    if button["type"] == "PHONE_NUMBER":
        return button | {"phone_number": str(given.get("phone_number") or "")}
    url = given.get("url")
    if not isinstance(url, dict) or not str(url.get("base_url") or "").startswith(("http://", "https://")):
        raise refuse(None, "URL is not valid", "A URL button needs url.base_url.")
    filled = button | {"url": url["base_url"]}
    if "{{1}}" in url["base_url"]:
        filled["example"] = [str(url.get("url_suffix_example") or url["base_url"])]
    return filled
