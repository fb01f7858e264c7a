"""A thread as its page shows it: days, bubbles, quotes, reactions, and what a failure means."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from app.console.bodies import Attachment, Body, Choice, read_body
from app.console.files import File, file_of
from app.console.flow_bodies import answer_body
from app.models import FlowAnswer, Message, MessageStatus, MessageTemplate, utcnow
from app.queries.conversations import Thread
from app.services.failures import Failure, explain_failure
from app.services.message_template_text import Preview, show_sent
from app.services.message_text import preview
from app.web.filters import day_label

_CONTINUES_WITHIN = timedelta(minutes=5)
_QUOTE_LENGTH = 160
_WINDOW_CLOSED_CODES = frozenset({131047, 470})
_MEDIA_ICONS = {
    "image": "photo",
    "video": "video",
    "document": "file-text",
    "location": "map-pin",
    "gif": "gif",
}
_BUTTON_ICONS = {
    "QUICK_REPLY": "corner-up-left",
    "URL": "external-link",
    "PHONE_NUMBER": "phone",
    "COPY_CODE": "copy",
    "OTP": "copy",
    "FLOW": "forms",
    "VOICE_CALL": "phone",
}


@dataclass(frozen=True)
class Quote:
    """What a message answers to."""

    author: str
    text: str


@dataclass(frozen=True)
class Wait:
    """Why a queued message does not leave yet, and when it is looked at again."""

    reason: str
    until: datetime | None


@dataclass(frozen=True)
class Bubble:
    """One message. `times` are its stations; `is_continued`: right after another of the same side."""

    message: Message
    body: Body
    file: File | None
    quote: Quote | None
    reactions: tuple[str, ...]
    author: str
    times: tuple[tuple[str, datetime], ...]
    failure: Failure | None
    wait: Wait | None
    needs_message_template: bool
    is_continued: bool


@dataclass(frozen=True)
class Day:
    """The bubbles of one day."""

    label: str
    bubbles: list[Bubble]


def names_of_message_templates(thread: Thread) -> set[str]:
    sent = [*thread.messages, *thread.quoted.values()]
    return {str(message.content.get("name")) for message in sent if message.message_type == "template"}


def build_days(
    thread: Thread,
    message_templates: list[MessageTemplate],
    customer: str,
    answers: dict[int, FlowAnswer] | None = None,
) -> list[Day]:
    """`message_templates`: every language of the names that occur in the thread; `answers`: by message id."""
    builder = _Builder(thread, message_templates, customer, answers or {})
    days: list[Day] = []
    last: Bubble | None = None
    for message in thread.messages:
        if builder.is_shown_elsewhere(message):
            continue
        bubble = builder.bubble(message, last)
        label = day_label(message.occurred_at)
        if not days or days[-1].label != label:
            days.append(Day(label, []))
            bubble = replace(bubble, is_continued=False)
        days[-1].bubbles.append(bubble)
        last = bubble
    return days


class _Builder:
    """What all bubbles of a thread are read against."""

    def __init__(
        self,
        thread: Thread,
        message_templates: list[MessageTemplate],
        customer: str,
        answers: dict[int, FlowAnswer],
    ) -> None:
        self._thread = thread
        self._answers = answers
        self._customer = customer
        self._wamids = {message.wamid for message in thread.messages if message.wamid}
        self._components = {(row.name, row.language): row.components for row in message_templates}
        self._reactions = _reactions(thread.reactions)
        self._chosen = _chosen(thread.messages)

    def is_shown_elsewhere(self, message: Message) -> bool:
        """A reaction stands on the message it is for, when that one is on the page."""
        return message.message_type == "reaction" and _reaction_target(message) in self._wamids

    def bubble(self, message: Message, last: Bubble | None) -> Bubble:
        failure = explain_failure(message) if message.status is MessageStatus.FAILED else None
        return Bubble(
            message=message,
            body=self._body(message),
            file=self._file(message),
            quote=self._quote(message),
            reactions=self._reactions.get(message.wamid or "", ()),
            author=self._author(message),
            times=_times(message),
            failure=failure,
            wait=_wait(message),
            needs_message_template=failure is not None and failure.code in _WINDOW_CLOSED_CODES,
            is_continued=_continues(message, last),
        )

    def _file(self, message: Message) -> File | None:
        file = self._thread.files.get(message.id)
        return file_of(file, message) if file is not None else None

    def _body(self, message: Message) -> Body:
        if message.message_type == "template" and message.is_outbound:
            body = self._message_template(message)
        elif message.id in self._answers:
            body = answer_body(self._answers[message.id])
        else:
            body = read_body(message.message_type, message.content, message.text_content)
        return _mark_chosen(_mark_origin(body, message.content), self._chosen.get(message.wamid or "", set()))

    def _message_template(self, message: Message) -> Body:
        """With header and buttons only while the text kept here still is what was sent then."""
        name, language = str(message.content.get("name", "")), _language(message.content)
        tag = f"Message template {name}, {language}"
        components = self._components.get((name, language))
        shown = show_sent(components, message.content) if components else None
        if shown is None or shown.body != message.text_content:
            return Body(tag=tag, tag_icon="template", text=message.text_content)
        return Body(
            tag=tag,
            tag_icon="template",
            header=shown.header_text,
            attachments=_header(shown),
            text=shown.body,
            footer=shown.footer,
            buttons=tuple(
                Choice(button.text, _BUTTON_ICONS.get(button.kind, ""), button.url or "", button.text)
                for button in shown.buttons
            ),
        )

    def _quote(self, message: Message) -> Quote | None:
        if not message.context_wamid or message.message_type == "reaction":
            return None
        quoted = self._thread.quoted.get(message.context_wamid)
        if quoted is None:
            return Quote("", "A message that is not kept here")
        return Quote(self._author(quoted), preview(quoted.message_type, quoted.text_content)[:_QUOTE_LENGTH])

    def _author(self, message: Message) -> str:
        if not message.is_outbound:
            return self._customer
        if message.is_bot:
            return "Bot"
        sender = self._thread.senders.get(message.sender_id or 0)
        if sender is not None:
            return sender.display_name
        return "API" if message.api_key_id else "You"


def _wait(message: Message) -> Wait | None:
    if message.status is not MessageStatus.QUEUED or not message.wait_reason:
        return None
    at = message.next_attempt_at
    return Wait(message.wait_reason, at if at is not None and at > utcnow() else None)


def _reaction_target(message: Message) -> str:
    return str(message.content.get("message_id") or message.context_wamid or "")


def _reactions(messages: Iterable[Message]) -> dict[str, tuple[str, ...]]:
    """The standing reactions by wamid: each side's last one; an empty one takes it back."""
    latest: dict[str, dict[bool, str]] = {}
    for message in messages:
        emoji = str(message.content.get("emoji") or "")
        latest.setdefault(_reaction_target(message), {})[message.is_outbound] = emoji
    return {wamid: tuple(filter(None, sides.values())) for wamid, sides in latest.items()}


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


def _mark_chosen(body: Body, chosen: set[str]) -> Body:
    if not chosen:
        return body

    def marked(choices: tuple[Choice, ...]) -> tuple[Choice, ...]:
        return tuple(replace(choice, is_chosen=choice.id in chosen) for choice in choices)

    return replace(body, rows=marked(body.rows), buttons=marked(body.buttons))


def _mark_origin(body: Body, content: dict[str, Any]) -> Body:
    """How the message came about: passed on from another chat, or by a click on an advertisement."""
    referral = content.get("_referral")
    if isinstance(referral, dict):
        headline = str(referral.get("headline") or referral.get("source_url") or "")
        return replace(
            body, tag=f"Came from an ad{f': {headline}' if headline else ''}", tag_icon="speakerphone"
        )
    if content.get("_forwarded"):
        return replace(body, tag="Forwarded", tag_icon="arrow-right")
    return body


def _header(shown: Preview) -> tuple[Attachment, ...]:
    if shown.header_kind in (None, "text"):
        return ()
    kind = str(shown.header_kind)
    return (Attachment(_MEDIA_ICONS.get(kind, "file"), kind.capitalize()),)


def _language(content: dict[str, Any]) -> str:
    language = content.get("language")
    return str(language.get("code", "")) if isinstance(language, dict) else ""


def _continues(message: Message, last: Bubble | None) -> bool:
    if last is None or last.body.is_event or last.message.direction is not message.direction:
        return False
    is_same_author = last.message.is_bot == message.is_bot and last.message.sender_id == message.sender_id
    return is_same_author and message.occurred_at - last.message.occurred_at < _CONTINUES_WITHIN


def _times(message: Message) -> tuple[tuple[str, datetime], ...]:
    if not message.is_outbound:
        return (("Written", message.occurred_at), ("Arrived here", message.created_at))
    stations = (
        ("Written", message.created_at),
        ("Sent", message.sent_at),
        ("Delivered", message.delivered_at),
        ("Read", message.read_at),
        ("Played", message.played_at),
        ("Failed", message.failed_at),
    )
    return tuple((word, at) for word, at in stations if at is not None)
