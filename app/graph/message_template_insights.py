"""How message templates did: counts and cost by day, and a comparison of two.

The account must have switched insights on (`accounts.update`, cannot be undone; 200007 without).
Source: Meta docs, "Template analytics" and "Template comparison" pages, read 2026-09.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from app.graph import reading
from app.graph.analytics import amount
from app.graph.calls import Caller, each, node
from app.graph.problems import Problem, refuse

_Value = TypeVar("_Value")
METRICS = ("SENT", "DELIVERED", "READ", "CLICKED", "COST")
PRODUCTS = ("CLOUD_API", "MARKETING_MESSAGES_LITE_API")
MOST_MESSAGE_TEMPLATES = 10
DAY_S = 86_400
LOOK_BACK_S = 90 * DAY_S
COMPARED_SPANS_S = tuple(days * DAY_S for days in (7, 30, 60, 90))


@dataclass(frozen=True, slots=True)
class ButtonClicks:
    """Clicks on one button; `type` says which kind, and if people or clicks are counted."""

    type: str
    button: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class InsightPoint:
    """One message template on one day. Reads and clicks count for seven days after delivery.

    `costs` maps `amount_spent`, `cost_per_delivered`, `cost_per_url_button_click` to amounts.
    """

    message_template_id: str
    start: datetime | None
    end: datetime | None
    sent: int = 0
    delivered: int = 0
    read: int = 0
    clicks: tuple[ButtonClicks, ...] = ()
    costs: Mapping[str, float] | None = None
    product_type: str | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """A metric over two message templates, by their ids.

    `by_rate` lists the ids, lowest block rate first; `sends` counts; `top_block_reasons` are
    Meta's words.
    """

    by_rate: tuple[str, ...] = ()
    sends: Mapping[str, int] | None = None
    top_block_reasons: Mapping[str, str] | None = None


class MessageTemplateInsights:
    """`client.message_template_insights`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def each(
        self,
        waba_id: str,
        message_template_ids: Sequence[str],
        *,
        start: int,
        end: int,
        metric_types: Sequence[str] = METRICS,
        product_type: str | None = None,
    ) -> Iterator[InsightPoint]:
        """Daily points of up to ten message templates; UNIX seconds, back to 90 days ago."""
        refuse(_check(message_template_ids, start, end, metric_types, product_type))
        params: dict[str, str | int] = {
            "start": start,
            "end": end,
            "granularity": "DAILY",
            "template_ids": json.dumps([node(one) for one in message_template_ids]),
            "metric_types": json.dumps(list(metric_types)),
        }
        if product_type is not None:
            params["product_type"] = product_type
        for group in each(self._call, f"{node(waba_id)}/template_analytics", params):
            product = reading.text(group.get("product_type"))
            for found in reading.mappings(group.get("data_points")):
                yield _point(found, product)

    def compare(
        self, message_template_id: str, other_message_template_id: str, *, start: int, end: int
    ) -> Comparison:
        """Compare two of one account with 1,000 sends each; the span is 7, 30, 60 or 90 days."""
        if end - start not in COMPARED_SPANS_S:
            refuse([Problem("end", "The span has 7, 30, 60 or 90 days.", "out_of_range")])
        params: dict[str, str | int] = {
            "template_ids": json.dumps([node(other_message_template_id)]),
            "start": start,
            "end": end,
        }
        answer = self._call("GET", f"{node(message_template_id)}/compare", params=params)
        return _comparison(reading.mappings(answer.data.get("data")))


def _check(
    ids: Sequence[str], start: int, end: int, metric_types: Sequence[str], product_type: str | None
) -> list[Problem]:
    problems: list[Problem] = []
    if not 1 <= len(ids) <= MOST_MESSAGE_TEMPLATES:
        problems.append(Problem("template_ids", "1 to 10 message templates can be asked for.", "too_many"))
    if not 0 < end - start <= LOOK_BACK_S:
        problems.append(Problem("start", "The span has 1 to 90 days.", "out_of_range"))
    if not set(metric_types) <= {*METRICS}:
        problems.append(Problem("metric_types", f"Counts are: {', '.join(METRICS)}.", "not_allowed"))
    if product_type is not None and product_type not in PRODUCTS:
        problems.append(Problem("product_type", f"Products are: {', '.join(PRODUCTS)}.", "not_allowed"))
    return problems


def _point(found: Mapping[str, Any], product_type: str | None) -> InsightPoint:
    clicks = (
        ButtonClicks(
            type=reading.text(click.get("type")) or "",
            button=reading.text(click.get("button_content")) or "",
            count=reading.integer(click.get("count")) or 0,
        )
        for click in reading.mappings(found.get("clicked"))
    )
    return InsightPoint(
        message_template_id=reading.text(found.get("template_id")) or "",
        start=reading.moment(found.get("start")),
        end=reading.moment(found.get("end")),
        sent=reading.integer(found.get("sent")) or 0,
        delivered=reading.integer(found.get("delivered")) or 0,
        read=reading.integer(found.get("read")) or 0,
        clicks=tuple(clicks),
        costs=_costs(found.get("cost")),
        product_type=product_type,
    )


def _costs(value: object) -> dict[str, float] | None:
    found = {reading.text(one.get("type")): amount(one.get("value")) for one in reading.mappings(value)}
    return {name: cost for name, cost in found.items() if name and cost is not None} or None


def _comparison(metrics: list[dict[str, Any]]) -> Comparison:
    named = {reading.text(one.get("metric")): one for one in metrics}
    rate, sends, reasons = (
        named.get(name, {}) for name in ("BLOCK_RATE", "MESSAGE_SENDS", "TOP_BLOCK_REASON")
    )
    return Comparison(
        by_rate=reading.texts(rate.get("order_by_relative_metric")),
        sends=_pairs(sends.get("number_values"), reading.integer),
        top_block_reasons=_pairs(reasons.get("string_values"), reading.text),
    )


def _pairs(value: object, read: Callable[[object], _Value | None]) -> dict[str, _Value] | None:
    """Meta's list of `{"key", "value"}`."""
    found: dict[str, _Value] = {}
    for pair in reading.mappings(value):
        key, one = reading.text(pair.get("key")), read(pair.get("value"))
        if key and one is not None:
            found[key] = one
    return found or None
