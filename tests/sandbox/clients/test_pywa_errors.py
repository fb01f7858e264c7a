"""Each refusal of the sandbox reaches pywa 4.5.0 as the class it has for that code of Meta's."""

from __future__ import annotations

import pytest
from pywa import WhatsApp, errors
from pywa.types import templates as t

from tests.sandbox.clients.bot import connect
from tests.sandbox.support import CUSTOMER, Meta

EN = t.TemplateLanguage.ENGLISH_US
# Codes that only an event brings, or that pywa keeps for calls, groups and sign-up links: not for a send.
BY_FAULT = (
    0, 3, 4, 10, 200, 368, 80007, 130429, 130472, 130497, 131000, 131005, 131008, 131009, 131016, 131021,
    131026, 131030, 131031, 131037, 131042, 131045, 131047, 131048, 131049, 131050, 131051, 131053, 131056,
    131057, 131062, 131063, 131064, 132000, 132001, 132005, 132007, 132012, 132015, 132016, 132068, 132069,
    133016, 135000, 137000,
)  # fmt: skip
BY_NUMBER = {
    "12025559013": errors.TooManyMessages,
    "12025559014": errors.SpamRateLimitHit,
    "12025559015": errors.RecipientNotInAllowedList,
    "12025559016": errors.UnknownError,
    "12025559018": errors.AccountRestrictedFromCountry,
}


def test_every_code_raises_the_class_of_that_code(whatsapp: WhatsApp, meta: Meta) -> None:
    here = {"phone_number_id": meta.number_id}
    for code in BY_FAULT:
        meta.fault("error", code=code, match=here)
        with pytest.raises(errors.WhatsAppError) as refused:
            whatsapp.send_message(CUSTOMER, "Hello")
        wanted = errors.WhatsAppError._get_exception(code)
        assert wanted is not errors.WhatsAppError
        assert type(refused.value) is wanted
        assert (refused.value.code, bool(refused.value.fbtrace_id)) == (code, True)


def test_recipients_with_a_fixed_fate_raise_its_class(whatsapp: WhatsApp) -> None:
    for number, wanted in BY_NUMBER.items():
        with pytest.raises(wanted):
            whatsapp.send_message(number, "Hello")


def test_expired_token_says_so(whatsapp: WhatsApp, meta: Meta) -> None:
    body = {"app_id": meta.app_id, "expires_in_s": -60}
    whatsapp.token = meta.sandbox.control("POST", "tokens", body).json()["access_token"]
    with pytest.raises(errors.ExpiredAccessToken) as refused:
        whatsapp.get_business_profile()
    assert (refused.value.status_code, refused.value.subcode) == (401, 463)


def test_templates_that_cannot_be_sent_say_why(whatsapp: WhatsApp, meta: Meta) -> None:
    with pytest.raises(errors.TemplateNotExists):
        whatsapp.send_template(CUSTOMER, "nobody_made_this", EN)
    with pytest.raises(errors.TemplateParamCountMismatch):
        whatsapp.send_template(CUSTOMER, "order_update", EN, [t.BodyText.params("only one")])
    for decision, wanted in (("pause", errors.TemplatePaused), ("disable", errors.TemplateDisabled)):
        template = whatsapp.get_templates(name="hello_world")[0]
        meta.sandbox.control("POST", f"message_templates/{template.id}/review", {"decision": decision})
        with pytest.raises(wanted):
            whatsapp.send_template(CUSTOMER, "hello_world", EN)


def test_foreign_account_does_not_exist(whatsapp: WhatsApp, meta: Meta) -> None:
    other = meta.sandbox.control("POST", "accounts", {}).json()
    stranger = connect(Meta(meta.sandbox, other))
    with pytest.raises(errors.WhatsAppError) as refused:
        stranger.get_business_account(waba_id=meta.waba_id)
    assert (refused.value.code, refused.value.subcode) == (100, 33)
    stranger.api._session.close()
