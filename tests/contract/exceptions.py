"""Where Meta's OpenAPI description (v23.0) is wrong or behind, and which page says otherwise.

Reviewed against the pages of September 2026. Each entry names single faults, as `faults` words them,
of one operation; a fault that no longer comes up must leave this list: a test fails until it does.
What several parts of the description share is said once, under `*`.
"""

from __future__ import annotations

from tests.contract.known import Known, fields, sent

NUMBER = "GET /{Phone-Number-ID}"
NUMBERS = "GET /{WABA-ID}/phone_numbers"
WABA = "GET /{WABA-ID}"
SEND = "POST /{Phone-Number-ID}/messages"
MARKETING = "POST /{Phone-Number-ID}/marketing_messages"
SETTINGS = "/{Phone-Number-ID}/settings"
ASSIGNED = "/{WhatsApp-Business-Account-ID}/assigned_users"
CREATE = "POST /{WABA-ID}/message_templates"
TEMPLATE = "GET /{TEMPLATE_ID}"
TEMPLATES = "GET /{WABA-ID}/message_templates"
_READ = (
    "add_security_recommendation code_expiration_minutes cards buttons.[].example "
    "buttons.[].url example.body_text_named_params example.header_handle"
)
_NODE = "parameter_format quality_score rejected_reason"
_REQUEST_COLLECTION = "comes from a request collection, where only the parts of its examples are described"
_FORMS = "flows.md §1: form fields are the documented way, JSON bodies are taken just as well"

KNOWN = (
    Known(
        "*",
        tuple(f"{status}: status is not described" for status in (400, 401, 404, 500)),
        "errors.md §1: a refusal may come from every call; the messaging part describes only 200",
    ),
    Known(
        "*",
        tuple(f"{status} error.error_data: not described" for status in (400, 404, 500)),
        "errors.md §1: `error_data` is part of the envelope",
    ),
    # Messages
    Known(
        SEND,
        sent("status message_id typing_indicator")
        + tuple(f"body .: '{name}' is a required property" for name in ("recipient_type", "type", "template"))
        + ("200 success: not described",),
        "messages.md §4: mark as read and typing go to the same edge; its examples are there, no schema",
    ),
    Known(
        SEND,
        ("body .: 'to' is a required property", *sent("recipient"), "200 contacts.[].user_id: not described"),
        "messages.md §3: user ids are newer than the description; with `recipient` there is no `to`",
    ),
    Known(
        SEND,
        sent("biz_opaque_callback_data audio.voice document.caption document.filename image.caption"),
        "messages.md §1 and §4 have them; the description has one object for all media, without them",
    ),
    Known(
        SEND,
        ("body location.latitude: not of type string", "body location.longitude: not of type string"),
        "messages.md §4: numbers; so are the description's own examples of the two",
    ),
    Known(
        SEND,
        ("body interactive.action: 'buttons' is a required property",),
        "messages.md §5: only reply buttons have `buttons`",
    ),
    Known(
        SEND,
        tuple(
            f"body interactive.type: '{kind}' is not one of the words"
            for kind in (
                "address_message",
                "carousel",
                "cta_url",
                "location_request_message",
                "request_contact_info",
                "voice_call",
            )
        )
        + sent(
            "cards parameters.country parameters.values parameters.display_text parameters.url "
            "parameters.ttl_minutes",
            "interactive.action.",
        ),
        "messages.md §5: kinds that the description's list of words leaves out, with their parameters",
    ),
    Known(
        SEND,
        (
            "body template.language: 'policy' is a required property",
            "body template.components.[].sub_type: 'copy_code' is not one of the words",
            "body template.components.[].type: 'carousel' is not one of the words",
            'body template.components.[].index: pattern "^[2-6, 11-14]$"',
            "body template.components.[].cards: not described",
        ),
        "templates.md §7: `policy` is no longer needed, `index` counts from 0, there are carousels and codes",
    ),
    Known(
        MARKETING,
        (
            "body template.language: 'policy' is a required property",
            "body template.components.[].type: 'carousel' is not one of the words",
            "body template.components.[].cards: not described",
        ),
        "templates.md §7 and messages.md §6: the same object as in any other send",
    ),
    # Media
    Known(
        "POST /{Phone-Number-ID}/media", sent("type"), "media.md §1: clients are asked for the type in `type`"
    ),
    Known(
        "GET /{Media-ID}",
        ("200 file_size: not of type string",),
        "media.md §1: text in the description, a whole number in practice; the client reads both",
    ),
    # Numbers
    Known(
        NUMBER,
        fields(
            200,
            "account_mode conversational_automation health_status is_official_business_account is_on_biz_app "
            "is_pin_enabled messaging_limit_tier new_display_name new_name_status platform_type status "
            "throughput webhook_configuration whatsapp_business_manager_messaging_limit",
        ),
        "management.md §2: fields of the node that the description leaves out",
    ),
    Known(
        NUMBERS,
        (
            *fields(
                200,
                "health_status is_on_biz_app is_pin_enabled name_status platform_type throughput "
                "webhook_configuration whatsapp_business_manager_messaging_limit",
                "data.[].",
            ),
            "200 data.[].messaging_limit_tier: 'TIER_2K' is not one of the words",
            "200 data.[].status: 'CONNECTED' is not one of the words",
        ),
        "management.md §2: its caution names this list of a number's states; the limits are those since 2025",
    ),
    Known(
        "POST /{Phone-Number-ID}/message_qrdls",
        ("body .: fits several of oneOf",),
        "management.md §4: an update is a creation with `code`, so that it fits both schemas",
    ),
    Known(
        "GET /{Phone-Number-ID}/message_qrdls/{QR-Code-ID}",
        (
            *(
                f"200 .: '{name}' is a required property"
                for name in ("code", "deep_link_url", "prefilled_message")
            ),
            "200 data: not described",
        ),
        "management.md §4: one code comes as a list of one",
    ),
    Known(
        "GET /{Phone-Number-ID}/whatsapp_business_profile",
        fields(
            200,
            "about address description email messaging_product profile_picture_url vertical websites",
            "data.[].",
        ),
        "management.md §3: the profile is flat; its caution names the nesting",
    ),
    Known(
        f"GET {SETTINGS}",
        (
            "200 calling.call_icon_visibility: 'DEFAULT' is not one of the words",
            "200 calling.status: 'ENABLED' is not one of the words",
            "200 calling: 'callback_permission_status' is a required property",
            "200 calling: 'ip_addresses' is a required property",
            "200 payload_encryption.status: 'DISABLED' is not one of the words",
            "200 storage_configuration.status: 'DEFAULT' is not one of the words",
            "200 user_identity_change: not described",
        ),
        "management.md §2.2: the words are in capitals, and nothing there but `status` always comes",
    ),
    Known(
        f"POST {SETTINGS}",
        (
            "body .: 'calling' is a required property",
            "body calling.status: 'ENABLED' is not one of the words",
            "body storage_configuration.status: not described",
            "body user_identity_change.enable_identity_key_check: not described",
        ),
        "management.md §2.2: one feature a call, the words in capitals, the check's name as on the page",
    ),
    Known(
        "POST /{Phone-Number-ID}/whatsapp_business_encryption",
        ("body: application/json is not described, only ['multipart/form-data']",),
        "flows.md §3: form, multipart and JSON are all taken",
    ),
    Known(
        "POST /{Phone-Number-ID}/block_users",
        fields(400, "block_users messaging_product"),
        "management.md §4: whom it failed for stands beside the error",
    ),
    # Accounts
    Known(
        WABA,
        fields(
            200,
            "analytics conversation_analytics pricing_analytics health_status message_template_namespace "
            "owner_business_info status whatsapp_business_manager_messaging_limit",
        ),
        "management.md §1, §5, §6: fields of the account that the description leaves out",
    ),
    Known(
        WABA,
        ("200 business_verification_status: 'verified' is not one of the words",),
        "management.md §1: these words are in lower case",
    ),
    Known(
        "POST /{WABA-ID}",
        sent("is_enabled_for_insights") + fields(200, "id"),
        "templates.md §9: the switch for insights is answered with the account's id",
    ),
    Known(
        "GET /{WABA-ID}/subscribed_apps",
        fields(200, "override_callback_uri whatsapp_business_api_data", "data.[]."),
        "management.md §1.1; the description has that object too, but names another one here",
    ),
    Known(
        f"GET {ASSIGNED}",
        fields(200, "tasks", "data.[]."),
        "management.md §1.2: the tasks are what is assigned",
    ),
    Known(
        f"POST {ASSIGNED}",
        ("body: application/json is not described, only ['application/x-www-form-urlencoded']",),
        "graph-conventions.md §1: JSON and forms are taken alike",
    ),
    Known(
        f"DELETE {ASSIGNED}",
        ("query user: not described", "body: missing"),
        "management.md §1.2: `user` is a parameter; Graph takes those of a DELETE from the query as well",
    ),
    Known(
        "GET /{Business-ID}/owned_whatsapp_business_accounts",
        fields(200, "message_template_namespace", "data.[]."),
        "management.md §1: one of the account's default fields",
    ),
    # Message templates
    Known(
        TEMPLATE,
        fields(200, _READ, "components.[].") + fields(200, _NODE),
        f"templates.md §1.2, §3, §4; the description {_REQUEST_COLLECTION}",
    ),
    Known(
        TEMPLATES,
        fields(200, f"{_READ} example.header_text", "data.[].components.[].")
        + fields(200, _NODE, "data.[]."),
        f"templates.md §1.2, §3, §4; the description {_REQUEST_COLLECTION}",
    ),
    Known(
        CREATE,
        sent(
            "add_security_recommendation code_expiration_minutes cards example format buttons.[].example "
            "buttons.[].otp_type buttons.[].url",
            "components.[].",
        )
        + sent("library_template_name parameter_format"),
        f"templates.md §2, §3, §4, §8; the description {_REQUEST_COLLECTION}",
    ),
    Known(
        "POST /{TEMPLATE_ID}",
        fields(200, "category id name"),
        "templates.md §1: newer answers have them",
    ),
    Known(
        "DELETE /{WABA-ID}/message_templates",
        ("query hsm_ids: not described",),
        "templates.md §1: several by their ids",
    ),
    # Flows
    Known(
        "POST /{WABA-ID}/flows",
        (
            "body: application/json is not described, only ['multipart/form-data']",
            "body categories: not of type string",
        ),
        _FORMS,
    ),
    Known(
        "POST /{WABA-ID}/flows",
        sent("flow_json") + fields(200, "success validation_errors"),
        "flows.md §1: a Flow may be made with its JSON, and then hears what is wrong with it",
    ),
    Known(
        "POST /{Flow-ID}",
        (
            "body: application/json is not described, only ['multipart/form-data']",
            "body categories: not of type string",
        ),
        _FORMS,
    ),
    Known(
        "POST /{WABA-ID}/migrate_flows",
        ("body: application/json is not described, only ['multipart/form-data']",),
        _FORMS,
    ),
    Known("GET /{Flow-ID}", fields(200, "updated_at"), "flows.md §1.1: a field on request"),
    Known(
        "GET /{Flow-ID}",
        ("200 preview.expires_at: not of type string",),
        "graph-conventions.md §1: dates are seconds when the call says date_format=U, as ours does",
    ),
    Known(
        "GET /{Phone-Number-ID}/block_users",
        fields(200, "user_id", "data.[]."),
        "messages.md §8: user ids are newer than the description",
    ),
)

# Calls that the description does not have at all, and the page that has them.
UNDESCRIBED = {
    "GET /_media": "media.md §1: the bytes have an address of their own, on whichever host",
    "GET /_flows/{Flow-ID}/flow.json": "flows.md §1: `download_url`, an address of its own",
    "GET /debug_token": "management.md §8",
    "GET /oauth/access_token": "management.md §8 and embedded-signup.md",
    "GET /{Application-ID}": "graph-conventions.md §1: a node like any other",
    "GET /{Application-ID}/subscriptions": "management.md §9.3",
    "POST /{Application-ID}/subscriptions": "management.md §9.3",
    "DELETE /{Application-ID}/subscriptions": "management.md §9.3",
    "POST /{Application-ID}/uploads": "media.md §2",
    "POST /{Upload-ID}": "media.md §2",
    "GET /{Upload-ID}": "media.md §2",
    "POST /": "graph-conventions.md §6: a batch",
    "GET /{Phone-Number-ID}/username": "management.md §4 and messages.md §3",
    "POST /{Phone-Number-ID}/username": "management.md §4 and messages.md §3",
    "DELETE /{Phone-Number-ID}/username": "management.md §4 and messages.md §3",
    "GET /{Phone-Number-ID}/username_suggestions": "management.md §4 and messages.md §3",
    "DELETE /{Phone-Number-ID}/contact_book": "messages.md §3",
    "GET /message_template_library": "templates.md §8",
    "GET /{TEMPLATE_ID}/compare": "templates.md §9",
    "POST /{TEMPLATE_ID}/unpause": "templates.md §1",
    "GET /{WABA-ID}/message_template_previews": "templates.md §1",
    "POST /{WABA-ID}/upsert_message_templates": "templates.md §1",
    "GET /{WABA-ID}/template_analytics": "templates.md §9",
    "POST /{WABA-ID}/message_templates/archive": "templates.md §1: on another host",
    "POST /{WABA-ID}/message_templates/unarchive": "templates.md §1: on another host",
    "POST /{WABA-ID}/migrate_message_templates": "templates.md §8",
}

_VALUE = "entry.[].changes.[].value"
_MESSAGE = f"{_VALUE}.messages.[]"


def _new(names: str, before: str) -> tuple[str, ...]:
    return tuple(f"{before}.{name}: not described" for name in names.split())


# Webhooks: faults of the description, and the page that says otherwise.
WEBHOOKS = (
    (
        (
            *_new("user_id", f"{_VALUE}.contacts.[]"),
            *_new("recipient_user_id", f"{_VALUE}.statuses.[]"),
            *_new("from_user_id", _MESSAGE),
            f"{_MESSAGE}: 'from' is a required property",
        ),
        "webhooks.md §6, §7, §8: user ids are newer, and the number may lack since",
    ),
    (
        _new("audio.url document.url image.url sticker.url video.url document.caption", _MESSAGE),
        "webhooks.md §7: addresses are there since November 2025; a document has a caption",
    ),
    (
        (
            *_new("button_reply list_reply nfm_reply", f"{_MESSAGE}.interactive"),
            f"{_MESSAGE}.interactive.type: 'nfm_reply' is not one of the words",
        ),
        "webhooks.md §7: the description names the two replies by a discriminator alone, and knows no Flows",
    ),
    (
        (
            *_new("edit revoke unsupported", _MESSAGE),
            *(
                f"{_MESSAGE}.type: '{kind}' is not one of the words"
                for kind in ("edit", "request_welcome", "revoke")
            ),
            f"{_MESSAGE}: 'text' is a required property",
        ),
        "webhooks.md §7: kinds that the description does not have, and what was unsupported",
    ),
    (
        _new("pricing.type", f"{_VALUE}.statuses.[]"),
        "webhooks.md §8: prices of single messages have a type",
    ),
    (
        (*_new("errors", _VALUE), f"{_VALUE}: 'messages' is a required property"),
        "webhooks.md §6: errors may stand alone",
    ),
)
