"""A thread as its page shows it: days, bubbles, quotes, reactions, and what a failure means."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from app.console.between import Line
from app.console.bodies import read_body
from app.console.body import Attachment, Body, Card, Choice
from app.console.files import File, file_of
from app.console.flow_bodies import answer_body
from app.console.later import CHANGES, Change, Later, target_of
from app.console.offers import Help, help_for
from app.console.reacting import NONE, Reactions, read_reactions
from app.console.things import referral, without_numbers
from app.models import FlowAnswer, Message, MessageStatus, MessageTemplate, utcnow
from app.models.number_masks import are_hidden, shown_text
from app.queries.access import Actor
from app.queries.threads import Thread
from app.services.failures import Failure, explain_failure
from app.services.message_marks import PHONE_APP
from app.services.message_template_text import Preview, show_sent
from app.services.message_text import preview
from app.services.quoting import may_be_quoted, may_be_reacted_to
from app.web.filters import day_label
from app.web.whatsapp_text import Link, first_link

_CONTINUES_WITHIN = timedelta(minutes=5)
_LATE = timedelta(minutes=10)
"""Between WhatsApp's time and ours; less is how a busy hour looks."""
_QUOTE_LENGTH = 160
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


class By(StrEnum):
    """Who wrote a message."""

    CUSTOMER = "customer"
    PERSON = "person"
    BOT = "bot"
    PROGRAM = "program"


@dataclass(frozen=True)
class Quote:
    """What a message answers to, or is about. `message_id`: ours, where it is kept here; `is_here`: on this
    page."""

    author: str
    text: str
    message_id: int | None = None
    is_here: bool = False


@dataclass(frozen=True)
class Wait:
    """Why a queued message does not leave yet, and when it is looked at again."""

    reason: str
    until: datetime | None


@dataclass(frozen=True)
class Bubble:
    """One message. `times` are its stations; `help`: what is offered where it failed; `is_continued`: right
    after another of the same side; `late`: how much later than written it came; `link`: whose host is shown.
    """

    message: Message
    body: Body
    file: File | None
    quote: Quote | None
    reactions: Reactions
    by: By
    author: str
    times: tuple[tuple[str, datetime], ...]
    failure: Failure | None
    help: Help
    wait: Wait | None
    change: Change
    late: timedelta | None
    link: Link | None
    is_continued: bool
    is_first_new: bool = False

    @property
    def at(self) -> datetime:
        return self.message.occurred_at

    @property
    def can_be_quoted(self) -> bool:
        return may_be_quoted(self.message)

    @property
    def can_be_reacted_to(self) -> bool:
        return may_be_reacted_to(self.message)


@dataclass(frozen=True)
class Day:
    """The messages of one day, and what stands between them."""

    label: str
    entries: list[Bubble | Line]


def names_of_message_templates(thread: Thread) -> set[str]:
    sent = [*thread.messages, *thread.quoted.values()]
    return {str(message.content.get("name")) for message in sent if message.message_type == "template"}


def build_days(
    thread: Thread,
    message_templates: list[MessageTemplate],
    customer: str,
    actor: Actor,
    answers: dict[int, FlowAnswer] | None = None,
    lines: Sequence[Line] = (),
    first_new: int | None = None,
) -> list[Day]:
    """`message_templates`: every language of the names that occur in the thread; `answers`: by message id;
    `lines`: by time; `first_new`: the message above which the line "New" stands."""
    builder = _Builder(thread, message_templates, customer, actor, answers or {})
    days: list[Day] = []
    waiting = deque(lines)
    last: Bubble | None = None
    for message in thread.messages:
        if builder.is_shown_elsewhere(message):
            continue
        while waiting and waiting[0].at < message.occurred_at:
            _add(days, waiting.popleft())
            last = None
        last = builder.bubble(message, last, is_first_new=message.id == first_new)
        _add(days, last)
    for line in waiting:
        _add(days, line)
    return days


def _add(days: list[Day], entry: Bubble | Line) -> None:
    label = day_label(entry.at)
    if not days or days[-1].label != label:
        days.append(Day(label, []))
        entry = replace(entry, is_continued=False) if isinstance(entry, Bubble) else entry
    days[-1].entries.append(entry)


class _Builder:
    """What all bubbles of a thread are read against."""

    def __init__(
        self,
        thread: Thread,
        message_templates: list[MessageTemplate],
        customer: str,
        actor: Actor,
        answers: dict[int, FlowAnswer],
    ) -> None:
        self._thread = thread
        self._actor = actor
        self._answers = answers
        self._customer = customer
        self._here = {message.id for message in thread.messages}
        self._components = {(row.name, row.language): row.components for row in message_templates}
        self._later = Later(thread.messages, thread.later)
        self._reactions = read_reactions(
            (row for row in thread.later if row.message_type == "reaction"), actor
        )

    def is_shown_elsewhere(self, message: Message) -> bool:
        """What is told at the message it is about, when that one is on the page."""
        return self._later.is_shown_on_target(message)

    def bubble(self, message: Message, last: Bubble | None, *, is_first_new: bool) -> Bubble:
        failure = explain_failure(message) if message.status is MessageStatus.FAILED else None
        change = self._later.change(message)
        body = self._body(message, change)
        return Bubble(
            message=message,
            body=body,
            file=self._file(message),
            quote=self._quote(message),
            reactions=self._reactions.get(message.wamid or "", NONE),
            by=_by(message),
            author=self._author(message),
            times=_times(message),
            failure=failure,
            help=help_for(message, failure, self._actor) if failure else Help(),
            wait=_wait(message),
            change=change,
            late=_late(message),
            link=first_link(body.text) if message.message_type == "text" else None,
            is_continued=_continues(message, last) and not is_first_new,
            is_first_new=is_first_new,
        )

    def _file(self, message: Message) -> File | None:
        file = self._thread.files.get(message.id)
        return file_of(file, message) if file is not None else None

    def _body(self, message: Message, change: Change) -> Body:
        if message.message_type == "template" and message.is_outbound:
            body = self._message_template(message)
        elif message.id in self._answers:
            body = answer_body(self._answers[message.id])
        elif change.edits:
            body = _edited(message, change)
        else:
            body = read_body(message.message_type, message.content, message.text_content)
        if are_hidden(message.account_id):
            text = shown_text(message.account_id, message.message_type, body.text)
            body = without_numbers(replace(body, text=text))
        if message.message_type == "reaction" and message.status is MessageStatus.FAILED:
            body = replace(body, is_event=False, tag="Reaction", tag_icon="mood-smile")
        return self._later.mark_chosen(_mark_origin(body, message.content), message)

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
            buttons=_buttons(shown),
            cards=tuple(_card(card) for card in shown.cards),
        )

    def _quote(self, message: Message) -> Quote | None:
        product = message.content.get("_product")
        if isinstance(product, dict):
            name = str(product.get("product_retailer_id") or "of your catalogue")
            return Quote("", f"About the product {name}")
        wamid = (
            target_of(message) if message.message_type in (*CHANGES, "reaction") else message.context_wamid
        )
        if not wamid:
            return None
        quoted = self._thread.quoted.get(wamid)
        if quoted is None:
            return Quote("", "A message that is not kept here")
        return Quote(self._author(quoted), quote_text(quoted), quoted.id, quoted.id in self._here)

    def _author(self, message: Message) -> str:
        by = _by(message)
        if by is By.CUSTOMER:
            return self._customer
        if by is By.BOT:
            return "Bot"
        sender = self._thread.senders.get(message.sender_id or 0)
        if sender is not None:
            return sender.display_name
        if by is By.PROGRAM:
            key = self._thread.keys.get(message.api_key_id or 0)
            return f"API, key “{key}”" if key else "API"
        return "Phone app" if PHONE_APP in message.content else "You"


def _by(message: Message) -> By:
    if not message.is_outbound:
        return By.CUSTOMER
    if message.is_bot:
        return By.BOT
    return By.PROGRAM if message.api_key_id else By.PERSON


def _edited(message: Message, change: Change) -> Body:
    """The newest words in the message's own form: a photo whose caption changed stays a photo."""
    own = read_body(message.message_type, message.content, message.text_content)
    return replace(own, text=change.edits[-1][1].text)


def _late(message: Message) -> timedelta | None:
    if message.is_outbound:
        return None
    late = message.created_at - message.occurred_at
    return late if late >= _LATE else None


def quote_text(message: Message) -> str:
    """The line by which a quoted message is known."""
    return preview(message.message_type, message.shown_text)[:_QUOTE_LENGTH]


def _wait(message: Message) -> Wait | None:
    if message.status is not MessageStatus.QUEUED or not message.wait_reason:
        return None
    at = message.next_attempt_at
    return Wait(message.wait_reason, at if at is not None and at > utcnow() else None)


def _mark_origin(body: Body, content: dict[str, Any]) -> Body:
    """How the message came about: by a click on an advertisement, passed on from another chat, in a group."""
    found = content.get("_referral")
    if isinstance(found, dict):
        body = replace(body, referral=referral(found))
    if body.tag:
        return body
    if content.get("_forwarded"):
        is_often = content.get("_forwarded_often") is True
        return replace(body, tag="Forwarded many times" if is_often else "Forwarded", tag_icon="arrow-right")
    if content.get("_group"):
        return replace(body, tag="Written in a group", tag_icon="users")
    return body


def _buttons(shown: Preview) -> tuple[Choice, ...]:
    return tuple(
        Choice(button.text, _BUTTON_ICONS.get(button.kind, ""), button.url or "", button.text)
        for button in shown.buttons
    )


def _card(shown: Preview) -> Card:
    """Of a carousel. What it showed was handed to Meta and is not kept here: its kind is named."""
    kind = shown.header_kind or ""
    return Card(shown.body, _MEDIA_ICONS.get(kind, "shopping-bag"), kind.capitalize(), _buttons(shown))


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
    is_same_phone = (PHONE_APP in last.message.content) == (PHONE_APP in message.content)
    return (
        is_same_author
        and is_same_phone
        and message.occurred_at - last.message.occurred_at < _CONTINUES_WITHIN
    )


def _times(message: Message) -> tuple[tuple[str, datetime], ...]:
    if not message.is_outbound:
        return (("Written", message.occurred_at), ("Arrived here", message.created_at))
    stations = (
        ("Written", message.occurred_at if PHONE_APP in message.content else message.created_at),
        ("Sent", message.sent_at),
        ("Delivered", message.delivered_at),
        ("Read", message.read_at),
        ("Played", message.played_at),
        ("Failed", message.failed_at),
    )
    return tuple((word, at) for word, at in stations if at is not None)
