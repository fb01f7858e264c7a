"""API keys: made once, found by prefix, refused the moment they should be."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import event, select

from app.crypto import hash_token
from app.errors import InvalidFields, NotFound
from app.extensions import db
from app.models import ApiKey, AuditEntry, Role, utcnow
from app.queries.access import SYSTEM, actor_of_api_key, actor_of_user
from app.services.api_keys import authenticate, create_api_key, revoke_api_key
from tests.support.factories import Factory


def test_only_the_hash_of_a_key_is_stored(make: Factory) -> None:
    api_key, text = create_api_key(name=" Policy system ", role=Role.OWNER)
    assert api_key.name == "Policy system"
    assert api_key.key_hash == hash_token(text.reveal())
    assert text.reveal() not in f"{api_key.prefix} {api_key.key_hash}"


def test_a_key_sees_the_accounts_it_is_tied_to(make: Factory) -> None:
    account, other = make.account(), make.account()
    _, text = create_api_key(name="k", role=Role.AGENT, account_ids=[account.id])
    api_key = authenticate(text.reveal())
    assert api_key is not None
    scope = actor_of_api_key(api_key).scope("messages.send")
    assert account.id in scope
    assert other.id not in scope


def test_an_owners_key_sees_every_account(make: Factory) -> None:
    account = make.account()
    api_key, _ = create_api_key(name="k", role=Role.OWNER, account_ids=[account.id])
    assert api_key.accounts == []
    assert account.id in actor_of_api_key(api_key).scope("accounts.view")


def test_problems_are_named(make: Factory) -> None:
    with pytest.raises(InvalidFields) as refused:
        create_api_key(
            name=" ", role=Role.AGENT, account_ids=[99], expires_at=utcnow() - timedelta(seconds=1)
        )
    assert {problem.field for problem in refused.value.problems} == {"name", "account_ids", "expires_at"}


def test_anything_but_the_whole_key_opens_nothing(make: Factory) -> None:
    key = make.api_key()
    spoilt = (
        key[:-1],
        key + "x",
        key.swapcase(),
        key.removeprefix("waba_"),
        "",
        "waba_",
        "waba_00000000_" + "A" * 43,
        key[:14] + "A" * 43,
        key + "é",
        "waba_" + "\x00" * 8 + "_x",
        "waba_" + "a" * 5000,
    )
    assert [authenticate(text) for text in spoilt] == [None] * len(spoilt)


def test_a_revoked_key_opens_nothing_at_once(make: Factory) -> None:
    api_key, text = create_api_key(name="k", role=Role.OWNER)
    assert authenticate(text.reveal()) is not None
    revoke_api_key(api_key_id=api_key.id, actor=SYSTEM)
    assert authenticate(text.reveal()) is None


def test_revoking_twice_is_one_entry_in_the_audit_log(make: Factory) -> None:
    api_key, text = create_api_key(name="k", role=Role.OWNER)
    for _ in range(2):
        revoke_api_key(api_key_id=api_key.id, actor=SYSTEM)
    entries = db.session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["api_key.created", "api_key.revoked"]
    assert text.reveal() not in str([entry.details for entry in entries])


def test_a_key_that_is_not_there_cannot_be_revoked(make: Factory) -> None:
    with pytest.raises(NotFound):
        revoke_api_key(api_key_id=99, actor=SYSTEM)


def test_a_key_runs_out(make: Factory) -> None:
    _, text = create_api_key(name="k", role=Role.OWNER, expires_at=utcnow() + timedelta(days=1))
    assert authenticate(text.reveal()) is not None
    with time_machine.travel(utcnow() + timedelta(days=1, seconds=1), tick=False):
        assert authenticate(text.reveal()) is None


def test_keys_of_somebody_switched_off_open_nothing(make: Factory) -> None:
    maker = make.user(role="owner")
    _, text = create_api_key(name="k", role=Role.OWNER, actor=actor_of_user(maker))
    maker.is_active = False
    db.session.commit()
    assert authenticate(text.reveal()) is None


def test_the_last_use_is_noted_at_most_once_a_minute(make: Factory) -> None:
    key = make.api_key()
    started = utcnow().replace(microsecond=0)
    updates: list[str] = []

    def note(_connection, _cursor, statement: str, *_rest: object) -> None:
        if statement.startswith("UPDATE"):
            updates.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        for seconds in (0, 1, 59, 60, 61):
            with time_machine.travel(started + timedelta(seconds=seconds), tick=False):
                assert authenticate(key) is not None
                db.session.rollback()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert len(updates) == 2
    assert db.session.scalars(select(ApiKey.last_used_at)).one() == started + timedelta(seconds=60)
