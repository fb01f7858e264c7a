"""CSV: a row for each article, its columns named in the first row."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from app.services.knowledge.contents import Contents
from app.services.knowledge.files.drafts import Draft, Keys, Unreadable, decode, draft_of
from app.services.knowledge.words import fold

_OURS = re.compile(r"article-([0-9]{1,9})")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("title", "short_answer", "body", "link", "language", "tags", "questions")
_NAMES = {
    "title": ("title", "titulo", "heading", "name"),
    "short_answer": ("short answer", "answer", "respuesta", "respuesta corta"),
    "body": ("body", "text", "texto", "content", "contenido", "long answer"),
    "link": ("link", "url", "enlace"),
    "language": ("language", "idioma", "lang"),
    "tags": ("tags", "tag", "etiquetas", "keywords"),
    "questions": ("questions", "question", "preguntas", "pregunta"),
    "key": ("key", "id", "clave"),
}
_DELIMITERS = ",;\t|"
_FIRST_LINE = re.compile(r"\S.*")
_QUOTED = re.compile('"[^"]*"')
_SEPARATOR_LINE = re.compile(r"\s*sep=([,;|\t])\r?\n", re.IGNORECASE)
"""With it a spreadsheet tells its own kind how it separates cells."""
_LONGEST_CELL = 200_000


def read_csv(content: bytes, file_name: str, language: str) -> list[Draft]:
    """Rows that cannot be read are drafts with an error, and do not stop the others."""
    rows = (row for row in _rows(decode(content)) if any(cell.strip() for cell in row))
    columns = _columns(next(rows, []))
    keys = Keys(file_name)
    drafts = [_draft(row, columns, keys, language) for row in rows]
    if not drafts:
        raise Unreadable("The file has a first row with the names of the columns, and no article under it.")
    return drafts


def _rows(text: str) -> Iterator[list[str]]:
    said = _SEPARATOR_LINE.match(text)
    text = text[said.end() :] if said else text
    first = _FIRST_LINE.search(text)
    head = _QUOTED.sub("", first[0]) if first else ""
    delimiter = said[1] if said else max(_DELIMITERS, key=head.count)
    csv.field_size_limit(_LONGEST_CELL)
    try:
        # Line ends inside of quotes stay what they are.
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error as error:
        raise Unreadable(
            f"The table cannot be read as CSV ({error}). Look for a quote that is opened and not closed, or "
            "save it anew from the spreadsheet as CSV (UTF-8)."
        ) from None


def _columns(head: list[str]) -> dict[str, int]:
    """Place by name. Raises Unreadable without a title or any text."""
    found = {}
    plain = [fold(cell).strip().replace("_", " ") for cell in head]
    for name, words in _NAMES.items():
        place = next((plain.index(word) for word in words if word in plain), None)
        if place is not None:
            found[name] = place
    if "title" not in found and "questions" in found:
        found["title"] = found["questions"]
    if "title" not in found or not {"short_answer", "body"} & set(found):
        raise Unreadable(
            "The first row has to name the columns: title, and short_answer or body; link, language, tags "
            f"and questions may follow. It reads: {', '.join(head)[:200] or 'nothing'}."
        )
    return found


def write_csv(rows: Iterable[tuple[int, Contents]]) -> str:
    """Articles with their ids, as `read_csv` takes them: brought back, each changes its own article."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("key", *COLUMNS))
    for id_, contents in rows:
        cells = (
            contents.title,
            contents.short_answer,
            contents.body,
            contents.link,
            contents.language,
            ", ".join(contents.tags),
            "\n".join(contents.questions),
        )
        writer.writerow((f"article-{id_}", *(_guarded(cell) for cell in cells)))
    return "\ufeff" + out.getvalue()


def _guarded(cell: str) -> str:
    """A spreadsheet must take no text for a formula."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _unguarded(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA) else cell


def _draft(row: list[str], columns: dict[str, int], keys: Keys, language: str) -> Draft:
    cells = {name: _unguarded(row[place]) if place < len(row) else "" for name, place in columns.items()}
    contents = Contents(
        title=cells["title"],
        short_answer=cells.get("short_answer", ""),
        body=cells.get("body", ""),
        link=cells.get("link", ""),
        language=cells.get("language", "").strip().lower()[:2],
        tags=tuple(cells.get("tags", "").replace(";", ",").split(",")),
        questions=tuple(cells.get("questions", "").replace("|", "\n").split("\n")),
    )
    key = cells.get("key", "").strip()
    draft = draft_of(keys.next(key or contents.title), contents, language)
    ours = _OURS.fullmatch(key)
    return replace(draft, article_id=int(ours[1])) if ours else draft
