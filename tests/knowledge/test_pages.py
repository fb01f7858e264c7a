"""The pages of the knowledge base: list, article, editor, asking, import."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Account, KnowledgeArticle, KnowledgeImport
from app.services.knowledge import imports
from tests.support.factories import Factory
from tests.support.pages import PageClient

FORM = {
    "title": "Parking",
    "language": "en",
    "short_answer": "Behind the *house*.",
    "link": "https://example.com/parking",
    "questions": "Where can I park?\nIs there parking?\n",
    "tags": "car, parking",
    "body": "# Where\n\n<script>alert(1)</script> **Behind** the house.",
    "is_on": "y",
}


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account(name="Shop")
    return made


@pytest.fixture
def manager(sign_in: Callable[..., Any], account: Account) -> Any:
    return sign_in(role="manager", accounts=[account])


def only_article() -> KnowledgeArticle:
    db.session.expire_all()
    return db.session.scalars(select(KnowledgeArticle)).one()


def test_an_article_is_written_and_shown_and_its_markdown_does_nothing(
    page: PageClient, manager: Any, account: Account
) -> None:
    page.get("knowledge.new")
    page.post("knowledge.create", data={**FORM, "account": account.id}, status=303)
    article = only_article()
    assert article.questions == ["Where can I park?", "Is there parking?"]
    assert article.tags == ["car", "parking"]
    shown = page.get("knowledge.detail", article_id=article.id)
    assert shown.texts("#article-preview .wc-prose h3") == ["Where"]
    assert shown.texts("#article-preview .wc-bub-t strong, #article-preview .wc-bub-t b") == ["house"]
    assert "alert(1)" in shown.text(), "as text"
    assert page.get("knowledge.index").texts("#article-list .wc-main-link") == ["Parking"]


def test_what_was_typed_is_not_lost_when_something_is_wrong(
    page: PageClient, manager: Any, account: Account
) -> None:
    wrong = {**FORM, "account": account.id, "title": "", "link": "not an address"}
    shown = page.post("knowledge.create", data=wrong, status=422)
    assert shown.soup.select_one("#short_answer").get_text(strip=True) == FORM["short_answer"]
    assert "Where can I park?" in shown.soup.select_one("#questions").get_text()
    assert len(shown.texts("#form-errors li")) == 2
    assert shown.soup.select_one("#link")["aria-invalid"] == "true"


def test_the_preview_follows_and_keeps_nothing(page: PageClient, manager: Any, account: Account) -> None:
    shown = page.post("knowledge.preview", data=FORM, htmx=True, status=200)
    assert "Behind the house" in shown.text()
    plain = page.post("knowledge.create", data={**FORM, "account": account.id, "step": "preview"}, status=200)
    assert "Behind the house" in plain.texts("#article-preview")[0]
    assert db.session.scalars(select(KnowledgeArticle)).all() == []


def test_an_article_is_changed_switched_off_and_deleted(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    article_id = make.article(account).id
    form = page.get("knowledge.edit", article_id=article_id)
    assert form.soup.select_one("#title")["value"] == "Opening hours"
    page.post("knowledge.save", article_id=article_id, data={**FORM, "title": "Hours"}, status=303)
    assert only_article().title == "Hours"
    page.post("knowledge.switch", article_id=article_id, data={"is_on": "0"}, status=303)
    assert not only_article().is_on
    assert "does not use this article" in page.get("knowledge.detail", article_id=article_id).text()
    page.post("knowledge.delete", article_id=article_id, status=303)
    assert db.session.scalars(select(KnowledgeArticle)).all() == []


def test_the_list_is_searched_and_filtered_with_and_without_htmx(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    make.article(account, title="Alpha", tags=["one"])
    make.article(account, title="Beta", language="es", tags=["two"], is_on=False)
    for htmx in (False, True):

        def shown(htmx: bool = htmx, **query: str) -> list[str]:
            return page.get("knowledge.index", htmx=htmx, **query).texts("#article-list .wc-main-link")

        assert shown() == ["Alpha", "Beta"]
        assert shown(search="alp") == ["Alpha"]
        assert shown(tag="two") == ["Beta"]
        assert shown(language="en") == ["Alpha"]
        assert shown(state="off") == ["Beta"]
        assert shown(source="import") == []
        assert shown(source="nonsense", account="x") == ["Alpha", "Beta"]


def test_pages_of_the_list_follow_each_other(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    for number in range(60):
        make.article(account, title=f"Article {number:02d}", questions=[])
    first = page.get("knowledge.index")
    assert len(first.texts("#article-list .wc-main-link")) == 50
    following = first.soup.select_one("[aria-label='Next page']")["href"]
    assert page.open(following, status=200).texts("#article-list .wc-main-link")[-1] == "Article 59"


def test_asking_says_what_the_bot_would_do(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    make.article(account)
    answered = page.get("knowledge.ask", question="When are you open?")
    assert answered.texts("#found .wc-main-link") == ["Opening hours"]
    assert "The bot answers" in answered.text()
    fallback = page.get("knowledge.ask", question="xyzzy", htmx=True)
    assert "The bot says the fallback" in fallback.text()


def test_the_export_follows_the_filters_also_when_only_the_list_is_fetched(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    make.article(account, language="es")
    part = page.get("knowledge.index", htmx=True, language="es", account=account.id)
    link = next(each for each in part.soup.select("a") if "as CSV" in each.get_text())
    assert link.get_text().strip() == "Export those that match as CSV"
    assert ("language=es" in link["href"], f"account={account.id}" in link["href"]) == (True, True)


def test_the_articles_of_one_account_stand_among_the_pages_of_its_bot(
    page: PageClient, sign_in: Callable[..., Any], account: Account, make: Factory
) -> None:
    other = make.account(name="Other shop")
    sign_in(role="manager", accounts=[account, other])
    tabs = "main [aria-current=page]"
    assert page.get("knowledge.index", account=other.id).texts(tabs) == ["Knowledge"]
    both = page.get("knowledge.index")
    assert both.texts(tabs) == []
    make.article(account)
    assert page.get("knowledge.index").texts("select[name=account] option") == [
        "All accounts",
        "Other shop",
        "Shop",
    ]


def bring(page: PageClient, account: Account, content: bytes, name: str, **options: Any) -> Any:
    data = {"account": str(account.id), "language": "", "file": (BytesIO(content), name)}
    shown = page.post("knowledge.start_import", data=data, **options)
    # The test client keeps a large body in a file, and leaves it open.
    shown.response.request.environ["wsgi.input"].close()
    return shown


def test_a_file_is_brought_and_its_page_follows_the_work(
    page: PageClient, manager: Any, account: Account
) -> None:
    bring(
        page,
        account,
        b"# Parking\nBehind the house.\n\n# \xf0\x9f\x90\xb1\n\n# Empty\n",
        "help.md",
        status=303,
    )
    import_id = db.session.scalars(select(KnowledgeImport.id)).one()
    waiting = page.get("knowledge.import_detail", import_id=import_id)
    assert waiting.soup.select_one("#import-progress")["hx-trigger"] == "every 2s"
    imports.work_off("worker")
    done = page.get("knowledge.import_detail", import_id=import_id, htmx=True)
    assert not done.soup.select_one("#import-progress").has_attr("hx-trigger")
    assert "1 of 1 article: 1 new" in done.text()
    assert page.get("knowledge.import_list").texts("tbody .wc-main-link") == ["help.md"]


@pytest.mark.parametrize(
    "name, content, word",
    [("a.exe", b"x", "kind of file"), ("a.md", b"", "empty"), ("", b"", "Choose a file")],
)
def test_a_file_that_cannot_be_taken_is_told_beside_its_field(
    page: PageClient, manager: Any, account: Account, name: str, content: bytes, word: str
) -> None:
    shown = bring(page, account, content, name, status=422)
    assert word in " ".join(shown.texts("#file-err"))


def test_a_file_above_a_megabyte_is_taken_and_one_above_the_limit_is_not(
    page: PageClient, manager: Any, account: Account
) -> None:
    bring(page, account, b"# Big\n" + b"word " * 500_000, "big.md", status=303)
    shown = bring(page, account, b"x" * (imports.LARGEST_FILE + 10), "huge.md", status=422)
    assert "larger than 25 MB" in " ".join(shown.texts("#file-err"))
    bring(page, account, b"x" * (28 * 1024 * 1024), "enormous.md", status=413)


def test_the_export_is_what_the_list_shows(
    page: PageClient, manager: Any, account: Account, make: Factory
) -> None:
    make.article(account, title="=cmd()")
    make.article(account, title="Beta", language="es")
    table = page.get("knowledge.export", language="en").response.get_data(as_text=True)
    assert "'=cmd()" in table
    assert "Beta" not in table


def test_a_viewer_reads_and_is_offered_nothing_to_change(
    page: PageClient, sign_in: Callable[..., Any], account: Account, make: Factory
) -> None:
    article = make.article(account)
    sign_in(role="viewer", accounts=[account])
    pages = [
        page.get("knowledge.index"),
        page.get("knowledge.detail", article_id=article.id),
        page.get("knowledge.import_list"),
        page.get("knowledge.ask"),
    ]
    for shown in pages:
        assert not shown.soup.select('main form[method="post"]')
        assert not shown.soup.select("main a[href*='/edit/'], main a[href*='/new/']")
