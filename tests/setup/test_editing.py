"""The same steps for an account in use: nothing changes before Meta has agreed."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import AccountStatus
from tests.setup.walk import STEP_FIELDS, only_account, pick, save_step, walk_to
from tests.support.sandbox import RunningSandbox


@pytest.fixture
def live_id(page: Any, sign_in: Any, make: Any, meta: dict[str, str]) -> int:
    """An account that went all the way."""
    sign_in("owner")
    account_id = walk_to(page, meta, 6)
    page.post("setup.connect", account_id=account_id, status=303)
    page.post("setup.finish", account_id=account_id, status=303)
    assert only_account().status is AccountStatus.LIVE
    return account_id


def test_a_wrong_token_does_not_replace_the_working_one(
    page: Any, live_id: int, meta: dict[str, str]
) -> None:
    values = {"access_token": "EAAwrongwrongwrongwrong", "webhook_verify_token": ""}
    answer = save_step(page, live_id, 3, values, status=422)
    assert "Meta does not know this token." in answer.text()
    account = only_account()
    assert account.access_token.reveal() == meta["access_token"]
    assert account.status is AccountStatus.LIVE


def test_a_good_new_token_ends_the_need_for_attention(
    page: Any, live_id: int, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    page.post("accounts.check", account_id=live_id, status=303)
    assert only_account().status is AccountStatus.NEEDS_ATTENTION
    new = sandbox.control("POST", "tokens", {"app_id": meta["app_id"], "target_ids": [meta["waba_id"]]})
    save_step(page, live_id, 3, {"access_token": new["access_token"], "webhook_verify_token": ""})
    account = only_account()
    assert account.status is AccountStatus.LIVE
    assert account.attention_reason == ""


def test_the_account_id_and_the_number_stay_as_they_are(
    page: Any, live_id: int, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    other = sandbox.new_account()
    values = pick(meta, *STEP_FIELDS[1]) | {"waba_id": other["waba_id"]}
    answer = save_step(page, live_id, 1, values, status=422)
    assert "This cannot change any more." in answer.text()
    assert only_account().meta_id == meta["waba_id"]


def test_the_verify_token_is_not_shown_any_more(page: Any, live_id: int) -> None:
    review = page.get("setup.step", account_id=live_id, number=6)
    assert only_account().webhook_verify_token.reveal() not in review.html
    assert "Finish" not in [button.text for button in review.soup.select("button")]


def test_bot_and_profile_can_be_changed_later(page: Any, live_id: int) -> None:
    values = {
        "auto_reply_enabled": "y",
        "greeting_message": "Hello",
        "knowledge_base": "hours\r\nNine to six",
    }
    answer = save_step(page, live_id, 5, values)
    assert answer.response.location.endswith(f"/accounts/{live_id}")
    account = only_account()
    assert account.auto_reply_enabled
    assert account.knowledge_base == "hours\nNine to six"
