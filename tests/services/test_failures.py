"""Why a message failed, whose side it is on, and which deed helps."""

from __future__ import annotations

import pytest

from app.models import Message
from app.services.failures import (
    Retry,
    Side,
    explain_code,
    explain_failure,
    failure_fields,
    list_known_codes,
)
from app.services.remedies import Remedy, remedies_for

AGAIN, TEMPLATE = Remedy.SEND_AGAIN, Remedy.USE_MESSAGE_TEMPLATE


@pytest.mark.parametrize(
    "code, remedies",
    [
        (131047, (TEMPLATE,)),
        (131000, (AGAIN,)),
        (190, (Remedy.RENEW_TOKEN, AGAIN)),
        (10, (Remedy.RENEW_TOKEN, AGAIN)),
        (131042, (Remedy.OPEN_HEALTH, AGAIN)),
        (133010, (Remedy.OPEN_ACCOUNT, AGAIN)),
        (132015, (Remedy.OPEN_MESSAGE_TEMPLATES, AGAIN, TEMPLATE)),
        (132016, (Remedy.OPEN_MESSAGE_TEMPLATES, TEMPLATE)),
        (132068, (Remedy.OPEN_FLOWS, AGAIN)),
        (131050, ()),
        (131021, ()),
        (7654321, (AGAIN,)),
        (None, (AGAIN,)),
    ],
)
def test_each_failure_has_the_deeds_that_help(code: int | None, remedies: tuple[Remedy, ...]) -> None:
    assert remedies_for(explain_code(code), is_window_open=True) == remedies


def test_with_a_closed_window_a_message_template_takes_the_place_of_the_same_again() -> None:
    assert remedies_for(explain_code(131000), is_window_open=False) == (TEMPLATE,)
    assert remedies_for(explain_code(131050), is_window_open=False) == ()


def test_programs_are_told_the_side_and_whether_to_come_again() -> None:
    told = failure_fields(explain_failure(Message(error_code=131050, error_details="", error_title="")))
    assert told is not None
    assert (told["code"], told["whose_side"], told["can_retry"]) == (131050, "customer", False)
    assert failure_fields(explain_failure(Message(error_code=None, error_title=""))) is None


def test_codes_are_found_by_number_by_our_words_and_by_metas() -> None:
    assert [known.code for known in list_known_codes("131026")] == [131026]
    assert [known.code for known in list_known_codes("re-engagement")] == [131047]
    assert 132016 in {known.code for known in list_known_codes("TEMPLATE disabled good")}
    assert list_known_codes("no such words anywhere") == []
    customers = list_known_codes(side=Side.CUSTOMER)
    assert customers
    assert {known.failure.side for known in customers} == {Side.CUSTOMER}
    assert len(list_known_codes()) > len(customers)


def test_the_list_tells_subcodes_of_a_token_from_codes() -> None:
    (known,) = list_known_codes("463")
    assert known.is_subcode
    assert known.failure.retry is Retry.AFTER_CHANGE
