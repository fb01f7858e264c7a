"""The Marketing Messages API: marketing message templates, delivered as Meta finds best.

Source: Meta docs, "Marketing Messages API" page, read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.graph.calls import Caller, node
from app.graph.checking import Spot
from app.graph.messages import SentMessage, read_sent
from app.graph.problems import Problem, refuse

PRODUCT_POLICIES = ("CLOUD_API_FALLBACK", "STRICT")


class MarketingMessages:
    """`client.marketing_messages`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def send(
        self,
        phone_number_id: str,
        payload: Mapping[str, object],
        *,
        product_policy: str | None = None,
        share_activity: bool | None = None,
    ) -> SentMessage:
        """Send a message template's payload made by `payloads.envelope`. Never repeated by itself.

        `product_policy`: CLOUD_API_FALLBACK sends by the Cloud API where this one is not set up,
        STRICT does not. `share_activity` lets Meta learn from reads and clicks; None: the
        account's choice. Raises GraphUnconfirmed like `messages.send`.
        """
        refuse(check_marketing(payload, product_policy))
        wanted = {"product_policy": product_policy, "message_activity_sharing": share_activity}
        body = {**payload, **{name: value for name, value in wanted.items() if value is not None}}
        return read_sent(self._call("POST", f"{node(phone_number_id)}/marketing_messages", body=body))


def check_marketing(payload: Mapping[str, object], product_policy: str | None = None) -> list[Problem]:
    """What Meta would refuse here and not in any other send."""
    problems: list[Problem] = []
    if payload.get("type") != "template":
        problems.append(
            Problem("type", "Only message templates can be sent as marketing messages.", "not_allowed")
        )
    Spot(product_policy, "product_policy", problems).choice("The policy", PRODUCT_POLICIES, required=False)
    return problems
