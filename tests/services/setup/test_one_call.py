"""The whole set-up in one call, by the same rules as the six steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from flask import has_app_context

from app.crypto import Secret
from app.errors import InvalidFields
from app.extensions import db
from app.models import Account, AccountStatus, ApiKey, ApiKeyAccount, Message, MessageStatus, utcnow
from app.queries.access import SYSTEM, Actor, actor_of_api_key
from app.services import accounts
from app.services.account_values import apply_values
from app.services.numbers import sync_numbers
from app.services.setup_checks import MetaUnavailable
from app.services.webhook_connection import WebhookRefused
from tests.support.sandbox import RunningSandbox

pytestmark = pytest.mark.one_database


def values_of(meta: dict[str, str], **changes: Any) -> dict[str, Any]:
    return {**meta, "webhook_verify_token": "verify-me-please", **changes}


def set_up(meta: dict[str, str], actor: Actor = SYSTEM, **changes: Any) -> Account:
    return accounts.set_up_account(values=values_of(meta, **changes), actor=actor)


def problems_of(meta: dict[str, str], **changes: Any) -> dict[str, str]:
    """By field; and nothing may be left behind."""
    with pytest.raises(InvalidFields) as caught:
        set_up(meta, **changes)
    db.session.rollback()
    assert db.session.query(Account).count() == 0
    return {problem.field: problem.message for problem in caught.value.problems}


def test_one_call_makes_a_live_account(make: Any, meta: dict[str, str]) -> None:
    account = set_up(meta, business_name="Harbour Lane", auto_reply_enabled=True, greeting_message="Hello")
    assert account.status is AccountStatus.LIVE
    assert account.setup_step == 6
    assert account.is_sandbox
    assert account.handshake_seen_at is not None
    assert account.auto_reply_enabled
    number = account.first_number
    assert number is not None
    assert (number.meta_id, number.status) == (meta["phone_number_id"], "CONNECTED")


def test_every_wrong_field_is_named_at_once(make: Any, meta: dict[str, str]) -> None:
    problems = problems_of(
        meta, name="", waba_id="abc", business_email="no address", business_websites=["ftp://x"]
    )
    assert set(problems) == {"name", "waba_id", "business_email", "business_websites"}


def test_unknown_fields_are_refused(make: Any, meta: dict[str, str]) -> None:
    assert set(problems_of(meta, status="live", is_sandbox=False)) == {"status", "is_sandbox"}


@pytest.mark.parametrize("value", [["a"], {"a": 1}, True, 1.5, "a\x00b", "\ud800"])
def test_values_of_the_wrong_kind_are_refused(make: Any, meta: dict[str, str], value: Any) -> None:
    assert set(problems_of(meta, business_name=value)) == {"business_name"}


def test_a_wrong_token_leaves_nothing_behind(make: Any, meta: dict[str, str]) -> None:
    assert set(problems_of(meta, access_token="EAAwrongwrongwrongwrong")) == {"access_token"}


def test_the_number_of_another_account_is_named_by_its_field(
    make: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    other = sandbox.new_account()
    assert "phone_number_id" in problems_of(meta, phone_number_id=other["phone_number_id"])


def test_a_callback_meta_cannot_reach_leaves_nothing_behind(
    make: Any, meta: dict[str, str], open_door: Any
) -> None:
    open_door.app = None
    with pytest.raises(WebhookRefused):
        set_up(meta)
    db.session.rollback()
    assert db.session.query(Account).count() == 0


def test_an_unreachable_meta_leaves_nothing_behind_and_the_call_may_be_repeated(
    make: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    with pytest.raises(MetaUnavailable):
        set_up(meta)
    sandbox.control("DELETE", "faults")
    assert set_up(meta).status is AccountStatus.LIVE


def test_the_same_account_twice_is_refused(make: Any, meta: dict[str, str]) -> None:
    set_up(meta)
    with pytest.raises(InvalidFields) as caught:
        set_up(meta)
    assert {problem.field for problem in caught.value.problems} == {"waba_id", "phone_number_id"}


def test_no_transaction_is_open_while_meta_is_asked(
    make: Any, meta: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open one would hold SQLite's only write lock for as long as Meta takes."""
    open_during: list[str] = []
    send = requests.Session.request

    def noting(session: requests.Session, method: str, url: str, **options: Any) -> requests.Response:
        # The sandbox posts by a thread of its own, which has no session.
        if has_app_context() and "/webhooks/" not in url and db.session().in_transaction():
            open_during.append(f"{method} {url}")
        return send(session, method, url, **options)

    monkeypatch.setattr(requests.Session, "request", noting)
    account = set_up(meta, business_description="Bread since 1911.")
    for step, values in ((1, meta), (2, meta), (3, meta), (4, {"business_about": "Bread."})):
        account = accounts.save_step(account=account, step=step, values=values, actor=SYSTEM)
    sync_numbers(account=account, actor=SYSTEM)
    accounts.archive_account(account=account, actor=SYSTEM)
    assert open_during == []


def test_a_managers_key_gets_access_to_what_it_connects(make: Any, meta: dict[str, str]) -> None:
    make.api_key(role="manager")
    key = db.session.query(ApiKey).one()
    account = set_up(meta, actor=actor_of_api_key(key))
    linked = db.session.query(ApiKeyAccount.account_id).filter_by(api_key_id=key.id).scalar()
    assert linked == account.id


def test_archiving_keeps_messages_and_drops_secrets(make: Any, meta: dict[str, str]) -> None:
    account = set_up(meta)
    account_id = account.id
    message_id = make.message(make.conversation(account)).id
    accounts.archive_account(account=account, actor=SYSTEM)
    account = db.session.get(Account, account_id)
    assert account is not None
    assert account.status is AccountStatus.ARCHIVED
    assert (account.access_token, account.app_secret, account.webhook_verify_token) == (None, None, None)
    message = db.session.get(Message, message_id)
    assert message is not None
    assert message.status is MessageStatus.FAILED


def test_an_archived_account_comes_back_with_its_conversations(make: Any, meta: dict[str, str]) -> None:
    account = set_up(meta)
    account_id = account.id
    conversation = make.conversation(account)
    accounts.archive_account(account=account, actor=SYSTEM)
    again = set_up(meta, name="Back again")
    assert again.id == account_id
    assert again.name == "Back again"
    assert again.status is AccountStatus.LIVE
    assert conversation.account_id == again.id


def test_an_archived_account_that_fails_to_come_back_stays_archived(
    make: Any, meta: dict[str, str], open_door: Any
) -> None:
    account = set_up(meta)
    accounts.archive_account(account=account, actor=SYSTEM)
    open_door.app = None
    with pytest.raises(WebhookRefused):
        set_up(meta)
    db.session.rollback()
    assert [row.status for row in db.session.query(Account)] == [AccountStatus.ARCHIVED]


def test_a_new_secret_leaves_the_old_one_valid_for_events_on_their_way(make: Any) -> None:
    account = make.account()
    old = account.app_secret
    changed = apply_values(account, {"app_secret": Secret("f" * 32)})
    assert changed == ["app_secret"]
    assert account.previous_app_secret == old


def test_secrets_of_a_forgotten_draft_go_after_a_day(make: Any) -> None:
    fresh = make.account(status=AccountStatus.SETUP, setup_step=3)
    old = make.account(status=AccountStatus.SETUP, setup_step=3, updated_at=_days_ago(2))
    live = make.account(updated_at=_days_ago(2))
    assert accounts.forget_draft_secrets() == 1
    db.session.expire_all()
    assert old.access_token is None
    assert accounts.first_open_step(old) == 1
    assert accounts.first_open_step(fresh) == 4
    assert live.access_token is not None


def _days_ago(days: int) -> datetime:
    return utcnow() - timedelta(days=days)
