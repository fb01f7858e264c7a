"""Flows that are being filled in: one run for each message and customer, and those of previews."""

import secrets
from typing import Any

from .. import clock
from ..database import Database, Row, from_json, to_json

PREVIEW_LIFE_S = 86_400.0
Part = dict[str, Any]


def insert(db: Database, waba_id: str, flow_json: str, setup: Part, state: Part, **of: str | None) -> Row:
    """`of`: flow_id, phone_number_id, and for a message wamid and wa_id, whose run until now goes."""
    run_id, at = secrets.token_hex(12), clock.now()
    with db.write():
        if of.get("wamid"):
            delete_of(db, str(of["wamid"]), str(of["wa_id"]))
        else:
            sql = "DELETE FROM flow_runs WHERE wamid IS NULL AND updated_at < ?"
            db.execute(sql, at - PREVIEW_LIFE_S)
        db.insert(
            "flow_runs",
            id=run_id,
            waba_id=waba_id,
            flow_json=flow_json,
            setup=to_json(setup),
            state=to_json(state),
            created_at=at,
            updated_at=at,
            **of,
        )
    return find(db, run_id) or {}


def find(db: Database, run_id: str) -> Row | None:
    return _opened(db.row("SELECT * FROM flow_runs WHERE id = ?", run_id))


def find_of(db: Database, wamid: str, wa_id: str) -> Row | None:
    return _opened(db.row("SELECT * FROM flow_runs WHERE wamid = ? AND wa_id = ?", wamid, wa_id))


def advance(db: Database, run: Row, state: Part) -> bool:
    """Keep a new state; False, and nothing is kept, when the run went on meanwhile (another tab)."""
    sql = "UPDATE flow_runs SET state = ?, step = step + 1, updated_at = ? WHERE id = ? AND step = ?"
    return db.execute(sql, to_json(state), clock.now(), run["id"], run["step"]) == 1


def delete_of(db: Database, wamid: str, wa_id: str) -> None:
    db.execute("DELETE FROM flow_runs WHERE wamid = ? AND wa_id = ?", wamid, wa_id)


def _opened(row: Row | None) -> Row | None:
    if row is not None:
        row |= {name: from_json(row[name]) for name in ("setup", "state")}
    return row
