"""The reviewed list of what pywa 4.5.0 itself gets wrong: not what the sandbox should give way to.

Each entry is a deed of pywa's, how it ends against the sandbox, and why the sandbox stays as it is. An entry
that no longer fails (a newer pywa, or the sandbox gave way after all) is to be taken out.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from pywa import WhatsApp, errors, types
from pywa.types import Pagination, SentMessage
from pywa.types import templates as t

from app.sandbox import sample_media
from tests.sandbox.clients.bot import Bot
from tests.sandbox.support import CUSTOMER, Meta, eventually

EN = t.TemplateLanguage.ENGLISH_US


def send_document_without_a_name(whatsapp: WhatsApp) -> SentMessage:
    return whatsapp.send_document(CUSTOMER, "https://shop.example.com/bill.pdf")


def list_the_blocked(whatsapp: WhatsApp) -> Any:
    whatsapp.block_users([CUSTOMER])
    return whatsapp.get_blocked_users()


def upsert_login_codes(whatsapp: WhatsApp) -> Any:
    return whatsapp.upsert_authentication_template(
        name="codes", languages=[EN, t.TemplateLanguage.GERMAN], otp_button=t.CopyCodeOTPButton()
    )


def turn_the_page_of_templates(whatsapp: WhatsApp) -> Any:
    return whatsapp.get_templates(pagination=Pagination(limit=1)).next()


def read_call_permissions(whatsapp: WhatsApp) -> Any:
    return whatsapp.get_call_permissions(CUSTOMER)


def upload_again_from_the_address(whatsapp: WhatsApp) -> Any:
    media = whatsapp.upload_media(sample_media.sample("image").data, mime_type="image/png", filename="a.png")
    return whatsapp.get_media_url(media.id).reupload()


# The deed, how it ends, and why that is pywa's doing.
FAULTS: list[tuple[Callable[[WhatsApp], Any], type[Exception], str]] = [
    (
        send_document_without_a_name,
        TypeError,
        "Its mark for 'no file name given' goes into the JSON; nothing is sent.",
    ),
    (
        list_the_blocked,
        KeyError,
        "It wants `input` in each row; Meta's page shows `messaging_product`, `wa_id` and `user_id`.",
    ),
    (
        upsert_login_codes,
        errors.WhatsAppError,
        "It turns the body into JSON twice, so that a text arrives; Meta's page wants an object.",
    ),
    (turn_the_page_of_templates, TypeError, "Its list of message templates cannot be made a second time."),
    (read_call_permissions, TypeError, "It calls itself with an argument too few."),
    (
        upload_again_from_the_address,
        ValueError,
        "It downloads with a session of its own, without the token that Meta's page demands.",
    ),
]


@pytest.mark.parametrize("deed, ending, why", FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_fault_of_pywa_is_still_there(
    whatsapp: WhatsApp, deed: Callable[[WhatsApp], Any], ending: type[Exception], why: str
) -> None:
    with pytest.raises(ending):
        deed(whatsapp)
    assert why


def test_login_codes_in_many_languages_are_made_by_the_raw_call(whatsapp: WhatsApp, meta: Meta) -> None:
    """What its own method spoils; the rows answer as pywa reads them."""
    body = {
        "name": "codes",
        "languages": ["en_US", "de"],
        "category": "AUTHENTICATION",
        "components": [
            {"type": "BODY", "add_security_recommendation": True},
            {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]},
        ],
    }
    answer = whatsapp.api._request(
        method="POST", endpoint=f"/{meta.waba_id}/upsert_message_templates", json=body
    )
    assert {(row["language"], row["status"]) for row in answer["data"]} == {
        ("en_US", "APPROVED"),
        ("de", "APPROVED"),
    }


def test_offer_that_ends_is_sent_in_seconds_instead_of_milliseconds(whatsapp: WhatsApp, meta: Meta) -> None:
    """Meta's page wants milliseconds; the sandbox, like Meta, cannot tell that another time was meant."""
    picture = sample_media.sample("image")
    offer = t.Template(
        name="offer",
        language=EN,
        category=t.TemplateCategory.MARKETING,
        components=[
            t.HeaderImage(picture.data, mime_type=picture.mime_type),
            t.LimitedTimeOffer(text="Ends soon", has_expiration=True),
            t.BodyText("Only today: fresh bread for less."),
            t.Buttons(
                buttons=[
                    t.CopyCodeButton(example="BREAD10"),
                    t.URLButton(text="Shop", url="https://shop.example.com/{{1}}", example="a"),
                ]
            ),
        ],
    )
    made = whatsapp.create_template(offer)
    eventually(lambda: made.get().status == t.TemplateStatus.APPROVED)
    end = dt.datetime.now(dt.UTC) + dt.timedelta(days=1)
    sent = whatsapp.send_template(
        CUSTOMER,
        "offer",
        EN,
        [
            t.HeaderImage.params(image=picture.data, mime_type=picture.mime_type),
            t.LimitedTimeOffer.params(expiration_time=end),
            t.CopyCodeButton.params(coupon_code="BREAD20", index=0),
            t.URLButton.params(url_variable="bread", index=1),
        ],
    )
    listed = meta.sandbox.logged(f"messages?phone_number_id={meta.number_id}")
    parts = next(one for one in listed if one["wamid"] == sent.id)["payload"]["template"]["components"]
    [parameter] = next(part for part in parts if part["type"].lower() == "limited_time_offer")["parameters"]
    assert parameter["limited_time_offer"]["expiration_time_ms"] == int(end.timestamp())


def test_own_check_refuses_values_of_a_carousel(whatsapp: WhatsApp) -> None:
    """`send_template` sends them (see test_pywa_message_templates.py); only its check before it does not."""
    card = t.CarouselCard(components=[t.HeaderProduct(), t.Buttons(buttons=[t.SPMButton(text="View")])])
    carousel = t.Template(
        name="loaves",
        language=EN,
        category=t.TemplateCategory.MARKETING,
        components=[t.BodyText("Look at these loaves of ours."), t.Carousel(cards=[card, card])],
    )
    value = t.HeaderProduct.params(catalog_id="600100200300601", sku="S1")
    values = t.Carousel.params(cards=[t.CarouselCard.params(index=at, params=[value]) for at in (0, 1)])
    with pytest.raises(ValueError, match="does not expect any parameters"):
        whatsapp.create_template(carousel).get().validate_params([values])


def test_webhooks_without_contacts_are_not_read(bot: Bot, caplog: pytest.LogCaptureFixture) -> None:
    """Meta's page: no `contacts` beside `failed` and `system`. pywa makes only a raw update of them."""
    bot.meta.sandbox.control("POST", "settings", {"contacts_with_failed": False})
    sent = bot.whatsapp.send_template("12025559001", "hello_world", EN)
    failed = eventually(lambda: [raw for raw in bot.raw if raw.value.get("statuses")])
    assert failed[0].value["statuses"][0]["id"] == sent.id
    identity = {"acknowledged": True, "created_timestamp": 1900000000, "hash": "abc"}
    changed = {"body": "changed", "type": "customer_identity_changed"}
    bot.meta.receive({"type": "system", "system": changed, "identity": identity})
    eventually(lambda: [raw for raw in bot.raw if raw.value.get("messages")])
    assert not [
        update for update in bot.updates if isinstance(update, types.IdentityChange | types.MessageStatus)
    ]
    assert caplog.text.count("KeyError: 'contacts'") == 2


def test_events_pywa_has_no_name_for_are_not_subscribed(bot: Bot, meta: Meta) -> None:
    """Nothing is wrong with those: pywa leaves them to `on_raw_update`."""
    unknown = {
        "flows",
        "phone_number_quality_update",
        "phone_number_name_update",
        "security",
        "user_id_update",
    }
    assert unknown.isdisjoint(bot.whatsapp._webhook_fields)
    fields = [*bot.whatsapp._webhook_fields, *unknown]
    app_id, url = int(meta.app_id), bot.url
    app_token = bot.whatsapp.get_app_access_token(app_id, meta.account["app_secret"])
    bot.whatsapp.set_app_callback_url(app_id, app_token, url, "let-me-in", fields)
    for field in sorted(unknown):
        body = {"phone_number_id": meta.number_id, "field": field, "value": {}, "from": CUSTOMER}
        assert meta.sandbox.control("POST", "events", body).status_code == 201
    eventually(lambda: {raw.field for raw in list(bot.raw)} >= unknown)
