"""What `/metrics` tells, read from the database at the moment it is asked for.

It is the same whichever process on whichever machine answers, so nothing has to be added up. Names and
meanings are documented in docs/observability.md. Only `process_*` and `python_*` are this process's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeHistogramMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from app.queries import metrics as queries
from app.queries import outgoing_webhooks as outgoing_queries

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class QueueCollector(Collector):
    """How much waits, and for how long."""

    def collect(self) -> Iterator[Metric]:
        queues = queries.read_queues()
        yield _gauge("waba_webhook_events_pending", "Events not worked off yet.", queues.events_pending)
        yield _gauge(
            "waba_webhook_events_oldest_seconds", "Age of the oldest of them.", queues.oldest_event_s
        )
        yield _gauge("waba_webhook_events_parked", "Events put aside for a person.", queues.events_parked)
        yield _gauge("waba_messages_queued", "Messages not sent yet.", queues.messages["queued"])
        yield _gauge("waba_messages_put_off", "Those of them that wait for a later time.", queues.put_off)
        yield _gauge(
            "waba_messages_oldest_seconds", "For how long the longest due message has been due.",
            queues.oldest_due_s,
        )  # fmt: skip
        yield _gauge("waba_messages_sending", "Messages on their way to Meta.", queues.messages["sending"])
        yield _gauge(
            "waba_messages_unconfirmed",
            "Messages handed to Meta without an answer.",
            queues.messages["unconfirmed"],
        )


class OutgoingCollector(Collector):
    """What waits for customers' own systems."""

    def collect(self) -> Iterator[Metric]:
        backlog = outgoing_queries.read_backlog()
        yield _gauge("waba_outgoing_deliveries_waiting", "Events not delivered yet.", backlog.waiting)
        yield _gauge(
            "waba_outgoing_deliveries_oldest_due_seconds",
            "For how long the longest due of them has been due.",
            backlog.oldest_due_s,
        )
        yield _gauge(
            "waba_outgoing_webhooks_switched_off",
            "Outgoing webhooks that were switched off after days of failure.",
            outgoing_queries.count_switched_off(),
        )


class RateCollector(Collector):
    """How much came and went: totals that only grow, and the last minute by outcome."""

    def collect(self) -> Iterator[Metric]:
        totals = queries.read_totals()
        yield _counter("waba_webhook_events_received", "Events stored so far.", totals.events)
        yield _counter("waba_messages_created", "Messages so far, in and out.", totals.messages)
        yield _counter("waba_statuses_received", "Statuses of messages stored so far.", totals.statuses)
        yield _by(
            "waba_webhook_events_last_minute",
            "Events received in the last minute.",
            "state",
            queries.count_recent_events(),
        )
        yield _by(
            "waba_statuses_last_minute",
            "Statuses received in the last minute.",
            "status",
            queries.count_recent_statuses(totals),
        )


class GraphCollector(Collector):
    """What Meta answered in the last minute, and how fast."""

    def collect(self) -> Iterator[Metric]:
        recent = queries.read_recent_calls()
        calls = GaugeMetricFamily(
            "waba_graph_calls_last_minute", "Calls to Meta in the last minute.", labels=["kind", "outcome"]
        )
        seconds = GaugeHistogramMetricFamily(
            "waba_graph_call_seconds", "How long those calls took.", labels=["kind"]
        )
        for kind, found in sorted(recent.kinds.items()):
            for outcome, count in sorted(found.outcomes.items()):
                calls.add_metric([kind, outcome], count)
            within = zip(queries.LATENCY_BUCKETS_MS, found.within, strict=True)
            buckets = [(str(most / 1000), float(count)) for most, count in within]
            seconds.add_metric([kind], [*buckets, ("+Inf", float(found.count))], found.seconds)
        yield calls
        yield seconds
        errors = {str(code): count for code, count in sorted(recent.errors.items())}
        yield _by("waba_graph_errors_last_minute", "Refusals in the last minute.", "code", errors)
        yield _gauge(
            "waba_graph_usage_percent",
            "The highest of Meta's usage counters in the last minute; at 100 Meta throttles.",
            recent.usage_percent,
        )


class NumberCollector(Collector):
    """The pace of each number."""

    def collect(self) -> Iterator[Metric]:
        labels = ["phone_number_id", "account_id"]
        paused = GaugeMetricFamily(
            "waba_number_paused_seconds", "How long the number still pauses.", labels=[*labels, "reason"]
        )
        tokens = GaugeMetricFamily(
            "waba_number_tokens", "What it might send at once when last counted.", labels=labels
        )
        probing = GaugeMetricFamily(
            "waba_number_probing", "1 while it sends one message at a time, after failures.", labels=labels
        )
        for number in queries.list_number_throttles():
            who = [number.phone_number_id, str(number.account_id)]
            paused.add_metric([*who, number.reason], number.paused_s)
            tokens.add_metric(who, number.tokens)
            probing.add_metric(who, int(number.is_probing))
        yield from (paused, tokens, probing)


class WorkerCollector(Collector):
    """Who works, and since when nobody heard of them."""

    def collect(self) -> Iterator[Metric]:
        ages = queries.worker_ages()
        yield _gauge("waba_workers_alive", "Workers seen in the last 30 seconds.", queries.count_alive(ages))
        yield _by("waba_worker_heartbeat_age_seconds", "Since the worker was last seen.", "worker", ages)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def _counter(name: str, help_text: str, value: float) -> CounterMetricFamily:
    return CounterMetricFamily(name, help_text, value=value)


def _by(name: str, help_text: str, label: str, values: Mapping[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, help_text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


_COLLECTORS = (
    QueueCollector,
    OutgoingCollector,
    RateCollector,
    GraphCollector,
    NumberCollector,
    WorkerCollector,
)


def render_metrics() -> bytes:
    """Prometheus' text format, with this process's memory, processor time and open files."""
    registry = CollectorRegistry(auto_describe=False)
    for collector in _COLLECTORS:
        registry.register(collector())
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return generate_latest(registry)
