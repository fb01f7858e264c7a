"""What a new account comes with: an invented business, its profile, approved message templates."""

from typing import Any

BUSINESS_NAMES = (
    "Harbour Lane Bakery",
    "Meridian Insurance",
    "Northfield Dental",
    "Juniper & Oak Furniture",
    "Bluebird Travel",
    "Quayside Bicycles",
)

MESSAGE_TEMPLATES: tuple[dict[str, Any], ...] = (
    {
        "name": "hello_world",
        "language": "en_US",
        "category": "UTILITY",
        "components": [
            {"type": "HEADER", "format": "TEXT", "text": "Hello World"},
            {
                "type": "BODY",
                "text": "Welcome and congratulations!! This message demonstrates your ability to send a "
                "WhatsApp message notification. Thank you for taking the time to test with us.",
            },
            {"type": "FOOTER", "text": "WhatsApp Business Platform sample message"},
        ],
    },
    {
        "name": "order_update",
        "language": "en_US",
        "category": "UTILITY",
        "components": [
            {
                "type": "BODY",
                "text": "Hello {{1}}, your order {{2}} is packed and leaves our house today. We will write "
                "again as soon as it has arrived.",
                "example": {"body_text": [["Nadia", "HL-20418"]]},
            },
        ],
    },
    {
        "name": "appointment_confirmation",
        "language": "en_US",
        "category": "UTILITY",
        "components": [
            {
                "type": "BODY",
                "text": "Hello {{1}}, we expect you on {{2}}. Does that still suit you?",
                "example": {"body_text": [["Nadia", "Tuesday at 10:30"]]},
            },
            {
                "type": "BUTTONS",
                "buttons": [
                    {"type": "QUICK_REPLY", "text": "Yes, I will come"},
                    {"type": "QUICK_REPLY", "text": "Another day please"},
                    {"type": "QUICK_REPLY", "text": "Cancel"},
                ],
            },
        ],
    },
    {
        "name": "seasonal_offer",
        "language": "en_US",
        "category": "MARKETING",
        "components": [
            {
                "type": "HEADER",
                "format": "TEXT",
                "text": "New for {{1}}",
                "example": {"header_text": ["autumn"]},
            },
            {
                "type": "BODY",
                "text": "Hi {{1}}, our new season has begun. Show this message until Sunday and take ten "
                "per cent off everything in the shop.",
                "example": {"body_text": [["Nadia"]]},
            },
            {"type": "FOOTER", "text": "Reply STOP to opt out"},
        ],
    },
)


def business_name(count: int) -> str:
    """Names repeat with a number once the list is used up."""
    name = BUSINESS_NAMES[count % len(BUSINESS_NAMES)]
    round_ = count // len(BUSINESS_NAMES)
    return name if round_ == 0 else f"{name} {round_ + 1}"


def profile(name: str) -> dict[str, Any]:
    """The WhatsApp business profile of a new number."""
    host = "".join(character for character in name.lower() if character.isascii() and character.isalnum())
    return {
        "about": "Write to us, we answer within the hour.",
        "address": "12 Harbour Lane, Portsmouth",
        "description": f"{name}: orders, appointments and questions, Monday to Saturday, 8 to 18.",
        "email": f"hello@{host or 'business'}.example",
        "websites": [f"https://www.{host or 'business'}.example/"],
        "vertical": "OTHER",
    }
