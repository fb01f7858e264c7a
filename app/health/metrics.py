"""What `/metrics` tells: gauges read from the database at the moment they are asked for.

They are the same whichever process answers, so nothing has to be added up over processes.
"""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client import PlatformCollector, ProcessCollector
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from app.models import utcnow
from app.queries.work import find_worker_seen_at, get_backlog

CONTENT_TYPE = CONTENT_TYPE_PLAIN_0_0_4


class WorkCollector(Collector):
    """How much waits, for how long, and when a worker last gave a sign of life."""

    def collect(self) -> Iterator[Metric]:
        backlog = get_backlog()
        yield _gauge(
            "waba_webhook_events_pending", "Stored webhook events not worked off yet.", backlog.events
        )
        yield _gauge(
            "waba_webhook_events_oldest_seconds", "Age of the oldest of them.", backlog.oldest_event_s
        )
        yield _gauge("waba_webhook_events_parked", "Webhook events put aside.", backlog.parked_events)
        yield _gauge("waba_messages_queued", "Messages waiting to be sent.", backlog.messages)
        yield _gauge("waba_messages_oldest_seconds", "Age of the oldest of them.", backlog.oldest_message_s)
        yield _gauge(
            "waba_messages_unconfirmed",
            "Messages handed to Meta without an answer.",
            backlog.unconfirmed_messages,
        )
        seen_at = find_worker_seen_at()
        if seen_at is not None:
            age_s = (utcnow() - seen_at).total_seconds()
            yield _gauge("waba_worker_heartbeat_age_seconds", "Since a worker was last seen.", age_s)


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)


def render_metrics() -> bytes:
    """Prometheus' text format, with this process's memory, processor time and open files."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(WorkCollector())
    ProcessCollector(registry=registry)
    PlatformCollector(registry=registry)
    return generate_latest(registry)
