"""Countries whose numbers may be written without a country code."""

from __future__ import annotations

import phonenumbers
from babel import Locale

from app.models import Account

_NAMES = Locale("en").territories
COUNTRIES = {
    region: f"{_NAMES.get(region, region)} (+{phonenumbers.country_code_for_region(region)})"
    for region in sorted(phonenumbers.SUPPORTED_REGIONS, key=lambda region: str(_NAMES.get(region, region)))
}
"""By their two letters, in the order of their names."""


def country_of_account(account: Account) -> str:
    """Where its first number is from; "" without one."""
    for number in account.phone_numbers:
        try:
            region = phonenumbers.region_code_for_country_code(
                phonenumbers.parse(number.phone_number).country_code or 0
            )
        except phonenumbers.NumberParseException:
            continue
        if region in COUNTRIES:
            return str(region)
    return ""
