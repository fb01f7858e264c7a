"""The history before it is written: believable whatever the hour, and the same each time."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import phonenumbers
import pytest

from app.models import WINDOW, MessageStatus
from app.services.demo.company import DAYS
from app.services.demo.drafts import Draft
from app.services.demo.history import Plan
from app.services.demo.script import By

MOMENTS = [
    datetime(2026, 11, 18, 14, 32, tzinfo=UTC),
    datetime(2026, 3, 1, 0, 4, tzinfo=UTC),
    datetime(2027, 1, 3, 23, 58, tzinfo=UTC),
]


@pytest.fixture(params=MOMENTS, ids=lambda moment: moment.isoformat())
def plan(request: pytest.FixtureRequest) -> Plan:
    return Plan(request.param)


def threads(plan: Plan) -> list[list[Draft]]:
    found: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in plan.drafts:
        found[draft.place].append(draft)
    return list(found.values())


def test_it_is_thirty_days_and_nothing_lies_ahead(plan: Plan) -> None:
    first = plan.drafts[0].at.date()
    assert (plan.now.date() - first).days in (DAYS - 2, DAYS - 1)
    times = [at for draft in plan.drafts for name, at in draft.fate.items() if name.endswith("_at")]
    assert max(draft.at for draft in plan.drafts) <= plan.now
    assert max(times) <= plan.now + timedelta(seconds=1)


def test_there_is_enough_to_look_at(plan: Plan) -> None:
    assert 3_000 <= len(plan.drafts) <= 6_000
    assert {draft.line.type for draft in plan.drafts} >= {
        *("text", "template", "image", "document", "audio", "video", "sticker", "location", "contacts"),
        *("interactive", "button", "reaction", "unsupported"),
    }
    statuses = {draft.fate["status"] for draft in plan.drafts}
    assert statuses == set(MessageStatus) - {MessageStatus.QUEUED, MessageStatus.SENDING}
    assert {draft.fate.get("error_code") for draft in plan.drafts} >= {131026, 131047, 131049, 131053}


def test_each_station_comes_after_the_one_before(plan: Plan) -> None:
    names = ("sent_at", "delivered_at", "read_at", "played_at")
    for draft in plan.drafts:
        times = [draft.at, *(draft.fate[name] for name in names if draft.fate.get(name))]
        assert times == sorted(times), draft.text


def test_an_answer_comes_after_the_message_was_read(plan: Plan) -> None:
    for draft in plan.drafts:
        if draft.reply_at is not None and draft.fate["status"] is not MessageStatus.FAILED:
            assert draft.fate["read_at"] < draft.reply_at, draft.text


def test_people_write_freely_only_inside_the_window(plan: Plan) -> None:
    for thread in threads(plan):
        opened = None
        for draft in thread:
            if draft.line.is_inbound:
                opened = draft.at
            elif draft.line.by is not By.SYSTEM and draft.line.failure != 131047:
                assert opened is not None, draft.text
                assert draft.at - opened < WINDOW, draft.text


def test_no_blank_of_a_talk_stays_unfilled(plan: Plan) -> None:
    texts = [f"{draft.text} {draft.content}" for draft in [*plan.drafts, *plan.live]]
    assert not [text for text in texts if "$" in text or "{{" in text]


def test_every_number_is_kept_free_for_fiction(plan: Plan) -> None:
    for wa_id in {draft.customer.wa_id for draft in [*plan.drafts, *plan.live]}:
        assert wa_id.startswith("447700900") or wa_id[4:-2] == "55501", wa_id
        assert phonenumbers.is_possible_number(phonenumbers.parse(f"+{wa_id}"))


def test_the_same_moment_gives_the_same_history() -> None:
    first, second = Plan(MOMENTS[0]), Plan(MOMENTS[0])
    assert [(d.wamid, d.at, d.text, d.fate) for d in first.drafts] == [
        (d.wamid, d.at, d.text, d.fate) for d in second.drafts
    ]
