"""The edges of a number: codes, PIN, names, settings, block list, QR codes and the rest."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from app.graph.block_list import BlockedUser, BlockResult, RefusedUser
from app.graph.client import GraphClient
from app.graph.commerce import CommerceSettings
from app.graph.conversational_automation import Command, ConversationalAutomation
from app.graph.errors import GraphRejected
from app.graph.number_settings import check_settings
from app.graph.problems import InvalidPayload
from app.graph.profiles import BusinessProfile
from app.graph.qr_codes import QrCode
from app.graph.usernames import check_username
from tests.graph.server import FakeMeta, Reply, graph_error
from tests.graph.test_resources import page

OK = Reply(200, {"success": True})


@pytest.mark.parametrize(
    "act, path, body",
    [
        (
            lambda numbers: numbers.request_code("100", method="VOICE", language="de"),
            "100/request_code",
            {"code_method": "VOICE", "language": "de"},
        ),
        (lambda numbers: numbers.verify_code("100", "123-830"), "100/verify_code", {"code": "123830"}),
        (lambda numbers: numbers.deregister("100"), "100/deregister", {}),
        (lambda numbers: numbers.set_pin("100", "123456"), "100", {"pin": "123456"}),
        (
            lambda numbers: numbers.request_display_name("100", "Shop"),
            "100",
            {"new_display_name": "Shop"},
        ),
        (
            lambda numbers: numbers.set_webhook("100", "https://a.example/hook", "v"),
            "100",
            {
                "webhook_configuration": {
                    "override_callback_uri": "https://a.example/hook",
                    "verify_token": "v",
                }
            },
        ),
        (
            lambda numbers: numbers.clear_webhook("100"),
            "100",
            {"webhook_configuration": {"override_callback_uri": ""}},
        ),
    ],
)
def test_number_is_changed_by_these_calls(
    meta: FakeMeta, client: GraphClient, act: Callable[[Any], bool], path: str, body: dict[str, object]
) -> None:
    meta.will(OK)
    assert act(client.phone_numbers)
    assert (meta.asked[0].method, meta.asked[0].path) == ("POST", f"/v25.0/{path}")
    assert (meta.asked[0].body, meta.asked[0].query) == (body, {})


@pytest.mark.parametrize(
    "act",
    [
        lambda client: client.phone_numbers.request_code("100", method="MAIL"),
        lambda client: client.phone_numbers.verify_code("100", "secret"),
        lambda client: client.phone_numbers.set_pin("100", "12345"),
        lambda client: client.phone_numbers.set_pin("100", "١٢٣٤٥٦"),
        lambda client: client.phone_numbers.request_display_name("100", "  "),
        lambda client: client.phone_numbers.set_webhook("100", "https://a.example/" + "x" * 200, "v"),
        lambda client: client.number_settings.update("100", "colours", {}),
        lambda client: client.block_list.block("100", []),
        lambda client: client.block_list.block("100", ["12"]),
        lambda client: client.qr_codes.create("100", "x" * 141),
        lambda client: client.qr_codes.create("100", "Hello", image="GIF"),
        lambda client: client.usernames.set("100", "www.shop"),
        lambda client: client.usernames.forget_person("100", "15550100001"),
        lambda client: client.accounts.add_phone_number(
            "7", country_code="+1", phone_number="555", verified_name="Shop"
        ),
        lambda client: client.accounts.update("7", name="x" * 101),
        lambda client: client.profiles.update("100", BusinessProfile(about="x" * 140)),
    ],
)
def test_what_meta_would_refuse_is_not_asked(
    meta: FakeMeta, client: GraphClient, act: Callable[[GraphClient], object]
) -> None:
    with pytest.raises(InvalidPayload):
        act(client)
    assert not meta.asked


def test_names_of_a_number_are_read_apart(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": "100", "new_display_name": "Shop", "new_name_status": "PENDING_REVIEW"}))
    number = client.phone_numbers.get_display_name("100")
    assert (number.new_display_name, number.new_name_status) == ("Shop", "PENDING_REVIEW")
    assert "new_name_status" in meta.asked[0].query["fields"]


def test_number_is_added_without_its_country_code(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"id": 101}))
    added = client.accounts.add_phone_number(
        "7", country_code="1", phone_number="5550100001", verified_name="Shop"
    )
    assert added == "101"
    assert meta.asked[0].body == {"cc": "1", "phone_number": "5550100001", "verified_name": "Shop"}


def test_account_changes_only_what_is_given(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(OK)
    assert client.accounts.update("7", is_enabled_for_insights=True, timezone_id="1")
    assert meta.asked[0].body == {"timezone_id": "1", "is_enabled_for_insights": True}


def test_settings_are_read_and_changed_one_feature_at_a_time(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"calling": {"status": "enabled", "sip": {"password": "hidden"}}}), OK)
    settings = client.number_settings.get("100", with_sip_credentials=True)
    assert settings.calling_status == "ENABLED"
    assert settings.storage_configuration == {}
    assert "hidden" not in repr(settings)
    assert client.number_settings.update("100", "calling", {"status": "DISABLED"})
    assert meta.asked[0].query == {"include_sip_credentials": "true"}
    assert meta.asked[1].body == {"calling": {"status": "DISABLED"}}


@pytest.mark.parametrize(
    "feature, values, fields",
    [
        ("calling", {"status": "on"}, ["calling.status"]),
        ("user_identity_change", {"enable_identity_key_check": "yes"}, ["user_identity_change.enable_"]),
        ("payload_encryption", {}, ["payload_encryption.status"]),
        (
            "storage_configuration",
            {"status": "IN_COUNTRY_STORAGE_ENABLED"},
            ["storage_configuration.data_localization_region"],
        ),
        (
            "storage_configuration",
            {"status": "NO_STORAGE_ENABLED", "retention_minutes": 1},
            ["storage_configuration.retention_minutes"],
        ),
    ],
)
def test_settings_that_meta_would_refuse_are_explained(
    feature: str, values: dict[str, object], fields: list[str]
) -> None:
    found = [problem.field for problem in check_settings(feature, values)]
    assert len(found) == len(fields)
    assert all(one.startswith(start) for one, start in zip(found, fields, strict=True))


def test_blocking_speaks_of_numbers_and_user_ids(meta: FakeMeta, client: GraphClient) -> None:
    added = [{"input": "+15550100001", "wa_id": "15550100001"}, {"user_id": "US.77"}]
    meta.will(Reply(200, {"block_users": {"added_users": added}}))
    assert client.block_list.block("100", ["1 555 010 0001", "US.77"]) == BlockResult(
        ("+15550100001", "US.77")
    )
    assert meta.asked[0].body == {
        "messaging_product": "whatsapp",
        "block_users": [{"user": "+15550100001"}, {"user_id": "US.77"}],
    }


def test_partly_refused_block_tells_both_sides(meta: FakeMeta, client: GraphClient) -> None:
    failed = {
        "input": "+15550100002",
        "errors": [{"message": "No", "code": 139101, "error_data": {"details": "Never wrote"}}],
    }
    answer = {
        "error": {"message": "(#139100) Failed", "code": 139100},
        "block_users": {"removed_users": [{"input": "+15550100001"}], "failed_users": [failed]},
    }
    meta.will(Reply(400, answer))
    assert client.block_list.unblock("100", ["+15550100001", "+15550100002"]) == BlockResult(
        ("+15550100001",), (RefusedUser("+15550100002", 139101, "Never wrote"),)
    )
    assert meta.asked[0].method == "DELETE"


@pytest.mark.parametrize("code", [139100, 139101])
def test_wholly_refused_block_is_an_error(meta: FakeMeta, client: GraphClient, code: int) -> None:
    meta.will(graph_error(code))
    with pytest.raises(GraphRejected) as caught:
        client.block_list.block("100", ["+15550100001"])
    assert (caught.value.code, caught.value.partial) == (code, {})


def test_other_refusals_of_a_block_stay_errors(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(400, {"error": {"message": "No", "code": 100}, "block_users": {"added_users": []}}))
    with pytest.raises(GraphRejected):
        client.block_list.block("100", ["+15550100001"])


def test_block_list_comes_over_all_pages(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(page({"wa_id": "1"}, after="A", has_next=True), page({"user_id": "US.77"}))
    assert client.block_list.list("100") == [BlockedUser("1"), BlockedUser(None, "US.77")]


def test_qr_codes_are_made_changed_read_and_deleted(meta: FakeMeta, client: GraphClient) -> None:
    code = {
        "code": "ABCDEFGHIJKLMN",
        "prefilled_message": "Hi",
        "deep_link_url": "https://wa.me/message/ABCDEFGHIJKLMN",
        "qr_image_url": "https://i",
    }
    meta.will(Reply(200, code), Reply(200, code), page(code), Reply(200, {"data": [code]}), OK)
    made = client.qr_codes.create("100", "Hi", image="PNG")
    assert made == QrCode(*code.values())
    client.qr_codes.update("100", made.code, "Hi")
    assert client.qr_codes.list("100", image="PNG") == [made]
    assert client.qr_codes.get("100", made.code) == made
    assert client.qr_codes.delete("100", made.code)
    assert [asked.body for asked in meta.asked[:2]] == [
        {"prefilled_message": "Hi", "generate_qr_image": "PNG"},
        {"code": made.code, "prefilled_message": "Hi"},
    ]
    assert meta.asked[2].query["fields"].endswith("qr_image_url.format(PNG)")
    assert (meta.asked[4].method, meta.asked[4].path) == ("DELETE", f"/v25.0/100/message_qrdls/{made.code}")


def test_unknown_qr_code_is_a_refusal(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"data": []}))
    with pytest.raises(GraphRejected):
        client.qr_codes.get("100", "GONE")


def test_automation_is_read_and_replaced_in_parts(meta: FakeMeta, client: GraphClient) -> None:
    found = {
        "enable_welcome_message": True,
        "prompts": ["Where is my order?"],
        "commands": [{"command_name": "track", "command_description": "Find it"}],
    }
    meta.will(Reply(200, {"conversational_automation": found}), OK)
    automation = client.conversational_automations.get("100")
    assert automation == ConversationalAutomation(
        True, ("Where is my order?",), (Command("track", "Find it"),)
    )
    client.conversational_automations.update("100", ConversationalAutomation(prompts=()))
    assert meta.asked[1].path == "/v25.0/100/conversational_automation"
    assert meta.asked[1].body == {"prompts": []}


@pytest.mark.parametrize(
    "wanted, field",
    [
        (ConversationalAutomation(prompts=("x",) * 5), "prompts"),
        (ConversationalAutomation(prompts=("x" * 81,)), "prompts[0]"),
        (ConversationalAutomation(prompts=("😀",)), "prompts[0]"),
        (ConversationalAutomation(commands=(Command("x", "y"),) * 31), "commands"),
        (ConversationalAutomation(commands=(Command("x" * 33, "y"),)), "commands[0].command_name"),
        (ConversationalAutomation(commands=(Command("x", "y" * 257),)), "commands[0].command_description"),
    ],
)
def test_automation_keeps_metas_limits(
    meta: FakeMeta, client: GraphClient, wanted: ConversationalAutomation, field: str
) -> None:
    with pytest.raises(InvalidPayload) as caught:
        client.conversational_automations.update("100", wanted)
    assert field in [problem.field for problem in caught.value.problems]
    assert not meta.asked


def test_commerce_settings_travel_as_parameters(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"data": [{"id": "6", "is_cart_enabled": True}]}), OK, Reply(200, {"data": []}))
    assert client.commerce.get("100") == CommerceSettings("6", True, None)
    assert client.commerce.update("100", is_cart_enabled=False)
    assert (meta.asked[1].query, meta.asked[1].body) == ({"is_cart_enabled": "false"}, None)
    assert client.commerce.get("100") == CommerceSettings()


def test_user_name_is_asked_for_kept_and_given_up(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(Reply(200, {"username": "shop.1", "status": "reserved"}), OK, OK, Reply(200, {}))
    found = client.usernames.get("100")
    assert found is not None
    assert (found.username, found.status) == ("shop.1", "reserved")
    assert client.usernames.set("100", "shop.1", take_over=True)
    assert client.usernames.delete("100")
    assert client.usernames.get("100") is None
    assert meta.asked[1].body == {"username": "shop.1", "transfer_action": "force_transfer"}
    assert [asked.path for asked in meta.asked] == ["/v25.0/100/username"] * 4


@pytest.mark.parametrize(
    "answer",
    [
        {"data": ["a1", "b2"]},
        {"data": [{"username": "a1"}, {"username": "b2"}]},
        {"data": [{"username_suggestions": ["a1", "b2"]}]},
        {"username_suggestions": ["a1", "b2"]},
    ],
)
def test_suggested_user_names_are_read_in_any_form(
    meta: FakeMeta, client: GraphClient, answer: dict[str, object]
) -> None:
    meta.will(Reply(200, answer))
    assert client.usernames.suggestions("100") == ("a1", "b2")


@pytest.mark.parametrize("name", ["shop", "a.b_c", "x" * 35, "1a2", "ana.ti"])
def test_good_user_names(name: str) -> None:
    assert check_username(name) == []


@pytest.mark.parametrize(
    "name", ["ab", "x" * 36, "123", ".ab", "ab.", "a..b", "wwwshop", "Shop", "shop.com", "sho p", "shöp", ""]
)
def test_bad_user_names(name: str) -> None:
    assert len(check_username(name)) == 1


def test_person_is_forgotten_by_user_id(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(OK)
    assert client.usernames.forget_person("100", "US.77")
    assert (meta.asked[0].method, meta.asked[0].path) == ("DELETE", "/v25.0/100/contact_book")
    assert meta.asked[0].query == {"messaging_product": "whatsapp", "bsuid": "US.77"}


@pytest.mark.parametrize(
    "profile, field",
    [
        (BusinessProfile(email="nobody"), "email"),
        (BusinessProfile(websites=("https://a.example",) * 3), "websites"),
        (BusinessProfile(websites=("ftp://a.example",)), "websites[0]"),
        (BusinessProfile(vertical="CIRCUS"), "vertical"),
        (BusinessProfile(description="x" * 513), "description"),
    ],
)
def test_profile_keeps_metas_limits(
    meta: FakeMeta, client: GraphClient, profile: BusinessProfile, field: str
) -> None:
    with pytest.raises(InvalidPayload) as caught:
        client.profiles.update("100", profile)
    assert [problem.field for problem in caught.value.problems] == [field]
    assert not meta.asked


def test_profile_picture_is_given_by_its_handle(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(OK)
    client.profiles.update("100", BusinessProfile(profile_picture_handle="4::x"))
    assert meta.asked[0].body == {"messaging_product": "whatsapp", "profile_picture_handle": "4::x"}
