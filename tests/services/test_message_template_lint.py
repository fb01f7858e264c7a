"""What is said about a message template beyond Meta's rules of form: beside the others, and advice."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.extensions import db
from app.graph.message_template_rules import MessageTemplateDraft
from app.models import MessageTemplateStatus as State
from app.queries.access import SYSTEM
from app.services import message_templates
from app.services.message_templates.lint import Finding, lint
from app.services.message_templates.reading import judge
from tests.graph.conftest import samples

pytestmark = pytest.mark.one_database


def draft(text: str = "Your parcel is on its way.", **more: Any) -> MessageTemplateDraft:
    given = {"name": "parcel_news", "language": "en_US", "category": "UTILITY", **more}
    return MessageTemplateDraft(components=[{"type": "BODY", "text": text}], **given)


def codes(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.problem.code, finding.place) for finding in findings]


@pytest.mark.parametrize("path", samples("templates/*.create.json"))
def test_nothing_is_wrong_with_metas_good_samples(path: Path) -> None:
    body = MessageTemplateDraft.from_body(json.loads(path.read_text(encoding="utf-8")))
    assert [finding for finding in lint(body) if finding.is_error] == []


@pytest.mark.parametrize("path", samples("templates/invalid/*.json"))
def test_each_broken_sample_is_shown_at_a_field_of_the_editor(path: Path) -> None:
    body = MessageTemplateDraft.from_body(json.loads(path.read_text(encoding="utf-8"))["body"])
    [finding] = [finding for finding in lint(body) if finding.is_error]
    assert finding.place.split(".")[0] in {
        "name",
        "language",
        "category",
        "body",
        "header_text",
        "footer",
        "file",
        "samples",
        "buttons",
        "cards",
        "login",
    }


class TestBesideTheOthers:
    def test_a_name_that_is_taken_in_its_language(self, make: Any) -> None:
        account = make.account()
        row = make.message_template(account, name="parcel_news")
        assert ("name_taken", "name") in codes(lint(draft(), account.id))
        assert ("name_taken", "name") not in codes(lint(draft(), account.id, row))
        assert ("name_taken", "name") not in codes(lint(draft(language="de"), account.id))

    def test_another_category_than_that_of_its_other_languages(self, make: Any) -> None:
        account = make.account()
        make.message_template(account, name="parcel_news", language="de", category="MARKETING")
        assert ("category_differs", "category") in codes(lint(draft(), account.id))

    def test_the_same_words_as_another_one(self, make: Any) -> None:
        account = make.account()
        parts = [{"type": "BODY", "text": "Your parcel is on its way."}]
        make.message_template(account, name="other", components=parts, body_text=parts[0]["text"])
        assert ("duplicate_content", "body") in codes(lint(draft(), account.id))
        assert ("duplicate_content", "body") not in codes(lint(draft("Your parcel is here now."), account.id))

    def test_a_name_that_meta_keeps_locked_after_a_deletion(self, make: Any, sandbox: Any) -> None:
        account = make.sandbox_account(sandbox.new_account())
        row = message_templates.create_draft(account=account, draft=draft(), actor=SYSTEM)
        message_templates.submit(message_template=row, actor=SYSTEM)
        sandbox.control("POST", f"message_templates/{row.meta_id}/review", {"decision": "approve"})
        message_templates.sync(account=account, actor=SYSTEM)
        db.session.refresh(row)
        assert row.status is State.APPROVED
        message_templates.delete(message_template=row, actor=SYSTEM)
        assert ("name_locked", "name") in codes(lint(draft(), account.id))
        assert ("name_locked", "name") not in codes(lint(draft(name="parcel_news_2"), account.id))


class TestAdvice:
    @pytest.mark.parametrize(
        "text, language",
        [
            ("Get 20% off your next parcel.", "en_US"),
            ("Nur heute: Rabatt auf alle Pakete.", "de"),
            ("Aprovecha esta oferta en su pedido.", "es_MX"),
        ],
    )
    def test_words_of_advertising_in_a_utility_text(self, text: str, language: str) -> None:
        assert ("promotional", "body") in codes(lint(draft(text, language=language)))
        assert ("promotional", "body") not in codes(
            lint(draft(text, language=language, category="MARKETING"))
        )

    def test_a_shortened_link(self) -> None:
        assert ("short_link", "body") in codes(lint(draft("Look at https://bit.ly/x1 for more.")))

    def test_marketing_without_a_way_to_opt_out_and_one_click_that_adds_it(self) -> None:
        [finding] = lint(draft(category="MARKETING"))
        assert (finding.problem.code, finding.is_error, finding.fix) == ("no_opt_out", False, "opt_out")
        assert lint(draft("Our new range is here. Reply STOP to hear no more.", category="MARKETING")) == []

    def test_plain_news_get_no_advice(self) -> None:
        assert lint(draft()) == []


class TestAnyBody:
    """What `templates/lint/`, import and files say: the same rules and the same advice, by Meta's paths."""

    def test_advice_stands_at_its_place_in_metas_body(self) -> None:
        button = {"type": "URL", "text": "More", "url": "https://bit.ly/abc"}
        card = {"components": [{"type": "BODY", "text": "x"}, {"type": "BUTTONS", "buttons": [button]}]}
        body = {
            "name": "news",
            "language": "en_US",
            "category": "marketing",
            "components": [
                {"type": "BODY", "text": "Reply STOP to hear no more."},
                {"type": "CAROUSEL", "cards": [card]},
            ],
        }
        found = [problem for problem in judge(body, "").problems if problem.code == "short_link"]
        assert [problem.field for problem in found] == ["components[1].cards[0].components[1].buttons[0].url"]

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=8),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(
                    st.sampled_from(
                        [
                            "type",
                            "text",
                            "components",
                            "cards",
                            "buttons",
                            "example",
                            "header_handle",
                            "format",
                        ]
                    ),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=20,
        ),
        st.sampled_from(["CAROUSEL", "BUTTONS", "HEADER", "LIMITED_TIME_OFFER", "OTP"]),
    )
    @settings(max_examples=300, deadline=None)
    def test_whatever_it_holds_it_is_judged_and_never_a_fault_of_ours(self, junk: Any, kind: str) -> None:
        body = {"name": "news", "category": "MARKETING", "components": [{"type": kind, "cards": junk}, junk]}
        assert judge(body, "").problems
        assert lint(MessageTemplateDraft.from_body(body))
