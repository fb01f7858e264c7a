"""What Meta charges for a message, in words.

Source: Meta docs, "Webhooks: status messages" page, read 2026-09.
"""

from __future__ import annotations

CHARGED = "regular"
_CATEGORIES = {
    "authentication": "Authentication",
    "authentication_international": "Authentication, international",
    "marketing": "Marketing",
    "marketing_lite": "Marketing (lite)",
    "referral_conversion": "After an ad",
    "service": "Service",
    "utility": "Utility",
}
_TYPES = {
    CHARGED: "charged",
    "free_customer_service": "free, in the service window",
    "free_entry_point": "free, after an ad",
}


def category_words(category: str) -> str:
    """A word of Meta's that is newer than this code is made readable."""
    return _CATEGORIES.get(category, category.replace("_", " ").capitalize())


def type_words(pricing_type: str) -> str:
    return _TYPES.get(pricing_type, pricing_type.replace("_", " "))
