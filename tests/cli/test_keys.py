"""`keys rotate`."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from cryptography.fernet import Fernet

from app.crypto import Secret, current_cipher
from app.extensions import db
from tests.cli.conftest import Run
from tests.conftest import TEST_KEY
from tests.support.factories import APP_SECRET, Factory


@pytest.fixture(autouse=True)
def _restore_cipher() -> Iterator[None]:
    yield
    current_cipher.configure((TEST_KEY,))


def test_secrets_move_to_the_first_key(run: Run, make: Factory) -> None:
    account = make.account()
    new = Fernet.generate_key()
    current_cipher.configure((new, TEST_KEY))
    result = run("keys", "rotate")
    assert result.exit_code == 0, result.output
    assert "3 secrets now have the first key." in result.output
    current_cipher.configure((new,))
    db.session.expire_all()
    assert account.app_secret == Secret(APP_SECRET)


def test_what_no_key_opens_is_listed_and_fails_the_command(run: Run, make: Factory) -> None:
    account = make.account()
    current_cipher.configure((Fernet.generate_key(),))
    result = run("keys", "rotate")
    assert result.exit_code == 1
    assert (
        f"whatsapp_business_accounts.app_secret: no key opens the rows with the ids {account.id}"
        in result.output
    )
