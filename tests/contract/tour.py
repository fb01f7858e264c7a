"""Every method of the client, called once or more against the sandbox, so that its calls can be checked."""

from __future__ import annotations

import json
import time
from io import BytesIO
from typing import Any

from app.graph import payloads
from app.graph.batch import Read
from app.graph.conversational_automation import Command, ConversationalAutomation
from app.graph.message_templates import MessageTemplateFilters
from app.graph.profiles import BusinessProfile
from tests.contract import outbound
from tests.contract.world import World, refused
from tests.sandbox.support import CUSTOMER

PICTURE = b"\x89PNG\r\n\x1a\n" + b"x" * 1000
TYPES = {
    "image": "image/png",
    "audio": "audio/ogg",
    "video": "video/mp4",
    "document": "application/pdf",
    "sticker": "image/webp",
}
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
PEM = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEA2D5zZueTf3fCoJ7TTnA5
Yxh6VgC6U9Uos6gQjP7XXTbN7ked+NFJC2+dkWEOemfi5jBfOL70zV/woBfTlPZD
kJ+6B9cBAC1ZyzRmKR+5wtPOo5jDBJbU7PESn1TxsjHb1IH8QRSYvbynW1DeKrHY
E4ZxjpMZz5cxreXDxiqqsFvBnZPguZo4P8U0HbaO/R3uJCRKPhNpyUfof3O08LLK
IjSi84Y+Z6nIEpsvFk0fgNi/EwwvAXjBTzuhO0RKUFSDhBfwLfEj2jYv2cjbsQGa
duMcr5T4h31vrLFn19OdD/6Jtt1VzgupD9CLyJkptMUxSvOiOQMLRfBH6GBfV46r
kwIDAQAB
-----END PUBLIC KEY-----"""
USER_ID = "GB.900100200"
DAY_S = 86_400


def travel(world: World) -> None:
    """All of it, in an order in which one finds what it needs of the one before."""
    messages(world)
    templates(world)
    template_tools(world)
    small_edges(world)
    flows(world)
    migrations(world)
    accounts(world)
    insights(world)
    refusals(world)
    troubles(world)
    number(world)
    apps_and_tokens(world)


def _send(world: World, content: dict[str, Any], **more: Any) -> str:
    to = {} if "recipient" in more else {"to": CUSTOMER}
    payload = payloads.envelope(**to, content=content, **more)
    return world.client.messages.send(world.meta.number_id, payload).wamid


def _upload(world: World, kind: str) -> str:
    return world.client.media.upload(
        world.meta.number_id, BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type=TYPES[kind]
    )


def messages(world: World) -> None:
    client, number_id = world.client, world.meta.number_id
    wamid = world.meta.receive().json()["wamid"]
    client.messages.mark_read(number_id, wamid)
    client.messages.mark_read(number_id, wamid, typing=True)
    ids = {kind: _upload(world, kind) for kind in TYPES}
    for content in [*outbound.plain().values(), *outbound.media(ids).values()]:
        _send(world, content)
    sent = _send(world, payloads.text("An answer"), context_wamid=wamid, callback_data="ours-1")
    _send(world, payloads.reaction(wamid, "👍"))
    _send(world, payloads.reaction(wamid, ""))
    hidden = {"user_id": USER_ID, "name": "Kim", "last_inbound_at": int(time.time())}
    world.meta.sandbox.control("POST", "customers", {"phone_number_id": number_id, "customers": [hidden]})
    _send(world, payloads.text("To a user id"), recipient=USER_ID)
    assert sent != wamid
    found = client.media.get(ids["image"], number_id)
    client.media.download(found.url or "", BytesIO(), sha256=found.sha256)
    assert client.media.delete(ids["image"], number_id)
    with refused():
        client.media.get(ids["image"])


def templates(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    handle = client.uploads.upload(
        world.meta.app_id, BytesIO(PICTURE), size_bytes=len(PICTURE), mime_type="image/png"
    )
    made = [client.message_templates.create(waba_id, body) for body in outbound.template_bodies(handle)]
    for one in made:
        review = f"message_templates/{one.message_template_id}/review"
        world.meta.sandbox.control("POST", review, {"decision": "approve"})
        assert client.message_templates.get(one.message_template_id).status == "APPROVED"
    for content in outbound.message_templates().values():
        _send(world, content)
    offer = payloads.message_template("with_cards", "en_US", _cards())
    for options in ({}, {"product_policy": "STRICT", "share_activity": True}):
        payload = payloads.envelope(CUSTOMER, content=offer)
        client.marketing_messages.send(world.meta.number_id, payload, **options)  # type: ignore[arg-type]


def _cards() -> Any:
    found: Any = outbound.message_templates()["carousel"]["template"]["components"]
    return found


def template_tools(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    listed = client.message_templates.list(waba_id)
    assert [*client.message_templates.each(waba_id, MessageTemplateFilters(name="hello_world"), page_size=1)]
    named = {one.name: one for one in listed}
    client.message_templates.edit(
        named["with_names"].message_template_id, components=[{"type": "BODY", "text": "Good day."}]
    )
    client.message_templates.unpause(named["with_names"].message_template_id)
    library = client.message_template_library
    item = next(one for one in library.each(search="order") if not one.buttons)
    library.create(waba_id, name="order_news", language=item.language, library_template_name=item.name)
    codes = client.authentication_message_templates
    codes.previews(waba_id, languages=["de"], add_security_recommendation=True, code_expiration_minutes=5)
    otp = {"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE"}]}
    codes.upsert(waba_id, name="code", languages=["en", "de"], components=[{"type": "BODY"}, otp])
    one = named["seasonal_offer"].message_template_id
    assert client.message_templates.archive(waba_id, [one]).done == (one,)
    assert client.message_templates.unarchive(waba_id, [one]).done == (one,)
    assert client.message_templates.delete(waba_id, "order_news")
    assert client.message_templates.delete(waba_id, "seasonal_offer", one)
    assert client.message_templates.delete_several(waba_id, [named["order_update"].message_template_id])


def small_edges(world: World) -> None:
    client, number_id = world.client, world.meta.number_id
    client.block_list.block(number_id, [CUSTOMER])
    client.block_list.list(number_id)
    assert [*client.block_list.each(number_id)]
    client.block_list.unblock(number_id, [CUSTOMER])
    client.block_list.block(number_id, ["+15550100001"])
    code = client.qr_codes.create(number_id, "Hello", image="PNG").code
    client.qr_codes.update(number_id, code, "Good day")
    client.qr_codes.get(number_id, code)
    client.qr_codes.list(number_id)
    assert [*client.qr_codes.each(number_id)]
    client.qr_codes.delete(number_id, code)
    with refused():
        client.qr_codes.get(number_id, code)
    wanted = ConversationalAutomation(True, ("Where is my order?",), (Command("track", "Find it"),))
    client.conversational_automations.update(number_id, wanted)
    client.conversational_automations.get(number_id)
    client.commerce.update(number_id, is_cart_enabled=False, is_catalog_visible=True)
    client.commerce.get(number_id)
    _names(world)
    _profile(world)


def _names(world: World) -> None:
    client, number_id = world.client, world.meta.number_id
    client.usernames.suggestions(number_id)
    client.usernames.set(number_id, "harbour.lane")
    client.usernames.get(number_id)
    client.usernames.delete(number_id)
    client.usernames.forget_person(number_id, USER_ID)


def _profile(world: World) -> None:
    client, number_id = world.client, world.meta.number_id
    session_id = client.uploads.open(world.meta.app_id, size_bytes=len(PICTURE), mime_type="image/png")
    client.uploads.offset(session_id)
    handle = client.uploads.send(session_id, BytesIO(PICTURE), size_bytes=len(PICTURE))
    other = client.uploads.open(world.meta.app_id, size_bytes=len(PICTURE), mime_type="image/png")
    client.uploads.resume(other, BytesIO(PICTURE), size_bytes=len(PICTURE))
    profile = BusinessProfile(
        about="Bread",
        address="1 Harbour Lane",
        description="We bake.",
        email="bread@shop.example",
        websites=("https://shop.example",),
        vertical="RETAIL",
        profile_picture_handle=handle,
    )
    client.profiles.update(number_id, profile)
    client.profiles.get(number_id)


def flows(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    flow_id = client.flows.create(waba_id, name="Claim", categories=["SURVEY"]).flow_id
    client.flows.upload_json(flow_id, FLOW_JSON)
    client.flows.update(flow_id, name="Claims", categories=["OTHER"])
    (asset,) = client.flows.list_assets(flow_id)
    client.media.download(asset.download_url or "", BytesIO())
    client.flows.publish(flow_id)
    client.flows.get(flow_id)
    client.flows.preview(flow_id, renew=True)
    for content in outbound.interactive(flow_id).values():
        _send(world, content)
    client.health.get(flow_id, phone_number_id=world.meta.number_id)
    with refused():
        client.flows.delete(flow_id)
    client.flows.deprecate(flow_id)
    draft = client.flows.create(waba_id, name="Draft", categories=["OTHER"], flow_json=FLOW_JSON).flow_id
    assert client.flows.list(waba_id)
    assert [*client.flows.each(waba_id)]
    client.flows.delete(draft)


def migrations(world: World) -> None:
    """From one account to another of the same business, with a token for both."""
    given = {key: world.meta.account[key] for key in ("meta_business_account_id", "app_id", "app_secret")}
    control = world.meta.sandbox.control
    second = str(control("POST", "accounts", given).json()["waba_id"])
    both = {"app_id": world.meta.app_id, "target_ids": [world.meta.waba_id, second]}
    token = control("POST", "tokens", both).json()["access_token"]
    world.recorder.kinds[second] = "WABA-ID"
    client = world.client_with(token)
    assert client.migrations.copy_flows(second, from_waba_id=world.meta.waba_id)
    client.migrations.copy_message_templates(second, from_waba_id=world.meta.waba_id)


def accounts(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    client.accounts.get(waba_id)
    client.accounts.update(waba_id, name="Harbour Lane", is_enabled_for_insights=True)
    client.accounts.list_phone_numbers(waba_id)
    client.accounts.subscribe(waba_id)
    client.accounts.subscribe(waba_id, world.receiver.url, world.receiver.verify_token)
    client.accounts.list_subscribed_apps(waba_id)
    client.accounts.unsubscribe(waba_id)
    client.health.get(waba_id)
    _people(world)
    client.batch.read([Read(waba_id, params={"fields": "name"}), Read("999")])


def _people(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    business_id = world.meta.account["meta_business_account_id"]
    client.assigned_users.assign(waba_id, "5500100", ["MANAGE", "MESSAGING"])
    (user,) = client.assigned_users.list(waba_id, business_id)
    assert (user.user_id, user.tasks) == ("5500100", ("MANAGE", "MESSAGING"))
    assert client.assigned_users.remove(waba_id, "5500100")
    assert waba_id in [found.waba_id for found in client.businesses.owned_accounts(business_id)]
    assert client.businesses.client_accounts(business_id) == []


def insights(world: World) -> None:
    client, waba_id = world.client, world.meta.waba_id
    now = int(time.time())
    start, end = now - DAY_S, now + DAY_S
    client.analytics.messages(waba_id, start=start, end=end)
    client.analytics.conversations(waba_id, start=start, end=end)
    client.analytics.pricing(waba_id, start=start, end=end)
    one, other = (found.message_template_id for found in client.message_templates.list(waba_id)[:2])
    list(client.message_template_insights.each(waba_id, [one], start=start, end=end))
    with refused():  # too few sends to compare
        client.message_template_insights.compare(one, other, start=now - 7 * DAY_S, end=now)


def refusals(world: World) -> None:
    client, waba_id, number_id = world.client, world.meta.waba_id, world.meta.number_id
    with refused(131030):
        _to(world, "+12025559015")
    with refused(131000):
        _to(world, "+12025559016")
    with refused(132001):
        _send(world, payloads.message_template("no_such", "en_US"))
    with refused():
        client.message_templates.create(waba_id, {"name": "Bad Name", "language": "xx", "category": "X"})
    with refused():
        client.phone_numbers.verify_code(number_id, "000000")
    with refused():
        client.flows.create(waba_id, name="Claims", categories=["OTHER"])
        client.flows.create(waba_id, name="Claims", categories=["OTHER"])


def troubles(world: World) -> None:
    """Wrong tokens, missing rights, limits and faults of Meta's, for this world alone."""
    client, waba_id, number_id = world.client, world.meta.waba_id, world.meta.number_id
    stranger = world.client_with("EAAwrong")
    for call in (stranger.accounts.get, stranger.message_templates.list):
        with refused(190):
            call(waba_id)
    with refused(190):
        stranger.messages.send(number_id, payloads.envelope(CUSTOMER, content=payloads.text("x")))
    asked = {"path": f"{waba_id}/phone_numbers"}
    for kind, more in (("missing_permission", {"code": 200}), ("throttle", {"code": 80007})):
        world.meta.fault(kind, match=asked, **more)
        with refused(more["code"]):
            client.accounts.list_phone_numbers(waba_id)
    for code in (130429, 131056):
        world.meta.fault("throttle", match={"path": f"{number_id}/messages"}, code=code)
        with refused(code):
            _to(world, CUSTOMER)
    world.meta.fault("error", match={"path": f"{waba_id}/subscribed_apps"}, code=2, http=500)
    with refused(2):
        client.accounts.unsubscribe(waba_id)


def _to(world: World, recipient: str) -> None:
    world.client.messages.send(world.meta.number_id, payloads.envelope(recipient, content=payloads.text("x")))


def number(world: World) -> None:
    client, waba_id, number_id = world.client, world.meta.waba_id, world.meta.number_id
    client.phone_numbers.get(number_id)
    client.phone_numbers.set_pin(number_id, "123456")
    client.phone_numbers.request_display_name(number_id, "Harbour Lane")
    client.phone_numbers.get_display_name(number_id)
    client.phone_numbers.set_webhook(number_id, world.receiver.url, world.receiver.verify_token)
    client.phone_numbers.get(number_id)
    client.phone_numbers.clear_webhook(number_id)
    client.encryption.set_public_key(number_id, PEM)
    client.encryption.get_public_key(number_id)
    client.number_settings.update(number_id, "user_identity_change", {"enable_identity_key_check": True})
    client.number_settings.update(number_id, "calling", {"status": "ENABLED"})
    client.number_settings.get(number_id, with_sip_credentials=True)
    client.phone_numbers.deregister(number_id)
    client.number_settings.update(number_id, "storage_configuration", {"status": "DEFAULT"})
    client.phone_numbers.register(number_id, "123456")
    added = client.accounts.add_phone_number(
        waba_id, country_code="1", phone_number="2025550177", verified_name="Second shop"
    )
    client.phone_numbers.request_code(added)
    client.phone_numbers.verify_code(added, "123-456")


def apps_and_tokens(world: World) -> None:
    client, app_id, secret = world.client, world.meta.app_id, world.app_secret
    client.apps.get(app_id)
    client.apps.subscribe(
        app_id,
        secret,
        callback_url=world.receiver.url,
        verify_token=world.receiver.verify_token,
        fields=["messages"],
    )
    client.apps.list_subscriptions(app_id, secret)
    client.apps.unsubscribe(app_id, secret)
    client.tokens.get_app_token(app_id=app_id, app_secret=secret)
    client.tokens.debug(world.meta.token, app_id=app_id, app_secret=secret)
    with refused():
        client.tokens.exchange_code("used-up", app_id=app_id, app_secret=secret)
    given = {"app_id": app_id, "waba_id": world.meta.waba_id}
    code = world.meta.sandbox.control("POST", "codes", given).json()["code"]
    client.tokens.exchange_code(code, app_id=app_id, app_secret=secret)
