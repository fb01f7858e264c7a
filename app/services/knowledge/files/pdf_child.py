"""Run as a script by pdf.py: a PDF on stdin, its texts as JSON on stdout. Knows nothing of ours."""

from __future__ import annotations

import json
import logging
import resource
import sys
from io import BytesIO
from typing import Any

_MEMORY = 1024 * 1024 * 1024
_CPU_S = 45
_MOST_PAGES = 2_000
_MOST_SIGNS = 10_000_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
    logging.disable(logging.CRITICAL)
    try:
        answer = read(sys.stdin.buffer.read())
    except MemoryError:
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - whatever a broken file makes the library raise
        answer = {"error": f"This PDF is damaged ({type(error).__name__}). Save it anew, then try again."}
    sys.stdout.write(json.dumps(answer))


def read(content: bytes) -> dict[str, Any]:
    """The text of each page, and the bookmarks of the top level with their pages."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        return {"error": "This PDF is locked by a password. Save it without one, then try again."}
    if len(reader.pages) > _MOST_PAGES:
        return {"error": f"This PDF has more than {_MOST_PAGES:,} pages. Split it, then try again."}
    pages: list[str] = []
    size = 0
    for page in reader.pages:
        pages.append(page.extract_text())
        size += len(pages[-1])
        if size > _MOST_SIGNS:
            return {"error": "This PDF has too much text for one file. Split it, then try again."}
    return {"pages": pages, "bookmarks": bookmarks(reader)}


def bookmarks(reader: Any) -> list[tuple[str, int]]:
    """In the order of their pages; what leads nowhere is left out."""
    found = [
        (str(entry.title), page)
        for entry in reader.outline
        if not isinstance(entry, list) and (page := reader.get_destination_page_number(entry)) is not None
    ]
    return sorted(((title, page) for title, page in found if page >= 0), key=lambda mark: mark[1])


if __name__ == "__main__":
    main()
