"""pywa 4.5.0 sends every kind of message it knows, and moves media; the sandbox takes each as Meta does."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pywa import WhatsApp, errors, types
from pywa.types import (
    Button,
    Contact,
    FlowButton,
    ImageCarouselCard,
    ProductsSection,
    Section,
    SectionList,
    SectionRow,
    URLButton,
    VideoCarouselCard,
)

from app.sandbox import sample_media
from tests.sandbox.clients.flows import publish_flow
from tests.sandbox.support import CUSTOMER, Meta

MEDIA = ("image", "video", "document", "audio", "sticker")
LINK = "https://shop.example.com/file"
FLOW = FlowButton(
    title="Book",
    flow_id="400100200300901",
    flow_token="tok",
    flow_action_type=types.FlowActionType.NAVIGATE,
    flow_action_screen="START",
    flow_action_payload={"name": "Ana"},
)
ROWS = [
    Section(title="Today", rows=[SectionRow(title="10:00", callback_data="s1", description="30 minutes")]),
    Section(title="Tomorrow", rows=[SectionRow(title="11:00", callback_data="s2")]),
]
YES_OR_NO = [Button(title="Yes", callback_data="y"), Button(title="No", callback_data="n")]
BUY = URLButton(title="Buy", url=LINK)
CARD = Contact(
    name=Contact.Name(formatted_name="Ana Doe", first_name="Ana"),
    phones=[Contact.Phone(phone="+447700900111", type="CELL")],
    emails=[Contact.Email(email="ana@example.com", type="WORK")],
)
# What is sent, and the type and the kind of interactive message that is kept of it.
KINDS: dict[str, tuple[str, dict[str, Any], str]] = {
    "text with preview": ("send_message", {"text": f"See {LINK}", "preview_url": True}, "text"),
    "location": (
        "send_location",
        {"latitude": 51.5, "longitude": -0.1, "name": "Shop", "address": "1 Harbour Lane"},
        "location",
    ),
    "location request": ("request_location", {"text": "Where?"}, "location_request_message"),
    "contact request": ("request_contact_info", {"text": "Your number?"}, "request_contact_info"),
    "contacts": ("send_contact", {"contact": CARD}, "contacts"),
    "buttons": (
        "send_message",
        {"text": "Come?", "header": "Visit", "footer": "Bakery", "buttons": YES_OR_NO},
        "button",
    ),
    "image with buttons": (
        "send_image",
        {"image": LINK, "caption": "Bread", "footer": "Bakery", "buttons": [Button("Yes", "y")]},
        "button",
    ),
    "video with a link": ("send_video", {"video": LINK, "caption": "Bread", "buttons": BUY}, "cta_url"),
    "list": ("send_message", {"text": "When?", "buttons": SectionList("Slots", ROWS)}, "list"),
    "link": ("send_message", {"text": "Track it", "buttons": BUY}, "cta_url"),
    "Flow": ("send_message", {"text": "Book", "buttons": FLOW}, "flow"),
    "call": (
        "send_message",
        {"text": "Call", "buttons": types.VoiceCallButton(title="Call", ttl_minutes=10)},
        "voice_call",
    ),
    "call permission": (
        "send_message",
        {"text": "May we?", "buttons": types.CallPermissionRequestButton()},
        "call_permission_request",
    ),
    "catalog": (
        "send_catalog",
        {"body": "All we bake", "footer": "Bakery", "thumbnail_product_sku": "S1"},
        "catalog_message",
    ),
    "product": ("send_product", {"catalog_id": "600100200300601", "sku": "S1", "body": "A loaf"}, "product"),
    "products": (
        "send_products",
        {
            "catalog_id": "600100200300601",
            "product_sections": [ProductsSection(title="Bread", skus=["S1", "S2"])],
            "title": "Shop",
            "body": "Our picks",
        },
        "product_list",
    ),
    "carousel of links": (
        "send_carousel",
        {"body": "New", "cards": [ImageCarouselCard(image=LINK, body=one, buttons=BUY) for one in "ab"]},
        "carousel",
    ),
    "carousel of quick replies": (
        "send_carousel",
        {
            "body": "New",
            "cards": [VideoCarouselCard(video=LINK, body=one, buttons=[Button(one, one)]) for one in "ab"],
        },
        "carousel",
    ),
}  # fmt: skip


def kept(meta: Meta, wamid: str) -> dict[str, Any]:
    """What the sandbox took, as it stands in its own log."""
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}&limit=50")
    return next(message for message in listed if message["wamid"] == wamid)


def kind_of(message: dict[str, Any]) -> str:
    payload = message["payload"]
    return str(payload["interactive"]["type"] if message["type"] == "interactive" else message["type"])


def inbound_wamid(meta: Meta) -> str:
    return str(meta.receive().json()["wamid"])


@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_message_is_sent(whatsapp: WhatsApp, meta: Meta, name: str) -> None:
    method, arguments, kind = KINDS[name]
    if name == "Flow":
        arguments = {**arguments, "buttons": replace(FLOW, flow_id=publish_flow(meta, "START"))}
    sent = getattr(whatsapp, method)(CUSTOMER, **arguments)
    assert sent.id.startswith("wamid.")
    assert kind_of(kept(meta, sent.id)) == kind


def test_every_medium_is_sent_by_id_link_and_bytes(whatsapp: WhatsApp, meta: Meta) -> None:
    for kind in MEDIA:
        sample = sample_media.sample(kind)
        uploaded = whatsapp.upload_media(sample.data, mime_type=sample.mime_type, filename="file")
        # The name by hand: without one pywa cannot send a document (see test_pywa_faults.py).
        name = {"filename": "bill.pdf"} if kind == "document" else {}
        typed = {"mime_type": sample.mime_type}
        send = getattr(whatsapp, f"send_{kind}")
        sent = [
            send(CUSTOMER, uploaded, **name),
            send(CUSTOMER, uploaded.id, **name),
            send(CUSTOMER, LINK, **name),
            send(CUSTOMER, sample.data, **typed, **name),
        ]
        payloads = [kept(meta, one.id)["payload"][kind] for one in sent]
        assert [payload.get("id") for payload in payloads[:2]] == [uploaded.id] * 2
        assert payloads[2]["link"] == LINK
        assert payloads[3]["id"] == sent[3].uploaded_media.id


def test_voice_message_is_marked_as_one(whatsapp: WhatsApp, meta: Meta) -> None:
    sample = sample_media.sample("audio")
    sent = whatsapp.send_voice(CUSTOMER, sample.data, mime_type=sample.mime_type)
    assert kept(meta, sent.id)["payload"]["audio"]["voice"] is True


def test_reaction_is_sent_and_removed(whatsapp: WhatsApp, meta: Meta) -> None:
    wamid = inbound_wamid(meta)
    sent = whatsapp.send_reaction(CUSTOMER, "👍", wamid)
    removed = whatsapp.remove_reaction(CUSTOMER, wamid)
    emoji = [kept(meta, one.id)["payload"]["reaction"]["emoji"] for one in (sent, removed)]
    assert emoji == ["👍", ""]


def test_reply_quotes_and_carries_its_tracker(whatsapp: WhatsApp, meta: Meta) -> None:
    wamid = inbound_wamid(meta)
    sent = whatsapp.send_message(CUSTOMER, "Yes", reply_to_message_id=wamid, tracker="order=17")
    message = kept(meta, sent.id)
    assert message["payload"]["context"] == {"message_id": wamid}
    assert message["biz_opaque_callback_data"] == "order=17"


def test_message_goes_to_a_user_id(whatsapp: WhatsApp, meta: Meta) -> None:
    [customer] = meta.sandbox.logged(f"customers?phone_number_id={meta.number_id}")
    sent = whatsapp.send_message(customer["user_id"], "Hello")
    assert sent.input == customer["user_id"]
    assert kept(meta, sent.id)["payload"]["recipient"] == customer["user_id"]


def test_message_is_marked_as_read_and_typing_shown(whatsapp: WhatsApp, meta: Meta) -> None:
    wamid = inbound_wamid(meta)
    assert whatsapp.mark_message_as_read(wamid)
    assert whatsapp.indicate_typing(wamid)


def test_media_are_looked_up_downloaded_and_deleted(whatsapp: WhatsApp, tmp_path: Path) -> None:
    data = sample_media.sample("document").data
    media = whatsapp.upload_media(data, mime_type="application/pdf", filename="bill.pdf")
    shown = whatsapp.get_media_url(media.id)
    assert (shown.mime_type, shown.file_size) == ("application/pdf", len(data))
    assert whatsapp.get_media_bytes(shown.url) == data
    assert b"".join(whatsapp.stream_media(shown.url, chunk_size=64)) == data
    saved = whatsapp.download_media(url=shown.url, path=tmp_path, filename="bill.pdf")
    assert saved.read_bytes() == data
    again = media.reupload()
    assert again.id != media.id
    assert again.get_bytes() == data
    assert media.delete()
    with pytest.raises(errors.WhatsAppError) as gone:
        whatsapp.get_media_url(media.id)
    assert (gone.value.code, gone.value.subcode) == (100, 33)


def test_upload_takes_a_life_of_its_own(whatsapp: WhatsApp) -> None:
    data = sample_media.sample("image").data
    media = whatsapp.upload_media(data, mime_type="image/png", filename="a.png", ttl=dt.timedelta(hours=2))
    assert media.get_bytes() == data


def test_marketing_template_goes_by_its_own_path(whatsapp: WhatsApp, meta: Meta) -> None:
    language = types.templates.TemplateLanguage.ENGLISH_US
    parts = types.templates
    sent = whatsapp.send_template(
        CUSTOMER,
        "seasonal_offer",
        language,
        [parts.HeaderText.params("Spring"), parts.BodyText.params("Ana")],
        use_mm_lite_api=True,
        message_activity_sharing=True,
    )
    assert sent.status == types.sent_update.SentTemplateStatus.ACCEPTED
    paths = [row["path"] for row in meta.sandbox.logged("requests?limit=1")]
    assert paths == [f"/v26.0/{meta.number_id}/marketing_messages"]
