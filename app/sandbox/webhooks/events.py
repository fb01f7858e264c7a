"""Webhooks about templates, quality, accounts, users and Flows that an operator sends by hand.

`build` takes what was given, fills in what belongs there, and checks the words that Meta lists.
Source: Meta docs, "Webhooks" pages, read 2026-03 to 2026-09.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import clock, error_codes, ids
from ..context import Sandbox
from ..database import Row
from ..store import customers, message_templates
from . import number_life, payloads
from .event_words import LISTED

Value = dict[str, Any]
WEEK_S = 7 * 86_400


class InvalidEvent(ValueError):
    """The text says what is wrong with the event."""


@dataclass(frozen=True)
class Subject:
    """What the event is about. `template` and `customer` only where the field wants one."""

    sandbox: Sandbox
    number: Row
    template: Row | None = None
    customer: Row | None = None


def build(field: str, given: Value, subject: Subject) -> Value:
    """The whole `value`: defaults, and over them what was given. Raises InvalidEvent."""
    if field not in BUILDERS:
        raise InvalidEvent(f"'field' must be one of {', '.join(BUILDERS)}.")
    value = BUILDERS[field](given, subject) | given
    for key, words in LISTED.get(field, {}).items():
        if value.get(key) is not None and (not isinstance(value[key], str) or value[key] not in words):
            raise InvalidEvent(f"'value.{key}' of {field} must be one of {', '.join(words)}.")
    return value


def _template(subject: Subject) -> Row:
    rows = message_templates.list_of(subject.sandbox.db, subject.number["waba_id"])
    template = subject.template or (rows[0] if rows else None)
    if template is None:
        raise InvalidEvent("This account has no message template; name one in 'message_template_id'.")
    return template


def _named(template: Row) -> Value:
    return {
        "message_template_id": int(template["id"]),
        "message_template_name": template["name"],
        "message_template_language": template["language"],
    }


def _template_status(given: Value, subject: Subject) -> Value:
    event = given.get("event") or "APPROVED"
    reason = "INVALID_FORMAT" if event == "REJECTED" else "NONE"
    return payloads.message_template_status(_template(subject), event, reason)


def _template_quality(given: Value, subject: Subject) -> Value:
    template = _template(subject)
    new = given.get("new_quality_score") or "YELLOW"
    old = template["quality_score"]
    return {"previous_quality_score": old, "new_quality_score": new, **_named(template)}


def _template_components(_given: Value, subject: Subject) -> Value:
    template = _template(subject)
    texts = {"HEADER": "message_template_title", "BODY": "message_template_element"}
    texts["FOOTER"] = "message_template_footer"
    value = _named(template)
    for part in template["components"]:
        if part["type"] in texts and part.get("text"):
            value[texts[part["type"]]] = part["text"]
    buttons = message_templates.buttons(template)
    return value | ({"message_template_buttons": [_button(button) for button in buttons]} if buttons else {})


def _button(button: Value) -> Value:
    pairs = {
        "type": button["type"],
        "text": button.get("text"),
        "url": button.get("url"),
        "phone_number": button.get("phone_number"),
    }
    return {f"message_template_button_{key}": value for key, value in pairs.items() if value}


def _template_category(given: Value, subject: Subject) -> Value:
    """`correct_category`: announced for tomorrow, `new_category` is then today's; otherwise done."""
    template = _template(subject)
    current = template["category"]
    other = "UTILITY" if current == "MARKETING" else "MARKETING"
    if "correct_category" in given:
        tomorrow = int(clock.now()) + 86_400
        return _named(template) | {"new_category": current, "category_update_timestamp": tomorrow}
    return _named(template) | {"previous_category": current, "new_category": other}


def _shown_number(subject: Subject) -> Value:
    return {"display_phone_number": ids.digits_of(subject.number["display_phone_number"])}


def _number_quality(_given: Value, subject: Subject) -> Value:
    limit = subject.number["messaging_limit"]
    return _shown_number(subject) | {
        "event": "THROUGHPUT_UPGRADE",
        "current_limit": limit,
        "max_daily_conversations_per_business": limit,
    }


def _number_name(given: Value, subject: Subject) -> Value:
    is_rejected = given.get("decision") == "REJECTED"
    return _shown_number(subject) | {
        "decision": "APPROVED",
        "requested_verified_name": subject.number["verified_name"],
        "rejection_reason": "NAME_NOT_CONSISTENT" if is_rejected else None,
    }


def _account_update(given: Value, subject: Subject) -> Value:
    event = str(given.get("event") or "ACCOUNT_RESTRICTION")
    week = int(clock.now()) + WEEK_S
    waba = {"waba_id": subject.number["waba_id"], "owner_business_id": _business(subject)}
    objects: dict[str, Value] = {
        "ACCOUNT_RESTRICTION": {
            "restriction_info": [
                {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": week}
            ]
        },
        "ACCOUNT_VIOLATION": {"violation_info": {"violation_type": "SCAM"}},
        "DISABLED_UPDATE": {
            "ban_info": {"waba_ban_state": "DISABLE", "waba_ban_date": clock.day_in_words(clock.now())}
        },
        "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE": {"country": ids.country_of(subject.number["wa_id"])},
        "VERIFIED_ACCOUNT": {"phone_number": subject.number["wa_id"]},
    }
    about = {"waba_info": waba} if event.startswith(("PARTNER_", "MM_LITE", "AD_ACCOUNT")) else {}
    return {"event": event} | objects.get(event, about)


def _alert(_given: Value, subject: Subject) -> Value:
    return {
        "entity_type": "PHONE_NUMBER",
        "entity_id": subject.number["id"],
        "alert_info": {
            "alert_severity": "INFORMATIONAL",
            "alert_status": "NONE",
            "alert_type": "OBA_APPROVED",
            "alert_description": "The official business account request was approved.",
        },
    }


def _review(_given: Value, _subject: Subject) -> Value:
    return {"decision": "APPROVED"}


def _capability(_given: Value, subject: Subject) -> Value:
    return number_life.capability(subject.number["messaging_limit"])


def _security(_given: Value, subject: Subject) -> Value:
    return _shown_number(subject) | {"event": "PIN_CHANGED", "requester": "61550000000001"}


def _username(given: Value, subject: Subject) -> Value:
    name = "".join(letter for letter in subject.number["verified_name"].lower() if letter.isalnum())
    username = {} if given.get("status") == "deleted" else {"username": name[:30] or "shop"}
    return _shown_number(subject) | username | {"status": "approved"}


def _customer(subject: Subject) -> Row:
    if subject.customer is None:
        raise InvalidEvent("This event is about a customer: give 'from'.")
    return subject.customer


def _who(customer: Row) -> Value:
    """The number only where the business gets to see it."""
    return {} if customer["hides_phone"] else {"wa_id": customer["wa_id"]}


def _preferences(_given: Value, subject: Subject) -> Value:
    customer = _customer(subject)
    choice = "stop" if customer["is_opted_out"] else "resume"
    entry = _who(customer) | {
        "user_id": customer["user_id"],
        "detail": f"User requested to {choice} marketing messages",
        "category": "marketing_messages",
        "value": choice,
        "timestamp": int(clock.now()),
    }
    contact = payloads.contact(customer, hide_phone=bool(customer["hides_phone"]))
    return payloads.messages_value(subject.number, contacts=[contact], user_preferences=[entry])


def _user_id(_given: Value, subject: Subject) -> Value:
    """The same person with a new id from now on."""
    customer = _customer(subject)
    new = f"{customer['user_id'].split('.')[0]}.{ids.node_id()}"
    customers.change(subject.sandbox.db, customer["business_id"], customer["wa_id"], {"user_id": new})
    contact = payloads.contact(customer, hide_phone=bool(customer["hides_phone"]))
    del contact["user_id"]
    entry = _who(customer) | {
        "detail": "The user's ID has changed.",
        "user_id": {"previous": customer["user_id"], "current": new},
        "timestamp": str(int(clock.now())),
    }
    return payloads.messages_value(subject.number, contacts=[contact], user_id_update=[entry])


def _flows(given: Value, _subject: Subject) -> Value:
    if given.get("event", "FLOW_STATUS_CHANGE") == "FLOW_STATUS_CHANGE":
        words = {
            "message": "The status of the Flow changed.",
            "old_status": "DRAFT",
            "new_status": "PUBLISHED",
        }
    else:
        words = {"message": "A figure of the Flow passed its threshold.", "alert_state": "ACTIVATED"}
    return {"event": "FLOW_STATUS_CHANGE", "flow_id": ids.node_id()} | words


def _errors(_given: Value, subject: Subject) -> Value:
    """An error of the account or the app, without a message."""
    return payloads.messages_value(subject.number, errors=[error_codes.webhook_error(130429)])


def _group(type_: str, **facts: Any) -> Callable[[Value, Subject], Value]:
    def build_group(_given: Value, subject: Subject) -> Value:
        group = {"timestamp": str(int(clock.now())), "group_id": f"Y2FwaV9ncm91cDo{ids.node_id()}"}
        return payloads.messages_value(subject.number, groups=[group | {"type": type_} | facts])

    return build_group


def _address_book(_given: Value, subject: Subject) -> Value:
    """The phone of the business has a new contact."""
    customer = _customer(subject)
    contact = {
        "full_name": customer["name"],
        "phone_number": customer["wa_id"],
        "user_id": customer["user_id"],
    }
    moment = {"timestamp": str(int(clock.now()))}
    entry = {"type": "contact", "contact": contact, "action": "add", "metadata": moment}
    return payloads.messages_value(subject.number, state_sync=[entry])


def _business(subject: Subject) -> str:
    return str(
        subject.sandbox.db.value("SELECT business_id FROM wabas WHERE id = ?", subject.number["waba_id"])
    )


BUILDERS: dict[str, Callable[[Value, Subject], Value]] = {
    "message_template_status_update": _template_status,
    "message_template_quality_update": _template_quality,
    "message_template_components_update": _template_components,
    "template_category_update": _template_category,
    "phone_number_quality_update": _number_quality,
    "phone_number_name_update": _number_name,
    "account_update": _account_update,
    "account_alerts": _alert,
    "account_review_update": _review,
    "business_capability_update": _capability,
    "security": _security,
    "business_username_update": _username,
    "user_preferences": _preferences,
    "user_id_update": _user_id,
    "flows": _flows,
    "messages": _errors,
    "group_lifecycle_update": _group(
        "group_create", subject="Harbour walks", join_approval_mode="auto_approve"
    ),
    "group_participants_update": _group("group_participants_remove", initiated_by="business"),
    "group_settings_update": _group(
        "group_settings_update", group_subject={"text": "Harbour walks", "update_successful": True}
    ),
    "group_status_update": _group("group_suspend"),
    "smb_app_state_sync": _address_book,
}
