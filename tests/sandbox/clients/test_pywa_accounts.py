"""pywa 4.5.0 runs an account and its numbers: profile, settings, callbacks, block list, a new number."""

from __future__ import annotations

import pytest
from pywa import WhatsApp, errors
from pywa.types import Command, Industry, StorageConfiguration, UserIdentityChangeSettings
from pywa.types.others import Pagination, QRCodeImageType, StorageStatus

from app.sandbox import sample_media
from tests.sandbox.support import CUSTOMER, Meta, Receiver

PIN = CODE = "123456"


def test_account_and_portfolio_are_read(whatsapp: WhatsApp, meta: Meta) -> None:
    account = whatsapp.get_business_account()
    assert (account.id, account.name) == (meta.waba_id, meta.account["name"])
    portfolio = meta.account["meta_business_account_id"]
    [owned] = whatsapp.get_owned_business_accounts(business_portfolio_id=portfolio)
    assert owned == account
    assert len(whatsapp.get_shared_business_accounts(business_portfolio_id=portfolio)) == 0
    whatsapp.update_business_account_settings(disable_marketing_messages_on_cloud_api=True)
    assert whatsapp.get_business_account().disable_marketing_messages_on_cloud_api


def test_number_is_read_with_every_field_pywa_asks_for(whatsapp: WhatsApp, meta: Meta) -> None:
    number = whatsapp.get_business_phone_number()
    assert number.id == meta.number_id
    assert number.display_phone_number == meta.account["display_number"]
    assert (number.status, number.quality_rating, number.account_mode) == ("CONNECTED", "GREEN", "LIVE")
    assert number.country_dial_code == "1"
    assert [one.id for one in whatsapp.get_business_phone_numbers()] == [meta.number_id]


def test_profile_is_written_with_a_picture_and_read(whatsapp: WhatsApp) -> None:
    picture = sample_media.sample("image")
    assert whatsapp.update_business_profile(
        about="Bread",
        address="1 Harbour Lane",
        description="All we bake",
        email="hello@example.com",
        industry=Industry.RETAIL,
        websites=["https://shop.example.com"],
        profile_picture=picture.data,
    )
    profile = whatsapp.get_business_profile()
    assert (profile.about, profile.industry) == ("Bread", Industry.RETAIL)
    assert profile.websites == ("https://shop.example.com",)
    assert profile.profile_picture_url


def test_settings_automation_and_shop_are_kept(whatsapp: WhatsApp) -> None:
    check = UserIdentityChangeSettings(enable_identity_key_check=True)
    assert whatsapp.update_business_phone_number_settings(user_identity_change=check)
    assert whatsapp.get_business_phone_number_settings().user_identity_change == check
    commands = [Command(name="help", description="What we can do")]
    assert whatsapp.update_conversational_automation(ice_breakers=["Where is my order?"], commands=commands)
    automation = whatsapp.get_business_phone_number().conversational_automation
    assert automation is not None
    assert automation.ice_breakers == ("Where is my order?",)
    assert automation.commands == tuple(commands)
    assert whatsapp.update_commerce_settings(is_catalog_visible=True, is_cart_enabled=False)
    shop = whatsapp.get_commerce_settings()
    assert (shop.is_catalog_visible, shop.is_cart_enabled) == (True, False)


def test_display_name_goes_to_review(whatsapp: WhatsApp) -> None:
    assert whatsapp.update_display_name("Harbour Lane Bread")
    assert whatsapp.get_business_phone_number().new_name_status in {"PENDING_REVIEW", "APPROVED"}


def test_public_key_is_taken(whatsapp: WhatsApp, public_key: str) -> None:
    assert whatsapp.set_business_public_key(public_key)


def test_qr_code_is_made_found_changed_and_deleted(whatsapp: WhatsApp) -> None:
    made = whatsapp.create_qr_code("Hello", QRCodeImageType.PNG)
    assert made.qr_image_url
    with_image = made.fetch_image(QRCodeImageType.SVG)
    assert with_image == whatsapp.get_qr_code(made.code, image_type=QRCodeImageType.SVG)
    whatsapp.create_qr_code("Good morning")
    listed = whatsapp.get_qr_codes(image_type="PNG", pagination=Pagination(limit=1)).all()
    assert [one.prefilled_message for one in listed] == ["Good morning", "Hello"]
    assert made.update(prefilled_message="Hi").prefilled_message == "Hi"
    assert made.delete()
    assert whatsapp.get_qr_code(made.code) is None


def test_user_is_blocked_by_number_and_by_id_and_unblocked(whatsapp: WhatsApp, meta: Meta) -> None:
    [blocked] = whatsapp.block_users([CUSTOMER]).added_users
    assert (blocked.input, blocked.wa_id) == (CUSTOMER, CUSTOMER)
    [unblocked] = whatsapp.unblock_users([CUSTOMER]).removed_users
    assert unblocked.wa_id == CUSTOMER
    [customer] = meta.sandbox.logged(f"customers?phone_number_id={meta.number_id}")
    [by_id] = whatsapp.block_users([customer["user_id"]]).added_users
    assert by_id.bsuid == customer["user_id"]
    with pytest.raises(errors.BulkBlockingFailed):
        whatsapp.block_users(["+447700900901"])


def test_username_is_taken_read_and_given_back(whatsapp: WhatsApp) -> None:
    wanted = whatsapp.get_reserved_usernames()[0]
    assert whatsapp.set_username(wanted).username == wanted
    assert whatsapp.get_current_username().username == wanted
    assert whatsapp.delete_username()


def test_number_is_added_verified_registered_and_deregistered(whatsapp: WhatsApp) -> None:
    new = whatsapp.create_phone_number(
        country_calling_code="1", phone_number="2025550187", verified_name="Second"
    )
    assert whatsapp.request_verification_code(code_method="SMS", language_code="en_US", phone_id=new.id)
    assert whatsapp.verify_phone_number(CODE, phone_id=new.id)
    assert whatsapp.register_phone_number(PIN, phone_id=new.id)
    assert whatsapp.get_business_phone_number(phone_id=new.id).status == "CONNECTED"
    assert whatsapp.deregister_phone_number(phone_id=new.id)
    storage = StorageConfiguration(status=StorageStatus.NO_STORAGE_ENABLED, retention_minutes=60)
    assert whatsapp.update_business_phone_number_settings(storage_configuration=storage, phone_id=new.id)
    kept = whatsapp.get_business_phone_number_settings(phone_id=new.id).storage_configuration
    assert kept == storage


def test_callbacks_are_set_on_app_account_and_number_and_taken_back(
    whatsapp: WhatsApp, meta: Meta, receiver: Receiver
) -> None:
    """pywa sends the app's token as a parameter beside its own in the header; the parameter counts."""
    url, word = receiver.url, receiver.verify_token
    app_id = int(meta.app_id)
    app_token = whatsapp.get_app_access_token(app_id, meta.account["app_secret"])
    assert whatsapp.set_app_callback_url(app_id, app_token, url, word, ["messages"])
    assert whatsapp.override_waba_callback_url(url + "/account", word)
    assert whatsapp.override_phone_callback_url(url + "/number", word)
    assert whatsapp.get_business_phone_number().webhook_configuration == {
        "phone_number": url + "/number",
        "whatsapp_business_account": url + "/account",
        "application": url,
    }
    [subscribed] = whatsapp.api.get_waba_subscribed_apps(meta.waba_id)["data"]
    assert subscribed["override_callback_uri"] == url + "/account"
    assert whatsapp.delete_waba_callback_url()
    assert whatsapp.delete_phone_callback_url()
    assert whatsapp.get_business_phone_number().webhook_configuration == {"application": url}
