"""What comes back from Flows: answers kept with their message, tokens, and Meta's news about a Flow."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event, select

from app.extensions import db
from app.models import EventState, Flow, FlowAnswer, FlowEvent, Message, WebhookEvent, utcnow
from app.queries.access import SYSTEM
from app.services import event_replay, event_work, flow_answers, flow_tokens, messages
from app.services.flow_messages import FlowText, flow_content
from app.services.flow_words import cells_of, describe_event, labels_of, open_alerts
from tests.support.flows import answer_value, claim_json
from tests.support.webhooks import Meta, change, envelope, text_message


@pytest.fixture
def meta(app: Any) -> Meta:
    return Meta(app)


def work() -> None:
    while event_work.work_off():
        continue
    db.session.expire_all()


def answers() -> list[FlowAnswer]:
    return list(db.session.scalars(select(FlowAnswer).order_by(FlowAnswer.id)))


def states() -> list[EventState]:
    return list(db.session.scalars(select(WebhookEvent.state).order_by(WebhookEvent.id)))


# --- answers --------------------------------------------------------------------------------------------


def test_an_answer_is_kept_with_its_flow_customer_and_message(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account, claim_json())
    token = flow_tokens.new_token(flow)
    given = {"flow_token": token, "place": "Kitchen", "kind": "water", "is_new": True}
    meta.tell(account, answer_value(account, given, name="Ada Obi"))
    work()
    (answer,) = answers()
    assert (answer.flow_id, answer.flow_token, answer.problem) == (flow.id, token, "")
    assert answer.answers == {"place": "Kitchen", "kind": "water", "is_new": True}
    assert answer.message.message_type == "interactive"
    assert answer.contact.display_name == "Ada Obi"
    assert answer.received_at == answer.message.occurred_at
    told = [(cell.label, cell.value) for cell in cells_of(answer, labels_of(flow))]
    assert told == [("Where was it?", "Kitchen"), ("What kind?", "Water"), ("is new", "Yes")]


def test_the_same_answer_twice_is_one_and_another_one_is_another(make: Any, meta: Meta) -> None:
    account = make.account()
    token = flow_tokens.new_token(make.flow(account))
    first = envelope(change(account, answer_value(account, {"flow_token": token, "place": "Kitchen"})))
    for body in (first, first, envelope(change(account, answer_value(account, {"flow_token": token})))):
        meta.post(body)
    work()
    assert [answer.answers for answer in answers()] == [{"place": "Kitchen"}, {}]


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "  ",
        "{broken",
        "[1, 2]",
        '"text"',
        "null",
        "[" * 100_000,
        '{"a":' * 100_000,
        "x" * 1_000_000,
        7,
        None,
    ],
    ids=[
        "empty",
        "blank",
        "broken",
        "list",
        "text",
        "null",
        "deep list",
        "deep object",
        "long",
        "number",
        "none",
    ],
)
def test_what_cannot_be_read_is_kept_and_told(make: Any, meta: Meta, raw: Any) -> None:
    account = make.account()
    meta.tell(account, answer_value(account, raw))
    work()
    (answer,) = answers()
    assert answer.problem
    assert answer.answers == {}
    assert answer.message.content["nfm_reply"].get("response_json") == raw
    assert states() == [EventState.PROCESSED]


@pytest.mark.parametrize("reply", [None, 5, "text", []])
def test_a_form_sent_off_without_its_reply_is_kept_and_told(make: Any, meta: Meta, reply: Any) -> None:
    account = make.account()
    value = answer_value(account, {"place": "here"})
    value["messages"][0]["interactive"]["nfm_reply"] = reply
    meta.tell(account, value)
    work()
    (answer,) = answers()
    assert answer.problem == "WhatsApp sent no answers with this form."
    assert states() == [EventState.PROCESSED]


@pytest.mark.parametrize(
    "token", ["unused", "", "0123456789abcdef.AAAAAAAAAAAAAAAAAAAAAA", "x" * 5_000, 12, None]
)
def test_a_foreign_token_is_kept_without_a_flow(make: Any, meta: Meta, token: Any) -> None:
    account = make.account()
    make.flow(account)
    meta.tell(account, answer_value(account, {"flow_token": token, "place": "Kitchen"}))
    work()
    (answer,) = answers()
    assert (answer.flow_id, answer.answers) == (None, {"place": "Kitchen"})


def test_a_token_of_another_account_is_a_foreign_one(make: Any, meta: Meta) -> None:
    account = make.account()
    token = flow_tokens.new_token(make.flow(make.account()))
    meta.tell(account, answer_value(account, {"flow_token": token}))
    work()
    assert [answer.flow_id for answer in answers()] == [None]


def test_without_a_token_of_ours_the_message_that_was_sent_tells_the_flow(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account)
    conversation = make.conversation(account)
    action = {"name": "flow", "parameters": {"flow_id": flow.meta_id, "flow_token": "their own"}}
    make.message(
        conversation,
        wamid="wamid.SENT",
        message_type="interactive",
        content={"type": "flow", "action": action},
    )
    button = {"type": "FLOW", "text": "Start", "flow_id": int(flow.meta_id)}
    make.message_template(account, name="with_flow", components=[{"type": "BUTTONS", "buttons": [button]}])
    make.message(
        conversation,
        wamid="wamid.TEMPLATE",
        message_type="template",
        content={"name": "with_flow", "language": {"code": "en_US"}},
    )
    for wamid in ("wamid.SENT", "wamid.TEMPLATE", "wamid.NOT-HERE"):
        meta.tell(account, answer_value(account, {"flow_token": "their own"}, context={"id": wamid}))
    work()
    assert [answer.flow_id for answer in answers()] == [flow.id, flow.id, None]


def test_an_address_form_is_no_answer(make: Any, meta: Meta) -> None:
    account = make.account()
    value = answer_value(account, {"name": "Ada"})
    value["messages"][0]["interactive"]["nfm_reply"]["name"] = "address_message"
    meta.tell(account, value)
    work()
    assert answers() == []
    assert db.session.scalars(select(Message)).one()


def test_processing_an_event_again_doubles_no_answer(make: Any, meta: Meta) -> None:
    account = make.account()
    meta.tell(account, answer_value(account, {"flow_token": "x", "place": "Kitchen"}))
    work()
    row = db.session.scalars(select(WebhookEvent)).one()
    event_replay.replay_one(event=row, actor=SYSTEM)
    work()
    assert len(answers()) == 1


def test_messages_that_are_no_answers_cost_no_further_statement(make: Any, meta: Meta) -> None:
    account = make.account()
    for _ in range(20):
        meta.tell(account, text_message(account))
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert statements
    assert [text for text in statements if "flow" in text.lower()] == []


def test_many_answers_of_a_batch_are_looked_up_together(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account)
    for number in range(30):
        token = flow_tokens.new_token(flow)
        meta.tell(account, answer_value(account, {"flow_token": token, "number": number}))
    statements: list[str] = []

    def note(*args: Any) -> None:
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert sorted(answer.answers["number"] for answer in answers()) == list(range(30))
    assert len([text for text in statements if "FROM whatsapp_flows" in text]) == 1


# --- tokens that go out ---------------------------------------------------------------------------------


def queued(conversation: Any, content: dict[str, Any], **values: Any) -> Message:
    return messages.queue_message(
        conversation=conversation, message_type="interactive", content=content, actor=SYSTEM, **values
    )


def token_of(message: Message) -> str:
    return str(message.content["action"]["parameters"].get("flow_token", ""))


def test_each_send_has_a_token_of_its_own_that_names_the_flow(make: Any) -> None:
    conversation = make.conversation()
    flow = make.flow(conversation.account, claim_json())
    content = flow_content(flow, FlowText("Please tell us", "Start"))
    tokens = {token_of(queued(conversation, content)) for _ in range(5)}
    assert len(tokens) == 5
    assert {flow_tokens.key_of(token) for token in tokens} == {flow.token_key}
    assert content["action"]["parameters"]["flow_action_payload"] == {"screen": "CLAIM"}


def test_the_same_key_is_the_same_message_whatever_its_token(make: Any) -> None:
    conversation = make.conversation()
    content = flow_content(make.flow(conversation.account, claim_json()), FlowText("Hello", "Start"))
    first, second = (queued(conversation, content, client_key="k") for _ in range(2))
    assert first.id == second.id


def test_a_senders_own_token_and_unknown_flows_stay_as_they_are(make: Any) -> None:
    conversation = make.conversation()
    flow = make.flow(conversation.account, claim_json())
    content = flow_content(flow, FlowText("Hello", "Start"))
    own = json.loads(json.dumps(content))
    own["action"]["parameters"]["flow_token"] = "mine"
    unknown = json.loads(json.dumps(content))
    unknown["action"]["parameters"]["flow_id"] = "999"
    assert [token_of(queued(conversation, given)) for given in (own, unknown)] == ["mine", ""]


def test_a_message_templates_flow_button_gets_a_token_beside_what_was_given(make: Any) -> None:
    conversation = make.conversation()
    account = conversation.account
    flow = make.flow(account, claim_json())
    buttons = [
        {"type": "QUICK_REPLY", "text": "No"},
        {"type": "FLOW", "text": "Start", "flow_id": flow.meta_id, "flow_action": "navigate"},
    ]
    body = {"type": "BODY", "text": "Hello {{1}}, please tell us.", "example": {"body_text": [["Ada"]]}}
    row = make.message_template(account, components=[body, {"type": "BUTTONS", "buttons": buttons}])
    sent = messages.queue_message_template(
        conversation=conversation, message_template=row, values={"body.1": "Ada"}, actor=SYSTEM
    )
    component = sent.content["components"][-1]
    assert (component["type"], component["sub_type"], component["index"]) == ("button", "flow", "1")
    token = component["parameters"][0]["action"]["flow_token"]
    assert flow_tokens.key_of(token) == flow.token_key
    data = {"flow_action_data": {"policy": "MI-1"}}
    given = messages.queue_message_template(
        conversation=conversation,
        message_template=row,
        values={"body.1": "Ada", "button.1.flow": data},
        actor=SYSTEM,
    )
    action = given.content["components"][-1]["parameters"][0]["action"]
    assert action["flow_action_data"] == data["flow_action_data"]
    assert flow_tokens.key_of(action["flow_token"]) == flow.token_key
    assert len(given.content["components"]) == 2


# --- Meta's news ----------------------------------------------------------------------------------------


def tell_news(
    meta: Meta, account: Any, flow_id: str, word: str, at: int | None = None, **values: Any
) -> None:
    entry = change(
        account, {"event": word, "flow_id": flow_id, "message": "Meta says so.", **values}, "flows"
    )
    meta.post(envelope({**entry, "time": at or int(time.time())}))


def news(flow: Flow) -> list[FlowEvent]:
    return list(
        db.session.scalars(select(FlowEvent).where(FlowEvent.flow_id == flow.id).order_by(FlowEvent.id))
    )


def test_a_new_status_is_taken_over_and_kept(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account)
    change_of = {"old_status": "PUBLISHED", "new_status": "THROTTLED"}
    tell_news(meta, account, flow.meta_id, "FLOW_STATUS_CHANGE", **change_of)
    work()
    assert db.session.get_one(Flow, flow.id).status == "THROTTLED"
    (kept,) = news(flow)
    words = describe_event(kept).words
    assert (words.kind, words.quoted) == ("warn", "Meta says so.")
    assert "Repair the endpoint" in words.advice


def test_late_news_stay_news_and_change_no_status(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account, status_changed_at=utcnow())
    an_hour_ago = int(time.time()) - 3600
    tell_news(meta, account, flow.meta_id, "FLOW_STATUS_CHANGE", an_hour_ago, new_status="BLOCKED")
    work()
    assert db.session.get_one(Flow, flow.id).status == "PUBLISHED"
    assert news(flow)[0].occurred_at == datetime.fromtimestamp(an_hour_ago, UTC)


def test_the_first_publishing_seen_by_webhook_counts(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account, claim_json(), status="DRAFT", published_at=None, published_outline={})
    tell_news(meta, account, flow.meta_id, "FLOW_STATUS_CHANGE", new_status="PUBLISHED")
    work()
    row = db.session.get_one(Flow, flow.id)
    assert row.is_served
    assert row.published_outline["screens"][0]["id"] == "CLAIM"


def test_the_same_news_posted_twice_is_kept_once(make: Any, meta: Meta) -> None:
    account = make.account()
    flow = make.flow(account)
    at = int(time.time()) - 60
    for _ in range(2):
        tell_news(
            meta, account, flow.meta_id, "ENDPOINT_LATENCY", at, p90_latency=6000, alert_state="ACTIVATED"
        )
        work()
    assert len(news(flow)) == 1


@pytest.mark.parametrize(
    "word",
    [
        "CLIENT_ERROR_RATE",
        "ENDPOINT_ERROR_RATE",
        "ENDPOINT_LATENCY",
        "ENDPOINT_AVAILABILITY",
        "FLOW_VERSION_EXPIRY_WARNING",
        "SOMETHING_FROM_THE_FUTURE",
    ],
)
def test_every_alert_says_what_it_means_and_what_to_do(make: Any, meta: Meta, word: str) -> None:
    account = make.account()
    flow = make.flow(account)
    at = int(time.time()) - 600
    figures = {"error_rate": 12, "p90_latency": 6000, "availability": 80, "threshold": 5, "errors": "odd"}
    tell_news(meta, account, flow.meta_id, word, at, alert_state="ACTIVATED", **figures)
    work()
    lines = [describe_event(one) for one in reversed(news(flow))]
    assert lines[0].words.title
    assert lines[0].words.advice
    assert [line.event.event for line in open_alerts(lines)] == [word]
    tell_news(meta, account, flow.meta_id, word, at + 60, alert_state="DEACTIVATED")
    work()
    assert open_alerts([describe_event(one) for one in reversed(news(flow))]) == []


@pytest.mark.parametrize(
    "values", [{"flow_id": "12345"}, {"flow_id": None}, {"flow_id": {"a": 1}}, {"flow_id": [1]}]
)
def test_news_about_no_flow_of_ours_are_ignored_and_said(
    make: Any, meta: Meta, values: dict[str, Any]
) -> None:
    account = make.account()
    make.flow(account)
    meta.tell(account, {"event": "FLOW_STATUS_CHANGE", "new_status": "BLOCKED", **values}, "flows")
    work()
    assert states() == [EventState.IGNORED]


def test_a_reading_never_fails_on_odd_shapes() -> None:
    for content in ({}, {"nfm_reply": None}, {"nfm_reply": []}, {"nfm_reply": {"response_json": {"a": 1}}}):
        assert flow_answers.read(content).answers in ({}, {"a": 1})
