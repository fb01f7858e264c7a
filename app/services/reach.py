"""Whether a message template may go to a contact at all."""

from __future__ import annotations

from app.errors import NotReady, OptedOut
from app.models import Contact, MessageTemplate
from app.queries.contact_identity import has_opted_out


def require_reach(contact: Contact, message_template: MessageTemplate | None) -> None:
    """Raises OptedOut for advertising that is not wanted, NotReady for a login code without a number."""
    _require_consent(contact, message_template)
    _require_number(contact, message_template)


def _require_consent(contact: Contact, message_template: MessageTemplate | None) -> None:
    """Only advertising is held back; what Meta calls utility or authentication still goes."""
    is_marketing = message_template is not None and message_template.category == "MARKETING"
    if is_marketing and has_opted_out(contact):
        raise OptedOut(
            f"{contact.display_name} has opted out of marketing, and this is a marketing message template. "
            "Nothing was sent. Free text and utility message templates can still be sent."
        )


def _require_number(contact: Contact, message_template: MessageTemplate | None) -> None:
    """Source: Meta docs, "Business-scoped user IDs" page, read 2026-09 (error 131062)."""
    is_code = message_template is not None and message_template.category == "AUTHENTICATION"
    if is_code and not contact.wa_id:
        raise NotReady(
            f"WhatsApp sends login codes to phone numbers only, and that of {contact.display_name} is not "
            "known. Nothing was sent. Ask for the number first."
        )
