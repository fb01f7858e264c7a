"""Files of articles: what is read out of them, and what they are refused for."""

from __future__ import annotations

import contextlib
import time

import pytest

from app.services.knowledge.contents import Contents, check
from app.services.knowledge.files.drafts import Draft, Unreadable
from app.services.knowledge.files.reading import kind_of, read_file
from app.services.knowledge.files.table import write_csv
from tests.support.pdf import pdf, pdf_bomb

MARKDOWN = """Words above the first heading are left out.

# Help

## Opening hours
Tags: hours, time
Question: When are you open?
Question: Are you open on Sundays?
Link: https://example.com/hours
Language: en

We are open from **8 to 18**, see [our page](https://example.com).

More about it.

```
# no heading in here
```

## Nothing under it

## Opening hours
A second one of the same name.
"""


def read(kind: str, content: bytes | str, name: str = "help", language: str = "") -> list[Draft]:
    data = content.encode() if isinstance(content, str) else content
    return read_file(kind, data, name, language)


def test_markdown_is_an_article_for_each_heading_with_text() -> None:
    first, second = read("markdown", MARKDOWN)
    assert first.contents == Contents(
        title="Opening hours",
        short_answer="We are open from 8 to 18, see our page.",
        body=first.contents.body,
        link="https://example.com/hours",
        language="en",
        tags=("hours", "time"),
        questions=("When are you open?", "Are you open on Sundays?"),
    )
    assert "# no heading in here" in first.contents.body
    assert second.contents.title == "Opening hours"
    assert first.key != second.key


def test_the_same_file_has_the_same_keys_and_another_file_has_others() -> None:
    keys = [draft.key for draft in read("markdown", MARKDOWN, "help.md")]
    assert [draft.key for draft in read("markdown", MARKDOWN, "HELP.md")] == keys
    assert not {draft.key for draft in read("markdown", MARKDOWN, "other.md")} & set(keys)


def test_plain_text_is_read_in_blocks() -> None:
    drafts = read("text", "opening hours, when\nFrom 8 to 18.\n\nparking\nBehind the house.")
    assert [draft.contents.short_answer for draft in drafts] == ["From 8 to 18.", "Behind the house."]
    assert drafts[0].contents.questions == ("opening hours", "when")


ROWS = (
    "title;short_answer;language;tags;questions\nHorario;Abrimos a las 8;es;hora, día;¿Cuándo?|¿Qué días?\n"
)


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"],
)
def test_a_table_is_read_in_whatever_encoding_it_was_saved(encoding: str) -> None:
    rows = ROWS + "Año nuevo;Cerramos el día de Año Nuevo;es;;¿Mañana también?\n" * 5
    contents = read("csv", rows.encode(encoding))[0].contents
    assert contents.tags == ("hora", "día")
    assert contents.questions == ("¿Cuándo?", "¿Qué días?")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_found_by_their_names_in_any_order(delimiter: str) -> None:
    rows = [["Answer", "URL", "Title"], ["From 8 to 18", "https://example.com", "Hours"]]
    contents = read("csv", "\n".join(delimiter.join(row) for row in rows))[0].contents
    assert (contents.title, contents.short_answer, contents.link) == (
        "Hours",
        "From 8 to 18",
        "https://example.com",
    )


@pytest.mark.parametrize(
    "head",
    ["\n \n;;\ntitle;short_answer\n", "sep=;\r\ntitle;short_answer\r\n", 'title;"short_answer"\n'],
    ids=["empty rows above", "a separator line", "quotes"],
)
def test_what_spreadsheets_put_above_a_table_does_no_harm(head: str) -> None:
    (draft,) = read("csv", f"{head}Parking, and trams;Behind the shop, or line 2\n")
    assert (draft.title, draft.contents.short_answer) == ("Parking, and trams", "Behind the shop, or line 2")


def test_a_stray_sign_from_copying_does_not_make_a_text_binary() -> None:
    (draft,) = read("text", "Parking?\nBehind\x02 the shop.\n")
    assert draft.contents.short_answer == "Behind  the shop."


def test_a_sign_within_quotes_is_no_separator() -> None:
    (draft,) = read("csv", '"title","short answer","tags; also; named; so"\nHours,From 8,time\n')
    assert (draft.title, draft.contents.short_answer) == ("Hours", "From 8")


def test_an_export_comes_back_as_it_was_and_holds_no_formula() -> None:
    contents = Contents(
        title="=1+1",
        short_answer='-5 "degrees"',
        body="a\nb",
        language="en",
        tags=("x", "y"),
        questions=("q?",),
    )
    table = write_csv([(7, contents)])
    assert "\n=" not in table
    assert ",=" not in table
    draft = read("csv", table)[0]
    assert (draft.article_id, draft.contents) == (7, contents)


def test_a_pdf_is_read_by_its_bookmarks_or_else_by_its_pages() -> None:
    pages = [["Help"], ["Opening hours", "We are open from 8 to 18."], ["Parking", "Behind the house."]]
    by_page = read("pdf", pdf(pages))
    assert [draft.title for draft in by_page] == ["Page 1", "Opening hours", "Parking"]
    assert by_page[1].contents.short_answer == "We are open from 8 to 18."
    by_bookmark = read("pdf", pdf(pages, {"When we are open": 1, "Where to park": 2}))
    assert [draft.title for draft in by_bookmark] == ["When we are open", "Where to park"]


@pytest.mark.parametrize(
    "kind, content, word",
    [
        ("markdown", b"no heading at all", "heading"),
        ("text", b"\n\n\n", "empty line"),
        ("csv", b"", "title"),
        ("csv", b"colour,size\nred,3\n", "title"),
        ("csv", b"title,short_answer\n", "no article"),
        ("csv", b'title,short_answer\n"never closed,' + b"x" * 300_000, "CSV"),
        ("text", b"\x00\x01\x02" * 100, "binary"),
        ("markdown", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("text", b"GIF89a" + bytes(range(1, 256)) * 3, "binary"),
        ("csv", "title,answer\x00\na,b".encode("utf-16"), "binary"),
        ("csv", b"title,short_answer\na,b\x00", "binary"),
        ("markdown", b"%PDF-1.7 what it says it is not", "PDF"),
        ("pdf", b"just text", "not a PDF"),
        ("pdf", b"%PDF-1.7\n garbage", "damaged"),
        ("pdf", pdf([["secret"]], password="word"), "password"),
        ("pdf", pdf([[]]), "no text"),
    ],
)
def test_a_file_that_is_not_what_it_should_be_is_refused_with_the_reason(
    kind: str, content: bytes, word: str
) -> None:
    with pytest.raises(Unreadable, match=word):
        read(kind, content)


def test_a_pdf_that_unpacks_to_gigabytes_is_refused_in_time() -> None:
    content = pdf_bomb(3_000)
    assert len(content) < 25 * 1024 * 1024
    started = time.monotonic()
    with pytest.raises(Unreadable):
        read("pdf", content)
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    "kind, content",
    [
        ("markdown", b"# " + b"a" * 20_000_000),
        ("markdown", b"#" * 5_000_000),
        ("markdown", b"# a\n" + b"[" * 200_000 + b"](" * 200_000),
        ("text", b"a\n" + b"b" * 20_000_000),
        ("csv", b"title,body\nx," + b"y" * 150_000 + b"\n"),
        ("csv", b",".join([b"title", b"body"] + [b"x"] * 100_000) + b"\na,b\n"),
    ],
    ids=range(6),
)
def test_enormous_lines_are_read_or_refused_but_never_hang(kind: str, content: bytes) -> None:
    with contextlib.suppress(Unreadable):
        read(kind, content)


def test_a_file_with_too_many_articles_is_refused() -> None:
    with pytest.raises(Unreadable, match="2,001"):
        read("markdown", "".join(f"# Title {number}\ntext\n" for number in range(2_001)))


@pytest.mark.parametrize(
    "name, kind",
    [
        ("a.md", "markdown"),
        ("A.PDF", "pdf"),
        ("a.b.csv", "csv"),
        ("a.txt", "text"),
        ("a.exe", None),
        ("md", None),
    ],
)
def test_the_name_says_the_kind(name: str, kind: str | None) -> None:
    assert kind_of(name) == kind


def test_what_is_read_can_be_stored() -> None:
    for kind, content in (("markdown", MARKDOWN), ("csv", ROWS)):
        for draft in read(kind, content):
            check(draft.contents)
