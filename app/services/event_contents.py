"""What an event's body holds, as those may see it who look: the text, and what came of each item.

A post may speak of several accounts. Who may not see one of them does not see its part.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.graph.json_limits import MalformedBody, loads
from app.graph.webhooks import (
    BadElement,
    InboundMessage,
    Item,
    MessageTemplateCategory,
    MessageTemplateQuality,
    MessageTemplateStatus,
    PhoneMessage,
    StatusUpdate,
    UserIdChange,
    UserPreference,
    parse,
)
from app.models import Account, Message, MessageTemplate, WebhookEvent
from app.models.phone_spelling import spell_phone
from app.queries.access import AccountScope
from app.services.event_keys import kind_of
from app.services.event_words import describe_kind

MOST_SHOWN = 60_000
"""Characters of a body on a page; the whole can be downloaded."""
MOST_ITEMS = 50
# Would break a page, or turn the order of what is read: shown by their number.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufdd0-\ufdef"
    + "".join(chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF))
    + "]"
)


@dataclass(frozen=True)
class Body:
    """`is_json` is false for what could not be read; `left_out`: entries about accounts not to be seen."""

    text: str
    is_json: bool
    is_cut: bool
    left_out: int


@dataclass(frozen=True)
class Line:
    """One item: what it is, whom it speaks of, and the rows here that it touched."""

    title: str
    about: str
    conversation_id: int | None = None
    message_template: MessageTemplate | None = None


def raw_body(event: WebhookEvent, scope: AccountScope) -> bytes:
    """As it was received; without entries that are not to be seen, if there are any."""
    value, left_out = _visible(event, scope)
    return json.dumps(value, ensure_ascii=False).encode() if left_out else event.body


def show_body(event: WebhookEvent, scope: AccountScope) -> Body:
    """For a page: indented, harmless characters only, not longer than MOST_SHOWN."""
    value, left_out = _visible(event, scope)
    is_json = value is not None
    text = json.dumps(value, indent=2, ensure_ascii=False) if is_json else _escaped(event.body)
    text = _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", text[: MOST_SHOWN + 1])
    return Body(text[:MOST_SHOWN], is_json, len(text) > MOST_SHOWN, left_out)


def _escaped(body: bytes) -> str:
    return body[: MOST_SHOWN + 1].decode("utf-8", "backslashreplace")


def _visible(event: WebhookEvent, scope: AccountScope) -> tuple[Any, int]:
    """(the body without what is not to be seen, entries left out); None for a body that cannot be read."""
    try:
        value = loads(event.body)
    except MalformedBody:
        return None, 0
    entries = value.get("entry") if isinstance(value, dict) else None
    if scope.ids is None or event.parent_id is not None or not isinstance(entries, list):
        return value, 0
    ours = {account.meta_id for account in _accounts(scope)}
    kept = [entry for entry in entries if isinstance(entry, dict) and str(entry.get("id")) in ours]
    return {**value, "entry": kept}, len(entries) - len(kept)


def _accounts(scope: AccountScope) -> Sequence[Account]:
    return db.session.scalars(select(Account).where(scope.covers(Account.id))).all()


def list_lines(event: WebhookEvent, scope: AccountScope) -> tuple[list[Line], int]:
    """(one line for each item, MOST_ITEMS at most; how many items there are that may be seen)."""
    try:
        items = parse(loads(event.body)).items if event.parent_id is None else ()
    except MalformedBody:
        return [], 0
    accounts = {account.meta_id or "": account for account in _accounts(scope)}
    seen = [item for item in items if scope.ids is None or item.waba_id in accounts]
    first = [(item, accounts.get(item.waba_id or "")) for item in seen[:MOST_ITEMS]]
    conversations, rows = _conversations(first), _message_templates(first)
    lines = []
    for item, account in first:
        where = account.id if account else 0
        lines.append(
            Line(
                title=describe_kind(kind_of(item)),
                about=_about(item),
                conversation_id=conversations.get((where, getattr(item, "wamid", ""))),
                message_template=rows.get((where, getattr(item, "name", ""), getattr(item, "language", ""))),
            )
        )
    return lines, len(seen)


_ABOUT_MESSAGES = (InboundMessage, PhoneMessage, StatusUpdate)


def _conversations(items: Sequence[tuple[Item, Account | None]]) -> dict[tuple[int, str], int]:
    wamids = {item.wamid for item, _ in items if isinstance(item, _ABOUT_MESSAGES)}
    statement = select(Message.account_id, Message.wamid, Message.conversation_id).where(
        Message.account_id.in_({account.id for _, account in items if account}), Message.wamid.in_(wamids)
    )
    found = db.session.execute(statement) if wamids else ()
    return {(account_id, wamid or ""): conversation_id for account_id, wamid, conversation_id in found}


_ABOUT_MESSAGE_TEMPLATES = (MessageTemplateStatus, MessageTemplateQuality, MessageTemplateCategory)


def _message_templates(
    items: Sequence[tuple[Item, Account | None]],
) -> dict[tuple[int, str, str], MessageTemplate]:
    names = {item.name for item, _ in items if isinstance(item, _ABOUT_MESSAGE_TEMPLATES)}
    statement = select(MessageTemplate).where(
        MessageTemplate.account_id.in_({account.id for _, account in items if account}),
        MessageTemplate.name.in_(names),
    )
    rows = db.session.scalars(statement) if names else ()
    return {(row.account_id, row.name, row.language): row for row in rows}


def _about(item: Item) -> str:
    """Whom or what it speaks of, in a few words."""
    if isinstance(item, InboundMessage):
        return f"from {_person(item.wa_id, item.user_id)}"
    if isinstance(item, PhoneMessage):
        return f"{'to' if item.is_outbound else 'from'} {_person(item.wa_id, item.user_id)}"
    if isinstance(item, StatusUpdate):
        error = f", error {item.error.code}" if item.error and item.error.code else ""
        return f"to {_person(item.recipient_wa_id, item.recipient_user_id)}{error}"
    if isinstance(item, MessageTemplateStatus):
        return f"{item.name}, {item.language}: {item.event.replace('_', ' ').lower()}"
    if isinstance(item, _ABOUT_MESSAGE_TEMPLATES):
        return f"{item.name}, {item.language}"
    if isinstance(item, UserPreference):
        return _person(item.wa_id, item.user_id)
    if isinstance(item, UserIdChange):
        return _person(item.wa_id, item.current_user_id)
    if isinstance(item, BadElement):
        return f"{item.path or 'the whole body'}: {item.reason}"
    return item.display_phone_number or ""


def _person(wa_id: str | None, user_id: str | None) -> str:
    return spell_phone(f"+{wa_id}") if wa_id else user_id or "somebody unnamed"
