"""What each wrong value is answered with: what happened, why, and where to correct it."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import AccountStatus
from tests.setup.walk import STEP_FIELDS, only_account, pick, save_step, walk_to
from tests.support.pages import Page
from tests.support.sandbox import RunningSandbox


@pytest.fixture(autouse=True)
def _owner(sign_in: Any, make: Any) -> None:
    sign_in("owner")


def error_of(answer: Page, name: str) -> str:
    """The sentence beside a field."""
    return " ".join(answer.texts(f"#{name}-err"))


def first_step(page: Any, meta: dict[str, str], **changes: str) -> Page:
    answer: Page = page.post(
        "setup.create", data=pick(meta, *STEP_FIELDS[1]) | changes, status=422, htmx=True
    )
    return answer


def test_an_app_id_in_the_place_of_the_account_id_is_recognised(page: Any, meta: dict[str, str]) -> None:
    answer = first_step(page, meta, waba_id=meta["app_id"])
    assert "This is your App ID, not the account ID." in error_of(answer, "waba_id")


def test_letters_in_an_id_are_refused(page: Any, meta: dict[str, str]) -> None:
    answer = first_step(page, meta, waba_id="Meridian Ltd")
    assert "characters other than digits" in error_of(answer, "waba_id")


def test_the_secret_of_another_app_is_found_out_at_once(
    page: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    answer = first_step(page, meta, app_secret=sandbox.new_account()["app_secret"])
    assert "App ID and App Secret do not belong together." in error_of(answer, "app_secret")
    assert "Meta's code 190" in error_of(answer, "app_secret")


def test_a_token_in_the_place_of_the_secret_is_recognised(page: Any, meta: dict[str, str]) -> None:
    answer = first_step(page, meta, app_secret=meta["access_token"])
    assert "This is an access token, not the App Secret." in error_of(answer, "app_secret")


def test_what_was_typed_right_is_kept_beside_what_was_wrong(page: Any, meta: dict[str, str]) -> None:
    answer = first_step(page, meta, waba_id="nonsense")
    assert f"Set, ends in …{meta['app_secret'][-4:]}" in answer.text()
    account = only_account()
    save_step(page, account.id, 1, pick(meta, *STEP_FIELDS[1]) | {"app_secret": ""})
    assert only_account().setup_step == 1


def test_an_account_that_is_connected_already_is_refused_with_its_name(
    page: Any, make: Any, meta: dict[str, str]
) -> None:
    make.account(name="The first one", meta_id=meta["waba_id"])
    answer = first_step(page, meta)
    assert "already connected as “The first one”" in error_of(answer, "waba_id")


def test_a_number_that_is_connected_already_is_refused(page: Any, make: Any, meta: dict[str, str]) -> None:
    other = make.account(name="The first one")
    account_id = walk_to(page, meta, 2)
    values = pick(meta, *STEP_FIELDS[2]) | {"phone_number_id": other.phone_numbers[0].meta_id}
    answer = save_step(page, account_id, 2, values, status=422)
    assert "already connected in another account as “The first one”" in error_of(answer, "phone_number_id")


def test_other_peoples_accounts_are_not_named(
    page: Any, sign_in: Any, make: Any, meta: dict[str, str]
) -> None:
    make.account(name="Somebody else's", meta_id=meta["waba_id"])
    sign_in("manager")
    answer = first_step(page, meta)
    assert "already connected of this console" in error_of(answer, "waba_id")
    assert "Somebody" not in answer.text()


def test_half_a_phone_number_is_refused(page: Any, meta: dict[str, str]) -> None:
    account_id = walk_to(page, meta, 2)
    values = pick(meta, *STEP_FIELDS[2]) | {"phone_number": "0112"}
    answer = save_step(page, account_id, 2, values, status=422)
    assert "not a whole phone number" in error_of(answer, "phone_number")


def third_step(page: Any, meta: dict[str, str], **changes: str) -> Page:
    """Steps 1 and 2 with `meta`, then a wrong third one."""
    account_id = walk_to(page, meta, 3)
    values = pick(meta, *STEP_FIELDS[3]) | changes
    return save_step(page, account_id, 3, values, status=422)


def test_a_token_meta_does_not_know(page: Any, meta: dict[str, str]) -> None:
    answer = third_step(page, meta, access_token="EAAwrongwrongwrongwrong")
    assert "Meta does not know this token." in error_of(answer, "access_token")
    assert only_account().setup_step == 2


def test_an_expired_token(page: Any, meta: dict[str, str], sandbox: RunningSandbox) -> None:
    old = sandbox.control("POST", "tokens", {"app_id": meta["app_id"], "expires_in_s": -60})
    answer = third_step(page, meta, access_token=old["access_token"])
    assert "This token has expired." in error_of(answer, "access_token")


def test_a_revoked_token(page: Any, meta: dict[str, str], sandbox: RunningSandbox) -> None:
    sandbox.control("POST", "tokens/revoke", {"access_token": meta["access_token"]})
    answer = third_step(page, meta)
    assert "This token was withdrawn." in error_of(answer, "access_token")


def test_a_token_of_another_app(page: Any, meta: dict[str, str], sandbox: RunningSandbox) -> None:
    other = sandbox.new_account()
    answer = third_step(page, meta, access_token=other["access_token"])
    assert "This token belongs to another app." in error_of(answer, "access_token")


@pytest.mark.parametrize(
    "missing, words",
    [
        ("whatsapp_business_messaging", "send and receive messages"),
        ("whatsapp_business_management", "read the account"),
    ],
)
def test_a_missing_permission_is_named(
    page: Any, meta: dict[str, str], sandbox: RunningSandbox, missing: str, words: str
) -> None:
    scopes = {"whatsapp_business_messaging", "whatsapp_business_management"} - {missing}
    token = sandbox.control(
        "POST",
        "tokens",
        {"app_id": meta["app_id"], "scopes": sorted(scopes), "target_ids": [meta["waba_id"]]},
    )
    answer = third_step(page, meta, access_token=token["access_token"])
    assert missing in error_of(answer, "access_token")
    assert words in error_of(answer, "access_token")


def test_a_phone_number_id_in_the_place_of_the_account_id_links_back_to_step_1(
    page: Any, meta: dict[str, str]
) -> None:
    mixed = meta | {"waba_id": meta["phone_number_id"], "phone_number_id": meta["waba_id"]}
    account_id = walk_to(page, mixed, 3)
    answer = save_step(page, account_id, 3, pick(mixed, *STEP_FIELDS[3]), status=422)
    assert "is the phone number" in answer.text()
    assert answer.soup.select_one(f'a[href="/setup/{account_id}/1#waba_id"]') is not None


def test_an_account_the_token_does_not_see_names_the_ones_it_does(page: Any, meta: dict[str, str]) -> None:
    answer = third_step(page, meta | {"waba_id": "999999999999999"})
    assert "Meta does not show us the account 999999999999999." in answer.text()
    assert f"This token was made for the account {meta['waba_id']}." in answer.text()


def test_the_number_of_another_account_links_back_to_step_2_and_lists_the_right_ones(
    page: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    other = sandbox.new_account()
    mixed = meta | pick(other, "phone_number_id", "phone_number", "display_number")
    answer = third_step(page, mixed)
    assert "This number is not in the account" in answer.text()
    assert meta["phone_number_id"] in answer.text()
    assert answer.soup.select_one('a[href$="/2#phone_number_id"]') is not None


def test_the_correction_in_the_earlier_step_is_enough(page: Any, meta: dict[str, str]) -> None:
    third_step(page, meta | {"waba_id": "999999999999999"})
    account = only_account()
    save_step(page, account.id, 1, pick(meta, *STEP_FIELDS[1]) | {"app_secret": ""})
    save_step(page, account.id, 2, pick(meta, *STEP_FIELDS[2]))
    save_step(page, account.id, 3, {"access_token": "", "webhook_verify_token": ""})
    assert only_account().setup_step == 3


def test_an_id_that_belongs_to_another_number_is_noticed(page: Any, meta: dict[str, str]) -> None:
    answer = third_step(page, meta | {"phone_number": "+44 20 7946 0999"})
    assert "The ID belongs to another number." in answer.text()
    assert answer.soup.select_one('a[href$="/2#phone_number"]') is not None


def test_when_meta_cannot_be_reached_nothing_is_lost(
    page: Any, meta: dict[str, str], sandbox: RunningSandbox
) -> None:
    account_id = walk_to(page, meta, 3)
    sandbox.control("POST", "faults", {"kind": "outage", "count": None})
    answer = save_step(page, account_id, 3, pick(meta, *STEP_FIELDS[3]), status=422)
    assert "Meta could not be reached. Nothing you entered is lost" in answer.text()
    assert f"ends in …{meta['access_token'][-4:]}" in answer.text()
    sandbox.control("DELETE", "faults")
    save_step(page, account_id, 3, {"access_token": "", "webhook_verify_token": ""})
    assert only_account().setup_step == 3


def test_a_website_without_https_is_refused(page: Any, meta: dict[str, str]) -> None:
    account_id = walk_to(page, meta, 4)
    answer = save_step(page, account_id, 4, {"business_websites": "example.com"}, status=422)
    assert "starts with https://" in error_of(answer, "business_websites")


def test_a_refused_callback_is_told_in_metas_words(page: Any, meta: dict[str, str], open_door: Any) -> None:
    account_id = walk_to(page, meta, 6)
    app, open_door.app = open_door.app, None
    page.post("setup.connect", account_id=account_id, status=303)
    open_door.app = app
    review = page.get("setup.step", account_id=account_id, number=6)
    assert "Meta did not connect the webhook." in review.text()
    assert only_account().status is AccountStatus.SETUP
