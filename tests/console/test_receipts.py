"""What people do in the console is what customers see, as the account sets it."""

from __future__ import annotations

from typing import Any

from app.extensions import db
from app.models import AuditEntry, ReadReceipt
from tests.api.conftest import Program


def asked(conversation: Any) -> tuple[str, bool] | None:
    db.session.rollback()
    db.session.expire_all()
    row = db.session.get(ReadReceipt, conversation.id)
    if row is None:
        return None
    found = (row.wamid, row.shows_typing)
    db.session.delete(row)
    db.session.commit()
    return found


def test_opening_answering_and_typing_ask_for_it_as_a_manager_set_it(page: Any, make: Any, app: Any) -> None:
    account = make.account()
    conversation = make.conversation(account, unread_count=1)
    inbound = make.message(conversation, outbound=False, wamid="wamid.A")
    page.sign_in(make.user(role="manager", accounts=[account]))
    here = {"conversation_id": conversation.id}

    def settings(**data: Any) -> None:
        page.post("accounts.change_receipts", account_id=account.id, data=data, status=303)

    def open_and_answer() -> list[Any]:
        page.post("console.mark_read", **here, htmx=True, status=204)
        seen = [asked(conversation)]
        typed = {"compose": "text", "send_key": "a" * 32, "body": f"Typed {len(seen)}"}
        page.post("console.keep_draft", **here, data=typed, htmx=True, status=200)
        seen.append(asked(conversation))
        page.post("console.send_note", **here, data={"note": "For us"}, htmx=True, status=200)
        seen.append(asked(conversation))
        page.post("console.send_text", **here, data={"body": "Hello"}, htmx=True, status=200)
        return [*seen, asked(conversation)]

    assert open_and_answer() == [None, None, None, None]
    settings(read_receipts="opened")
    assert open_and_answer()[0] == (inbound.wamid, False)
    settings(read_receipts="answered")
    assert open_and_answer() == [None, None, None, (inbound.wamid, False)]
    shown = page.get("accounts.show_receipts", account_id=account.id)
    assert shown.soup.select_one("[name=read_receipts][checked]")["value"] == "answered"
    page.post("accounts.change_receipts", account_id=account.id, data={"read_receipts": "often"}, status=422)

    caller = Program(app, make.api_key(role="manager", accounts=[account]))
    path = f"accounts/{account.id}/receipts/"
    given = {"read_receipts": "never", "shows_typing": True}
    assert caller.call("PUT", path, json=given, status=200) == caller.get(path) == given
    caller.refused("PUT", path, 422, json={"read_receipts": "never"})
    typed = {"compose": "text", "send_key": "b" * 32, "body": "Now"}
    page.post("console.keep_draft", **here, data=typed, htmx=True, status=200)
    assert asked(conversation) == (inbound.wamid, True)
    assert db.session.query(AuditEntry).filter_by(action="account.receipts_changed").count() == 3
