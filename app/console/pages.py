"""What the console's templates are rendered with: one context for the page and for each of its fragments."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask import Response, make_response, render_template, request, url_for

from app.console.answering import Answering, answering
from app.console.between import lines_of
from app.console.composing import Composer
from app.console.due import Due, due_of
from app.console.listing import build_list
from app.console.panel import build_panel
from app.console.reacting import FIRST_CHOICES
from app.console.standing import current_person, standing_of
from app.console.thread import Day, build_days, names_of_message_templates
from app.console.times import Plan, list_plans
from app.console.window import Window, window_of
from app.errors import NotFound
from app.models import ContactField, Conversation, FlowAnswer, utcnow
from app.queries import bot as bot_queries
from app.queries import conversations as queries
from app.queries import message_templates as message_template_queries
from app.queries import threads
from app.queries.access import AccountScope
from app.queries.contact_fields import list_filled
from app.queries.contact_identity import list_elsewhere
from app.queries.contact_tags import list_tags
from app.queries.cursors import Cursor
from app.queries.flows import list_answers_of
from app.queries.presence import Looker, lookers_at
from app.queries.standing import Standing, waits_mark
from app.queries.teamwork import Between, Colleague, ServingTeam, list_between, list_hands
from app.queries.threads import Thread
from app.services.failures import UNCONFIRMED, UNCONFIRMED_CHOICES, Failure
from app.web.identity import current_actor
from app.web.routing import row_id

_MARKS = ("reaction", "edit", "revoke", "system")
"""Stand at other messages or between them; a line above one would stand above nothing."""


@dataclass(frozen=True)
class Hands:
    """Who can be given the conversation. `me`: who looks at it."""

    me: int | None = None
    colleagues: list[Colleague] = field(default_factory=list)
    teams: list[ServingTeam] = field(default_factory=list)

    @property
    def others(self) -> list[Colleague]:
        return [one for one in self.colleagues if one.id != self.me]

    @property
    def has_me(self) -> bool:
        return any(one.id == self.me for one in self.colleagues)


@dataclass(frozen=True)
class Log:
    """The messages on the page. `has_room`: earlier ones still fit above them on a page without script.

    `version` changes with whatever a poll would show differently. `found`: the message that was looked for.
    `first_new`: the first one this person has not seen; `unseen`: the newest, to be noted as seen.
    `end`: the place it ends before, where it does not reach to the newest. `is_cut`: it begins too late.
    `reacting`: the message for which a reaction is being chosen.
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
    may_see_bot: bool
    looked_at: Collection[int] = ()
    found: int | None = None
    first_new: int | None = None
    unseen: int | None = None
    end: Cursor | None = None
    is_cut: bool = False
    plans: list[Plan] = field(default_factory=list)
    reacting: int | None = None
    first_reactions: tuple[str, ...] = FIRST_CHOICES
    team: Hands = field(default_factory=Hands)
    lookers: Sequence[Looker] = ()
    due: Due | None = None
    waits: str = ""
    is_named: bool = False
    """A note names who looks, and is not marked as read yet."""
    unconfirmed: Failure = UNCONFIRMED
    choices: tuple[tuple[str, str], ...] = UNCONFIRMED_CHOICES

    @property
    def version(self) -> str:
        return _version(self.conversation, self.lookers, self.due, self.waits)


def console_scope() -> AccountScope:
    return current_actor().scope("console.use")


def get_conversation(conversation_id: int) -> Conversation:
    """Within what this person may see; 404 otherwise."""
    return queries.get_conversation(conversation_id, console_scope())


def log_version(conversation: Conversation) -> str:
    """Of what a poll would show now."""
    due = due_of([conversation]).get(conversation.id)
    return _version(conversation, _lookers(conversation), due, waits_mark(conversation))


def _version(conversation: Conversation, lookers: Sequence[Looker], due: Due | None, waits: str) -> str:
    """The day is part of it: at midnight "Today" becomes "Yesterday"; and what waits until when; and who else
    is here."""
    today = utcnow().date().toordinal()
    here = "-".join(f"{one.user_id}{'a' if one.is_answering else ''}" for one in lookers)
    mark = f"{due.text if due else ''}"
    return f"{conversation.version}.{today}.{waits}.{here}.{mark}"


def _lookers(conversation: Conversation) -> Sequence[Looker]:
    return lookers_at([conversation.id], current_person()).get(conversation.id, ())


def build_log(
    conversation: Conversation, standing: Standing | None = None, lookers: Sequence[Looker] | None = None
) -> Log:
    """The thread from the place the request names, or its newest messages. `standing`, `lookers`: if they
    are known."""
    standing = standing or standing_of(conversation)
    thread = threads.read_thread(
        conversation,
        start=Cursor.parse(request.values.get("start")),
        before=Cursor.parse(request.values.get("before_message")),
        around=request.values.get("at", type=row_id),
    )
    seen = standing.seen if thread.is_newest else None
    return _log(
        conversation,
        thread,
        standing,
        _lookers(conversation) if lookers is None else lookers,
        first_new=_first_new(conversation, thread, seen),
        unseen=_unseen(conversation, thread, seen),
    )


def build_older(conversation: Conversation) -> Log:
    """What stands before the place the request names, or at the end. Raises NotFound for nonsense."""
    named = request.args.get("before_message")
    before = Cursor.parse(named)
    if named is not None and before is None:
        raise NotFound("There is no such place in this conversation.")
    thread = threads.read_thread(conversation, before=before)
    return _log(conversation, thread, standing_of(conversation), ())


def _log(
    conversation: Conversation,
    thread: Thread,
    standing: Standing,
    lookers: Sequence[Looker],
    *,
    first_new: int | None = None,
    unseen: int | None = None,
) -> Log:
    may_see_bot = current_actor().may("bot.view", conversation.account_id)
    may_see_traces = may_see_bot and standing.has_traces
    inbound = [message.id for message in thread.messages if not message.is_outbound]
    names = names_of_message_templates(thread)
    rows = message_template_queries.list_by_names(conversation.account_id, names)
    between = list_between(conversation, thread) if standing.has_lines else Between()
    team = _team(conversation)
    return Log(
        conversation=conversation,
        days=build_days(
            thread,
            rows,
            conversation.contact.display_name,
            current_actor(),
            _answers(thread),
            lines_of(between, [one.name for one in team.colleagues]),
            first_new,
        ),
        start=thread.start,
        earlier=thread.earlier,
        window=window_of(conversation, standing.block),
        answering=answering(conversation, standing.bot),
        is_newest=thread.is_newest,
        has_room=len(thread.messages) <= threads.LONGEST_THREAD - threads.THREAD_LENGTH,
        may_send=current_actor().may("messages.send", conversation.account_id),
        may_see_bot=may_see_bot,
        looked_at=bot_queries.list_looked_at(inbound if may_see_traces else ()),
        found=request.values.get("at", type=row_id),
        first_new=first_new,
        unseen=unseen,
        end=thread.end,
        is_cut=thread.is_cut,
        plans=list_plans(conversation) if thread.is_newest and standing.has_plans else [],
        reacting=request.args.get("react", type=row_id),
        team=team,
        lookers=lookers,
        due=due_of([conversation]).get(conversation.id),
        waits=standing.waits,
        is_named=standing.is_named,
    )


def _first_new(conversation: Conversation, thread: Thread, seen: int | None) -> int | None:
    """The page keeps what it was told once: marking it as seen does not take the line away again."""
    told = request.values.get("new")
    if told is not None:
        return request.values.get("new", type=row_id)
    written = [row.id for row in thread.messages if not row.is_outbound and row.message_type not in _MARKS]
    if seen is None:
        unread = min(conversation.unread_count, len(written))
        return written[-unread] if unread else None
    return next((id_ for id_ in written if id_ > seen), None)


def _unseen(conversation: Conversation, thread: Thread, seen: int | None) -> int | None:
    newest = max((row.id for row in thread.messages if not row.is_outbound), default=0)
    is_new = newest > (seen or 0) or conversation.unread_count
    return newest if thread.is_newest and is_new else None


def _team(conversation: Conversation) -> Hands:
    colleagues, teams = list_hands(conversation)
    return Hands(current_person(), colleagues, teams)


def _answers(thread: Thread) -> dict[int, FlowAnswer]:
    """What customers sent off with Flows; nothing is looked up for a thread without any."""
    ids = [row.id for row in thread.messages if not row.is_outbound and row.message_type == "interactive"]
    return list_answers_of(ids) if ids else {}


def list_context(current: int | None, *, is_poll: bool = False) -> dict[str, Any]:
    """What is polled."""
    may_start = current_actor().may("messages.send")
    shown = build_list(console_scope(), current, is_poll=is_poll)
    return {"list": shown, "current_id": current, "may_start": may_start}


def pane_context(current: int | None, problem: str = "", done: int | None = None) -> dict[str, Any]:
    """The list with all that stands around it. `done`: the change of many that was just made."""
    context = list_context(current)
    return {**context, "panel": build_panel(console_scope(), context["list"], problem, done)}


def thread_context(conversation: Conversation, composer: Composer) -> dict[str, Any]:
    standing = composer.standing or standing_of(conversation)
    composer = replace(composer, standing=standing)
    pane = pane_context(conversation.id)
    lookers = pane["list"].around.lookers.get(conversation.id, ())
    return {
        **pane,
        "conversation": conversation,
        "log": build_log(conversation, standing, lookers),
        "composer": composer,
        "own_fields": own_fields(conversation),
        "known_tags": pane["panel"].tags or list_tags(console_scope()),
        "elsewhere": _elsewhere(conversation) if standing.has_elsewhere else [],
    }


def own_fields(conversation: Conversation) -> list[tuple[ContactField, str]]:
    """The account's own fields, with what this customer has in them."""
    return list_filled(conversation.contact)


def _elsewhere(conversation: Conversation) -> list[Conversation]:
    """With the same person; only those that whoever looks may see."""
    limits = current_actor().limits
    return [one for one in list_elsewhere(conversation) if limits is None or limits.sees(one)]


def thread_url(conversation: Conversation, **values: Any) -> str:
    return url_for("console.thread", conversation_id=conversation.id, **values)


def fragment(name: str, status: int = 200, **context: Any) -> Response:
    return make_response(render_template(f"console/{name}", **context), status)
