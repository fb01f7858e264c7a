"""Answering to a chosen message, and reacting to a customer's."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Message, MessageStatus, utcnow
from app.queries.access import SYSTEM
from app.services import claiming, messages, outcomes, reactions, sending
from app.services.quoting import KEPT_AT_META


@pytest.fixture
def account(make: Any, sandbox: Any) -> Any:
    return make.sandbox_account(sandbox.new_account())


@pytest.fixture
def conversation(account: Any, make: Any, sign_in: Any) -> Any:
    sign_in("agent", [account])
    return make.conversation(account, contact=make.contact(account, profile_name="Grace"))


@pytest.fixture
def asked(conversation: Any, make: Any) -> Any:
    return make.message(conversation, outbound=False, text_content="Blue or red?")


def ours(conversation: Any) -> list[Message]:
    db.session.expire_all()
    statement = select(Message).where(
        Message.conversation_id == conversation.id, Message.direction == "outbound"
    )
    return list(db.session.scalars(statement.order_by(Message.id)))


def send_all() -> None:
    outcomes.record([sending.deliver(one) for one in claiming.claim("test-worker", 16).outgoing])
    db.session.expire_all()


def react(page: Any, message: Any, emoji: str, status: int = 200, **options: Any) -> Any:
    place = {"conversation_id": message.conversation_id, "message_id": message.id}
    return page.post("console.react", data={"emoji": emoji}, status=status, **place, **options)


def test_an_answer_carries_the_message_it_is_for_until_it_is_taken_away(
    page: Any, make: Any, conversation: Any, asked: Any
) -> None:
    shown = page.get("console.thread", conversation_id=conversation.id)
    link = shown.soup.select_one(f"#message-{asked.id} a.wc-deed")
    # The plain link, and what a script posts with what is typed.
    assert page.open(link["href"].partition("#")[0]).texts(".wc-quoting .wc-quote") == ["Grace Blue or red?"]
    typed = {"body": "Half a sen", "compose": "buttons", "buttons-0": "Blue", "csrf_token": page.csrf_token()}
    chosen = page.open(link["hx-post"], method="POST", data=typed, htmx=True, status=200)
    assert chosen.texts(".wc-quoting .wc-quote") == ["Grace Blue or red?"]
    assert chosen.soup.select_one("#message-body").get_text().strip() == "Half a sen"
    assert chosen.soup.select_one("[name=buttons-0]")["value"] == "Blue"
    away = chosen.soup.select_one(".wc-quoting a")["hx-post"]
    given = {**typed, "quote": asked.id}
    without = page.open(away, method="POST", data=given, htmx=True, status=200)
    assert without.soup.select_one(".wc-quoting") is None
    assert without.soup.select_one("[name=buttons-0]")["value"] == "Blue"

    data = {"body": "Blue", "quote": asked.id, "send_key": "c" * 32}
    sent = page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=200)
    assert sent.soup.select_one(".wc-quoting") is None
    (message,) = ours(conversation)
    assert message.context_wamid == asked.wamid
    quote = sent.soup.select_one(f"#message-{message.id} a.wc-quote")
    assert (quote["href"], quote.get_text(" ").split()[-3:]) == (
        f"#message-{asked.id}",
        ["Blue", "or", "red?"],
    )
    # The same press with another quote is not taken for the same message.
    data["quote"] = make.message(conversation, outbound=False).id
    page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=422)
    assert len(ours(conversation)) == 1


def test_what_cannot_be_quoted_any_more_is_told_and_nothing_typed_is_lost(
    page: Any, make: Any, conversation: Any
) -> None:
    old = make.message(conversation, outbound=False, occurred_at=utcnow() - KEPT_AT_META)
    foreign = make.message(make.conversation(), outbound=False)
    for id_ in (old.id, foreign.id, 10**9):
        data = {"body": "Still here", "quote": id_}
        answer = page.post(
            "console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=422
        )
        assert answer.soup.select_one("#message-body").get_text().strip() == "Still here"
        assert "no longer be quoted" in answer.texts("#form-errors")[0]
    assert ours(conversation) == []
    assert (
        page.get("console.thread", conversation_id=conversation.id).soup.select(
            f"#message-{old.id} .wc-deeds"
        )
        == []
    )


def test_a_quoted_answer_and_a_reaction_reach_meta(
    sandbox: Any, make: Any, account: Any, conversation: Any
) -> None:
    number = account.phone_numbers[0].meta_id
    heard = {"type": "text", "text": {"body": "Blue or red?"}}
    body = {"phone_number_id": number, "from": f"+{conversation.contact.wa_id}", "message": heard}
    wamid = sandbox.control("POST", "inbound", body)["wamid"]
    asked = make.message(conversation, outbound=False, wamid=wamid)
    answer = messages.queue_text(conversation=conversation, body="Blue", actor=SYSTEM, context_wamid=wamid)
    send_all()
    reaction = reactions.react(conversation=conversation, message=asked, emoji="👍", actor=SYSTEM)
    send_all()
    assert reaction is not None
    assert (answer.status, reaction.status) == (MessageStatus.SENT, MessageStatus.SENT)
    taken = {row["wamid"]: row for row in sandbox.messages()}
    assert taken[answer.wamid]["payload"]["context"]["message_id"] == wamid
    assert taken[reaction.wamid]["payload"]["reaction"] == {"message_id": wamid, "emoji": "👍"}


def test_a_reaction_is_set_changed_and_taken_back_once_each(page: Any, conversation: Any, asked: Any) -> None:
    place = f"#message-{asked.id} "
    shown = react(page, asked, "👍", htmx=True)
    react(page, asked, "👍", status=303)
    assert [row.content for row in ours(conversation)] == [{"message_id": asked.wamid, "emoji": "👍"}]
    assert shown.texts(place + ".wc-reaction-ours")[0].startswith("Your reaction: 👍")
    opens = shown.soup.select_one(f"#react-{asked.id}")
    for chooser in (page.open(opens["href"].partition("#")[0]), page.open(opens["hx-get"], htmx=True)):
        (pressed,) = chooser.soup.select(place + ".wc-emoji[aria-pressed=true]")
        assert pressed["value"] == ""
        assert "react=" in chooser.soup.select_one("#thread-log")["hx-get"]
    react(page, asked, "🙏", htmx=True)
    gone = react(page, asked, "", htmx=True)
    react(page, asked, "", htmx=True)
    assert [row.content["emoji"] for row in ours(conversation)] == ["👍", "🙏", ""]
    assert gone.soup.select(place + ".wc-reactions") == []
    # Nothing stands, so there is nothing to take back; and words are no emoji.
    for wrong in ("ok", "👍 👍", "1", "x" * 5000):
        react(page, asked, wrong, status=422, htmx=True)
    assert len(ours(conversation)) == 3
    assert react(page, asked, "5️⃣", htmx=True).texts(place + ".wc-reaction-ours")


def test_a_reaction_that_failed_is_told_and_the_one_before_stands(
    page: Any, make: Any, conversation: Any, asked: Any
) -> None:
    for emoji, status in (("👍", MessageStatus.SENT), ("🎉", MessageStatus.FAILED)):
        content = {"message_id": asked.wamid, "emoji": emoji}
        given = {"message_type": "reaction", "content": content, "text_content": emoji, "status": status}
        make.message(conversation, error_title="Try again later", **given)
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert "👍" in shown.texts(f"#message-{asked.id} .wc-reaction-ours")[0]
    assert any("The reaction 🎉 was not sent" in text for text in shown.texts(f"#message-{asked.id} .wc-evt"))
    assert shown.soup.select(f"#message-{asked.id} .wc-fail form[action$='/retry']")
