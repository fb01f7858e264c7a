"""Lines of CSV files that spreadsheets open.

A spreadsheet takes a cell that begins with certain signs for a formula, and people type what they like: such
cells get an apostrophe in front.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads accents wrongly


def harmless(cell: str) -> str:
    """As a cell that no spreadsheet calculates."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) else cell


def csv_line(cells: Sequence[str]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return line.getvalue()
