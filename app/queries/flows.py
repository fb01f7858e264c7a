"""Reads of Flows, of what customers answered in them, and of news about their health."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Text, case, cast, func, or_, select, tuple_
from sqlalchemy.orm import contains_eager, joinedload, undefer

from app.errors import NotFound
from app.extensions import db
from app.models import (
    Account,
    AccountStatus,
    AuditEntry,
    Contact,
    Flow,
    FlowAnswer,
    FlowEvent,
    Message,
    MessageTemplate,
)
from app.queries.access import AccountScope
from app.queries.messages import is_contact
from app.queries.search.people import needles_of
from app.queries.slices import Slice, Turn, fetch_slice

LIST_LENGTH = 50
_HISTORY_LENGTH = 20
_EVENTS_SHOWN = 50
_MOST_OFFERED = 100


@dataclass(frozen=True)
class FlowFilters:
    """What the list is narrowed to."""

    account_id: int | None = None
    status: str = ""
    search: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.status or self.search)


@dataclass(frozen=True)
class AnswerFilters:
    """Which answers. `flow_id` None: of all Flows; `only_unknown`: those that name none of ours."""

    account_id: int | None = None
    flow_id: int | None = None
    only_unknown: bool = False
    since: datetime | None = None
    until: datetime | None = None
    contact: str = ""
    """One customer: a phone number in any spelling, or a user id."""
    customer: str = ""
    """Customers: a part of a name, a user name or a number."""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.since or self.until or self.only_unknown or self.contact or self.customer)


@dataclass(frozen=True)
class FlowPage:
    """Rows by name; `next_after` is the id after which the next page begins."""

    flows: list[Flow]
    next_after: int | None


def list_flows(
    scope: AccountScope, filters: FlowFilters, after: int | None = None, limit: int = LIST_LENGTH
) -> FlowPage:
    order = (func.lower(Flow.name), Flow.id)
    statement = (
        select(Flow)
        .join(Flow.account)
        .options(contains_eager(Flow.account))
        .where(_visible(scope), *_conditions(filters))
        .order_by(*order)
        .limit(limit + 1)
    )
    if after is not None and (last := db.session.get(Flow, after)) is not None:
        statement = statement.where(tuple_(*order) > tuple_(func.lower(last.name), last.id))
    rows = list(db.session.scalars(statement))
    return FlowPage(rows[:limit], rows[limit - 1].id if len(rows) > limit else None)


def slice_flows(scope: AccountScope, filters: FlowFilters, turn: Turn | None, limit: int) -> Slice[Flow]:
    """Newest first, page by page."""
    statement = select(Flow).join(Flow.account).where(_visible(scope), *_conditions(filters))
    return fetch_slice(statement, Flow, turn=turn, limit=limit)


def count_by_status(scope: AccountScope, account_id: int | None = None) -> dict[str, int]:
    statement = (
        select(Flow.status, func.count(Flow.id))
        .join(Flow.account)
        .where(_visible(scope), *_conditions(FlowFilters(account_id)))
        .group_by(Flow.status)
    )
    return {row[0]: row[1] for row in db.session.execute(statement)}


def get_flow(flow_id: int, scope: AccountScope) -> Flow:
    """With its account. Raises NotFound outside the scope."""
    statement = (
        select(Flow)
        .join(Flow.account)
        .options(contains_eager(Flow.account))
        .where(Flow.id == flow_id, _visible(scope))
    )
    flow: Flow | None = db.session.scalar(statement)
    if flow is None:
        raise NotFound("There is no such Flow.")
    return flow


def find_by_meta_id(account_id: int, meta_id: str) -> Flow | None:
    return db.session.scalar(select(Flow).where(Flow.account_id == account_id, Flow.meta_id == meta_id))


def is_of_another_account(account_id: int, meta_id: str) -> bool:
    """Whether a Flow is known here, but not in this account."""
    owners = set(db.session.scalars(select(Flow.account_id).where(Flow.meta_id == meta_id)))
    return bool(owners) and account_id not in owners


def find_by_name(account_id: int, name: str) -> Flow | None:
    """Meta keeps names unique; one that vanished there has given its name free."""
    statement = select(Flow).where(Flow.account_id == account_id, Flow.name == name, Flow.gone_at.is_(None))
    return db.session.scalar(statement.order_by(Flow.id).limit(1))


def list_of_account(account_id: int, *, with_texts: bool = False) -> Sequence[Flow]:
    statement = select(Flow).where(Flow.account_id == account_id).order_by(Flow.id)
    if with_texts:
        statement = statement.options(undefer(Flow.flow_json), undefer(Flow.meta_json))
    return db.session.scalars(statement).all()


def list_sendable(account_id: int) -> list[Flow]:
    """Those that can go to a customer: served ones first, then drafts for a test."""
    statement = (
        select(Flow)
        .where(
            Flow.account_id == account_id,
            Flow.meta_id.is_not(None),
            Flow.gone_at.is_(None),
            Flow.status.in_(("PUBLISHED", "THROTTLED", "DRAFT")),
        )
        .order_by(
            case((or_(Flow.status != "DRAFT", Flow.published_at.is_not(None)), 0), else_=1),
            func.lower(Flow.name),
            Flow.id,
        )
        .limit(_MOST_OFFERED)
    )
    return list(db.session.scalars(statement))


def list_published(scope: AccountScope) -> list[Flow]:
    """Those that a message template's button can open, by name."""
    statement = (
        select(Flow)
        .where(scope.covers(Flow.account_id), Flow.status == "PUBLISHED", Flow.gone_at.is_(None))
        .where(Flow.meta_id.is_not(None))
        .order_by(func.lower(Flow.name), Flow.id)
        .limit(_MOST_OFFERED)
    )
    return list(db.session.scalars(statement))


def find_sendable(account_id: int, flow_id: int | None) -> Flow | None:
    """One of this account that can be sent."""
    flow = None if flow_id is None else db.session.get(Flow, flow_id)
    return flow if flow is not None and flow.account_id == account_id and flow.is_sendable else None


def find_named(account_id: int, *, meta_id: str = "", name: str = "") -> Flow | None:
    """As a message names it: by Meta's id, or by its name."""
    found = find_by_meta_id(account_id, meta_id) if meta_id else None
    return found or (find_by_name(account_id, name) if name else None)


def list_users_of(flow: Flow) -> list[MessageTemplate]:
    """Message templates with a button that opens this Flow."""
    if flow.meta_id is None:
        return []
    text = cast(MessageTemplate.components, Text)
    statement = (
        select(MessageTemplate)
        .where(MessageTemplate.account_id == flow.account_id, text.contains('"FLOW"'))
        .order_by(MessageTemplate.name, MessageTemplate.language)
    )
    return [row for row in db.session.scalars(statement) if _opens(row, flow)]


def _opens(message_template: MessageTemplate, flow: Flow) -> bool:
    return any(
        str(button.get("flow_id") or "") == flow.meta_id or button.get("flow_name") == flow.name
        for button in flow_buttons(message_template.components)
    )


def flow_buttons(components: Iterable[object]) -> Iterator[dict[str, object]]:
    """The FLOW buttons of a message template, whatever else stands in it."""
    for part in components:
        buttons = part.get("buttons") if isinstance(part, dict) else None
        for button in buttons if isinstance(buttons, list) else []:
            if isinstance(button, dict) and button.get("type") == "FLOW":
                yield button


def list_history(flow: Flow) -> list[AuditEntry]:
    """What people did with it, newest first. A deleted one may have had the same id before."""
    statement = (
        select(AuditEntry)
        .where(
            AuditEntry.account_id == flow.account_id,
            AuditEntry.object_type == "flow",
            AuditEntry.object_id == str(flow.id),
            AuditEntry.at >= flow.created_at,
        )
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .limit(_HISTORY_LENGTH)
    )
    return list(db.session.scalars(statement))


def list_events(flow: Flow) -> list[FlowEvent]:
    """News of Meta about it, newest first."""
    statement = (
        select(FlowEvent)
        .where(FlowEvent.flow_id == flow.id)
        .order_by(FlowEvent.occurred_at.desc(), FlowEvent.id.desc())
        .limit(_EVENTS_SHOWN)
    )
    return list(db.session.scalars(statement))


def slice_events(flow: Flow, turn: Turn | None, limit: int) -> Slice[FlowEvent]:
    """In the order in which they were heard, newest first, page by page."""
    statement = select(FlowEvent).where(FlowEvent.flow_id == flow.id)
    return fetch_slice(statement, FlowEvent, turn=turn, limit=limit)


def count_answers(flow_ids: Iterable[int]) -> dict[int, int]:
    statement = (
        select(FlowAnswer.flow_id, func.count(FlowAnswer.id))
        .where(FlowAnswer.flow_id.in_(list(flow_ids)))
        .group_by(FlowAnswer.flow_id)
    )
    return {row[0] or 0: row[1] for row in db.session.execute(statement)}


def slice_answers(
    scope: AccountScope, filters: AnswerFilters, turn: Turn | None, limit: int = LIST_LENGTH
) -> Slice[FlowAnswer]:
    """Newest first, with Flow, customer and message."""
    statement = (
        select(FlowAnswer)
        .join(FlowAnswer.account)
        .options(joinedload(FlowAnswer.flow), joinedload(FlowAnswer.contact), joinedload(FlowAnswer.message))
        .where(*_answer_conditions(scope, filters))
    )
    return fetch_slice(statement, FlowAnswer, turn=turn, limit=limit)


def newest_answer_id(scope: AccountScope, filters: AnswerFilters) -> int:
    """Where an export ends: answers that come while it runs stay out."""
    statement = (
        select(func.max(FlowAnswer.id)).join(FlowAnswer.account).where(*_answer_conditions(scope, filters))
    )
    return db.session.scalar(statement) or 0


def read_answers(
    scope: AccountScope, filters: AnswerFilters, *, after_id: int, up_to_id: int, limit: int
) -> Sequence[FlowAnswer]:
    """In the order in which they came, with customer and message."""
    statement = (
        select(FlowAnswer)
        .join(FlowAnswer.account)
        .options(joinedload(FlowAnswer.contact), joinedload(FlowAnswer.message))
        .where(*_answer_conditions(scope, filters), FlowAnswer.id > after_id, FlowAnswer.id <= up_to_id)
        .order_by(FlowAnswer.id)
        .limit(limit)
    )
    return db.session.scalars(statement).all()


def list_messages(account_ids: Iterable[int], wamids: Iterable[str]) -> Sequence[Message]:
    """The messages that answers refer to."""
    statement = select(Message).where(
        Message.account_id.in_(list(account_ids)), Message.wamid.in_(list(wamids))
    )
    return db.session.scalars(statement).all()


def list_answers_of(message_ids: Iterable[int]) -> dict[int, FlowAnswer]:
    """By the id of the message they came with."""
    statement = (
        select(FlowAnswer)
        .options(joinedload(FlowAnswer.flow))
        .where(FlowAnswer.message_id.in_(list(message_ids)))
    )
    return {answer.message_id: answer for answer in db.session.scalars(statement)}


def _answer_conditions(scope: AccountScope, filters: AnswerFilters) -> list[ColumnElement[bool]]:
    conditions = [scope.covers(FlowAnswer.account_id), Account.status != AccountStatus.ARCHIVED]
    if filters.account_id is not None:
        conditions.append(FlowAnswer.account_id == filters.account_id)
    if filters.flow_id is not None:
        conditions.append(FlowAnswer.flow_id == filters.flow_id)
    elif filters.only_unknown:
        conditions.append(FlowAnswer.flow_id.is_(None))
    if filters.since is not None:
        conditions.append(FlowAnswer.received_at >= filters.since)
    if filters.until is not None:
        conditions.append(FlowAnswer.received_at < filters.until)
    if filters.contact:
        conditions.append(FlowAnswer.contact.has(is_contact(filters.contact)))
    if filters.customer:
        is_meant = _is_like(filters.customer) & scope.finds_by(filters.customer)
        conditions.append(FlowAnswer.contact.has(is_meant))
    return conditions


def _is_like(typed: str) -> ColumnElement[bool]:
    """Whether a customer is meant: asked of those who answered, one by one, not of all there are."""
    found = [
        column.icontains(text, autoescape=True)
        for needle in needles_of(typed)
        for column, text in ((Contact.wa_id, needle.text), (Contact.username, needle.text))
    ]
    return or_(
        Contact.profile_name.icontains(typed, autoescape=True), Contact.user_id == typed.strip(), *found
    )


def _visible(scope: AccountScope) -> ColumnElement[bool]:
    return scope.covers(Flow.account_id) & (Account.status != AccountStatus.ARCHIVED)


def _conditions(filters: FlowFilters) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if filters.account_id is not None:
        conditions.append(Flow.account_id == filters.account_id)
    if filters.status:
        conditions.append(Flow.status == filters.status)
    if filters.search:
        conditions.append(Flow.name.icontains(filters.search, autoescape=True))
    return conditions
