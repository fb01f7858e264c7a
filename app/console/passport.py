"""The passport of a message: what caused it, what Meta was told, and what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, current_app, make_response, render_template, url_for

from app.console.blueprint import blueprint
from app.console.files import File, file_of
from app.console.offers import Help, help_for
from app.models import Conversation, Message, MessageStatus
from app.models.number_masks import are_hidden
from app.queries import conversations as queries
from app.queries.access import Actor
from app.services.failures import UNCONFIRMED, UNCONFIRMED_CHOICES
from app.services.message_text import preview
from app.services.passports import By, Passport, read_passport
from app.web.call_rows import attempt_outcome, call_row
from app.web.filters import duration
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

_LONGEST_WORDS = 200


@dataclass(frozen=True)
class Station:
    """A time of the message's own: what happened, and how long after the one before."""

    word: str
    at: datetime
    after: str


@blueprint.get("/<int:conversation_id>/messages/<int:message_id>/passport")
@permission_required("console.use")
def message_passport(conversation_id: int, message_id: int) -> Response:
    actor = current_actor()
    conversation = queries.get_conversation(conversation_id, actor.scope("console.use"))
    passport = read_passport(queries.get_message(conversation, message_id), actor)
    return make_response(render_template("console/passport.html", **_context(passport, conversation, actor)))


@blueprint.get("/<int:conversation_id>/messages/<int:message_id>/calls")
@permission_required("graph_calls.view")
def message_calls(conversation_id: int, message_id: int) -> Response:
    """Where the passport's calls once had a page of their own."""
    scope = current_actor().scope("graph_calls.view")
    message = queries.get_message(queries.get_conversation(conversation_id, scope), message_id)
    url = url_for("console.message_passport", conversation_id=conversation_id, message_id=message.id)
    return go_to(f"{url}#calls-title")


def _context(passport: Passport, conversation: Conversation, actor: Actor) -> dict[str, Any]:
    message = passport.message
    has_failed = message.status is MessageStatus.FAILED and passport.failure is not None
    return {
        "passport": passport,
        "message": message,
        "conversation": conversation,
        "words": _words(message),
        "stations": _stations(message),
        "failure": passport.failure if has_failed else None,
        "help": help_for(message, passport.failure, actor) if has_failed and passport.failure else Help(),
        "unconfirmed": UNCONFIRMED,
        "choices": UNCONFIRMED_CHOICES,
        "file": _file(passport),
        "by": By,
        "has_wamids": not are_hidden(message.account_id),
        "attempt_outcome": attempt_outcome,
        "calls": None if passport.calls is None else [call_row(call) for call in passport.calls],
        "keep_days": current_app.config["SETTINGS"].graph_call_retention_days,
        "may_send": actor.may("messages.send", message.account_id),
        "may_open_rules": actor.may("bot.manage", message.account_id),
        "answers_words": _words(passport.cause.answers) if passport.cause.answers else "",
    }


def _words(message: Message) -> str:
    """What it says, in one line."""
    words = preview(message.message_type, message.shown_text)
    return words if len(words) <= _LONGEST_WORDS else f"{words[:_LONGEST_WORDS]}…"


def _file(passport: Passport) -> File | None:
    return file_of(passport.media, passport.message) if passport.media is not None else None


def _stations(message: Message) -> list[Station]:
    """Its own times, in their order; the first report of each counts."""
    times = (
        ("Written by the customer", None if message.is_outbound else message.occurred_at),
        ("Written" if message.is_outbound else "Arrived here", message.created_at),
        ("Sent", message.sent_at),
        ("Delivered", message.delivered_at),
        ("Read", message.read_at),
        ("Played", message.played_at),
        ("Failed", message.failed_at),
    )
    known = sorted(((at, word) for word, at in times if at is not None), key=lambda item: item[0])
    before = [at for at, _ in known]
    return [
        Station(word, at, duration(at - before[place - 1]) if place else "")
        for place, (at, word) in enumerate(known)
    ]
