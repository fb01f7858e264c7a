"""Meta's side of a Flow onto its row. The caller commits."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from app.graph import flows as graph_flows
from app.graph.health import HealthStatus
from app.models import Flow
from app.models.flows import SENDABLE_STATUSES
from app.services import flow_texts


def copy_from_meta(flow: Flow, found: graph_flows.Flow, asked_at: datetime) -> bool:
    """Take over what a list or one Flow's node says; what it leaves out stays. True when something changed.

    A status that a webhook brought after we asked is newer and stays.
    """
    before = _state(flow)
    flow.last_synced_at, flow.gone_at = asked_at, None
    flow.name, flow.categories = found.name or flow.name, list(found.categories) or flow.categories
    is_older = flow.status_changed_at is not None and flow.status_changed_at > asked_at
    if found.status and found.status != flow.status and not is_older:
        set_status(flow, found.status, asked_at)
    if not flow.has_unsent_text:
        flow.validation_errors = flow_texts.fault_values(found.faults)
    if found.preview is not None:
        flow.preview_url, flow.preview_expires_at = found.preview.url, found.preview.expires_at
    if found.health is not None:
        flow.health = health_values(found.health)
    flow.json_version = found.json_version or flow.json_version
    flow.data_api_version = found.data_api_version or flow.data_api_version
    flow.endpoint_uri = found.endpoint_uri or flow.endpoint_uri
    flow.meta_updated_at = found.updated_at or flow.meta_updated_at
    return before != _state(flow)


def set_status(flow: Flow, status: str, at: datetime) -> None:
    """Another word of Meta's. One that customers can get has a published version from then on."""
    if status in SENDABLE_STATUSES:
        mark_published(flow, at, status)
        return
    flow.status, flow.status_changed_at = status, at


def mark_published(flow: Flow, at: datetime, status: str = "PUBLISHED") -> None:
    """Its present text is what customers get, unless it was published before and only slowed down."""
    is_new_version = flow.status == "DRAFT" or flow.published_at is None
    flow.status, flow.status_changed_at = status, at
    if is_new_version:
        flow.published_at = at
        _serve_outline(flow)


def take_text(flow: Flow, text: str) -> None:
    """Meta's text. What stands only here is kept beside it."""
    flow.meta_json = text
    if not flow.has_unsent_text or flow.flow_json == text:
        flow.flow_json, flow.has_unsent_text = text, False
    flow.outline = flow_texts.outline_of(text)
    if flow.status in SENDABLE_STATUSES:
        _serve_outline(flow)


def _serve_outline(flow: Flow) -> None:
    """Questions of versions before stay at the end: answers to them are still there."""
    now, before = flow.outline.get("questions", []), flow.published_outline.get("questions", [])
    names = {question["name"] for question in now}
    kept = [question for question in before if question["name"] not in names]
    flow.published_outline = {**flow.outline, "questions": [*now, *kept][: flow_texts.MOST_QUESTIONS]}


def health_values(health: HealthStatus) -> dict[str, Any]:
    """As a row keeps it."""
    return {
        "can_send_message": health.can_send_message,
        "entities": [
            {**asdict(entity), "problems": [asdict(problem) for problem in entity.problems]}
            for entity in health.entities
        ],
    }


def _state(flow: Flow) -> tuple[Any, ...]:
    return (flow.name, flow.status, flow.categories, flow.validation_errors, flow.endpoint_uri, flow.gone_at)
