"""The insurer's whole knowledge base: both databases answer alike, and as well as we say they do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from app import create_app
from app.extensions import db
from app.models import KnowledgeArticle
from app.services.knowledge import articles
from app.services.knowledge.scoring import ANSWER_AT, OFFER_AT
from app.services.knowledge.search import rank
from bench.answers.corpus import Asked, halves, read_articles, read_questions
from bench.answers.measuring import Shown, figures
from config import Settings
from tests.support.databases import postgresql_database
from tests.support.factories import Factory


@pytest.fixture
def on_postgresql(settings: Settings, postgresql_server: str) -> Iterator[Flask]:
    for address in postgresql_database(postgresql_server):
        app = create_app(replace(settings, database_url=address))
        yield app
        with app.app_context():
            db.session.remove()
            db.engine.dispose()


def ask_all(app: Flask, questions: list[Asked]) -> list[Shown]:
    with app.app_context():
        factory = Factory(app)
        account_id = factory.account().id
        articles.hold(account_id)
        rows = {key: KnowledgeArticle(account_id=account_id) for key in read_articles()}
        for key, contents in read_articles().items():
            articles.write(rows[key], contents)
        keys = {row.id: key for key, row in rows.items()}
        db.session.commit()
        found = [(asked, rank(account_id, asked.text)) for asked in questions]
        factory.close()
    return [
        Shown(asked, [(keys[article_id], round(score, 6)) for article_id, score in ranked[:5]])
        for asked, ranked in found
    ]


def test_the_corpus_is_what_it_says() -> None:
    pages, questions = read_articles(), read_questions()
    tuning, judging = halves()
    assert len(pages) >= 60
    assert {contents.language for contents in pages.values()} == {"en", "es"}
    assert {asked.answer for asked in questions} == {*pages, None}
    assert len([asked for asked in questions if asked.answer]) >= 160
    assert len([asked for asked in questions if not asked.answer]) >= 40
    assert not {asked.text for asked in tuning} & {asked.text for asked in judging}
    assert abs(len(tuning) - len(judging)) <= 10


@pytest.mark.postgres
def test_both_databases_find_the_same_with_the_same_scores(app: Flask, on_postgresql: Flask) -> None:
    questions = read_questions()
    sqlite = ask_all(app, questions)
    assert ask_all(on_postgresql, questions) == sqlite


def test_the_answers_are_as_good_as_the_documents_say(app: Flask) -> None:
    """A little below the measured figures (docs/performance.md), so that this tells when they break."""
    got = figures(ask_all(app, halves()[1]), ANSWER_AT, OFFER_AT)
    assert got.first >= 75
    assert got.one_of_three >= 87
    assert got.wrong <= 4
