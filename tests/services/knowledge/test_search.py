"""What the knowledge base finds: the same articles with the same scores on both databases."""

from __future__ import annotations

import dataclasses

import pytest

from app.models import Account
from app.queries.access import SYSTEM
from app.services.knowledge import articles, scoring
from app.services.knowledge.search import search_articles
from tests.support.factories import Factory

HOURS = {
    "title": "Opening hours",
    "short_answer": "We are open from 8 to 18, Monday to Saturday.",
    "questions": ["When are you open?", "What are your opening hours?"],
    "tags": ["hours"],
}
CANCEL = {
    "title": "Cancel an order",
    "short_answer": "Write us your order number within a day.",
    "questions": ["How do I cancel my order?"],
    "link": "https://example.com/cancel",
}
DELIVERY = {
    "title": "Delivery time",
    "short_answer": "Two to three days.",
    "questions": ["How long does delivery take?"],
    "body": "Parcels to islands take a week.\n\nHeavy furniture is brought by a carrier, who rings before.",
}
HORARIO = {
    "title": "Horario de atención",
    "short_answer": "Abrimos de 8 a 18 h.",
    "questions": ["¿Qué horario tienen?", "¿Abren los sábados?"],
    "language": "es",
}


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account()
    for values in (HOURS, CANCEL, DELIVERY, HORARIO):
        make.article(made, **values)
    return made


def titles(account: Account, text: str) -> list[str]:
    return [found.title for found in search_articles(account.id, text, limit=3)]


@pytest.mark.parametrize(
    "text, title",
    [
        ("When are you open?", "Opening hours"),
        ("opening hours", "Opening hours"),
        ("whne are you oepn", "Opening hours"),
        ("cancelling orders", "Cancel an order"),
        ("how can I terminate my order", "Cancel an order"),
        ("CANCEL", "Cancel an order"),
        ("a carrier for heavy furniture", "Delivery time"),
        ("abren los sabados", "Horario de atención"),
        ("HORARIO??", "Horario de atención"),
        ("estan abiertos el sábado", "Horario de atención"),
    ],
)
def test_a_question_finds_its_article(account: Account, text: str, title: str) -> None:
    """By its words, other forms of them, typing errors, words of the same meaning, without accents."""
    assert titles(account, text)[:1] == [title]


def test_a_question_as_it_stands_in_an_article_is_answered(account: Account) -> None:
    assert search_articles(account.id, "How do I cancel my order?", limit=1)[0].score >= scoring.ANSWER_AT


@pytest.mark.parametrize("text", ["", "   ", "?!", "the of and", "xyzzy plugh", "👍", "thank you so much"])
def test_what_says_nothing_finds_nothing(account: Account, text: str) -> None:
    assert search_articles(account.id, text, limit=3) == []


def test_two_articles_that_fit_alike_are_not_chosen_between(make: Factory) -> None:
    account = make.account()
    make.article(account, title="Return shoes", questions=["How do I return shoes?"])
    make.article(account, title="Return shirts", questions=["How do I return shirts?"])
    found = search_articles(account.id, "How do I return it?", limit=3)
    assert len(found) == 2
    assert all(article.score < scoring.ANSWER_AT for article in found)


def test_the_part_that_fits_best_is_quoted(account: Account) -> None:
    found = search_articles(account.id, "is furniture brought by a carrier", limit=1)
    assert found[0].passage.startswith("Heavy furniture")
    assert search_articles(account.id, "cancel order", limit=1)[0].link == "https://example.com/cancel"


def test_another_accounts_articles_are_not_found(account: Account, make: Factory) -> None:
    other = make.account()
    make.article(other, title="Secret discount", short_answer="Ask for it.", questions=["Any discount?"])
    assert "Secret discount" not in titles(account, "Any secret discount?")
    assert titles(other, "When are you open?") == []


def test_a_change_is_found_at_once_and_what_was_there_is_not(account: Account, make: Factory) -> None:
    article = make.article(account, title="Gift cards", questions=["Do you sell gift cards?"])
    assert titles(account, "gift cards") == ["Gift cards"]
    contents = dataclasses.replace(
        articles.contents_of(article), title="Vouchers", questions=("Do you sell coupons?",)
    )
    articles.update_article(article=article, contents=contents, actor=SYSTEM)
    assert titles(account, "coupons") == ["Vouchers"]
    assert titles(account, "gift") == []
    articles.switch_article(article=article, is_on=False, actor=SYSTEM)
    assert titles(account, "coupons") == []
    articles.switch_article(article=article, is_on=True, actor=SYSTEM)
    assert titles(account, "coupons") == ["Vouchers"]
    articles.delete_article(article=article, actor=SYSTEM)
    assert titles(account, "coupons") == []


HOSTILE = [
    "'; DROP TABLE knowledge_articles; --",
    '" OR NEAR( * ^ "open',
    "title: open AND NOT (hours)",
    "open & | ! <-> :* hours",
    "open\x00hours",
    "\ud800 open",
    "%_%",
    "a" * 50_000 + "!",
    "open " * 20_000,
    "".join(chr(code) for code in range(1, 3000)),
    " ".join(f"w{number}" for number in range(5_000)),
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_no_text_makes_the_search_fail(account: Account, text: str) -> None:
    for found in search_articles(account.id, text, limit=3):
        assert 0 <= found.score <= 1


@pytest.mark.parametrize(
    "language, question, asked",
    [
        ("zh", "我的订单在哪里", "订单在哪里"),
        ("ja", "注文はどこですか", "私の注文はどこ"),
        ("ar", "أين طلبي", "طلبي أين"),
        ("hi", "मेरा ऑर्डर कहाँ है", "ऑर्डर कहाँ"),
        ("ru", "Где мой заказ?", "заказы"),
        ("fr", "Où est ma commande ?", "commandes"),
        ("de", "Wo ist meine Bestellung?", "bestellungen"),
    ],
)
def test_other_languages_and_scripts_are_found_too(
    make: Factory, language: str, question: str, asked: str
) -> None:
    account = make.account()
    make.article(account, language=language, title=question, questions=[question])
    make.article(account)
    assert titles(account, asked)[:1] == [question]
