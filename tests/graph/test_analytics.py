"""Meta's own counts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.graph.analytics import MessagePoint
from app.graph.client import GraphClient
from app.graph.problems import InvalidPayload
from tests.graph.server import FakeMeta, Reply

SPAN: dict[str, Any] = {"start": 1790380800, "end": 1790467200}


def test_messages_are_counted_by_day(meta: FakeMeta, client: GraphClient) -> None:
    points = [{**SPAN, "sent": 10, "delivered": 9}, {"sent": "x"}]
    meta.will(Reply(200, {"id": "7", "analytics": {"granularity": "DAY", "data_points": points}}))
    first, second = client.analytics.messages(
        "7", **SPAN, phone_numbers=["+15550100001"], product_types=[0, 2], country_codes=["US"]
    )
    assert first.start == datetime.fromtimestamp(1790380800, UTC)
    assert (first.sent, first.delivered) == (10, 9)
    assert second == MessagePoint(None, None)
    assert meta.asked[0].query["fields"] == (
        "analytics.start(1790380800).end(1790467200).granularity(DAY)"
        '.phone_numbers(["+15550100001"]).product_types([0,2]).country_codes(["US"])'
    )


def test_account_without_counts_is_an_empty_list(meta: FakeMeta, client: GraphClient) -> None:
    meta.will(*[Reply(200, {"id": "7"})] * 3)
    assert client.analytics.messages("7", **SPAN) == []
    assert client.analytics.conversations("7", **SPAN) == []
    assert client.analytics.pricing("7", **SPAN) == []


def test_conversations_carry_the_dimensions_asked_for(meta: FakeMeta, client: GraphClient) -> None:
    point = {**SPAN, "conversation": 5, "cost": 0.25, "country": "US", "conversation_category": "MARKETING"}
    meta.will(Reply(200, {"conversation_analytics": {"data": [{"data_points": [point]}]}}))
    (found,) = client.analytics.conversations("7", **SPAN, dimensions=["COUNTRY", "CONVERSATION_CATEGORY"])
    assert (found.conversations, found.cost, found.country, found.category) == (5, 0.25, "US", "MARKETING")
    assert found.direction is None
    assert (
        meta.asked[0]
        .query["fields"]
        .endswith('.granularity(DAILY).phone_numbers([]).dimensions(["COUNTRY","CONVERSATION_CATEGORY"])')
    )


def test_prices_carry_tier_and_may_lack_the_cost(meta: FakeMeta, client: GraphClient) -> None:
    paid = {**SPAN, "volume": 3, "cost": 1, "tier": "0:1000", "pricing_type": "REGULAR"}
    meta.will(Reply(200, {"pricing_analytics": {"data": [{"data_points": [paid, {"volume": 2}]}]}}))
    first, second = client.analytics.pricing("7", **SPAN, granularity="MONTHLY", metric_types=["COST"])
    assert (first.volume, first.cost, first.tier, first.pricing_type) == (3, 1.0, "0:1000", "REGULAR")
    assert (second.volume, second.cost) == (2, None)
    assert '.metric_types(["COST"])' in meta.asked[0].query["fields"]


@pytest.mark.parametrize(
    "options",
    [
        {"start": 5, "end": 5},
        {"granularity": "DAILY"},
        {"product_types": [0, 100]},
        {"phone_numbers": ["1)"]},
        {"country_codes": ['US"]).x([']},
    ],
)
def test_counts_that_meta_would_refuse_are_not_asked(
    meta: FakeMeta, client: GraphClient, options: dict[str, Any]
) -> None:
    with pytest.raises(InvalidPayload):
        client.analytics.messages("7", **{**SPAN, **options})
    assert not meta.asked


@pytest.mark.parametrize("ask", ["conversations", "pricing"])
def test_the_other_counts_spell_days_otherwise(meta: FakeMeta, client: GraphClient, ask: str) -> None:
    with pytest.raises(InvalidPayload):
        getattr(client.analytics, ask)("7", **SPAN, granularity="DAY")
    assert not meta.asked
