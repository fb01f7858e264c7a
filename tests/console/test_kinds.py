"""What a customer can send, from Meta's post through the worker into the thread: every kind, no riddle."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.models import Message, MessageStatus
from app.sandbox.every_kind import every_kind
from app.services import event_work
from tests.support.webhooks import Meta, metadata

SAMPLES = json.loads((Path(__file__).parent / "data" / "samples.json").read_text())
SAMPLES.sort(key=lambda sample: sample["name"] == "message_system_number_change")
"""Whoever writes from a number after its owner changed it is somebody else."""
WA_ID = "447700900777"


@pytest.fixture
def arrive(app: Flask, make: Any, sign_in: Any) -> Any:
    """`arrive([message, …])`: each in a post of its own, worked off; answers the page's conversation."""
    account = make.account()
    sign_in("agent", [account])
    meta = Meta(app)

    def _arrive(messages: list[dict[str, Any]]) -> Message:
        for place, message in enumerate(messages):
            now = {"from": WA_ID, "timestamp": str(int(time.time()) + place), "id": f"wamid.K{place}"}
            of_one_person = {"from": WA_ID, "from_user_id": "GB.777"}
            value = {
                "messaging_product": "whatsapp",
                "metadata": metadata(account),
                "contacts": [{"profile": {"name": "Kim"}, "wa_id": WA_ID}],
                "messages": [{**now, **message, **of_one_person, "timestamp": now["timestamp"]}],
            }
            assert meta.tell(account, value).status_code == 200
        while event_work.work_off():
            continue
        db.session.expire_all()
        row: Message = db.session.query(Message).order_by(Message.id).first()
        return row

    return _arrive


@pytest.fixture
def thread(page: Any) -> Any:
    def _open(message: Message, **values: Any) -> Any:
        id_ = message.conversation_id
        db.session.rollback()
        return page.get("console.thread", conversation_id=id_, **values)

    return _open


def test_every_sample_of_metas_reads_as_what_it_is(arrive: Any, thread: Any) -> None:
    shown = thread(arrive([sample["message"] for sample in SAMPLES]))
    log = " ".join(shown.texts("#thread-scroll"))
    missing = [(sample["name"], word) for sample in SAMPLES for word in sample["words"] if word not in log]
    assert missing == []
    assert len(shown.soup.select("#thread-log [id^=message-]")) == len(SAMPLES)
    assert "of the kind “" not in log


def test_what_the_sandbox_plays_as_every_kind_reads_as_what_it_is(arrive: Any, thread: Any) -> None:
    shown = thread(arrive(every_kind(WA_ID)))
    log = " ".join(shown.texts("#thread-scroll"))
    words = [
        "opened the chat for the first time",
        "Edited at",
        "The customer deleted this message at",
        "About the product SKU-1",
        "Forwarded many times",
        "Sent an address",
        "12 Harbour Lane",
        "You may call",
        "security code changed",
        "Reaction of the customer: 👍",
    ]
    assert [word for word in words if word not in log] == []
    assert "of the kind “" not in log
    assert shown.soup.select_one(".wc-bub-t blockquote").get_text() == "a quote"
    assert shown.soup.select_one(".wc-linked b").get_text() == "shop.example"


def test_an_edit_and_a_deletion_are_told_at_the_message_with_what_it_said(arrive: Any, thread: Any) -> None:
    new = {"type": "text", "text": {"body": "The 31 of May"}}
    row = arrive(
        [
            {"type": "text", "text": {"body": "The 13 of May"}},
            {"type": "edit", "edit": {"original_message_id": "wamid.K0", "message": new}},
            {"type": "text", "text": {"body": "My card is 4242"}},
            {"type": "revoke", "revoke": {"original_message_id": "wamid.K2"}},
            {"type": "revoke", "revoke": {"original_message_id": "wamid.NEVER-KEPT"}},
        ]
    )
    shown = thread(row)
    assert shown.texts(".wc-msg .wc-bub > .wc-bub-t") == ["The 31 of May"]
    assert "The 13 of May" in shown.texts(".wc-before")[0]
    assert shown.texts(".wc-gone")[0].startswith("The customer deleted this message at")
    assert "My card is 4242" in shown.texts(".wc-before")[1]
    assert [text.partition(",")[0] for text in shown.texts(".wc-evt[id]")] == [
        "The customer deleted an earlier message"
    ]


def test_nobody_edits_or_deletes_what_the_business_wrote(make: Any, thread: Any, sign_in: Any) -> None:
    account = make.account()
    sign_in("agent", [account])
    conversation = make.conversation(account)
    ours = make.message(conversation, wamid="wamid.OURS", text_content="The price is 90")
    for kind in ("edit", "revoke"):
        content = {"original_message_id": "wamid.OURS", "message": {"type": "text", "text": {"body": "9"}}}
        make.message(conversation, outbound=False, message_type=kind, content=content, text_content="9")
    shown = thread(ours)
    assert shown.texts(f"#message-{ours.id} .wc-bub-t") == ["The price is 90"]
    assert len(shown.soup.select("#thread-log [id^=message-]")) == 3


def test_a_reaction_that_failed_stands_alone_with_its_reason(make: Any, thread: Any, sign_in: Any) -> None:
    account = make.account()
    sign_in("agent", [account])
    conversation = make.conversation(account)
    target = make.message(conversation, outbound=False, wamid="wamid.T")
    make.message(
        conversation,
        message_type="reaction",
        content={"message_id": "wamid.T", "emoji": "👍"},
        status=MessageStatus.FAILED,
        error_code=131000,
    )
    shown = thread(target)
    assert shown.texts(f"#message-{target.id} .wc-reactions") == []
    assert len(shown.texts(".wc-fail")) == 1


def test_a_quote_leads_to_its_message_on_the_page_or_beyond_it(make: Any, thread: Any, sign_in: Any) -> None:
    account = make.account()
    sign_in("agent", [account])
    conversation = make.conversation(account)
    far = make.message(conversation, wamid="wamid.FAR", text_content="Long ago")
    for _ in range(51):
        make.message(conversation, outbound=False)
    near = make.message(conversation, wamid="wamid.NEAR", text_content="Just now")
    for wamid in ("wamid.FAR", "wamid.NEAR"):
        make.message(conversation, outbound=False, context_wamid=wamid)
    links = [link["href"] for link in thread(near).soup.select("a.wc-quote")]
    assert links == [f"/console/{conversation.id}/?at={far.id}#message-{far.id}", f"#message-{near.id}"]
