"""The composer: one click is one message, nothing typed is lost, the window is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import Conversation, Message, MessageStatus, utcnow


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("agent", [account])
    return make.conversation(account)


def sent(conversation: Any) -> list[Message]:
    db.session.expire_all()
    statement = select(Message).where(Message.conversation_id == conversation.id).order_by(Message.id)
    return list(db.session.scalars(statement))


def key_of(shown: Any) -> str:
    return str(shown.soup.select_one("#composer [name=send_key]")["value"])


def close_window(conversation: Any) -> None:
    conversation.last_inbound_at = utcnow() - timedelta(hours=30)
    db.session.commit()


def test_an_answer_is_queued_and_stands_in_the_thread(page: Any, conversation: Any) -> None:
    data = {"body": "Good morning", "send_key": "a" * 32}
    answer = page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=200)
    assert [message.text_content for message in sent(conversation)] == ["Good morning"]
    assert answer.texts("#thread-log .wc-bub-t") == ["Good morning"]
    assert answer.soup.select_one("#message-body").get_text().strip() == ""
    assert key_of(answer) != "a" * 32


def test_without_script_the_page_comes_back(page: Any, conversation: Any) -> None:
    answer = page.post(
        "console.send_text", conversation_id=conversation.id, data={"body": "Hello"}, status=303
    )
    assert answer.response.headers["Location"].endswith(f"/console/{conversation.id}/")


def test_pressed_twice_it_is_one_message(page: Any, conversation: Any) -> None:
    key = key_of(page.get("console.thread", conversation_id=conversation.id))
    for _ in range(3):
        data = {"body": "Only once", "send_key": key}
        page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=200)
    assert len(sent(conversation)) == 1


def test_the_same_key_with_another_text_is_asked_about(page: Any, conversation: Any) -> None:
    data = {"body": "First", "send_key": "b" * 32}
    page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=200)
    data["body"] = "First, and more"
    answer = page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=422)
    assert "First, and more" in answer.soup.select_one("#message-body").get_text()
    assert key_of(answer) != "b" * 32
    assert len(sent(conversation)) == 1


@pytest.mark.parametrize("body", ["", "   ", "x" * 4097])
def test_what_whatsapp_would_not_take_stays_in_the_composer(page: Any, conversation: Any, body: str) -> None:
    answer = page.post(
        "console.send_text", conversation_id=conversation.id, data={"body": body}, htmx=True, status=422
    )
    assert answer.soup.select_one("#composer [role=alert]") is not None
    assert sent(conversation) == []


def test_the_closed_window_is_kept_by_the_server_and_the_text_survives(page: Any, conversation: Any) -> None:
    close_window(conversation)
    data = {"body": "A long answer I typed"}
    answer = page.post("console.send_text", conversation_id=conversation.id, data=data, htmx=True, status=422)
    assert "A long answer I typed" in answer.soup.select_one("#message-body").get_text()
    assert "24 hours" in answer.texts("#form-errors")[0]
    assert sent(conversation) == []


def test_with_the_window_closed_the_composer_is_the_choice_of_a_template(
    page: Any, make: Any, conversation: Any
) -> None:
    make.message_template(conversation.account, name="order_update")
    make.message_template(make.account(), name="of_another_account")
    close_window(conversation)
    shown = page.get("console.thread", conversation_id=conversation.id, compose="text")
    assert shown.soup.select_one("#message-body") is None
    assert shown.texts("#message-template-options code") == ["order_update"]


def test_the_window_bar_offers_the_fitting_composer_after_a_change(page: Any, conversation: Any) -> None:
    shown = page.get("console.window", conversation_id=conversation.id, compose="template", htmx=True)
    assert "Write a message" in shown.text()
    close_window(conversation)
    shown = page.get("console.window", conversation_id=conversation.id, compose="text", htmx=True)
    assert "Choose a template" in shown.text()


def test_a_message_template_goes_out_with_its_values(page: Any, make: Any, conversation: Any) -> None:
    row = make.message_template(conversation.account)
    close_window(conversation)
    data = {"message_template": row.id, "value_body_1": "Grace", "value_body_2": "BM-7"}
    page.post(
        "console.send_message_template", conversation_id=conversation.id, data=data, htmx=True, status=200
    )
    assert sent(conversation)[0].text_content == "Hello Grace, your order BM-7 is on its way."


def test_a_missing_value_is_said_at_its_field(page: Any, make: Any, conversation: Any) -> None:
    row = make.message_template(conversation.account)
    data = {"message_template": row.id, "value_body_1": "Grace", "value_body_2": ""}
    answer = page.post(
        "console.send_message_template", conversation_id=conversation.id, data=data, htmx=True, status=422
    )
    assert answer.soup.select_one("#value_body_1")["value"] == "Grace"
    assert answer.soup.select_one("#value_body_2")["aria-invalid"] == "true"
    assert sent(conversation) == []


def test_a_message_template_of_another_account_cannot_be_sent(
    page: Any, make: Any, conversation: Any
) -> None:
    row = make.message_template(make.account())
    data = {"message_template": row.id, "value_body_1": "a", "value_body_2": "b"}
    page.post(
        "console.send_message_template", conversation_id=conversation.id, data=data, htmx=True, status=422
    )
    assert sent(conversation) == []


def test_the_preview_shows_what_is_typed(page: Any, make: Any, conversation: Any) -> None:
    row = make.message_template(conversation.account)
    data = {"message_template": row.id, "value_body_1": "<Grace>"}
    shown = page.post("console.preview", conversation_id=conversation.id, data=data, htmx=True, status=200)
    assert "Hello <Grace>, your order {{2}}" in shown.text()


def test_reply_buttons_are_sent_as_metas_object(page: Any, conversation: Any) -> None:
    data = {"body": "Which day?", "buttons-0": "Wednesday", "buttons-1": "", "buttons-2": "Thursday"}
    page.post("console.send_buttons", conversation_id=conversation.id, data=data, htmx=True, status=200)
    message = sent(conversation)[0]
    titles = [button["reply"]["title"] for button in message.content["action"]["buttons"]]
    assert (message.message_type, titles) == ("interactive", ["Wednesday", "Thursday"])


@pytest.mark.parametrize("titles", [["", "", ""], ["Same", "Same", ""], ["x" * 21, "", ""]])
def test_buttons_whatsapp_would_refuse_are_refused_here(
    page: Any, conversation: Any, titles: list[str]
) -> None:
    data = {"body": "Which day?", **{f"buttons-{index}": title for index, title in enumerate(titles)}}
    answer = page.post(
        "console.send_buttons", conversation_id=conversation.id, data=data, htmx=True, status=422
    )
    assert "Which day?" in answer.soup.select_one("#message-body").get_text()
    assert sent(conversation) == []


def test_a_list_is_sent_with_its_entries(page: Any, conversation: Any) -> None:
    data = {
        "body": "Choose a time",
        "button": "Times",
        "rows-0-title": "08:00",
        "rows-0-description": "2 places left",
        "rows-1-title": "11:30",
    }
    page.post("console.send_list", conversation_id=conversation.id, data=data, htmx=True, status=200)
    rows = sent(conversation)[0].content["action"]["sections"][0]["rows"]
    assert [row["title"] for row in rows] == ["08:00", "11:30"]
    assert rows[0]["description"] == "2 places left"


def test_a_list_has_sections_and_what_is_wrong_stands_beside_its_field(page: Any, conversation: Any) -> None:
    def send(status: int, **more: str) -> Any:
        data = {
            "body": "When?",
            "button": "Times",
            **{f"rows-{row}-{name}": "" for row in range(10) for name in ("section", "title", "description")},
            "rows-1-title": "08:00",
            "rows-2-section": "Friday",
            "rows-2-title": "09:00",
            "rows-3-title": "10:00",
            **{name.replace("_", "-"): value for name, value in more.items()},
        }
        return page.post(
            "console.send_list", conversation_id=conversation.id, data=data, htmx=True, status=status
        )

    def beside(shown: Any) -> list[str]:
        return [one["id"] for one in shown.soup.select(".wc-err[id^=rows-]")]

    assert beside(send(422)) == ["rows-1-section-err"]
    titled = {"rows_1_section": "Thursday"}
    wrong = send(422, **titled, rows_5_description="Late", rows_7_section="x" * 25, rows_8_section="Empty")
    assert beside(wrong) == [
        "rows-5-title-err",
        "rows-7-section-err",
        "rows-8-section-err",
    ]
    shown = send(200, **titled)
    assert sent(conversation)[0].content["action"]["sections"] == [
        {"title": "Thursday", "rows": [{"id": "row-1", "title": "08:00"}]},
        {
            "title": "Friday",
            "rows": [{"id": "row-2", "title": "09:00"}, {"id": "row-3", "title": "10:00"}],
        },
    ]
    listed = ["Thursday", "08:00", "Friday", "09:00", "10:00"]
    assert shown.texts(".wc-listopt li") == listed


def test_what_is_typed_moves_along_to_another_kind_of_message(page: Any, conversation: Any) -> None:
    shown = page.post(
        "console.composer",
        conversation_id=conversation.id,
        compose="buttons",
        data={"body": "Half a thought", "compose": "text"},
        htmx=True,
        status=200,
    )
    assert "Half a thought" in shown.soup.select_one("#message-body").get_text()
    assert shown.soup.select_one("[name='buttons-0']") is not None


def test_a_failed_message_can_be_sent_again(page: Any, make: Any, conversation: Any) -> None:
    message = make.message(conversation, status=MessageStatus.FAILED, error_code=131026, failed_at=utcnow())
    page.post("console.retry", conversation_id=conversation.id, message_id=message.id, htmx=True, status=200)
    assert sent(conversation)[0].status is MessageStatus.QUEUED


def test_a_retry_after_the_window_closed_says_why_not(page: Any, make: Any, conversation: Any) -> None:
    message = make.message(conversation, status=MessageStatus.FAILED, error_code=131026, failed_at=utcnow())
    close_window(conversation)
    answer = page.post(
        "console.retry", conversation_id=conversation.id, message_id=message.id, htmx=True, status=422
    )
    assert "window has closed" in answer.texts("#thread-problem")[0]


def test_an_unconfirmed_message_can_be_left(page: Any, make: Any, conversation: Any) -> None:
    message = make.message(conversation, status=MessageStatus.UNCONFIRMED)
    page.post("console.leave", conversation_id=conversation.id, message_id=message.id, htmx=True, status=200)
    assert sent(conversation)[0].status is MessageStatus.FAILED


def test_a_message_of_another_conversation_cannot_be_retried_here(
    page: Any, make: Any, conversation: Any
) -> None:
    other = make.message(make.conversation(make.account()), status=MessageStatus.FAILED, failed_at=utcnow())
    page.post("console.retry", conversation_id=conversation.id, message_id=other.id, htmx=True, status=404)


def test_a_form_without_its_token_sends_nothing(page: Any, conversation: Any) -> None:
    page.post(
        "console.send_text", conversation_id=conversation.id, data={"body": "x"}, csrf=False, status=400
    )
    assert sent(conversation) == []


def test_a_new_conversation_begins_with_a_message_template(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    sign_in("agent", [account])
    data = {
        "number": account.phone_numbers[0].id,
        "to": "+44 7700 900123",
        "message_template": row.id,
        "value_body_1": "Grace",
        "value_body_2": "BM-1",
        "send_key": "c" * 32,
    }
    for _ in range(2):
        page.post("console.send_first", data=data, status=303)
    conversations = list(db.session.scalars(select(Conversation)))
    assert [item.contact.wa_id for item in conversations] == ["447700900123"]
    assert len(sent(conversations[0])) == 1


@pytest.mark.parametrize("to", ["", "hello", "12"])
def test_a_number_that_is_none_is_said_at_its_field(page: Any, make: Any, sign_in: Any, to: str) -> None:
    account = make.account()
    row = make.message_template(account, components=[{"type": "BODY", "text": "We have news for you."}])
    sign_in("agent", [account])
    data = {"number": account.phone_numbers[0].id, "to": to, "message_template": row.id}
    answer = page.post("console.send_first", data=data, status=422)
    assert answer.soup.select_one("#to")["aria-invalid"] == "true"
    assert list(db.session.scalars(select(Message))) == []


def test_choosing_a_template_shows_its_fields_and_sends_nothing(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    row = make.message_template(account)
    sign_in("agent", [account])
    data = {"number": account.phone_numbers[0].id, "to": "", "message_template": row.id, "step": "fill"}
    shown = page.post("console.send_first", data=data, htmx=True, status=200)
    assert shown.soup.select_one("#value_body_2") is not None
    assert list(db.session.scalars(select(Message))) == []


def test_the_number_of_another_account_is_not_offered(page: Any, make: Any, sign_in: Any) -> None:
    mine, other = make.account(), make.account()
    sign_in("agent", [mine])
    data = {"number": other.phone_numbers[0].id, "to": "+44 7700 900123", "message_template": 0}
    page.post("console.send_first", data=data, status=422)


@pytest.mark.parametrize("query", ["conversation=1", "conversation_id=1", "_external=1&_scheme=javascript"])
def test_without_htmx_the_composer_s_address_is_passed_on_as_text_only(
    page: Any, conversation: Any, query: str
) -> None:
    here = page.url("console.thread", conversation_id=conversation.id)
    answer = page.open(f"{page.url('console.composer', conversation_id=conversation.id)}?{query}", status=303)
    assert answer.response.headers["Location"] == f"{here}?{query}"
