"""The conversation list: what stands in it, in which order, and how it narrows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.console.answering import answering
from app.extensions import db
from app.models import (
    BotConversation,
    BotSettings,
    Conversation,
    Direction,
    MessagePriority,
    MessageStatus,
    utcnow,
)
from app.services.conversations import show_as_last

NAMES = "#conversation-list .wc-conv-n"


def test_the_newest_conversation_stands_first(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    for name, minutes in (("Older", 60), ("Newest", 1), ("Middle", 30)):
        contact = make.contact(account, profile_name=name)
        make.conversation(account, contact=contact, last_message_at=utcnow() - timedelta(minutes=minutes))
    sign_in("agent", [account])
    assert page.get("console.index").texts(NAMES) == ["Newest", "Middle", "Older"]


def test_a_customer_without_a_name_is_shown_by_number(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    make.conversation(account, contact=make.contact(account, profile_name="", wa_id="447700900461"))
    sign_in("agent", [account])
    assert page.get("console.index").texts(NAMES) == ["+44 7700 900461"]


def test_conversations_of_other_accounts_are_not_listed(page: Any, make: Any, sign_in: Any) -> None:
    mine, other = make.account(), make.account()
    make.conversation(other)
    sign_in("agent", [mine])
    assert page.get("console.index").texts(NAMES) == []


def test_a_viewer_may_not_open_the_console(page: Any, make: Any, sign_in: Any) -> None:
    sign_in("viewer", [make.account()])
    page.get("console.index", status=403)


def test_a_conversation_of_another_account_does_not_exist(page: Any, make: Any, sign_in: Any) -> None:
    conversation = make.conversation(make.account())
    sign_in("agent", [make.account()])
    page.get("console.thread", conversation_id=conversation.id, status=404)


@pytest.mark.parametrize(
    "search",
    [
        "whitlock",
        "WHIT",
        "+44 7700 900 461",
        "07700 900461",
        "900461",
        "my daughter",
        "hannah.w",
        "@hannah.w",
    ],
)
def test_search_finds_by_name_number_and_message(page: Any, make: Any, sign_in: Any, search: str) -> None:
    account = make.account()
    contact = make.contact(account, profile_name="Hannah Whitlock", wa_id="447700900461", username="hannah.w")
    row = make.conversation(account, contact=contact, last_message_preview="Thank you")
    make.message(row, text_content="Can I add my daughter?", outbound=False)
    make.conversation(account)
    sign_in("agent", [account])
    (found,) = page.get("console.index", search=search).soup.select(NAMES)
    assert found.get_text() == "Hannah Whitlock"


@pytest.mark.parametrize("search", ["%", "_", "\\", "' OR 1=1 --"])
def test_signs_that_databases_read_as_patterns_are_only_text(
    page: Any, make: Any, sign_in: Any, search: str
) -> None:
    account = make.account()
    make.conversation(account)
    sign_in("agent", [account])
    shown = page.get("console.index", search=search)
    assert shown.texts(NAMES) == []
    assert "No conversation matches" in shown.text()


def test_unread_shows_only_what_has_unread_messages(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    make.conversation(account, contact=make.contact(account, profile_name="Unread"), unread_count=2)
    make.conversation(account)
    sign_in("agent", [account])
    assert page.get("console.index", show="unread").texts(NAMES) == ["Unread"]


def test_failed_shows_what_ended_with_a_failed_message(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    make.conversation(
        account,
        contact=make.contact(account, profile_name="Failed"),
        last_message_status=MessageStatus.FAILED,
        last_message_direction=Direction.OUTBOUND,
    )
    make.conversation(account)
    sign_in("agent", [account])
    assert page.get("console.index", show="failed").texts(NAMES) == ["Failed"]


def failed_conversation(make: Any, account: Any, name: str, **values: Any) -> None:
    """It ended with a message that failed with this code."""
    row = make.conversation(account, contact=make.contact(account, profile_name=name))
    show_as_last(row, make.message(row, status=MessageStatus.FAILED, failed_at=utcnow(), **values))
    db.session.commit()


def test_a_failed_conversation_says_why_in_a_few_words(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    failed_conversation(make, account, "By code", error_code=131026)
    failed_conversation(make, account, "By us", error_title="It expired")
    make.conversation(account, last_message_status=MessageStatus.UNCONFIRMED)
    sign_in("agent", [account])
    told = page.get("console.index").texts("#conversation-list .wc-conv-why")
    assert sorted(told) == ["It expired", "Not confirmed by Meta", "The message cannot be delivered"]


def test_failed_ones_are_narrowed_to_one_reason(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    failed_conversation(make, account, "Undeliverable", error_code=131026)
    failed_conversation(make, account, "No window", error_code=131047)
    failed_conversation(make, account, "Never left", error_title="It expired")
    sign_in("agent", [account])
    shown = page.get("console.index", show="failed", reason="131026")
    assert shown.texts(NAMES) == ["Undeliverable"]
    assert "Failed for one reason: The message cannot be delivered." in shown.texts("#conversation-list")[0]
    assert page.get("console.index", show="failed", reason="none").texts(NAMES) == ["Never left"]
    for nonsense in ({"show": "failed", "reason": "x"}, {"reason": "131026"}, {"reason": "9" * 40}):
        assert len(page.get("console.index", **nonsense).texts(NAMES)) == 3
    assert page.get("console.index", show="failed", reason="999999999").texts(NAMES) == []


def test_a_number_narrows_the_list(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    second = make.number(account)
    make.conversation(account)
    row = make.conversation(account, contact=make.contact(account, profile_name="Second"))
    row.phone_number_id = second.id
    db.session.commit()
    sign_in("agent", [account])
    assert page.get("console.index", number=second.id).texts(NAMES) == ["Second"]


def test_it_is_narrowed_to_where_the_bot_answers_as_the_bar_above_the_thread_says(
    page: Any, make: Any, sign_in: Any
) -> None:
    account, without = make.account(auto_reply_enabled=True), make.account()
    db.session.add(BotSettings(account_id=account.id, quiet_h=2))
    now, hour = utcnow(), timedelta(hours=1)

    def talk(name: str, at: Any = account, **state: Any) -> Any:
        row = make.conversation(at, contact=make.contact(at, profile_name=name), last_message_at=now)
        if state:
            db.session.add(BotConversation(conversation_id=row.id, account_id=at.id, **state))
        return row

    talk("Bot")
    talk("Taken over", handed_over_at=now - hour, quiet_until=now + hour)
    talk("Long ago", handed_over_at=now - 5 * hour, quiet_until=now - hour)
    make.message(talk("Written to"), occurred_at=now - hour)
    make.message(talk("Given back", given_back_at=now - hour / 2), occurred_at=now - hour)
    make.message(talk("Written long ago"), occurred_at=now - 3 * hour)
    talk("No bot", without)
    db.session.commit()
    sign_in("agent", [account, without])
    shown = {word: page.get("console.index", bot=word) for word in ("on", "off")}
    names = {word: set(found.texts(NAMES)) for word, found in shown.items()}
    assert names["on"] == {"Bot", "Long ago", "Given back", "Written long ago"}
    assert names["off"] == {"Taken over", "Written to", "No bot"}
    assert shown["off"].texts("#without-bot .wc-clip") == ["The bot keeps quiet"]
    rows = db.session.scalars(select(Conversation)).all()
    said = {row.contact.display_name: answering(row, db.session.get(BotConversation, row.id)) for row in rows}
    assert {name for name, bar in said.items() if bar and bar.kind == "bot"} == names["on"]


def test_choosing_an_account_forgets_a_number_of_another_one(page: Any, make: Any, sign_in: Any) -> None:
    one, other = make.account(), make.account()
    make.conversation(one, contact=make.contact(one, profile_name="One"))
    sign_in("owner")
    shown = page.get("console.index", account=one.id, number=other.phone_numbers[0].id)
    assert shown.texts(NAMES) == ["One"]


def test_the_poll_of_an_unchanged_list_answers_204(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    conversation = make.conversation(account)
    sign_in("agent", [account])
    poll = page.get("console.index").soup.select_one("#conversation-list")["hx-get"]
    assert page.open(poll + "&poll=1", htmx=True).status == 204
    conversation.version += 1
    db.session.commit()
    assert page.open(poll + "&poll=1", htmx=True).status == 200


def test_a_poll_brings_the_rows_that_changed_and_only_the_places_of_others(
    page: Any, make: Any, sign_in: Any
) -> None:
    account = make.account()
    for name in ("Ana", "Ben", "Cleo"):
        make.conversation(account, contact=make.contact(account, profile_name=name))
    sign_in("agent", [account])
    shown = page.get("console.index")
    marks = "".join(row["data-mark"] for row in shown.soup.select("#conversation-list li"))
    poll = shown.soup.select_one("#conversation-list")["hx-get"] + f"&poll=1&marks={marks}"
    tabs = shown.soup.select_one("#conversation-tabs")["data-mark"]
    ana = db.session.get(Conversation, int(shown.soup.select("#conversation-list li")[-1]["id"][13:]))
    ana.last_message_at, ana.unread_count, ana.version = utcnow() + timedelta(seconds=1), 1, ana.version + 1
    db.session.commit()

    news = page.open(f"{poll}&tabs={tabs}", htmx=True, status=200)
    assert news.texts(NAMES) == ["Ana"]
    first, *others = news.soup.select("#conversation-list li")
    assert (first["id"], [one.get("data-kept") for one in others]) == (f"conversation-{ana.id}", ["", ""])
    assert all(not one.contents for one in others)
    # One more is unread, so what stands above the rows is renewed as well.
    assert news.soup.select_one("#conversation-tabs")["data-mark"] != tabs
    # A page that does not say what it has gets all.
    assert len(page.open(poll.replace(marks, "~" * 9), htmx=True, status=200).texts(NAMES)) == 3


def test_the_last_line_says_whether_a_person_or_the_bot_wrote_it(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    for name, values in (
        ("Person", {}),
        ("Machine", {"priority": MessagePriority.BOT}),
        ("Customer", {"outbound": False}),
    ):
        conversation = make.conversation(account, contact=make.contact(account, profile_name=name))
        message = make.message(conversation, text_content=f"Said by {name}", **values)
        show_as_last(conversation, message)
    db.session.commit()
    sign_in("agent", [account])
    lines = page.get("console.index").texts("#conversation-list .wc-conv-p")
    assert sorted(lines) == ["Bot: Said by Machine", "Said by Customer", "You: Said by Person"]
    found = page.get("console.index", search="Machine").texts("#conversation-list .wc-conv-p")
    assert found == ["Bot: Said by Machine"]


def test_older_conversations_stand_on_the_next_page(page: Any, make: Any, sign_in: Any) -> None:
    account = make.account()
    at = utcnow()
    for number in range(45):
        # All at the same moment: only the id can tell them apart.
        make.conversation(
            account, last_message_at=at, contact=make.contact(account, profile_name=f"C{number}")
        )
    sign_in("agent", [account])
    first = page.get("console.index")
    older = next(link for link in first.soup.select(".wc-conv-more a") if "Older" in link.get_text())
    second = page.open(older["href"], status=200)
    names = [*first.texts(NAMES), *second.texts(NAMES)]
    assert sorted(names) == sorted(f"C{number}" for number in range(45))


def test_a_full_list_costs_few_queries(page: Any, make: Any, sign_in: Any, count_queries: Any) -> None:
    account = make.account()
    for _ in range(40):
        make.conversation(account)
    sign_in("agent", [account])
    with count_queries() as counted:
        page.get("console.index")
    assert counted.count <= 13, counted.statements
    with count_queries() as counted:
        page.get("console.index", search="Customer")
    assert counted.count <= 21, counted.statements
