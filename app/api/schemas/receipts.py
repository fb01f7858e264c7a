"""Read receipts of an account."""

from __future__ import annotations

from apiflask import Schema

from app.api.schemas.fields import Choice, Flag, described
from app.models import ReadReceipts


class ReceiptRules(Schema):
    """When customers see that they were read."""

    read_receipts = Choice(
        *ReadReceipts,
        required=True,
        metadata=described("never; opened: by somebody in the console; answered: by a person.", "opened"),
    )
    shows_typing = Flag(
        required=True,
        metadata=described("Customers see that somebody is typing; it marks as read too.", False),
    )
