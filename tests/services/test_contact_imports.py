"""Files of contacts: read as spreadsheets write them, checked, taken over once, and undone exactly."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.errors import DomainError, InvalidFields
from app.extensions import db
from app.models import (
    Account,
    AddressKind,
    AddressSource,
    ConsentSource,
    Contact,
    ContactAddress,
    ContactConsent,
    ContactImport,
    ContactImportRow,
    ContactImportState,
    utcnow,
)
from app.queries.access import SYSTEM
from app.services import consents, contact_addresses, contacts
from app.services.contact_files import imports
from app.services.contact_files.lines import read_number
from app.services.contact_files.reading import (
    Reading,
    Unreadable,
    count_lines,
    find_reading,
    read_columns,
    read_lines,
)
from tests.support.factories import Factory


@pytest.mark.parametrize(
    "content",
    [
        "Name,Telefon\nJörg,+49 151 1234567\n".encode(),
        "\ufeffName;Telefon\r\nJörg;+49 151 1234567\r\n".encode(),
        "Name\tTelefon\nJörg\t+49 151 1234567".encode("utf-16"),
        "Name|Telefon\nJörg|+49 151 1234567".encode("utf-16-le"),
        "sep=;\r\nName;Telefon\r\nJörg;+49 151 1234567\r\n".encode("cp1252"),
        "Jörg,+49 151 1234567\n".encode("cp1252"),
        '"Name","Telefon"\n\n"Jörg","+49 151 1234567"\n'.encode(),
    ],
)
def test_a_table_is_read_as_programs_write_it(content: bytes) -> None:
    reading = find_reading(content)
    ((line, cells),) = read_lines(content, reading)
    assert cells == ["Jörg", "+49 151 1234567"]
    assert line == (content.count(b"\n") if reading.has_header and reading.encoding != "utf-16" else line)
    assert read_columns(content, reading) == (
        ["Name", "Telefon"] if reading.has_header else ["Column 1", "Column 2"]
    )


@pytest.mark.parametrize(
    "content, reading",
    [
        (b'a,"b\nc', None),
        (b"\n\n", None),
        (b"\xff\xfe\x00", Reading("utf-16", ",", True)),
        ("x,y".encode("cp1252") + b"\x81\xe4", Reading("utf-8", ",", True)),
        (b",".join([b"x"] * 61), None),
        (b"a\n" * 50_002, None),
        (b"a\n" + b"," * 10_000_000, None),
        (b"\n" * 2_000_000 + b"a", None),
    ],
)
def test_what_is_no_table_is_refused_with_a_reason(content: bytes, reading: Reading | None) -> None:
    with pytest.raises(Unreadable, match=r"\w+"):
        look_through(content, reading)


def look_through(content: bytes, reading: Reading | None) -> None:
    found = reading or find_reading(content)
    read_columns(content, found)
    count_lines(content, found)
    assert list(read_lines(b'"open' + b"x" * 200_000, found)) == []


@pytest.mark.parametrize(
    "text, country, digits",
    [
        ("+44 7700 900123", None, "447700900123"),
        ("0044 (0)7700-900123", None, "447700900123"),
        ("07700 900123", "GB", "447700900123"),
        ("447700900123", None, "447700900123"),
        ("0151 1234567", "DE", "491511234567"),
        ("'+447700900123", None, "447700900123"),
        ("07700 900123", None, ""),
        ("4.47701E+11", "GB", ""),
        ("hello", "GB", ""),
    ],
)
def test_a_number_in_national_spelling_is_one_of_the_chosen_country(
    text: str, country: str | None, digits: str
) -> None:
    assert read_number(text, country) == digits


def bring(account: Account, text: str, **options: Any) -> ContactImport:
    row = imports.bring(
        account_id=account.id, file_name="a.csv", content=text.encode(), country="GB", actor=SYSTEM
    )
    if options:
        imports.set_up(row=row, reading=None, mapping=options.pop("mapping", None), options=options)
    return row


def take_over(row: ContactImport) -> ContactImport:
    imports.start(row=row, actor=SYSTEM)
    while imports.work_off("w"):
        continue
    db.session.expire_all()
    return row


@pytest.mark.both_databases
def test_of_two_files_brought_at_once_only_one_is_the_tenth(app: Flask, account: Account) -> None:
    for _ in range(9):
        bring(account, "Phone\n07700900001\n")
    account_id, refused, gate = account.id, [], threading.Barrier(2)
    db.session.commit()

    def upload() -> None:
        with app.app_context():
            gate.wait(10)
            try:
                imports.bring(
                    account_id=account_id, file_name="a.csv", content=b"a\nb\n", country="GB", actor=SYSTEM
                )
            except InvalidFields as error:
                refused.append(error.problems[0].message)
            db.session.remove()

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(refused) == 1
    assert "Ten files wait already" in refused[0]


def counts(row: ContactImport) -> tuple[int, int, int, int]:
    return row.created, row.updated, row.unchanged, row.failed


def people() -> dict[str, str]:
    db.session.expire_all()
    return {row.wa_id or "": row.own_name for row in db.session.scalars(select(Contact).order_by(Contact.id))}


def problems(row: ContactImport) -> Sequence[tuple[int, str]]:
    statement = select(ContactImportRow).where(
        ContactImportRow.import_id == row.id, ContactImportRow.error != ""
    )
    return [
        (one.position, one.error) for one in db.session.scalars(statement.order_by(ContactImportRow.position))
    ]


FILE = """Phone,Name,Tags,Sprache,Shoe size,Opt-in,Opt-in date,Opt-in source
07700 900001,Ada,"VIP, new",en-GB,38,yes,2026-01-05,Fair
07700 900002,Bob,,,x,,,
07700 900003,Cyd,,,,yes,,
+44 7700 900001,Ada again,,,,,,
hello,Dan,,klingon,,maybe,soon,
07700 900004,Eve,,,,no,2026-02-01,Letter
07700 900005,Fay,,,,,,
"""


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account()
    make.contact_field(made, key="shoe_size", name="Shoe size", kind="number")
    return made


def test_lines_become_contacts_or_say_why_not_and_an_undoing_takes_back_just_these(
    make: Factory, account: Account
) -> None:
    fay = make.contact(account, wa_id="447700900005", profile_name="", own_name="", note="Mine")
    row = bring(account, FILE)
    assert row.mapping == [
        "number", "name", "tags", "language", "field:shoe_size", "consent", "consent_on", "consent_source"
    ]  # fmt: skip
    take_over(row)
    assert (row.state, row.content, row.total) == (ContactImportState.DONE, None, 7)
    assert counts(row) == (2, 1, 0, 4)
    assert people() == {"447700900005": "Fay", "447700900001": "Ada", "447700900004": "Eve"}
    said = dict(problems(row))
    assert said[3] == "Shoe size: This is not a number. Write it without grouping, such as 1250.50."
    assert "say how you know" in said[4]
    assert said[5] == "The same number stands in line 2 already."
    assert all(word in said[6] for word in ("hello", "klingon", "maybe"))
    ada, eve = (
        db.session.scalars(select(Contact).where(Contact.wa_id == wa_id)).one()
        for wa_id in ("447700900001", "447700900004")
    )
    assert (ada.tags, ada.language, ada.fields) == (["new", "vip"], "en_GB", {"shoe_size": "38"})
    assert (ada.opted_out_at, str(eve.opted_out_at)[:10]) == (None, "2026-02-01")
    history = db.session.scalars(select(ContactConsent).order_by(ContactConsent.id)).all()
    assert [(one.source, one.note, str(one.at)[:10]) for one in history] == [
        (ConsentSource.IMPORT, "Fair", "2026-01-05"),
        (ConsentSource.IMPORT, "Letter", "2026-02-01"),
    ]
    # Somebody works on with Ada, and Eve writes nothing.
    contacts.change_contact(contact=ada, values={"note": "Called"}, actor=SYSTEM)
    imports.undo(row=row, actor=SYSTEM)
    with pytest.raises(DomainError):
        imports.undo(row=row, actor=SYSTEM)
    while imports.work_off("w"):
        continue
    db.session.expire_all()
    assert (row.state, row.undone, row.kept) == (ContactImportState.UNDONE, 2, 1)
    assert people() == {"447700900005": "", "447700900001": "Ada"}
    # Whom somebody works with is kept whole.
    assert (fay.note, db.session.scalars(select(ContactConsent.note)).all()) == ("Mine", ["Fair"])


def test_who_is_known_is_changed_as_the_file_is_told_to(make: Factory, account: Account) -> None:
    known = make.contact(account, wa_id="447700900001", own_name="Ada L.", language="")
    consents.opt_out(contact=known, actor=SYSTEM)
    text = "Phone,Name,Language,Marketing\n07700 900001,Ada,de,yes\n07700 900002,Bob,,\n"
    row = take_over(bring(account, text, mode="new", consent_source="Fair"))
    assert counts(row) == (1, 0, 1, 0)
    row = take_over(bring(account, text, wins="here", consent_source="Fair", consent_on="2020-01-01"))
    assert counts(row) == (0, 1, 1, 0)
    db.session.expire_all()
    # The file's wish is older than the customer's own.
    assert (known.own_name, known.language, known.opted_out_at is None) == ("Ada L.", "de", False)
    row = take_over(bring(account, text, wins="file", consent_source="Fair"))
    db.session.expire_all()
    assert (known.own_name, known.opted_out_at) == ("Ada", None)
    imports.undo(row=row, actor=SYSTEM)
    imports.work_off("w")
    db.session.expire_all()
    assert (known.own_name, known.language, known.opted_out_at is None) == ("Ada L.", "de", False)


def test_a_killed_worker_leaves_nothing_twice_and_drafts_say_what_is_wrong(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "BATCH", 2)
    row = bring(account, "Number\n" + "".join(f"0770090{n:04}\n" for n in range(7)))
    imports.start(row=row, actor=SYSTEM)
    batches = iter(range(2))
    real = imports.taking.take

    def stumbling(*args: Any) -> None:
        real(*args)
        if next(batches, None) is None:
            raise RuntimeError("killed")

    monkeypatch.setattr(imports.taking, "take", stumbling)
    with pytest.raises(RuntimeError):
        imports.work_off("a")
    db.session.rollback()
    assert imports.work_off("b") == 0
    monkeypatch.setattr(imports.taking, "take", real)
    row.lease_until = utcnow() - timedelta(seconds=1)
    db.session.commit()
    imports.work_off("b")
    db.session.expire_all()
    assert (counts(row), len(people())) == ((7, 0, 0, 0), 7)
    draft = bring(account, "a,b\n1,2\n")
    for refused in (
        {"reading": None, "mapping": ["number"], "options": {}},
        {"reading": None, "mapping": ["number", "number"], "options": {}},
        {"reading": None, "mapping": ["", "nonsense"], "options": {}},
        {"reading": Reading("klingon", ",", True), "mapping": None, "options": {}},
        {"reading": None, "mapping": None, "options": {"mode": "x"}},
        {"reading": None, "mapping": None, "options": {"country": "gb"}},
    ):
        with pytest.raises(InvalidFields):
            imports.set_up(row=draft, **refused)
    with pytest.raises(InvalidFields):
        imports.start(row=draft, actor=SYSTEM)
    imports.discard(row=draft, actor=SYSTEM)
    for content in (b"", b"x" * (10 * 1024 * 1024 + 1)):
        with pytest.raises(InvalidFields):
            imports.bring(account_id=account.id, file_name="x", content=content, country="", actor=SYSTEM)


def test_the_other_spelling_of_a_number_is_the_same_person_and_the_ledger_says_how_we_know(
    make: Factory, account: Account
) -> None:
    make.contact(account, wa_id="551187654321", own_name="")
    refused = make.contact(account, wa_id="551187654322", own_name="")
    origin = contact_addresses.Origin(AddressSource.HAND, utcnow())
    contact_addresses.note(refused, AddressKind.NUMBER, "5511987654322", origin)
    db.session.execute(
        update(ContactAddress).where(ContactAddress.value == "5511987654322").values(is_refused=True)
    )
    db.session.commit()
    lines = ("+5511987654321,Ana", "+5511987654322,Bia", "+5511987654323,Cruz", "+551187654323,Cruz again")
    row = take_over(bring(account, "\n".join(("Phone,Name", *lines))))
    assert counts(row) == (2, 1, 0, 1)
    assert people() == {
        "551187654321": "Ana", "551187654322": "", "5511987654322": "Bia", "5511987654323": "Cruz"
    }  # fmt: skip
    assert problems(row) == [(5, "The same number stands in line 4 already.")]
    ledger = select(ContactAddress.value).where(ContactAddress.source == AddressSource.FILE)
    assert set(db.session.scalars(ledger)) == {"5511987654322", "5511987654323"}
