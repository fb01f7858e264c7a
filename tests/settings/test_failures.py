"""The list of all codes: to look up what a failure means."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize("role", ["viewer", "agent", "owner"])
def test_everybody_can_look_a_code_up(page: Any, sign_in: Any, role: str) -> None:
    sign_in(role)
    found = page.get("settings.failures", q="131026")
    (row,) = found.texts("tbody tr")
    for part in ("131026", "Message undeliverable", "The message cannot be delivered", "The customer's"):
        assert part in row


def test_all_codes_stand_there_with_what_has_no_code(page: Any, sign_in: Any) -> None:
    sign_in("viewer")
    shown = page.get("settings.failures")
    assert len(shown.soup.select("tbody tr")) > 150
    assert "Meta has not confirmed this message" in shown.text()
    assert "the customer may get it twice" in shown.text()


def test_codes_are_narrowed_to_a_side_and_nonsense_counts_as_nothing(page: Any, sign_in: Any) -> None:
    sign_in("viewer")
    shown = page.get("settings.failures", side="customer")
    assert set(shown.texts("tbody td:nth-child(3)")) == {"The customer's"}
    assert len(page.get("settings.failures", side="nonsense").soup.select("tbody tr")) > 150
    assert "No code has these words" in page.get("settings.failures", q="xyzzy").text()


def test_what_is_searched_for_never_becomes_markup(page: Any, sign_in: Any) -> None:
    sign_in("viewer")
    assert "<script>alert" not in page.get("settings.failures", q="<script>alert(1)</script>").html
