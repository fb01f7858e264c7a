"""pywa 4.5.0 hears the sandbox's signed webhooks in a Flask app, and reads each into a type of its own."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import requests
from pywa import types
from pywa.types import MessageStatus, MessageType
from pywa.types import templates as t
from pywa.types.account_update import AccountUpdateEvent, RestrictionType, WABABanState
from pywa.types.message_status import MessageStatusType, PricingCategory, PricingType
from pywa.types.user_preferences import MarketingPreference

from app.sandbox import sample_media
from tests.sandbox.clients.bot import Bot
from tests.sandbox.support import CUSTOMER, TIMEOUT_S, eventually

EN = t.TemplateLanguage.ENGLISH_US
QUOTE = {"context": {"from": "12025550100", "id": "wamid.quoted"}}
CARD = {
    "name": {"formatted_name": "Ana Doe", "first_name": "Ana"},
    "phones": [{"phone": "+1", "type": "CELL"}],
}
ITEM = {"product_retailer_id": "S1", "quantity": 2, "item_price": 3.5, "currency": "GBP"}


def receive(bot: Bot, kind: type[Any], message_type: str, content: Any = None, **more: Any) -> Any:
    """The customer writes; what pywa made of it."""
    message = {"type": message_type, **({} if content is None else {message_type: content}), **more}
    answer = bot.meta.receive(message)
    assert answer.ok, answer.text
    return bot.next(kind, id=answer.json()["wamid"])


def reply(kind: str, **content: Any) -> dict[str, Any]:
    return {"type": kind, kind: content}


def event(bot: Bot, field: str, value: dict[str, Any] | None = None, **more: Any) -> None:
    body = {"phone_number_id": bot.meta.number_id, "field": field, "value": value or {}, **more}
    answer = bot.meta.sandbox.control("POST", "events", body)
    assert answer.ok, answer.text


def meanwhile(bot: Bot, act: Callable[[], Any]) -> threading.Thread:
    """Act once pywa listens."""

    def run() -> None:
        eventually(lambda: bot.whatsapp._listeners)
        act()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def test_wrong_signature_and_none_are_refused(bot: Bot) -> None:
    body = b'{"object":"whatsapp_business_account","entry":[]}'
    signed = {"X-Hub-Signature-256": "sha256=" + "0" * 64}
    answers = [
        requests.post(bot.url, body, headers=headers, timeout=TIMEOUT_S).status_code
        for headers in (signed, {})
    ]
    assert answers == [403, 401]


def test_text_comes_with_sender_quote_forwarding_and_advertisement(bot: Bot) -> None:
    message = receive(bot, types.Message, "text", {"body": "Where is my order?"})
    assert (message.text, message.from_user.wa_id, message.from_user.name) == (
        "Where is my order?",
        CUSTOMER,
        "Nadia Brook",
    )
    assert message.from_user.bsuid.startswith("GB.")
    assert message.metadata.phone_number_id == bot.meta.number_id
    assert receive(bot, types.Message, "text", {"body": "Yes"}, **QUOTE).reply_to_message.id == "wamid.quoted"
    assert receive(bot, types.Message, "text", {"body": "See"}, context={"forwarded": True}).forwarded
    advertisement = {"source_type": "ad", "source_id": "17", "headline": "Bread", "ctwa_clid": "c"}
    assert (
        receive(bot, types.Message, "text", {"body": "Hi"}, referral=advertisement).referral.source_id == "17"
    )


def test_media_come_and_are_downloaded(bot: Bot, tmp_path: Path) -> None:
    for kind in ("image", "video", "document", "audio", "sticker"):
        sample = sample_media.sample(kind)
        content = {"data": base64.b64encode(sample.data).decode(), "mime_type": sample.mime_type}
        message = receive(bot, types.Message, kind, content)
        assert (message.type, message.media.mime_type) == (MessageType(kind), sample.mime_type)
        assert message.get_media_bytes() == sample.data
        assert message.download_media(str(tmp_path), f"{kind}.bin").read_bytes() == sample.data
        # By its id as well: the short-lived address in the webhook is not the only way.
        assert bot.whatsapp.get_media_url(message.media.id).mime_type == sample.mime_type.partition(";")[0]
    assert receive(bot, types.Message, "image", {"caption": "Mine"}).caption == "Mine"
    assert receive(bot, types.Message, "audio").voice is not None


def test_places_contacts_orders_reactions_and_the_unsupported(bot: Bot) -> None:
    place = {"latitude": 51.5, "longitude": -0.1, "name": "Home", "address": "2 Harbour Lane"}
    assert receive(bot, types.Message, "location", place).location.name == "Home"
    assert receive(bot, types.Message, "contacts", [CARD]).contacts[0].phones[0].phone == "+1"
    order = receive(
        bot, types.Message, "order", {"catalog_id": "6", "text": "Please", "product_items": [ITEM]}
    ).order
    assert (order.catalog_id, order.products[0].sku, order.total_price) == ("6", "S1", 7.0)
    reaction = receive(bot, types.Message, "reaction", {"message_id": "wamid.x", "emoji": "👍"}).reaction
    assert (reaction.emoji, reaction.message_id) == ("👍", "wamid.x")
    assert receive(bot, types.Message, "reaction", {"message_id": "wamid.x"}).reaction.is_removed
    unsupported = receive(bot, types.Message, "unsupported", {"type": "edit"})
    assert (unsupported.error.code, unsupported.unsupported.type) == (131051, "edit")
    assert receive(bot, types.Message, "request_welcome").type == MessageType.REQUEST_WELCOME


def test_taps_selections_and_flow_answers(bot: Bot) -> None:
    tap = receive(bot, types.CallbackButton, "button", {"payload": "p", "text": "Yes"}, **QUOTE)
    assert (tap.data, tap.title, tap.is_quick_reply) == ("p", "Yes", True)
    button = reply("button_reply", id="y", title="Yes")
    tap = receive(bot, types.CallbackButton, "interactive", button, **QUOTE)
    assert (tap.data, tap.title, tap.reply_to_message.id) == ("y", "Yes", "wamid.quoted")
    row = reply("list_reply", id="s1", title="10:00", description="30 minutes")
    chosen = receive(bot, types.CallbackSelection, "interactive", row, **QUOTE)
    assert (chosen.data, chosen.description) == ("s1", "30 minutes")
    answers = json.dumps({"flow_token": "tok", "place": "Kitchen"})
    flow = reply("nfm_reply", name="flow", body="Sent", response_json=answers)
    done = receive(bot, types.FlowCompletion, "interactive", flow, **QUOTE)
    assert (done.token, done.response) == ("tok", {"place": "Kitchen"})
    call = reply(
        "call_permission_reply",
        response="accept",
        expiration_timestamp=1900000000,
        response_source="user_action",
    )
    allowed = receive(bot, types.CallPermissionUpdate, "interactive", call, **QUOTE)
    assert allowed.response.value == "accept"


def test_changes_of_a_number_edits_and_deletions(bot: Bot) -> None:
    changed = {"body": "changed", "type": "user_changed_number", "wa_id": "447700900999"}
    change = receive(bot, types.PhoneNumberChange, "system", changed)
    assert (change.old_wa_id, change.new_wa_id) == (CUSTOMER, "447700900999")
    new_id = {"body": "changed", "type": "user_changed_user_id", "user_id": "GB.99"}
    assert receive(bot, types.PhoneNumberChange, "system", new_id).new_user_id == "GB.99"
    edit = {"original_message_id": "wamid.old", "message": {"type": "text", "text": {"body": "Better"}}}
    edited = receive(bot, types.EditedMessage, "edit", edit)
    assert (edited.original_message_id, edited.message.text) == ("wamid.old", "Better")
    revoked = receive(bot, types.DeletedMessage, "revoke", {"original_message_id": "wamid.old"})
    assert revoked.original_message_id == "wamid.old"


def test_hidden_number_leaves_only_the_user_id(bot: Bot) -> None:
    bot.meta.receive(username="nadia.b", hide_phone=True)
    user = bot.next(types.Message).from_user
    assert (user.wa_id, user.username) == (None, "nadia.b")
    sent = bot.whatsapp.send_message(user.bsuid, "Hello")
    assert bot.next(MessageStatus, id=sent.id, status=MessageStatusType.READ).from_user.bsuid == user.bsuid


def test_statuses_come_with_price_and_tracker(bot: Bot) -> None:
    bot.meta.receive()
    sent = bot.whatsapp.send_message(CUSTOMER, "Hello", tracker="order=17")
    statuses = [
        bot.next(MessageStatus, id=sent.id, status=status)
        for status in (MessageStatusType.SENT, MessageStatusType.DELIVERED, MessageStatusType.READ)
    ]
    assert {status.tracker for status in statuses} == {"order=17"}
    price = statuses[0].pricing
    assert (price.billable, price.type, price.category) == (
        False,
        PricingType.FREE_CUSTOMER_SERVICE,
        PricingCategory.SERVICE,
    )
    sample = sample_media.sample("audio")
    voice = bot.whatsapp.send_voice(CUSTOMER, sample.data, mime_type=sample.mime_type)
    assert bot.next(MessageStatus, id=voice.id, status=MessageStatusType.PLAYED)
    first = bot.whatsapp.send_template("447700900955", "hello_world", EN)
    assert bot.next(MessageStatus, id=first.id, status=MessageStatusType.SENT).pricing.billable


def test_failure_is_read_where_it_names_the_contact(bot: Bot) -> None:
    """The setting plays what pywa's users saw in production; without it see test_pywa_faults.py."""
    bot.meta.sandbox.control("POST", "settings", {"contacts_with_failed": True})
    sent = bot.whatsapp.send_template("12025559001", "hello_world", EN)
    status = bot.next(MessageStatus, id=sent.id, status=MessageStatusType.FAILED)
    assert (status.error.code, status.from_user.wa_id) == (131026, "12025559001")


@pytest.mark.parametrize("status", ["APPROVED", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "ARCHIVED"])
def test_message_template_changes_its_status(bot: Bot, status: str) -> None:
    event(bot, "message_template_status_update", {"event": status})
    update = bot.next(types.TemplateStatusUpdate, new_status=t.TemplateStatus(status))
    assert update.get_template().name == update.template_name == "seasonal_offer"
    assert (update.reason == t.TemplateRejectionReason.INVALID_FORMAT) == (status == "REJECTED")
    assert (update.other_info is not None) == (status == "PAUSED")


def test_message_template_changes_in_quality_components_and_category(bot: Bot) -> None:
    event(bot, "message_template_quality_update", {"new_quality_score": "RED"})
    assert bot.next(types.TemplateQualityUpdate).new_quality_score == t.QualityScoreType.RED
    event(bot, "message_template_components_update")
    assert bot.next(types.TemplateComponentsUpdate).template_element
    event(bot, "template_category_update")
    assert bot.next(types.TemplateCategoryUpdate).previous_category == t.TemplateCategory.MARKETING
    event(bot, "template_category_update", {"correct_category": "UTILITY"})
    assert bot.next(types.TemplateCategoryUpdate, correct_category=t.TemplateCategory.UTILITY)


def test_account_is_restricted_banned_and_shared(bot: Bot) -> None:
    event(bot, "account_update", {"event": "ACCOUNT_RESTRICTION"})
    [restriction] = bot.next(
        types.AccountUpdate, event=AccountUpdateEvent.ACCOUNT_RESTRICTION
    ).restriction_info
    assert restriction.type == RestrictionType.RESTRICTED_BIZ_INITIATED_MESSAGING
    event(bot, "account_update", {"event": "ACCOUNT_VIOLATION"})
    assert bot.next(types.AccountUpdate, event=AccountUpdateEvent.ACCOUNT_VIOLATION).violation_info.type
    event(bot, "account_update", {"event": "DISABLED_UPDATE"})
    banned = bot.next(types.AccountUpdate, event=AccountUpdateEvent.DISABLED_UPDATE)
    assert banned.ban_info.state == WABABanState.DISABLE
    event(bot, "account_update", {"event": "PARTNER_ADDED"})
    shared = bot.next(types.AccountUpdate, event=AccountUpdateEvent.PARTNER_ADDED)
    assert shared.waba_info.id == bot.meta.waba_id
    assert (banned.id, shared.id) == (bot.meta.waba_id, bot.meta.account["meta_business_account_id"])


def test_customer_stops_marketing(bot: Bot) -> None:
    customer = {"from": "+" + CUSTOMER, "is_opted_out": True}
    body = {"phone_number_id": bot.meta.number_id, "customers": [customer]}
    bot.meta.sandbox.control("POST", "customers", body)
    event(bot, "user_preferences", **{"from": CUSTOMER})
    update = bot.next(types.UserMarketingPreferences)
    assert (update.value, update.from_user.wa_id) == (MarketingPreference.STOP, CUSTOMER)


# pywa's own listener for a tap uses a name that pywa calls deprecated.
@pytest.mark.filterwarnings("ignore:ReplyToMessage.message_id is deprecated")
def test_pywa_waits_for_statuses_replies_taps_and_reviews(bot: Bot) -> None:
    """Slow enough that pywa listens before it happens: 40 at twenty times the speed are two seconds."""
    bot.meta.sandbox.control("POST", "settings", {"read_delay_s": 40, "review_delay_s": 40})
    bot.meta.receive()
    asked = bot.whatsapp.send_message(CUSTOMER, "Come?", buttons=[types.Button("Yes", "y")])
    assert asked.wait_until_read(timeout=30).id == asked.id
    written = meanwhile(bot, lambda: bot.meta.receive({"type": "text", "text": {"body": "Maybe"}}))
    assert asked.wait_for_reply(timeout=30).text == "Maybe"
    written.join()
    context = {"context": {"from": "12025550100", "id": asked.id}}
    message = {"type": "interactive", "interactive": reply("button_reply", id="y", title="Yes"), **context}
    tapped = meanwhile(bot, lambda: bot.meta.receive(message))
    assert asked.wait_for_click(timeout=30).data == "y"
    tapped.join()
    parts = [t.BodyText("A loaf is waiting for you here.")]
    template = t.Template(name="loaf", language=EN, category=t.TemplateCategory.UTILITY, components=parts)
    made = bot.whatsapp.create_template(template)
    assert made.wait_until_approved(timeout=30).template_name == "loaf"
