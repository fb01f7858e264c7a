"""Message templates over the API: versions, restoring one, uses, deleting all languages."""

from __future__ import annotations

from app.extensions import db
from app.models import MessageTemplateStatus as State


def test_versions_are_read_page_by_page_and_one_is_restored(program, make):
    account = make.account()
    row = make.message_template(account, status=State.DRAFT, meta_id=None)
    make.message_template_version(row, actor_name="Grace")
    old = row.components
    row.components = [{"type": "BODY", "text": "Another text."}]
    db.session.commit()
    make.message_template_version(row, number=2)
    caller = program(role="manager", accounts=[account])
    first = caller.get(f"templates/{row.id}/versions/", limit=1)
    assert [one["number"] for one in first["results"]] == [2]
    assert first["next"]
    listed = caller.get(f"templates/{row.id}/versions/")["results"]
    assert [(one["number"], one["actor"], one["components"]) for one in listed] == [
        (2, "", row.components),
        (1, "Grace", old),
    ]
    answer = caller.call("POST", f"templates/{row.id}/versions/1/restore/", status=200)
    assert answer == {"template_id": row.id, "number": 1, "restored_as": "draft"}
    assert caller.get(f"templates/{row.id}/")["components"] == old
    assert caller.refused("POST", f"templates/{row.id}/versions/99/restore/", 404)["code"] == "not_found"


def test_of_one_at_meta_a_change_waits_to_be_sent(program, make):
    account = make.account()
    row = make.message_template(account)
    make.message_template_version(row, components=[{"type": "BODY", "text": "As it was."}])
    caller = program(role="manager", accounts=[account])
    assert (
        caller.call("POST", f"templates/{row.id}/versions/1/restore/", status=200)["restored_as"] == "change"
    )


def test_uses_are_told_before_it_is_deleted(program, make):
    account = make.account()
    row = make.message_template(account, name="order_update")
    make.message_template(account, name="order_update", language="de")
    content = {"name": "order_update", "language": {"code": "en_US"}}
    rule = make.bot_rule(account, name="Orders", message_type="template", content=content)
    caller = program(role="viewer", accounts=[account])
    assert caller.get(f"templates/{row.id}/uses/") == {
        "bot_rules": [{"id": rule.id, "name": "Orders", "is_on": True}],
        "waiting_messages": 0,
        "is_fallback_language": False,
        "other_languages": ["de"],
    }


def test_all_languages_go_when_that_is_asked_for_and_nonsense_is_refused(program, make):
    account = make.account()
    rows = [
        make.message_template(account, name="a", language=language, status=State.DRAFT, meta_id=None)
        for language in ("en_US", "de")
    ]
    caller = program(role="manager", accounts=[account])
    caller.refused("DELETE", f"templates/{rows[0].id}/?all_languages=perhaps", 422)
    caller.call("DELETE", f"templates/{rows[0].id}/?all_languages=true", status=204)
    assert caller.get("templates/")["results"] == []
