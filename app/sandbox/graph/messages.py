"""`POST /{phone_number_id}/messages`: send, mark as read, typing.

Source: Meta docs, "Messages" pages, read 2026-03 to 2026-09.
"""

from dataclasses import dataclass, replace
from typing import Any

from .. import ids, magic
from ..database import Row
from ..store import accounts, customers, faults, messages, phone_numbers
from ..store import typing as typing_store
from ..webhooks import pacing, statuses
from . import (
    content_checks,
    errors,
    message_template_parameters,
    message_template_values,
    rates,
    recipients,
    sender_checks,
)
from .content_checks import TYPES
from .errors import GraphError
from .recipients import Recipient
from .registry import MESSAGING, Answer, Call, edge

LONGEST_CALLBACK_DATA = 512
KNOWN = {
    "messaging_product", "recipient_type", "to", "recipient", "type", "context", "biz_opaque_callback_data",
    "recipient_identity_key_hash", "status", "message_id", "typing_indicator", "template", *TYPES,
}  # fmt: skip


# What the Marketing Messages API takes beside. Source: Meta docs, "Marketing Messages API", read 2026-09.
MARKETING_KEYS = {"product_policy", "message_activity_sharing"}


@dataclass(frozen=True)
class Draft:
    """A checked send. `link`: what Meta would fetch; `template`: its row when the type is template."""

    recipient: Recipient
    type: str
    content: Any
    template: Row | None
    link: str | None


@edge("phone_number", "messages", "POST", scope=MESSAGING)
def post_message(call: Call) -> Answer:
    _check_keys(call, KNOWN)
    return _mark_read(call) if call.params.has("status") else send(call)


@edge("phone_number", "marketing_messages", "POST", scope=MESSAGING)
def post_marketing_message(call: Call) -> Answer:
    """Only message templates of the category MARKETING."""
    _check_keys(call, KNOWN | MARKETING_KEYS)
    sender_checks.check_marketing(call)
    return send(call, is_marketing_api=True)


def _check_keys(call: Call, known: set[str]) -> None:
    if call.params.required_text("messaging_product") != "whatsapp":
        raise errors.one_of("messaging_product", ("whatsapp",), call.params.get("messaging_product"))
    for name in call.params.values:
        if name not in known:
            raise GraphError(100, f'Unexpected key "{name}".')


def send(call: Call, *, is_marketing_api: bool = False) -> Answer:
    """Check, store, and plan the statuses of one message."""
    draft = _checked(call)
    if draft.template is not None and not is_marketing_api:
        sender_checks.check_cloud_marketing(call, draft.template)
    if is_marketing_api:
        sender_checks.check_is_marketing(draft.template)
    _check_sender(call, draft.recipient)
    rates.check_portfolio(call, draft.recipient.wa_id, draft.template)
    is_held = draft.template is not None and pacing.holds(call.sandbox, draft.template)
    wamid = _store(call, draft, is_marketing_api, is_held)
    message: dict[str, Any] = {"id": wamid}
    if draft.template is not None:
        is_waiting = is_held or _is_held(draft)
        message["message_status"] = "held_for_quality_assessment" if is_waiting else "accepted"
    return {
        "messaging_product": "whatsapp",
        "contacts": [draft.recipient.contact()],
        "messages": [message],
    }


def _checked(call: Call) -> Draft:
    recipient = recipients.find(call)
    kind = call.params.text("type") or "text"
    if kind not in TYPES:
        raise errors.one_of("type", tuple(name.upper() for name in TYPES), kind)
    _check_common(call)
    content = call.params.opened(kind)
    if content is None:
        raise errors.required(kind)
    if kind == "template":
        return _checked_template(call, recipient, content)
    link = content_checks.check(call, kind, content)
    sender_checks.check_content(call, kind, content)
    return Draft(recipient, kind, content, None, link)


def _checked_template(call: Call, recipient: Recipient, content: Any) -> Draft:
    if not isinstance(content, dict):
        raise errors.bad_value("template must be an object.")
    content = message_template_values.in_lower_case(content)
    row = message_template_parameters.find_sendable(call, content)
    if recipients.is_authentication_by_user_id(recipient, row):
        raise GraphError(131062)
    link = message_template_parameters.check(call, row, content)
    sender_checks.check_message_template(call, row)
    return Draft(recipient, "template", content, row, link)


def _check_common(call: Call) -> None:
    data = call.params.text("biz_opaque_callback_data")
    if data is not None and len(data) > LONGEST_CALLBACK_DATA:
        raise errors.bad_value(f"biz_opaque_callback_data has at most {LONGEST_CALLBACK_DATA} characters.")
    context = call.params.opened("context")
    if context is not None and not (isinstance(context, dict) and context.get("message_id")):
        raise errors.missing_part("context['message_id'] is required.")


def _check_sender(call: Call, recipient: Recipient) -> None:
    number = call.node.row
    if not phone_numbers.is_registered(number):
        raise GraphError(
            133010, details="The phone number is not registered on the WhatsApp Business Platform."
        )
    if recipient.wa_id == number["wa_id"]:
        raise GraphError(131021, details="Sender and recipient are the same number.")
    sender_checks.check(call, recipient.wa_id)
    script = magic.script_for(recipient.wa_id)
    if script is not None and script.refusal is not None:
        raise GraphError(script.refusal, details=f"Magic number: {script.meaning}.")
    rates.check(call, recipient.wa_id)


def _store(call: Call, draft: Draft, is_marketing_api: bool, is_held: bool) -> str:
    wamid = ids.wamid(draft.recipient.wa_id)
    is_voice = draft.type == "audio" and draft.content.get("voice") is True
    steps = statuses.plan(
        "voice" if is_voice else draft.type,
        draft.recipient.wa_id,
        _failure(call, draft),
        call.sandbox.settings,
    )
    with call.db.write():
        waba = accounts.find_waba(call.db, call.node.waba_id)
        customers.get_or_add(call.db, waba["business_id"] if waba else "", draft.recipient.wa_id)
        row = _row(call, draft, wamid, _pricing(call, draft, is_marketing_api))
        if is_held and draft.template is not None:
            messages.insert(call.db, replace(row, held_for=draft.template["id"]))
        else:
            messages.insert(call.db, row)
            statuses.schedule(call.sandbox, wamid, steps)
    return wamid


def _row(call: Call, draft: Draft, wamid: str, pricing: dict[str, Any]) -> messages.NewMessage:
    return messages.NewMessage(
        wamid=wamid,
        phone_number_id=call.node.id,
        wa_id=draft.recipient.wa_id,
        direction="outbound",
        type=draft.type,
        status="accepted",
        payload=_payload(call, draft),
        callback_data=call.params.text("biz_opaque_callback_data"),
        to_user_id=draft.recipient.user_id,
        pricing=pricing,
        ttl_s=_ttl_s(draft.template),
    )


def _ttl_s(template: Row | None) -> float:
    """How long Meta tries to deliver it, in seconds."""
    chosen = template["extra"].get("message_send_ttl_seconds") if template else None
    if chosen and chosen > 0:
        return float(chosen)
    is_code = template is not None and template["category"] == "AUTHENTICATION" and chosen is None
    return messages.AUTHENTICATION_TTL_S if is_code else messages.LONGEST_TTL_S


def _payload(call: Call, draft: Draft) -> dict[str, Any]:
    """What was sent, with structures opened; a message template's definition as it was then."""
    payload = {name: call.params.structure(name) for name in call.params.values}
    payload |= {"type": draft.type, draft.type: draft.content}
    if draft.template is not None:
        payload["_components"] = draft.template["components"]
    return payload


def _failure(call: Call, draft: Draft) -> statuses.Failure | None:
    """What only a webhook will report: of a fault, or of the message's own doing."""
    subject = faults.Subject(
        path=f"/{call.node.id}/messages",
        waba_id=call.node.waba_id,
        phone_number_id=call.node.id,
        to=draft.recipient.user_id or draft.recipient.wa_id,
    )
    for fault in faults.take(call.db, faults.STATUS_KINDS, subject):
        options = fault["options"]
        return statuses.Failure(options["code"], options.get("message"), options.get("details"))
    code = _failure_code(call, draft)
    return statuses.Failure(code) if code is not None else None


def _failure_code(call: Call, draft: Draft) -> int | None:
    if draft.link is not None and magic.is_broken_link(draft.link):
        return 131053
    is_open = messages.is_window_open(call.db, call.node.id, draft.recipient.wa_id)
    if draft.template is None and not is_open:
        return 131047
    if draft.template is not None and _is_held_back(call, draft):
        return 131049
    return content_checks.reaction_failure(call, draft.content) if draft.type == "reaction" else None


def _is_held_back(call: Call, draft: Draft) -> bool:
    """Marketing to the USA, paused since 2025-04. Source: Meta docs, "Marketing templates", read 2026-09."""
    is_marketing = draft.template is not None and draft.template["category"] == "MARKETING"
    is_on = call.sandbox.settings.holds_us_marketing
    return is_on and is_marketing and ids.country_of(draft.recipient.wa_id) == "US"


def _pricing(call: Call, draft: Draft, is_marketing_api: bool) -> dict[str, Any]:
    """Per message; free inside the window but for marketing and authentication.

    Source: Meta docs, "Pricing" page, read 2026-09.
    """
    category = draft.template["category"].lower() if draft.template else "service"
    is_open = messages.is_window_open(call.db, call.node.id, draft.recipient.wa_id)
    is_free = draft.template is None or (category == "utility" and is_open)
    if is_marketing_api:
        category = "marketing_lite"
    type_ = "free_customer_service" if is_free else "regular"
    return {"billable": not is_free, "pricing_model": "PMP", "type": type_, "category": category}


def _is_held(draft: Draft) -> bool:
    script = magic.script_for(draft.recipient.wa_id)
    return script is not None and script.is_held


def _mark_read(call: Call) -> Answer:
    """Marks this inbound message and the earlier ones; a typing indicator may come along."""
    if call.params.text("status") != "read":
        raise errors.one_of("status", ("read",), call.params.get("status"))
    wamid = call.params.required_text("message_id")
    typing = call.params.opened("typing_indicator")
    if typing is not None and typing != {"type": "text"}:
        raise errors.bad_value("typing_indicator['type'] must be text.")
    message = messages.find(call.db, wamid)
    if message is None or message["phone_number_id"] != call.node.id or message["direction"] != "inbound":
        raise errors.bad_value("message_id: there is no inbound message with this id.")
    messages.mark_read_up_to(call.db, message)
    if typing is not None:
        typing_store.start(call.db, call.node.id, message["wa_id"])
    return {"success": True}
