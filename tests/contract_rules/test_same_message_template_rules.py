"""Our rules of message templates and the sandbox's own take and refuse the same ones, for the same part.

The two share no code on purpose: where one is wrong, the other says so. `check_creation` is what the
sandbox's endpoint runs; on the wire it is tried in tests/sandbox.
"""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import given

from app.graph.message_template_rules import check
from app.sandbox.graph.errors import GraphError
from app.sandbox.graph.message_template_rules import check_creation
from tests.contract_rules import message_template_cases as cases
from tests.contract_rules.profile import same_cases

# What the sandbox's refusal says (its title for people, else its message) → the part of ours, with
# the components' kinds instead of their places: `HEADER.text`, `CAROUSEL.cards[0].BUTTONS.buttons`.
PARTS = (
    (r"^Message template name", r"^name$"),
    (r"^Language", r"^language$"),
    (r"parameter_format must|Param parameter_format", r"^parameter_format$"),
    (r"message_send_ttl_seconds", r"^message_send_ttl_seconds$"),
    (r"cta_url_link_tracking", r"^cta_url"),
    (r"library_template_name", r"^library_template_name$"),
    (r"Param category|parameter category", r"^category$"),
    (r"parameter (name|language) ", r"^(name|language)$"),
    (r"parameter components is", r"^components(\[\d+\])?$"),
    (r"Param components\['type'\]", r"\.type$"),
    (r"Component given twice|Body is missing", r"^components$"),
    (r"is only for marketing", r"^[A-Z_]+$|HEADER.format"),
    (r"Component is not allowed", r"^[A-Z_]+$"),
    (r"Param components\['format'\]", r"HEADER\.format$"),
    (r"^Header is not allowed", r"HEADER(\.format)?$"),
    (r"^Header", r"HEADER\.text$"),
    (r"^Body|^Variables|^Too many variables", r"BODY\.text$"),
    (r"add_security_recommendation", r"BODY\.add_security_recommendation$"),
    (r"^Footer is not allowed", r"FOOTER$"),
    (r"^Footer", r"FOOTER\.text$"),
    (r"^Expiration", r"FOOTER\.code_expiration_minutes$"),
    (r"^Sample is missing", r"(HEADER|BODY)\.example$"),
    (r"^header_handle", r"HEADER\.example$"),
    (r"^Product header", r"HEADER\.format$|BUTTONS\.buttons$"),
    (r"parameter buttons is|Number of buttons", r"BUTTONS\.buttons(\[\d+\])?$"),
    (r"Too many buttons|Order of buttons", r"BUTTONS\.buttons$"),
    (r"^OTP button is missing", r"^components$|BUTTONS\.buttons(\[\d+\]\.type)?$"),
    (r"^Button is not allowed|Param buttons\['type'\]", r"BUTTONS\.buttons\[\d+\]\.type$"),
    (r"^Button text|\['text'\]", r"buttons\[\d+\]\.(text|autofill_text)$"),
    (r"\['autofill_text'\]", r"\.autofill_text$"),
    (r"^URL sample", r"buttons\[\d+\]\.example$"),
    (r"^URL", r"buttons\[\d+\]\.url$"),
    (r"\['phone_number'\]", r"\.phone_number$"),
    (r"^Code", r"buttons\[\d+\]\.example$"),
    (r"^Flow is missing", r"buttons\[\d+\]$"),
    (r"Param (flow_action|icon)", r"\.(flow_action|icon)$"),
    (r"app_deep_link", r"\.app_deep_link$"),
    (r"Param otp_type", r"\.otp_type$"),
    (r"belongs into supported_apps", r"\.(package_name|signature_hash)$"),
    (r"^Apps", r"\.supported_apps$"),
    (r"^Package name", r"\.supported_apps\[\d+\](\.package_name)?$"),
    (r"^Signature hash", r"\.supported_apps\[\d+\](\.signature_hash)?$"),
    (r"^Terms", r"\.zero_tap_terms_accepted$"),
    (r"parameter limited_time_offer", r"\.limited_time_offer$"),
    (r"^Offer text", r"\.limited_time_offer\.text$"),
    (r"^has_expiration", r"\.has_expiration$"),
    (r"^Offer lacks|^Buttons of the offer", r"^LIMITED_TIME_OFFER$"),
    (r"^Number of cards|^Cards differ", r"^CAROUSEL\.cards$"),
    (r"cards\['components'\]", r"CAROUSEL\.cards\[\d+\](\.components(\[\d+\])?)?$"),
    (r"^Card components", r"CAROUSEL\.cards\[\d+\]\.components$|CAROUSEL\.cards\[\d+\]$"),
    (r"^Card header|^Card lacks", r"CAROUSEL\.cards\[\d+\]$"),
    (r"^Card buttons", r"CAROUSEL\.cards\[\d+\]\.BUTTONS\.buttons(\[\d+\]\.type)?$"),
)  # fmt: skip


def ours(body: dict[str, Any]) -> list[str]:
    """The parts that our rules refuse; a warning refuses nothing."""
    return [_labelled(one.field, body) for one in check(body) if one.severity == "error"]


def _labelled(field: str, body: Any) -> str:
    """`components[1].text` as `BODY.text`."""
    found = re.match(r"components\[(\d+)\]", field)
    if found is None:
        return field
    part = body["components"][int(found[1])]
    kind = str(part.get("type") or "").upper() if isinstance(part, dict) else ""
    rest = field[found.end() :]
    inner = re.match(r"\.cards\[(\d+)\]\.(?=components\[)", rest)
    if inner is not None:
        rest = inner[0] + _labelled(rest[inner.end() :], part["cards"][int(inner[1])])
    return f"{kind}{rest}" if kind.strip() and rest != ".type" else field


def sandboxes(body: dict[str, Any]) -> GraphError | None:
    """How the sandbox refuses it; None if it takes it."""
    try:
        check_creation(copy.deepcopy(body))
    except GraphError as error:
        return error
    return None


def words_of(error: GraphError) -> str:
    if error.user_title:
        return error.user_title
    details = (error.error_data or {}).get("details")
    return str(details or error.message)


def parts_of(error: GraphError) -> str:
    words = words_of(error)
    return next(part for said, part in PARTS if re.search(said, words))


def assert_same(body: dict[str, Any]) -> None:
    mine, theirs = ours(body), sandboxes(body)
    if theirs is None:
        assert mine == [], f"the sandbox takes it: {body}"
        return
    said = f"{words_of(theirs)} ({theirs.user_message}): {body}"
    assert mine, f"only the sandbox refuses it: {said}"
    part = parts_of(theirs)
    assert any(re.search(part, field) for field in mine), f"{mine}, not {part}: {said}"


@pytest.mark.parametrize("kind", cases.KINDS)
def test_what_meta_takes_both_take(kind: str) -> None:
    @same_cases
    @given(cases.KINDS[kind])
    def holds(body: dict[str, Any]) -> None:
        assert (ours(body), sandboxes(body)) == ([], None)

    holds()


@pytest.mark.parametrize("kind", cases.changed)
def test_what_one_refuses_the_other_refuses_for_the_same_part(kind: str) -> None:
    @same_cases
    @given(cases.changed[kind])
    def holds(body: dict[str, Any]) -> None:
        assert_same(body)

    holds()
