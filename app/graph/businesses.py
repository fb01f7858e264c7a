"""Business portfolios and the WhatsApp Business accounts they own or were given.

Source: Meta docs, "Business portfolio" page, read 2026-09. The token needs `business_management`.
"""

from __future__ import annotations

from collections.abc import Iterator

from app.graph.accounts import Waba, read_waba
from app.graph.calls import Caller, Params, each, node

_FIELDS = "id,name,currency,timezone_id,message_template_namespace"
_PAGE = 100


class Businesses:
    """`client.businesses`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def owned_accounts(self, business_id: str) -> list[Waba]:
        """The portfolio's own accounts, without review state, limit and health (see `accounts.get`)."""
        return [*self._accounts(business_id, "owned_whatsapp_business_accounts")]

    def client_accounts(self, business_id: str) -> list[Waba]:
        """Accounts of other portfolios that were shared with this one."""
        return [*self._accounts(business_id, "client_whatsapp_business_accounts")]

    def _accounts(self, business_id: str, edge: str) -> Iterator[Waba]:
        params: Params = {"fields": _FIELDS, "limit": _PAGE}
        for found in each(self._call, f"{node(business_id)}/{edge}", params):
            yield read_waba(found)
