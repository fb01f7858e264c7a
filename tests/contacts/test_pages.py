"""The pages of contacts: list, one contact, its form, marketing, the file."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, AuditEntry, ConsentSource, Contact, ContactConsent
from app.services.search_index import Indexer
from tests.support.factories import Factory
from tests.support.pages import PageClient


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account(name="Shop")
    return made


@pytest.fixture
def agent(sign_in: Callable[..., Any], account: Account) -> Any:
    return sign_in(role="agent", accounts=[account])


@pytest.fixture
def grace(make: Factory, account: Account) -> Contact:
    made: Contact = make.contact(account, profile_name="Grace", wa_id="447700900123", username="grace.h")
    return made


def index_all() -> None:
    while Indexer().step():
        continue


def listed(page: PageClient, **args: Any) -> list[str]:
    return page.get("contacts.index", **args).texts("#contact-list .wc-main-link")


def test_the_list_shows_ones_own_accounts_newest_first(
    page: PageClient, make: Factory, agent: Any, account: Account, grace: Contact
) -> None:
    make.contact(account, profile_name="Ada")
    make.contact(make.account(), profile_name="Stranger")
    assert listed(page) == ["Ada", "Grace"]


@pytest.mark.both_databases
@pytest.mark.parametrize("is_indexed", [True, False])
@pytest.mark.parametrize("typed", ["grac", "@grace.h", "+44 7700 900", "our best"])
def test_a_contact_is_found_by_names_and_number_indexed_or_not(
    page: PageClient,
    make: Factory,
    agent: Any,
    account: Account,
    grace: Contact,
    typed: str,
    is_indexed: bool,
) -> None:
    make.contact(grace.account, profile_name="Ada", wa_id="15550100001")
    grace.own_name = "Our best customer"
    db.session.commit()
    if is_indexed:
        index_all()
    assert listed(page, search=typed) == ["Our best customer"]
    assert listed(page, search="nobody at all") == []


@pytest.mark.both_databases
def test_an_own_name_that_changes_after_it_was_indexed_is_found(
    page: PageClient, agent: Any, grace: Contact
) -> None:
    index_all()
    data = {"own_name": "The baker", "language": "", "tags": "", "note": ""}
    page.post("contacts.save", contact_id=grace.id, data=data, status=303)
    assert listed(page, search="baker") == ["The baker"]
    index_all()
    assert listed(page, search="baker") == ["The baker"]


@pytest.mark.both_databases
def test_a_change_is_kept_shown_and_in_the_audit_log_without_private_words(
    page: PageClient, agent: Any, grace: Contact
) -> None:
    data = {
        "own_name": " Grace  H. ",
        "language": "en_GB",
        "tags": "VIP, new, vip",
        "note": "Likes\r\ntea",
    }
    page.post("contacts.save", contact_id=grace.id, data=data, status=303)
    db.session.expire_all()
    assert (grace.display_name, grace.language, grace.tags) == ("Grace H.", "en_GB", ["new", "vip"])
    shown = page.get("contacts.detail", contact_id=grace.id)
    assert shown.texts("h1") == ["Grace H."]
    assert listed(page, tag="vip") == ["Grace H."]
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "contact.changed")).one()
    assert entry.details["after"] == {"language": "en_GB", "tags": ["new", "vip"]}
    assert "tea" not in str(entry.details)


def test_what_cannot_be_taken_is_named_and_nothing_typed_is_lost(
    page: PageClient, agent: Any, grace: Contact
) -> None:
    data = {"own_name": "x" * 101, "language": "klingon", "tags": "y" * 41, "note": "Stays"}
    shown = page.post("contacts.save", contact_id=grace.id, data=data, status=422)
    assert len(shown.texts(".wc-err")) == 3
    assert "Stays" in shown.text()
    db.session.expire_all()
    assert grace.note == ""


@pytest.mark.both_databases
def test_marketing_is_stopped_and_taken_up_by_hand(
    page: PageClient, make: Factory, agent: Any, account: Account, grace: Contact
) -> None:
    conversation = make.conversation(account, contact=grace)
    page.post("contacts.opt_out", contact_id=grace.id, data={"note": "By phone"}, status=303)
    assert listed(page, marketing="out") == ["Grace"]
    assert "By phone" in page.get("contacts.detail", contact_id=grace.id).text()
    thread = page.get("console.thread", conversation_id=conversation.id)
    assert thread.texts(".wc-con-th .wc-badge") == ["No marketing"]
    page.post("contacts.opt_in", contact_id=grace.id, status=303)
    assert listed(page, marketing="out") == []
    row = db.session.scalars(select(ContactConsent).order_by(ContactConsent.id)).first()
    assert row is not None
    assert (row.source, row.user_id) == (ConsentSource.HAND, agent.id)


@pytest.mark.both_databases
def test_the_file_holds_what_the_list_is_narrowed_to_and_no_formula(
    page: PageClient, make: Factory, agent: Any, account: Account, grace: Contact
) -> None:
    make.contact(account, profile_name="Ada")
    grace.own_name = "=HYPERLINK(1)"
    db.session.commit()
    answer = page.post("contacts.export", search="grace")
    rows = list(csv.DictReader(StringIO(answer.response.text.removeprefix("\ufeff"))))
    assert [(row["whatsapp_name"], row["called_here"]) for row in rows] == [("Grace", "'=HYPERLINK(1)")]
    assert rows[0]["phone_number"] == "'+447700900123"
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "contacts.exported")).one()
    assert entry.details == {"filters": {"search": "grace"}}


def test_a_search_says_that_older_contacts_are_still_being_made_searchable(
    page: PageClient, agent: Any, grace: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.queries.search.live.MOST", 0)
    assert "still being made searchable" in page.get("contacts.index", search="grace").text()
    assert "still being made searchable" not in page.get("contacts.index").text()
    index_all()
    assert "still being made searchable" not in page.get("contacts.index", search="grace").text()
