"""Which reader a file needs: by its name, and by what it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from app.services.knowledge.files.drafts import MOST_DRAFTS, Draft, Unreadable
from app.services.knowledge.files.pdf import read_pdf
from app.services.knowledge.files.table import read_csv
from app.services.knowledge.files.text import read_markdown, read_text

Reader = Callable[[bytes, str, str], list[Draft]]

_READERS: dict[str, Reader] = {
    "markdown": read_markdown,
    "text": read_text,
    "csv": read_csv,
    "pdf": read_pdf,
}
_ENDINGS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "text",
    ".text": "text",
    ".csv": "csv",
    ".tsv": "csv",
    ".pdf": "pdf",
}
ENDINGS = tuple(_ENDINGS)
_PDF_MARK = b"%PDF-"
_MARK_WITHIN = 1024


def kind_of(file_name: str) -> str | None:
    """By the name's ending; None for one that is not read."""
    return _ENDINGS.get(PurePath(file_name).suffix.lower())


def read_file(kind: str, content: bytes, file_name: str, language: str) -> list[Draft]:
    """The file's articles, in order. Raises Unreadable."""
    is_pdf = _PDF_MARK in content[:_MARK_WITHIN]
    if is_pdf != (kind == "pdf"):
        what = "This is a PDF, whatever its name says." if is_pdf else "This is not a PDF."
        raise Unreadable(f"{what} Give the file the ending of what it is, then try again.")
    drafts = _READERS[kind](content, file_name, language)
    if len(drafts) > MOST_DRAFTS:
        raise Unreadable(
            f"This file has {len(drafts):,} articles; at most {MOST_DRAFTS:,} can be taken from one. "
            "Split it, then try again."
        )
    return drafts
