"""Phone numbers as people read them."""

from __future__ import annotations

import pytest

from app.models import Contact, PhoneNumber
from app.models.phone_spelling import spell_phone


@pytest.mark.parametrize(
    "number,shown",
    [
        ("+447700900118", "+44 7700 900118"),
        ("+12025550147", "+1 202-555-0147"),
        ("+44 20 7946 0112", "+44 20 7946 0112"),
        ("+1", "+1"),
        ("+999999999999999", "+999999999999999"),
        ("", ""),
        ("Grace", "Grace"),
    ],
)
def test_a_number_is_grouped_as_its_country_writes_it_and_anything_else_stays(
    number: str, shown: str
) -> None:
    assert spell_phone(number) == shown


def test_a_customer_without_a_name_is_called_by_the_spelled_number() -> None:
    assert Contact(wa_id="447700900118", profile_name="").display_name == "+44 7700 900118"


def test_a_number_without_a_chosen_spelling_is_grouped() -> None:
    assert PhoneNumber(phone_number="+442079460112", display_number="").shown_number == "+44 20 7946 0112"
