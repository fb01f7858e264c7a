"""How texts are made alike before they are compared, and cut into what they are found by."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.search import folding, messages
from app.queries.search.index import Term


@pytest.mark.parametrize(
    "text, folded",
    [
        ("José  ÁLVAREZ\n", "jose alvarez"),
        ("Straße", "strasse"),
        ("Łódź Øre æ", "lodz ore ae"),
        ("İstanbul", "istanbul"),
        ("Σίσυφος", "σισυφοσ"),
        ("Ёлка", "елка"),
        ("أَحْمَد", "احمد"),
        ("مـحـمـد", "محمد"),
        ("٠٧٧", "077"),
        ("कुल", "कुल"),
        ("がぎ", "がぎ"),
        ("ガ", "ガ"),
        ("한글", "한글"),
        ("ＡＢＣ", "abc"),
        ("a\u200bb\u00ad", "ab"),
        ("x\x00y\ud800z", "x y z"),
        ("❤\ufe0f", "❤"),
    ],
)
def test_case_accents_and_ways_of_writing_do_not_count(text: str, folded: str) -> None:
    assert folding.fold(text) == folded


@given(st.text(st.characters(codec=None)))
def test_a_folded_text_has_nothing_that_a_database_would_stumble_over(text: str) -> None:
    folded = folding.fold(text)
    folded.encode()
    assert "\x00" not in folded
    assert not any("\ue000" <= sign <= "\uf8ff" for sign in folded)
    assert folded == " ".join(folded.split())


@given(st.text(st.characters(codec=None)))
def test_every_term_of_a_text_is_one(text: str) -> None:
    for term in folding.word_terms(text) | folding.line_terms(folding.fold(text)):
        Term(term)


def test_words_are_letters_and_digits_of_any_script_and_emoji_stand_alone() -> None:
    text = folding.fold("Don't e-mail: स्थिति №5, 明日は雨👍🏽!")
    assert list(folding.words(text)) == ["don", "t", "e", "mail", "स्थिति", "no5", "明日は雨👍🏽"]


@pytest.mark.parametrize("search", ["明", "明日", "日は雨", "雨", "👍"])
def test_scripts_without_blanks_are_found_at_any_place(search: str) -> None:
    assert messages.query_of(search).is_met_by(messages.terms_of("えっ、明日は雨だ👍", None))


def test_what_stands_beside_the_text_is_searched_too() -> None:
    content = {
        "type": "button",
        "header": {"type": "text", "text": "Order 77"},
        "body": {"text": "Shall we?"},
        "action": {"buttons": [{"type": "reply", "reply": {"id": "secret-id", "title": "Yes please"}}]},
    }
    terms = messages.terms_of("Shall we?", content)
    assert terms == {"shall", "we", "order", "77", "yes", "please"}


def test_an_object_of_any_depth_is_read() -> None:
    deep: dict[str, object] = {"title": "bottom"}
    for _ in range(5_000):
        deep = {"inner": [deep]}
    assert messages.terms_of("", deep) == {"bottom"}


def test_only_the_last_word_may_be_begun() -> None:
    terms = messages.query_of("thurs appoint").terms
    assert terms == (Term("thurs"), Term("appoint", is_prefix=True))
