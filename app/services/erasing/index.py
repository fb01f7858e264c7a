"""Taking deleted words out of the search's index on SQLite, where FTS5 only strikes them out until parts are
merged.

Source: SQLite docs, "FTS5 Extension", section "The 'merge' Command", read 2026-09: a negative number begins
to merge all into one, so many pages at a time; a positive one goes on; fewer than two changes say that
nothing is left. PostgreSQL's index holds no word of a row that is gone once the table is vacuumed, which it
does by itself.
"""

from __future__ import annotations

from sqlalchemy import text

from app.extensions import db
from app.services.erasing.progress import DONE, Job

_TABLES = ("search_messages_fts", "search_contacts_fts")
_PAGES = 500
"""For one transaction: some ten milliseconds of the write lock."""


def forget_words(_job: Job, place: int) -> int:
    """`place`: batches done so far; the first one of each table is the one that begins."""
    if db.session.get_bind().dialect.name != "sqlite":
        return DONE
    pages = -_PAGES if place == 0 else _PAGES
    connection = db.session.connection()
    left = 0
    for table in _TABLES:
        before = connection.scalar(text("SELECT total_changes()")) or 0
        merge = f"INSERT INTO {table} ({table}, rank) VALUES ('merge', :pages)"  # noqa: S608 - names of ours
        connection.execute(text(merge), {"pages": pages})
        after = connection.scalar(text("SELECT total_changes()")) or 0
        left += after - before >= 2
    return place + 1 if left or place == 0 else DONE
