"""PDF: read by a process of its own, which may take only so much memory and time.

A small file can ask for any amount of both; what it does to that process does nothing to the worker.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from app.services.knowledge.contents import LONGEST_BODY, Contents
from app.services.knowledge.files.drafts import Draft, Keys, Unreadable, draft_of

WITHIN_S = 60
_CHILD = Path(__file__).with_name("pdf_child.py")
_LONGEST_LINE = 200


def read_pdf(content: bytes, file_name: str, language: str) -> list[Draft]:
    """An article for each bookmark, or for each page where there are none."""
    found = _ask_child(content)
    if found.get("error"):
        raise Unreadable(str(found["error"]))
    keys = Keys(file_name)
    drafts = [
        draft_of(keys.next(title), Contents(title=title, body=body[:LONGEST_BODY]), language)
        for title, body in _sections(found)
        if body.strip()
    ]
    if not drafts:
        raise Unreadable(
            "There is no text in this PDF; perhaps its pages are pictures. Save it from the program it was "
            "written with, or import the text itself."
        )
    return drafts


def _ask_child(content: bytes) -> dict[str, Any]:
    command = [sys.executable, "-I", str(_CHILD)]
    try:
        # Fixed words, no shell; the file goes in as data.
        answer = subprocess.run(  # noqa: S603
            command, input=content, capture_output=True, timeout=WITHIN_S, check=False
        )
        found = json.loads(answer.stdout) if answer.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        found = None
    if not isinstance(found, dict):
        raise Unreadable(
            "This PDF could not be read within the time and memory that a file may take. Save it anew from "
            "the program it was written with, or split it."
        )
    return found


def _sections(found: dict[str, Any]) -> list[tuple[str, str]]:
    """(title, text). What stands before the first bookmark is a cover, and left out."""
    pages: list[str] = found["pages"]
    marks: list[tuple[str, int]] = [(str(title), int(page)) for title, page in found["bookmarks"]]
    if not marks:
        return [_page(text, number) for number, text in enumerate(pages, 1)]
    ends = [page for _, page in marks[1:]] + [len(pages)]
    # Two bookmarks on one page have the same text: the first one's title counts.
    return [
        (title, "\n\n".join(pages[page : max(end, page + 1)]))
        for place, ((title, page), end) in enumerate(zip(marks, ends, strict=True))
        if not place or marks[place - 1][1] != page
    ]


def _page(text: str, number: int) -> tuple[str, str]:
    """Titled by its first line, if that is short enough for a title."""
    first, _, rest = text.strip().partition("\n")
    if first.strip() and len(first) <= _LONGEST_LINE and rest.strip():
        return first.strip(), rest.strip()
    return f"Page {number}", text.strip()
