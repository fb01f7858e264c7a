"""What stands in a bubble, by the kind of message: text, file, buttons, cards."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ..database import Database, Row
from . import actions, attachments, formatting, message_template_text
from .actions import Action, Card, Part
from .attachments import Media

# For so long the customer may still change or delete what he wrote.
# Source: Meta docs, webhooks `edit` and `revoke`, read 2026-09.
EDIT_S, DELETE_S = 15 * 60.0, 2 * 86_400.0


@dataclass
class ShownCard:
    """One card of a carousel."""

    text: str
    media: Media | None
    actions: list[Action]


@dataclass
class Bubble:
    """`tick`: delivered or read, of the customer's own messages; `reactions`: mine and theirs, an emoji each.

    sections: of a list that opens, title and rows. until: when an offer ends, UNIX seconds, or 0.
    """

    wamid: str
    is_mine: bool
    at: float
    day: str = ""
    text: str = ""
    header: str = ""
    footer: str = ""
    quote: str = ""
    quoted_wamid: str = ""
    is_quote_mine: bool = False
    tick: str = ""
    media: Media | None = None
    list_button: str = ""
    sections: list[tuple[str, list[Action]]] = field(default_factory=list)
    cards: list[ShownCard] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    reactions: dict[str, str] = field(default_factory=dict)
    until: float = 0.0
    is_notice: bool = False
    is_unread: bool = False
    starts_day: bool = False
    starts_unread: bool = False
    is_edited: bool = False
    is_deleted: bool = False
    is_editable: bool = False
    is_deletable: bool = False

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).astimezone().strftime("%H:%M")

    @property
    def emojis(self) -> list[str]:
        return [emoji for emoji in dict.fromkeys(self.reactions.values()) if emoji]

    @property
    def name(self) -> str:
        """What it is called for those who do not see it."""
        return (formatting.plain(self.text) or self.header or (self.media.note if self.media else ""))[:60]

    def clear(self, words: str) -> None:
        """Deleted: only that it was there."""
        self.text, self.header, self.footer, self.quote, self.media = words, "", "", "", None
        self.is_deleted, self.is_editable, self.is_deletable, self.is_edited = True, False, False, False
        self.reactions.clear()


def fill(db: Database, bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    """The control API lets anything in; what cannot be shown is named instead."""
    try:
        FILLERS.get(str(payload["type"]), _other)(db, bubble, payload, chosen)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        _other(db, bubble, payload, chosen)


def summary(db: Database, row: Row) -> str:
    """One line about a message."""
    bubble = Bubble("", is_mine=row["direction"] == "inbound", at=0)
    fill(db, bubble, row["payload"], set())
    words = formatting.plain(bubble.text)
    return words or (bubble.media.note if bubble.media else "") or bubble.header or str(row["type"])


def text_of(message: Part) -> str:
    """Of an edited message: its new text or caption."""
    content = message.get(str(message.get("type"))) or {}
    return str(content.get("body") or content.get("caption") or "") if isinstance(content, dict) else ""


def reply_title(payload: Part) -> str:
    """The label of a tapped button or list row; "" for anything else."""
    return str(_reply(payload).get("title") or _reply(payload).get("text") or "")


def reply_key(payload: Part) -> str:
    """The id or payload that a tap sent; "" when it was none."""
    reply = _reply(payload)
    return str(reply.get("id") or reply.get("payload") or reply.get("response") or "")


def _reply(payload: Part) -> Part:
    if payload["type"] == "button":
        found = payload.get("button")
    elif payload["type"] == "interactive":
        interactive = payload.get("interactive") or {}
        found = interactive.get(str(interactive.get("type")))
    else:
        found = None
    return found if isinstance(found, dict) else {}


def _text(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = str(payload["text"].get("body", ""))
    bubble.media = attachments.of_text(payload["text"])


def _file(db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    content = payload[payload["type"]]
    bubble.media = attachments.of_file(db, payload["type"], content)
    bubble.text = str(content.get("caption") or "")


def _media(db: Database, kind: str, content: Part) -> Media:
    return attachments.of_place(content) if kind == "location" else attachments.of_file(db, kind, content)


def _location(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.media = attachments.of_place(payload["location"])


def _contacts(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.media = attachments.of_contacts(payload["contacts"])


def _answer(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = reply_title(payload) or _answer_in_words(payload)
    bubble.footer = str(_reply(payload).get("description") or "")


def _answer_in_words(payload: Part) -> str:
    """A filled-in form line by line; otherwise the name of the type."""
    interactive = payload["interactive"]
    if interactive["type"] == "call_permission_reply":
        is_allowed = interactive["call_permission_reply"]["response"] == "accept"
        return "Calls allowed" if is_allowed else "Calls not allowed"
    answers = json.loads(interactive["nfm_reply"]["response_json"])
    lines = [f"{key}: {value}" for key, value in answers.items() if key != "flow_token"]
    return "\n".join(["Form sent", *lines])


def _interactive(db: Database, bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    if bubble.is_mine or "action" not in payload["interactive"]:
        _answer(db, bubble, payload, chosen)
        return
    content = payload["interactive"]
    header = content.get("header") or {}
    bubble.header = str(header.get("text") or "")
    if header.get("type") in {"image", "video", "document"}:
        bubble.media = attachments.of_file(db, header["type"], header[header["type"]])
    bubble.text = str((content.get("body") or {}).get("text") or "")
    bubble.footer = str((content.get("footer") or {}).get("text") or "")
    if products := actions.product_names(content["action"]):
        bubble.header = bubble.header or f"Product {products[0]}"
    if content["type"] == "list":
        bubble.list_button = str(content["action"]["button"])
        bubble.sections = actions.sections_of(content["action"], chosen)
    else:
        bubble.actions = actions.of_interactive(content, chosen)
    bubble.cards = _shown_cards(db, actions.cards_of(content, chosen))


def _template(db: Database, bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    filled = message_template_text.fill(payload["_components"], payload["template"], chosen)
    bubble.header, bubble.text, bubble.footer = filled.header, filled.body, filled.footer
    bubble.until = filled.until
    if filled.media is not None:
        bubble.media = _media(db, *filled.media)
    bubble.actions, bubble.cards = filled.actions, _shown_cards(db, filled.cards)


def _shown_cards(db: Database, cards: list[Card]) -> list[ShownCard]:
    return [
        ShownCard(card.text, _media(db, *card.media) if card.media else None, card.actions) for card in cards
    ]


def _order(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    items = payload["order"]["product_items"]
    bubble.header = f"Order, {len(items)} {'item' if len(items) == 1 else 'items'}"
    bubble.text = "\n".join(f"{item['quantity']} x {item['product_retailer_id']}" for item in items)


def _system(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text, bubble.is_notice = str(payload["system"]["body"]), True


def _named(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text, bubble.is_notice = NAMED[payload["type"]], payload["type"] == "request_welcome"


def _other(_db: Database, bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = f"[{payload['type']}]"


NAMED = {
    "unsupported": "A message that the business cannot see",
    "revoke": "Message deleted",
    "edit": "Message edited",
    "request_welcome": "Opened the chat",
}
FILLERS: dict[str, Callable[[Database, Bubble, Part, set[str]], None]] = {
    "text": _text,
    **dict.fromkeys(attachments.WORDS, _file),
    "location": _location,
    "contacts": _contacts,
    "button": _answer,
    "interactive": _interactive,
    "template": _template,
    "order": _order,
    "system": _system,
    **dict.fromkeys(NAMED, _named),
}
