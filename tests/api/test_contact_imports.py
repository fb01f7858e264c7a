"""Importing contacts over the API: at once, followed, undone; refusals name the field."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.models import ContactImport
from app.services import contact_work
from tests.api.conftest import Program


def test_a_file_is_imported_followed_and_undone(program: Any, make: Any) -> None:
    account = make.account()
    caller: Program = program(role="manager", accounts=[account])
    body = {
        "waba_account_id": account.id,
        "text": "a,b\n07700 900001,Ada\nx,Bob\n",
        "mapping": ["number", "name"],
        "country": "GB",
    }
    for wrong, field in (
        ({"mapping": ["number"]}, "mapping"),
        ({"mapping": ["name", "note"]}, "mapping"),
        ({"text": "\n"}, "text"),
        ({"country": "g"}, "country"),
        ({"mode": "all"}, "mode"),
    ):
        assert set(caller.refused_fields("POST", "contact-imports/", json={**body, **wrong})) == {field}
    assert db.session.query(ContactImport).count() == 0
    made = caller.call("POST", "contact-imports/", json=body, status=202)
    path = f"contact-imports/{made['id']}/"
    assert caller.refused("POST", f"{path}undo/", 409)["code"] == "import_state"
    work()
    shown = caller.get(path)
    assert (shown["state"], shown["created"], shown["failed"]) == ("done", 1, 1)
    assert shown["failed_lines"][0]["line"] == 3
    assert [row["own_name"] for row in caller.get("contacts/")["results"]] == ["Ada"]
    caller.call("POST", f"{path}undo/", status=202)
    work()
    assert caller.get("contacts/")["results"] == []
    assert [row["state"] for row in caller.get("contact-imports/")["results"]] == ["undone"]


def work() -> None:
    db.session.rollback()
    while contact_work.work_off("w"):
        continue
