"""Ids in addresses: what no row can have leads nowhere, whatever the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from app.extensions import db
from app.web.routing import row_id
from tests.support.pages import PageClient

TOO_LARGE = 2**31


@pytest.mark.parametrize(
    "path", ["/accounts/{}", "/settings/people/{}", "/message-templates/{}/", "/setup/{}"]
)
@pytest.mark.parametrize("id_", [TOO_LARGE, 2**63 - 1, 2**63])
def test_an_id_that_no_row_can_have_never_reaches_the_database(
    sign_in: Callable[..., Any], page: PageClient, path: str, id_: int
) -> None:
    sign_in(role="owner")
    asked: list[Any] = []
    event.listen(db.engine, "before_cursor_execute", lambda *call: asked.append(call[3]))
    page.open(path.format(id_), status=404)
    assert str(id_) not in str(asked)


@pytest.mark.parametrize(
    "path", ["/console/?account={}", "/console/?number={}", "/message-templates/?account={}&after={}"]
)
def test_an_id_in_a_query_that_no_row_can_have_counts_as_nothing(
    sign_in: Callable[..., Any], page: PageClient, path: str
) -> None:
    sign_in(role="owner")
    page.open(path.format(2**63, 2**63), status=200)


@pytest.mark.parametrize("text", ["", "-1", "1_0", " 1", "٣", "²", "1" * 5000, str(TOO_LARGE)])
def test_what_cannot_be_an_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an id"):
        row_id(text)


def test_the_largest_id_is_taken() -> None:
    assert row_id(str(TOO_LARGE - 1)) == TOO_LARGE - 1
