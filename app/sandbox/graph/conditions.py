"""What may be wrong with an account or number beyond its own doing, set by the operator of the sandbox.

Each name stands for a cause of Meta's page of error codes; while it holds, calls fail as they would there.
"""

from ..database import Database
from ..store import node_settings
from .errors import GraphError
from .registry import Call

# Condition → code that every call gets.
ANY_CALL = {"api_unknown_error": 1, "api_unavailable": 2}
# Condition → code that every send gets.
SENDING = {
    "policy_restricted": 368,
    "locked": 131031,
    "payment_issue": 131042,
    "certificate_error": 131045,
    "in_maintenance": 131057,
    "country_restricted": 130497,
    "spam_limited": 131048,
    "access_denied": 131005,
    "sending_unavailable": 131016,
    "unknown_fault": 135000,
}
# Only for marketing and utility message templates.
TEMPLATE_SENDING = {"wrong_categories": 131064}
ORDER_SENDING = {"payments_terms_open": 134011}
MARKETING_API = {"marketing_not_onboarded": 134102, "marketing_syncing": 134101}
REGISTRATION = {
    "deregistration_incomplete": 133000,
    "registration_unavailable": 133004,
    "just_deleted": 133015,
    "number_in_maintenance": 2494100,
}
VERIFICATION = {"not_migrating": 2388091, "migration_over": 2388093}
BLOCK_LIST = {"block_list_broken": 139103}
USERNAME = {"page_not_linked": 147003, "instagram_not_linked": 147004}
# Read where they matter.
OTHERS = ("flow_integrity", "insights_unavailable", "history_declined", "business_not_verified")
NAMES = tuple(
    sorted(
        {
            *ANY_CALL, *SENDING, *TEMPLATE_SENDING, *ORDER_SENDING, *MARKETING_API, *REGISTRATION,
            *VERIFICATION, *BLOCK_LIST, *USERNAME, *OTHERS,
        }
    )
)  # fmt: skip
# What `health_status` says of an account. Source: Meta docs, "Messaging health status", read 2026-03.
HEALTH = {
    "payment_issue": (141006, "There is an error with the payment method."),
    "locked": (141014, "The WhatsApp Business account is banned."),
    "policy_restricted": (141014, "The WhatsApp Business account is restricted."),
}


def check(call: Call, *groups: dict[str, int]) -> None:
    """Raises the error of the first condition of these groups that holds for the node or its account."""
    holding = node_settings.conditions_of(call.db, call.node.id, call.node.waba_id)
    for group in groups:
        for name in holding & group.keys():
            raise GraphError(group[name], details=f"Condition of the sandbox: {name}.")


# Condition → status of an account that it holds for; the worst first.
STATUSES = {"locked": "DISABLED", "policy_restricted": "RESTRICTED"}


def account_status(db: Database, waba_id: str) -> str:
    holding = node_settings.conditions_of(db, waba_id)
    return next((status for name, status in STATUSES.items() if name in holding), "ACTIVE")


# Only limits what can be sent: what `health_status` says of the portfolio.
UNVERIFIED = "business_not_verified"
UNVERIFIED_TEXT = "The business is not verified: fewer people can be written to."


def trouble(call: Call, node_id: str) -> tuple[int, str] | None:
    """Code and sentence for `health_status` of an account or number, or None."""
    holding = node_settings.conditions_of(call.db, node_id)
    return next((HEALTH[name] for name in sorted(holding) if name in HEALTH), None)


def business_limit(call: Call, waba_id: str) -> str | None:
    """Why the portfolio of an account can send only some messages, or None."""
    return UNVERIFIED_TEXT if UNVERIFIED in node_settings.conditions_of(call.db, waba_id) else None
