"""Whichever index leads, the list shows what fits the filters, newest first, each once."""

from __future__ import annotations

import itertools
import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event as hooks

from app.extensions import db
from app.models import EventState, WebhookEvent, WebhookEventKey, utcnow
from app.queries import webhook_events as queries
from app.queries.access import EVERYTHING, AccountScope
from app.queries.slices import Turn
from app.queries.webhook_events import EventFilters
from tests.support.factories import Factory

KINDS = ("messages.text", "status.read")
PEOPLE = ("447700900001", "447700900002")
NUMBERS = ("111", "222")
START = utcnow() - timedelta(days=2)


@pytest.fixture
def account_ids(make: Factory) -> list[int]:
    """120 events over three accounts and none, in all states, with keys."""
    ids = [make.account().id for _ in range(3)]
    rows: list[object] = []
    chance = random.Random(7)
    for number in range(1, 121):
        row = WebhookEvent(
            id=number,
            account_id=chance.choice([*ids, None]),
            state=chance.choice(list(EventState)),
            received_at=START + timedelta(minutes=number // 3),
            body=b"{}",
            body_sha256="0" * 64,
        )
        keys = {
            f"k:{chance.choice(KINDS)}",
            f"p:{chance.choice(PEOPLE)}",
            f"p:{chance.choice(PEOPLE)}",
            f"n:{chance.choice(NUMBERS)}",
        }
        rows += [row, *(WebhookEventKey(key=key, event_id=number) for key in sorted(keys))]
    db.session.add_all(rows)
    db.session.commit()
    return ids


def fits(event: WebhookEvent, keys: set[str], scope: AccountScope, filters: EventFilters) -> bool:
    return all(
        (
            scope.ids is None or event.account_id in scope.ids,
            all(keys & set(group) for group in filters.found_by),
            set(filters.keys) <= keys,
            filters.account_id in (None, event.account_id),
            filters.state in (None, event.state),
            filters.since is None or event.received_at >= filters.since,
            filters.until is None or event.received_at < filters.until,
        )
    )


def expected(scope: AccountScope, filters: EventFilters) -> list[int]:
    keys: dict[int, set[str]] = {}
    for key in db.session.query(WebhookEventKey):
        keys.setdefault(key.event_id, set()).add(key.key)
    events = db.session.query(WebhookEvent).order_by(WebhookEvent.id.desc())
    return [event.id for event in events if fits(event, keys.get(event.id, set()), scope, filters)]


def walked(scope: AccountScope, filters: EventFilters) -> list[int]:
    """All pages forward; then each page back gives the one before it."""
    pages: list[list[int]] = []
    turn: Turn | None = None
    while True:
        page = queries.list_events(scope, filters, turn, limit=7)
        pages.append([event.id for event in page.rows])
        if page.older is None:
            break
        turn = page.older
    newer = page.newer
    if newer is not None:
        assert [event.id for event in queries.list_events(scope, filters, newer, limit=7).rows] == pages[-2]
    return list(itertools.chain.from_iterable(pages))


def test_any_mix_of_filters_gives_exactly_what_fits(account_ids: list[int]) -> None:
    both = tuple(f"p:{person}" for person in PEOPLE)
    one, other = ((key,) for key in both)
    noon = START + timedelta(minutes=20)
    mixes = itertools.product(
        (None, account_ids[0]),
        (None, EventState.PARKED, EventState.PROCESSED),
        (None, KINDS[0]),
        (None, NUMBERS[1]),
        ((None, None), (noon, None), (START, noon)),
        ((), (one,), (both,), (one, other)),
    )
    some = random.Random(11).sample(list(mixes), 60)
    for account_id, state, kind, number, (since, until), found_by in some:
        filters = EventFilters(found_by, kind, number, account_id, state, since, until)
        scopes = [EVERYTHING, AccountScope(frozenset(account_ids[:2]))]
        for scope in scopes if number is None else scopes[:1]:
            assert walked(scope, filters) == expected(scope, filters), (scope, filters)
    nothing = AccountScope(frozenset())
    assert walked(nothing, EventFilters()) == []


LISTS = (
    EventFilters(),
    EventFilters(state=EventState.PARKED),
    EventFilters(account_id=1),
    EventFilters(kind="status.read"),
    EventFilters(kind="status.read", number_meta_id="111", since=START),
    EventFilters(found_by=(("p:447700900001", "n:447700900001"),)),
    EventFilters(until=START),
)


def test_no_list_reads_the_whole_table(make: Factory) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL plans by the table's size, and this one is empty")
    asked: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        asked.append((statement, values))

    hooks.listen(db.engine, "before_cursor_execute", note)
    for filters in LISTS:
        queries.list_events(EVERYTHING, filters)
    hooks.remove(db.engine, "before_cursor_execute", note)
    plans = [
        str(row)
        for statement, values in asked
        if statement.lstrip().startswith("SELECT")
        for row in db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
    ]
    assert len(plans) > len(LISTS)
    assert not [plan for plan in plans if "SCAN whatsapp_webhook_events" in plan or "SCAN webhook" in plan]
