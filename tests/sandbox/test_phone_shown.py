"""What the business sent, as the phone shows it."""

from __future__ import annotations

import re
from typing import Any

import pytest
import requests

from app.sandbox import sample_media
from app.sandbox.phone.formatting import first_link, formatted, plain
from tests.sandbox.support import CUSTOMER, Meta, Receiver, eventually, wamid_of
from tests.sandbox.test_phone_page import page, page_with, press

LIST = {
    "button": "See times",
    "sections": [
        {"title": "Monday", "rows": [{"id": "m", "title": "10:00", "description": "With Ana"}]},
        {"title": "Tuesday", "rows": [{"id": "t", "title": "9:00"}]},
    ],
}


def chat_of(shown: str) -> str:
    """Only the thread."""
    return shown.partition('id="thread"')[2].partition('id="things"')[0]


def upload(meta: Meta, kind: str) -> str:
    sample = sample_media.sample(kind)
    form = {"messaging_product": "whatsapp", "type": sample.mime_type.split(";")[0]}
    answer = meta.call(
        "POST",
        f"{meta.number_id}/media",
        data=form,
        files={"file": (sample.filename, sample.data, form["type"])},
    )
    return str(answer.json()["id"])


@pytest.mark.parametrize(
    "text,expected",
    [
        (
            "*bold* _it_ ~no~ `x`",
            "<strong>bold</strong> <em>it</em> <s>no</s> <code>x</code>",
        ),
        ("*_both_*", "<strong><em>both</em></strong>"),
        ("2*3*4 and snake_case_name", "2*3*4 and snake_case_name"),
        ("* not* _ this_", "<ul><li>not*"),
        ("```a *b*```", "<code class='block'>a *b*</code>"),
        ("a ``` b", "a ``` b"),
        ("- one\n- two", "<ul><li>one</li><li>two</li></ul>"),
        ("3. three\n4. four", "<ol start='3'><li>three</li><li>four</li></ol>"),
        ("> said", "<blockquote>said</blockquote>"),
        ("<b>*x*</b>", "&lt;b&gt;<strong>x</strong>&lt;/b&gt;"),
        ("see https://a.example/b?c=1&d=2.", "<a href='https://a.example/b?c=1&amp;d=2'"),
        ('https://a.example/"onclick=x', "<a href='https://a.example/'"),
        ("javascript:alert(1)", "<span class='lines'>javascript:alert(1)</span>"),
    ],
)
def test_marks_become_markup_and_all_else_is_escaped(text: str, expected: str) -> None:
    assert expected in formatted(text)


def test_marks_vanish_from_quotes_and_a_link_is_found_without_its_full_stop() -> None:
    assert plain("*Hi*\n- _you_") == "Hi you"
    assert first_link("Look: https://a.example/b. Soon") == "https://a.example/b"


def test_thousands_of_open_marks_are_formatted_quickly() -> None:
    for text in ("*a" * 2048, "_*~" * 1365, "`" * 4096, "https://" * 512):
        assert formatted(text)


def test_files_of_the_business_are_shown_played_and_downloaded(connected: Meta) -> None:
    connected.receive()
    ids = {kind: upload(connected, kind) for kind in ("image", "audio", "video", "document", "sticker")}
    connected.send(type="image", image={"id": ids["image"], "caption": "Your *house*"})
    connected.send(type="audio", audio={"id": ids["audio"], "voice": True})
    connected.send(type="video", video={"id": ids["video"]})
    connected.send(type="sticker", sticker={"id": ids["sticker"]})
    connected.send(type="document", document={"id": ids["document"], "filename": "policy.pdf"})
    shown = page_with(connected, 'download="policy.pdf"')
    for tag, kind in (("img", "image"), ("audio", "audio"), ("video", "video"), ("img", "sticker")):
        assert re.search(rf'<{tag} [^>]*src="/phone/media/{ids[kind]}', shown), kind
    assert "Your <strong>house</strong>" in shown
    assert 'class="msg bare"' in shown
    file = requests.get(f"{connected.sandbox.url}/phone/media/{ids['document']}", timeout=20)
    assert file.headers["Content-Disposition"].startswith("attachment; filename=document.pdf")
    part = requests.get(
        f"{connected.sandbox.url}/phone/media/{ids['video']}", headers={"Range": "bytes=0-9"}, timeout=20
    )
    assert (part.status_code, len(part.content)) == (206, 10)


def test_file_that_is_gone_and_one_by_link_are_said(connected: Meta) -> None:
    connected.receive()
    media_id = upload(connected, "image")
    connected.send(type="image", image={"id": media_id})
    connected.send(type="document", document={"link": "https://a.example/terms.pdf"})
    page_with(connected, "terms.pdf")
    connected.call("DELETE", media_id)
    shown = chat_of(page(connected))
    assert "The file is no longer there" in shown
    assert "which the sandbox does not fetch" in shown
    assert 'href="https://a.example/terms.pdf" target="_blank" rel="noopener' in shown


def test_place_contact_and_link_are_cards(connected: Meta) -> None:
    connected.receive()
    place = {"latitude": 51.5, "longitude": -0.08, "name": "Our office", "address": "1 Bridge St"}
    connected.send(type="location", location=place)
    people = [
        {
            "name": {"formatted_name": "Ana Lopez", "first_name": "Ana"},
            "phones": [{"phone": "+1 202 555 0199"}],
            "org": {"company": "Meridian"},
        },
        {"name": {"formatted_name": "Ben Ode", "first_name": "Ben"}},
    ]
    connected.send(type="contacts", contacts=people)
    connected.send(type="text", text={"body": "See https://a.example/new", "preview_url": True})
    shown = page_with(connected, "<b>a.example</b>")
    for words in (
        "Our office",
        "1 Bridge St",
        "51.5000, -0.0800",
        "Ana Lopez and 1 other contact",
        "Meridian",
    ):
        assert words in shown
    assert "+1 202 555 0199" in shown


def test_list_opens_with_its_sections_and_can_be_answered_twice(connected: Meta, receiver: Receiver) -> None:
    connected.receive()
    content = {"type": "list", "body": {"text": "When?"}, "action": LIST}
    wamid = wamid_of(connected.send(type="interactive", interactive=content))
    shown = page_with(connected, "See times")
    assert [title for title in ("Monday", "Tuesday", "With Ana") if title not in shown] == []
    for key in ("m", "t"):
        shown = press(connected, f"taps?wamid={wamid.replace('=', '%3D')}", tap=f"list:{key}")
    assert shown.count('class="row-act chosen"') == 2


def test_same_title_on_two_cards_is_chosen_on_one(connected: Meta) -> None:
    connected.receive()
    cards = [
        {
            "card_index": index,
            "type": "cta_url",
            "header": {"type": "image", "image": {"link": "https://a.example/a.png"}},
            "body": {"text": f"Loaf {index}"},
            "action": {
                "buttons": [{"type": "quick_reply", "quick_reply": {"id": f"q{index}", "title": "More"}}]
            },
        }
        for index in range(2)
    ]
    content = {"type": "carousel", "body": {"text": "Ours"}, "action": {"cards": cards}}
    wamid = wamid_of(connected.send(type="interactive", interactive=content))
    page_with(connected, "Loaf 1")
    shown = press(connected, f"taps?wamid={wamid.replace('=', '%3D')}", tap="card:q0")
    assert shown.count('class="act chosen"') == 1


def test_offer_tells_its_end_and_code_can_be_copied(connected: Meta) -> None:
    components: list[dict[str, Any]] = [
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon over", "has_expiration": True}},
        {"type": "BODY", "text": "Ten off"},
        {
            "type": "BUTTONS",
            "buttons": [
                {"type": "COPY_CODE", "example": "TEN"},
                {"type": "URL", "text": "Shop", "url": "https://a.example/"},
            ],
        },
    ]
    one = {"name": "ten_off", "language": "en_US", "category": "MARKETING", "components": components}
    body = {"waba_id": connected.waba_id, "message_templates": [one]}
    assert connected.sandbox.control("POST", "message_templates", body).status_code == 201
    code = [{"type": "coupon_code", "coupon_code": "TEN-4711"}]
    for ends_ms, words in ((4_102_444_800_000, "Ends in"), (1_000_000_000_000, "Offer ended")):
        offer = {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": ends_ms}}
        parts = [
            {"type": "limited_time_offer", "parameters": [offer]},
            {"type": "button", "sub_type": "copy_code", "index": 0, "parameters": code},
        ]
        wamid_of(connected.send_template("ten_off", parts))
        assert 'data-copy="TEN-4711"' in page_with(connected, words)


def test_both_sides_react_and_each_keeps_its_own(connected: Meta) -> None:
    inbound = connected.receive().json()["wamid"]
    connected.send(type="reaction", reaction={"message_id": inbound, "emoji": "👍"})
    page_with(connected, "Reactions: </span>👍")
    shown = press(connected, f"reactions?wamid={inbound.replace('=', '%3D')}", emoji="🎉")
    assert "Reactions: </span>👍🎉" in shown


def test_message_to_someone_who_blocked_never_shows(connected: Meta, receiver: Receiver) -> None:
    press(connected, "messages", text="Hello")
    shown = press(connected, "switches", switch="has_blocked")
    assert "You blocked this business: nothing goes out" in shown
    connected.send_text("Please come back")
    # Whatever was to come of it has come once a later message is read.
    receiver.wait_for_status(wamid_of(connected.send_template(to="+12025550147")), "read")
    press(connected, "switches", switch="has_blocked")
    assert "Please come back" not in chat_of(page(connected))


def test_business_types_until_it_has_sent(connected: Meta) -> None:
    wamid = connected.receive().json()["wamid"]
    body = {"messaging_product": "whatsapp", "status": "read", "message_id": wamid}
    connected.post(f"{connected.number_id}/messages", body)
    assert 'id="typing"' not in page(connected)
    connected.post(f"{connected.number_id}/messages", body | {"typing_indicator": {"type": "text"}})
    assert 'id="typing"' in page(connected)
    connected.send_text("Here I am")
    assert 'id="typing"' not in page_with(connected, "Here I am")


def test_unread_messages_stand_under_a_line_and_the_day_is_said_once(connected: Meta) -> None:
    press(connected, "messages", text="Hello")
    press(connected, "switches", switch="reads_messages")
    for text in ("First", "Second"):
        connected.send_text(text)
    shown = eventually(lambda: found if "2 unread messages" in (found := page(connected)) else "")
    assert (shown.count('id="unread-line"'), shown.count('<span class="day">')) == (1, 1)
    assert shown.index("unread-line") < shown.index("First")


def test_nothing_new_is_answered_without_a_body(meta: Meta) -> None:
    params = {"to": meta.number_id, "as": CUSTOMER}
    url = f"{meta.sandbox.url}/phone/live"

    def unchanged() -> bool:  # the clock of the phone may turn in between
        first = requests.get(url, params=params, timeout=20)
        again = requests.get(url, params=params, headers={"If-None-Match": first.headers["ETag"]}, timeout=20)
        return again.status_code == 304

    assert eventually(unchanged)
