"""The company's claim form: made and published at the sandbox, sent in some talks, and what came back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, update

from app.extensions import db
from app.models import Account, Flow, FlowAnswer, Message
from app.queries import flows as queries
from app.queries.access import Actor
from app.services import flow_answers, flow_sync, flow_tokens, flows
from app.services.demo.drafts import Draft
from app.services.flow_starting_forms import find_starting_form

NAME = "Report damage"


def publish_claim_form(account: Account, actor: Actor) -> Flow:
    """Through the same services as everybody's. Raises as they do."""
    # A run that was broken off, or another console, may have left it at the sandbox.
    flow_sync.sync(account=account, actor=actor)
    flow = queries.find_by_name(account.id, NAME)
    form = find_starting_form("claim")
    if flow is None and form is not None:
        flow = flows.create(
            account=account, name=NAME, categories=[form.category], text=form.text, actor=actor
        )
    if flow is None:
        raise LookupError("there is no claim form to begin with")
    return flow if flow.is_served else flows.publish(flow=flow, actor=actor)


def fill(drafts: Iterable[Draft], flow: Flow) -> None:
    """Which Flow the planned messages open, with tokens; the answers bring them back."""
    tokens: dict[str, str] = {}
    for draft in drafts:
        if draft.content.get("type") == "flow":
            tokens[draft.wamid] = flow_tokens.new_token(flow)
            parameters = draft.content["action"]["parameters"]
            parameters |= {"flow_id": flow.meta_id, "flow_token": tokens[draft.wamid]}
        elif flow_answers.is_answer(draft.line.type, draft.content):
            _fill_answer(draft, tokens.get(draft.context_wamid or "", ""))


def _fill_answer(draft: Draft, token: str) -> None:
    reply = draft.content["nfm_reply"]
    answers = json.loads(reply["response_json"])
    reply["response_json"] = json.dumps({"flow_token": token, **answers}, ensure_ascii=False)


def store_answers(account_id: int) -> None:
    """A row for each answer among the messages, as old as its message. The caller commits."""
    statement = select(Message).where(Message.account_id == account_id, Message.message_type == "interactive")
    rows: list[dict[str, Any]] = [
        {name: getattr(message, name) for name in _COPIED}
        for message in db.session.scalars(statement.order_by(Message.occurred_at, Message.id))
        if not message.is_outbound
    ]
    flow_answers.store(rows, {(account_id, row["wamid"]): row["id"] for row in rows})
    db.session.execute(
        update(FlowAnswer)
        .where(FlowAnswer.account_id == account_id)
        .values(created_at=FlowAnswer.received_at)
    )


_COPIED = (
    "id",
    "account_id",
    "conversation_id",
    "contact_id",
    "message_type",
    "content",
    "wamid",
    "context_wamid",
    "occurred_at",
)
