"""Lines that were not taken, as a file to correct and to bring again."""

from __future__ import annotations

from collections.abc import Iterator

from app.models import ContactImport
from app.queries.contact_imports import walk_failed
from app.services.csv_lines import BYTE_ORDER_MARK, csv_line


def write_csv(row: ContactImport) -> Iterator[str]:
    """The file's own columns, and behind them the line and what is wrong with it."""
    width, import_id = len(row.columns), row.id
    yield BYTE_ORDER_MARK + csv_line([*row.columns, "line", "problem"])
    for noted in walk_failed(import_id):
        cells = [*noted.cells, *[""] * width][:width]
        yield csv_line([*cells, str(noted.position), noted.error])
