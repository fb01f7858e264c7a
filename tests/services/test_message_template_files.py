"""Imports are whole or nothing; what is shared by a name is written once."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import ChangedMeanwhile, NotAllowed
from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import MessageTemplateFamily, MessageTemplateTag, Role
from app.queries import message_template_families as queries
from app.queries.access import SYSTEM, Actor
from app.queries.message_templates import list_of_account
from app.services import message_templates
from app.services.message_templates.families import FamilySettings, require_role, set_family, settings_of
from app.services.message_templates.importing import import_drafts, plan_import
from app.services.message_templates.reading import read_parsed
from app.services.message_templates.variants import pick_variant

pytestmark = pytest.mark.one_database


def body(name: str, **values: Any) -> dict[str, Any]:
    components = [{"type": "BODY", "text": "Your order is on its way to you."}]
    return {"name": name, "language": "en_US", "category": "UTILITY", "components": components, **values}


def test_an_import_that_somebody_else_was_faster_with_keeps_nothing(make: Any) -> None:
    account = make.account()
    plan = plan_import(account.id, read_parsed([body("one"), body("two"), body("three")]))
    draft = MessageTemplateDraft(name="two", language="en_US", category="UTILITY")
    message_templates.create_draft(account=account, draft=draft, actor=SYSTEM)
    with pytest.raises(ChangedMeanwhile):
        import_drafts(account=account, plan=plan, actor=SYSTEM)
    db.session.rollback()
    assert [row.name for row in list_of_account(account.id)] == ["two"]


def test_settings_of_a_file_are_for_names_that_were_not_here(make: Any) -> None:
    account = make.account()
    old = make.message_template(account, name="old")
    set_family(message_template=old, settings=FamilySettings(("kept",)), actor=SYSTEM)
    families = [{"name": name, "tags": ["filed"]} for name in ("old", "new", "elsewhere")]
    file = {"message_templates": [body("old", language="de"), body("new")], "families": families}
    import_drafts(account=account, plan=plan_import(account.id, read_parsed(file)), actor=SYSTEM)
    assert settings_of(account.id, "old").tags == ("kept",)
    assert settings_of(account.id, "new").tags == ("filed",)
    assert queries.find_family(account.id, "elsewhere") is None


def test_what_is_set_to_what_it_was_leaves_no_row_behind(make: Any) -> None:
    row = make.message_template(make.account())
    set_family(message_template=row, settings=FamilySettings(), actor=SYSTEM)
    assert db.session.query(MessageTemplateFamily).count() == 0


def test_tags_go_with_their_family(make: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    set_family(message_template=row, settings=FamilySettings(("b", "A", "a ")), actor=SYSTEM)
    assert settings_of(account.id, row.name).tags == ("a", "b")
    db.session.query(MessageTemplateFamily).delete()
    db.session.commit()
    assert db.session.query(MessageTemplateTag).count() == 0


@pytest.mark.parametrize(
    "role,may", [(None, False), (Role.AGENT, False), (Role.MANAGER, True), (Role.OWNER, True)]
)
def test_the_role_in_this_account_decides(make: Any, role: Role | None, may: bool) -> None:
    account = make.account()
    row = make.message_template(account)
    settings = FamilySettings(least_role=Role.MANAGER)
    set_family(message_template=row, settings=settings, actor=SYSTEM)
    roles = {account.id: role} if role is not None else {}
    actor = Actor(role=Role.VIEWER, account_roles=roles)
    if may:
        require_role(actor, account.id, row.name)
    else:
        with pytest.raises(NotAllowed, match="managers and owners"):
            require_role(actor, account.id, row.name)


@pytest.mark.parametrize(
    "wanted,given,picked",
    [
        ("de-AT", "", "de"),
        ("DE_at", "", "de"),
        ("pt", "", "pt_BR"),
        ("fr", "en_US", "en_US"),
        ("", "", None),
        ("x" * 500, "", None),
    ],
)
def test_languages_are_picked_by_their_base(make: Any, wanted: str, given: str, picked: str | None) -> None:
    account = make.account()
    for language in ("de", "pt_BR", "en_US"):
        make.message_template(account, name="one", language=language)
    found = pick_variant(account.id, "one", wanted, given_language=given)
    assert (found.language if found is not None else None) == picked
