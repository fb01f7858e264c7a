"""Usage, health logs and syncs over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.models import AccountHealthLog, AccountUsageLog, CheckState, utcnow


def test_days_say_what_they_are_made_of(program: Any, make: Any) -> None:
    account = make.account()
    number = account.phone_numbers[0]
    day = utcnow().date() - timedelta(days=5)
    row = AccountUsageLog(
        account_id=account.id,
        phone_number_id=number.id,
        day=day,
        sent=3,
        kinds={"text": {"sent": 3}},
        pricing={"utility": {"regular": 2}},
        unique_people=2,
        api_calls=7,
    )
    db.session.add(row)
    db.session.commit()
    make.message(make.conversation(account), outbound=False)
    caller = program(role="viewer", accounts=[account])
    found = caller.get(f"accounts/{account.id}/usage/")
    old, today = found["results"]
    assert (old["day"], old["sent"], old["kinds"], old["api_calls"]) == (
        str(day),
        3,
        {"text": {"sent": 3}},
        7,
    )
    assert (today["received"], today["unique_people"]) == (1, 1)
    assert found["time_zone"] == "UTC"
    other = make.number(account)
    assert caller.get(f"accounts/{account.id}/usage/", phone_number_id=other.id)["results"] == []


def test_the_time_zone_is_set_and_a_wrong_one_refused(program: Any, make: Any) -> None:
    account = make.account()
    caller = program(role="manager", accounts=[account])
    path = f"accounts/{account.id}/time_zone/"
    zone = {"time_zone": "Asia/Kolkata"}
    assert caller.call("PUT", path, json=zone, status=200) == zone
    assert set(caller.refused_fields("PUT", path, json={"time_zone": "Mars"})) == {"time_zone"}


def test_checks_are_listed_newest_first_page_by_page(program: Any, make: Any) -> None:
    account = make.account()
    now = utcnow()
    for hours in (3, 1, 2):
        log = AccountHealthLog(
            account_id=account.id, state=CheckState.PASSED, checks=[], checked_at=now - timedelta(hours=hours)
        )
        db.session.add(log)
    db.session.commit()
    caller = program(role="viewer", accounts=[account])
    first = caller.get(f"accounts/{account.id}/health-logs/", limit=2)
    rest = caller.call("GET", first["next"], status=200)
    times = [row["checked_at"] for row in (*first["results"], *rest["results"])]
    assert times == sorted(times, reverse=True)
    assert len(times) == 3


def test_a_sync_of_another_account_finds_nothing(program: Any, make: Any) -> None:
    foreign = make.account()
    caller = program(role="manager", accounts=[make.account()])
    for path in ("templates/sync/", "phone-numbers/sync/"):
        caller.refused("POST", path, 404, json={"waba_account_id": foreign.id})


def test_a_dry_run_uses_up_no_limit(program: Any, make: Any) -> None:
    account = make.account(messages_per_day=1)
    make.conversation(account, contact=make.contact(account, wa_id="447700900123"))
    caller = program(role="agent", accounts=[account])
    body = {"to_phone_number": "+447700900123", "message_type": "text", "text_content": "Hello"}
    path = f"accounts/{account.id}/send_message/"
    for _ in range(3):
        caller.call("POST", path, json={**body, "dry_run": True}, status=200)
    caller.call("POST", path, json=body, status=202)
    caller.call("POST", path, json={**body, "dry_run": True}, status=429)
