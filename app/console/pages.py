"""What the console's templates are rendered with: one context for the page and for each of its fragments."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from app.console.answering import Answering, answering
from app.console.composing import Composer
from app.console.rows import build_list
from app.console.thread import Day, build_days, names_of_message_templates
from app.console.window import Window, window_of
from app.models import Conversation, FlowAnswer, utcnow
from app.queries import bot as bot_queries
from app.queries import conversations as queries
from app.queries import message_templates as message_template_queries
from app.queries.access import AccountScope
from app.queries.conversations import Thread
from app.queries.cursors import Cursor
from app.queries.flows import list_answers_of
from app.web.identity import current_actor
from app.web.routing import row_id


@dataclass(frozen=True)
class Log:
    """The messages on the page. `has_room`: earlier ones still fit above them.

    `version` changes with whatever a poll would show differently. `found`: the message that was looked for.
    `looked_at`: ids of the customer's messages of which the bot's reasons are kept, for whoever may see them.
    """

    conversation: Conversation
    days: list[Day]
    start: Cursor | None
    earlier: Cursor | None
    window: Window
    answering: Answering | None
    is_newest: bool
    has_room: bool
    may_send: bool
    may_see_calls: bool
    may_see_bot: bool
    looked_at: Collection[int] = ()
    found: int | None = None

    @property
    def version(self) -> str:
        return log_version(self.conversation)


def console_scope() -> AccountScope:
    return current_actor().scope("console.use")


def get_conversation(conversation_id: int) -> Conversation:
    """Within what this person may see; 404 otherwise."""
    return queries.get_conversation(conversation_id, console_scope())


def log_version(conversation: Conversation) -> str:
    """The day is part of it: at midnight "Today" becomes "Yesterday"; and what waits until when."""
    today = utcnow().date().toordinal()
    return f"{conversation.version}.{today}.{queries.waits_mark(conversation)}"


def build_log(conversation: Conversation) -> Log:
    """The thread from the place the request names, or its newest messages."""
    found = request.values.get("at", type=row_id)
    thread = queries.read_thread(
        conversation,
        start=Cursor.parse(request.values.get("start")),
        before=Cursor.parse(request.values.get("before_message")),
        around=found,
    )
    may_see_bot = current_actor().may("bot.view", conversation.account_id)
    inbound = [message.id for message in thread.messages if not message.is_outbound]
    names = names_of_message_templates(thread)
    rows = message_template_queries.list_by_names(conversation.account_id, names)
    return Log(
        conversation=conversation,
        days=build_days(thread, rows, conversation.contact.display_name, _answers(thread)),
        start=thread.start,
        earlier=thread.earlier,
        window=window_of(conversation),
        answering=answering(conversation),
        is_newest=thread.is_newest,
        has_room=len(thread.messages) <= queries.LONGEST_THREAD - queries.THREAD_LENGTH,
        may_send=current_actor().may("messages.send", conversation.account_id),
        may_see_calls=current_actor().may("graph_calls.view", conversation.account_id),
        may_see_bot=may_see_bot,
        looked_at=bot_queries.list_looked_at(inbound if may_see_bot else ()),
        found=found,
    )


def _answers(thread: Thread) -> dict[int, FlowAnswer]:
    """What customers sent off with Flows; nothing is looked up for a thread without any."""
    ids = [row.id for row in thread.messages if not row.is_outbound and row.message_type == "interactive"]
    return list_answers_of(ids) if ids else {}


def list_context(current: int | None) -> dict[str, Any]:
    may_start = current_actor().may("messages.send")
    return {"list": build_list(console_scope()), "current_id": current, "may_start": may_start}


def thread_context(conversation: Conversation, composer: Composer) -> dict[str, Any]:
    return {
        **list_context(conversation.id),
        "conversation": conversation,
        "log": build_log(conversation),
        "composer": composer,
    }


def thread_url(conversation: Conversation, **values: Any) -> str:
    return url_for("console.thread", conversation_id=conversation.id, **values)


def fragment(name: str, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(f"console/{name}", **context), status)
