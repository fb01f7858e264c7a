"""One kind's index: what is asked of it, and how it answers."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.queries.search import messages
from app.queries.search.index import MESSAGES, Hit, Query, Term
from app.services.search_index import Indexer


@pytest.fixture
def texts(make: Any) -> dict[str, int]:
    """Three messages that are in the index, by their text."""
    conversation = make.conversation()
    rows = {
        text: make.message(conversation, text_content=text).id
        for text in ("blue order shipped", "red order", "Blues and AND or NOT")
    }
    while Indexer().step():
        continue
    return rows


def found(query: Query) -> set[int]:
    return {hit.id for hit in MESSAGES.find(query, 10)}


def test_all_terms_must_be_there_and_a_beginning_may_stand_for_a_word(texts: dict[str, int]) -> None:
    blue, _red, blues = texts.values()
    assert found(messages.query_of("order blue")) == {blue}
    assert found(messages.query_of("blue order")) == {blue}
    assert found(Query((Term("blue", is_prefix=True),))) == {blue, blues}
    assert found(Query((Term("blue"),))) == {blue}
    assert found(Query(())) == set()


def test_where_one_term_is_enough_who_has_more_comes_first(texts: dict[str, int]) -> None:
    blue, red, _blues = texts.values()
    query = Query((Term("order"), Term("shipped")), needs_all=False)
    assert MESSAGES.find(query, 10) == [Hit(blue, 1.0), Hit(red, 0.5)]
    assert MESSAGES.find(query, 1) == [Hit(blue, 1.0)]


def test_words_that_are_operators_elsewhere_are_words(texts: dict[str, int]) -> None:
    assert found(messages.query_of("and not or")) == {texts["Blues and AND or NOT"]}


@pytest.mark.parametrize("text", ["", "a b", "it's", 'say "x"', "a\\b", "nul\x00"])
def test_what_could_break_out_of_a_question_is_no_term(text: str) -> None:
    with pytest.raises(ValueError, match="no term"):
        Term(text)


@given(st.text(st.characters(codec=None), max_size=40), st.text(st.characters(codec=None), max_size=40))
def test_a_text_is_found_by_its_own_words_wherever_they_stand(before: str, after: str) -> None:
    terms = messages.terms_of(f"{before} {after}", None)
    query = messages.query_of(after)
    assert not query.terms or query.is_met_by(terms)
