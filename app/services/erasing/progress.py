"""What the steps of an erasing are handed, and what they count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult

from app.extensions import db
from app.services.erasing.subject import Subject

DONE = -1
"""What a step answers when there is nothing left for it."""


class NotYet(Exception):
    """The step has to wait for something: asked again in a few seconds. The text is for people."""


@dataclass
class Job:
    """One erasing as it stands. `before`: when it was asked for; what came later is somebody new's."""

    id: int
    account_id: int
    contact_id: int
    subject: Subject
    before: datetime
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, name: str, rows: int) -> None:
        if rows:
            self.counts[name] += rows


def run(statement: Any) -> int:
    """Carry out an UPDATE or DELETE; answers how many rows it touched."""
    result = db.session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount
