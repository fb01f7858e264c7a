"""The words dialogues are written in: one Line per message, from the customer's or the company's side.

Texts may hold `$first`, `$policy`, `$claim`, `$car`, `$street`, `$amount`, `$kind`, `$day`, `$assessor`,
`$yesterday`, filled for each customer. A pause is counted in minutes since the line before.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from app.services.demo.company import Number
from app.services.demo.message_templates import Sample


class By(Enum):
    CUSTOMER = "customer"
    AGENT = "agent"
    BOT = "bot"
    SYSTEM = "system"
    """The campaign system behind the JSON API: message templates."""


@dataclass(frozen=True)
class Line:
    """One message. `back`: how many lines before stands the one it refers to; 0: to none.

    `failure` is Meta's code; `is_lost`: never confirmed by Meta.
    """

    by: By
    type: str
    content: Mapping[str, Any]
    pause_min: float = 2.0
    back: int = 0
    sample: Sample | None = None
    failure: int | None = None
    is_lost: bool = False

    @property
    def is_inbound(self) -> bool:
        return self.by is By.CUSTOMER

    def after(self, minutes: float) -> Line:
        return replace(self, pause_min=minutes)

    def failing(self, code: int) -> Line:
        return replace(self, failure=code)

    def lost(self) -> Line:
        return replace(self, is_lost=True)


@dataclass(frozen=True)
class Script:
    """A dialogue with one of the numbers."""

    number: Number
    lines: tuple[Line, ...]

    @property
    def minutes(self) -> float:
        """From the first line to the last."""
        return sum(line.pause_min for line in self.lines[1:])


def script(number: Number, *lines: Line) -> Script:
    return Script(number, lines)


def they(text: str, pause: float = 2.0, back: int = 0) -> Line:
    """The customer writes."""
    return Line(By.CUSTOMER, "text", {"body": text}, pause, back)


def we(text: str, pause: float = 4.0, back: int = 0) -> Line:
    """An agent writes."""
    return Line(By.AGENT, "text", {"body": text, "preview_url": "://" in text}, pause, back)


def bot(text: str) -> Line:
    return Line(By.BOT, "text", {"body": text, "preview_url": False}, 0.05)


def photo(caption: str = "", pause: float = 1.0) -> Line:
    return Line(By.CUSTOMER, "image", _file("image/jpeg") | ({"caption": caption} if caption else {}), pause)


def paper(filename: str, caption: str = "", pause: float = 3.0) -> Line:
    content = _file("application/pdf") | {"filename": filename}
    return Line(By.CUSTOMER, "document", content | ({"caption": caption} if caption else {}), pause)


def our_paper(filename: str, caption: str = "", pause: float = 5.0) -> Line:
    content = {"id": "$media", "filename": filename} | ({"caption": caption} if caption else {})
    return Line(By.AGENT, "document", content, pause)


def our_photo(caption: str, pause: float = 4.0) -> Line:
    return Line(By.AGENT, "image", {"id": "$media", "caption": caption}, pause)


def our_voice(pause: float = 4.0) -> Line:
    return Line(By.AGENT, "audio", {"id": "$media", "voice": True}, pause)


def voice(pause: float = 2.0) -> Line:
    return Line(By.CUSTOMER, "audio", _file("audio/ogg; codecs=opus") | {"voice": True}, pause)


def video(caption: str = "", pause: float = 2.0) -> Line:
    return Line(By.CUSTOMER, "video", _file("video/mp4") | ({"caption": caption} if caption else {}), pause)


def sticker(pause: float = 1.0) -> Line:
    return Line(By.CUSTOMER, "sticker", _file("image/webp") | {"animated": False}, pause)


def _file(mime_type: str) -> dict[str, Any]:
    return {"mime_type": mime_type, "sha256": "$sha", "id": "$media"}


def place(name: str, address: str, latitude: float, longitude: float, pause: float = 2.0) -> Line:
    content = {"name": name, "address": address, "latitude": latitude, "longitude": longitude}
    return Line(By.CUSTOMER, "location", content, pause)


def card(name: str, phone: str, company: str = "", pause: float = 2.0) -> Line:
    """A contact card from the customer."""
    entry: dict[str, Any] = {
        "name": {"formatted_name": name, "first_name": name.split()[0]},
        "phones": [{"phone": phone, "type": "WORK"}],
    }
    if company:
        entry["org"] = {"company": company}
    return Line(By.CUSTOMER, "contacts", {"contacts": [entry]}, pause)


def unsupported(pause: float = 2.0) -> Line:
    error = {
        "code": 131051,
        "title": "Message type unknown",
        "details": "Message type is currently not supported.",
    }
    return Line(By.CUSTOMER, "unsupported", {"type": "poll", "_errors": [error]}, pause)


def reacts(emoji: str, back: int = 1, pause: float = 1.0) -> Line:
    return Line(By.CUSTOMER, "reaction", {"emoji": emoji}, pause, back)


def we_react(emoji: str, back: int = 1, pause: float = 1.0) -> Line:
    return Line(By.AGENT, "reaction", {"emoji": emoji}, pause, back)


def buttons(body: str, *titles: str, footer: str = "", pause: float = 3.0) -> Line:
    """Reply buttons; their ids are `b1`, `b2` …"""
    replies = [
        {"type": "reply", "reply": {"id": f"b{n}", "title": title}} for n, title in enumerate(titles, 1)
    ]
    content: dict[str, Any] = {"type": "button", "body": {"text": body}, "action": {"buttons": replies}}
    return Line(By.AGENT, "interactive", content | ({"footer": {"text": footer}} if footer else {}), pause)


def taps(n: int, title: str, back: int = 1, pause: float = 3.0) -> Line:
    """The customer takes the n-th reply button."""
    content = {"type": "button_reply", "button_reply": {"id": f"b{n}", "title": title}}
    return Line(By.CUSTOMER, "interactive", content, pause, back)


def choices(body: str, button: str, *rows: tuple[str, str], pause: float = 3.0) -> Line:
    """A list; rows are (title, description), their ids `r1`, `r2` …"""
    listed = [{"id": f"r{n}", "title": title, "description": text} for n, (title, text) in enumerate(rows, 1)]
    content = {
        "type": "list",
        "body": {"text": body},
        "action": {"button": button, "sections": [{"title": button, "rows": listed}]},
    }
    return Line(By.AGENT, "interactive", content, pause)


def chooses(n: int, title: str, description: str, back: int = 1, pause: float = 3.0) -> Line:
    content = {
        "type": "list_reply",
        "list_reply": {"id": f"r{n}", "title": title, "description": description},
    }
    return Line(By.CUSTOMER, "interactive", content, pause, back)


def asks_form(body: str, button: str, pause: float = 3.0) -> Line:
    """An agent sends the claim form; which one it is and its token are filled in once it is made."""
    parameters = {
        "flow_message_version": "3",
        "flow_id": "0",
        "flow_token": "0",
        "flow_cta": button,
        "mode": "published",
        "flow_action": "navigate",
        "flow_action_payload": {"screen": "DAMAGE"},
    }
    content = {"type": "flow", "body": {"text": body}, "action": {"name": "flow", "parameters": parameters}}
    return Line(By.AGENT, "interactive", content, pause)


def fills_in(answers: Mapping[str, Any], back: int = 1, pause: float = 4.0) -> Line:
    """The customer sends the form off."""
    reply = {"name": "flow", "body": "Sent", "response_json": json.dumps(answers, ensure_ascii=False)}
    return Line(By.CUSTOMER, "interactive", {"type": "nfm_reply", "nfm_reply": reply}, pause, back)


def sends(sample: Sample, *values: str, pause: float = 30.0) -> Line:
    """The campaign system sends a message template with the values of its body."""
    content: dict[str, Any] = {"name": sample.name, "language": {"code": sample.language}}
    if values:
        parameters = [{"type": "text", "text": value} for value in values]
        content["components"] = [{"type": "body", "parameters": parameters}]
    return Line(By.SYSTEM, "template", content, pause, sample=sample)


def presses(text: str, back: int = 1, pause: float = 25.0) -> Line:
    """The customer takes a quick reply of a message template."""
    return Line(By.CUSTOMER, "button", {"text": text, "payload": text}, pause, back)
