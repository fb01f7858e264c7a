"""Meta's own counts: messages, conversations and prices of an account.

Source: Meta docs, "Analytics" page, read 2026-09. Times are UNIX seconds and go back one year.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, node
from app.graph.problems import Problem, refuse

MESSAGE_GRANULARITIES = ("HALF_HOUR", "DAY", "MONTH")
GRANULARITIES = ("HALF_HOUR", "DAILY", "MONTHLY")
PRODUCT_TYPES = {0: "message templates", 2: "other messages", 100: "inbound messages"}
CONVERSATION_DIMENSIONS = (
    "CONVERSATION_CATEGORY",
    "CONVERSATION_DIRECTION",
    "CONVERSATION_TYPE",
    "COUNTRY",
    "PHONE",
)
PRICING_DIMENSIONS = ("COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER")
_INBOUND = 100
_WORD = re.compile(r"[A-Za-z0-9_+]{1,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class MessagePoint:
    """Messages sent and delivered from `start` up to `end`."""

    start: datetime | None
    end: datetime | None
    sent: int = 0
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class ConversationPoint:
    """Conversations of a span. Only the dimensions that were asked for are given."""

    start: datetime | None
    end: datetime | None
    conversations: int = 0
    cost: float | None = None
    phone_number: str | None = None
    country: str | None = None
    type: str | None = None
    direction: str | None = None
    category: str | None = None


@dataclass(frozen=True, slots=True)
class PricingPoint:
    """Messages of a span and their price (None where a partner pays). `tier` is `LOWER:UPPER`."""

    start: datetime | None
    end: datetime | None
    volume: int = 0
    cost: float | None = None
    phone_number: str | None = None
    country: str | None = None
    pricing_type: str | None = None
    pricing_category: str | None = None
    tier: str | None = None


class Analytics:
    """`client.analytics`. All raise InvalidPayload for a span or a word that cannot be right."""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def messages(
        self,
        waba_id: str,
        *,
        start: int,
        end: int,
        granularity: str = "DAY",
        phone_numbers: Sequence[str] = (),
        product_types: Sequence[int] = (),
        country_codes: Sequence[str] = (),
    ) -> list[MessagePoint]:
        """Messages sent and delivered; by HALF_HOUR, DAY or MONTH. Empty filters mean all.

        `product_types`: keys of PRODUCT_TYPES; 100 (inbound) only alone.
        """
        problems = _check_span(start, end, granularity, MESSAGE_GRANULARITIES)
        if _INBOUND in product_types and len(product_types) > 1:
            problems.append(
                Problem("product_types", "Inbound messages are only counted alone.", "not_allowed")
            )
        refuse(problems)
        filters = {
            "phone_numbers": phone_numbers,
            "product_types": product_types,
            "country_codes": country_codes,
        }
        found = self._ask(waba_id, "analytics", start, end, granularity, filters)
        return [
            MessagePoint(
                reading.moment(point.get("start")),
                reading.moment(point.get("end")),
                reading.integer(point.get("sent")) or 0,
                reading.integer(point.get("delivered")) or 0,
            )
            for point in reading.mappings(found.get("data_points"))
        ]

    def conversations(
        self,
        waba_id: str,
        *,
        start: int,
        end: int,
        granularity: str = "DAILY",
        phone_numbers: Sequence[str] = (),
        dimensions: Sequence[str] = CONVERSATION_DIMENSIONS,
        conversation_categories: Sequence[str] = (),
        conversation_types: Sequence[str] = (),
        conversation_directions: Sequence[str] = (),
    ) -> list[ConversationPoint]:
        """Conversations and their cost, the way Meta charged up to June 2025."""
        refuse(_check_span(start, end, granularity, GRANULARITIES))
        filters = {
            "phone_numbers": phone_numbers,
            "conversation_categories": conversation_categories,
            "conversation_types": conversation_types,
            "conversation_directions": conversation_directions,
            "dimensions": dimensions,
        }
        found = self._ask(waba_id, "conversation_analytics", start, end, granularity, filters)
        return [_conversation_point(point) for point in _points(found)]

    def pricing(
        self,
        waba_id: str,
        *,
        start: int,
        end: int,
        granularity: str = "DAILY",
        phone_numbers: Sequence[str] = (),
        country_codes: Sequence[str] = (),
        metric_types: Sequence[str] = (),
        pricing_types: Sequence[str] = (),
        pricing_categories: Sequence[str] = (),
        dimensions: Sequence[str] = PRICING_DIMENSIONS,
    ) -> list[PricingPoint]:
        """Messages and their cost, the way Meta charges since July 2025."""
        refuse(_check_span(start, end, granularity, GRANULARITIES))
        filters = {
            "phone_numbers": phone_numbers,
            "country_codes": country_codes,
            "metric_types": metric_types,
            "pricing_types": pricing_types,
            "pricing_categories": pricing_categories,
            "dimensions": dimensions,
        }
        found = self._ask(waba_id, "pricing_analytics", start, end, granularity, filters)
        return [_pricing_point(point) for point in _points(found)]

    def _ask(
        self,
        waba_id: str,
        name: str,
        start: int,
        end: int,
        granularity: str,
        filters: Mapping[str, Sequence[object]],
    ) -> dict[str, Any]:
        refuse(_check_words(filters))
        wanted = f"{name}.start({start}).end({end}).granularity({granularity})"
        # `phone_numbers` stands in all of Meta's examples, also empty.
        given = {key: list(value) for key, value in filters.items() if value or key == "phone_numbers"}
        wanted += "".join(
            f".{key}({json.dumps(value, separators=(',', ':'))})" for key, value in given.items()
        )
        found = self._call("GET", node(waba_id), params={"fields": wanted}).data
        return reading.mapping(found.get(name))


def _check_span(start: int, end: int, granularity: str, allowed: tuple[str, ...]) -> list[Problem]:
    problems: list[Problem] = []
    if not 0 <= start < end:
        problems.append(Problem("start", "The span must begin before it ends.", "out_of_range"))
    if granularity not in allowed:
        words = ", ".join(allowed)
        problems.append(Problem("granularity", f"The step must be one of: {words}.", "not_allowed"))
    return problems


def _check_words(filters: Mapping[str, Sequence[object]]) -> list[Problem]:
    """Nothing in a filter may end its parenthesis."""
    return [
        Problem(name, "This is not one of Meta's words.", "not_allowed")
        for name, values in filters.items()
        if not all(_WORD.fullmatch(str(value)) for value in values)
    ]


def _points(found: Mapping[str, Any]) -> list[dict[str, Any]]:
    groups = reading.mappings(found.get("data"))
    return [point for group in groups for point in reading.mappings(group.get("data_points"))]


def _conversation_point(found: Mapping[str, Any]) -> ConversationPoint:
    return ConversationPoint(
        start=reading.moment(found.get("start")),
        end=reading.moment(found.get("end")),
        conversations=reading.integer(found.get("conversation")) or 0,
        cost=amount(found.get("cost")),
        phone_number=reading.text(found.get("phone_number")),
        country=reading.text(found.get("country")),
        type=reading.text(found.get("conversation_type")),
        direction=reading.text(found.get("conversation_direction")),
        category=reading.text(found.get("conversation_category")),
    )


def _pricing_point(found: Mapping[str, Any]) -> PricingPoint:
    return PricingPoint(
        start=reading.moment(found.get("start")),
        end=reading.moment(found.get("end")),
        volume=reading.integer(found.get("volume")) or 0,
        cost=amount(found.get("cost")),
        phone_number=reading.text(found.get("phone_number")),
        country=reading.text(found.get("country")),
        pricing_type=reading.text(found.get("pricing_type")),
        pricing_category=reading.text(found.get("pricing_category")),
        tier=reading.text(found.get("tier")),
    )


def amount(value: object) -> float | None:
    """An amount of money in the account's currency; None if Meta gave none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
