"""The bot over the JSON API: settings, rules, trying it, traces."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import BotOutcome
from tests.api.conftest import Program

BASE = "/api/whatsapp/api/bot"
RULE = {"name": "Price", "phrases": ["price"], "message_type": "text", "content": {"body": "It costs 10."}}


@pytest.fixture
def account(make: Any) -> Any:
    return make.knowing_account(knowledge_base="opening hours\nFrom 8 to 18.")


@pytest.fixture
def program(app: Any, make: Any, account: Any) -> Program:
    return Program(app, make.api_key(role="manager", accounts=[account]))


def test_settings_show_defaults_and_change_one_by_one(program: Program, account: Any) -> None:
    path = f"{BASE}/settings/{account.id}/"
    shown = program.call("GET", path, status=200)
    assert (shown["answer_threshold"], shown["quiet_h"], shown["hours"]) == (60, 24, [])
    assert shown["model_api_key"] == {"is_set": False, "ends_in": ""}
    week = [[["09:00", "12:30"], ["22:00", "02:00"]], [], [], [], [], [], [["00:00", "24:00"]]]
    change = {
        "has_hours": True,
        "hours": week,
        "time_zone": "Asia/Kolkata",
        "holidays": [{"day": "2026-12-25", "name": "Christmas"}],
        "model_api_key": "CANARY-model-key-0123",
    }
    changed = program.call("PATCH", path, json=change, status=200)
    assert (changed["hours"], changed["time_zone"]) == (week, "Asia/Kolkata")
    assert changed["model_api_key"] == {"is_set": True, "ends_in": "0123"}
    again = program.call("PATCH", path, json={"quiet_h": 8}, status=200)
    assert (again["quiet_h"], again["hours"]) == (8, week)


@pytest.mark.parametrize(
    "change,field",
    [
        ({"answer_threshold": 101}, "answer_threshold"),
        ({"answer_threshold": 2.5}, "answer_threshold"),
        ({"offer_threshold": 90}, "offer_threshold"),
        ({"time_zone": "Mars"}, "time_zone"),
        ({"hours": [[["9", "18:00"]]]}, "hours"),
        ({"hours": [[]] * 6}, "hours"),
        ({"hours": "always"}, "hours"),
        ({"hours": [[["09:00"]]] + [[]] * 6}, "hours"),
        ({"has_hours": True}, "hours"),
        ({"holidays": [{"day": "2026-02-30"}]}, "holidays"),
        ({"wish_words": {"english": ["agent"]}}, "wish_words"),
        ({"wish_words": {"en": ["?!"]}}, "wish_words"),
        ({"model_enabled": True}, "model_address"),
        ({"model_address": "ftp://example.com"}, "model_address"),
        ({"auto_reply_enabled": True}, "auto_reply_enabled"),
    ],
)
def test_wrong_settings_are_named(program: Program, account: Any, change: dict[str, Any], field: str) -> None:
    answer = program.call("PATCH", f"{BASE}/settings/{account.id}/", json=change, status=422)
    assert any(name.split(".")[0] == field for name in answer["error"]["details"]["fields"])


def test_a_rule_from_its_making_to_its_end(program: Program, account: Any) -> None:
    made = program.call("POST", f"{BASE}/rules/", json={**RULE, "waba_account_id": account.id}, status=201)
    assert (made["match"], made["priority"], made["is_on"]) == ("contains", 5, True)
    path = f"{BASE}/rules/{made['id']}/"
    changed = program.call("PUT", path, json={**RULE, "match": "exact", "priority": 1}, status=200)
    assert (changed["match"], changed["priority"]) == ("exact", 1)
    assert program.call("GET", f"{BASE}/rules/?account={account.id}", status=200)["results"] == [changed]
    program.call("DELETE", path, status=204)
    program.call("GET", path, status=404)


@pytest.mark.parametrize(
    "change,field",
    [
        ({"content": {"body": ""}}, "content.body"),
        ({"content": {}}, "content.body"),
        ({"message_type": "reaction"}, "message_type"),
        ({"message_type": ""}, "message_type"),
        ({"phrases": []}, "phrases"),
        ({"priority": 0}, "priority"),
        ({"message_type": "image", "content": {"link": "nowhere"}}, "content.link"),
        ({"message_type": "interactive", "content": {"type": "button"}}, "content.action"),
    ],
)
def test_a_rule_that_could_not_answer_is_refused(
    program: Program, account: Any, change: dict[str, Any], field: str
) -> None:
    body = {**RULE, "waba_account_id": account.id, **change}
    answer = program.call("POST", f"{BASE}/rules/", json=body, status=422)
    assert any(name.startswith(field) for name in answer["error"]["details"]["fields"]), answer


def test_trying_says_what_would_happen_and_keeps_nothing(program: Program, account: Any, make: Any) -> None:
    make.bot_rule(account)
    body = {"waba_account_id": account.id, "text": "the price?"}
    tried = program.call("POST", f"{BASE}/try/", json=body, status=200)
    assert (tried["outcome"], tried["reply"]["content"]["body"]) == ("answered", "It costs 10.")
    assert tried["steps"][-1]["rule_id"]
    wish = program.call("POST", f"{BASE}/try/", json={**body, "text": "agent"}, status=200)
    assert (wish["hands_over"], wish["reply"]) == (True, None)
    assert program.call("GET", f"{BASE}/traces/", status=200)["results"] == []


def test_traces_are_listed_by_filter_and_shown_by_message(program: Program, account: Any, make: Any) -> None:
    conversation = make.conversation(account)
    messages = [make.message(conversation, outbound=False, text_content=f"m{n}") for n in range(3)]
    for message, outcome in zip(messages, ("answered", "silent", "answered"), strict=True):
        make.bot_trace(message, outcome=BotOutcome(outcome))
    listed = program.call("GET", f"{BASE}/traces/?outcome=answered&limit=1", status=200)
    assert [row["text"] for row in listed["results"]] == ["m2"]
    assert listed["next"]
    shown = program.call("GET", f"{BASE}/traces/{messages[1].id}/", status=200)
    assert (shown["outcome"], shown["steps"][0]["kind"]) == ("silent", "person")
    program.call("GET", f"{BASE}/traces/{messages[1].id + 999}/", status=404)


def test_a_viewers_key_reads_and_changes_nothing(app: Any, make: Any, account: Any) -> None:
    viewer = Program(app, make.api_key(role="viewer", accounts=[account]))
    viewer.call("GET", f"{BASE}/settings/{account.id}/", status=200)
    viewer.call("PATCH", f"{BASE}/settings/{account.id}/", json={"quiet_h": 1}, status=403)
    viewer.call("POST", f"{BASE}/rules/", json={**RULE, "waba_account_id": account.id}, status=403)
