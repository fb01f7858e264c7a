"""The message templates to begin with: right by our rules, and approved by the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from app.models import MessageTemplateStatus as State
from app.queries.access import SYSTEM
from app.services import message_templates
from app.services.message_templates import check
from app.services.starting_message_templates import TRADES, find_starting, list_starting

LANGUAGES = ("en", "de", "es")


def test_there_are_four_for_each_trade_in_three_languages() -> None:
    starting = list_starting()
    assert [one.trade for one in starting] == [trade for trade in TRADES for _ in range(4)]
    assert {tuple(one.texts) for one in starting} == {LANGUAGES}
    assert find_starting("no_such_one") is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_none_of_them_has_anything_to_correct(language: str) -> None:
    found = {one.key: check(one.draft(language)) for one in list_starting()}
    assert {key: problems for key, problems in found.items() if problems} == {}


def test_their_languages_ask_for_the_same_values() -> None:
    for one in list_starting():
        assert len({tuple(sorted(text["samples"])) for text in one.texts.values()}) == 1
        assert len({len(text["buttons"]) for text in one.texts.values()}) == 1


def test_the_sandbox_approves_every_one_of_them(sandbox: Any, make: Any) -> None:
    account = make.sandbox_account(sandbox.new_account())
    drafts = [one.draft(language) for one in list_starting() for language in LANGUAGES]
    rows = [message_templates.create_draft(account=account, draft=draft, actor=SYSTEM) for draft in drafts]
    for row in rows:
        message_templates.submit(message_template=row, actor=SYSTEM)
        sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
    message_templates.sync(account=account, actor=SYSTEM)
    assert {(row.name, row.language) for row in rows if row.status is not State.APPROVED} == set()
    assert {row.category for row in rows if row.name == "claim_paid"} == {"UTILITY"}
