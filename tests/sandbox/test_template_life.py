"""What Meta decides about an approved message template: quality, pauses, pacing, category, archive."""

from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.support import Meta, Receiver, code_of, eventually, wamid_of

FIELDS = "messages,message_template_status_update,message_template_quality_update,template_category_update"
QUICK = 1000  # 3 hours are 11 seconds


@pytest.fixture
def told(meta: Meta, receiver: Receiver) -> Receiver:
    meta.connect(receiver, fields=FIELDS)
    return receiver


def hello(meta: Meta) -> str:
    rows = meta.get(f"{meta.waba_id}/message_templates", name="hello_world").json()["data"]
    return str(rows[0]["id"])


def decide(meta: Meta, template_id: str, **what: Any) -> dict[str, Any]:
    answer = meta.sandbox.control("POST", f"message_templates/{template_id}", what)
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def events(receiver: Receiver) -> list[tuple[str, str | None]]:
    changes = receiver.changes("message_template_status_update")
    return [(change["event"], change.get("other_info", {}).get("title")) for change in changes]


def let_pass(meta: Meta, kind: str) -> None:
    """The time until that decision is over."""
    meta.sandbox.app.extensions["sandbox"].db.execute("UPDATE timers SET due_at = 0 WHERE kind = ?", kind)
    meta.sandbox.app.extensions["sandbox"].wake()


def test_low_quality_pauses_twice_and_then_disables(meta: Meta, told: Receiver) -> None:
    template_id = hello(meta)
    assert decide(meta, template_id, quality_score="RED")["status"] == "PAUSED"
    assert code_of(meta.send_template()) == (400, 132015)
    quality = eventually(lambda: told.changes("message_template_quality_update"))[0]
    assert (quality["previous_quality_score"], quality["new_quality_score"]) == ("GREEN", "RED")
    let_pass(meta, "message_template_unpause")
    eventually(lambda: meta.send_template().ok)
    decide(meta, template_id, quality_score="YELLOW")
    assert decide(meta, template_id, quality_score="RED")["status"] == "PAUSED"
    let_pass(meta, "message_template_unpause")
    eventually(lambda: meta.send_template().ok)
    path = f"message_templates/{template_id}/review"
    assert meta.sandbox.control("POST", path, {"decision": "pause"}).json()["status"] == "DISABLED"
    assert code_of(meta.send_template()) == (400, 132016)
    eventually(lambda: len(events(told)) == 5)
    assert events(told) == [
        ("PAUSED", "FIRST_PAUSE"), ("APPROVED", "UNPAUSE"), ("PAUSED", "SECOND_PAUSE"),
        ("APPROVED", "UNPAUSE"), ("DISABLED", "DISABLED"),
    ]  # fmt: skip
    assert told.changes("message_template_status_update")[-1]["disable_info"]["disable_date"]


def test_first_pause_ends_by_itself_after_three_hours_of_the_speed(meta: Meta, told: Receiver) -> None:
    speed = 20.0  # slow enough that the pause does not end while this looks at it
    meta.sandbox.control("POST", "settings", {"speed": speed})
    template_id = hello(meta)
    meta.sandbox.control("POST", f"message_templates/{template_id}/review", {"decision": "pause"})
    db = meta.sandbox.app.extensions["sandbox"].db
    # Of this one alone: other tests of this process set the clock forward, and leave such times behind.
    due = "SELECT due_at FROM timers WHERE kind = ? AND json_extract(payload, '$.id') = ?"
    due_at = db.value(due, "message_template_unpause", template_id)
    wait_s = due_at - db.value("SELECT updated_at FROM message_templates WHERE id = ?", template_id)
    assert wait_s == pytest.approx(3 * 3600 / speed, abs=1)


def test_pause_for_quality_cannot_be_ended_by_the_api(meta: Meta) -> None:
    template_id = hello(meta)
    assert meta.post(f"{template_id}/unpause", {}).json()["success"] is False
    meta.sandbox.control("POST", f"message_templates/{template_id}/review", {"decision": "pause"})
    answer = meta.post(f"{template_id}/unpause", {}).json()
    assert answer["success"] is False
    assert "pacing" in answer["reason"]


def test_paced_messages_are_held_and_released(meta: Meta, told: Receiver) -> None:
    template_id = hello(meta)
    decide(meta, template_id, pacing_after=2)
    answers = [meta.send_template().json()["messages"][0] for _ in range(4)]
    held = "held_for_quality_assessment"
    assert [answer["message_status"] for answer in answers] == ["accepted", "accepted", held, held]
    told.wait_for_status(answers[1]["id"], "read")
    assert told.statuses(answers[2]["id"]) == []
    assert decide(meta, template_id, pacing="release")["messages"] == 2
    told.wait_for_status(answers[3]["id"], "read")
    assert meta.send_template().json()["messages"][0]["message_status"] == "accepted"


def test_paced_messages_are_dropped_and_the_template_is_paused_until_it_is_unpaused(
    meta: Meta, told: Receiver
) -> None:
    template_id = hello(meta)
    decide(meta, template_id, pacing_after=1)
    meta.send_template()
    held = wamid_of(meta.send_template())
    meta.sandbox.control("POST", "settings", {"speed": QUICK})
    assert decide(meta, template_id, pacing="drop")["status"] == "PAUSED"
    assert told.wait_for_status(held, "failed")["errors"][0]["code"] == 132015
    eventually(lambda: events(told) == [("PAUSED", "RATE_LIMITING_PAUSE")])
    assert meta.post(f"{template_id}/unpause", {}).json()["success"] is False, "too early"
    eventually(lambda: meta.post(f"{template_id}/unpause", {}).json()["success"])
    assert meta.send_template().ok


def test_pacing_decides_by_itself_after_an_hour(meta: Meta, told: Receiver) -> None:
    decide(meta, hello(meta), pacing_after=1)
    meta.send_template()
    held = wamid_of(meta.send_template())
    let_pass(meta, "message_template_pacing")
    told.wait_for_status(held, "delivered")


def test_category_is_announced_and_changes_a_day_later(meta: Meta, told: Receiver) -> None:
    template_id = hello(meta)
    decide(meta, template_id, new_category="MARKETING")
    fields = "category,correct_category,previous_category"
    before = meta.get(template_id, fields=fields).json()
    assert (before["category"], before["correct_category"]) == ("UTILITY", "MARKETING")
    let_pass(meta, "message_template_category")
    first, second = eventually(
        lambda: told.changes("template_category_update")[1:] and told.changes("template_category_update")
    )
    assert (first["new_category"], first["correct_category"]) == ("UTILITY", "MARKETING")
    assert (second["previous_category"], second["new_category"]) == ("UTILITY", "MARKETING")
    after = meta.get(template_id, fields=fields).json()
    assert (after["category"], after["previous_category"]) == ("MARKETING", "UTILITY")
    assert "correct_category" not in after


@pytest.mark.parametrize(
    "decision,event,status",
    [
        ("archive", "ARCHIVED", "ARCHIVED"),
        ("unarchive", "UNARCHIVED", "APPROVED"),
        ("appeal", "IN_APPEAL", "IN_APPEAL"),
        ("reinstate", "REINSTATED", "APPROVED"),
    ],
)
def test_other_decisions_of_metas_are_told(
    meta: Meta, told: Receiver, decision: str, event: str, status: str
) -> None:
    path = f"message_templates/{hello(meta)}/review"
    assert meta.sandbox.control("POST", path, {"decision": decision}).json()["status"] == status
    eventually(lambda: events(told) == [(event, None)])


@pytest.mark.parametrize(
    "wrong",
    [
        {"quality_score": "BAD"},
        {"new_category": "OTHER"},
        {"pacing": "maybe"},
        {"pacing_after": -1},
        {"x": 1},
    ],
)
def test_wrong_decision_is_refused(meta: Meta, wrong: dict[str, Any]) -> None:
    assert meta.sandbox.control("POST", f"message_templates/{hello(meta)}", wrong).status_code == 400
    assert meta.sandbox.control("POST", "message_templates/1", {}).status_code == 400
