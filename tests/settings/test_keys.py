"""The owner's page of API keys."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import ApiKey, User, utcnow
from app.services.api_keys import authenticate
from tests.support.factories import Factory
from tests.support.pages import PageClient


@pytest.fixture(autouse=True)
def owner(sign_in: Callable[..., User]) -> User:
    return sign_in("owner")


def test_a_new_key_is_shown_once_and_works(page: PageClient, make: Factory, owner: User) -> None:
    account = make.account()
    data = {"name": "Policy system", "role": "agent", "account_ids": [account.id], "expires_in": "90"}
    answer = page.post("settings.create_key", data=data, status=201)
    key = answer.soup.select_one("#new-key-value")["value"]
    row = authenticate(key)
    assert row is not None
    assert row.created_by_id == owner.id
    assert row.expires_at is not None
    assert timedelta(days=89) < row.expires_at - utcnow() <= timedelta(days=90)
    assert [link.account_id for link in row.accounts] == [account.id]
    assert answer.response.headers["Cache-Control"] == "no-store"
    assert key not in page.get("settings.api_keys").html


def test_a_key_may_be_good_for_ever(page: PageClient) -> None:
    page.post("settings.create_key", data={"name": "k", "role": "owner", "expires_in": "0"}, status=201)
    assert db.session.scalars(select(ApiKey.expires_at)).one() is None


def test_a_key_for_no_account_is_refused(page: PageClient, make: Factory) -> None:
    make.account()
    answer = page.post(
        "settings.create_key", data={"name": "k", "role": "agent", "expires_in": "90"}, status=422
    )
    assert "Choose at least one account." in answer.text()


def test_a_key_without_a_name_is_refused(page: PageClient) -> None:
    page.post("settings.create_key", data={"name": "", "role": "owner", "expires_in": "90"}, status=422)


def test_an_account_that_is_not_offered_is_refused(page: PageClient) -> None:
    data = {"name": "k", "role": "agent", "account_ids": ["99"], "expires_in": "90"}
    page.post("settings.create_key", data=data, status=422)


def test_revoking_asks_first_and_holds_at_once(page: PageClient, make: Factory) -> None:
    key = make.api_key()
    row_id = db.session.scalars(select(ApiKey.id)).one()
    asked = page.get("settings.revoke_key", api_key_id=row_id)
    assert asked.texts("main form a, main form button") == ["Keep key", "Revoke key"]
    assert authenticate(key) is not None
    page.post("settings.revoke_key_now", api_key_id=row_id, status=303)
    assert authenticate(key) is None


def test_a_key_that_is_not_there_is_a_404(page: PageClient) -> None:
    page.get("settings.revoke_key", api_key_id=99, status=404)
    page.post("settings.revoke_key_now", api_key_id=99, status=404)


def test_the_list_says_how_each_key_stands(page: PageClient, make: Factory) -> None:
    gone = make.user(role="owner", is_active=False)
    make.api_key()
    make.api_key(expires_at=utcnow() + timedelta(days=6, hours=1))
    make.api_key(expires_at=utcnow() - timedelta(days=1))
    make.api_key(created_by_id=gone.id)
    make.api_key(revoked_at=utcnow())
    badges = page.get("settings.api_keys").texts("tbody .wc-badge")
    assert badges == ["Maker switched off", "Expired", "Expires in 6 days", "Active", "Revoked"]


def test_the_example_call_names_an_account_that_exists(page: PageClient, make: Factory) -> None:
    account = make.account()
    example = page.get("settings.api_keys").texts("#api-example")[0]
    assert f"http://127.0.0.1:5000/api/whatsapp/api/accounts/{account.id}/send_message/" in example
