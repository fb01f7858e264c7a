"""The real client and the real sandbox over HTTP: what one asks, the other understands."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
import requests

from app.graph import payloads
from app.graph.batch import Read
from app.graph.client import GraphClient
from app.graph.conversational_automation import Command, ConversationalAutomation
from app.graph.errors import GraphBlocked, GraphRejected
from app.graph.message_templates import MessageTemplateFilters
from app.graph.problems import InvalidPayload
from app.graph.profiles import BusinessProfile
from tests.support.sandbox import RunningSandbox

PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 100_000
FOOTER = {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}
SCREEN = {
    "id": "ONLY",
    "title": "Only",
    "terminal": True,
    "success": True,
    "data": {},
    "layout": {"type": "SingleColumnLayout", "children": [FOOTER]},
}
FLOW_JSON = json.dumps({"version": "7.3", "screens": [SCREEN]})


@dataclass(frozen=True)
class World:
    """An account of the sandbox and a client with its token."""

    client: GraphClient
    waba_id: str
    phone_number_id: str
    app_id: str
    app_secret: str


@pytest.fixture
def world(sandbox: RunningSandbox, session: requests.Session) -> World:
    account = sandbox.new_account()
    client = GraphClient(session, base_url=sandbox.url, version="v25.0", token=account["access_token"])
    return World(
        client, account["waba_id"], account["phone_number_id"], account["app_id"], account["app_secret"]
    )


def test_file_comes_back_as_it_went(world: World) -> None:
    media = world.client.media
    media_id = media.upload(
        world.phone_number_id,
        BytesIO(PICTURE),
        size_bytes=len(PICTURE),
        mime_type="image/png",
        filename="Äpfel.png",
    )
    found = media.get(media_id, world.phone_number_id)
    assert (found.mime_type, found.size_bytes) == ("image/png", len(PICTURE))
    into = BytesIO()
    media.download(found.url or "", into, sha256=found.sha256)
    assert into.getvalue() == PICTURE
    assert media.delete(media_id, world.phone_number_id)
    with pytest.raises(GraphBlocked):
        media.get(media_id)


def test_uploaded_file_can_be_sent(world: World) -> None:
    media_id = world.client.media.upload(
        world.phone_number_id, BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type="image/png"
    )
    payload = payloads.envelope("+15550100001", content=payloads.media("image", media_id=media_id))
    assert world.client.messages.send(world.phone_number_id, payload).wamid


def test_profile_picture_goes_by_a_handle(world: World) -> None:
    handle = world.client.uploads.upload(
        world.app_id, BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type="image/png", filename="a.png"
    )
    assert world.client.profiles.update(world.phone_number_id, BusinessProfile(profile_picture_handle=handle))


def test_upload_in_two_parts_makes_one_handle(world: World) -> None:
    uploads = world.client.uploads
    session = uploads.open(world.app_id, size_bytes=len(PICTURE), mime_type="image/png")
    assert uploads.offset(session) == 0
    assert uploads.resume(session, BytesIO(PICTURE), size_bytes=len(PICTURE))


def test_flow_lives_from_draft_to_its_end(world: World) -> None:
    flows = world.client.flows
    flow_id = flows.create(world.waba_id, name="Claim", categories=["SURVEY"]).flow_id
    assert flows.upload_json(flow_id, FLOW_JSON).faults == ()
    assert flows.update(flow_id, name="Claims")
    (asset,) = flows.list_assets(flow_id)
    into = BytesIO()
    world.client.media.download(asset.download_url or "", into)
    assert json.loads(into.getvalue()) == json.loads(FLOW_JSON)
    assert flows.publish(flow_id)
    found = flows.get(flow_id)
    assert (found.name, found.status, found.json_version) == ("Claims", "PUBLISHED", "7.3")
    assert found.preview is not None
    renewed = flows.preview(flow_id, renew=True)
    assert renewed is not None
    assert renewed.url != found.preview.url
    with pytest.raises(GraphRejected):
        flows.delete(flow_id)
    assert flows.deprecate(flow_id)
    assert [flow.status for flow in flows.list(world.waba_id)] == ["DEPRECATED"]


def test_faulty_flow_is_kept_and_explained(world: World) -> None:
    broken = json.dumps({"version": "7.3", "screens": [{**SCREEN, "id": "SUCCESS"}]})
    saved = world.client.flows.create(world.waba_id, name="Claim", categories=["OTHER"], flow_json=broken)
    assert saved.faults
    assert saved.faults[0].message


def test_message_templates_are_filtered_and_several_deleted(world: World) -> None:
    templates = world.client.message_templates
    found = templates.list(world.waba_id)
    assert len(found) > 1
    approved = [*templates.each(world.waba_id, MessageTemplateFilters(status="APPROVED"), page_size=1)]
    assert {one.message_template_id for one in approved} == {
        one.message_template_id for one in found if one.status == "APPROVED"
    }
    gone = [one.message_template_id for one in found[:2]]
    assert templates.delete_several(world.waba_id, gone)
    assert not {*gone} & {one.message_template_id for one in templates.list(world.waba_id)}


def test_library_item_becomes_a_message_template(world: World) -> None:
    library = world.client.message_template_library
    item = next(one for one in library.each(search="order") if not one.buttons)
    made = library.create(
        world.waba_id, name="order_news", language=item.language, library_template_name=item.name
    )
    assert world.client.message_templates.get(made.message_template_id).library_template_name == item.name


def test_one_time_codes_in_two_languages(world: World) -> None:
    codes = world.client.authentication_message_templates
    assert [text.language for text in codes.previews(world.waba_id, languages=["de"])] == ["de"]
    button = {"type": "OTP", "otp_type": "COPY_CODE"}
    made = codes.upsert(
        world.waba_id,
        name="code",
        languages=["en", "de"],
        components=[{"type": "BODY"}, {"type": "BUTTONS", "buttons": [button]}],
    )
    assert [one.language for one in made] == ["en", "de"]


def test_number_goes_off_and_on_again(world: World) -> None:
    numbers = world.client.phone_numbers
    assert numbers.set_pin(world.phone_number_id, "123456")
    assert numbers.deregister(world.phone_number_id)
    assert numbers.register(world.phone_number_id, "123456")
    assert numbers.get(world.phone_number_id).status == "CONNECTED"


def test_new_number_waits_for_its_code(world: World) -> None:
    added = world.client.accounts.add_phone_number(
        world.waba_id, country_code="1", phone_number="5550100177", verified_name="Second shop"
    )
    assert world.client.phone_numbers.request_code(added)
    assert world.client.phone_numbers.get(added).code_verification_status != "VERIFIED"


def test_new_name_waits_for_its_review(world: World) -> None:
    numbers = world.client.phone_numbers
    assert numbers.request_display_name(world.phone_number_id, "Harbour Lane")
    assert numbers.get_display_name(world.phone_number_id).new_display_name == "Harbour Lane"


def test_account_takes_another_name(world: World) -> None:
    assert world.client.accounts.update(world.waba_id, name="Harbour Lane")
    assert world.client.accounts.get(world.waba_id).name == "Harbour Lane"


@pytest.mark.parametrize("tasks", [[], ["MANAGE", "VIEW_INSIGHTS"]])
def test_people_get_only_tasks_that_meta_knows(world: World, tasks: list[str]) -> None:
    with pytest.raises(InvalidPayload):
        world.client.assigned_users.assign(world.waba_id, "5500100", tasks)


def test_portfolio_of_others_is_not_shown(world: World) -> None:
    for listing in (world.client.businesses.owned_accounts, world.client.businesses.client_accounts):
        with pytest.raises(GraphBlocked):
            listing("5500100")


def test_settings_of_a_number_are_kept(world: World) -> None:
    settings = world.client.number_settings
    assert settings.update(world.phone_number_id, "user_identity_change", {"enable_identity_key_check": True})
    found = settings.get(world.phone_number_id)
    assert found.user_identity_change["enable_identity_key_check"] is True


def test_stranger_cannot_be_blocked_and_we_hear_why(world: World) -> None:
    result = world.client.block_list.block(world.phone_number_id, ["+15550100001"])
    assert result.done == ()
    assert [one.given for one in result.refused] == ["+15550100001"]
    assert world.client.block_list.list(world.phone_number_id) == []


def test_qr_code_is_made_renamed_and_deleted(world: World) -> None:
    codes = world.client.qr_codes
    made = codes.create(world.phone_number_id, "Hello", image="PNG")
    assert made.image_url
    codes.update(world.phone_number_id, made.code, "Good day")
    assert codes.get(world.phone_number_id, made.code).prefilled_message == "Good day"
    assert codes.delete(world.phone_number_id, made.code)
    assert codes.list(world.phone_number_id) == []


def test_small_edges_keep_what_they_are_told(world: World) -> None:
    client, number = world.client, world.phone_number_id
    wanted = ConversationalAutomation(True, ("Where is my order?",), (Command("track", "Find it"),))
    assert client.conversational_automations.update(number, wanted)
    assert client.conversational_automations.get(number) == wanted
    assert client.commerce.update(number, is_cart_enabled=False)
    assert client.commerce.get(number).is_cart_enabled is False
    assert client.usernames.suggestions(number)
    assert client.usernames.set(number, "harbour.lane")
    name = client.usernames.get(number)
    assert name is not None
    assert name.username == "harbour.lane"
    assert client.usernames.delete(number)
    assert client.usernames.get(number) is None
    assert client.encryption.get_public_key(number) is None


def test_app_speaks_with_its_own_token(world: World) -> None:
    tokens = world.client.tokens
    app_token = tokens.get_app_token(app_id=world.app_id, app_secret=world.app_secret)
    assert app_token.token.startswith(world.app_id)
    assert world.client.apps.unsubscribe(world.app_id, world.app_secret)
    assert world.client.apps.list_subscriptions(world.app_id, world.app_secret) == []
    with pytest.raises(GraphRejected):
        tokens.exchange_code("used-up", app_id=world.app_id, app_secret=world.app_secret)


def test_several_reads_and_one_of_them_refused(world: World) -> None:
    known, unknown = world.client.batch.read([Read(world.waba_id, params={"fields": "name"}), Read("999")])
    assert known is not None
    assert known.data["id"] == world.waba_id
    assert unknown is not None
    assert not unknown.is_success


def test_counts_are_asked_in_a_way_the_sandbox_reads(world: World) -> None:
    payload = payloads.envelope("+15550100001", content=payloads.text("Hi"))
    world.client.messages.send(world.phone_number_id, payload)
    now = int(time.time())
    span: dict[str, Any] = {"start": now - 86_400, "end": now + 86_400}
    assert sum(point.sent for point in world.client.analytics.messages(world.waba_id, **span)) <= 1
    assert isinstance(world.client.analytics.conversations(world.waba_id, **span), list)
    assert isinstance(world.client.analytics.pricing(world.waba_id, **span), list)
    with pytest.raises(GraphBlocked):  # insights were never switched on
        next(world.client.message_template_insights.each(world.waba_id, ["1"], **span))


def test_health_is_known_of_account_and_number(world: World) -> None:
    for node_id in (world.waba_id, world.phone_number_id):
        found = world.client.health.get(node_id)
        assert found is not None
        assert found.can_send_message == "AVAILABLE"


def test_marketing_messages_know_only_existing_message_templates(world: World) -> None:
    payload = payloads.envelope("+15550100001", content=payloads.message_template("no_such", "en"))
    with pytest.raises(GraphRejected) as caught:
        world.client.marketing_messages.send(world.phone_number_id, payload)
    assert caught.value.code == 132001
