"""The words Meta lists for fields of webhooks.

Source: Meta docs, "Webhooks" pages, read 2026-03 to 2026-09.
"""

QUALITY_SCORES = ("GREEN", "YELLOW", "RED", "UNKNOWN")
CATEGORIES = ("MARKETING", "UTILITY", "AUTHENTICATION")
LIMITS = (
    "TIER_50", "TIER_250", "TIER_1K", "TIER_2K", "TIER_10K", "TIER_100K", "TIER_UNLIMITED", "TIER_NOT_SET",
)  # fmt: skip
DECISIONS = ("APPROVED", "REJECTED", "PENDING", "DEFERRED")

# field → key of the value → what it may be.
LISTED: dict[str, dict[str, tuple[str, ...]]] = {
    "message_template_status_update": {
        "event": (
            "APPROVED", "PENDING", "REJECTED", "PAUSED", "DISABLED", "FLAGGED", "REINSTATED", "IN_APPEAL",
            "PENDING_DELETION", "DELETED", "LIMIT_EXCEEDED", "LOCKED", "ARCHIVED", "UNARCHIVED",
        ),
        "reason": (
            "NONE", "ABUSIVE_CONTENT", "INCORRECT_CATEGORY", "INVALID_FORMAT", "PROMOTIONAL", "SCAM",
            "TAG_CONTENT_MISMATCH", "CATEGORY_NOT_AVAILABLE",
        ),
    },
    "message_template_quality_update": {
        "previous_quality_score": QUALITY_SCORES, "new_quality_score": QUALITY_SCORES,
    },
    "template_category_update": {
        "previous_category": CATEGORIES, "new_category": CATEGORIES, "correct_category": CATEGORIES,
    },
    "phone_number_quality_update": {
        "event": ("ONBOARDING", "THROUGHPUT_UPGRADE", "FLAGGED", "UNFLAGGED", "UPGRADE", "DOWNGRADE"),
        "old_limit": LIMITS, "current_limit": LIMITS, "max_daily_conversations_per_business": LIMITS,
    },
    "phone_number_name_update": {
        "decision": DECISIONS,
        "rejection_reason": (
            "NAME_EMPLOYEE_ISSUE", "NAME_ENDCLIENT_NOTRELATED", "NAME_FORMAT_UNACCEPTABLE",
            "NAME_INDIVIDUAL_ISSUE", "NAME_NOT_CONSISTENT", "UNKNOWN",
        ),
    },
    "account_update": {
        "event": (
            "ACCOUNT_DELETED", "MM_LITE_TERMS_SIGNED", "AD_ACCOUNT_LINKED", "ACCOUNT_RESTRICTION",
            "ACCOUNT_VIOLATION", "DISABLED_UPDATE", "AUTH_INTL_PRICE_ELIGIBILITY_UPDATE",
            "BUSINESS_PRIMARY_LOCATION_COUNTRY_UPDATE", "VOLUME_BASED_PRICING_TIER_UPDATE", "PARTNER_ADDED",
            "PARTNER_REMOVED", "PARTNER_APP_INSTALLED", "PARTNER_APP_UNINSTALLED",
            "PARTNER_CLIENT_CERTIFICATION_STATUS_UPDATE", "ACCOUNT_OFFBOARDED", "ACCOUNT_RECONNECTED",
            "VERIFIED_ACCOUNT",
        ),
    },
    "account_alerts": {"entity_type": ("BUSINESS", "PHONE_NUMBER", "CURRENT_STATUS_ID")},
    "account_review_update": {"decision": DECISIONS},
    "security": {"event": ("PIN_CHANGED", "PIN_RESET_REQUEST", "PIN_REQUEST_SUCCESS")},
    "business_username_update": {"status": ("approved", "reserved", "deleted")},
    "flows": {
        "event": (
            "FLOW_STATUS_CHANGE", "CLIENT_ERROR_RATE", "ENDPOINT_ERROR_RATE", "ENDPOINT_LATENCY",
            "ENDPOINT_AVAILABILITY", "FLOW_VERSION_EXPIRY_WARNING",
        ),
        "alert_state": ("ACTIVATED", "DEACTIVATED"),
    },
}  # fmt: skip
