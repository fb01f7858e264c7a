"""Importing contacts on the pages: look first, correct, start, follow, take the rest as a file, undo."""

from __future__ import annotations

import csv
from collections.abc import Callable
from io import BytesIO, StringIO
from typing import Any

from app.extensions import db
from app.models import ContactImport
from app.services import contact_work
from tests.support.factories import Factory
from tests.support.pages import PageClient

FILE = "Nummer;Name;Was\r\n07700 900001;Ada;=1+1\r\n0770;Bob;x\r\n"


def work() -> None:
    db.session.rollback()
    while contact_work.work_off("w"):
        continue
    db.session.expire_all()


def test_a_file_is_looked_at_corrected_taken_over_and_undone(
    page: PageClient, make: Factory, sign_in: Callable[..., Any]
) -> None:
    account = make.account(name="Shop")
    make.contact_field(account, key="what", name="What")
    sign_in(role="manager", accounts=[account])
    upload = {"account": str(account.id), "file": (BytesIO(FILE.encode("cp1252")), "fair.csv")}
    page.post("contacts.bring_file", data=upload, status=303)
    row = db.session.query(ContactImport).one()
    where = {"contact_import_id": row.id}
    draft = page.get("contacts.import_detail", **where)
    chosen = [option["value"] for option in draft.soup.select('select[name="mapping"] option[selected]')]
    assert chosen == ["number", "name"]
    assert draft.soup.select_one("#country option[selected]")["value"] == "GB"
    assert "1 of the first 2 lines cannot be taken" in draft.text()
    how = {"encoding": "utf-8", "delimiter": ";", "has_header": "1", "mode": "both", "wins": "file"}
    refused = page.post(
        "contacts.set_up_import", data={**how, "mapping": ["name", "name", ""]}, status=422, **where
    )
    assert "More than one column" in refused.text()
    # Read in another way it is shown again, not taken.
    other = {**how, "delimiter": ",", "then": "start", "mapping": ["number", "name", ""]}
    page.post("contacts.set_up_import", data=other, status=303, **where)
    assert "Nummer;Name;Was" in page.get("contacts.import_detail", **where).text()
    page.post("contacts.set_up_import", data={**how, "mapping": [""]}, status=303, **where)
    start = {**how, "country": "GB", "then": "start", "mapping": ["number", "name", "field:what"]}
    page.post("contacts.set_up_import", data=start, status=303, **where)
    page.post("contacts.set_up_import", data=start, status=303, **where)
    assert "Waiting" in page.get("contacts.import_detail", **where).text()
    work()
    done = page.get("contacts.import_detail", **where)
    assert "2 of 2 lines: 1 new, 0 changed, 0 as before, 1 not taken" in done.text()
    text = page.get("contacts.import_errors", **where).response.text.removeprefix("\ufeff")
    (line,) = csv.DictReader(StringIO(text))
    assert (line["Name"], line["line"]) == ("Bob", "3")
    assert "not a whole phone number" in line["problem"]
    assert page.get("contacts.index").texts("#contact-list .wc-main-link") == ["Ada"]
    exported = page.post("contacts.export").response.text
    assert "'=1+1" in exported
    page.post("contacts.undo_import", status=303, **where)
    work()
    assert "Undone" in page.get("contacts.import_detail", **where, htmx=True).text()
    assert "Ada" not in page.get("contacts.index").text()
    upload = {"account": str(account.id), "file": (BytesIO(b""), "empty.csv")}
    assert "This file is empty" in page.post("contacts.bring_file", data=upload, status=422).text()
