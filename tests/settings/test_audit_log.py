"""The page of the audit log, its file, and that nothing rewrites it."""

from __future__ import annotations

import ast
import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from app.extensions import db
from app.models import AuditEntry, User, utcnow
from app.queries.access import actor_of_user
from app.services import audit, people
from app.services.audit_words import ACTIONS, detail_lines
from tests.support.factories import Factory
from tests.support.pages import Page, PageClient

APP = Path(__file__).resolve().parents[2] / "app"


def whats(page: Page) -> list[str]:
    return page.texts("tbody td:nth-child(3)")


def test_a_change_is_shown_with_who_what_and_what_it_was(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    owner = sign_in("owner")
    account = make.account(name="Meridian Insurance")
    tom = make.user(role="agent", name="Tom")
    page.post(
        "settings.set_rights",
        user_id=tom.id,
        data={"role": "manager", "account_ids": [account.id]},
        status=303,
    )
    (row,) = page.get("settings.audit_log").texts("tbody tr")
    assert owner.display_name in row
    assert "Rights of a person changed" in row
    assert "role: agent → manager" in row
    assert f"accounts: nothing → {account.id}" in row
    assert "127.0.0.1" in row


def test_it_is_narrowed_by_who_what_where_when_and_words(
    page: PageClient, make: Factory, sign_in: Callable[..., User]
) -> None:
    owner = sign_in("owner")
    one, other = make.account(name="One"), make.account(name="Other")
    actor = actor_of_user(owner, "203.0.113.9")
    audit.record(actor, "account.changed", account_id=one.id, object_type="account", object_id=one.id)
    audit.record(actor, "api_key.revoked", object_type="api_key", object_id=7, details={"name": "Desk 100%"})
    db.session.add(AuditEntry(action="flow.created", actor_name="system", account_id=other.id))
    old = datetime(2024, 3, 1, 12, tzinfo=UTC)
    db.session.add(AuditEntry(action="flow.deleted", actor_name="system", at=old))
    db.session.commit()
    for narrowed, expected in (
        ({"who": f"person-{owner.id}"}, {"API key revoked", "Account changed"}),
        ({"who": "system"}, {"Flow created", "Flow deleted"}),
        ({"action": "flow.created"}, {"Flow created"}),
        ({"account": one.id}, {"Account changed"}),
        ({"object": "api_key 7"}, {"API key revoked"}),
        ({"q": "desk 100%"}, {"API key revoked"}),
        ({"q": "203.0.113"}, {"API key revoked", "Account changed"}),
        ({"until": "2024-03-01"}, {"Flow deleted"}),
        ({"since": "2024-03-02"}, {"API key revoked", "Account changed", "Flow created"}),
        ({"since": "nonsense", "account": "x", "who": "person-", "before": "y"}, None),
        ({"q": "no such word"}, set()),
    ):
        page_shown = page.get("settings.audit_log", **narrowed)
        found = {
            text.split(" api key")[0].split(" account ")[0].split(" name:")[0] for text in whats(page_shown)
        }
        assert expected is None or found == expected, narrowed


def test_its_pages_follow_each_other_without_a_gap(page: PageClient, sign_in: Callable[..., User]) -> None:
    sign_in("owner")
    now = utcnow()
    for number in range(120):
        db.session.add(AuditEntry(action=f"thing.done_{number}", at=now - timedelta(minutes=number // 2)))
    db.session.commit()
    shown = page.get("settings.audit_log")
    seen = whats(shown)
    while links := shown.soup.select('a[aria-label="Next page"]'):
        shown = page.open(str(links[0]["href"]), status=200)
        seen += whats(shown)
    assert len(seen) == len(set(seen)) == 120
    back = page.open(str(shown.soup.select('a[aria-label="Previous page"]')[0]["href"]), status=200)
    assert len(whats(back)) == 50


def test_the_file_holds_what_the_filters_let_through_and_calculates_nothing(
    page: PageClient, sign_in: Callable[..., User]
) -> None:
    sign_in("owner")
    db.session.add(
        AuditEntry(action="person.profile_changed", actor_name="=HYPERLINK(1)", details={"a": "Łódź"})
    )
    db.session.add(AuditEntry(action="api_key.revoked", actor_name="Tom"))
    db.session.commit()
    answer = page._client.get("/settings/audit-log/export.csv?action=person.profile_changed")
    assert answer.mimetype == "text/csv"
    assert "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(io.StringIO(answer.get_data(as_text=True).removeprefix("\ufeff")))
    assert row["who"] == "'=HYPERLINK(1)"
    assert row["details"] == '{"a": "Łódź"}'
    assert row["in_words"] == "Profile changed"


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_only_owners_read_it(
    page: PageClient, make: Factory, sign_in: Callable[..., User], role: str
) -> None:
    sign_in(role, accounts=[make.account()])
    page.get("settings.audit_log", status=403)
    page.get("settings.audit_log_csv", status=403)


@pytest.mark.both_databases
def test_the_database_refuses_to_rewrite_an_entry(make: Factory) -> None:
    owner = make.user(role="owner")
    audit.record(actor_of_user(owner), "person.profile_changed", object_type="user", object_id=owner.id)
    db.session.commit()
    for values in (
        {"action": "x"},
        {"details": {"a": 1}},
        {"at": utcnow()},
        {"actor_name": "y"},
        {"account_id": 3},
    ):
        with pytest.raises(DBAPIError, match="audit log is not changed"):
            db.session.execute(update(AuditEntry).values(values))
        db.session.rollback()
    assert db.session.query(AuditEntry).one().action == "person.profile_changed"


@pytest.mark.both_databases
def test_an_entry_outlives_the_person_it_is_about(make: Factory) -> None:
    owner = make.user(role="owner", name="Amara")
    people.change_profile(user=owner, name="Amara O.", time_zone="", actor=actor_of_user(owner))
    db.session.execute(delete(User).where(User.id == owner.id))
    db.session.commit()
    entry = db.session.query(AuditEntry).one()
    assert (entry.user_id, entry.actor_name) == (None, "Amara O.")


def test_a_changed_secret_is_named_and_no_more() -> None:
    details = audit.differences(["app_secret", "name"], {"name": "A"}, {"name": "B"})
    assert detail_lines(details) == ["name: A → B", "changed: app_secret"]


def test_every_action_has_words_for_people() -> None:
    used = set()
    for file in APP.rglob("*.py"):
        for call in ast.walk(ast.parse(file.read_text())):
            if isinstance(call, ast.Call) and _is_recording(call):
                used |= {
                    node.value
                    for argument in call.args
                    for node in ast.walk(argument)
                    if isinstance(node, ast.Constant) and "." in str(node.value)
                }
    assert len(used) > 40
    assert {action for action in used if not action.endswith(".")} <= set(ACTIONS)


def _is_recording(call: ast.Call) -> bool:
    """`audit.record(…)`, or a service's own `_record`."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    return name in {"record", "_record"} and any(
        "actor" in ast.dump(arg) or "SYSTEM" in ast.dump(arg) for arg in call.args
    )


def test_a_page_of_the_log_is_one_question_to_an_index(app: Flask, make: Factory) -> None:
    """A million rows must not be read to show fifty."""
    for where in ("user_id = 1", "api_key_id = 1", "account_id = 1", "action = 'x'", "1 = 1"):
        plan = db.session.execute(
            db.text(
                f"EXPLAIN QUERY PLAN SELECT * FROM audit_log WHERE {where} ORDER BY at DESC, id DESC LIMIT 51"
            )
        ).all()
        assert all("ix_audit_log" in str(row) for row in plan if "audit_log" in str(row)), (where, plan)
        assert not any("USE TEMP B-TREE FOR ORDER BY" in str(row) for row in plan), (where, plan)
