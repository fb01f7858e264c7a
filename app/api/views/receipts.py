"""What an account's customers see: read receipts, and that somebody is typing."""

from __future__ import annotations

from typing import Any

from app.api.access import allowed
from app.api.blueprint import blueprint
from app.api.schemas.receipts import ReceiptRules
from app.models import Account, ReadReceipts
from app.queries.accounts import get_account
from app.services import receipts
from app.web.identity import current_actor

_TAGS = ["Accounts"]


@blueprint.get("/accounts/<int:account_id>/receipts/")
@allowed("accounts.view", account=get_account)
@blueprint.output(ReceiptRules)
@blueprint.doc(tags=_TAGS)
def show_receipts(account: Account) -> Account:
    """Show an account's read receipts

    When its customers see that what they wrote was read, and whether they see that somebody is typing.
    """
    return account


@blueprint.put("/accounts/<int:account_id>/receipts/")
@allowed("accounts.manage", account=get_account)
@blueprint.input(ReceiptRules, location="json")
@blueprint.output(ReceiptRules)
@blueprint.doc(tags=_TAGS)
def set_receipts(account: Account, json_data: dict[str, Any]) -> Account:
    """Set an account's read receipts

    They are for what people do in the console; what programs send changes nothing of it.
    """
    rules = ReadReceipts(json_data["read_receipts"])
    receipts.set_rules(
        account=account,
        read_receipts=rules,
        shows_typing=json_data["shows_typing"],
        actor=current_actor(),
    )
    return account
