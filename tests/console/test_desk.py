"""Teams, limits, masked numbers, who is here, notes that name somebody, what is new: as agents meet them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from app.extensions import db
from app.models import (
    AccountDesk,
    AgentsSee,
    BlockState,
    ContactBlock,
    Conversation,
    ConversationEvent,
    DeskSettings,
    JoinState,
    MessageStatusEvent,
    NoteMention,
    Role,
    TeamEvent,
    utcnow,
)
from app.queries.access import actor_of_user
from app.services import messages, presence, teamwork
from app.services.message_text import preview

NAMES = "#conversation-list .wc-conv-n"
NUMBER = "+44 7700 900777"


@pytest.fixture
def account(make: Any) -> Any:
    return make.account()


@pytest.fixture
def ana(account: Any, make: Any, page: Any) -> Any:
    user = make.user(role="agent", accounts=[account], name="Ana")
    page.sign_in(user)
    return user


@pytest.fixture
def ben(account: Any, make: Any) -> Any:
    return make.user(role="agent", accounts=[account], name="Ben Ode")


@pytest.fixture
def grace(account: Any, make: Any) -> Any:
    """A conversation with a customer of whom nothing but the number is known."""
    contact = make.contact(account, profile_name="", wa_id="447700900777")
    return make.conversation(account, contact=contact)


def say(account: Any, **values: Any) -> None:
    row = db.session.get(AccountDesk, account.id) or AccountDesk(account_id=account.id)
    for name, value in values.items():
        setattr(row, name, value)
    db.session.add(row)
    db.session.commit()


def kept(conversation: Any) -> Conversation:
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Conversation, conversation.id)


def open_thread(page: Any, conversation: Any, **options: Any) -> Any:
    return page.get("console.thread", conversation_id=conversation.id, **options)


def test_a_team_is_given_a_conversation_and_the_list_narrows_to_it(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    sales, elsewhere = make.team(account, ben, name="Sales"), make.team(make.account(), name="Elsewhere")
    other = make.conversation(account)
    shown = open_thread(page, grace)
    assert "Sales" in shown.texts("#thread-team .wc-pop")[0]
    assert "Elsewhere" not in shown.text()
    page.post("console.assign", conversation_id=grace.id, data={"user_id": ana.id}, status=303)
    page.post("console.assign", conversation_id=grace.id, data={"team_id": sales.id}, status=303)
    assert (kept(grace).assigned_team_id, kept(grace).assigned_to_id) == (sales.id, None)
    assert "Ana gave it to the team Sales" in open_thread(page, grace).text()
    assert len(page.get("console.index", team=sales.id).texts(NAMES)) == 1
    page.post("console.assign", conversation_id=grace.id, data={"user_id": ben.id}, status=303)
    assert kept(grace).assigned_team_id == sales.id
    page.post("console.assign", conversation_id=grace.id, data={"user_id": ana.id}, status=303)
    assert kept(grace).assigned_team_id is None
    for team_id in (elsewhere.id, "nonsense", "9" * 30):
        answer = page.post(
            "console.assign", conversation_id=other.id, data={"team_id": team_id}, htmx=True, status=422
        )
        assert answer.soup.select_one(".wc-note") is not None


@pytest.mark.parametrize("see", [AgentsSee.TEAMS, AgentsSee.OWN])
def test_an_agent_sees_no_more_than_the_account_says_in_any_place(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any, see: AgentsSee
) -> None:
    sales = make.team(account, ana)
    named = {
        name: make.conversation(account, contact=make.contact(account, profile_name=name), **held)
        for name, held in {
            "Mine": {"assigned_to_id": ana.id},
            "Team": {"assigned_to_id": ben.id, "assigned_team_id": sales.id},
            "Nobody": {},
            "Other": {"assigned_to_id": ben.id},
        }.items()
    }
    texts = {
        name: make.message(one, outbound=False, text_content=f"secret {name}") for name, one in named.items()
    }
    files = {
        name: make.media_file(
            make.message(one, outbound=False, message_type="image"), b"x", file_name=f"{name}.png"
        )
        for name, one in named.items()
    }
    for text in texts.values():
        make.bot_trace(text, is_unanswered=True)
    say(account, agents_see=see)
    wanted = {"Mine"} if see is AgentsSee.OWN else {"Mine", "Team", "Nobody"}
    assert set(page.get("console.index").texts(NAMES)) - {NUMBER} == wanted
    assert set(page.get("console.index", search="secret").texts(NAMES)) == wanted
    assert set(page.get("contacts.index").texts(".wc-main-link")) - {NUMBER} == wanted
    exported = page.post("contacts.export", status=200).text()
    bot = [page.get(f"bot.{name}", account_id=account.id).text() for name in ("overview", "decisions")]
    for name, one in named.items():
        may = name in wanted
        here = {"conversation_id": one.id}
        assert open_thread(page, one, status=200 if may else 404)
        page.get("console.media_file", **here, media_id=files[name].id, status=200 if may else 404)
        page.get("console.message_passport", **here, message_id=texts[name].id, status=200 if may else 404)
        page.post("console.close", **here, htmx=True, status=200 if may else 404)
        page.get("contacts.detail", contact_id=one.contact_id, status=200 if may else 404)
        assert (f",{name}," in exported) is may
        assert [f"secret {name}" in said for said in bot] == [may, may]
        page.get("bot.trace", message_id=texts[name].id, status=200 if may else 404)
        assert (kept(one).closed_at is not None) is may
    manager = make.user(role="manager", accounts=[account])
    page.sign_in(manager)
    assert len(page.get("console.index", desk="closed").texts(NAMES)) == len(wanted)
    open_thread(page, named["Other"], status=200)


def test_what_is_kept_about_customers_one_may_not_see_is_as_far_away_as_they_are(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    theirs = make.contact(account, profile_name="Henrietta", wa_id="447700900888")
    make.conversation(account, contact=theirs, assigned_to_id=ben.id)
    grace.assigned_to_id = ana.id
    number_id = grace.phone_number_id
    suggested = make.contact_join(theirs, grace.contact, reason="Both wrote from one number.")
    head = make.contact(account, profile_name="Isolde", wa_id="447700900890")
    make.conversation(account, contact=head, assigned_to_id=ben.id)
    grace.contact.joined_to_id = head.id
    address = make.contact_address(theirs, value="447700900889")
    for contact_id in (theirs.id, None):
        db.session.add(
            ContactBlock(
                account_id=account.id,
                phone_number_id=number_id,
                contact_id=contact_id,
                wa_id="447700900888",
                state=BlockState.BLOCKED,
            )
        )
    db.session.commit()
    steps = {
        "contacts.accept_join": {"join_id": suggested.id},
        "contacts.dismiss_join": {"join_id": suggested.id},
        "contacts.undo_join": {"join_id": suggested.id},
        "contacts.refuse_address": {"address_id": address.id},
    }
    assert "Henrietta" in page.get("contacts.blocked").text()
    assert "Henrietta" in page.get("contacts.detail", contact_id=grace.contact_id).text()
    assert "Isolde" in page.get("contacts.detail", contact_id=grace.contact_id).text()
    say(account, agents_see=AgentsSee.OWN)
    blocked = page.get("contacts.blocked").text()
    assert "Henrietta" not in blocked
    assert "900888" not in blocked.replace(" ", "")
    for shown in (
        page.get("contacts.detail", contact_id=grace.contact_id),
        page.get("contacts.join_page", contact_id=grace.contact_id),
        page.get("contacts.index"),
        open_thread(page, grace),
    ):
        markup = shown.response.get_data(as_text=True)
        assert "Henrietta" not in markup
        assert "Isolde" not in markup
        assert "900890" not in markup.replace(" ", "")
    for endpoint, values in steps.items():
        page.post(endpoint, **values, status=404)
    db.session.expire_all()
    assert suggested.state is JoinState.SUGGESTED
    assert not address.is_refused


def test_who_passes_on_what_they_may_not_see_then_is_led_back_to_the_list(
    page: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    say(account, agents_see=AgentsSee.OWN)
    grace.assigned_to_id = ana.id
    db.session.commit()
    answer = page.post("console.assign", conversation_id=grace.id, data={"user_id": ben.id}, htmx=True)
    assert answer.response.headers["HX-Redirect"] == "/console/"
    open_thread(page, grace, status=404)


def test_a_masked_number_stands_nowhere_and_is_found_only_whole(
    page: Any, make: Any, account: Any, ana: Any, grace: Any
) -> None:
    say(account, numbers_from=Role.MANAGER)
    text = "The number changed from 447700900777 to 447700900778."
    after = page.get("console.show_news").response.get_json()["after"]
    told = make.message(
        grace, outbound=False, message_type="system", text_content=text, content={"body": text}
    )
    phones = [{"phone": "+44 7700 900777", "wa_id": "447700900777", "type": "CELL"}]
    urls = [{"url": "https://wa.me/447700900777"}, {"url": "https://example.com/grace"}]
    card = {"name": {"formatted_name": "Grace A"}, "phones": phones, "birthday": "1990-12-01", "urls": urls}
    make.message(
        grace, outbound=False, message_type="contacts", content={"contacts": [card]}, context_wamid=told.wamid
    )
    grace.last_message_preview, grace.assigned_to_id = preview(told.message_type, text), ana.id
    db.session.add(DeskSettings(user_id=ana.id, tells_content=True))
    db.session.commit()
    pages = [
        page.get("console.index"),
        page.get("console.index", search="changed"),
        page.get("console.show_news", after=after),
        page.get("console.message_passport", conversation_id=grace.id, message_id=told.id),
        open_thread(page, grace),
        page.get("contacts.index"),
        page.get("contacts.detail", contact_id=grace.contact_id),
        page.post("contacts.export", status=200),
    ]
    for shown in pages:
        markup = shown.response.get_data(as_text=True)
        assert "900777" not in markup.replace(" ", "")
        assert "900778" not in markup.replace(" ", "")
        assert "0777" in markup
    assert "+44 ••• ••• 0777" in pages[0].texts(NAMES)
    assert "1990-12-01" in pages[4].text()
    assert pages[4].soup.select_one('a[href="https://example.com/grace"]') is not None
    # A search takes the digits of every script for the same, so they may not find what ASCII ones do not.
    other_digits = ("\uff17\uff17\uff10\uff10", "\u0667\u0667\u0660\u0660", "\u2077\u2077\u2070\u2070")
    guesses = ("7700", "0777", "00", "000", "4477", "changed 4477", "447700900778", *other_digits)
    for typed in ("+44 7700 900777", "07700900777", *guesses):
        count = 0 if typed in guesses else 1
        assert len(page.get("console.index", search=typed).texts(NAMES)) == count, typed
        assert len(page.get("contacts.index", search=typed).texts(".wc-main-link")) == count, typed
    page.sign_in(make.user(role="manager", accounts=[account]))
    assert page.get("console.index", search="7700").texts(NAMES) == [NUMBER]
    assert page.get("console.index", search="changed 4477").texts(NAMES) == [NUMBER]


def test_a_masked_number_is_in_no_name_no_id_and_no_word_of_metas(
    page: Any, make: Any, account: Any, ana: Any
) -> None:
    names = {"profile_name": "\u0664\u0664\u0667\u0667\u0660\u0660\u0669\u0660\u0660\u0667\u0667\u0667"}
    contact = make.contact(account, wa_id="447700900777", own_name="Grace 447700900777", **names)
    card = {"assigned_to_id": ana.id, "last_message_preview": "Contact: +44 7700 900777"}
    talk = make.conversation(account, contact=contact, **card)
    wamid = "wamid.HBgMNDQ3NzAwOTAwNzc3FQIAERgS"
    asked = make.message(talk, outbound=False, wamid=wamid, text_content="Hello")
    failed = make.message(
        talk,
        outbound=True,
        wamid=f"{wamid}B",
        context_wamid=f"{wamid}C",
        status="failed",
        error_code=131026,
        error_details="447700900777 cannot be reached",
    )
    db.session.add(
        MessageStatusEvent(
            account_id=account.id,
            message_id=failed.id,
            wamid=f"{wamid}A",
            status="failed",
            occurred_at=utcnow(),
        )
    )
    db.session.commit()
    where = {"conversation_id": talk.id}

    def look() -> list[str]:
        shown = [
            page.get("console.message_passport", message_id=asked.id, **where),
            page.get("console.message_passport", message_id=failed.id, **where),
            open_thread(page, talk),
            page.get("console.index", search="Grace"),
            page.get("contacts.detail", contact_id=contact.id),
            page.get("contacts.index"),
            page.post("contacts.export", status=200),
        ]
        return [one.response.get_data(as_text=True) for one in shown]

    assert all("900777" in markup or "wamid." in markup for markup in look())
    say(account, numbers_from=Role.MANAGER)
    for markup in look():
        assert "900777" not in markup.replace(" ", "")
        assert names["profile_name"] not in markup
        assert "NDQ3NzAw" not in markup
    form = {"own_name": "Grace +44 ••• ••• 0777", "note": "Kind"}
    page.post("contacts.save", contact_id=contact.id, data=form, status=303)
    db.session.expire_all()
    assert (contact.own_name, contact.note, contact.called) == ("Grace 447700900777", "Kind", "Grace")


def test_colleagues_see_who_looks_and_who_answers_until_it_is_old(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    thread = open_thread(page, grace)
    poll, rows = (thread.soup.select_one(name)["hx-get"] for name in ("#thread-log", "#conversation-list"))
    presence.note(user_id=ben.id, conversation_id=grace.id, is_answering=False)
    assert "Ben Ode is looking at this" in page.open(poll, htmx=True, status=200).text()
    presence.note(user_id=ben.id, conversation_id=grace.id, is_answering=True)
    assert "Ben Ode is answering" in open_thread(page, grace).texts("#thread-here")[0]
    assert "Ben Ode is answering" in page.open(rows, htmx=True, status=200).text()
    sent = {"conversation": grace.id, "answering": "1"}
    page.post("console.note_presence", data=sent, status=204)
    assert "Ana" not in open_thread(page, grace).texts("#thread-here")[0]
    for odd in ("9" * 40, "x", str(make.conversation(make.account()).id)):
        page.post("console.note_presence", data={"conversation": odd}, status=204)
    presence.note(user_id=ben.id, conversation_id=None, is_answering=True)
    assert page.open(poll, htmx=True).status == 204


def test_a_note_names_somebody_who_finds_it_and_has_read_it_by_opening(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    make.user(role="agent", accounts=[make.account()], name="Cleo")
    make.user(role="agent", accounts=[account], name="Ben")
    data = {"note": "@ben ode and @Cleo: call back. Ask @Ana, not x@Benedict."}
    page.post("console.send_note", conversation_id=grace.id, data=data, htmx=True, status=200)
    assert [row.user_id for row in db.session.query(NoteMention)] == [ben.id]
    assert open_thread(page, grace).texts(".wc-mention") == ["@ben ode", "@Ana"]
    db.session.rollback()
    page.sign_in(ben)
    assert "1 note names you" in page.get("console.index").texts("#conversation-tabs")[0]
    listed = page.get("console.list_mentions")
    assert "call back" in listed.text()
    thread = page.open(listed.soup.select_one(".wc-mentions a")["href"].split("#")[0])
    assert thread.soup.select_one("[id^=seen-]") is not None
    page.post("console.mark_read", conversation_id=grace.id, htmx=True, status=204)
    assert page.get("console.index").soup.select_one(".wc-named") is None
    say(account, agents_see=AgentsSee.OWN)
    assert "call back" not in page.get("console.list_mentions").text()


def test_news_are_told_as_the_person_wants_them(
    page: Any, make: Any, account: Any, ana: Any, ben: Any, grace: Any
) -> None:
    def ask(after: str = "") -> dict[str, Any]:
        answer: dict[str, Any] = json.loads(
            page.get("console.show_news", after=after).response.get_data(as_text=True)
        )
        return answer

    mine = make.conversation(
        account, contact=make.contact(account, profile_name="Mia"), assigned_to_id=ana.id
    )
    start = ask()
    assert start["news"] == []
    for one in (mine, grace):
        make.message(one, outbound=False, text_content="the words", created_at=utcnow())
    make.message(mine, outbound=False, text_content="long ago", created_at=utcnow() - timedelta(hours=1))
    teamwork.assign(conversation=grace, user_id=ana.id, actor=actor_of_user(ben))
    teamwork.add_note(conversation=mine, body="@Ana look", actor=actor_of_user(ben))
    found = ask(start["after"])
    assert {item["kind"] for item in found["news"]} == {"own", "assigned", "mention"}
    assert "the words" not in str(found["news"])
    assert "Mia" not in str(found["news"])
    db.session.add(
        DeskSettings(user_id=ana.id, tells_content=True, tells_assigned=False, tells_mentions=False)
    )
    db.session.commit()
    news = ask(start["after"])["news"]
    assert ("New message from Mia", "the words") in {(item["title"], item["text"]) for item in news}
    assert {item["kind"] for item in news} == {"own"}
    assert ask("nonsense")["news"] == []
    assert ask("9" * 18 + ".0.0")["news"] == []


def test_an_answer_that_is_due_is_said_in_list_and_thread_until_a_person_answers(
    page: Any, account: Any, ana: Any, grace: Any
) -> None:
    say(account, answer_target_min=15)
    for minutes, words in ((1, ""), (13, "Answer within"), (40, "Answer was due 2")):
        grace.case_since = utcnow() - timedelta(minutes=minutes)
        db.session.commit()
        shown = open_thread(page, grace)
        assert (words in shown.texts("#thread-here")[0]) is True
        assert len(shown.soup.select(".wc-due")) == (2 if words else 0)
    messages.queue_text(conversation=grace, body="Hello", actor=actor_of_user(ana))
    assert open_thread(page, grace).soup.select_one(".wc-due") is None


def test_one_chooses_what_one_is_told_and_whether_keys_do_something_and_is_away(page: Any, ana: Any) -> None:
    shown = page.get("settings.desk")
    assert shown.soup.select_one("#shortcuts") is not None
    page.post("settings.save_desk", data={"tells_sound": "y"}, status=303)
    row = db.session.get_one(DeskSettings, ana.id)
    assert (row.tells_sound, row.tells_own, row.has_shortcuts) == (True, False, False)
    db.session.rollback()
    shown = page.get("console.index")
    assert shown.soup.select_one("#shortcuts") is None
    assert "data-tells-sound" in shown.soup.select_one("#desk").attrs
    answer = page.post("console.set_away", data={"away": "1", "next": "https://evil.example"}, status=303)
    assert answer.response.headers["Location"] == "/console/"
    assert "You are away" in page.get("console.index").text()


def test_the_bots_bar_gives_the_conversation_to_who_takes_over_and_frees_it_again(
    page: Any, account: Any, ana: Any, grace: Any
) -> None:
    account.auto_reply_enabled = True
    db.session.commit()
    page.post("console.take_over", conversation_id=grace.id, htmx=True, status=200)
    assert kept(grace).assigned_to_id == ana.id
    page.post("console.give_back", conversation_id=grace.id, htmx=True, status=200)
    assert kept(grace).assigned_to_id is None
    kinds = [row.kind for row in db.session.query(ConversationEvent).order_by(ConversationEvent.id)]
    assert kinds == [TeamEvent.ASSIGNED, TeamEvent.UNASSIGNED]
