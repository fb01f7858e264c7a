"""Fields of one's own: made, filled, found by, put into texts, retired; and what time it is where the
customer is.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO
from typing import Any

import pytest

from app.extensions import db
from app.models import Account, Contact, ContactField, FieldKind
from app.models.phone_zones import zone_of_number
from app.services.contact_fields import read_value
from app.web.filters import local_clock
from tests.support.factories import Factory
from tests.support.pages import PageClient


@pytest.fixture
def account(make: Factory) -> Account:
    made: Account = make.account(name="Shop")
    return made


@pytest.fixture
def grace(make: Factory, account: Account) -> Contact:
    made: Contact = make.contact(account, profile_name="Grace", wa_id="447700900123")
    return made


def listed(page: PageClient, **args: Any) -> list[str]:
    return page.get("contacts.index", **args).texts("#contact-list .wc-main-link")


@pytest.mark.both_databases
def test_a_field_is_made_filled_found_by_exported_and_retired_without_losing_values(
    page: PageClient, make: Factory, account: Account, grace: Contact, sign_in: Callable[..., Any]
) -> None:
    sign_in(role="manager", accounts=[account])
    make.contact(account, profile_name="Ada")
    for name, kind, choices in (("Größe", "choice", "Small\nLarge"), ("VIP since", "date", "")):
        data = {"name": name, "kind": kind, "choices": choices}
        page.post("contacts.create_field", account=account.id, data=data, status=303)
    refused = page.post("contacts.create_field", account=account.id, data={"name": "vip SINCE"}, status=422)
    assert "of this name already" in refused.text()
    shown = page.get("contacts.field_list").texts("td code")
    assert shown == ["{{contact.grosse}}", "{{contact.vip_since}}"]
    filled = {"own_name": "", "tags": "", "note": "", "field_grosse": "large", "field_vip_since": "9.3.2026"}
    page.post("contacts.save", contact_id=grace.id, data=filled, status=303)
    db.session.expire_all()
    assert grace.fields == {"grosse": "Large", "vip_since": "2026-03-09"}
    assert listed(page, field="grosse", how="is", value="LARGE") == ["Grace"]
    assert listed(page, field="vip_since", how="contains", value="2026-03") == ["Grace"]
    assert listed(page, field="grosse", how="empty") == ["Ada"]
    assert listed(page, field="grosse", how="filled") == ["Grace"]
    wrong = {**filled, "field_vip_since": "soon", "note": "Stays"}
    refused = page.post("contacts.save", contact_id=grace.id, data=wrong, status=422)
    assert "This is not a date" in refused.text()
    assert refused.soup.select_one("#field_vip_since")["value"] == "soon"
    answer = page.post("contacts.export", field="grosse", how="filled")
    (row,) = csv.DictReader(StringIO(answer.response.text.removeprefix("\ufeff")))
    assert (row["field_grosse"], row["field_vip_since"]) == ("Large", "2026-03-09")
    size = db.session.scalars(db.select(ContactField).where(ContactField.key == "grosse")).one()
    page.post("contacts.move_field", field_id=size.id, data={"by": "down"}, status=303)
    page.post("contacts.retire_field", field_id=size.id, status=303)
    assert "Größe" not in page.get("contacts.detail", contact_id=grace.id).text()
    page.post("contacts.restore_field", field_id=size.id, status=303)
    db.session.expire_all()
    assert grace.fields == {"vip_since": "2026-03-09", "grosse": "Large"}


def test_beside_the_thread_fields_are_read_changed_and_put_into_texts(
    page: PageClient, make: Factory, account: Account, grace: Contact, sign_in: Callable[..., Any]
) -> None:
    sign_in(role="agent", accounts=[account])
    make.contact_field(account, key="car", name="Car")
    make.contact_field(account, key="km", name="Mileage", kind=FieldKind.NUMBER)
    conversation = make.conversation(account, contact=grace)
    reply = make.canned_reply(account, body="Your {{contact.car}} is ready, {{name}}.{{contact.nothing}}")
    where = {"contact_id": grace.id, "conversation": conversation.id}
    page.post(
        "contacts.save_fields", data={"field_car": "Beetle", "field_km": "12 500,50"}, status=303, **where
    )
    thread = page.get("console.thread", conversation_id=conversation.id, compose="text", canned=reply.id)
    assert "Beetle" in " ".join(thread.texts(".wc-con-r dd"))
    assert "12500.5" in " ".join(thread.texts(".wc-con-r dd"))
    assert thread.texts("#message-body") == ["Your Beetle is ready, Grace."]
    refused = page.post(
        "contacts.save_fields", data={"field_car": "Ente", "field_km": "many"}, status=422, **where
    )
    assert "not a number" in refused.text()
    assert refused.soup.select_one("#field_car")["value"] == "Ente"
    make.message_template(
        account, name="ready", components=[{"type": "BODY", "text": "Your {{1}} is ready."}]
    )
    chosen = db.session.scalars(db.text("SELECT max(id) FROM whatsapp_message_templates")).one()
    preview = page.post(
        "console.preview",
        conversation_id=conversation.id,
        data={"message_template": chosen, "value_body_1": "{{contact.car}}"},
        htmx=True,
    )
    assert "Your Beetle is ready." in preview.text()


def test_beside_the_thread_tags_are_shown_added_and_taken_away(
    page: PageClient, make: Factory, account: Account, grace: Contact, sign_in: Callable[..., Any]
) -> None:
    talk = make.conversation(account, contact=grace)
    sign_in(role="agent", accounts=[account])

    def say(status: int, *, htmx: bool = True, **data: str) -> Any:
        args = {"contact_id": grace.id, "conversation": talk.id}
        return page.post("contacts.save_tags", **args, data=data, htmx=htmx, status=status)

    tags = "#contact-tags li a"
    assert say(200, add=" VIP, late  payer").texts(tags) == ["late payer", "vip"]
    shown = page.get("console.thread", conversation_id=talk.id)
    assert shown.texts(tags) == ["late payer", "vip"]
    assert say(200, remove="vip").texts(tags) == ["late payer"]
    too_long = say(422, add="x" * 41)
    assert "at most 40 characters" in too_long.texts("#new-tag-err")[0]
    assert too_long.soup.select_one("#new-tag")["value"] == "x" * 41
    assert too_long.texts(tags) == ["late payer"]
    say(303, htmx=False, add="new")
    assert "at most 40 characters" in say(422, htmx=False, add="x" * 41).text()
    db.session.expire_all()
    assert grace.tags == ["late payer", "new"]


def test_the_time_there_is_said_where_it_is_another_one(
    page: PageClient, make: Factory, account: Account, grace: Contact, sign_in: Callable[..., Any]
) -> None:
    sign_in(role="agent", accounts=[account])
    conversation = make.conversation(account, contact=grace)
    data = {"own_name": "", "tags": "", "note": "", "time_zone": "Asia/Kolkata"}
    page.post("contacts.save", contact_id=grace.id, data=data, status=303)
    head = page.get("console.thread", conversation_id=conversation.id).texts(".wc-con-th")[0]
    assert re.search(r"\d\d:\d\d there", head)
    page.post("contacts.save", contact_id=grace.id, data={**data, "time_zone": "UTC"}, status=303)
    head = page.get("console.thread", conversation_id=conversation.id).texts(".wc-con-th")[0]
    assert "there" not in head
    page.post("contacts.save", contact_id=grace.id, data={**data, "time_zone": "Mars/Base"}, status=422)
    summer, winter = (datetime(2026, month, 1, 12, 0, tzinfo=UTC) for month in (7, 1))
    assert (local_clock("Europe/London", summer), local_clock("Europe/London", winter)) == ("13:00", "")


@pytest.mark.parametrize(
    "number, zone",
    [
        ("+447700900118", "Europe/London"),
        ("+4915112345678", "Europe/Berlin"),
        ("+919876543210", "Asia/Kolkata"),
        ("+15550100001", ""),
        ("+5511987654321", ""),
        ("", ""),
        ("+999", ""),
    ],
)
def test_a_country_with_one_time_gives_it_away(number: str, zone: str) -> None:
    assert zone_of_number(number) == zone


@pytest.mark.parametrize(
    "kind, typed, kept",
    [
        ("number", "1250,50", "1250.5"),
        ("number", "0012", "12"),
        ("number", "-0.10", "-0.1"),
        ("number", "1,250.50", None),
        ("number", "١٢", None),
        ("number", "9" * 31, None),
        ("number", 7, "7"),
        ("date", "2026-02-30", None),
        ("date", "2026-03-09T10:00:00Z", "2026-03-09"),
        ("yes_no", True, "yes"),
        ("yes_no", "Nein", "no"),
        ("yes_no", "perhaps", None),
        ("link", "javascript:alert(1)", None),
        ("link", "https://[", None),
        ("link", "https://example.com/a", "https://example.com/a"),
        ("text", "a\x00\n b", "a b"),
        ("text", "x" * 501, None),
        ("text", ["x"], None),
        ("text", None, ""),
    ],
)
def test_what_can_stand_in_a_field_of_each_kind(kind: str, typed: Any, kept: str | None) -> None:
    field = ContactField(kind=FieldKind(kind), choices=[])
    if kept is None:
        with pytest.raises(ValueError, match=r"\w"):
            read_value(field, typed)
    else:
        assert read_value(field, typed) == kept
