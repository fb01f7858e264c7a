"""What later messages did to those before them: choices taken, edits, deletions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.console.bodies import edited_body
from app.console.body import Body, Card, Choice
from app.models import Direction, Message

CHANGES = ("edit", "revoke")


@dataclass(frozen=True)
class Change:
    """Edits of a message by its writer, oldest first: when, and what it says from then on; or its end."""

    edits: tuple[tuple[datetime, Body], ...] = ()
    deleted_at: datetime | None = None


class Later:
    """Read once for a stretch of a thread."""

    def __init__(self, messages: Iterable[Message], later: Iterable[Message]) -> None:
        """`messages`: on the page; `later`: every reaction, edit and deletion since the first of them."""
        self._here = {message.wamid: message for message in messages if message.wamid}
        self._changes = _changes(row for row in later if row.message_type in CHANGES)
        self._chosen = _chosen(self._here.values())

    def is_shown_on_target(self, message: Message) -> bool:
        """Whether it is told at the message it is about."""
        if message.message_type == "reaction":
            return target_of(message) in self._here
        return message.message_type in CHANGES and self._may_change(message)

    def _may_change(self, message: Message) -> bool:
        """Nobody edits what somebody else wrote."""
        target = self._here.get(target_of(message))
        return target is not None and target.direction is message.direction

    def change(self, message: Message) -> Change:
        return self._changes.get((message.direction, message.wamid or ""), Change())

    def mark_chosen(self, body: Body, message: Message) -> Body:
        """With the buttons and rows marked that the customer took."""
        chosen = self._chosen.get(message.wamid or "")
        if not chosen:
            return body
        return replace(
            body,
            rows=_marked(body.rows, chosen),
            buttons=_marked(body.buttons, chosen),
            cards=tuple(_marked_card(card, chosen) for card in body.cards),
        )


def target_of(message: Message) -> str:
    """The wamid of the message that a reaction, edit or deletion is about."""
    content = message.content
    found = content.get("message_id") or content.get("original_message_id") or message.context_wamid
    return found if isinstance(found, str) else ""


def _changes(messages: Iterable[Message]) -> dict[tuple[Direction, str], Change]:
    """By who wrote the message and its wamid: nobody edits what somebody else wrote."""
    found: dict[tuple[Direction, str], Change] = {}
    for message in messages:
        target = (message.direction, target_of(message))
        before = found.get(target, Change())
        if message.message_type == "revoke":
            after = replace(before, deleted_at=message.occurred_at)
        else:
            said = edited_body(message.content, message.text_content)
            after = replace(before, edits=(*before.edits, (message.occurred_at, said)))
        found[target] = after
    return found


def _chosen(messages: Iterable[Message]) -> dict[str, set[str]]:
    """What the customer took of a message's buttons and rows, by that message's wamid."""
    chosen: dict[str, set[str]] = {}
    for message in messages:
        if message.context_wamid and message.message_type in ("button", "interactive"):
            chosen.setdefault(message.context_wamid, set()).update(_answers(message.content))
    return chosen


def _answers(content: dict[str, Any]) -> set[str]:
    reply = content.get(str(content.get("type")), content)
    values = (reply.get(key) for key in ("id", "payload", "text")) if isinstance(reply, dict) else ()
    return {value for value in values if isinstance(value, str) and value}


def _marked(choices: tuple[Choice, ...], chosen: set[str]) -> tuple[Choice, ...]:
    return tuple(replace(choice, is_chosen=choice.id in chosen) for choice in choices)


def _marked_card(card: Card, chosen: set[str]) -> Card:
    return replace(card, buttons=_marked(card.buttons, chosen))
