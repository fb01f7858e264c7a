"""What the customer does on the page: write, send a thing, tap a button, play a scene."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.datastructures import MultiDict

from .. import clock, ids
from ..context import Sandbox
from ..database import Row
from ..every_kind import every_kind
from ..inbound import InvalidInbound, Sender, receive
from ..store import customers, messages
from ..webhooks import statuses
from . import contents, files, flow_messages, taps
from .chat import Chat
from .taps import PLACE

Message = dict[str, Any]
LONGEST_TEXT = 4096
LONGEST_EMOJI = 16
LONGEST_NAME = 100
MOST_UNREAD = 200

THINGS: dict[str, Message] = {
    "image": {"type": "image", "image": {"caption": ""}},
    "audio": {"type": "audio", "audio": {"voice": True}},
    "video": {"type": "video", "video": {"caption": ""}},
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
    "every": ("Sends one of every kind", ()),
}


def write(sandbox: Sandbox, chat: Chat, text: str, base_url: str, reply_to: str = "") -> None:
    """Send a text; blank ones are ignored. reply_to: the wamid it quotes, or blank."""
    if text.strip():
        message: Message = {"type": "text", "text": {"body": text.strip()[:LONGEST_TEXT]}}
        if reply_to:
            message["context"] = {"from": _author(chat, _target(sandbox, chat, reply_to)), "id": reply_to}
        _send(sandbox, chat, message, base_url)


def send_thing(sandbox: Sandbox, chat: Chat, kind: str, base_url: str) -> None:
    """kind: a key of THINGS. Raises InvalidInbound."""
    if kind not in THINGS:
        raise InvalidInbound(f"There is nothing called {kind} to send.")
    _send(sandbox, chat, THINGS[kind], base_url)


def send_files(sandbox: Sandbox, chat: Chat, made: list[Message], caption: str, base_url: str) -> None:
    """Own files, made by `files`; a caption that none of them takes follows as a text."""
    for message in made:
        _send(sandbox, chat, message, base_url)
    if not files.has_caption(made):
        write(sandbox, chat, caption, base_url)


def send_place(sandbox: Sandbox, chat: Chat, form: "MultiDict[str, str]", base_url: str) -> None:
    """`latitude`, `longitude`, `place`, `address` from a form. Raises InvalidInbound."""
    try:
        latitude, longitude = float(form.get("latitude", "")), float(form.get("longitude", ""))
    except ValueError as error:
        raise InvalidInbound(
            "A place needs a latitude and a longitude, as in 51.5045 and -0.0865."
        ) from error
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise InvalidInbound("A latitude is between -90 and 90, a longitude between -180 and 180.")
    named = {"name": form.get("place", "").strip(), "address": form.get("address", "").strip()}
    words = {key: value[:LONGEST_NAME] for key, value in named.items() if value}
    place = {"latitude": latitude, "longitude": longitude} | words
    _send(sandbox, chat, {"type": "location", "location": place}, base_url)


def send_contact(sandbox: Sandbox, chat: Chat, form: "MultiDict[str, str]", base_url: str) -> None:
    """`contact`, a name, and `phone` from a form. Raises InvalidInbound."""
    name, digits = form.get("contact", "").strip()[:LONGEST_NAME], ids.digits_of(form.get("phone", ""))
    if not name or not 7 <= len(digits) <= 15:
        raise InvalidInbound("A contact needs a name and a phone number with country code.")
    person = {
        "name": {"formatted_name": name, "first_name": name.split()[0]},
        "phones": [{"phone": ids.display_number(digits), "type": "CELL", "wa_id": digits}],
    }
    _send(sandbox, chat, {"type": "contacts", "contacts": [person]}, base_url)


def edit(sandbox: Sandbox, chat: Chat, wamid: str, text: str, base_url: str) -> None:
    """Change an own text; the app gets an `edit`. Raises InvalidInbound."""
    _own(sandbox, chat, wamid, contents.EDIT_S, "changed within 15 minutes")
    if text.strip():
        message = {"type": "text", "text": {"body": text.strip()[:LONGEST_TEXT]}}
        _send(
            sandbox,
            chat,
            {"type": "edit", "edit": {"original_message_id": wamid, "message": message}},
            base_url,
        )


def delete(sandbox: Sandbox, chat: Chat, wamid: str, base_url: str) -> None:
    """Delete an own message for everyone; the app gets a `revoke`. Raises InvalidInbound."""
    _own(sandbox, chat, wamid, contents.DELETE_S, "deleted within two days")
    _send(sandbox, chat, {"type": "revoke", "revoke": {"original_message_id": wamid}}, base_url)


def _own(sandbox: Sandbox, chat: Chat, wamid: str, within_s: float, words: str) -> Row:
    row = _target(sandbox, chat, wamid)
    if row["direction"] != "inbound" or clock.now() - row["created_at"] > within_s:
        raise InvalidInbound(f"Only an own message can be {words}.")
    return row


def play(sandbox: Sandbox, chat: Chat, scene: str, base_url: str) -> None:
    """scene: a key of SCENES. Raises InvalidInbound."""
    if scene not in SCENES:
        raise InvalidInbound(f"There is no scene called {scene}.")
    lines = every_kind(chat.customer.wa_id) if scene == "every" else SCENES[scene][1]
    for line in lines:
        if isinstance(line, str):
            write(sandbox, chat, line, base_url)
        else:
            _send(sandbox, chat, line, base_url)


def tap(sandbox: Sandbox, chat: Chat, wamid: str, what: str, base_url: str) -> None:
    """Tap a button or row of a message. `what`: kind and id as the page wrote them. Raises InvalidInbound."""
    target = _target(sandbox, chat, wamid)
    kind, _, key = what.partition(":")
    if kind not in taps.TAPS:
        raise InvalidInbound("That button cannot be tapped.")
    with _only_what_it_has():
        message = taps.TAPS[kind](target, key, chat.customer)
    context = {"from": chat.number["wa_id"], "id": wamid}
    _send(sandbox, chat, message | {"context": context}, base_url)


def react(sandbox: Sandbox, chat: Chat, wamid: str, emoji: str, base_url: str) -> None:
    """Hang an emoji on a message; a blank one takes it back. Raises InvalidInbound."""
    _target(sandbox, chat, wamid)
    if len(emoji) > LONGEST_EMOJI:
        raise InvalidInbound("A reaction is one emoji.")
    reaction = {"message_id": wamid} | ({"emoji": emoji} if emoji else {})
    _send(sandbox, chat, {"type": "reaction", "reaction": reaction}, base_url)


def read(sandbox: Sandbox, chat: Chat, wamid: str = "") -> None:
    """Read what lies unread; or, with the wamid of a voice message, play it. Raises InvalidInbound."""
    with sandbox.db.write():
        if wamid:
            if _target(sandbox, chat, wamid)["direction"] != "outbound":
                raise InvalidInbound("The customer wrote that message himself.")
            statuses.play_by_hand(sandbox, wamid, "played")
            return
        for row in unread(sandbox, chat):
            statuses.play_by_hand(sandbox, row["wamid"], "read")


def unread(sandbox: Sandbox, chat: Chat) -> list[Row]:
    """Delivered messages of the business that the customer has not read."""
    rows = messages.list_thread(sandbox.db, chat.number["id"], chat.customer.wa_id, MOST_UNREAD)
    return [row for row in rows if row["direction"] == "outbound" and row["status"] == "delivered"]


def answer_flow(sandbox: Sandbox, chat: Chat, wamid: str, answer: Message, base_url: str) -> None:
    """Send the answer of the Flow of that message. Raises InvalidInbound."""
    _target(sandbox, chat, wamid)
    context = {"from": chat.number["wa_id"], "id": wamid}
    _send(sandbox, chat, flow_messages.reply(answer) | {"context": context}, base_url)


@contextmanager
def _only_what_it_has() -> Iterator[None]:
    """The page offers only what a message has; another form may name any message and any button."""
    try:
        yield
    except (LookupError, TypeError, AttributeError) as error:
        raise InvalidInbound("That message has nothing like that to answer.") from error


def _target(sandbox: Sandbox, chat: Chat, wamid: str) -> Row:
    target = messages.find(sandbox.db, wamid)
    where = (chat.number["id"], chat.customer.wa_id)
    if target is None or (target["phone_number_id"], target["wa_id"]) != where:
        raise InvalidInbound("That message is gone.")
    return target


def _author(chat: Chat, row: Row) -> str:
    return chat.customer.wa_id if row["direction"] == "inbound" else str(chat.number["wa_id"])


def start_over(sandbox: Sandbox, chat: Chat) -> None:
    """Forget this conversation and its window; the accounts stay."""
    where = (chat.number["id"], chat.customer.wa_id)
    with sandbox.db.write():
        sandbox.db.execute("DELETE FROM messages WHERE phone_number_id = ? AND wa_id = ?", *where)
        sandbox.db.execute("DELETE FROM windows WHERE phone_number_id = ? AND wa_id = ?", *where)
        sandbox.db.execute("DELETE FROM seen WHERE phone_number_id = ? AND wa_id = ?", *where)
        sandbox.db.execute("DELETE FROM flow_runs WHERE phone_number_id = ? AND wa_id = ?", *where)


def _send(sandbox: Sandbox, chat: Chat, message: Message, base_url: str) -> None:
    if chat.customer.traits["has_blocked"]:
        raise InvalidInbound("You blocked this business. Unblock it to write to it.")
    customers.get_or_add(sandbox.db, chat.number["business_id"], chat.customer.wa_id)
    receive(sandbox, chat.number, Sender(chat.customer.wa_id), message, base_url)
