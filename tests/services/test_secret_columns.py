"""Moving every saved secret to a new key: reliability D2."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text

from app.crypto import Secret, current_cipher
from app.extensions import db
from app.models import Account
from app.services import secret_columns
from app.services.secret_columns import count_unreadable_secrets, list_secret_columns, rotate_keys
from tests.conftest import TEST_KEY
from tests.support.factories import APP_SECRET, Factory

NEW_KEY = Fernet.generate_key()


@pytest.fixture(autouse=True)
def _restore_cipher() -> Iterator[None]:
    yield
    current_cipher.configure((TEST_KEY,))


def stored_token(account_id: int) -> str:
    statement = text("SELECT app_secret FROM whatsapp_business_accounts WHERE id = :id")
    token = db.session.execute(statement, {"id": account_id}).scalar_one()
    db.session.rollback()
    return str(token)


def test_every_column_of_the_encrypting_type_is_found() -> None:
    assert {column.name for column in list_secret_columns()} >= {
        "whatsapp_business_accounts.app_secret",
        "whatsapp_business_accounts.previous_app_secret",
        "whatsapp_business_accounts.access_token",
        "whatsapp_business_accounts.webhook_verify_token",
    }


def test_after_rotating_the_new_key_alone_opens_everything(make: Factory, monkeypatch) -> None:
    monkeypatch.setattr(secret_columns, "_BATCH", 2)
    ids = [make.account().id for _ in range(5)]
    current_cipher.configure((NEW_KEY, TEST_KEY))
    results = {result.column: result for result in rotate_keys()}
    assert results["whatsapp_business_accounts.app_secret"].rotated == 5
    assert results["whatsapp_business_accounts.previous_app_secret"].rotated == 0
    current_cipher.configure((NEW_KEY,))
    db.session.expire_all()
    secrets = [db.session.get_one(Account, id_).app_secret for id_ in ids]
    assert secrets == [Secret(APP_SECRET)] * 5
    assert sum(count_unreadable_secrets().values()) == 0


def test_a_secret_that_no_key_opens_is_reported_and_left_alone(make: Factory) -> None:
    lost, kept = make.account(), make.account()
    before = stored_token(lost.id)
    current_cipher.configure((NEW_KEY,))
    kept.app_secret = Secret("saved with the new key")
    db.session.commit()
    results = {result.column: result for result in rotate_keys()}
    found = results["whatsapp_business_accounts.app_secret"]
    assert (found.rotated, found.unreadable) == (1, (lost.id,))
    assert stored_token(lost.id) == before
    assert count_unreadable_secrets()["whatsapp_business_accounts.app_secret"] == 1


def test_a_secret_changed_meanwhile_is_not_overwritten(make: Factory, monkeypatch) -> None:
    """Between reading a batch and writing it, somebody enters a new secret."""
    account_id = make.account().id
    current_cipher.configure((NEW_KEY, TEST_KEY))
    replace = secret_columns._replace

    def change_first(column, row_id, old, fresh):
        if column.column.name == "app_secret":
            newer = current_cipher.get().encrypt(Secret("entered meanwhile"))
            statement = text("UPDATE whatsapp_business_accounts SET app_secret = :new WHERE id = :id")
            db.session.execute(statement, {"new": newer, "id": row_id})
        return replace(column, row_id, old, fresh)

    monkeypatch.setattr(secret_columns, "_replace", change_first)
    rotate_keys()
    db.session.expire_all()
    assert db.session.get_one(Account, account_id).app_secret == Secret("entered meanwhile")


def test_no_secret_is_stored_in_the_clear(make: Factory) -> None:
    assert "CANARY" not in stored_token(make.account().id)
