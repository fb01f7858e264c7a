"""Sending a Flow from the composer, and its answer in the thread."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Message
from app.services import flow_tokens
from tests.support.flows import answer_value, claim_json
from tests.support.webhooks import Meta


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    conversation = make.conversation()
    sign_in("agent", [conversation.account])
    return conversation


def typed(flow: Any, **values: Any) -> dict[str, Any]:
    return {"flow": flow.id, "body": "Please tell us", "button": "Start", "screen": "", **values}


def sent() -> list[Message]:
    return list(db.session.scalars(select(Message)))


def test_the_composer_offers_published_flows_first_and_drafts_as_tests(
    page: Any, make: Any, conversation: Any
) -> None:
    account = conversation.account
    make.flow(account, claim_json(), name="a draft", status="DRAFT", published_at=None)
    make.flow(account, claim_json(), name="published")
    make.flow(account, name="retired", status="DEPRECATED")
    make.flow(account, name="gone", gone_at=conversation.created_at)
    make.flow(account, name="only here", status="DRAFT", meta_id=None)
    make.flow(make.account(), name="of somebody else")
    shown = page.open(f"/console/{conversation.id}/?compose=flow", status=200)
    assert shown.texts("#flow-options a b") == ["published", "a draft"]
    assert shown.texts("#flow-options a .wc-xs") == ["Published", "Draft, as a test"]


def test_a_flow_goes_out_with_what_was_typed_and_a_token_of_ours(
    page: Any, make: Any, conversation: Any
) -> None:
    flow = make.flow(conversation.account, claim_json())
    data = typed(flow, header="Claims", footer="Meridian", screen="CLAIM")
    page.post("console.send_flow", conversation_id=conversation.id, data=data, status=303)
    (message,) = sent()
    content = message.content
    assert (content["type"], content["body"]["text"]) == ("flow", "Please tell us")
    assert (content["header"]["text"], content["footer"]["text"]) == ("Claims", "Meridian")
    parameters = content["action"]["parameters"]
    assert flow_tokens.key_of(parameters.pop("flow_token")) == flow.token_key
    assert parameters == {
        "flow_message_version": "3",
        "flow_id": flow.meta_id,
        "flow_cta": "Start",
        "mode": "published",
        "flow_action": "navigate",
        "flow_action_payload": {"screen": "CLAIM"},
    }
    assert "Start" in page.get("console.thread", conversation_id=conversation.id).texts(".wc-act")


def test_a_draft_goes_out_as_a_test(page: Any, make: Any, conversation: Any) -> None:
    flow = make.flow(conversation.account, claim_json(), status="DRAFT", published_at=None)
    page.post("console.send_flow", conversation_id=conversation.id, data=typed(flow), status=303)
    assert sent()[0].content["action"]["parameters"]["mode"] == "draft"


@pytest.mark.parametrize(
    "values",
    [
        {"body": ""},
        {"body": "x" * 1025},
        {"button": ""},
        {"button": "x" * 31},
        {"button": "Start 🙂"},
        {"header": "x" * 61},
        {"footer": "x" * 61},
        {"screen": "NO_SUCH_SCREEN"},
    ],
)
def test_what_breaks_a_limit_is_told_and_nothing_typed_is_lost(
    page: Any, make: Any, conversation: Any, values: dict[str, Any]
) -> None:
    flow = make.flow(conversation.account, claim_json())
    data = typed(flow, footer="kept", **values) if "footer" not in values else typed(flow, **values)
    shown = page.post("console.send_flow", conversation_id=conversation.id, data=data, status=422)
    assert sent() == []
    assert shown.texts(".wc-err, .wc-note.is-bad")
    if "footer" not in values:
        assert shown.soup.select_one("#footer")["value"] == "kept"


@pytest.mark.parametrize("flow_id", ["", "0", "999999", "x", "-1", "99999999999999999999"])
def test_a_flow_that_cannot_be_sent_is_told(page: Any, make: Any, conversation: Any, flow_id: str) -> None:
    flow = make.flow(make.account(), claim_json())
    for wanted in (flow_id, str(flow.id)):
        data = {**typed(flow), "flow": wanted}
        shown = page.post("console.send_flow", conversation_id=conversation.id, data=data, status=422)
        assert "can no longer be sent" in shown.text()
    assert sent() == []


def test_outside_the_window_no_flow_leaves(page: Any, make: Any, sign_in: Any) -> None:
    conversation = make.conversation(window_open=False)
    sign_in("agent", [conversation.account])
    flow = make.flow(conversation.account, claim_json())
    shown = page.post("console.send_flow", conversation_id=conversation.id, data=typed(flow), status=422)
    assert "over 24 hours ago" in shown.text()
    assert sent() == []


def test_the_answer_stands_in_the_thread_as_a_table_with_the_way_to_its_flow(
    app: Flask, page: Any, make: Any, conversation: Any
) -> None:
    from app.services import event_work

    account = conversation.account
    flow = make.flow(account, claim_json(), name="Claim <form>")
    given = {"flow_token": flow_tokens.new_token(flow), "place": "<b>Kitchen</b>", "kind": "water"}
    wa_id = conversation.contact.wa_id
    for value in (answer_value(account, given, wa_id=wa_id), answer_value(account, "{broken", wa_id=wa_id)):
        Meta(app).tell(account, value)
    while event_work.work_off():
        continue
    shown = page.get("console.thread", conversation_id=conversation.id)
    assert shown.texts(".wc-qa th") == ["Where was it?", "What kind?"]
    assert shown.texts(".wc-qa td") == ["<b>Kitchen</b>", "Water"]
    assert shown.soup.select_one(".wc-bub-f a")["href"] == f"/flows/{flow.id}/"
    assert "cannot be read" in shown.text()
    assert "{broken" in shown.text()
    assert given["flow_token"] not in shown.html


def test_a_thread_without_answers_asks_for_none(
    page: Any, make: Any, conversation: Any, count_queries: Any
) -> None:
    make.message(conversation, outbound=False)
    with count_queries() as counted:
        page.get("console.thread", conversation_id=conversation.id)
    assert not [text for text in counted.statements if "flow_answers" in text]
