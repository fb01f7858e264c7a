"""Meta's example requests that are refused, and why.

Reviewed against the pages of September 2026. What is mended must leave these lists: tests fail for an
example that has begun to pass, and for an operation that has begun to be served.
"""

from __future__ import annotations

from tests.contract.known import Known

_PARTNERS = "for solution partners, out of a console's reach; on none of the pages"
_UNSEEN = "exists by the description alone (management.md §1, §4); no page says how it behaves"

# Operations that the sandbox does not have: it answers as Graph does for an edge that is not there.
NOT_SERVED = {
    "POST /{Application-ID}/whatsapp_business_solution": _PARTNERS,
    "POST /{Business-ID}/add_phone_numbers": _PARTNERS,
    "POST /{Business-ID}/share_preverified_numbers": _PARTNERS,
    "POST /{Pre-Verified-Phone-Number-ID}/request_code": _PARTNERS,
    "POST /{Pre-Verified-Phone-Number-ID}/verify_code": _PARTNERS,
    "POST /{Solution-ID}/accept": _PARTNERS,
    "POST /{Solution-ID}/reject_deactivation_request": _PARTNERS,
    "POST /{Solution-ID}/reject": _PARTNERS,
    "POST /{Solution-ID}/send_deactivation_request": _PARTNERS,
    "POST /{WABA-ID}/obo_mobility_intent": _PARTNERS,
    "POST /{WABA-ID}/set_obo_mobility_intent": _PARTNERS,
    "POST /{WABA-ID}/set_solution_migration_intent": _PARTNERS,
    "POST /{Phone-Number-ID}/calls": "calls are out of scope (docs/sandbox.md)",
    "POST /{Phone-Number-ID}/messages_encrypted": _UNSEEN,
    "POST /{Phone-Number-ID}/official_business_account": _UNSEEN,
    "POST /{Phone-Number-ID}/business_compliance_info": "India only (management.md §4)",
    "POST /{WABA-ID}/schedules": _UNSEEN,
    "POST /{WhatsApp-Business-Profile-ID}": "the profile is reached by its number (management.md §3)",
}

_CAPITALS = "management.md §2.2: the words are in capitals"
_GENERATED = "management.md §2: the node takes `pin`, `new_display_name`, `webhook_configuration`"
_TASKS = "management.md §1.2: there is no such task"
_APPS = "templates.md §5.1: since v21 the apps stand in `supported_apps`"
_SETTINGS = "POST /{Phone-Number-ID}/settings"
_SEND = "POST /{Phone-Number-ID}/messages"
_CREATE = "POST /{WABA-ID}/message_templates"

REFUSED = {
    f"{_SEND}: Send Reply to List Message": "has no `type`, which Meta takes for text (messages.md §1)",
    f"{_SEND}: Send Sample Issue Resolution Template": (
        "fills quick replies with `text: true` and `text: false`; they take a `payload` (templates.md §7)"
    ),
    "POST /{Phone-Number-ID}: update_connection_status": _GENERATED,
    "POST /{Phone-Number-ID}: update_security_settings": _GENERATED,
    "POST /{Phone-Number-ID}: set_username": "management.md §4: `username` is an edge of its own",
    f"{_SETTINGS}: Enable calling with video": _CAPITALS,
    f"{_SETTINGS}: Disable calling": _CAPITALS,
    f"{_SETTINGS}: Enable SIP calling": _CAPITALS,
    f"{_SETTINGS}: Enable payload encryption": _CAPITALS,
    f"{_SETTINGS}: Disable payload encryption": _CAPITALS,
    f"{_SETTINGS}: Enable user identity change": "management.md §2.2: `enable_identity_key_check`",
    f"{_SETTINGS}: Configure data storage": "management.md §2.2: `status`; the number must be unregistered",
    "POST /{WhatsApp-Business-Account-ID}/assigned_users: basic_permissions": _TASKS,
    "POST /{WhatsApp-Business-Account-ID}/assigned_users: full_access": _TASKS,
    f"{_CREATE}: Create authentication template w/ OTP one-tap autofill button": _APPS,
    f"{_CREATE}: Create catalog template": f"the same body as the one-tap button's; {_APPS}",
}

# Faults of the answers to the others, beside those in `exceptions`.
ANSWERS = (
    Known(
        _SETTINGS,
        ("400 error.fbtrace_id: not described",),
        "errors.md §1: every error has it",
    ),
)

# Examples of messages that our own rules refuse before they are sent.
AGAINST_OUR_RULES = {
    "Send Catalog Template Message": (
        '`sub_type: "CATALOG"`; all pages write the types of a send in lower case, and we build them so'
    ),
    "Send Sample Issue Resolution Template": (
        "fills quick replies with `text: true` and `text: false`; a quick reply takes a `payload`, and "
        "a text is never a boolean"
    ),
}

# Examples without a `type`, which Meta takes for text; the object given says what is meant.
WITHOUT_TYPE = {"Send Reply to List Message": "interactive", "Send Text Message with Preview URL": "text"}
