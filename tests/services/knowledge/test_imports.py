"""Taking a file's articles over: an outcome for each, nothing twice, and a killed worker's work goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from app.errors import InvalidFields
from app.extensions import db
from app.models import (
    Account,
    ImportItemState,
    ImportState,
    KnowledgeArticle,
    KnowledgeImport,
    KnowledgeImportItem,
    KnowledgeTerms,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services.knowledge import articles, imports
from app.services.knowledge.files.table import write_csv
from app.services.knowledge.search import search_articles
from config import Settings
from tests.support.factories import Factory
from tests.support.pdf import pdf_bomb

ONE = "# Opening hours\nFrom 8 to 18.\n\n# Parking\nBehind the house.\n"


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account()
    return made


def bring(account: Account, content: str | bytes, name: str = "help.md") -> KnowledgeImport:
    """As the page does, and the worker after it."""
    data = content.encode() if isinstance(content, str) else content
    row = imports.queue_import(account_id=account.id, file_name=name, content=data, language="", actor=SYSTEM)
    assert imports.work_off("worker") == 1
    db.session.expire_all()
    return row


def counts(row: KnowledgeImport) -> tuple[int, int, int, int]:
    return row.created, row.updated, row.unchanged, row.failed


def items(row: KnowledgeImport) -> list[tuple[int, ImportItemState]]:
    statement = select(KnowledgeImportItem).where(KnowledgeImportItem.import_id == row.id)
    rows = db.session.scalars(statement.order_by(KnowledgeImportItem.position))
    return [(item.position, item.state) for item in rows]


def count_articles() -> int:
    return db.session.scalar(select(func.count(KnowledgeArticle.id))) or 0


def test_a_files_articles_are_there_and_found(account: Account) -> None:
    row = bring(account, ONE)
    assert (row.state, row.total, counts(row)) == (ImportState.DONE, 2, (2, 0, 0, 0))
    assert row.content is None
    assert items(row) == [(0, ImportItemState.CREATED), (1, ImportItemState.CREATED)]
    assert search_articles(account.id, "parking", limit=1)[0].short_answer == "Behind the house."


def test_the_same_file_again_changes_what_changed_and_doubles_nothing(account: Account) -> None:
    bring(account, ONE)
    assert counts(bring(account, ONE)) == (0, 0, 2, 0)
    assert counts(bring(account, ONE.replace("18", "20"))) == (0, 1, 1, 0)
    assert count_articles() == 2
    assert search_articles(account.id, "opening hours", limit=1)[0].short_answer == "From 8 to 20."


def test_what_was_changed_by_hand_stays_until_the_file_says_something_new(account: Account) -> None:
    bring(account, ONE)
    row = db.session.scalars(select(KnowledgeArticle).where(KnowledgeArticle.title == "Parking")).one()
    by_hand = articles.contents_of(row)
    by_hand = type(by_hand)(**{**vars(by_hand), "short_answer": "In the yard."})
    articles.update_article(article=row, contents=by_hand, actor=SYSTEM)
    bring(account, ONE)
    assert search_articles(account.id, "parking", limit=1)[0].short_answer == "In the yard."
    bring(account, ONE.replace("Behind the house", "Beside the house"))
    assert search_articles(account.id, "parking", limit=1)[0].short_answer == "Beside the house."


def test_a_bad_article_is_told_and_does_not_stop_the_others(account: Account) -> None:
    table = (
        f"title,short_answer,link\nGood,yes,\n,no title,\nLink,yes,javascript:alert(1)\nLong,{'x' * 700},\n"
    )
    row = bring(account, table, "table.csv")
    assert (row.state, counts(row)) == (ImportState.DONE, (1, 0, 0, 3))
    errors = db.session.scalars(
        select(KnowledgeImportItem.error).order_by(KnowledgeImportItem.position)
    ).all()
    assert errors[0] == ""
    assert "title" in errors[1]
    assert "web address" in errors[2]
    assert "too long" in errors[3]


def test_an_export_brought_back_changes_its_own_articles(account: Account, make: Factory) -> None:
    first = make.article(account, title="First")
    foreign = make.article(make.account(), title="Foreign")
    rows = [(row.id, articles.contents_of(row)) for row in (first, foreign)]
    table = write_csv(rows).replace("We are open", "They are open")
    row = bring(account, table, "export.csv")
    assert counts(row) == (1, 1, 0, 0), "the foreign one is not touched: it becomes a new one of ours"
    db.session.expire_all()
    assert first.short_answer.startswith("They are open")
    assert foreign.short_answer.startswith("We are open")


@pytest.mark.parametrize(
    "name, content, word",
    [
        ("help.md", b"no heading", "heading"),
        ("bomb.pdf", pdf_bomb(2_000), "PDF"),
        ("help.csv", b"\x00" * 1000, "binary"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(account: Account, name: str, content: bytes, word: str) -> None:
    row = bring(account, content, name)
    assert (row.state, row.content, row.total) == (ImportState.FAILED, None, None)
    assert word in row.error
    assert imports.work_off("worker") == 0


@pytest.mark.parametrize(
    "name, content",
    [
        ("help.exe", b"MZ"),
        ("help", b"x"),
        ("help.md", b""),
        ("help.txt", b"x" * (imports.LARGEST_FILE + 1)),
    ],
)
def test_a_file_that_is_never_read_is_refused_at_the_door(
    account: Account, name: str, content: bytes
) -> None:
    with pytest.raises(InvalidFields):
        imports.queue_import(
            account_id=account.id, file_name=name, content=content, language="", actor=SYSTEM
        )


def test_a_full_account_takes_no_more_and_says_so(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "MOST_ARTICLES", 1)
    row = bring(account, ONE)
    assert counts(row) == (1, 0, 0, 1)


def test_two_workers_take_a_file_once(account: Account) -> None:
    imports.queue_import(
        account_id=account.id, file_name="help.md", content=ONE.encode(), language="", actor=SYSTEM
    )
    assert imports._claim("one") is not None
    assert imports._claim("two") is None
    db.session.execute(update(KnowledgeImport).values(lease_until=utcnow() - timedelta(seconds=1)))
    db.session.commit()
    assert imports.work_off("two") == 1
    assert count_articles() == 2


def test_a_file_that_kills_every_worker_is_given_up(account: Account) -> None:
    row = imports.queue_import(
        account_id=account.id, file_name="help.md", content=ONE.encode(), language="", actor=SYSTEM
    )
    db.session.execute(update(KnowledgeImport).values(tries=imports.MOST_TRIES))
    db.session.commit()
    assert imports.work_off("worker") == 0
    db.session.expire_all()
    assert row.state is ImportState.FAILED


WORK = """
from app import create_app
from app.services.knowledge import imports
app = create_app()
with app.app_context():
    imports.work_off("killed")
"""


def kill_a_worker(settings: Settings, failpoint: str) -> int:
    """A worker in a process of its own that dies there as by kill -9."""
    env = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": "",
        "SECRET_KEY": settings.secret_key,
        "WHATSAPP_ENCRYPTION_KEY": settings.encryption_keys[0].decode(),
        "GRAPH_API_BASE_URL": settings.graph_api_base_url,
        "WABA_INSTANCE_PATH": str(settings.instance_path),
        "WABA_FAILPOINT": failpoint,
    }
    return subprocess.run([sys.executable, "-c", WORK], env=env, timeout=60, check=False).returncode


@pytest.mark.timeout(180)
def test_a_killed_worker_loses_nothing_and_doubles_nothing(account: Account, settings: Settings) -> None:
    count = 4 * imports.BATCH + 3
    text = "".join(f"# Article {number}\nAnswer {number}\n" for number in range(count))
    row = imports.queue_import(
        account_id=account.id, file_name="many.md", content=text.encode(), language="en", actor=SYSTEM
    )
    for failpoint in ("import-claimed:1:kill", "import-batch:1:kill", "import-batch:3:kill"):
        assert kill_a_worker(settings, failpoint) == -9
        db.session.execute(update(KnowledgeImport).values(lease_until=utcnow() - timedelta(seconds=1)))
        db.session.commit()
    db.session.expire_all()
    assert 0 < row.done < count, "the kills hit in the middle"
    assert imports.work_off("worker") == 1
    db.session.expire_all()
    assert (row.state, row.total, counts(row)) == (ImportState.DONE, count, (count, 0, 0, 0))
    assert [position for position, _ in items(row)] == list(range(count))
    assert count_articles() == count
    assert db.session.scalar(select(func.count(KnowledgeTerms.article_id))) == count


def test_old_imports_are_forgotten_and_their_articles_stay(account: Account) -> None:
    bring(account, ONE)
    imports.forget_old(utcnow() + timedelta(days=91))
    assert db.session.scalar(select(func.count(KnowledgeImport.id))) == 0
    assert count_articles() == 2
