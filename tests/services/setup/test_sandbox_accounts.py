"""Filling the steps from the sandbox: a press on the button never ends in an error page."""

from __future__ import annotations

import pytest
from flask import Flask

from app.errors import Unavailable
from app.extensions import db
from app.models import PhoneNumber
from app.queries.access import SYSTEM
from app.services import sandbox_accounts
from tests.support.factories import Factory


def test_values_that_came_into_use_meanwhile_are_a_refusal(app: Flask, make: Factory) -> None:
    draft = sandbox_accounts.start_with_sandbox_values(actor=SYSTEM)
    values = sandbox_accounts.control("/_sandbox/accounts", {"waba_id": draft.meta_id})
    other = make.account(number=False)
    number, phone_number = values["phone_number_id"], values["phone_number"]
    other.phone_numbers = [PhoneNumber(meta_id=number, phone_number=phone_number, display_number="")]
    db.session.commit()
    with pytest.raises(Unavailable, match="in use here already"):
        sandbox_accounts.fill_step(account=draft, step=2)
    assert draft.phone_numbers == []
