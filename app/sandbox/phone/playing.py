"""What the customer does on the page: write, send a thing, tap a button, play a scene."""

from typing import Any

from ..context import Sandbox
from ..database import Row, to_json
from ..inbound import InvalidInbound, Sender, receive
from ..store import customers, messages
from .chat import Chat

Message = dict[str, Any]
LONGEST_TEXT = 4096

PLACE = {"latitude": 51.5045, "longitude": -0.0865, "name": "London Bridge", "address": "London SE1 9SP"}
THINGS: dict[str, Message] = {
    "image": {"type": "image", "image": {"caption": ""}},
    "audio": {"type": "audio", "audio": {"voice": True}},
    "document": {"type": "document", "document": {"filename": "invoice-4711.pdf"}},
    "sticker": {"type": "sticker", "sticker": {"animated": False}},
    "location": {"type": "location", "location": PLACE},
    "contacts": {
        "type": "contacts",
        "contacts": [
            {
                "name": {"formatted_name": "Sam Reed", "first_name": "Sam", "last_name": "Reed"},
                "phones": [{"phone": "+44 7700 900321", "type": "CELL", "wa_id": "447700900321"}],
            }
        ],
    },
}
SCENES: dict[str, tuple[str, tuple[Message | str, ...]]] = {
    "order": ("Asks about an order", ("Hello", "Where is my order HL-20418?")),
    "photo": (
        "Sends a photo of a fault",
        ("It arrived like this", {"type": "image", "image": {"caption": "The corner is broken"}}),
    ),
    "angry": ("Angry, wants a person", ("This is the third time I ask", "I want to talk to a person. Now.")),
    "place": ("Sends a location", ("I am here", THINGS["location"])),
    "stop": ("Writes STOP", ("STOP",)),
}


def write(sandbox: Sandbox, chat: Chat, text: str, base_url: str) -> None:
    """Send a text; blank ones are ignored."""
    if text.strip():
        _send(sandbox, chat, {"type": "text", "text": {"body": text.strip()[:LONGEST_TEXT]}}, base_url)


def send_thing(sandbox: Sandbox, chat: Chat, kind: str, base_url: str) -> None:
    """kind: a key of THINGS. Raises InvalidInbound."""
    if kind not in THINGS:
        raise InvalidInbound(f"There is nothing called {kind} to send.")
    _send(sandbox, chat, THINGS[kind], base_url)


def play(sandbox: Sandbox, chat: Chat, scene: str, base_url: str) -> None:
    """scene: a key of SCENES. Raises InvalidInbound."""
    if scene not in SCENES:
        raise InvalidInbound(f"There is no scene called {scene}.")
    for line in SCENES[scene][1]:
        if isinstance(line, str):
            write(sandbox, chat, line, base_url)
        else:
            _send(sandbox, chat, line, base_url)


def tap(sandbox: Sandbox, chat: Chat, wamid: str, what: str, base_url: str) -> None:
    """Tap a button or row of a message. `what`: kind and id as the page wrote them. Raises InvalidInbound."""
    target = messages.find(sandbox.db, wamid)
    if target is None or target["phone_number_id"] != chat.number["id"]:
        raise InvalidInbound("That message is gone.")
    kind, _, key = what.partition(":")
    if kind not in TAPS:
        raise InvalidInbound("That button cannot be tapped.")
    message = TAPS[kind](target, key)
    context = {"from": chat.number["wa_id"], "id": wamid}
    _send(sandbox, chat, message | {"context": context}, base_url)


def start_over(sandbox: Sandbox, chat: Chat) -> None:
    """Forget this conversation and its window; the accounts stay."""
    where = (chat.number["id"], chat.customer.wa_id)
    with sandbox.db.write():
        sandbox.db.execute("DELETE FROM messages WHERE phone_number_id = ? AND wa_id = ?", *where)
        sandbox.db.execute("DELETE FROM windows WHERE phone_number_id = ? AND wa_id = ?", *where)


def _send(sandbox: Sandbox, chat: Chat, message: Message, base_url: str) -> None:
    customers.get_or_add(sandbox.db, chat.number["business_id"], chat.customer.wa_id)
    receive(sandbox, chat.number, Sender(chat.customer.wa_id), message, base_url)


def _tap_button(target: Row, key: str) -> Message:
    buttons = target["payload"]["interactive"]["action"]["buttons"]
    reply = _chosen([button["reply"] for button in buttons], key)
    return _interactive("button_reply", {"id": reply["id"], "title": reply["title"]})


def _tap_row(target: Row, key: str) -> Message:
    sections = target["payload"]["interactive"]["action"]["sections"]
    row = _chosen([row for section in sections for row in section["rows"]], key)
    reply = {name: row[name] for name in ("id", "title", "description") if row.get(name)}
    return _interactive("list_reply", reply)


def _tap_template(target: Row, key: str) -> Message:
    """The payload of the send; without one it equals the label."""
    created = next(part for part in target["payload"]["_components"] if part["type"] == "BUTTONS")["buttons"]
    if not key.isdigit() or int(key) >= len(created):
        raise InvalidInbound("That button does not exist.")
    label = created[int(key)]["text"]
    sent = target["payload"]["template"].get("components") or []
    payloads = [
        parameter["payload"]
        for part in sent
        if str(part.get("type", "")).lower() == "button" and str(part.get("index")) == key
        for parameter in part.get("parameters") or []
        if "payload" in parameter
    ]
    return {"type": "button", "button": {"payload": payloads[0] if payloads else label, "text": label}}


def _tap_location(_target: Row, _key: str) -> Message:
    return THINGS["location"]


def _tap_flow(target: Row, _key: str) -> Message:
    parameters = target["payload"]["interactive"]["action"]["parameters"]
    token = parameters.get("flow_token", "unused")
    answer = to_json({"flow_token": token, "answer": "Filled in on the sandbox phone"})
    return _interactive("nfm_reply", {"name": "flow", "body": "Sent", "response_json": answer})


def _interactive(kind: str, reply: Message) -> Message:
    return {"type": "interactive", "interactive": {"type": kind, kind: reply}}


def _chosen(replies: list[Message], key: str) -> Message:
    found = next((reply for reply in replies if reply["id"] == key), None)
    if found is None:
        raise InvalidInbound("That button does not exist.")
    return found


TAPS = {
    "button": _tap_button,
    "list": _tap_row,
    "template": _tap_template,
    "location": _tap_location,
    "flow": _tap_flow,
}
