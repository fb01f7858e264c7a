"""The inspector's pages: finding events, seeing one, processing again."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event as hooks
from sqlalchemy import select

from app.extensions import db
from app.models import Account, EventState, Message, WebhookEvent, utcnow
from app.services import event_work
from tests.support.factories import Factory
from tests.support.pages import Page
from tests.support.webhooks import Meta, change, envelope, metadata, status, text_message

ROWS = "#webhook-event-list tbody tr"


@pytest.fixture
def meta(app: Flask, make: Factory) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def titles(listed: Page) -> list[str]:
    return listed.texts(f"{ROWS} .wc-main-link")


@pytest.fixture
def account(make: Factory, meta: Meta) -> Account:
    """A text from one customer, a status about another, and a body that cannot be read."""
    made: Account = make.account(name="Bakery")
    meta.tell(made, text_message(made, wa_id="447700900118", wamid="wamid.IN"))
    meta.tell(made, status(made, "read", "wamid.OUT", recipient_id="447700900461"))
    meta.post(b"<script>alert(1)</script>\x00\xff\xe2\x80\xae")
    work()
    return made


def test_an_empty_inspector_says_what_will_stand_there(page: Any, sign_in: Any) -> None:
    sign_in("owner")
    assert "No event has arrived yet" in page.get("webhook_events.index").text()


def test_the_list_shows_what_came_and_what_was_made_of_it(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    listed = page.get("webhook_events.index")
    assert titles(listed) == ["Unreadable", "Status: read", "Message: text"]
    assert listed.texts(f"{ROWS} .wc-badge") == ["Parked", "Processed", "Processed"]
    assert listed.texts(f"{ROWS} [data-l=Account]")[1] == f"Bakery {account.phone_numbers[0].shown_number}"
    assert all(text.endswith("s") for text in listed.texts(f"{ROWS} [data-l=Waited]"))
    assert listed.texts('.wc-side a[aria-current="page"]') == ["Webhooks 1 parked"]


@pytest.mark.parametrize(
    "typed, found",
    [
        ("447700900118", ["Message: text"]),
        ("+44 7700 900118", ["Message: text"]),
        ("07700 900118", ["Message: text"]),
        ("(07700) 900-461", ["Status: read"]),
        ("wamid.OUT", ["Status: read"]),
        ("wamid.OU", []),
        ("+44 7700 900999", []),
        ("", ["Unreadable", "Status: read", "Message: text"]),
    ],
)
def test_a_person_is_found_in_any_spelling(
    page: Any, sign_in: Any, account: Account, typed: str, found: list[str]
) -> None:
    sign_in("owner")
    answer = page.post("webhook_events.find", data={"find": typed}, status=303)
    address = answer.response.location
    assert not typed or typed.replace(" ", "") not in address.replace("+", "").replace("%20", "")
    assert titles(page.open(address, status=200)) == found


def test_a_business_number_is_found_by_number_and_by_metas_id(
    page: Any, sign_in: Any, account: Account
) -> None:
    sign_in("owner")
    number = account.phone_numbers[0]
    for typed in (number.phone_number, number.shown_number, number.meta_id):
        answer = page.post("webhook_events.find", data={"find": typed}, status=303)
        assert len(titles(page.open(answer.response.location))) == 2


@pytest.mark.parametrize(
    "filters, found",
    [
        ({"kind": "messages.text"}, ["Message: text"]),
        ({"kind": "messages.hologram"}, []),
        ({"state": "parked"}, ["Unreadable"]),
        ({"state": "processed", "kind": "status.read"}, ["Status: read"]),
        ({"since": "2020-01-01T00:00"}, ["Unreadable", "Status: read", "Message: text"]),
        ({"until": "2020-01-01T00:00"}, []),
        ({"since": "nonsense", "kind": "", "state": "x", "find": "x", "before": "y"}, ["Unreadable"]),
    ],
)
def test_filters_hold_all_at_once_and_nonsense_counts_as_none(
    page: Any, sign_in: Any, account: Account, filters: dict[str, str], found: list[str]
) -> None:
    sign_in("owner")
    for htmx in (False, True):
        assert titles(page.get("webhook_events.index", htmx=htmx, **filters))[: len(found) or 1] == found


def test_a_search_and_filters_are_kept_together(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    number = account.phone_numbers[0].id
    data = {"find": "447700900118", "kind": "messages.text", "number": number, "account": account.id}
    address = page.post("webhook_events.find", data=data, status=303).response.location
    assert "kind=messages.text" in address
    listed = page.open(address)
    assert titles(listed) == ["Message: text"]
    assert listed.soup.select_one('input[type="search"]')["value"] == "447700900118"


def test_pages_turn_both_ways_without_losing_or_repeating_any(page: Any, sign_in: Any, make: Factory) -> None:
    sign_in("owner")
    account = make.account()
    at = utcnow() - timedelta(hours=1)
    for number in range(120):
        # Several of one moment: the id decides.
        make.webhook_event(account, received_at=at + timedelta(seconds=number // 7), summary=f"no {number}")
    seen: list[str] = []
    listed = page.get("webhook_events.index")
    while True:
        seen += titles(listed)
        older = listed.soup.select_one('a[aria-label="Next page"]')
        if older is None:
            break
        listed = page.open(older["href"])
    assert seen == [f"No {number}" for number in reversed(range(120))]
    newer = listed.soup.select_one('a[aria-label="Previous page"]')
    assert titles(page.open(newer["href"])) == seen[50:100]


def test_one_event_shows_its_body_and_what_came_of_it(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    message = db.session.scalars(select(Message)).one()
    first = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).first()
    assert first is not None
    shown = page.get("webhook_events.detail", event_id=first.id)
    assert shown.texts("tbody tr") == ["Message: text from +44 7700 900118 Open conversation"]
    link = shown.soup.select_one("tbody a")
    assert link["href"] == f"/console/{message.conversation_id}/"
    assert '"from": "447700900118"' in shown.soup.select_one("#event-body").get_text()


def test_what_cannot_be_read_is_shown_harmless(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    event = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PARKED)).one()
    shown = page.get("webhook_events.detail", event_id=event.id)
    assert shown.soup.select_one("#event-body").get_text() == "<script>alert(1)</script>\\u0000\\xff\\u202e"
    assert not shown.soup.select("main script")
    assert "This was not worked off." in shown.text()


def test_the_body_comes_as_a_file_byte_for_byte(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    event = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PARKED)).one()
    answer = page.get("webhook_events.body", event_id=event.id).response
    assert answer.get_data() == event.body
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.mimetype == "application/octet-stream"


def test_megabytes_do_not_break_the_page(page: Any, sign_in: Any, make: Factory, meta: Meta) -> None:
    sign_in("owner")
    account = make.account()
    statuses = [status(account, "sent", f"wamid.{number}")["statuses"][0] for number in range(20_000)]
    value = {"messaging_product": "whatsapp", "metadata": metadata(account), "statuses": statuses}
    event = make.webhook_event(
        account, state=EventState.PROCESSED, body=envelope(change(account, value)), verified_account_ids="1"
    )
    assert len(event.body) > 1_500_000
    shown = page.get("webhook_events.detail", event_id=event.id)
    assert "Cut here" in shown.text()
    assert "And 19,950 more" in shown.text()
    assert len(shown.html) < 300_000


def test_processing_again_is_one_click(page: Any, sign_in: Any, make: Factory, meta: Meta) -> None:
    sign_in("owner")
    account = make.account()
    value = text_message(account)
    value["metadata"]["phone_number_id"] = "555000111"
    meta.tell(account, value)
    work()
    event = db.session.scalars(select(WebhookEvent)).one()
    make.number(account, meta_id="555000111")
    page.post("webhook_events.replay_one", event_id=event.id, status=303)
    waiting = page.get("webhook_events.detail", event_id=event.id)
    assert "What came of it shows here by itself" in " ".join(
        waiting.texts("#event-waits[data-poll][hx-get]")
    )
    work()
    shown = page.get("webhook_events.detail", event_id=event.id)
    assert shown.texts(".wc-head-act .wc-badge") == ["Processed"]
    assert "Replay asked for" in shown.text()
    assert shown.texts("#event-waits") == [], "and it stops asking"


def test_a_range_is_asked_about_with_how_many_it_is(page: Any, sign_in: Any, account: Account) -> None:
    sign_in("owner")
    asked = page.get("webhook_events.replay", kind="messages.text")
    assert asked.texts("h1") == ["Process 1 event again?"]
    answer = page.post("webhook_events.replay_now", data={"kind": "messages.text"}, status=303)
    assert "1 event is processed again" in page.open(answer.response.location).text()
    waiting = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PENDING)).all()
    assert len(waiting) == 1


def test_setting_aside_takes_it_off_the_count(page: Any, sign_in: Any, account: Account) -> None:
    user = sign_in("owner")
    event = db.session.scalars(select(WebhookEvent).where(WebhookEvent.state == EventState.PARKED)).one()
    page.post("webhook_events.set_aside", event_id=event.id, status=303)
    shown = page.get("webhook_events.detail", event_id=event.id)
    assert f"Set aside by {user.display_name}." in shown.text()
    assert shown.texts('.wc-side a[aria-current="page"]') == ["Webhooks"]
    page.post("webhook_events.set_aside", event_id=event.id, status=303)


def test_a_manager_sees_only_the_events_of_their_accounts(
    page: Any, sign_in: Any, make: Factory, account: Account
) -> None:
    other = make.account(name="Florist")
    hidden = make.webhook_event(other, summary="hidden")
    sign_in("manager", accounts=[account])
    assert titles(page.get("webhook_events.index")) == ["Status: read", "Message: text"]
    page.get("webhook_events.detail", event_id=hidden.id, status=404)
    sign_in("agent", accounts=[account])
    page.get("webhook_events.index", status=403)


def test_of_a_post_about_two_accounts_each_manager_sees_their_part(
    page: Any, sign_in: Any, make: Factory, meta: Meta
) -> None:
    mine, other = make.account(name="Bakery"), make.account(name="Florist")
    theirs = text_message(other, body="A secret of the florist", wa_id="447700900001")
    meta.post(envelope(change(mine, text_message(mine, body="Bread?")), change(other, theirs)))
    work()
    event = db.session.scalars(select(WebhookEvent)).one()
    sign_in("manager", accounts=[mine])
    shown = page.get("webhook_events.detail", event_id=event.id)
    assert "Bread?" in shown.text()
    assert "1 entry about accounts that you do not see" in shown.text()
    downloaded = json.loads(page.get("webhook_events.body", event_id=event.id).response.get_data())
    assert [entry["id"] for entry in downloaded["entry"]] == [mine.meta_id]
    listed = page.get("webhook_events.index")
    for seen in (shown.html, listed.html):
        assert "florist" not in seen
        assert "900001" not in seen.replace(" ", "")
    address = page.post("webhook_events.find", data={"find": "447700900001"}, status=303).response.location
    assert titles(page.open(address)) == []


def test_a_silent_number_is_told_at_the_top(page: Any, sign_in: Any, make: Factory) -> None:
    sign_in("owner")
    account = make.account()
    number = account.phone_numbers[0]
    number.silent_since, number.usual_gap_s = utcnow() - timedelta(hours=5), 9_000
    db.session.commit()
    text = page.get("webhook_events.index").text()
    assert f"Nothing about {number.shown_number} has come since" in text
    assert "comes within 2 h 30 m" in text


def test_no_page_takes_many_queries(page: Any, sign_in: Any, account: Account, app: Flask) -> None:
    sign_in("owner")
    event = db.session.scalars(select(WebhookEvent).order_by(WebhookEvent.id)).first()
    assert event is not None
    counted: list[str] = []
    hooks.listen(db.engine, "before_cursor_execute", lambda *given: counted.append(given[2]))
    for endpoint, values in (
        ("webhook_events.index", {}),
        ("webhook_events.index", {"kind": "messages.text", "since": "2020-01-01T00:00"}),
        ("webhook_events.detail", {"event_id": event.id}),
        ("webhook_events.replay", {}),
    ):
        counted.clear()
        page.get(endpoint, **values)
        assert len(counted) <= 30, endpoint
