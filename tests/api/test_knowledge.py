"""The knowledge base over the JSON API."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from app.models import Account
from app.services.knowledge import imports
from tests.support.pdf import pdf

ARTICLE = {
    "title": "Opening hours",
    "short_answer": "From 8 to 18.",
    "language": "en",
    "questions": ["When are you open?"],
    "tags": ["hours"],
}


@pytest.fixture
def account(make: Any) -> Account:
    made: Account = make.account()
    return made


def test_an_article_is_written_found_changed_and_deleted(program: Any, account: Account) -> None:
    caller = program()
    made = caller.call(
        "POST", "knowledge/articles/", status=201, json={"waba_account_id": account.id, **ARTICLE}
    )
    assert made["source"] == "hand"
    asked = {"waba_account_id": account.id, "question": "when are you open?"}
    found = caller.call("POST", "knowledge/search/", status=200, json=asked)["results"]
    assert [(hit["article_id"], hit["short_answer"]) for hit in found] == [(made["id"], "From 8 to 18.")]
    assert 0.6 <= found[0]["score"] <= 1
    path = f"knowledge/articles/{made['id']}/"
    changed = caller.call(
        "PUT", path, status=200, json={**ARTICLE, "short_answer": "From 9.", "is_on": False}
    )
    assert (changed["short_answer"], changed["is_on"]) == ("From 9.", False)
    assert caller.call("POST", "knowledge/search/", status=200, json=asked)["results"] == []
    caller.call("DELETE", path, status=204)
    caller.refused("GET", path, 404)


@pytest.mark.parametrize(
    "query, found",
    [
        ({}, 3),
        ({"tag": "año"}, 1),
        ({"tag": 'a"]'}, 0),
        ({"state": "off"}, 1),
        ({"state": "on"}, 2),
        ({"language": "es"}, 1),
        ({"source": "import"}, 0),
        ({"search": "OPENING"}, 2),
        ({"search": "100%"}, 0),
    ],
)
def test_the_list_is_narrowed(
    program: Any, make: Any, account: Account, query: dict[str, str], found: int
) -> None:
    make.article(account)
    make.article(account, title="Horario", language="es", tags=["año", "hora"], short_answer="De 8 a 18.")
    make.article(account, is_on=False)
    assert len(program().get("knowledge/articles/", **query)["results"]) == found


def test_every_wrong_field_is_named(program: Any, account: Account) -> None:
    wrong = {**ARTICLE, "waba_account_id": account.id, "title": " ", "link": "ftp://x", "tags": ["x"] * 30}
    wrong["tags"] = [f"tag {number}" for number in range(30)]
    fields = program().refused_fields("POST", "knowledge/articles/", json=wrong)
    assert set(fields) == {"title", "link", "tags"}


def test_a_file_is_imported_as_text_and_as_bytes(program: Any, account: Account) -> None:
    caller = program()
    text = {"waba_account_id": account.id, "file_name": "help.md", "text": "# Hours\nFrom 8 to 18."}
    content = base64.b64encode(pdf([["Parking", "Behind the house."]])).decode()
    data = {"waba_account_id": account.id, "file_name": "help.pdf", "content_base64": content}
    made = [caller.call("POST", "knowledge/imports/", status=202, json=body)["id"] for body in (text, data)]
    while imports.work_off("worker"):
        continue
    for id_, title in zip(made, ("Hours", "Parking"), strict=True):
        row = caller.get(f"knowledge/imports/{id_}/")
        assert (row["state"], row["total"], row["created"]) == ("done", 1, 1)
        assert [(item["title"], item["state"]) for item in row["items"]] == [(title, "created")]
    assert [row["id"] for row in caller.get("knowledge/imports/")["results"]] == made[::-1]


@pytest.mark.parametrize(
    "body, field",
    [
        ({"file_name": "a.md"}, "text"),
        ({"file_name": "a.md", "text": "x", "content_base64": "eA=="}, "text"),
        ({"file_name": "a.md", "content_base64": "not base64!"}, "content_base64"),
        ({"file_name": "a.exe", "text": "x"}, "file_name"),
        ({"file_name": "a.md", "text": ""}, "text"),
        ({"file_name": "a.md", "text": "x", "language": "xx"}, "language"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused(
    program: Any, account: Account, body: dict[str, str], field: str
) -> None:
    caller = program()
    fields = caller.refused_fields("POST", "knowledge/imports/", json={"waba_account_id": account.id, **body})
    assert set(fields) == {field}


def test_a_file_may_be_larger_than_other_bodies(program: Any, account: Account) -> None:
    text = "# Hours\n" + "From 8 to 18. " * 150_000
    body = {"waba_account_id": account.id, "file_name": "big.md", "text": text}
    assert program().call("POST", "knowledge/imports/", status=202, json=body)["size_bytes"] == len(text)
