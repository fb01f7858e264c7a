"""Every sample of the provider passes both sets of rules; every broken one fails both, for its reason."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from app.graph.message_template_rules import check, check_send
from app.graph.payloads import validate
from tests.contract_rules.test_same_message_template_rules import ours, parts_of, sandboxes
from tests.graph.conftest import samples

# Broken sample → (our code, our part, the sandbox's subcode). The part has kinds instead of places.
REASONS: dict[str, tuple[str, str, int | None]] = {
    "auth_with_body_text": ("not_allowed", r"^BODY\.text$", 2388072),
    "bad_category": ("not_allowed", r"^category$", None),
    "bad_language": ("not_allowed", r"^language$", 2388049),
    "body_missing": ("missing", r"^components$", 2388072),
    "body_too_long": ("too_long", r"^BODY\.text$", 2388040),
    "button_text_too_long": ("too_long", r"^BUTTONS\.buttons\[0\]\.text$", 2388040),
    "carousel_cards_differ": ("cards_differ", r"^CAROUSEL\.cards$", None),
    "carousel_one_card": ("too_few", r"^CAROUSEL\.cards$", None),
    "eleven_buttons": ("too_many", r"^BUTTONS\.buttons$", None),
    "footer_too_long": ("too_long", r"^FOOTER\.text$", 2388040),
    "footer_variable": ("not_allowed", r"^FOOTER\.text$", 2388073),
    "header_too_long": ("too_long", r"^HEADER\.text$", 2388040),
    "header_two_vars": ("too_many_variables", r"^HEADER\.text$", 2388047),
    "interleaved_quick_replies": ("quick_replies_apart", r"^BUTTONS\.buttons$", None),
    "lto_with_footer": ("not_allowed", r"^FOOTER$", 2388073),
    "media_header_no_handle": ("missing_example", r"^HEADER\.example$", 2388043),
    "missing_example": ("missing_example", r"^BODY\.example$", 2388043),
    "mixed_named_positional": ("variable_name", r"^BODY\.text$", 2388072),
    "name_uppercase": ("bad_name", r"^name$", 2388046),
    "otp_hash_length": ("bad_hash", r"supported_apps\[0\]\.signature_hash$", None),
    "three_url_buttons": ("too_many", r"^BUTTONS\.buttons$", None),
    "too_many_vars": ("variable_ratio", r"^BODY\.text$", 2388293),
    "two_phone_buttons": ("too_many", r"^BUTTONS\.buttons$", None),
    "url_var_not_at_end": ("url_variable", r"^BUTTONS\.buttons\[0\]\.url$", None),
    "var_leading": ("variable_edge", r"^BODY\.text$", 2388299),
    "var_trailing": ("variable_edge", r"^BODY\.text$", 2388299),
    "vars_adjacent": ("variables_touch", r"^BODY\.text$", 2388072),
    "vars_not_sequential": ("variable_sequence", r"^BODY\.text$", 2388072),
}


def read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_both_take_each_sample(path: Path) -> None:
    body = read(path)
    assert check(body) == []
    assert sandboxes(body) is None


@pytest.mark.parametrize("path", samples("templates/invalid/*.json"))
def test_both_refuse_each_broken_sample_for_its_reason(path: Path) -> None:
    code, part, subcode = REASONS[path.stem]
    body = read(path)["body"]
    [problem] = [one for one in check(body) if one.severity == "error"]
    [field] = ours(body)
    assert (problem.code, bool(re.search(part, field))) == (code, True), field
    theirs = sandboxes(body)
    assert theirs is not None
    assert theirs.subcode == subcode
    assert re.search(parts_of(theirs), field)


def test_every_broken_sample_has_its_reason_here() -> None:
    names = {case.values[0].stem for case in samples("templates/invalid/*.json") if case.values[0]}
    assert names in (set(), set(REASONS))


@pytest.mark.parametrize("path", samples("templates/*.send.json"))
def test_each_sample_send_fits_its_message_template(path: Path) -> None:
    created = read(path.with_name(path.name.replace(".send.", ".create.")))
    sent = read(path)
    template = sent["template"]
    assert validate("template", template) == []
    assert check_send(created.get("components") or [], template.get("components") or []) == []
