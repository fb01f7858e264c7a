"""Messages as the phone shows them: one Bubble per message, reactions hung on what they react to."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..store import messages
from . import actions, message_template_text
from .actions import Action, Card, Part
from .chat import Chat

MOST_BUBBLES = 200
TICKS = {"accepted": "waiting", "sent": "sent", "delivered": "delivered", "read": "read", "played": "read"}
MEDIA_WORDS = {
    "image": "Photo",
    "audio": "Voice message",
    "video": "Video",
    "document": "Document",
    "sticker": "Sticker",
}


@dataclass
class Media:
    """A file, place or contact card. `id`: of bytes the page may show; `note`: what it is, in words."""

    kind: str
    id: str
    note: str


@dataclass
class ShownCard:
    """One card of a carousel."""

    text: str
    media: Media | None
    actions: list[Action]


@dataclass
class Bubble:
    """`tick`: sent, delivered, read, waiting or "" ; `trouble`: why it never reached the phone."""

    wamid: str
    is_mine: bool
    at: float
    text: str = ""
    header: str = ""
    footer: str = ""
    quote: str = ""
    tick: str = ""
    trouble: str = ""
    media: Media | None = None
    list_button: str = ""
    is_voice: bool = False
    cards: list[ShownCard] = field(default_factory=list)
    actions: list[Action] = field(default_factory=list)
    reactions: list[str] = field(default_factory=list)

    @property
    def time(self) -> str:
        return datetime.fromtimestamp(self.at, UTC).astimezone().strftime("%H:%M")

    @property
    def day(self) -> str:
        day = datetime.fromtimestamp(self.at, UTC).astimezone().date()
        today = datetime.fromtimestamp(clock.now(), UTC).astimezone().date()
        return "Today" if day == today else day.strftime("%-d %B")


def thread(sandbox: Sandbox, chat: Chat) -> list[Bubble]:
    """Oldest first."""
    rows = messages.list_thread(sandbox.db, chat.number["id"], chat.customer.wa_id, MOST_BUBBLES)
    by_wamid = {row["wamid"]: row for row in rows}
    chosen = _chosen(rows)
    bubbles = {
        row["wamid"]: _bubble(row, by_wamid, chosen.get(row["wamid"], set()))
        for row in rows
        if row["type"] != "reaction"
    }
    for row in rows:
        if row["type"] == "reaction":
            _react(bubbles, row["payload"]["reaction"])
    return list(bubbles.values())


def _react(bubbles: dict[str, Bubble], reaction: Part) -> None:
    target = bubbles.get(str(reaction.get("message_id")))
    if target is not None:
        target.reactions = [reaction["emoji"]] if reaction.get("emoji") else []


def _chosen(rows: list[Row]) -> dict[str, set[str]]:
    """wamid of a business message → titles the customer tapped under it."""
    chosen: dict[str, set[str]] = {}
    for row in rows:
        if row["direction"] == "inbound" and (title := reply_title(row["payload"])):
            target = str(row["payload"].get("context", {}).get("id"))
            chosen.setdefault(target, set()).add(title)
    return chosen


def reply_title(payload: Part) -> str:
    """The label of a tapped button or list row; "" for anything else."""
    if payload["type"] == "button":
        return str(payload["button"].get("text", ""))
    if payload["type"] != "interactive":
        return ""
    interactive = payload["interactive"]
    reply = interactive.get(str(interactive.get("type")))
    return str(reply.get("title", "")) if isinstance(reply, dict) else ""


def _bubble(row: Row, by_wamid: dict[str, Row], chosen: set[str]) -> Bubble:
    is_mine = row["direction"] == "inbound"
    bubble = Bubble(row["wamid"], is_mine, row["created_at"])
    if is_mine:
        bubble.tick = "read" if row["status"] == "read" else "delivered"
    else:
        bubble.tick = TICKS.get(row["status"], "")
        bubble.trouble = _trouble(row)
    payload = row["payload"]
    bubble.quote = _quote(payload, by_wamid)
    _fill(bubble, payload, chosen)
    return bubble


def _fill(bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    """The control API lets anything in; what cannot be shown is named instead."""
    try:
        FILLERS.get(str(payload["type"]), _fill_other)(bubble, payload, chosen)
    except (KeyError, TypeError, ValueError, AttributeError):
        _fill_other(bubble, payload, chosen)


def _trouble(row: Row) -> str:
    error = row["error"]
    return f"{error['title']} ({error['code']})" if error else ""


def _quote(payload: Part, by_wamid: dict[str, Row]) -> str:
    context = payload.get("context") or {}
    target = by_wamid.get(str(context.get("id") or context.get("message_id")))
    return summary(target)[:80] if target is not None else ""


def summary(row: Row) -> str:
    """One line about a message."""
    bubble = Bubble("", is_mine=False, at=0)
    _fill(bubble, row["payload"], set())
    return bubble.text or (bubble.media.note if bubble.media else "") or bubble.header or row["type"]


def _fill_text(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = str(payload["text"].get("body", ""))


def _fill_media(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    content = payload[payload["type"]]
    bubble.media = _media(payload["type"], content)
    bubble.is_voice = payload["type"] == "audio" and not bubble.is_mine
    bubble.text = str(content.get("caption") or "")


def _media(kind: str, content: Part) -> Media:
    if kind == "location":
        return _place(content)
    link = str(content.get("link") or "")
    name = content.get("filename") or (urlsplit(link).path.rsplit("/", 1)[-1] if link else "")
    return Media(kind, str(content.get("id") or ""), f"{MEDIA_WORDS[kind]} {name}".strip())


def _place(place: Part) -> Media:
    at = f"{float(place['latitude']):.4f}, {float(place['longitude']):.4f}"
    words = [str(place[key]) for key in ("name", "address") if place.get(key)]
    return Media("location", "", "\n".join([*words, at]))


def _fill_location(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.media = _place(payload["location"])


def _fill_contacts(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    names = [str(person.get("name", {}).get("formatted_name", "Contact")) for person in payload["contacts"]]
    bubble.media = Media("contacts", "", ", ".join(names))


def _fill_reply(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = reply_title(payload) or _answer_in_words(payload)


def _answer_in_words(payload: Part) -> str:
    """A filled-in form line by line; otherwise the name of the type."""
    interactive = payload["interactive"]
    if interactive["type"] == "call_permission_reply":
        is_allowed = interactive["call_permission_reply"]["response"] == "accept"
        return "Calls allowed" if is_allowed else "Calls not allowed"
    answers = json.loads(interactive["nfm_reply"]["response_json"])
    lines = [f"{key}: {value}" for key, value in answers.items() if key != "flow_token"]
    return "\n".join(["Form sent", *lines])


def _fill_interactive(bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    if bubble.is_mine or "action" not in payload["interactive"]:
        _fill_reply(bubble, payload, chosen)
        return
    content = payload["interactive"]
    header = content.get("header") or {}
    bubble.header = str(header.get("text") or "")
    if header.get("type") in {"image", "video", "document"}:
        bubble.media = _media(header["type"], header[header["type"]])
    bubble.text = str((content.get("body") or {}).get("text") or "")
    bubble.footer = str((content.get("footer") or {}).get("text") or "")
    if content["type"] == "list":
        bubble.list_button = str(content["action"]["button"])
    if products := actions.product_names(content["action"]):
        bubble.header = bubble.header or f"Product {products[0]}"
    bubble.actions = actions.of_interactive(content, chosen)
    bubble.cards = _shown_cards(actions.cards_of(content, chosen))


def _fill_template(bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    filled = message_template_text.fill(payload["_components"], payload["template"], chosen)
    bubble.header, bubble.text, bubble.footer = filled.header, filled.body, filled.footer
    if filled.media is not None:
        bubble.media = _media(*filled.media)
    bubble.actions, bubble.cards = filled.actions, _shown_cards(filled.cards)


def _shown_cards(cards: list[Card]) -> list[ShownCard]:
    return [ShownCard(card.text, _media(*card.media) if card.media else None, card.actions) for card in cards]


def _fill_order(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    items = payload["order"]["product_items"]
    bubble.header = f"Order, {len(items)} {'item' if len(items) == 1 else 'items'}"
    bubble.text = "\n".join(f"{item['quantity']} x {item['product_retailer_id']}" for item in items)


def _fill_system(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = str(payload["system"]["body"])


def _fill_named(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = NAMED[payload["type"]]


def _fill_other(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = f"[{payload['type']}]"


NAMED = {
    "unsupported": "A message that the business cannot see",
    "revoke": "Message deleted",
    "edit": "Message edited",
    "request_welcome": "Opened the chat",
}
FILLERS = {
    "text": _fill_text,
    **dict.fromkeys(("image", "audio", "video", "document", "sticker"), _fill_media),
    "location": _fill_location,
    "contacts": _fill_contacts,
    "button": _fill_reply,
    "interactive": _fill_interactive,
    "template": _fill_template,
    "order": _fill_order,
    "system": _fill_system,
    **dict.fromkeys(NAMED, _fill_named),
}
