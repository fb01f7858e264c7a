"""Meridian Insurance: a company that does not exist, with numbers that are kept free for fiction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

NAME = "Meridian Insurance"
WABA_ID = "104857392018446"
APP_ID = "731204988412067"
DAYS = 30
"""How far back the history goes, today included."""
CONNECTED_DAYS_AGO = 34


@dataclass(frozen=True)
class Number:
    """One of the company's numbers; ids are pinned, so that a second try finds the same ones."""

    key: str
    meta_id: str
    phone_number: str
    display_number: str
    verified_name: str


CLAIMS = Number("claims", "108293047511204", "+442079460112", "+44 20 7946 0112", "Meridian Claims")
SERVICE = Number("service", "108293047511388", "+442079460145", "+44 20 7946 0145", "Meridian Service")
NUMBERS = (CLAIMS, SERVICE)

PINNED = {
    "name": NAME,
    "waba_id": WABA_ID,
    "meta_business_account_id": "267180034912755",
    "app_id": APP_ID,
    "phone_number_id": CLAIMS.meta_id,
    "phone_number": CLAIMS.phone_number,
    "display_number": CLAIMS.display_number,
}
"""Secret and token are made up by the sandbox: nothing that opens a door stands in the code."""

PROFILE: dict[str, Any] = {
    "business_name": NAME,
    "business_about": "Claims and policies, every day from 8 to 20.",
    "business_description": (
        "Motor, home and travel insurance since 1987. Report a claim, send photos, change your policy or "
        "just ask: a person answers here."
    ),
    "business_email": "hello@meridian.example",
    "business_address": "48 Clerkenwell Green, London EC1",
    "business_vertical": "FINANCE",
    "business_websites": ["https://www.meridian.example/"],
}

GREETING = "Hello, this is Meridian Insurance. How can we help?"
FALLBACK = "I have no answer to that. A colleague reads this and writes back, mostly within the hour."
KNOWLEDGE = {
    "opening hours": "We answer every day from 8 to 20. After an accident at night, call +44 20 7946 0112.",
    "policy number": "Your policy number starts with MI. It stands at the top of every letter from us.",
    "report a claim": (
        "Tell us here what happened and when, and send photos of the damage. You get a claim number within "
        "the hour."
    ),
    "payment date": "We collect the premium on the 1st of each month. To change the day, write it here.",
    "cancel policy": (
        "You can cancel at the end of each year with one month's notice. Write us your policy number and we "
        "send the form."
    ),
    "green card": "Driving abroad? We send the green card as a PDF. Tell us the country and the dates.",
}

# Off: whoever tries the console plays customer and agent at once, and a bot that answers first would only
# confuse them. The words are there: one switch in step 5 lets it speak.
BOT: dict[str, Any] = {
    "auto_reply_enabled": False,
    "greeting_message": GREETING,
    "fallback_message": FALLBACK,
    "knowledge_base": "\n\n".join(f"{heading}\n{reply}" for heading, reply in KNOWLEDGE.items()),
}
