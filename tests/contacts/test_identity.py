"""Who is who on the pages: the ledger, joins and their undoing, blocking, asking for a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import (
    Account,
    AddressKind,
    AuditEntry,
    BlockState,
    Contact,
    ContactBlock,
    ContactJoin,
    Conversation,
    JoinState,
    Message,
    utcnow,
)
from tests.support.factories import Factory
from tests.support.pages import PageClient
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account(name="Shop")
    return made


@pytest.fixture
def agent(sign_in: Callable[..., Any], account: Account) -> Any:
    return sign_in(role="agent", accounts=[account])


@pytest.fixture
def lucia(make: Factory, account: Account) -> Conversation:
    contact = make.contact(account, profile_name="Lúcia", wa_id=None, user_id="BR.1349", username="lucia.m")
    made: Conversation = make.conversation(account, contact=contact)
    make.message(made, outbound=False, text_content="From the app")
    return made


def test_two_contacts_are_compared_joined_read_together_and_taken_apart(
    page: PageClient, make: Factory, agent: Any, account: Account, lucia: Conversation
) -> None:
    one = lucia.contact
    other = make.contact(account, profile_name="Lucia M", wa_id="5511987654321", user_id=None)
    conversation = make.conversation(account, contact=other)
    make.message(conversation, outbound=False, text_content="From the number")
    stranger = make.contact(make.account(), profile_name="Lucia elsewhere")
    # Found by what she was called once, though the index does not have it; never of another account.
    make.contact_address(other, kind=AddressKind.USERNAME, value="lu.old")
    found = page.get("contacts.join_page", contact_id=one.id, search="@lu.old")
    assert "Lucia M" in found.text()
    assert "Lucia elsewhere" not in page.get("contacts.join_page", contact_id=one.id, search="Lucia").text()
    shown = page.get("contacts.join_page", **{"contact_id": one.id, "with": other.id})
    assert "What comes together" in shown.text()
    assert "+55 11 98765-4321" in shown.text()
    for bad in ("", stranger.id, one.id, "9" * 30):
        refused = page.post("contacts.join", contact_id=one.id, data={"with": bad}, status=422)
        assert "Nothing was joined" in refused.text()
    page.post("contacts.join", contact_id=one.id, data={"with": other.id}, status=303)
    shown = page.get("contacts.detail", contact_id=one.id)
    assert "From the app" in shown.text()
    assert "From the number" in shown.text()
    assert "+55 11 98765-4321" in shown.text()
    assert "Also talks to you here" in page.get("console.thread", conversation_id=lucia.id).text()
    assert f"same person as {one.display_name}" in " ".join(page.get("contacts.index").text().split())
    row = db.session.scalars(select(ContactJoin)).one()
    assert row.actor_name
    page.post("contacts.undo_join", join_id=row.id, status=303)
    assert "From the number" not in page.get("contacts.detail", contact_id=one.id).text()
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "contact"))
    assert list(actions) == ["contact.joined", "contact.join_undone"]


def test_a_suggestion_is_shown_on_both_pages_and_decided_once(
    page: PageClient, make: Factory, agent: Any, account: Account, lucia: Conversation
) -> None:
    other = make.contact(account, profile_name="Lucia M")
    row = make.contact_join(other, lucia.contact, reason="Both wrote from one number.")
    row_id = row.id
    for contact in (lucia.contact, other):
        assert "Both wrote from one number." in page.get("contacts.detail", contact_id=contact.id).text()
    page.post("contacts.dismiss_join", join_id=row_id, status=303)
    page.post("contacts.dismiss_join", join_id=row_id, status=303)
    assert "Somebody has decided" in page.get("contacts.detail", contact_id=other.id).text()
    db.session.expire_all()
    assert row.state is JoinState.DISMISSED


def test_a_spelling_is_said_to_be_somebody_elses_and_the_number_in_use_is_not(
    page: PageClient, make: Factory, agent: Any, account: Account
) -> None:
    contact = make.contact(account, wa_id="551187654321")
    old = make.contact_address(contact, value="5511987654321")
    used = make.contact_address(contact, value="551187654321")
    shown = page.get("contacts.detail", contact_id=contact.id)
    assert "Other spelling" in shown.text()
    for row in (old, used):
        page.post("contacts.refuse_address", address_id=row.id, status=303)
    db.session.expire_all()
    assert (old.is_refused, used.is_refused) == (True, False)
    assert "Not theirs" in page.get("contacts.detail", contact_id=contact.id).text()


def test_a_customer_without_a_number_is_asked_for_it_once_and_one_with_a_number_is_not(
    page: PageClient, make: Factory, agent: Any, account: Account, lucia: Conversation
) -> None:
    shown = page.get("console.thread", conversation_id=lucia.id, compose="number")
    assert "@lucia.m" in shown.text()
    key = shown.soup.select_one("#send-key")["value"]
    data = {"send_key": key, "body": "May we have your number?"}
    for _ in range(2):
        page.post("console.ask_number", conversation_id=lucia.id, data=data, status=303)
    message = db.session.scalars(select(Message).where(Message.client_key.is_not(None))).one()
    assert message.content == {
        "type": "request_contact_info",
        "body": {"text": "May we have your number?"},
        "action": {"name": "request_contact_info"},
    }
    long = {**data, "body": "x" * 1_025}
    refused = page.post("console.ask_number", conversation_id=lucia.id, data=long, status=422)
    assert "x" * 1_025 in refused.text()
    known = make.conversation(account)
    assert "Ask for the number" not in page.get("console.thread", conversation_id=known.id).text()


def test_somebody_is_blocked_from_the_page_cannot_be_written_to_and_is_let_in_again(
    page: PageClient, make: Factory, sign_in: Callable[..., Any], sandbox: RunningSandbox
) -> None:
    account = make.sandbox_account(sandbox.new_account())
    sign_in(role="agent", accounts=[account])
    number = account.phone_numbers[0]
    person = {"user_id": "BR.1349", "name": "Lúcia", "last_inbound_at": int(utcnow().timestamp()) - 60}
    given = {"phone_number_id": number.meta_id, "customers": [person]}
    contact = make.contact(account, profile_name="Lúcia", wa_id=None, user_id="BR.1349")
    conversation_id = make.conversation(account, contact=contact).id
    ids = {"contact_id": contact.id}
    data = {"number": str(number.id), "reason": "Threatened Ana"}
    # Meta has not heard of her yet: refused in plain words, and what was typed is still there.
    refused = page.post("contacts.block", **ids, data=data, status=422)
    assert "Nothing was changed" in refused.text()
    assert refused.soup.select_one(f"#block-reason-{conversation_id}")["value"] == "Threatened Ana"
    db.session.rollback()
    sandbox.control("POST", "customers", given)
    page.post("contacts.block", **ids, data=data, status=303)
    thread = page.get("console.thread", conversation_id=conversation_id)
    assert "is blocked on this number, so nothing can be sent" in thread.text()
    # The window is open by the clock; its bar must neither promise that nor lead to a message template.
    for face in ("text", "template"):
        bar = page.get("console.window", conversation_id=conversation_id, compose=face, htmx=True)
        assert "Nothing can be sent. This number has blocked the customer." in bar.text()
        assert bar.soup.select("a, [data-closes-at], #window-closes") == []
    assert not thread.texts("#composer-form")
    assert "Threatened Ana" in page.get("contacts.blocked").text()
    page.post("contacts.fetch_blocked", data={"number": data["number"]}, status=303)
    back = {"number": data["number"], "back": page.url("console.thread", conversation_id=conversation_id)}
    answer = page.post("contacts.unblock", **ids, data=back, status=303)
    assert answer.response.location.endswith(back["back"])
    db.session.expire_all()
    assert db.session.scalars(select(ContactBlock)).one().state is BlockState.UNBLOCKED
    silent = make.contact(account, profile_name="Silent")
    said = page.post("contacts.block", contact_id=silent.id, data=data, status=409)
    assert "in the last 24 hours" in said.text()
    page.post("contacts.block", **ids, data={"number": "9" * 12}, status=404)
    assert db.session.get(Contact, silent.id) is not None
