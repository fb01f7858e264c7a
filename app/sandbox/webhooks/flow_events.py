"""A Flow gets another status, and the app is told.

Source: Meta docs, "Webhooks" page (flows), read 2026-03; the wording of the message is (unverified).
"""

from typing import Any

from ..context import Sandbox
from ..database import Row
from ..store import flows
from . import outbox


def change_status(sandbox: Sandbox, row: Row, status: str, **columns: Any) -> None:
    """row: as it was. `columns`: what changes with it. Without another status nobody is told."""
    with sandbox.db.write():
        flows.update(sandbox.db, row["id"], status=status, **columns)
        if row["status"] != status:
            outbox.send(sandbox, _event(row, status))


def _event(row: Row, status: str) -> outbox.Event:
    value = {
        "event": "FLOW_STATUS_CHANGE",
        "message": f"The Flow {row['name']} went from {row['status']} to {status}.",
        "flow_id": row["id"],
        "old_status": row["status"],
        "new_status": status,
    }
    summary = f"flow {status}"
    return outbox.Event(row["waba_id"], "flows", value, summary, key=row["id"], has_time=True)
