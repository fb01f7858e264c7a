"""Canned replies: managers keep them, agents fill their messages with them, and nothing is sent by itself."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import CannedReply, Message

TEXT = "Hello {{name}}, {{ agent }} here. {{other}}"


@pytest.fixture
def account(make: Any) -> Any:
    return make.account()


@pytest.fixture
def conversation(make: Any, account: Any) -> Any:
    return make.conversation(account, contact=make.contact(account, profile_name="Grace"))


def kept() -> list[CannedReply]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(CannedReply).order_by(CannedReply.id)))


def typed(shown: Any) -> str:
    return str(shown.soup.select_one("#message-body").get_text()).strip()


def test_a_manager_writes_changes_and_deletes_one(page: Any, account: Any, sign_in: Any) -> None:
    sign_in("manager", [account])
    data = {"name": "Hours", "body": "From 8 to 18.", "account": str(account.id)}
    page.post("settings.create_canned_reply", data=data, status=303)
    (row,) = kept()
    assert "From 8 to 18." in page.get("settings.canned_replies").text()
    changed = {**data, "body": "From 9 to 17."}
    page.post("settings.canned_reply", canned_reply_id=row.id, data=changed, status=303)
    assert kept()[0].body == "From 9 to 17."
    page.post("settings.delete_canned_reply_now", canned_reply_id=row.id, status=303)
    assert kept() == []


def test_what_is_missing_or_too_long_is_said_beside_its_field(page: Any, account: Any, sign_in: Any) -> None:
    sign_in("manager", [account])
    data = {"name": "x" * 61, "body": " ", "account": str(account.id)}
    shown = page.post("settings.create_canned_reply", data=data, status=422)
    assert "Give it a short name, of up to 60 characters." in shown.text()
    assert kept() == []


def test_a_manager_leaves_those_of_all_accounts_to_owners(
    page: Any, make: Any, account: Any, sign_in: Any
) -> None:
    reply = make.canned_reply(name="Everywhere")
    sign_in("manager", [account])
    shown = page.get("settings.canned_replies")
    assert "Everywhere" in shown.text()
    assert shown.soup.select("td a") == []
    page.get("settings.canned_reply", canned_reply_id=reply.id, status=404)
    for place in ("", "999"):
        data = {"name": "Mine", "body": "x", "account": place}
        page.post("settings.create_canned_reply", data=data, status=422)
    assert len(kept()) == 1


def test_an_agent_finds_those_of_the_account_and_of_all_in_the_composer(
    page: Any, make: Any, account: Any, conversation: Any, sign_in: Any
) -> None:
    for name, place in (("Ours", account), ("Everywhere", None), ("Theirs", make.account())):
        make.canned_reply(place, name=name)
    sign_in("agent", [account])
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.texts("#canned-menu b") == ["Everywhere", "Ours"]


def test_a_plain_link_fills_the_message_with_names_and_sends_nothing(
    page: Any, make: Any, account: Any, conversation: Any
) -> None:
    make.canned_reply(account, body=TEXT)
    page.sign_in(make.user(role="agent", accounts=[account], name="Ana"))
    link = page.get("console.thread", conversation_id=conversation.id).soup.select_one("#canned-menu a")
    assert typed(page.open(link["href"])) == "Hello Grace, Ana here. {{other}}"
    assert db.session.query(Message).count() == 0


def test_what_is_typed_already_stays_above_it(
    page: Any, make: Any, account: Any, conversation: Any, sign_in: Any
) -> None:
    reply = make.canned_reply(account, body="From 8 to 18.")
    sign_in("agent", [account])
    values = {"conversation_id": conversation.id, "compose": "text", "canned": reply.id}
    shown = page.post("console.composer", data={"body": "Good morning"}, htmx=True, **values)
    assert typed(shown).split("\n")[-1] == "From 8 to 18."
    assert typed(shown).startswith("Good morning")


@pytest.mark.parametrize("which", ["theirs", "nonsense"])
def test_one_of_another_account_fills_nothing(
    page: Any, make: Any, account: Any, conversation: Any, sign_in: Any, which: str
) -> None:
    theirs = make.canned_reply(make.account(), body="secret")
    sign_in("agent", [account])
    named = theirs.id if which == "theirs" else "x"
    shown = page.get("console.thread", conversation_id=conversation.id, canned=named, status=200)
    assert typed(shown) == ""
