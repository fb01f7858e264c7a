"""What each resource asks and what it makes of Meta's answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.graph.accounts import SubscribedApp
from app.graph.client import GraphClient
from app.graph.errors import GraphRejected, GraphUnconfirmed, GraphUnexpected
from app.graph.message_template_rules import MessageTemplateDraft
from app.graph.profiles import BusinessProfile
from tests.graph.conftest import APP_SECRET, TOKEN
from tests.graph.server import FakeMeta, Reply, graph_error


def page(*found: object, after: str | None = None, has_next: bool = False) -> Reply:
    paging = {"cursors": {"before": "B", "after": after}}
    if has_next:
        paging["next"] = f"https://graph.example/next?access_token={TOKEN}"
    return Reply(200, {"data": list(found), "paging": paging})


def test_send_tells_message_and_recipient(meta: FakeMeta, client: GraphClient) -> None:
    contact = {"input": "+5215550100001", "wa_id": "15550100001", "user_id": "US.77"}
    message = {"id": "wamid.1", "message_status": "held_for_quality_assessment"}
    meta.will(Reply(200, {"contacts": [contact], "messages": [message]}))
    sent = client.messages.send("100", {})
    assert (sent.wamid, sent.recipient_wa_id, sent.recipient_user_id) == ("wamid.1", "15550100001", "US.77")
    assert sent.message_status == "held_for_quality_assessment"


@pytest.mark.parametrize("contact", [{"input": "US.77", "user_id": "US.77"}, {"wa_id": "US.77"}])
def test_send_to_a_user_id_names_no_phone(
    meta: FakeMeta, client: GraphClient, contact: dict[str, str]
) -> None:
    meta.will(Reply(200, {"contacts": [contact], "messages": [{"id": "wamid.1"}]}))
    sent = client.messages.send("100", {})
    assert (sent.recipient_wa_id, sent.recipient_user_id) == (None, "US.77")


def test_mark_read_may_show_typing(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": True}))
    client.messages.mark_read("100", "wamid.IN")
    client.messages.mark_read("100", "wamid.IN", typing=True)
    plain = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.IN"}
    assert meta.asked[0].body == plain
    assert meta.asked[1].body == {**plain, "typing_indicator": {"type": "text"}}


def test_account_is_read_with_its_health(meta: FakeMeta, client: GraphClient) -> None:
    blocked = {
        "entity_type": "WABA",
        "id": "7",
        "can_send_message": "BLOCKED",
        "errors": [{"error_code": 141006, "error_description": "Pay", "possible_solution": "Add a card"}],
    }
    limited = {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "additional_info": ["Verify"]}
    meta.will(
        Reply(
            200,
            {
                "id": "7",
                "name": "Shop",
                "timezone_id": 42,
                "account_review_status": "SOMETHING_NEW",
                "owner_business_info": {"id": "6", "name": "Owner"},
                "health_status": {"can_send_message": "BLOCKED", "entities": [blocked, limited]},
            },
        )
    )
    waba = client.accounts.get("7")
    assert (waba.waba_id, waba.name, waba.timezone_id, waba.owner_business_id) == ("7", "Shop", "42", "6")
    assert waba.account_review_status == "SOMETHING_NEW"
    assert waba.health is not None
    assert waba.health.can_send_message == "BLOCKED"
    assert waba.health.entities[0].problems[0].solution == "Add a card"
    assert waba.health.entities[1].notes == ("Verify",)


def test_account_with_nothing_in_it_is_still_an_account(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {}))
    waba = client.accounts.get("7")
    assert (waba.waba_id, waba.name, waba.health) == ("7", None, None)


def test_numbers_come_over_all_pages(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(
        page({"id": "1", "display_phone_number": "+1 555"}, after="A1", has_next=True),
        page(after="A2", has_next=True),
        page({"id": 2, "throughput": {"level": "HIGH"}, "messaging_limit_tier": "TIER_1K"}, after="A3"),
    )
    numbers = client.accounts.list_phone_numbers("7")
    assert [number.phone_number_id for number in numbers] == ["1", "2"]
    assert (numbers[1].throughput_level, numbers[1].messaging_limit) == ("HIGH", "TIER_1K")
    assert [asked.query.get("after") for asked in meta.asked] == [None, "A1", "A2"]
    assert all("access_token" not in asked.query for asked in meta.asked)


def test_list_that_runs_in_a_circle_ends(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(*[page({"id": "1"}, after="SAME", has_next=True)] * 5)
    with pytest.raises(GraphUnexpected):
        client.accounts.list_phone_numbers("7")
    assert len(meta.asked) == 2


def test_empty_first_page_without_paging_is_an_empty_list(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"data": []}))
    assert client.accounts.list_phone_numbers("7") == []


def test_subscribing_with_and_without_an_address(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": True}))
    assert client.accounts.subscribe("7")
    assert client.accounts.subscribe("7", "https://shop.example/hook", "verify-me")
    assert meta.asked[0].path == "/v25.0/7/subscribed_apps"
    assert not meta.asked[0].body
    assert meta.asked[1].body == {
        "override_callback_uri": "https://shop.example/hook",
        "verify_token": "verify-me",
    }


def test_subscribed_apps_tell_their_address(meta: FakeMeta, client: GraphClient) -> None:
    app = {
        "whatsapp_business_api_data": {"id": "5000", "name": "Console"},
        "override_callback_uri": "https://x",
    }
    meta.will(Reply(200, {"data": [app, {}]}))
    assert client.accounts.list_subscribed_apps("7") == [
        SubscribedApp("5000", "Console", None, "https://x"),
        SubscribedApp(""),
    ]


def test_number_tells_state_and_webhook_addresses(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(
        Reply(
            200,
            {
                "id": "100",
                "status": "CONNECTED",
                "quality_rating": "GREEN",
                "whatsapp_business_manager_messaging_limit": "TIER_2K",
                "messaging_limit_tier": "TIER_250",
                "is_pin_enabled": True,
                "webhook_configuration": {"application": "https://app", "phone_number": ""},
            },
        )
    )
    number = client.phone_numbers.get("100")
    assert (number.status, number.messaging_limit, number.is_pin_enabled) == ("CONNECTED", "TIER_2K", True)
    assert number.webhook_urls == {"application": "https://app"}


def test_registering_sends_the_pin_in_the_body(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": False}))
    assert client.phone_numbers.register("100", "123456") is True
    assert client.phone_numbers.register("100", "123456") is False
    assert meta.asked[0].query == {}
    assert meta.asked[0].body == {"messaging_product": "whatsapp", "pin": "123456"}


def test_profile_is_the_one_object_of_a_list(meta: FakeMeta, client: GraphClient) -> None:
    found = {
        "about": "Tea",
        "websites": ["https://a.example"],
        "vertical": "RETAIL",
        "messaging_product": "w",
    }
    meta.will(Reply(200, {"data": [found]}), Reply(200, {"data": []}))
    profile = client.profiles.get("100")
    assert profile == BusinessProfile(about="Tea", websites=("https://a.example",), vertical="RETAIL")
    assert client.profiles.get("100") == BusinessProfile()


def test_profile_update_sends_only_what_is_given(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    client.profiles.update("100", BusinessProfile(about="", address="", websites=(), vertical="RETAIL"))
    assert meta.asked[0].body == {
        "messaging_product": "whatsapp",
        "address": "",
        "websites": [],
        "vertical": "RETAIL",
    }


def test_message_template_is_submitted_as_drafted(meta: FakeMeta, client: GraphClient) -> None:
    draft = MessageTemplateDraft("order_sent", "en", "UTILITY", [{"type": "BODY", "text": "On its way."}])
    meta.will(Reply(200, {"id": 900, "status": "PENDING", "category": "MARKETING"}))
    created = client.message_templates.create("7", draft)
    assert (created.message_template_id, created.status, created.category) == ("900", "PENDING", "MARKETING")
    assert meta.asked[0].body == {
        "name": "order_sent",
        "language": "en",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "On its way."}],
    }


def test_submission_answered_without_an_id_is_unconfirmed(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"status": "PENDING"}))
    with pytest.raises(GraphUnconfirmed):
        client.message_templates.create("7", {"name": "x"})


def test_refused_submission_is_rejected_with_metas_words(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(graph_error(100, error_subcode=2388299, error_user_msg="Variables an den Rändern"))
    with pytest.raises(GraphRejected) as caught:
        client.message_templates.create("7", {"name": "x"})
    assert (caught.value.subcode, caught.value.user_message) == (2388299, "Variables an den Rändern")


def test_message_templates_come_over_all_pages(meta: FakeMeta, client: GraphClient) -> None:
    first = {
        "id": "900",
        "name": "order_sent",
        "language": "en",
        "status": "REJECTED",
        "category": "UTILITY",
        "components": [{"type": "BODY", "text": "x"}, "odd"],
        "rejected_reason": "INVALID_FORMAT",
        "quality_score": {"score": "GREEN", "date": 1790000000},
        "message_send_ttl_seconds": 600,
    }
    second = {"id": "901", "status": "SOMETHING_NEW", "rejected_reason": "NONE", "parameter_format": "named"}
    meta.will(page(first, after="A1", has_next=True), page(second, after="A2"))
    found = client.message_templates.list("7")
    assert [one.message_template_id for one in found] == ["900", "901"]
    assert found[0].components == ({"type": "BODY", "text": "x"},)
    assert found[0].quality_changed_at == datetime.fromtimestamp(1790000000, UTC)
    assert [one.rejected_reason for one in found] == ["INVALID_FORMAT", None]
    assert (found[1].status, found[1].parameter_format, found[1].name) == ("SOMETHING_NEW", "NAMED", "")


def test_edit_sends_only_what_changes(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}))
    client.message_templates.edit("900", components=[{"type": "BODY"}], message_send_ttl_seconds=60)
    assert meta.asked[0].path == "/v25.0/900"
    assert meta.asked[0].body == {"components": [{"type": "BODY"}], "message_send_ttl_seconds": 60}


def test_deleting_one_language_names_id_and_name(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"success": True}), Reply(200, {"success": True}))
    client.message_templates.delete("7", "order_sent")
    client.message_templates.delete("7", "order_sent", "900")
    assert [asked.method for asked in meta.asked] == ["DELETE", "DELETE"]
    assert [asked.query for asked in meta.asked] == [
        {"name": "order_sent"},
        {"name": "order_sent", "hsm_id": "900"},
    ]


def test_token_is_looked_into_with_the_apps_own_token(meta: FakeMeta, client: GraphClient) -> None:
    data = {
        "app_id": "5000",
        "is_valid": True,
        "expires_at": 0,
        "issued_at": 1790380800,
        "scopes": ["whatsapp_business_management"],
        "granular_scopes": [{"scope": "whatsapp_business_management", "target_ids": ["7"]}, {"scope": "x"}],
    }
    meta.will(Reply(200, {"data": data}))
    token = client.tokens.debug(TOKEN, app_id="5000", app_secret=APP_SECRET)
    assert meta.asked[0].headers["Authorization"] == f"Bearer 5000|{APP_SECRET}"
    assert meta.asked[0].query["input_token"] == TOKEN
    assert (token.is_valid, token.never_expires, token.expires_at) == (True, True, None)
    assert token.missing_scopes() == ("whatsapp_business_messaging",)
    assert token.covers("whatsapp_business_management", "7")
    assert not token.covers("whatsapp_business_management", "8")


def test_invalid_token_is_an_answer(meta: FakeMeta, client: GraphClient) -> None:
    error = {"code": 190, "subcode": 463, "message": "expired"}
    data = {"is_valid": False, "expires_at": 1790000000, "error": error}
    meta.will(Reply(200, {"data": data}))
    token = client.tokens.debug(TOKEN, app_id="5000", app_secret=APP_SECRET)
    assert (token.is_valid, token.error_code, token.error_subcode) == (False, 190, 463)
    assert token.expires_at == datetime.fromtimestamp(1790000000, UTC)
    assert token.never_expires is False


def test_app_tells_its_name(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "5000", "name": "Console"}))
    assert client.apps.get("5000").name == "Console"
