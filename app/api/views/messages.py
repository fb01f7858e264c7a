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
from app.api.schemas.graph_calls import CallList
from app.api.schemas.messages import (
    DryRunOut,
    MessageList,
    MessageOut,
    MessageQuery,
    SendHeaders,
    SendMessageIn,
)
from app.errors import FieldProblem, InvalidFields, NotReady
from app.extensions import db
from app.models import Account, Conversation, Direction, Message, MessageStatus, MessageTemplate, PhoneNumber
from app.models import MessageTemplateStatus as State
from app.queries import graph_calls
from app.queries import messages as queries
from app.queries.accounts import get_account
from app.queries.flows import find_sendable
from app.queries.message_templates import list_by_names
from app.services import messages
from app.services.flow_messages import FlowText, flow_content
from app.services.message_template_values import values_by_key
from app.web.identity import current_actor

_TAGS = ["Messages"]
_DRY_RUN: dict[int | str, dict[str, str | dict[str, dict[str, Any]]]] = {
    200: {
        "description": "With dry_run: what would be sent. Nothing was.",
        "content": {"application/json": {"schema": DryRunOut}},
    }
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
    return page_of(found)


@blueprint.get("/messages/<int:message_id>/")
@allowed("messages.view", message=queries.get_message)
@blueprint.output(MessageOut)
@blueprint.doc(tags=_TAGS)
def show_message(message: Message) -> Message:
    """Show a message

    Its `status` moves forward as Meta reports; ask again, or let a webhook tell you.
    """
    return message


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
    body is the same message. With `dry_run` everything is checked and nothing is sent.
    """
    if json_data.get("waba_account_id", account.id) != account.id:
        raise _invalid("waba_account_id", "This is not the account of the address.")
    if json_data.pop("dry_run", False):
        return _try(account, json_data)
    key, digest = headers_data.get("idempotency_key"), _digest(json_data)
    client_key = f"api:{key}" if key else None
    if client_key and (earlier := messages.find_by_key(account.id, client_key, digest)):
        return earlier
    return _queue(account, json_data, client_key, digest if client_key else None)


def _try(account: Account, data: dict[str, Any]) -> Response:
    """All that sending does, up to the commit."""
    message = _queue(account, data, None, None, commits=False)
    answer = jsonify(DryRunOut().dump(message))
    db.session.rollback()
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
) -> Message:
    is_flat = has_flat_template(data)
    parts = template_values(data.get("template_parameters"))
    conversation = messages.open_conversation(
        account=account,
        phone_number=_sending_number(account, data.get("phone_number_id")),
        to=data.get("to_phone_number") or data["to_user_id"],
    )
    quoted = data.get("context_message_id") or data.get("reply_to")
    how: dict[str, Any] = {
        "actor": current_actor(),
        "client_key": client_key,
        "client_key_digest": digest,
        "context_wamid": quoted,
        "expires_at": data.get("expires_at"),
        "resends_unconfirmed": data.get("on_unknown") == "resend",
        "commits": commits,
    }
    try:
        if is_flat:
            return _queue_flat_template(conversation, data, parts, how)
        return messages.queue_message(
            conversation=conversation,
            message_type=data["message_type"],
            content=_content(account, data),
            **how,
        )
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


def _queue_flat_template(
    conversation: Conversation, data: dict[str, Any], parts: dict[str, Any], how: dict[str, Any]
) -> Message:
    found = _named_template(conversation.account_id, data["template_name"], data.get("template_language"))
    return messages.queue_message_template(
        conversation=conversation,
        message_template=found,
        values=values_by_key(found.components, parts),
        **how,
    )


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


def _sending_number(account: Account, wanted: str | None) -> PhoneNumber:
    """By Meta's id or ours. Meta's are longer than ours will ever be."""
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
