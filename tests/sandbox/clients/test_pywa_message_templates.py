"""pywa 4.5.0 makes, reads, changes and sends message templates of every kind."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pywa import WhatsApp, types
from pywa.types import Pagination, ProductsSection
from pywa.types import templates as t

from app.sandbox import sample_media
from tests.sandbox.clients.bot import connect
from tests.sandbox.clients.flows import FLOW_NAME, publish_flow
from tests.sandbox.support import CUSTOMER, Meta, eventually

EN = t.TemplateLanguage.ENGLISH_US
UTILITY, MARKETING = t.TemplateCategory.UTILITY, t.TemplateCategory.MARKETING
CODES = t.TemplateCategory.AUTHENTICATION
LINK = "https://shop.example.com/"
APPS = [t.OTPSupportedApp(package_name="com.example.bakery", signature_hash="Bm4xQ0zT7/a")]
CATALOG = "600100200300601"
WEEK_S = 604_800
Made = tuple[t.TemplateCategory, list[Any], list[Any]]


def body(text: str = "A loaf is waiting for you here.") -> t.BodyText:
    return t.BodyText(text)


def buttons(*some: Any) -> t.Buttons:
    return t.Buttons(buttons=list(some))


def link_button() -> t.URLButton:
    return t.URLButton(text="Track", url=LINK + "{{1}}", example="abc")


def header(kind: Any, name: str) -> tuple[Any, Any]:
    """A header with an uploaded sample, and what is sent for it."""
    sample = sample_media.sample(name)
    return kind(sample.data, mime_type=sample.mime_type), kind.params(
        **{name: sample.data, "mime_type": sample.mime_type}
    )


IMAGE, IMAGE_SENT = header(t.HeaderImage, "image")
VIDEO, VIDEO_SENT = header(t.HeaderVideo, "video")
DOCUMENT, DOCUMENT_SENT = header(t.HeaderDocument, "document")
CARD = [IMAGE, body("A card of ours."), buttons(t.QuickReplyButton(text="More"), link_button())]
CARD_SENT = [
    t.HeaderImage.params(image=LINK + "a.png"),
    t.QuickReplyButton.params(callback_data="more", index=0),
    t.URLButton.params(url_variable="v", index=1),
]
PRODUCT_SENT = t.HeaderProduct.params(catalog_id=CATALOG, sku="S1")
# As made, and what is sent for it; of login codes in the next table.
KINDS: dict[str, Made] = {
    "text": (UTILITY, [body()], []),
    "variables": (
        UTILITY,
        [
            t.HeaderText("Order {{1}} today", "A-1"),
            t.BodyText("Hi {{1}}, your order {{2}} is ready for you.", "Ana", "A-1"),
            t.FooterText(text="Bakery"),
        ],
        [t.HeaderText.params("A-9"), t.BodyText.params("Bo", "A-9")],
    ),
    "named": (
        UTILITY,
        [
            t.BodyText(
                "Hi {{first_name}}, your order {{number}} is ready today.", first_name="Ana", number="A-1"
            )
        ],
        [t.BodyText.params(first_name="Bo", number="A-9")],
    ),
    "quick_replies": (
        UTILITY,
        [body("Shall we come tomorrow then?"), buttons(t.QuickReplyButton(text="Yes"))],
        [t.QuickReplyButton.params(callback_data="y", index=0)],
    ),
    "link_and_call": (
        UTILITY,
        [
            body("Track your parcel here please."),
            buttons(link_button(), t.PhoneNumberButton(text="Call", phone_number="+12025550117")),
        ],
        [t.URLButton.params(url_variable="xyz", index=0)],
    ),
    "image": (MARKETING, [IMAGE, body("An image of bread for you.")], [IMAGE_SENT]),
    "video": (MARKETING, [VIDEO, body("A video of bread for you.")], [VIDEO_SENT]),
    "document": (MARKETING, [DOCUMENT, body("A list of bread for you.")], [DOCUMENT_SENT]),
    "location": (
        UTILITY,
        [t.HeaderLocation(), body("Your parcel waits for you here.")],
        [t.HeaderLocation.params(lat=51.5, lon=-0.1, name="Shop", address="1 Harbour Lane")],
    ),
    "coupon": (
        MARKETING,
        [body("Here is your code, enjoy it."), buttons(t.CopyCodeButton(example="BREAD10"))],
        [t.CopyCodeButton.params(coupon_code="BREAD20", index=0)],
    ),
    "flow": (
        UTILITY,
        [
            body("Please tell us how it went."),
            buttons(
                t.FlowButton(
                    text="Start",
                    flow_name=FLOW_NAME,
                    flow_action=types.FlowActionType.NAVIGATE,
                    navigate_screen="START",
                )
            ),
        ],
        [t.FlowButton.params(index=0, flow_token="tok", flow_action_data={"a": "b"})],
    ),
    "catalog": (
        MARKETING,
        [body("See our catalogue, all of it."), buttons(t.CatalogButton(text="View catalog"))],
        [t.CatalogButton.params(thumbnail_product_sku="S1", index=0)],
    ),
    "products": (
        MARKETING,
        [t.HeaderText("Our picks"), body("See what we chose."), buttons(t.MPMButton(text="View items"))],
        [
            t.MPMButton.params(
                product_sections=[ProductsSection(title="Bread", skus=["S1"])],
                thumbnail_product_sku="S1",
                index=0,
            )
        ],
    ),
    "product": (
        MARKETING,
        [t.HeaderProduct(), body("A loaf for you and yours."), buttons(t.SPMButton(text="View"))],
        [PRODUCT_SENT],
    ),
    "voice_call": (UTILITY, [body("Call us if you like."), buttons(t.VoiceCallButton(text="Call us"))], []),
    "call_permission": (UTILITY, [body("May we call you then?"), t.CallPermissionRequestButton()], []),
    "contact_info": (
        UTILITY,
        [body("Please share your number."), buttons(t.ContactInfoRequestButton())],
        [],
    ),
    "carousel": (
        MARKETING,
        [body("Look at these fine things."), t.Carousel(cards=[t.CarouselCard(components=CARD)] * 2)],
        [t.Carousel.params(cards=[t.CarouselCard.params(index=at, params=CARD_SENT) for at in (0, 1)])],
    ),
    "product_carousel": (
        MARKETING,
        [
            body("Look at these loaves of ours."),
            t.Carousel(
                cards=[
                    t.CarouselCard(components=[t.HeaderProduct(), buttons(t.SPMButton(text="View"))])
                    for _ in (0, 1)
                ]
            ),
        ],
        [t.Carousel.params(cards=[t.CarouselCard.params(index=at, params=[PRODUCT_SENT]) for at in (0, 1)])],
    ),
}
OTP = {
    "copy_code": t.CopyCodeOTPButton(text="Copy"),
    "one_tap": t.OneTapOTPButton(text="Copy", autofill_text="Fill in", supported_apps=APPS),
    "zero_tap": t.ZeroTapOTPButton(zero_tap_terms_accepted=True, supported_apps=APPS),
}


def make(whatsapp: WhatsApp, name: str, category: t.TemplateCategory, parts: list[Any], **more: Any) -> str:
    template = t.Template(name=name, language=EN, category=category, components=parts, **more)
    made = whatsapp.create_template(template)
    assert made.category == category
    return str(made.id)


def approved(whatsapp: WhatsApp, template_id: str) -> t.TemplateDetails:
    def found() -> t.TemplateDetails | None:
        template = whatsapp.get_template(template_id)
        return template if template.status == t.TemplateStatus.APPROVED else None

    template = eventually(found)
    assert template is not None
    return template


def test_each_kind_is_made_read_back_and_sent(whatsapp: WhatsApp, meta: Meta) -> None:
    publish_flow(meta, "START")
    ids = {
        name: make(
            whatsapp,
            name,
            category,
            parts,
            parameter_format=t.ParamFormat.NAMED if name == "named" else None,
        )
        for name, (category, parts, _) in KINDS.items()
    }
    for name, (_, parts, values) in KINDS.items():
        read = approved(whatsapp, ids[name])
        assert [type(part) for part in read.components] == [type(part) for part in parts], name
        sent = whatsapp.send_template(CUSTOMER, name, EN, values)
        assert sent.status == types.sent_update.SentTemplateStatus.ACCEPTED, name


def test_login_code_is_made_with_each_button_and_read_back_as_a_link(whatsapp: WhatsApp) -> None:
    """As Meta does: the button comes back as a link with an address of its own."""
    for name, button in OTP.items():
        parts = [
            t.AuthenticationBody(add_security_recommendation=True),
            t.AuthenticationFooter(code_expiration_minutes=10),
            buttons(button),
        ]
        template = whatsapp.get_template(make(whatsapp, name, CODES, parts))
        [read] = template.components[-1].buttons
        assert isinstance(read, t.URLButton)
        assert f"otp_type={name.upper()}" in read.url
        values = [
            t.AuthenticationBody.params(otp="123456"),
            t.URLButton.params(url_variable="123456", index=0),
        ]
        assert whatsapp.send_template(CUSTOMER, name, EN, values).id


def test_sample_of_a_header_comes_back_as_an_address_and_goes_up_again_with_a_copy(
    whatsapp: WhatsApp,
) -> None:
    template = whatsapp.get_template(
        make(whatsapp, "picture", MARKETING, [header(t.HeaderImage, "image")[0], body()])
    )
    address = template.components[0].example
    assert whatsapp.get_media_bytes(address) == sample_media.sample("image").data
    copy = whatsapp.get_template(template.duplicate(name="picture_again").id)
    assert copy.components[0].example != address
    assert whatsapp.get_media_bytes(copy.components[0].example) == sample_media.sample("image").data


def test_creative_features_come_back_as_they_were_chosen(whatsapp: WhatsApp) -> None:
    features = t.CreativeFeaturesSpec(image_touchups=True, add_text_overlay=False)
    spec = t.DegreesOfFreedomSpec(creative_features_spec=features)
    made = make(whatsapp, "creative", MARKETING, [body()], degrees_of_freedom_spec=spec)
    read = whatsapp.get_template(made).degrees_of_freedom_spec
    assert read is not None
    assert (read.creative_features_spec.image_touchups, read.creative_features_spec.add_text_overlay) == (
        True,
        False,
    )


def test_item_of_the_library_is_taken_and_approved_at_once(whatsapp: WhatsApp) -> None:
    made = whatsapp.create_template(
        t.LibraryTemplate(
            name="delivery",
            library_template_name="delivery_update_1",
            category=UTILITY,
            language=EN,
        )
    )
    assert made.status == t.TemplateStatus.APPROVED
    assert whatsapp.get_template(made.id).library_template_name == "delivery_update_1"


def test_list_is_filtered_counted_and_paged(whatsapp: WhatsApp) -> None:
    first = whatsapp.get_templates(pagination=Pagination(limit=3))
    assert (first.total_count, first.message_template_limit, first.has_next) == (4, 6000, True)
    second = whatsapp.get_templates(pagination=Pagination(limit=3, after=first.after))
    assert (len(second), second.has_next) == (1, False)
    assert len({one.id for one in [*first, *second]}) == 4
    only = whatsapp.get_templates(
        statuses=[t.TemplateStatus.APPROVED],
        categories=[MARKETING],
        languages=[EN],
        quality_scores=[t.QualityScoreType.GREEN],
    )
    assert [one.name for one in only] == ["seasonal_offer"]
    assert [one.name for one in whatsapp.get_templates(name_or_content="hello_world")] == ["hello_world"]


def test_template_is_edited_copied_and_deleted(whatsapp: WhatsApp) -> None:
    template = approved(whatsapp, make(whatsapp, "bread", UTILITY, [body()]))
    updated = template.update(
        new_components=[body("Your bread is nearly there.")], new_message_send_ttl_seconds=120
    )
    assert (updated.name, updated.success) == ("bread", True)
    read = updated.get()
    assert (read.components[0].text, read.message_send_ttl_seconds) == ("Your bread is nearly there.", 120)
    copy = approved(whatsapp, make(whatsapp, "tea", UTILITY, [body("Tea as you like it best.")])).duplicate(
        name="tea_again"
    )
    assert whatsapp.get_template(copy.id).name == "tea_again"
    assert read.delete()
    assert whatsapp.delete_template("tea_again")
    assert {one.name for one in whatsapp.get_templates()}.isdisjoint({"bread", "tea_again"})


def test_paused_template_is_unpaused_and_another_says_why_not(whatsapp: WhatsApp, meta: Meta) -> None:
    template = whatsapp.get_templates(name="order_update")[0]
    path = f"message_templates/{template.id}"
    values = [t.BodyText.params("Ana", "17")]
    meta.sandbox.control("POST", "settings", {"speed": 1000})
    meta.sandbox.control("POST", path, {"pacing_after": 1})
    for _ in range(2):
        whatsapp.send_template(CUSTOMER, template.name, template.language, values)
    meta.sandbox.control("POST", path, {"pacing": "drop"})
    assert eventually(lambda: template.unpause().success)
    refused = template.unpause()
    assert not refused.success
    assert refused.reason


def test_archive_is_on_a_host_of_its_own(meta: Meta) -> None:
    """pywa calls it by its full address; so the other host is sent to the sandbox as well."""
    whatsapp = connect(meta)
    template = whatsapp.get_templates(name="order_update")[0]
    archived = whatsapp.archive_templates([template.id])
    assert (archived.archived, archived.failed) == ((template.id,), {})
    assert whatsapp.get_template(template.id).status == t.TemplateStatus.ARCHIVED
    assert whatsapp.unarchive_templates([template.id]).unarchived == (template.id,)
    whatsapp.api._session.close()


def test_comparison_wants_a_thousand_sends(whatsapp: WhatsApp) -> None:
    first, second = whatsapp.get_templates()[:2]
    now = int(time.time())
    with pytest.raises(types.others.WhatsAppError) as refused:
        whatsapp.compare_templates(first.id, second.id, start=now - WEEK_S, end=now)
    assert refused.value.user_title == "Not enough sends"
