"""One conversation's thread: each kind of message truthfully, ticks, failures, quotes, polls."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.extensions import db
from app.models import ApiKey, ConversationNote, MessagePriority, MessageStatus, utcnow

PRODUCT = {"product_retailer_id": "SKU-1", "quantity": 2, "item_price": 9.5, "currency": "GBP"}
CARD = {"name": {"formatted_name": "Ann"}, "phones": [{"phone": "+44 1"}]}
TAPPED = {"type": "button_reply", "button_reply": {"id": "1", "title": "Thursday"}}
CHOSEN = {"type": "list_reply", "list_reply": {"id": "1", "title": "08:00", "description": "2 left"}}
FORM = {"type": "nfm_reply", "nfm_reply": {"response_json": '{"policy": "MI-1", "flow_token": "s"}'}}
BROKEN_FORM = {"type": "nfm_reply", "nfm_reply": {"response_json": "[1"}}

INBOUND_KINDS: list[tuple[str, dict[str, Any], list[str]]] = [
    ("text", {"body": "Good *morning*"}, ["Good morning"]),
    ("image", {"mime_type": "image/jpeg", "caption": "The bonnet"}, ["Photo", "image/jpeg", "The bonnet"]),
    ("video", {"mime_type": "video/mp4"}, ["Video", "video/mp4"]),
    ("audio", {"mime_type": "audio/ogg; codecs=opus", "voice": True}, ["Voice message", "audio/ogg"]),
    ("audio", {"mime_type": "audio/mpeg"}, ["Audio"]),
    ("document", {"filename": "estimate.pdf", "mime_type": "application/pdf"}, ["estimate.pdf"]),
    ("sticker", {"mime_type": "image/webp", "animated": True}, ["Animated sticker"]),
    ("location", {"latitude": 51.45, "longitude": -2.58, "name": "Quay"}, ["Quay", "51.45, -2.58"]),
    ("contacts", {"contacts": [CARD]}, ["Ann", "+44 1"]),
    ("button", {"payload": "p", "text": "Yes please"}, ["Tapped a button", "Yes please"]),
    ("interactive", TAPPED, ["Tapped a button", "Thursday"]),
    ("interactive", CHOSEN, ["Chose from the list", "08:00", "2 left"]),
    ("interactive", FORM, ["Sent a form", "policy", "MI-1"]),
    ("order", {"product_items": [PRODUCT]}, ["Order", "SKU-1", "9.50 GBP", "Total 19.00 GBP"]),
    ("system", {"body": "The number changed"}, ["The number changed"]),
    ("unsupported", {"unsupported": {"type": "poll_creation"}}, ["sent a poll", "does not hand on"]),
    ("hologram", {"beam": "blue"}, ["hologram", "beam", "blue"]),
    ("revoke", {"original_message_id": "x"}, ["deleted an earlier message"]),
]
ODD_CONTENT = [{}, {"type": 7, "body": [1], "contacts": "x", "product_items": {"a": 1}}, BROKEN_FORM]


@pytest.fixture
def thread(page: Any, make: Any, sign_in: Any) -> Any:
    """Opens a conversation: `thread(conversation)`."""

    def _open(conversation: Any, **values: Any) -> Any:
        return page.get("console.thread", conversation_id=conversation.id, **values)

    return _open


@pytest.fixture
def conversation(make: Any, sign_in: Any) -> Any:
    account = make.account()
    sign_in("agent", [account])
    return make.conversation(account)


@pytest.mark.parametrize("message_type, content, words", INBOUND_KINDS)
def test_every_kind_of_message_is_readable(
    thread: Any, make: Any, conversation: Any, message_type: str, content: dict[str, Any], words: list[str]
) -> None:
    make.message(conversation, outbound=False, message_type=message_type, content=content, text_content="")
    log = thread(conversation).texts("#thread-log")[0]
    assert all(word in log for word in words), log


@pytest.mark.parametrize("message_type", [kind for kind, _, _ in INBOUND_KINDS])
@pytest.mark.parametrize("content", ODD_CONTENT)
def test_content_that_makes_no_sense_does_not_break_the_thread(
    message_type: str, content: dict[str, Any]
) -> None:
    from app.console.bodies import read_body

    assert read_body(message_type, content, "") is not None


def test_what_a_customer_writes_never_becomes_markup(thread: Any, make: Any, conversation: Any) -> None:
    text = "<script>alert(1)</script> <b>x</b>"
    make.message(conversation, outbound=False, text_content=text, content={"body": text})
    make.message(conversation, outbound=False, message_type="document", content={"filename": text})
    shown = thread(conversation)
    assert "<script>alert" not in shown.html
    assert shown.texts("#thread-log .wc-bub-t") == [text]


@pytest.mark.parametrize(
    "status, name",
    [
        ("queued", "Queued"),
        ("sending", "Sending"),
        ("sent", "Sent"),
        ("delivered", "Delivered"),
        ("read", "Read"),
    ],
)
def test_each_tick_has_a_name(thread: Any, make: Any, conversation: Any, status: str, name: str) -> None:
    make.message(conversation, status=MessageStatus(status))
    ticks = thread(conversation).soup.select("#thread-log [role=img]")
    assert [tick["aria-label"] for tick in ticks] == [name]


def test_a_failure_says_what_happened_and_what_to_do(thread: Any, make: Any, conversation: Any) -> None:
    make.message(
        conversation,
        status=MessageStatus.FAILED,
        error_code=131026,
        error_title="Undeliverable",
        failed_at=utcnow(),
    )
    failure = thread(conversation).texts(".wc-fail")[0]
    assert "Code 131026." in failure
    assert "Send again" in failure


def test_a_failure_by_the_closed_window_offers_a_template_instead(
    thread: Any, make: Any, conversation: Any
) -> None:
    make.message(conversation, status=MessageStatus.FAILED, error_code=131047, failed_at=utcnow())
    failure = thread(conversation).texts(".wc-fail")[0]
    assert "Use a template" in failure
    assert "Send again" not in failure


@pytest.mark.parametrize(
    "role, code, buttons",
    [
        ("agent", 190, ["Send again"]),
        ("manager", 190, ["Update access token", "Send again"]),
        ("agent", 131042, ["Open account health", "Send again"]),
        ("agent", 132016, ["Open templates", "Use a template"]),
        ("agent", 133010, ["Open the account", "Send again"]),
        ("agent", 132068, ["Open Flows", "Send again"]),
        ("agent", 131050, []),
    ],
)
def test_a_failure_offers_what_helps_to_whoever_may(
    page: Any, make: Any, sign_in: Any, role: str, code: int, buttons: list[str]
) -> None:
    account = make.account()
    sign_in(role, [account])
    message = make.message(
        make.conversation(account), status=MessageStatus.FAILED, error_code=code, failed_at=utcnow()
    )
    shown = page.get("console.thread", conversation_id=message.conversation_id)
    assert shown.texts(".wc-fail .btn") == buttons
    assert shown.soup.select_one(f'.wc-fail a[href="/settings/failures/?q={code}"]')


def test_a_failure_that_wants_a_wait_is_not_sent_again_before(
    thread: Any, make: Any, conversation: Any
) -> None:
    message = make.message(
        conversation, status=MessageStatus.FAILED, error_code=131049, failed_at=utcnow() - timedelta(hours=23)
    )
    shown = thread(conversation)
    assert "Not to be sent again before" in shown.texts(".wc-fail")[0]
    assert shown.texts(".wc-fail .btn") == []
    message.failed_at = utcnow() - timedelta(hours=25)
    db.session.commit()
    assert thread(conversation).texts(".wc-fail .btn") == ["Send again"]


def test_an_unconfirmed_message_says_what_each_way_out_does(
    thread: Any, make: Any, conversation: Any
) -> None:
    make.message(conversation, status=MessageStatus.UNCONFIRMED)
    (told,) = thread(conversation).texts(".wc-unsure")
    assert "the customer may get it twice" in told
    assert "It counts as failed here" in told


def test_an_unconfirmed_message_offers_two_ways(thread: Any, make: Any, conversation: Any) -> None:
    make.message(conversation, status=MessageStatus.UNCONFIRMED)
    assert thread(conversation).texts(".wc-unsure button") == ["Send again anyway", "Do not send again"]


def test_a_reaction_stands_on_the_message_it_is_for(thread: Any, make: Any, conversation: Any) -> None:
    target = make.message(conversation, wamid="wamid.T", occurred_at=utcnow() - timedelta(minutes=3))
    for minutes, emoji in ((2, "👍"), (1, "❤️")):
        make.message(
            conversation,
            outbound=False,
            message_type="reaction",
            content={"message_id": "wamid.T", "emoji": emoji},
            occurred_at=utcnow() - timedelta(minutes=minutes),
        )
    shown = thread(conversation)
    assert shown.texts(f"#message-{target.id} .wc-reactions") == ["Reaction of the customer: ❤️"]
    assert len(shown.soup.select("#thread-log [id^=message-]")) == 1


def test_a_reaction_that_was_taken_back_is_gone(thread: Any, make: Any, conversation: Any) -> None:
    make.message(conversation, wamid="wamid.T", occurred_at=utcnow() - timedelta(minutes=3))
    for emoji in ("👍", ""):
        content = {"message_id": "wamid.T", "emoji": emoji}
        make.message(conversation, outbound=False, message_type="reaction", content=content)
    assert thread(conversation).texts(".wc-reactions") == []


def test_an_answer_quotes_what_it_answers(thread: Any, make: Any, conversation: Any) -> None:
    make.message(conversation, wamid="wamid.Q", text_content="Which day?")
    make.message(conversation, outbound=False, context_wamid="wamid.Q", text_content="Thursday")
    make.message(conversation, outbound=False, context_wamid="wamid.LOST", text_content="?")
    assert thread(conversation).texts(".wc-quote") == [
        "In answer to: You Which day?",
        "In answer to: A message that is not kept here",
    ]


def test_the_button_a_customer_chose_is_marked(thread: Any, make: Any, conversation: Any) -> None:
    buttons = [{"type": "reply", "reply": {"id": str(n), "title": f"Day {n}"}} for n in (1, 2)]
    make.message(
        conversation,
        wamid="wamid.B",
        message_type="interactive",
        content={"type": "button", "body": {"text": "Which?"}, "action": {"buttons": buttons}},
    )
    reply = {"type": "button_reply", "button_reply": {"id": "2", "title": "Day 2"}}
    make.message(
        conversation, outbound=False, message_type="interactive", content=reply, context_wamid="wamid.B"
    )
    assert thread(conversation).texts(".wc-act.chosen") == ["Chosen: Day 2"]


def test_a_message_template_is_shown_with_its_values(thread: Any, make: Any, conversation: Any) -> None:
    row = make.message_template(conversation.account)
    parameters = [{"type": "text", "text": "Grace"}, {"type": "text", "text": "BM-9"}]
    content = {
        "name": row.name,
        "language": {"code": row.language},
        "components": [{"type": "body", "parameters": parameters}],
    }
    make.message(
        conversation,
        message_type="template",
        content=content,
        text_content="Hello Grace, your order BM-9 is on its way.",
    )
    shown = thread(conversation)
    assert shown.texts(".wc-bub-t") == ["Hello Grace, your order BM-9 is on its way."]
    assert row.name in shown.texts(".wc-tag")[0]


def test_a_sent_carousel_is_a_row_of_its_cards_with_what_each_said(
    thread: Any, make: Any, conversation: Any
) -> None:
    buttons = [
        {"type": "QUICK_REPLY", "text": "Take it"},
        {"type": "URL", "text": "Look", "url": "https://a.example/{{1}}"},
    ]
    card = [
        {"type": "HEADER", "format": "IMAGE"},
        {"type": "BODY", "text": "Only {{1}} today"},
        {"type": "BUTTONS", "buttons": buttons},
    ]
    components = [
        {"type": "BODY", "text": "Hello {{1}}"},
        {"type": "CAROUSEL", "cards": [{"components": card}, {"components": card}]},
    ]
    row = make.message_template(conversation.account, components=components)
    sent = [
        {
            "card_index": place,
            "components": [
                {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]},
                {"type": "body", "parameters": [{"type": "text", "text": price}]},
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "1",
                    "parameters": [{"type": "text", "text": price}],
                },
            ],
        }
        for place, price in enumerate(("5 EUR", "7 EUR"))
    ]
    parts = [
        {"type": "body", "parameters": [{"type": "text", "text": "Grace"}]},
        {"type": "carousel", "cards": sent},
    ]
    content = {"name": row.name, "language": {"code": row.language}, "components": parts}
    make.message(conversation, message_type="template", content=content, text_content="Hello Grace")
    shown = thread(conversation)
    (cards,) = shown.soup.select("#thread-log ul.wc-cards")
    assert (cards["tabindex"], cards["aria-label"]) == ("0", "Cards"), "it scrolls by keyboard, too"
    assert shown.texts(".wc-cards .wc-bub-t") == ["Only 5 EUR today", "Only 7 EUR today"]
    assert shown.texts(".wc-cards .wc-act") == ["Take it", "Look"] * 2
    assert shown.soup.select_one(".wc-cards [aria-label=Image], .wc-cards [title=Image]") is not None


def test_a_sent_product_carousel_shows_as_many_products_as_were_sent(
    thread: Any, make: Any, conversation: Any
) -> None:
    card = [
        {"type": "HEADER", "format": "PRODUCT"},
        {"type": "BUTTONS", "buttons": [{"type": "SPM", "text": "View"}]},
    ]
    carousel = {"type": "CAROUSEL", "cards": [{"components": card}, {"components": card}]}
    row = make.message_template(conversation.account, components=[{"type": "BODY", "text": "New"}, carousel])
    sent = [
        {
            "card_index": place,
            "components": [
                {
                    "type": "header",
                    "parameters": [{"type": "product", "product": {"product_retailer_id": f"LOAF-{place}"}}],
                }
            ],
        }
        for place in range(3)
    ]
    parts = [{"type": "carousel", "cards": [*sent, {"card_index": "x"}, "nonsense"]}]
    content = {"name": row.name, "language": {"code": row.language}, "components": parts}
    make.message(conversation, message_type="template", content=content, text_content="New")
    assert thread(conversation).texts(".wc-cards .wc-bub-t") == ["LOAF-0", "LOAF-1", "LOAF-2"]


def test_a_message_template_changed_since_shows_the_words_that_were_sent(
    thread: Any, make: Any, conversation: Any
) -> None:
    row = make.message_template(conversation.account, components=[{"type": "BODY", "text": "New words"}])
    content = {"name": row.name, "language": {"code": row.language}}
    make.message(conversation, message_type="template", content=content, text_content="Old words")
    assert thread(conversation).texts(".wc-bub-t") == ["Old words"]


def test_what_the_bot_wrote_says_so(thread: Any, make: Any, conversation: Any) -> None:
    make.message(conversation, priority=MessagePriority.BOT)
    assert thread(conversation).texts(".wc-msg.bot .wc-tag") == ["Bot"]


def test_days_are_told_apart(thread: Any, make: Any, conversation: Any) -> None:
    make.message(conversation, occurred_at=utcnow() - timedelta(days=1))
    make.message(conversation)
    assert thread(conversation).texts(".wc-day") == ["Yesterday", "Today"]


def test_the_poll_answers_204_until_something_changes(
    page: Any, thread: Any, make: Any, conversation: Any
) -> None:
    make.message(conversation)
    poll = thread(conversation).soup.select_one("#thread-log")["hx-get"]
    assert page.open(poll, htmx=True).status == 204
    make.message(conversation, outbound=False, text_content="Anything new?")
    conversation.version += 1
    db.session.commit()
    fresh = page.open(poll, htmx=True, status=200)
    assert "Anything new?" in fresh.text()
    assert fresh.soup.select_one("#window-bar")["hx-swap-oob"] == "morph"


def test_earlier_messages_come_page_by_page_and_none_is_lost(
    page: Any, thread: Any, make: Any, conversation: Any
) -> None:
    at = utcnow() - timedelta(hours=1)
    for number in range(120):
        # Several at the very same moment: their order must not lose one at a page's edge.
        make.message(conversation, text_content=f"m{number}", occurred_at=at + timedelta(seconds=number // 7))
    shown = thread(conversation)
    texts, rounds = shown.texts(".wc-bub-t"), 0
    while (more := shown.soup.select_one("a.wc-earlier")) is not None:
        shown, rounds = page.open(more["hx-get"], htmx=True, status=200), rounds + 1
        texts = shown.texts(".wc-bub-t") + texts
    assert texts == [f"m{number}" for number in range(120)]
    assert rounds == 2


def test_opening_marks_read_by_a_post_of_the_page(
    page: Any, thread: Any, make: Any, conversation: Any
) -> None:
    conversation.unread_count = 3
    db.session.commit()
    mark = thread(conversation).soup.select_one("#thread-log [hx-trigger=load]")
    db.session.refresh(conversation)
    assert conversation.unread_count == 3
    page.post("console.mark_read", conversation_id=conversation.id, htmx=True, status=204)
    db.session.refresh(conversation)
    assert mark is not None
    assert conversation.unread_count == 0
    assert thread(conversation).soup.select_one("#thread-log [hx-trigger=load]") is None


@pytest.mark.parametrize(
    "written_ago, kind, words",
    [
        (timedelta(minutes=3), "is-ok", "You can write freely for 23 h 5"),
        (timedelta(hours=22, minutes=30), "is-warn", "The window closes in 1 h 2"),
        (timedelta(hours=23, minutes=59, seconds=30), "is-bad", "The 24-hour window is closed."),
        (timedelta(hours=40), "is-bad", "The 24-hour window is closed."),
        (None, "is-bad", "The customer has not written yet."),
    ],
)
def test_the_window_bar_says_how_it_stands(
    thread: Any, make: Any, conversation: Any, written_ago: timedelta | None, kind: str, words: str
) -> None:
    conversation.last_inbound_at = utcnow() - written_ago if written_ago else None
    db.session.commit()
    bar = thread(conversation).soup.select_one("#window-bar .wc-window")
    assert kind in bar["class"]
    assert words in bar.get_text()


def test_a_message_links_to_what_the_bot_made_of_it_also_when_it_kept_quiet(
    thread: Any, make: Any, conversation: Any
) -> None:
    quiet = make.message(conversation, outbound=False, text_content="And now?")
    make.bot_trace(quiet)
    make.message(conversation, outbound=False, text_content="Before there was a bot")
    links = thread(conversation).soup.select("#thread-log .wc-when a[href^='/bot/']")
    assert [link.get_text() for link in links] == ["What the bot made of it"]
    assert links[0]["href"].endswith(f"/bot/messages/{quiet.id}")


def test_a_thread_costs_few_queries(thread: Any, make: Any, conversation: Any, count_queries: Any) -> None:
    for number in range(50):
        make.message(conversation, outbound=bool(number % 2), text_content=f"m{number}")
    db.session.refresh(conversation)
    with count_queries() as counted:
        thread(conversation)
    assert counted.count <= 20, counted.statements
    # And with all that may stand around messages.
    make.bot_trace(make.message(conversation, outbound=False))
    make.message(conversation, sender_id=make.user(name="Ana Lopes").id)
    make.planned_message(conversation)
    make.team(conversation.account)
    make.contact_field(conversation.account)
    db.session.add(ConversationNote(conversation_id=conversation.id, body="A note"))
    db.session.commit()
    db.session.refresh(conversation)
    with count_queries() as counted:
        shown = thread(conversation)
    assert counted.count <= 26, counted.statements
    assert all(text in shown.text() for text in ("Ana Lopes", "See you then", "A note"))


# --- what is new, and what lies far back --------------------------------------------------------------------


def new_lines(shown: Any) -> list[str]:
    """The message right under each line "New since you looked"."""
    return [line.find_next_sibling(class_="wc-msg")["id"] for line in shown.soup.select(".wc-new")]


def test_what_came_since_this_person_looked_stands_under_a_line(
    page: Any, thread: Any, make: Any, conversation: Any, sign_in: Any
) -> None:
    make.message(conversation, outbound=False, text_content="Seen")
    mark = thread(conversation).soup.select_one("#thread-log [hx-trigger=load]")
    page.post("console.mark_read", conversation_id=conversation.id, htmx=True, status=204, **query_of(mark))
    assert new_lines(thread(conversation)) == []
    make.message(conversation, text_content="Ours is not new")
    fresh = make.message(conversation, outbound=False, text_content="New one")
    make.message(conversation, outbound=False, text_content="New two")
    shown = thread(conversation)
    assert new_lines(shown) == [f"message-{fresh.id}"]
    # A colleague's look takes nothing from it; one's own does, at the next opening, not under one's eyes.
    mark = shown.soup.select_one("#thread-log [hx-trigger=load]")
    page.post("console.mark_read", conversation_id=conversation.id, htmx=True, status=204, **query_of(mark))
    kept = shown.soup.select_one("#thread-new")["value"]
    poll = page.get("console.thread_messages", conversation_id=conversation.id, new=kept, htmx=True)
    assert new_lines(poll) == [f"message-{fresh.id}"]
    assert new_lines(thread(conversation)) == []
    sign_in("manager", [conversation.account])
    conversation.unread_count = 1
    db.session.commit()
    assert new_lines(thread(conversation)) != []


def query_of(mark: Any) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(mark["hx-post"]).query))


@pytest.mark.parametrize("asked", ["", "nonsense", "99999999999999999999-1"])
def test_older_messages_of_no_place_are_not_found(page: Any, conversation: Any, asked: str) -> None:
    url = {"conversation_id": conversation.id, "before_message": asked}
    page.get("console.older_messages", status=404, htmx=True, **url)


def test_a_late_message_stands_at_its_own_time_and_says_so(thread: Any, make: Any, conversation: Any) -> None:
    written = utcnow() - timedelta(hours=3)
    late = make.message(conversation, outbound=False, text_content="Late", occurred_at=written)
    make.message(conversation, outbound=False, occurred_at=utcnow() - timedelta(hours=1))
    shown = thread(conversation)
    assert shown.soup.select("#thread-log .wc-msg")[0]["id"] == f"message-{late.id}"
    assert "Arrived here 3 h after it was written" in shown.texts(f"#message-{late.id} .wc-tag")


def test_each_message_of_ours_says_who_wrote_it(thread: Any, make: Any, conversation: Any) -> None:
    user = make.user(name="Ana Lopes")
    make.api_key()
    key = db.session.query(ApiKey).one()
    trace = make.message(conversation, outbound=False)
    make.message(conversation, sender_id=user.id, sent_at=utcnow())
    make.message(conversation, api_key_id=key.id)
    make.message(conversation, priority=MessagePriority.BOT, bot_reply_to_id=trace.id)
    make.message(conversation, content={"body": "On its way", "_phone_app": True})
    shown = thread(conversation)
    assert shown.texts(".wc-by") == ["Ana Lopes", "API, key “test”", "Phone app"]
    assert shown.soup.select_one(".wc-msg.bot .wc-tag a")["href"] == f"/bot/messages/{trace.id}"
    assert "Sent" in shown.soup.select(".wc-msg.out summary")[0]["title"]
