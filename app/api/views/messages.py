"""Messages: to look at, and to send."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Response, jsonify
from marshmallow import RAISE

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.message_content import has_flat_template, in_callers_words, plain_content, template_values
from app.api.paging import page_of
from app.api.schemas.dry_runs import DryRunOut
from app.api.schemas.graph_calls import CallList
from app.api.schemas.messages import MessageList, MessageOut, MessageQuery
from app.api.schemas.messages import show_message as shown_message
from app.api.schemas.passports import PassportOut, show_passport
from app.api.schemas.planned_messages import PlannedOut
from app.api.schemas.sending import SendHeaders, SendMessageIn
from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.models import (
    Account,
    AddressSource,
    Conversation,
    Direction,
    Message,
    MessageStatus,
    MessageTemplate,
    PhoneNumber,
    PlannedMessage,
)
from app.models import MessageTemplateStatus as State
from app.queries import graph_calls
from app.queries import messages as queries
from app.queries.accounts import get_account
from app.queries.flows import find_sendable
from app.queries.message_changes import list_changes
from app.queries.message_templates import list_by_names
from app.services import messages, planning
from app.services.flow_messages import FlowText, flow_content
from app.services.message_template_values import values_by_key
from app.services.message_templates.variants import language_of, pick_variant
from app.services.passports import read_passport
from app.web.identity import current_actor

_TAGS = ["Messages"]
_AUTO = "auto"
_DRY_RUN: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {
        "description": "With dry_run: what would be sent. Nothing was.",
        "content": {"application/json": {"schema": DryRunOut}},
    },
    202: {
        "description": "Queued; a worker hands it to Meta. With send_at: planned.",
        "content": {"application/json": {"schema": {"anyOf": [MessageOut, PlannedOut]}}},
    },
}


@blueprint.get("/messages/")
@allowed("messages.view")
@blueprint.input(MessageQuery, location="query", unknown=RAISE)
@blueprint.output(MessageList)
@blueprint.doc(tags=_TAGS)
def list_messages(query_data: dict[str, Any]) -> dict[str, Any]:
    """List messages

    Newest first, inbound and outbound. Filters hold all at once; follow `next` for older ones.
    """
    direction, status = query_data.get("direction"), query_data.get("status")
    filters = queries.MessageFilters(
        account_id=query_data.get("account"),
        direction=Direction(direction) if direction else None,
        status=MessageStatus(status) if status else None,
        message_type=query_data.get("message_type"),
        contact=query_data.get("contact"),
        since=query_data.get("since"),
        until=query_data.get("until"),
    )
    scope = current_actor().scope("messages.view")
    found = queries.list_messages(scope, filters, query_data.get("cursor"), query_data["limit"])
    changes = list_changes(found.rows)
    results = [shown_message(row, changes.get(row.id)) for row in found.rows]
    return {**page_of(found), "results": results}


@blueprint.get("/messages/<int:message_id>/")
@allowed("messages.view", message=queries.get_message)
@blueprint.output(MessageOut)
@blueprint.doc(tags=_TAGS)
def show_message(message: Message) -> dict[str, Any]:
    """Show a message

    Its `status` moves forward as Meta reports; ask again, or let a webhook tell you.
    """
    return shown_message(message, list_changes([message]).get(message.id))


@blueprint.get("/messages/<int:message_id>/calls/")
@allowed("graph_calls.view", message=queries.get_message)
@blueprint.output(CallList)
@blueprint.doc(tags=_TAGS)
def list_message_calls(message: Message) -> dict[str, Any]:
    """List a message's calls to Meta

    Each call that was made to send it, oldest first, as long as calls are kept. Tokens and other secrets
    are blanked.
    """
    return {"results": graph_calls.list_message_calls(message), "next": None, "previous": None}


@blueprint.get("/messages/<int:message_id>/passport/")
@allowed("messages.view", message=queries.get_message)
@blueprint.output(PassportOut)
@blueprint.doc(tags=_TAGS)
def show_message_passport(message: Message) -> dict[str, Any]:
    """Show a message's passport

    All that is known of it: what caused it, every try, every status with Meta's time and ours, its price,
    its file, the calls it was sent with and Meta's posts that speak of it. `calls`, `webhook_events`, trace
    ids, error texts and workers of tries are null for keys whose role is below manager.
    """
    change = list_changes([message]).get(message.id)
    return show_passport(read_passport(message, current_actor()), change)


@blueprint.post("/accounts/<int:account_id>/send_message/")
@allowed("messages.send", account=get_account)
@blueprint.input(SendHeaders, location="headers")
@blueprint.input(SendMessageIn, location="json")
@blueprint.output(MessageOut, status_code=202, description="Queued; a worker hands it to Meta.")
@blueprint.doc(
    tags=_TAGS,
    responses=_DRY_RUN,
)
def send_message(
    account: Account, headers_data: dict[str, Any], json_data: dict[str, Any]
) -> Message | Response:
    """Send a message

    Checks everything that can be checked here, stores the message and answers 202 with it. Free text
    and media are taken while the customer's 24-hour window is open; outside of it the answer is 409
    `window_closed`, and only an approved message template can be sent.

    With the header `Idempotency-Key` a request may be repeated safely: the same key with the same
    body is the same message. With `dry_run` everything is checked and nothing is sent. With `send_at` it
    leaves at that time: the answer is the planned message, whose `status` is `planned`.
    """
    if json_data.get("waba_account_id", account.id) != account.id:
        raise _invalid("waba_account_id", "This is not the account of the address.")
    if json_data.pop("dry_run", False):
        return _try(account, json_data)
    key, digest = headers_data.get("idempotency_key"), _digest(json_data)
    client_key = f"api:{key}" if key else None
    if client_key and (earlier := _find_earlier(account.id, client_key, digest)):
        return _shown(earlier)
    return _shown(_queue(account, json_data, client_key, digest if client_key else None))


@blueprint.post("/messages/<int:message_id>/retry/")
@allowed("messages.send", message=queries.get_message)
@blueprint.output(MessageOut, status_code=202, description="Queued again; a worker hands it to Meta.")
@blueprint.doc(tags=_TAGS)
def retry_message(message: Message) -> Message:
    """Send a message again

    A failed one, or one that Meta never confirmed: of that the customer may get a second copy, so it is never
    done by itself.
    """
    return messages.retry_message(message=message, actor=current_actor())


@blueprint.post("/messages/<int:message_id>/give_up/")
@allowed("messages.send", message=queries.get_message)
@blueprint.output(MessageOut, description="It counts as failed now.")
@blueprint.doc(tags=_TAGS)
def give_message_up(message: Message) -> Message:
    """Give an unconfirmed message up

    It is not sent again and counts as failed. Any other message stays as it is.
    """
    return messages.leave_unconfirmed(message=message)


def _try(account: Account, data: dict[str, Any]) -> Response:
    """All that sending does, up to the commit."""
    found = _queue(account, data, None, None, commits=False)
    answer = jsonify(DryRunOut().dump(found))
    db.session.rollback()
    return answer


def _find_earlier(account_id: int, client_key: str, digest: str) -> Message | PlannedMessage | None:
    planned = planning.find_planned(account_id, client_key, digest)
    return planned or messages.find_by_key(account_id, client_key, digest)


def _shown(found: Message | PlannedMessage) -> Message | Response:
    if isinstance(found, Message):
        return found
    answer = jsonify(PlannedOut().dump(found))
    answer.status_code = 202
    return answer


def _digest(json_data: dict[str, Any]) -> str:
    """The same for the same body, in whatever order its fields stand."""
    return hashlib.sha256(json.dumps(json_data, sort_keys=True, default=str).encode()).hexdigest()


def _queue(
    account: Account,
    data: dict[str, Any],
    client_key: str | None,
    digest: str | None,
    *,
    commits: bool = True,
) -> Message | PlannedMessage:
    is_flat = has_flat_template(data)
    conversation = messages.open_conversation(
        account=account,
        phone_number=sending_number(account, data.get("phone_number_id")),
        to=data.get("to_phone_number") or data["to_user_id"],
        source=AddressSource.API,
    )
    quoted = data.get("context_message_id") or data.get("reply_to")
    how: dict[str, Any] = {
        "actor": current_actor(),
        "client_key": client_key,
        "client_key_digest": digest,
        "context_wamid": quoted,
        "resends_unconfirmed": data.get("on_unknown") == "resend",
        "commits": commits,
    }
    try:
        content = _flat_template_content(conversation, data) if is_flat else _content(account, data)
        what = {"conversation": conversation, "message_type": data["message_type"], "content": content}
        if (at := data.get("send_at")) is not None:
            holds = data.get("hold_if_answered", False)
            return planning.plan(**what, **how, when=planning.When(at, holds))
        return messages.queue_message(**what, **how, expires_at=data.get("expires_at"), is_trial=not commits)
    except InvalidFields as error:
        raise in_callers_words(error, flat_template=is_flat, flow="flow" in data) from None


def _content(account: Account, data: dict[str, Any]) -> dict[str, Any]:
    given = data.get("flow")
    if given is None:
        return plain_content(data)
    if "interactive" in data:
        raise _invalid("flow", "Give either interactive or flow, not both.")
    flow = find_sendable(account.id, given["id"])
    if flow is None:
        raise _invalid("flow.id", "This account has no such Flow, or it cannot be sent in its present state.")
    text = FlowText(given["body"], given["button"], given.get("header", ""), given.get("footer", ""))
    return flow_content(flow, text, screen=given.get("screen", ""), data=given.get("data"))


def _flat_template_content(conversation: Conversation, data: dict[str, Any]) -> dict[str, Any]:
    name, language = data["template_name"], data.get("template_language")
    if language == _AUTO:
        found = _fitting_template(conversation, name)
    else:
        found = _named_template(conversation.account_id, name, language)
    parts = template_values(data.get("template_parameters"))
    return messages.message_template_content(found, values_by_key(found.components, parts))


def _fitting_template(conversation: Conversation, name: str) -> MessageTemplate:
    """In the customer's language, as far as it is known."""
    found = pick_variant(conversation.account_id, name, language_of(conversation))
    if found is not None:
        return found
    rows = [row for row in list_by_names(conversation.account_id, [name]) if row.status is not State.DELETED]
    if not rows:
        raise _invalid("template_name", "This account has no message template of this name. Names are exact.")
    languages = ", ".join(sorted(row.language for row in rows if row.is_sendable)) or "none"
    text = f"No language could be chosen. Approved are: {languages}. Name one, or set a fallback language."
    raise _invalid("template_language", text)


def _named_template(account_id: int, name: str, language: str | None) -> MessageTemplate:
    """The language may be left out where there is only one."""
    every = [row for row in list_by_names(account_id, [name]) if row.status is not State.DELETED]
    found = [row for row in every if language in {None, row.language}]
    if len(found) == 1:
        return found[0]
    if not every:
        raise _invalid("template_name", "This account has no message template of this name. Names are exact.")
    languages = ", ".join(sorted(row.language for row in every))
    raise _invalid("template_language", f"This message template is there in: {languages}. Name one of these.")


def sending_number(account: Account, wanted: str | None) -> PhoneNumber:
    """By Meta's id or ours. Meta's are longer than ours will ever be. Raises InvalidFields, NotReady."""
    if wanted is None:
        if account.first_number is None:
            raise NotReady("This account has no phone number yet. Add one, then send again.")
        return account.first_number
    for number in account.phone_numbers:
        if wanted in {number.meta_id, str(number.id)}:
            return number
    raise _invalid("phone_number_id", "This account has no such phone number.")


def _invalid(field: str, message: str) -> InvalidFields:
    return InvalidFields([FieldProblem(field, message)])
