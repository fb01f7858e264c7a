"""What customers answered: of one Flow or of all, on pages and as a file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Response, request, url_for

from app.flows.blueprint import blueprint
from app.flows.views import ANSWERS, build_detail
from app.models import Account, Flow, FlowAnswer, Message
from app.queries import accounts as account_queries
from app.queries import flows as queries
from app.queries.access import AccountScope
from app.queries.cursors import Cursor
from app.queries.flows import AnswerFilters
from app.queries.slices import Slice, Turn
from app.services.flow_exports import write_csv
from app.services.flow_texts import Question
from app.services.flow_words import Cell, cells_of, labels_of
from app.services.message_text import preview
from app.web.filters import timezone
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond, stream
from app.web.routing import row_id

_UNKNOWN = "unknown"
_LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Row:
    """One answer: its table, the message it came with and the one it answers."""

    answer: FlowAnswer
    cells: list[Cell]
    thread_url: str | None
    sent: Message | None
    sent_text: str


@dataclass(frozen=True)
class Page:
    """A page of answers, and what they are narrowed to. `flow` is None on the page of all."""

    flow: Flow | None
    rows: list[Row]
    since: str
    until: str
    filters: AnswerFilters
    accounts: list[Account]
    flows: list[Flow]
    older_url: str | None
    newer_url: str | None

    def args(self) -> dict[str, Any]:
        """The filters of one Flow's answers as an address carries them."""
        given = {"since": self.since, "until": self.until, "customer": self.filters.customer}
        return {name: value for name, value in given.items() if value}


@blueprint.get("/answers/")
@permission_required(ANSWERS)
def all_answers() -> Response:
    """Of all Flows, and of none that is known here."""
    scope = current_actor().scope(ANSWERS)
    wanted = request.args.get("flow", "")
    filters = _read_filters(
        account_id=request.args.get("account", type=row_id),
        flow_id=request.args.get("flow", type=row_id),
        only_unknown=wanted == _UNKNOWN,
    )
    extra = {"account": filters.account_id, "flow": _UNKNOWN if filters.only_unknown else filters.flow_id}
    built = _page(scope, filters, None, "flows.all_answers", extra)
    return respond(page="flows/all_answers.html", fragment="flows/_answers.html", listing=built)


@blueprint.get("/<int:flow_id>/answers/")
@permission_required(ANSWERS)
def flow_answers(flow_id: int) -> Response:
    scope = current_actor().scope(ANSWERS)
    flow = queries.get_flow(flow_id, scope)
    built = _page(scope, _read_filters(flow_id=flow_id), flow, "flows.flow_answers", {"flow_id": flow_id})
    return respond(
        page="flows/answers.html",
        fragment="flows/_answers.html",
        listing=built,
        detail=build_detail(flow_id),
    )


@blueprint.get("/<int:flow_id>/answers.csv")
@permission_required(ANSWERS)
def answers_csv(flow_id: int) -> Response:
    """All that fit the filters, written while they are read."""
    scope = current_actor().scope(ANSWERS)
    name = queries.get_flow(flow_id, scope).name
    lines = write_csv(scope, _read_filters(flow_id=flow_id), flow_id)
    response = stream(lines, "text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{file_name(name)}"'
    return response


def file_name(name: str) -> str:
    """Plain letters only, so that no header and no disk takes offence."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60]
    return f"answers-{plain or 'flow'}.csv"


def _page(
    scope: AccountScope, filters: AnswerFilters, flow: Flow | None, endpoint: str, extra: dict[str, Any]
) -> Page:
    found = queries.slice_answers(scope, filters, _read_turn())
    accounts = account_queries.list_accounts(scope) if flow is None else []
    offered = queries.list_flows(scope, queries.FlowFilters(filters.account_id)).flows if flow is None else []
    since, until = request.args.get("since", ""), request.args.get("until", "")
    args = {
        **extra,
        "since": since if filters.since else "",
        "until": until if filters.until else "",
        "customer": filters.customer,
    }
    return Page(
        flow=flow,
        rows=_rows(found),
        since=args["since"],
        until=args["until"],
        filters=filters,
        accounts=accounts,
        flows=offered,
        older_url=_url(endpoint, args, "before", found.older),
        newer_url=_url(endpoint, args, "after", found.newer),
    )


def _rows(found: Slice[FlowAnswer]) -> list[Row]:
    questions: dict[int | None, dict[str, Question]] = {}
    for answer in found.rows:
        if answer.flow_id not in questions:
            questions[answer.flow_id] = labels_of(answer.flow)
    sent = _sent_messages(found.rows)
    return [_row(answer, questions[answer.flow_id], sent) for answer in found.rows]


def _row(answer: FlowAnswer, questions: dict[str, Question], sent: dict[tuple[int, str], Message]) -> Row:
    message = answer.message
    opened = sent.get((answer.account_id, message.context_wamid or ""))
    url = None
    if current_actor().may("console.use", answer.account_id):
        place = Cursor(message.occurred_at, message.id)
        url = url_for("console.thread", conversation_id=answer.conversation_id, start=place)
        url = f"{url}#message-{message.id}"
    text = preview(opened.message_type, opened.text_content) if opened is not None else ""
    return Row(answer, cells_of(answer, questions), url, opened, text)


def _sent_messages(answers: Iterable[FlowAnswer]) -> dict[tuple[int, str], Message]:
    """The messages whose button was pressed."""
    wanted = {
        (answer.account_id, answer.message.context_wamid)
        for answer in answers
        if answer.message.context_wamid
    }
    rows = queries.list_messages(
        {account_id for account_id, _ in wanted}, {wamid for _, wamid in wanted if wamid}
    )
    return {(row.account_id, row.wamid or ""): row for row in rows}


def _read_filters(
    *, account_id: int | None = None, flow_id: int | None = None, only_unknown: bool = False
) -> AnswerFilters:
    """Days of the person's own clock, the last one included; nonsense counts as nothing."""
    since, until = _day(request.args.get("since", "")), _day(request.args.get("until", ""))
    return AnswerFilters(
        account_id=account_id,
        flow_id=flow_id,
        only_unknown=only_unknown,
        customer=request.args.get("customer", "").strip()[:_LONGEST_SEARCH],
        since=_begin(since) if since else None,
        until=_begin(until + timedelta(days=1)) if until else None,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 1970 <= found.year < 9999 else None


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=timezone()).astimezone(UTC)


def _read_turn() -> Turn | None:
    for name, is_newer in (("before", False), ("after", True)):
        place = Cursor.parse(request.args.get(name))
        if place is not None:
            return Turn(place, is_newer)
    return None


def _url(endpoint: str, args: dict[str, Any], name: str, turn: Turn | None) -> str | None:
    if turn is None:
        return None
    given: dict[str, Any] = {key: value for key, value in args.items() if value}
    given[name] = str(turn.place)
    return url_for(endpoint, **given)
