"""Messages as the phone shows them: one Bubble per message, reactions hung on what they react to."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..store import messages
from . import message_template_text
from .chat import Chat

MOST_BUBBLES = 200
TICKS = {"accepted": "waiting", "sent": "sent", "delivered": "delivered", "read": "read", "played": "read"}
Part = dict[str, Any]


@dataclass(frozen=True)
class Action:
    """A button or list row under a bubble. `tap`: what to post when it can be tapped; "" when it cannot."""

    label: str
    tap: str = ""
    icon: str = ""
    is_chosen: bool = False
    note: str = ""


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
    media_kind: str = ""
    media_id: str = ""
    media_note: str = ""
    list_button: str = ""
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
    return bubble.text or bubble.media_note or bubble.header or row["type"]


def _fill_text(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = str(payload["text"].get("body", ""))


def _fill_media(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    _set_media(bubble, payload["type"], payload[payload["type"]])
    bubble.text = str(payload[payload["type"]].get("caption") or "")


def _set_media(bubble: Bubble, kind: str, media: Part) -> None:
    link = str(media.get("link") or "")
    bubble.media_kind = kind
    bubble.media_id = str(media.get("id") or "")
    name = media.get("filename") or (urlsplit(link).path.rsplit("/", 1)[-1] if link else "")
    words = {
        "image": "Photo",
        "audio": "Voice message",
        "video": "Film",
        "document": "Document",
        "sticker": "Sticker",
    }
    bubble.media_note = f"{words[kind]} {name}".strip()


def _fill_location(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    place = payload["location"]
    bubble.media_kind = "location"
    bubble.media_note = f"{float(place['latitude']):.4f}, {float(place['longitude']):.4f}"
    bubble.text = "\n".join(str(place[key]) for key in ("name", "address") if place.get(key))


def _fill_contacts(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.media_kind = "contacts"
    names = [str(person.get("name", {}).get("formatted_name", "Contact")) for person in payload["contacts"]]
    bubble.media_note = ", ".join(names)


def _fill_reply(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = reply_title(payload) or payload["type"]


def _fill_interactive(bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    if bubble.is_mine or "action" not in payload["interactive"]:
        _fill_reply(bubble, payload, chosen)
        return
    content = payload["interactive"]
    header = content.get("header") or {}
    bubble.header = str(header.get("text") or "")
    if header.get("type") in {"image", "video", "document"}:
        _set_media(bubble, header["type"], header[header["type"]])
    bubble.text = str((content.get("body") or {}).get("text") or "")
    bubble.footer = str((content.get("footer") or {}).get("text") or "")
    _set_actions(bubble, content, chosen)


def _set_actions(bubble: Bubble, content: Part, chosen: set[str]) -> None:
    kind, action = content["type"], content["action"]
    if kind == "button":
        bubble.actions = [
            _reply(f"button:{part['reply']['id']}", part["reply"], chosen) for part in action["buttons"]
        ]
    elif kind == "list":
        bubble.list_button = str(action["button"])
        rows = [row for section in action["sections"] for row in section["rows"]]
        bubble.actions = [_reply(f"list:{row['id']}", row, chosen) for row in rows]
    elif kind == "location_request_message":
        bubble.actions = [Action("Send location", "location:", "map-pin")]
    elif kind == "flow":
        bubble.actions = [Action(str(action["parameters"]["flow_cta"]), "flow:", "list")]
    else:
        label = (action.get("parameters") or {}).get("display_text") or kind.replace("_", " ")
        bubble.actions = [Action(str(label), icon="external-link")]


def _reply(tap: str, part: Part, chosen: set[str]) -> Action:
    title = str(part["title"])
    return Action(title, tap, is_chosen=title in chosen, note=str(part.get("description") or ""))


def _fill_template(bubble: Bubble, payload: Part, chosen: set[str]) -> None:
    filled = message_template_text.fill(payload["_components"], payload["template"])
    bubble.header, bubble.text, bubble.footer = filled.header, filled.body, filled.footer
    if filled.media is not None:
        _set_media(bubble, *filled.media)
    bubble.actions = [
        Action(
            button.label,
            f"template:{index}" if button.is_reply else "",
            button.icon,
            is_chosen=button.label in chosen,
        )
        for index, button in enumerate(filled.buttons)
    ]


def _fill_other(bubble: Bubble, payload: Part, _chosen: set[str]) -> None:
    bubble.text = f"[{payload['type']}]"


FILLERS = {
    "text": _fill_text,
    **dict.fromkeys(("image", "audio", "video", "document", "sticker"), _fill_media),
    "location": _fill_location,
    "contacts": _fill_contacts,
    "button": _fill_reply,
    "interactive": _fill_interactive,
    "template": _fill_template,
}
