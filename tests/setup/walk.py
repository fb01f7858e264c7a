"""Walking the wizard in tests."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.models import Account, AccountStatus
from tests.support.pages import Page

STEP_FIELDS = {
    1: ("name", "waba_id", "meta_business_account_id", "app_id", "app_secret"),
    2: ("phone_number_id", "phone_number", "display_number"),
    3: ("access_token", "webhook_verify_token"),
    4: ("business_name",),
    5: (),
}


def pick(meta: dict[str, str], *names: str) -> dict[str, str]:
    more = {"webhook_verify_token": "verify-me-please", "business_name": "Harbour Lane"}
    return {name: (more | meta)[name] for name in names}


def walk_to(page: Any, meta: dict[str, str], number: int) -> int:
    """Save the steps before `number` with an account of the sandbox; answers our account id."""
    page.post("setup.create", data=pick(meta, *STEP_FIELDS[1]), status=303)
    db.session.rollback()
    account_id = db.session.query(Account).filter_by(meta_id=meta["waba_id"]).one().id
    for step in range(2, number):
        save_step(page, account_id, step, pick(meta, *STEP_FIELDS[step]))
    return account_id


def save_step(page: Any, account_id: int, number: int, values: dict[str, str], status: int = 303) -> Page:
    answer: Page = page.post("setup.save", account_id=account_id, number=number, data=values, status=status)
    return answer


def draft_at(make: Any, setup_step: int) -> Account:
    """A draft with that many steps behind it."""
    account: Account = make.account(status=AccountStatus.SETUP, setup_step=setup_step)
    return account


def only_account() -> Account:
    db.session.rollback()
    return db.session.query(Account).one()


def verify_token() -> str:
    token = only_account().webhook_verify_token
    assert token is not None
    return token.reveal()


def shown_values(page: Page) -> dict[str, str]:
    """What the browser would send of the step's form."""
    sent: dict[str, str] = {}
    for element in page.soup.select("form.wc-card [name]:not([name=csrf_token])"):
        name = str(element["name"])
        if element.name == "select":
            chosen = element.select_one("option[selected]")
            sent[name] = str(chosen["value"]) if chosen else ""
        elif element.get("type") == "checkbox":
            sent.update({name: "y"} if element.has_attr("checked") else {})
        else:
            sent[name] = str(element.get("value", element.text.strip()))
    return sent
