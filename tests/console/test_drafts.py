"""What is typed and not sent is kept, for this person alone, and no tab eats another's text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Draft, Message, utcnow
from tests.support.pages import PageClient
from tests.support.retention import purge

KEY = "d" * 32


@pytest.fixture
def account(make: Any) -> Any:
    return make.account()


@pytest.fixture
def ana(account: Any, make: Any, page: Any) -> Any:
    user = make.user(role="agent", accounts=[account], name="Ana")
    page.sign_in(user)
    return user


@pytest.fixture
def conversation(account: Any, make: Any, ana: Any) -> Any:
    return make.conversation(account, contact=make.contact(account, profile_name="Grace"))


def drafts() -> list[Draft]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(Draft).order_by(Draft.id)))


def keep(page: Any, conversation: Any, body: str, version: str = "", **more: Any) -> Any:
    data = {"compose": "text", "send_key": KEY, "draft": version, "body": body, **more}
    return page.post("console.keep_draft", conversation_id=conversation.id, data=data, htmx=True, status=200)


def version_of(shown: Any) -> str:
    return str(shown.soup.select_one("#draft-version")["value"])


def typed(page: Any, conversation: Any, **args: Any) -> str:
    shown = page.get("console.thread", conversation_id=conversation.id, **args)
    return str(shown.soup.select_one("#message-body").get_text().strip())


def send(page: Any, conversation: Any, body: str, status: int = 200, **data: Any) -> Any:
    data = {"body": body, "send_key": KEY, **data}
    return page.post(
        "console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=status
    )


def test_a_draft_comes_back_on_another_device_and_the_list_says_so(
    app: Any, page: Any, make: Any, account: Any, ana: Any, conversation: Any
) -> None:
    version = version_of(keep(page, conversation, "Half a sen"))
    assert version_of(keep(page, conversation, "Half a sentence", version)) != version
    phone = PageClient(app)
    phone.sign_in(ana)
    assert phone.get("console.index").texts(".wc-conv-p") == ["Draft: Half a sentence"]
    assert typed(phone, conversation) == "Half a sentence"
    # It is hers alone, and asking for another face is a fresh one.
    page.sign_in(make.user(role="agent", accounts=[account]))
    assert typed(page, conversation) == ""
    assert page.get("console.index").texts(".wc-conv-draft") == []
    assert typed(phone, conversation, compose="buttons") == ""


def test_buttons_notes_and_values_come_back_in_their_own_form(
    page: Any, make: Any, account: Any, conversation: Any
) -> None:
    version = version_of(keep(page, conversation, "Which?", compose="buttons", **{"buttons-1": "Red"}))
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.soup.select_one("[name=buttons-1]")["value"] == "Red"
    card = {"compose": "contacts", "people-1-first_name": "Ada"}
    version = version_of(keep(page, conversation, "Which?", version, **card))
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.soup.select_one("[name=people-1-first_name]")["value"] == "Ada"
    row = make.message_template(account)
    given = {"compose": "template", "message_template": row.id, "value_body_1": "Ada"}
    version = version_of(keep(page, conversation, "", version, **given))
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert (shown.soup.select_one("#chosen-template")["value"], "Ada" in shown.text()) == (str(row.id), True)
    keep(page, conversation, "", version, compose="note", note="Ask Ben")
    assert typed(page, conversation) == "Ask Ben"
    assert db.session.scalars(select(Message)).all() == []


def test_two_tabs_do_not_eat_each_others_text(page: Any, conversation: Any) -> None:
    first = version_of(keep(page, conversation, "From the first tab"))
    second = keep(page, conversation, "From the second tab")
    assert "From the first tab" in second.text()
    assert [draft.fields["body"] for draft in drafts()] == [["From the first tab"]]
    # The person chooses: the button goes on from the version that is kept.
    assert f'"draft": "{first}"' in second.soup.select_one("button")["hx-vals"]
    chosen = version_of(keep(page, conversation, "From the second tab", first))
    assert [draft.fields["body"] for draft in drafts()] == [["From the second tab"]]
    # What the first tab sends is its own text; the second's stays.
    send(page, conversation, "From the first tab", draft=first, send_key="e" * 32)
    assert [draft.version for draft in drafts()] == [chosen]


def test_sending_clears_it_and_a_late_save_does_not_bring_it_back(page: Any, conversation: Any) -> None:
    version = version_of(keep(page, conversation, "On my way"))
    sent = send(page, conversation, "On my way, now", draft=version)
    assert (drafts(), version_of(sent)) == ([], "")
    for known in ("", version):
        keep(page, conversation, "On my way, now", known)
    assert drafts() == []
    # Another tab that still shows it is told, and may keep its text as a new draft.
    late = keep(page, conversation, "On my way, and more", version, send_key="f" * 32)
    assert "another tab" in late.text()
    keep(page, conversation, "On my way, and more", send_key="f" * 32)
    assert len(drafts()) == 1


def test_a_failed_send_keeps_it_and_two_presses_of_one_draft_are_one_message(
    page: Any, conversation: Any
) -> None:
    version = version_of(keep(page, conversation, "x" * 4097))
    failed = send(page, conversation, "x" * 4097, status=422, draft=version)
    assert (version_of(failed), len(drafts())) == (version, 1)
    version = version_of(keep(page, conversation, "Short", version))
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.soup.select_one("#send-key")["value"] == KEY
    for _ in range(2):
        send(page, conversation, "Short", draft=version)
    assert len(db.session.scalars(select(Message)).all()) == 1


def test_with_the_window_closed_the_words_are_shown_beside_the_templates_and_come_back_later(
    page: Any, conversation: Any
) -> None:
    keep(page, conversation, "Your parcel is there")
    conversation.last_inbound_at = utcnow() - timedelta(hours=30)
    db.session.commit()
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.texts("#held-back") == ["Your parcel is there"]
    conversation.last_inbound_at = utcnow()
    db.session.commit()
    assert typed(page, conversation) == "Your parcel is there"


def test_without_script_a_button_keeps_it_and_emptying_drops_it(page: Any, conversation: Any) -> None:
    data = {"compose": "text", "send_key": KEY, "body": "By hand"}
    page.post("console.keep_draft", conversation_id=conversation.id, data=data, status=303)
    assert typed(page, conversation) == "By hand"
    (draft,) = drafts()
    keep(page, conversation, "  ", draft.version)
    assert drafts() == []


def test_what_is_no_draft_is_not_kept(page: Any, conversation: Any) -> None:
    for data in ({}, {"compose": "text"}, {"compose": "nonsense", "send_key": KEY, "body": "x"}):
        page.post("console.keep_draft", conversation_id=conversation.id, data=data, htmx=True, status=204)
    assert "too long" in keep(page, conversation, "x" * 200_001).text()
    keep(page, conversation, "Kept", **{"csrf": "no", "value_" + "x" * 200: "no"})
    (draft,) = drafts()
    assert set(draft.fields) == {"body", "send_key"}
    draft.updated_at = utcnow() - timedelta(days=31)
    db.session.commit()
    assert purge("drafts", 30) == 1


def test_a_window_that_closes_over_a_text_keeps_it_and_offers_the_templates(
    page: Any, make: Any, account: Any, conversation: Any
) -> None:
    make.message_template(account)
    place = {"conversation_id": conversation.id, "compose": "text", "htmx": True}
    bar = page.get("console.window", **place).soup
    assert bar.select_one("#window-closes") is None
    assert bar.select_one("#window-bar")["data-closes-at"]
    conversation.last_inbound_at = utcnow() - timedelta(hours=24)
    db.session.commit()
    asks = page.get("console.window", **place).soup.select_one("#window-closes")
    typed_so_far = {"compose": "text", "send_key": KEY, "body": "One line\nand half an", "draft": ""}
    data = {**typed_so_far, "csrf_token": page.csrf_token()}
    shown = page.open(asks["hx-post"], method="POST", data=data, htmx=True, status=200)
    assert shown.soup.select_one("#held-back").get_text() == "One line\nand half an"
    assert shown.soup.select("#message-template-options code")
    assert [draft.fields["body"] for draft in drafts()] == [["One line\nand half an"]]
    for face in ("template", "note"):
        calm = page.get("console.window", **{**place, "compose": face})
        assert calm.soup.select_one("#window-closes") is None
