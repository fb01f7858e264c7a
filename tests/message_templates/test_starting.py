"""Where a new one begins: ours, and Meta's library."""

from __future__ import annotations

from typing import Any

import pytest

from app.extensions import db
from app.models import MessageTemplate
from app.models import MessageTemplateStatus as State
from app.queries import message_templates as queries


def rows(account: Any) -> list[MessageTemplate]:
    db.session.expire_all()
    return queries.list_of_account(account.id)


def start(page: Any, account: Any, status: int = 303, **values: Any) -> Any:
    data = {"account": account.id, "with": "claim_received", "name": "our_claim", "language": ["en", "es"]}
    return page.post("message_templates.use_starting", data={**data, **values}, status=status)


def test_every_one_of_ours_is_offered_and_shown_in_its_languages(page: Any, account: Any) -> None:
    links = page.get("message_templates.start").soup.select(".wc-start[href*='with=']")
    assert len(links) == 12
    shown = page.open(links[0]["href"], status=200)
    assert len(shown.texts(".wc-phone .wc-bub-t")) == 3
    assert "{{" not in shown.texts(".wc-phone .wc-bub-t")[0]


def test_using_one_makes_a_draft_in_each_language_and_opens_the_editor(page: Any, account: Any) -> None:
    answer = start(page, account)
    made = rows(account)
    assert {(row.name, row.language, row.status) for row in made} == {
        ("our_claim", "en", State.DRAFT),
        ("our_claim", "es", State.DRAFT),
    }
    english = next(row for row in made if row.language == "en")
    assert answer.response.headers["Location"] == page.url(
        "message_templates.edit", message_template_id=english.id
    )
    page.get("message_templates.edit", message_template_id=english.id)


@pytest.mark.parametrize(
    "values", [{"name": "Bad Name"}, {"name": ""}, {"language": []}, {"language": ["xx"]}]
)
def test_what_does_not_do_is_said_and_nothing_is_made(
    page: Any, account: Any, values: dict[str, Any]
) -> None:
    assert start(page, account, 422, **values).soup.select("[role=alert]")
    assert rows(account) == []


def test_a_name_that_is_taken_in_one_language_makes_none(page: Any, make: Any, account: Any) -> None:
    make.message_template(account, name="our_claim", language="es")
    assert "es" in start(page, account, 422).texts("[role=alert]")[0]
    assert len(rows(account)) == 1


def test_there_is_nothing_to_begin_with_under_another_key(page: Any, account: Any) -> None:
    start(page, account, 404, **{"with": "../secret"})


# --- Meta's library ----------------------------------------------------------------------------------------


@pytest.fixture
def at_meta(sandbox: Any, make: Any, sign_in: Any) -> Any:
    account = make.sandbox_account(sandbox.new_account())
    sign_in("manager", [account])
    return account


def search(page: Any, account: Any, status: int = 200, **values: str) -> Any:
    return page.post(
        "message_templates.search", data={"account": account.id, **values}, htmx=True, status=status
    )


@pytest.mark.parametrize(
    "filters,count",
    [
        ({}, 10),
        ({"topic": "PAYMENTS"}, 3),
        ({"industry": "E_COMMERCE", "use_case": "ORDER_DELAY"}, 1),
        ({"search": "refund"}, 0),
        ({"language": "de"}, 0),
    ],
)
def test_the_library_is_searched_at_meta(
    page: Any, at_meta: Any, filters: dict[str, str], count: int
) -> None:
    assert len(search(page, at_meta, **filters).texts("#library .wc-start b")) == count


def use(page: Any, account: Any, status: int, **values: str) -> Any:
    data = {"account": account.id, "library_name": "shipment_confirmation_1", "language": "en_US", **values}
    return page.post("message_templates.use", data=data, status=status)


def test_an_item_asks_for_the_address_and_the_number_of_its_buttons(page: Any, at_meta: Any) -> None:
    shown = use(page, at_meta, 200)
    assert [one["name"] for one in shown.soup.select("main input.form-control")] == [
        "name",
        "button-0",
        "button-1",
    ]
    wrong = use(page, at_meta, 422, step="create", **{"button-0": "javascript:x", "button-1": "0800"})
    assert len(wrong.soup.select(".wc-err")) == 2
    assert rows(at_meta) == []


def test_using_an_item_makes_it_at_meta_with_metas_text(page: Any, at_meta: Any) -> None:
    given = {"button-0": "https://shop.example.com/track/{{1}}", "button-1": "+44 20 7946 0101"}
    use(page, at_meta, 303, step="create", name="on_its_way", **given)
    (row,) = rows(at_meta)
    assert row.meta_id
    assert (row.name, row.language, row.category) == ("on_its_way", "en_US", "UTILITY")
    assert "handed to the carrier" in row.body_text
    urls = [button.get("url") for part in row.components for button in part.get("buttons", [])]
    assert "https://shop.example.com/track/{{1}}" in urls


def test_what_meta_refuses_leaves_nothing_behind(page: Any, at_meta: Any, sandbox: Any) -> None:
    match = {"path": "/message_templates", "method": "POST"}
    sandbox.control("POST", "faults", {"kind": "error", "code": 100, "match": match})
    given = {"button-0": "https://shop.example.com/", "button-1": "+442079460101"}
    use(page, at_meta, 422, step="create", **given)
    assert rows(at_meta) == []


def test_without_meta_the_page_says_so(page: Any, make: Any, account: Any) -> None:
    assert search(page, account, 422).soup.select("[role=alert]")
    page.get("message_templates.library")
