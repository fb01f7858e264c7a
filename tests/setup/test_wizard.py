"""The six steps as a person walks them: in order, with pauses, in two tabs, by another person."""

from __future__ import annotations

import time
from typing import Any

import pytest

from app.extensions import db
from app.models import Account, AccountStatus, AuditEntry, MessageTemplate
from app.services import event_work
from tests.setup.walk import (
    STEP_FIELDS,
    draft_at,
    only_account,
    pick,
    save_step,
    shown_values,
    verify_token,
    walk_to,
)

WAIT_S = 20


def test_a_newcomer_walks_all_six_steps_with_sandbox_values(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    page.post("setup.create_from_sandbox", status=303)
    account_id = only_account().id
    for number in range(1, 6):
        page.post("setup.use_sandbox_values", account_id=account_id, number=number, status=303)
        step = page.get("setup.step", account_id=account_id, number=number)
        page.post("setup.save", account_id=account_id, number=number, data=shown_values(step), status=303)
    page.post("setup.connect", account_id=account_id, status=303)
    page.post("setup.send_test_message", account_id=account_id, status=303)
    await_event()
    checks = page.get("setup.checks", account_id=account_id, htmx=True)
    assert checks.texts("[role=status]") == ["7 of 7 passed"]
    page.post("setup.finish", account_id=account_id, status=303)

    account = only_account()
    assert account.status is AccountStatus.LIVE
    assert account.setup_step == 6
    assert account.live_at is not None
    assert db.session.query(MessageTemplate).count() > 0
    actions = [entry.action for entry in db.session.query(AuditEntry)]
    assert "account.connected" in actions


def await_event() -> None:
    """Until the sandbox's webhook is in and worked off."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until and only_account().first_event_at is None:
        # As a worker does: with no transaction open.
        db.session.rollback()
        event_work.work_off()
        time.sleep(0.05)


def test_looking_at_the_first_page_leaves_nothing_behind(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("owner")
    page.get("setup.new")
    page.post("setup.create", status=422)
    assert db.session.query(Account).count() == 0


def test_a_typed_first_step_leads_to_the_second(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    answer = page.post("setup.create", data=pick(meta, *STEP_FIELDS[1]), status=303)
    account = only_account()
    assert answer.response.location.endswith(f"/setup/{account.id}/2")
    assert account.setup_step == 1
    assert account.meta_id == meta["waba_id"]


@pytest.mark.parametrize("number", [2, 3, 4, 5, 6])
def test_no_step_can_be_skipped(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str], number: int
) -> None:
    sign_in("owner")
    account = draft_at(make, 0)
    looked = page.get("setup.step", account_id=account.id, number=number, status=303)
    assert looked.response.location.endswith(f"/setup/{account.id}/1")
    if number < 6:
        page.post(
            "setup.save", account_id=account.id, number=number, data=pick(meta, *STEP_FIELDS[2]), status=303
        )
        shown = page.get("setup.step", account_id=account.id, number=1)
        assert "This step has to be put right first" in shown.text()
    assert only_account().setup_step == 0


@pytest.mark.parametrize("endpoint", ["finish", "connect", "check", "send_test_message"])
def test_the_last_step_cannot_be_taken_first(page: Any, sign_in: Any, make: Any, endpoint: str) -> None:
    sign_in("owner")
    account = draft_at(make, 3)
    answer = page.post(f"setup.{endpoint}", account_id=account.id, status=303)
    assert answer.response.location.endswith(f"/setup/{account.id}")
    assert only_account().status is AccountStatus.SETUP


def test_finishing_before_the_webhook_is_connected_says_what_is_open(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 6)
    page.post("setup.finish", account_id=account_id, status=303)
    review = page.get("setup.step", account_id=account_id, number=6)
    assert "App is not subscribed to the account" in review.text()
    assert only_account().status is AccountStatus.SETUP


def test_one_can_go_back_and_on_again(page: Any, sign_in: Any, make: Any, meta: dict[str, str]) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 4)
    first = page.get("setup.step", account_id=account_id, number=1)
    values = shown_values(first)
    assert values["waba_id"] == meta["waba_id"]
    assert values["app_secret"] == ""
    save_step(page, account_id, 1, values | {"name": "Renamed"})
    account = only_account()
    assert account.name == "Renamed"
    assert account.setup_step == 3
    assert account.app_secret.reveal() == meta["app_secret"]


def test_a_wrong_secret_entered_on_the_way_back_takes_the_account_back(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 4)
    values = pick(meta, *STEP_FIELDS[1]) | {"app_secret": "f" * 32}
    save_step(page, account_id, 1, values, status=422)
    page.get("setup.step", account_id=account_id, number=4, status=303)


def test_another_manager_of_the_account_takes_the_setup_up(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 3)
    sign_in("manager", accounts=[only_account()])
    answer = page.get("setup.resume", account_id=account_id, status=303)
    assert answer.response.location.endswith("/3")
    page.get("setup.step", account_id=account_id, number=3)


def test_a_manager_who_starts_an_account_becomes_its_manager(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("manager")
    account_id = walk_to(page, meta, 2)
    page.get("setup.step", account_id=account_id, number=2)


def test_a_foreign_draft_does_not_exist(page: Any, sign_in: Any, make: Any) -> None:
    account = draft_at(make, 2)
    sign_in("manager", accounts=[make.account()])
    page.get("setup.step", account_id=account.id, number=1, status=404)
    page.post("setup.save", account_id=account.id, number=1, data={"name": "Mine"}, status=404)
    page.post("setup.discard", account_id=account.id, status=404)


def test_agents_cannot_connect_accounts(page: Any, sign_in: Any, make: Any) -> None:
    sign_in("agent", accounts=[make.account()])
    page.get("setup.new", status=403)
    page.post("setup.create", data={"name": "Mine"}, status=403)


def test_no_page_shows_a_secret(page: Any, sign_in: Any, make: Any, meta: dict[str, str]) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 6)
    pages = [page.get("setup.step", account_id=account_id, number=number).html for number in range(1, 7)]
    assert all(meta["app_secret"] not in html and meta["access_token"] not in html for html in pages)
    assert f"ends in …{meta['app_secret'][-4:]}" in pages[0]
    assert verify_token() in pages[5]
    assert not any(verify_token() in html for html in pages[:5])


def test_the_verify_token_is_proposed_until_one_is_kept(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 3)
    proposals = {
        shown_values(page.get("setup.step", account_id=account_id, number=3))["webhook_verify_token"]
        for _ in range(2)
    }
    assert len(proposals) == 2
    assert all(len(proposal) >= 24 for proposal in proposals)


def test_extra_fields_change_nothing(page: Any, sign_in: Any, make: Any, meta: dict[str, str]) -> None:
    sign_in("owner")
    extra = {"status": "live", "setup_step": "6", "is_sandbox": "", "id": "99", "created_by_id": "7"}
    page.post("setup.create", data=pick(meta, *STEP_FIELDS[1]) | extra, status=303)
    account = only_account()
    assert account.status is AccountStatus.SETUP
    assert account.setup_step == 1
    assert account.id != 99


def test_a_draft_can_be_discarded_after_a_question(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 4)
    question = page.get("setup.discard", account_id=account_id)
    assert "Keep set-up" in question.text()
    page.post("setup.discard", account_id=account_id, status=303)
    assert db.session.query(Account).count() == 0


def test_the_check_list_asks_again_until_it_is_complete(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 6)
    checks = page.get("setup.checks", account_id=account_id, htmx=True)
    assert checks.soup.select_one("#setup-checks")["hx-trigger"] == "every 2s"
    assert checks.soup.select("button[disabled]")


def test_the_profile_is_read_from_meta_and_written_back(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 4)
    read = shown_values(page.post("setup.read_profile", account_id=account_id, status=200))
    assert read["business_description"]
    save_step(page, account_id, 4, read | {"business_description": "Bread since 1911."})
    again = shown_values(page.post("setup.read_profile", account_id=account_id, status=200))
    assert again["business_description"] == "Bread since 1911."


def test_an_empty_profile_form_wipes_nothing_at_meta(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    sign_in("owner")
    account_id = walk_to(page, meta, 4)
    before = shown_values(page.post("setup.read_profile", account_id=account_id, status=200))
    save_step(page, account_id, 4, {})
    after = shown_values(page.post("setup.read_profile", account_id=account_id, status=200))
    assert after["business_description"] == before["business_description"]
