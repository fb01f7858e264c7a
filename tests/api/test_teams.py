"""Teams, teamwork and times to answer over the API."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.models import ConversationCase, utcnow
from tests.support.pages import PageClient

WEEK = [[["09:00", "17:00"]]] * 5 + [[], []]


def test_an_owners_key_makes_teams_and_an_agents_gives_them_conversations(program: Any, make: Any) -> None:
    conversation = make.conversation()
    account = conversation.account
    ana = make.user(role="agent", accounts=[account], name="Ana")
    owner, agent = program(role="owner"), program(role="agent", accounts=[account])
    body = {
        "name": " Sales ",
        "user_ids": [ana.id],
        "serves": [{"waba_account_id": account.id}],
        "has_hours": True,
        "time_zone": "Europe/Madrid",
        "hours": WEEK,
        "holidays": [{"day": "2026-12-25", "name": "Christmas"}],
    }
    made = owner.call("POST", "teams/", status=201, json=body)
    assert (made["name"], made["hours"], made["user_ids"]) == ("Sales", WEEK, [ana.id])
    path = f"teams/{made['id']}/"
    assert agent.get(path)["serves"] == [{"waba_account_id": account.id, "phone_number_id": None}]
    program(role="agent", accounts=[make.account()]).refused("GET", path, 404)
    for wrong, field in (
        ({"user_ids": [999_999]}, "user_ids"),
        ({"serves": [{"waba_account_id": 999_999}]}, "serves"),
        ({"serves": [{"waba_account_id": account.id, "phone_number_id": 999_999}]}, "serves"),
        ({"hours": []}, "hours"),
        ({"time_zone": "Mars"}, "time_zone"),
    ):
        assert field in str(owner.refused("PUT", path, 422, json={**body, **wrong})["details"])
    assert "name" in str(owner.refused("POST", "teams/", 422, json=body)["details"])
    give = f"conversations/{conversation.id}/assign/"
    given = agent.call("POST", give, status=200, json={"team_id": made["id"], "user_id": ana.id})
    assert (given["assigned_team"], given["assigned_to"]) == (made["id"], ana.id)
    assert len(agent.get("conversations/", assigned_team=made["id"])["results"]) == 1
    agent.refused("POST", give, 422, json={})
    agent.refused("POST", give, 422, json={"team_id": 999_999})
    owner.call("DELETE", path, status=204)
    shown = agent.get(f"conversations/{conversation.id}/")
    assert (shown["assigned_team"], shown["assigned_to"]) == (None, ana.id)


def test_teamwork_changes_field_by_field_and_what_is_wrong_is_named(program: Any, make: Any) -> None:
    account = make.account()
    manager = program(role="manager", accounts=[account])
    path = f"accounts/{account.id}/teamwork/"
    assert manager.get(path)["assign_by"] == "nobody"
    number = account.phone_numbers[0].id
    change = {"assign_by": "load", "assign_number_ids": [number], "answer_target_min": 15}
    assert manager.call("PATCH", path, status=200, json=change)["agents_see"] == "everything"
    manager.call("PATCH", path, status=200, json={"answer_target_min": None, "numbers_from": "manager"})
    shown = manager.get(path)
    assert (shown["answer_target_min"], shown["assign_number_ids"]) == (None, [number])
    for wrong in ({"numbers_from": "owner"}, {"assign_number_ids": [999_999]}, {"answer_target_min": 0}):
        assert next(iter(wrong)) in str(manager.refused("PATCH", path, 422, json=wrong)["details"])


def test_times_are_summed_by_person_and_team_with_the_share_within_the_target(
    program: Any, make: Any, app: Any
) -> None:
    conversation = make.conversation()
    account = conversation.account
    ana = make.user(role="agent", accounts=[account], name="Ana")
    sales = make.team(account, ana, name="Sales")
    for seconds in (60, 120, 180, 1200):
        other = make.conversation(account)
        case = ConversationCase(
            account_id=account.id,
            phone_number_id=other.phone_number_id,
            conversation_id=other.id,
            began_at=utcnow(),
            answered_by_id=ana.id,
            answer_team_id=sales.id,
            answer_s=seconds,
            answer_target_s=900,
        )
        db.session.add(case)
    db.session.commit()
    manager = program(role="manager", accounts=[account])
    found = manager.get("analytics/service_times/")
    assert found["first_answers"] == {"count": 4, "median_s": 120, "p90_s": 1200, "within": 0.75}
    assert [(one["name"], one["first_answers"]["count"]) for one in found["people"]] == [("Ana", 4)]
    assert found["teams"][0]["name"] == "Sales"
    assert found["closed"]["count"] == 0
    assert manager.get("analytics/service_times/", account=999_999)["first_answers"]["count"] == 0
    page = PageClient(app)
    for user, sees in ((make.user(role="viewer", accounts=[account]), False), (ana, True)):
        page.sign_in(user)
        shown = page.get("analytics.overview")
        card = next(one for one in shown.soup.select("section") if "How soon" in one.get_text())
        assert "Sales" in card.get_text()
        assert ("Ana" in card.get_text()) is sees
