"""The text of step 5: its blocks are articles, and they follow it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.models import Account, AccountStatus, ArticleSource, KnowledgeArticle, KnowledgeBase, KnowledgeTerms
from app.queries.access import SYSTEM
from app.services.account_changes import update_account
from app.services.knowledge import articles, upkeep
from app.services.knowledge.contents import LONGEST_ANSWER
from app.services.knowledge.search import search_articles
from app.services.knowledge.setup_text import blocks_of
from tests.support.factories import Factory

TEXT = """opening hours, when are you open
We answer from 8 to 18.

policy number
It starts with MI."""


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account(status=AccountStatus.SETUP, setup_step=5)
    return save(made, TEXT)


def save(account: Account, text: str) -> Account:
    """As the wizard and the API do."""
    return update_account(account=account, values={"knowledge_base": text}, actor=SYSTEM)


def stored() -> dict[str, KnowledgeArticle]:
    db.session.expire_all()
    return {row.title: row for row in db.session.scalars(select(KnowledgeArticle))}


def answer(account: Account, text: str) -> str:
    found = search_articles(account.id, text, limit=1)
    return found[0].short_answer if found else ""


def test_each_block_becomes_an_article_and_the_text_stays(account: Account) -> None:
    assert account.knowledge_base == TEXT
    rows = stored()
    assert set(rows) == {"opening hours, when are you open", "policy number"}
    assert all(row.source is ArticleSource.SETUP and row.is_on for row in rows.values())
    assert rows["opening hours, when are you open"].questions == ["opening hours", "when are you open"]
    assert answer(account, "when are you open?") == "We answer from 8 to 18."


def test_a_changed_block_changes_its_article_and_one_that_is_gone_takes_it_along(account: Account) -> None:
    before = stored()["opening hours, when are you open"].id
    save(account, TEXT.replace("18", "20").replace("\n\npolicy number\nIt starts with MI.", ""))
    rows = stored()
    assert {title: row.id for title, row in rows.items()} == {"opening hours, when are you open": before}
    assert answer(account, "opening hours") == "We answer from 8 to 20."
    assert answer(account, "policy number") == ""


def test_an_article_that_was_changed_on_its_page_no_longer_follows(account: Account) -> None:
    row = stored()["policy number"]
    changed = replace(articles.contents_of(row), short_answer="Look at the top of the letter.")
    articles.update_article(article=row, contents=changed, actor=SYSTEM)
    save(account, TEXT.replace("It starts with MI.", "It starts with LM."))
    assert answer(account, "policy number") == "Look at the top of the letter."
    save(account, "opening hours\nFrom 9.")
    assert stored()["policy number"].source is ArticleSource.HAND


def test_saving_an_article_as_it_is_leaves_it_following(account: Account) -> None:
    row = stored()["policy number"]
    articles.update_article(article=row, contents=articles.contents_of(row), actor=SYSTEM)
    assert stored()["policy number"].source is ArticleSource.SETUP


@pytest.mark.parametrize(
    "text, titles",
    [
        ("", []),
        ("only a heading", []),
        ("\n\n\n", []),
        ("a\r\nb\r\n\r\nc\r\nd", ["a", "c"]),
        ("a\nb\n \t \nc\nd", ["a", "c"]),
        ("same\none\n\nsame\ntwo", ["same", "same"]),
    ],
)
def test_blocks_are_read_however_lines_end(text: str, titles: list[str]) -> None:
    blocks = blocks_of(text)
    assert [block.contents.title for block in blocks] == titles
    assert len({block.key for block in blocks}) == len(blocks)


def test_a_long_answer_is_said_in_whole_sentences() -> None:
    block = blocks_of("terms\n" + "This is a sentence of ours. " * 60)[0].contents
    assert len(block.short_answer) <= LONGEST_ANSWER
    assert block.short_answer.endswith("ours.")
    assert len(block.body) > LONGEST_ANSWER


def test_the_worker_brings_old_texts_and_old_terms_in_step(make: Factory) -> None:
    account = make.account(knowledge_base=TEXT)
    assert answer(account, "opening hours") == ""
    assert upkeep.work_off("worker") == 1
    assert answer(account, "opening hours") == "We answer from 8 to 18."
    assert upkeep.work_off("worker") == 0
    nothing = dict.fromkeys(("question_lines", "title", "tags", "answer", "body", "words"), "")
    db.session.execute(update(KnowledgeTerms).values(**nothing, vector=None))
    db.session.execute(update(KnowledgeBase).values(index_version=0, version="x"))
    db.session.commit()
    assert answer(account, "opening hours") == ""
    assert upkeep.work_off("worker") == 1
    assert answer(account, "opening hours") == "We answer from 8 to 18."


def test_a_text_that_an_older_program_changed_is_followed_by_the_hourly_job(account: Account) -> None:
    db.session.execute(update(Account).values(knowledge_base="parking\nBehind the house."))
    db.session.commit()
    upkeep.follow_all()
    assert set(stored()) == {"parking"}
