"""The pages for a person's privacy request: asked twice, followed, proved; and all that is held, as a ZIP."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Erasure
from app.services.erasing import work
from app.services.passwords import hash_password
from tests.support.factories import Factory
from tests.support.pages import PageClient


def test_an_owner_erases_a_person_and_keeps_the_proof(
    page: PageClient, make: Factory, sign_in: Callable[..., Any]
) -> None:
    owner = sign_in()
    owner.password_hash = hash_password("right horse")
    account = make.account(name="Shop")
    grace = make.contact(account, profile_name="Grace", wa_id="447700900123", note="Likes tea")
    elsewhere = make.contact(make.account(name="Other shop"), wa_id="447700900123")
    make.message(make.conversation(account, contact=grace), outbound=False, text_content="Hi")
    db.session.commit()
    where = {"contact_id": grace.id}
    lucia = make.contact(account, profile_name="Grace on the train", wa_id="447700900125")
    make.message(make.conversation(account, contact=lucia), outbound=False, text_content="Me again")
    make.contact_join(lucia, grace, state="joined")
    lucia.joined_to_id = grace.id
    db.session.commit()
    asked = page.get("contacts.erase", **where)
    assert "+447700900123" in asked.text()
    assert "Grace on the train" in asked.text()
    assert "Other shop" in asked.text()
    wrong = {"typed": "+447700900124", "password": "right horse"}
    assert (
        "This is not what stands above"
        in page.post("contacts.erase_now", data=wrong, status=422, **where).text()
    )
    wrong = {"typed": "+447700900123", "password": "wrong"}
    refused = page.post("contacts.erase_now", data=wrong, status=422, **where)
    assert "not your current password" in refused.text()
    assert refused.soup.select_one("#typed")["value"] == "+447700900123"
    right = {"typed": "+44 7700 900123", "password": "right horse", "joined": "y"}
    page.post("contacts.erase_now", data=right, status=303, **where)
    page.post("contacts.erase_now", data=right, status=303, **where)
    other, row = db.session.scalars(select(Erasure).order_by(Erasure.id))
    assert "Under way" in page.get("contacts.erasure", erasure_id=row.id).text()
    db.session.rollback()
    assert (work.work_off("w"), work.work_off("w"), work.work_off("w")) == (1, 1, 0)
    done = page.get("contacts.erasure", erasure_id=row.id)
    assert "Signed by this installation" in done.text()
    assert "Grace" not in done.text()
    proof = json.loads(page.get("contacts.erasure_proof", erasure_id=row.id).response.text)
    assert (proof["requested_by"], proof["rows"]["whatsapp_messages"]) == (owner.display_name, 2)
    assert page.get("contacts.erasures").texts(".wc-main-link") == [f"#{row.id}", f"#{other.id}"]
    assert (lucia.wa_id, lucia.profile_name) == (None, "")
    assert "This person was erased" in page.get("contacts.detail", **where).text()
    db.session.expire_all()
    assert elsewhere.wa_id == "447700900123"
    entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "contact.erased"))
    assert {(entry.object_type, entry.object_id) for entry in entries} == {
        ("erasure", str(row.id)),
        ("erasure", str(other.id)),
    }


def test_everything_held_about_a_person_comes_with_their_files(
    page: PageClient, make: Factory, sign_in: Callable[..., Any]
) -> None:
    sign_in()
    account = make.account()
    grace = make.contact(account, profile_name="Grace", note="Likes tea")
    message = make.message(
        make.conversation(account, contact=grace), outbound=False, message_type="image", text_content="Look"
    )
    make.media_file(message, b"a picture", file_name="../tea.png")
    make.message(make.conversation(account), outbound=False, text_content="Somebody else's")
    answer = page.post("contacts.take_data", contact_id=grace.id, status=200).response
    archive = zipfile.ZipFile(BytesIO(answer.get_data()))
    (person, file) = archive.namelist()
    held = json.loads(archive.read(person))["tables"]
    assert [row["note"] for row in held["contacts"]] == ["Likes tea"]
    assert [row["text_content"] for row in held["whatsapp_messages"]] == ["Look"]
    assert archive.read(file) == b"a picture"
    assert file.startswith("files/")
    assert ".." not in file
    actions = db.session.scalars(select(AuditEntry.action).where(AuditEntry.object_type == "contact"))
    assert list(actions) == ["contact.data_exported"]


def test_only_owners_see_and_reach_it(page: PageClient, make: Factory, sign_in: Callable[..., Any]) -> None:
    account = make.account()
    sign_in(role="manager", accounts=[account])
    grace = make.contact(account)
    assert "Privacy requests" not in page.get("contacts.detail", contact_id=grace.id).text()
    page.get("contacts.erase", contact_id=grace.id, status=403)
