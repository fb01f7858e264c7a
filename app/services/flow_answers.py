"""What customers sent off with a Flow, stored with the message it came in. Only such messages pay for it.

Source: Meta docs, "Receiving Flow responses" page, read 2026-09: `response_json` is a text, usually of an
object with the token of the send; no id of the Flow is in it, and the token may be missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from app.extensions import db
from app.graph.json_limits import MalformedBody, loads
from app.models import Flow, FlowAnswer, Message, MessageTemplate
from app.queries.flows import flow_buttons
from app.services import flow_tokens

_LONGEST_TOKEN = 1_000
_NOT_READABLE = "WhatsApp sent the answers in a form that cannot be read: what is kept is its own text."
_ANOTHER_FORM = "WhatsApp sent something else than answers by name: what is kept is its own text."
_EMPTY = "WhatsApp sent no answers with this form."


@dataclass(frozen=True)
class Reading:
    """`response_json`, taken apart."""

    answers: dict[str, Any]
    token: str = ""
    problem: str = ""


def is_answer(message_type: str, content: Mapping[str, Any]) -> bool:
    """Whether an inbound message is a Flow sent off (an address form is answered the same way)."""
    if message_type != "interactive":
        return False
    reply = content.get("nfm_reply")
    if not isinstance(reply, dict):
        return content.get("type") == "nfm_reply"
    return reply.get("name") != "address_message"


def store(rows: Iterable[Mapping[str, Any]], ids: Mapping[tuple[int, str], int]) -> None:
    """Write the answers among new messages: `rows` as they were inserted, `ids` by account and wamid.

    The caller commits.
    """
    found = [
        (row, ids[key])
        for row in rows
        if is_answer(row["message_type"], row["content"])
        and (key := (row["account_id"], row["wamid"])) in ids
    ]
    if not found:
        return
    readings = [read(row["content"]) for row, _ in found]
    flows = _Flows([(row, reading.token) for (row, _), reading in zip(found, readings, strict=True)])
    values = [
        {
            "account_id": row["account_id"],
            "flow_id": flows.id_of(row, reading.token),
            "message_id": message_id,
            "conversation_id": row["conversation_id"],
            "contact_id": row["contact_id"],
            "flow_token": reading.token,
            "answers": reading.answers,
            "problem": reading.problem,
            "received_at": row["occurred_at"],
        }
        for (row, message_id), reading in zip(found, readings, strict=True)
    ]
    db.session.execute(insert(FlowAnswer), values)


def read(content: Mapping[str, Any]) -> Reading:
    """The answers of a message for which `is_answer` holds; what is broken is told, never raised."""
    reply = content.get("nfm_reply")
    value = reply.get("response_json") if isinstance(reply, dict) else None
    if isinstance(value, str):
        if not value.strip():
            return Reading({}, problem=_EMPTY)
        try:
            value = loads(value.encode("utf-8", "replace"))
        except MalformedBody:
            return Reading({}, problem=_NOT_READABLE)
    if value is None:
        return Reading({}, problem=_EMPTY)
    if not isinstance(value, dict):
        return Reading({}, problem=_ANOTHER_FORM)
    token = value.get("flow_token")
    answers = {key: answer for key, answer in value.items() if key != "flow_token"}
    return Reading(answers, token[:_LONGEST_TOKEN] if isinstance(token, str) else "")


class _Flows:
    """To which Flow answers belong: by our token, otherwise by the message that they answer."""

    def __init__(self, asked: Sequence[tuple[Mapping[str, Any], str]]) -> None:
        keys = {key for _, token in asked if (key := flow_tokens.key_of(token))}
        self._by_key = _ids_by_key(keys)
        left = [row for row, token in asked if self._by_token(row, token) is None and row["context_wamid"]]
        self._by_wamid = _ids_by_wamid({(row["account_id"], row["context_wamid"]) for row in left})

    def id_of(self, row: Mapping[str, Any], token: str) -> int | None:
        return self._by_token(row, token) or self._by_wamid.get((row["account_id"], row["context_wamid"]))

    def _by_token(self, row: Mapping[str, Any], token: str) -> int | None:
        """A token of another account's Flow is a foreign one."""
        return self._by_key.get((row["account_id"], flow_tokens.key_of(token) or ""))


def _ids_by_key(keys: set[str]) -> dict[tuple[int, str], int]:
    if not keys:
        return {}
    statement = select(Flow.account_id, Flow.token_key, Flow.id).where(Flow.token_key.in_(keys))
    return {(row.account_id, row.token_key): row.id for row in db.session.execute(statement)}


def _ids_by_wamid(wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
    """Through what was sent: an interactive message, or a message template with a button."""
    if not wanted:
        return {}
    statement = select(Message.account_id, Message.wamid, Message.message_type, Message.content).where(
        Message.account_id.in_({account_id for account_id, _ in wanted}),
        Message.wamid.in_({wamid for _, wamid in wanted}),
    )
    found = {}
    for account_id, wamid, message_type, content in db.session.execute(statement).all():
        named = _sent_flow(account_id, message_type, content)
        flow_id = _find(account_id, named) if named else None
        if flow_id is not None:
            found[account_id, wamid] = flow_id
    return found


def _sent_flow(account_id: int, message_type: str, content: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if message_type == "template":
        language = content.get("language")
        statement = select(MessageTemplate.components).where(
            MessageTemplate.account_id == account_id,
            MessageTemplate.name == content.get("name"),
            MessageTemplate.language == (language.get("code") if isinstance(language, dict) else None),
        )
        return next(flow_buttons(db.session.scalar(statement) or []), None)
    action = content.get("action")
    parameters = action.get("parameters") if isinstance(action, dict) else None
    return parameters if isinstance(parameters, dict) else None


def _find(account_id: int, named: Mapping[str, Any]) -> int | None:
    for column, value in ((Flow.meta_id, named.get("flow_id")), (Flow.name, named.get("flow_name"))):
        if isinstance(value, str | int) and value:
            statement = select(Flow.id).where(Flow.account_id == account_id, column == str(value))
            return db.session.scalar(statement.order_by(Flow.gone_at.is_not(None), Flow.id).limit(1))
    return None
