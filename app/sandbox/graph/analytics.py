"""Analytics of an account, counted from what was really sent.

Source: Meta docs, "Analytics" pages, read 2026-03. Costs are made up: one price per category, in USD.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Any

from .. import clock, ids, json_text
from ..database import Row, from_json
from ..digits import whole_number
from ..store import message_templates, phone_numbers
from . import account_changes, errors
from .errors import GraphError
from .fields import Field
from .message_template_texts import refuse
from .registry import MANAGEMENT, NODE_TYPES, Answer, Call, edge

DAY_S = 86_400
STEPS = {"HALF_HOUR": 1800, "DAY": DAY_S, "DAILY": DAY_S, "MONTH": 30 * DAY_S, "MONTHLY": 30 * DAY_S}
TEMPLATE, OTHER, INCOMING = 0, 2, 100
PRICES = {"marketing": 0.025, "marketing_lite": 0.025, "utility": 0.004, "authentication": 0.0135}
MOST_TEMPLATES = 10
LOOK_BACK_S = 365 * DAY_S
TEMPLATE_LOOK_BACK_S = 90 * DAY_S
PRICING_DIMENSIONS = ("COUNTRY", "PHONE", "PRICING_CATEGORY", "PRICING_TYPE", "TIER")
CONVERSATION_DIMENSIONS = (
    "CONVERSATION_CATEGORY", "CONVERSATION_DIRECTION", "CONVERSATION_TYPE", "COUNTRY", "PHONE",
)  # fmt: skip
Point = dict[str, Any]


class Asked:
    """The arguments of an analytics field, checked. Raises GraphError 100."""

    def __init__(self, call: Call, given: dict[str, Any], granularities: tuple[str, ...]) -> None:
        self.given = given
        self.start, self.end = self._time("start"), self._time("end")
        if self.start >= self.end:
            raise errors.invalid("start must lie before end.")
        if self.start < clock.now() - LOOK_BACK_S - DAY_S:
            raise errors.invalid("start may lie one year back at most.")
        self.granularity = str(given.get("granularity") or granularities[0])
        if self.granularity not in granularities:
            raise errors.one_of("granularity", granularities, self.granularity)
        self.step = STEPS[self.granularity]
        self.numbers = _numbers(call, self.words("phone_numbers"))
        self.countries = set(self.words("country_codes"))

    def words(self, name: str, choices: tuple[str, ...] = ()) -> list[str]:
        words = _words(self.given.get(name))
        for word in words:
            if choices and word not in choices:
                raise errors.one_of(name, choices, word)
        return words

    def start_of(self, at: float) -> int:
        """The beginning of the step that holds this moment."""
        return int(at // self.step * self.step)

    def _time(self, name: str) -> int:
        at = whole_number(str(self.given.get(name) or ""))
        if at is None:
            raise errors.required(name)
        return at


def _words(value: Any) -> list[str]:
    """`[]`, `["a"]`, `[a,b]` or `a,b`: fields carry lists with and without quotes."""
    if value is None or value == "":
        return []
    if isinstance(value, list):
        return [str(item) for item in value]
    try:
        opened = json_text.read(str(value))
    except ValueError:
        opened = [part.strip(" \"'") for part in str(value).strip("[]").split(",")]
    return [str(item) for item in (opened if isinstance(opened, list) else [opened]) if str(item)]


def _numbers(call: Call, wanted: list[str]) -> dict[str, Row]:
    """Numbers of the account by id, those wanted (by digits or id) or all."""
    rows = phone_numbers.list_of(call.db, call.node.id)
    digits = {ids.digits_of(word) for word in wanted}
    return {row["id"]: row for row in rows if not digits or {row["wa_id"], row["id"]} & digits}


def _messages(call: Call, asked: Asked, direction: str) -> Iterator[Row]:
    sql = (
        "SELECT phone_number_id, wa_id, type, status, payload, pricing, created_at, delivered_at, sent_at,"
        " read_at FROM messages WHERE phone_number_id = ? AND direction = ? AND created_at >= ?"
        " AND created_at < ? ORDER BY id"
    )
    for number in asked.numbers:
        for row in call.db.rows(sql, number, direction, asked.start, asked.end):
            if not asked.countries or ids.country_of(row["wa_id"]) in asked.countries:
                yield row


def _message_analytics(call: Call, field: Field) -> Answer:
    asked = Asked(call, field.arguments, ("DAY", "HALF_HOUR", "MONTH"))
    kinds = {whole_number(word) for word in asked.words("product_types")} - {None}
    if INCOMING in kinds and len(kinds) > 1:
        raise refuse(2388077, "Product types cannot be combined", "Incoming messages stand alone.")
    direction = "inbound" if kinds == {INCOMING} else "outbound"
    sums: dict[int, list[int]] = defaultdict(lambda: [0, 0])
    for row in _messages(call, asked, direction):
        kind = TEMPLATE if row["type"] == "template" else OTHER
        if direction == "outbound" and kinds and kind not in kinds:
            continue
        counts = sums[asked.start_of(row["created_at"])]
        counts[0] += row["status"] != "failed"
        counts[1] += row["delivered_at"] is not None or row["read_at"] is not None
    points = [
        {"start": at, "end": at + asked.step, "sent": sent, "delivered": delivered}
        for at, (sent, delivered) in sorted(sums.items())
    ]
    return {
        "phone_numbers": [row["wa_id"] for row in asked.numbers.values()],
        "country_codes": sorted(asked.countries),
        "granularity": asked.granularity,
        "data_points": points,
    }


def _pricing_analytics(call: Call, field: Field) -> Answer:
    """Per delivered message; only the dimensions asked for stand in a point."""
    asked = Asked(call, field.arguments, ("DAILY", "HALF_HOUR", "MONTHLY"))
    wanted = asked.words("dimensions", PRICING_DIMENSIONS)
    metrics = asked.words("metric_types", ("COST", "VOLUME")) or ["COST", "VOLUME"]
    types, categories = asked.words("pricing_types"), asked.words("pricing_categories")
    points: dict[tuple[Any, ...], Point] = {}
    for row in _charged(call, asked):
        pricing = from_json(row["pricing"])
        values = {
            "COUNTRY": ("country", ids.country_of(row["wa_id"])),
            "PHONE": ("phone_number", asked.numbers[row["phone_number_id"]]["wa_id"]),
            "PRICING_CATEGORY": ("pricing_category", pricing["category"].upper()),
            "PRICING_TYPE": ("pricing_type", pricing["type"].upper()),
            "TIER": ("tier", "0:MAX"),
        }
        if types and values["PRICING_TYPE"][1] not in types:
            continue
        if categories and values["PRICING_CATEGORY"][1] not in categories:
            continue
        point = _point(points, asked, row, dict(values[name] for name in wanted))
        _add_metrics(point, metrics, "volume", _price(pricing))
    return {"data": [{"data_points": list(points.values())}]}


def _conversation_analytics(call: Call, field: Field) -> Answer:
    """One conversation per person, category and day, as they were counted before July 2025."""
    asked = Asked(call, field.arguments, ("DAILY", "HALF_HOUR", "MONTHLY"))
    wanted = asked.words("dimensions", CONVERSATION_DIMENSIONS)
    metrics = asked.words("metric_types", ("COST", "CONVERSATION")) or ["COST", "CONVERSATION"]
    points: dict[tuple[Any, ...], Point] = {}
    seen: set[tuple[Any, ...]] = set()
    for row in _charged(call, asked):
        pricing = from_json(row["pricing"])
        key = (row["phone_number_id"], row["wa_id"], pricing["category"], row["created_at"] // DAY_S)
        if key in seen:
            continue
        seen.add(key)
        is_service = pricing["category"] == "service"
        values = {
            "CONVERSATION_CATEGORY": ("conversation_category", pricing["category"].upper()),
            "CONVERSATION_DIRECTION": (
                "conversation_direction",
                "USER_INITIATED" if is_service else "BUSINESS_INITIATED",
            ),
            "CONVERSATION_TYPE": ("conversation_type", "FREE_TIER" if is_service else "REGULAR"),
            "COUNTRY": ("country", ids.country_of(row["wa_id"])),
            "PHONE": ("phone_number", asked.numbers[row["phone_number_id"]]["wa_id"]),
        }
        point = _point(points, asked, row, dict(values[name] for name in wanted))
        _add_metrics(point, metrics, "conversation", _price(pricing))
    return {"data": [{"data_points": list(points.values())}]}


def _charged(call: Call, asked: Asked) -> Iterator[Row]:
    """Outbound messages that arrived."""
    for row in _messages(call, asked, "outbound"):
        if row["pricing"] and (row["delivered_at"] is not None or row["read_at"] is not None):
            yield row


def _point(points: dict[tuple[Any, ...], Point], asked: Asked, row: Row, values: dict[str, str]) -> Point:
    at = asked.start_of(row["created_at"])
    return points.setdefault((at, *values.values()), {"start": at, "end": at + asked.step, **values})


def _add_metrics(point: Point, metrics: list[str], count_name: str, price: float) -> None:
    if "COST" in metrics:
        point["cost"] = round(point.get("cost", 0) + price, 6)
    if set(metrics) - {"COST"}:
        point[count_name] = point.get(count_name, 0) + 1


def _price(pricing: dict[str, Any]) -> float:
    return PRICES.get(pricing["category"], 0.0) if pricing["billable"] else 0.0


@edge("waba", "template_analytics", "GET", scope=MANAGEMENT)
def get_template_analytics(call: Call) -> Answer:
    """Days with what was sent of each message template. 200007 before it is switched on."""
    if not account_changes.is_on(call, call.node.id, account_changes.INSIGHTS):
        raise GraphError(200007)
    asked = Asked(call, call.params.values, ("DAILY",))
    if asked.start < clock.now() - TEMPLATE_LOOK_BACK_S - DAY_S:
        raise errors.invalid("start may lie 90 days back at most.")
    wanted = asked.words("template_ids")
    if not 1 <= len(wanted) <= MOST_TEMPLATES:
        raise errors.invalid(f"template_ids holds 1 to {MOST_TEMPLATES} ids.")
    metrics = asked.words("metric_types") or ["SENT", "DELIVERED", "READ", "CLICKED", "COST"]
    points = _template_points(call, asked, _known_templates(call, wanted))
    shown = [_shown_point(point, metrics) for _, point in sorted(points.items())]
    series = {"granularity": "DAILY", "product_type": "cloud_api", "data_points": shown}
    return {"data": [series], "paging": {"cursors": {"before": "MAZDZD", "after": "MjQZD"}}}


def _known_templates(call: Call, wanted: list[str]) -> dict[tuple[str, str], str]:
    """(name, language) → id."""
    rows = {row["id"]: row for row in message_templates.list_of(call.db, call.node.id)}
    for template_id in wanted:
        if template_id not in rows:
            raise errors.invalid(f"template_ids: there is no message template {template_id}.")
    return {(rows[key]["name"], rows[key]["language"]): key for key in wanted}


def _template_points(
    call: Call, asked: Asked, known: dict[tuple[str, str], str]
) -> dict[tuple[int, str], Point]:
    points: dict[tuple[int, str], Point] = {}
    for row in _messages(call, asked, "outbound"):
        if row["type"] != "template":
            continue
        sent = from_json(row["payload"])["template"]
        template_id = known.get((sent["name"], sent["language"]["code"]))
        if template_id is None:
            continue
        at = asked.start_of(row["created_at"])
        empty = {"template_id": template_id, "start": at, "end": at + DAY_S}
        empty |= {"sent": 0, "delivered": 0, "read": 0, "clicked": [], "cost": 0.0}
        point = points.setdefault((at, template_id), empty)
        is_delivered = row["delivered_at"] is not None or row["read_at"] is not None
        point["sent"] += row["status"] != "failed"
        point["delivered"] += is_delivered
        point["read"] += row["read_at"] is not None
        point["cost"] += _price(from_json(row["pricing"])) if is_delivered else 0.0
    return points


def _shown_point(point: Point, metrics: list[str]) -> Point:
    delivered, spent = point["delivered"], round(point["cost"], 6)
    cost = [{"type": "amount_spent", "value": spent}]
    if delivered:
        cost.append({"type": "cost_per_delivered", "value": round(spent / delivered, 6)})
    shown = point | {"cost": cost}
    hidden = {
        name for name in ("sent", "delivered", "read", "clicked", "cost") if name.upper() not in metrics
    }
    return {key: value for key, value in shown.items() if key not in hidden}


READERS: dict[str, Callable[[Call, Field], Any]] = {
    "analytics": _message_analytics,
    "conversation_analytics": _conversation_analytics,
    "pricing_analytics": _pricing_analytics,
}
NODE_TYPES["waba"].readers.update(READERS)


@edge("waba", "pricing_analytics", "GET", scope=MANAGEMENT)
def get_pricing_analytics(call: Call) -> Answer:
    """The same as an edge, with the arguments as parameters."""
    given = {name: str(value) for name, value in call.params.values.items() if isinstance(value, str)}
    return _pricing_analytics(call, Field("pricing_analytics", given))
