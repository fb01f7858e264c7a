"""Every table, for owners: found, narrowed, paged, opened, taken along; secrets masked."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask
from sqlalchemy import Enum, LargeBinary, String

from app.admin.declared import Declared
from app.admin.shown import MASK, as_text, read_key, write_key
from app.admin.tables import BY_NAME, LEFT_OUT, TABLES
from app.crypto import Secret
from app.extensions import db
from app.models import AuditEntry, JobRun, MessageStatus, Role, utcnow
from app.models.base import Base, EncryptedSecret, UtcDateTime
from app.queries import records
from tests.rules.walking import build_world
from tests.support.factories import ACCESS_TOKEN, APP_SECRET


def test_every_table_is_declared_or_left_out_with_a_reason() -> None:
    tables = {mapper.local_table.name for mapper in Base.registry.mappers}  # type: ignore[attr-defined]
    assert set(BY_NAME) | set(LEFT_OUT) == tables
    assert not set(BY_NAME) & set(LEFT_OUT)


@pytest.mark.parametrize("declared", TABLES, ids=lambda declared: declared.name)
def test_what_is_declared_is_there_and_quick(declared: Declared) -> None:
    named = {*declared.shown, *declared.search, *declared.masked, *filter(None, [declared.time])}
    assert named <= set(declared.table.c.keys())
    if declared.time:
        assert declared.time in declared.indexed
    for name in declared.search:
        column = declared.table.c[name]
        assert isinstance(column.type, String)
        is_quick = name in declared.indexed or any(
            [c.name for c in columns][:2] == ["account_id", name]
            for columns in (
                *(list(index.columns) for index in declared.table.indexes),
                *(list(one.columns) for one in declared.table.constraints if hasattr(one, "columns")),
            )
        )
        assert declared.is_small or is_quick, f"{declared.name}.{name} has no index to be found by"


@pytest.mark.parametrize("declared", TABLES, ids=lambda declared: declared.name)
def test_secrets_are_masked_by_what_they_are(declared: Declared) -> None:
    for column in declared.table.columns:
        if isinstance(column.type, EncryptedSecret) or column.name.endswith(("_hash", "_digest")):
            assert as_text(declared, column, Secret("hidden")) == MASK


def test_every_table_and_a_row_of_each_opens(page: Any, sign_in: Any, make: Any, app: Flask) -> None:
    build_world(make, "RECORD")
    sign_in("owner")
    assert len(page.get("admin.index").texts(".wc-main-link")) == len(TABLES)
    opened = 0
    for declared in TABLES:
        shown = page.open(f"/admin/{declared.name}/", status=200)
        for link in shown.soup.select("tbody .wc-main-link")[:1]:
            page.open(link["href"], status=200)
            opened += 1
    assert opened > 20


@pytest.mark.parametrize("role", ["manager", "agent", "viewer"])
def test_nobody_but_owners_sees_records(page: Any, sign_in: Any, make: Any, role: str) -> None:
    sign_in(role, accounts=[make.account()])
    page.open("/admin/", status=403)
    page.open("/admin/users/", status=403)


def test_no_secret_leaves_by_page_or_file(page: Any, sign_in: Any, make: Any) -> None:
    account = make.account()
    key = make.api_key(role="owner")
    sign_in("owner")
    for url in (f"/admin/whatsapp_business_accounts/{account.id}/", "/admin/api_keys/", "/admin/users/1/"):
        text = page.open(url, status=200).response.text
        for secret in (APP_SECRET, ACCESS_TOKEN, key, "$argon2"):
            assert secret not in text
    text = page.post("admin.export", table="users", status=200).response.text
    assert "$argon2" not in text
    assert MASK in text


def messages(make: Any, count: int) -> list[int]:
    conversation = make.conversation()
    return [make.message(conversation, text_content=f"Message {n}").id for n in range(count)]


def test_pages_follow_each_other_without_a_gap(page: Any, sign_in: Any, make: Any) -> None:
    ids = messages(make, records.PAGE * 2 + 3)
    sign_in("owner")
    shown, url = [], "/admin/whatsapp_messages/"
    while url:
        found = page.open(url, status=200)
        shown += [int(text) for text in found.texts('tbody [data-l="id"]')]
        following = found.soup.select_one('.wc-pager a[aria-label="Next page"]')
        url = following["href"] if following else ""
    assert shown == sorted(ids, reverse=True)


def test_rows_are_narrowed_by_word_choice_and_day(page: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    wanted = make.message(conversation, outbound=False, wamid="wamid.FIND")
    make.message(conversation, status=MessageStatus.FAILED)
    sign_in("owner")

    def ids(table: str, **args: str) -> list[str]:
        shown = page.open(f"/admin/{table}/?{urlencode(args)}", status=200)
        return list(shown.texts('tbody [data-l="id"]'))

    assert ids("whatsapp_messages", q="wamid.FIND") == [str(wanted.id)]
    assert ids("whatsapp_messages", q="wamid.FIN") == []
    assert len(ids("whatsapp_messages", status="failed")) == 1
    assert len(ids("whatsapp_messages", account_id=str(conversation.account_id))) == 2
    assert ids("whatsapp_business_accounts", q="no such name") == []
    today = utcnow().date()
    assert len(ids("conversations", since=str(today), until=str(today))) == 1
    assert ids("conversations", until=str(today - timedelta(days=1))) == []


@pytest.mark.parametrize(
    "args",
    [
        {"status": "nonsense"},
        {"account_id": "x"},
        {"account_id": str(2**70)},
        {"sort": "text_content"},
        {"sort": "-nothing"},
        {"after": "~~"},
        {"after": "x"},
        {"after": str(2**70)},
        {"columns": "password"},
        {"since": "0001-01-01"},
        {"q": "x" * 9000},
        {"q": "%_\\'\""},
    ],
)
def test_nonsense_in_the_address_counts_as_nothing(
    page: Any, sign_in: Any, make: Any, args: dict[str, str]
) -> None:
    messages(make, 1)
    sign_in("owner")
    page.open(f"/admin/whatsapp_messages/?{urlencode(args)}", status=200)


@pytest.mark.parametrize("key", ["0", "-1", "x", "1~2", str(2**80), "%00", "~", "1.5", "é"])
def test_a_row_that_is_not_there_is_404(page: Any, sign_in: Any, key: str) -> None:
    sign_in("owner")
    page.open(f"/admin/whatsapp_messages/{key}/", status=404)
    page.open(f"/admin/job_runs/{key}~{key}/", status=404)


def test_a_key_of_several_parts_leads_to_its_row(page: Any, sign_in: Any) -> None:
    due = datetime(2026, 11, 29, 7, 5, tzinfo=UTC)
    db.session.add(JobRun(job="a/b~c%d", due_at=due, outcome="done"))
    db.session.commit()
    sign_in("owner")
    link = page.open("/admin/job_runs/", status=200).soup.select_one("tbody .wc-main-link")
    assert "a/b~c%d" in page.open(link["href"], status=200).texts("dd")[0]


def test_keys_are_read_as_they_are_written() -> None:
    for declared in TABLES:
        columns = records.key_columns(declared.table)
        key = tuple(_some(column) for column in columns)
        assert read_key(columns, write_key(key)) == key


def _some(column: Any) -> Any:
    kind = column.type
    if isinstance(kind, Enum):
        return kind.enum_class(kind.enums[0]) if kind.enum_class else kind.enums[0]
    if isinstance(kind, LargeBinary):
        return b""
    if isinstance(kind, UtcDateTime):
        return datetime(2026, 11, 29, tzinfo=UTC)
    return {int: 7, str: "a~b/c%25"}.get(kind.python_type, date(2026, 11, 29))


def test_what_is_taken_along_is_whole_harmless_and_written_down(page: Any, sign_in: Any, make: Any) -> None:
    make.contact(make.account(), profile_name="=1+1")
    sign_in("owner")
    answer = page.post("admin.export", table="contacts", status=200).response
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    assert rows[0]["profile_name"] == "'=1+1"
    assert set(rows[0]) == set(BY_NAME["contacts"].table.c.keys())
    entry = db.session.query(AuditEntry).filter_by(action="records.exported").one()
    assert entry.object_id == "contacts"


def test_only_the_rows_of_the_page_are_taken_along(page: Any, sign_in: Any, make: Any) -> None:
    make.user(role="viewer", email="vera@example.com")
    sign_in("owner")
    answer = page.post("admin.export", table="users", role=Role.VIEWER.value, status=200).response
    assert answer.text.count("@") == 1


def test_columns_can_be_chosen(page: Any, sign_in: Any, make: Any) -> None:
    messages(make, 1)
    sign_in("owner")
    shown = page.open("/admin/whatsapp_messages/?columns=wamid&columns=attempts", status=200)
    assert shown.texts("th")[1:] == ["wamid", "attempts"]


def test_a_row_leads_to_what_it_names_and_to_what_names_it(page: Any, sign_in: Any, make: Any) -> None:
    conversation = make.conversation()
    make.message(conversation)
    sign_in("owner")
    shown = page.open(f"/admin/conversations/{conversation.id}/", status=200)
    links = {link["href"] for link in shown.soup.select("main a")}
    assert f"/admin/contacts/{conversation.contact_id}/" in links
    assert f"/admin/whatsapp_messages/?conversation_id={conversation.id}" in links
    assert f"/console/{conversation.id}/" in links
