"""Answer quality: how often the knowledge base finds the right article, and how often it should be quiet.

The judging half alone; the thresholds were set with the other one (bench/answers/tuning.py).
"""

from __future__ import annotations

import time

from bench.answers.corpus import Asked, halves, read_articles
from bench.answers.measuring import Shown, figures
from bench.console import Console
from bench.report import Report

_FIRST, _ONE_OF_THREE, _WRONG = 80.0, 92.0, 3.0


def run(console: Console, report: Report) -> None:
    """Write the articles into an empty console and ask."""
    account = console.make_account()
    _tuning, judging = halves()
    with console.app.app_context():
        keys = _write(account["id"])
        started = time.perf_counter()
        shown = [_ask(account["id"], asked, keys) for asked in judging]
        took = time.perf_counter() - started
    _print(report, console.database_name, shown, len(keys), 1000 * took / len(shown))


def _write(account_id: int) -> dict[int, str]:
    """All articles; their keys by id."""
    from app.extensions import db
    from app.models import KnowledgeArticle
    from app.services.knowledge import articles

    articles.hold(account_id)
    rows = {}
    for key, contents in read_articles().items():
        rows[key] = KnowledgeArticle(account_id=account_id)
        articles.write(rows[key], contents)
    keys = {row.id: key for key, row in rows.items()}
    db.session.commit()
    return keys


def _ask(account_id: int, asked: Asked, keys: dict[int, str]) -> Shown:
    from app.services.knowledge.search import search_articles

    found = search_articles(account_id, asked.text, limit=3)
    return Shown(asked, [(keys[article.article_id], article.score) for article in found])


def _print(report: Report, database: str, shown: list[Shown], articles: int, ms: float) -> None:
    from app.services.knowledge.scoring import ANSWER_AT, OFFER_AT

    got = figures(shown, ANSWER_AT, OFFER_AT)
    real = sum(each.asked.answer is not None for each in shown)
    report.heading(f"Answers, {database}, {articles} articles, {real} questions, {len(shown) - real} more")
    report.ratio("first found is right, %", got.first, "at least", _FIRST)
    report.ratio("one of three is right, %", got.one_of_three, "at least", _ONE_OF_THREE)
    report.ratio("answered where it should not, %", got.uncalled, "at most", _WRONG)
    report.ratio("wrong answers, of all questions, %", got.wrong, "at most", _WRONG)
    report.line("answered rightly at once", f"{got.answered:.1f} %")
    report.line("answered or among three offered", f"{got.shown:.1f} %")
    report.line("fallback though there is an article", f"{got.fallback:.1f} %")
    report.line("offered where there is none", f"{got.uncalled_offers:.1f} %")
    report.line("a search", f"{ms:.1f} ms")
