"""What every page says about the line: a missing worker (A10), a paused number."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import NumberPace, WorkerHeartbeat, utcnow
from app.services import heartbeats


def test_every_page_says_when_no_worker_runs_and_takes_it_back(page: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    sign_in("agent", accounts=[conversation.account])
    heartbeats.beat("one")
    assert page.get("analytics.overview").texts("#line-banner") == [""]
    db.session.query(WorkerHeartbeat).update({"seen_at": utcnow() - timedelta(seconds=31)})
    db.session.commit()
    for shown in (
        page.get("analytics.overview"),
        page.get("console.thread", conversation_id=conversation.id),
        page.get("analytics.line_state", htmx=True),
    ):
        (told,) = shown.texts("#line-banner [role=alert]")
        assert told.startswith("No worker is running.")
        assert "flask --app wsgi worker" in told
    heartbeats.beat("one")
    update = page.get("analytics.line_state", htmx=True)
    assert update.texts("#line-banner") == [""]
    assert update.soup.select("#line-banner")[0]["hx-swap-oob"] == "morph"


def test_a_worker_that_said_goodbye_is_missed_too(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("viewer", accounts=[make.account()])
    heartbeats.beat("one")
    heartbeats.retire("one")
    assert page.get("analytics.overview").soup.select("#line-banner [role=alert]")


def test_a_paused_number_shows_until_when_and_why(page: Any, sign_in: Any, make: Any) -> None:
    account = make.account()
    until = utcnow() + timedelta(minutes=1)
    reason = "Rate limit hit."
    db.session.add(
        NumberPace(phone_number_id=account.phone_numbers[0].id, paused_until=until, pause_reason=reason)
    )
    db.session.commit()
    sign_in("manager", accounts=[account])
    heartbeats.beat("one")
    shown = page.get("accounts.overview", account_id=account.id)
    assert f"Pauses until {until:%H:%M:%S}" in shown.text()
    assert any(reason in text for text in shown.texts("#line-state"))
    make_free = {"paused_until": utcnow() - timedelta(seconds=1)}
    db.session.query(NumberPace).update(make_free)
    db.session.commit()
    assert "Pauses until" not in page.get("accounts.overview", account_id=account.id).text()


def test_the_line_is_told_anew_only_when_it_changed(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("viewer", accounts=[make.account()])
    heartbeats.beat("one")
    told = page.get("analytics.overview").soup.select("#line-state")[0]["hx-get"]
    assert page.open(told, htmx=True).status == 204
    heartbeats.retire("one")
    update = page.open(told, htmx=True, status=200)
    assert update.soup.select("#line-banner [role=alert]")
    assert page.open(update.soup.select("#line-state")[0]["hx-get"], htmx=True).status == 204
