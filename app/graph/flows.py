"""WhatsApp Flows. Source: Meta docs, "Flows API" pages, read 2026-09."""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, created_id, each, node, post, succeeded
from app.graph.checking import Spot
from app.graph.health import HealthStatus, read_health
from app.graph.json_limits import MalformedBody, loads
from app.graph.problems import Problem, refuse
from app.graph.streaming import multipart

CATEGORIES = (
    "SIGN_UP",
    "SIGN_IN",
    "APPOINTMENT_BOOKING",
    "LEAD_GENERATION",
    "CONTACT_US",
    "CUSTOMER_SUPPORT",
    "SURVEY",
    "SHOPPING",  # only Meta's own client names it
    "OTHER",
)
MOST_NAME_CHARACTERS = 200  # Meta's pages name no number (unverified)
MOST_JSON_BYTES = 10 * 1024 * 1024
_FIELDS = (
    "id,name,status,categories,validation_errors,json_version,data_api_version,endpoint_uri,"
    "preview.invalidate(false),health_status,updated_at"
)
_LIST_FIELDS = "id,name,status,categories,validation_errors"
_PAGE = 100


@dataclass(frozen=True, slots=True)
class FlowFault:
    """A fault in a Flow's JSON, in Meta's words; lines and columns count from 1."""

    error: str
    message: str
    error_type: str | None = None
    line_start: int | None = None
    line_end: int | None = None
    column_start: int | None = None
    column_end: int | None = None
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FlowPreview:
    """A page that plays the Flow; anyone who has the address sees it, for 30 days."""

    url: str = field(repr=False)
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Flow:
    """A Flow; `status` is DRAFT, PUBLISHED, DEPRECATED, BLOCKED, THROTTLED or a newer word."""

    flow_id: str
    name: str
    status: str
    categories: tuple[str, ...] = ()
    faults: tuple[FlowFault, ...] = ()
    json_version: str | None = None
    data_api_version: str | None = None
    endpoint_uri: str | None = None
    updated_at: datetime | None = None
    preview: FlowPreview | None = None
    health: HealthStatus | None = None


@dataclass(frozen=True, slots=True)
class FlowAsset:
    """A file of a Flow and the address to download it from (`client.media.download`)."""

    name: str
    asset_type: str
    download_url: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class FlowSaved:
    """What became of a new Flow or new JSON: it is saved even with faults, which bar publishing."""

    flow_id: str
    is_saved: bool = True
    faults: tuple[FlowFault, ...] = ()


class Flows:
    """`client.flows`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def create(
        self,
        waba_id: str,
        *,
        name: str,
        categories: Sequence[str],
        flow_json: str | None = None,
        publish: bool = False,
        clone_flow_id: str | None = None,
        endpoint_uri: str | None = None,
    ) -> FlowSaved:
        """Make a Flow: empty, from its JSON or from another Flow. The name is unique in the account."""
        refuse(check_flow(name=name, categories=categories, flow_json=flow_json))
        if flow_json is not None and clone_flow_id is not None:
            refuse([Problem("flow_json", "A Flow is copied or made from JSON, not both.", "not_allowed")])
        wanted: dict[str, object] = {
            "name": name,
            "categories": list(categories),
            "flow_json": flow_json,
            "publish": True if publish else None,
            "clone_flow_id": clone_flow_id,
            "endpoint_uri": endpoint_uri,
        }
        body = {key: value for key, value in wanted.items() if value is not None}
        answer = self._call("POST", f"{node(waba_id)}/flows", body=body)
        flow_id = created_id(answer, "Flow")
        return FlowSaved(flow_id, succeeded(answer), _faults(answer.data.get("validation_errors")))

    def each(self, waba_id: str) -> Iterator[Flow]:
        """The account's Flows one by one, without preview and health."""
        for found in each(self._call, f"{node(waba_id)}/flows", {"fields": _LIST_FIELDS, "limit": _PAGE}):
            yield read_flow(found)

    def list(self, waba_id: str) -> builtins.list[Flow]:
        """All Flows of the account."""
        return [*self.each(waba_id)]

    def get(self, flow_id: str) -> Flow:
        """One Flow with its preview and health."""
        params = {"fields": _FIELDS, "date_format": "U"}
        return read_flow({"id": flow_id, **self._call("GET", node(flow_id), params=params).data})

    def preview(self, flow_id: str, *, renew: bool = False) -> FlowPreview | None:
        """The preview's address; `renew` makes a new one and ends the old."""
        wanted = f"preview.invalidate({'true' if renew else 'false'})"
        params = {"fields": wanted, "date_format": "U"}
        return _preview(self._call("GET", node(flow_id), params=params).data.get("preview"))

    def update(
        self,
        flow_id: str,
        *,
        name: str | None = None,
        categories: Sequence[str] | None = None,
        endpoint_uri: str | None = None,
        application_id: str | None = None,
    ) -> bool:
        """Change what is given."""
        refuse(check_flow(name=name, categories=categories))
        body: dict[str, object] = {
            "name": name,
            "categories": None if categories is None else [*categories],
            "endpoint_uri": endpoint_uri,
            "application_id": application_id,
        }
        return post(self._call, node(flow_id), body)

    def upload_json(self, flow_id: str, flow_json: str) -> FlowSaved:
        """Replace the Flow's JSON. It is saved even with faults; they only bar publishing."""
        refuse(check_flow(flow_json=flow_json))
        content = flow_json.encode()
        wire = multipart(
            {"name": "flow.json", "asset_type": "FLOW_JSON"},
            BytesIO(content),
            size_bytes=len(content),
            filename="flow.json",
            mime_type="application/json",
        )
        answer = self._call("POST", f"{node(flow_id)}/assets", wire=wire)
        return FlowSaved(flow_id, succeeded(answer), _faults(answer.data.get("validation_errors")))

    def list_assets(self, flow_id: str) -> builtins.list[FlowAsset]:
        """The Flow's files; today there is one, `flow.json`."""
        return [
            FlowAsset(
                name=reading.text(found.get("name")) or "",
                asset_type=reading.text(found.get("asset_type")) or "",
                download_url=reading.text(found.get("download_url")),
            )
            for found in each(self._call, f"{node(flow_id)}/assets", {})
        ]

    def publish(self, flow_id: str) -> bool:
        """Let everybody get it. GraphRejected or GraphBlocked (139002) says what is still missing."""
        return post(self._call, f"{node(flow_id)}/publish")

    def deprecate(self, flow_id: str) -> bool:
        """End a published Flow for good: it can no longer be sent, opened or deleted."""
        return post(self._call, f"{node(flow_id)}/deprecate")

    def delete(self, flow_id: str) -> bool:
        """Delete a draft; other Flows cannot be deleted."""
        return succeeded(self._call("DELETE", node(flow_id)))


def check_flow(
    *, name: str | None = None, categories: Sequence[str] | None = None, flow_json: str | None = None
) -> list[Problem]:
    """What Meta would refuse in these parts of a Flow; a part that is None is not looked at."""
    problems: list[Problem] = []
    if name is not None:
        Spot(name, "name", problems).text("The Flow's name", MOST_NAME_CHARACTERS)
    if categories is not None:
        for spot in Spot(list(categories), "categories", problems).list("Categories", 1):
            spot.choice("The category", CATEGORIES)
    if flow_json is not None:
        problems += _check_json(flow_json)
    return problems


def _check_json(flow_json: str) -> list[Problem]:
    if len(flow_json.encode()) > MOST_JSON_BYTES:
        return [Problem("flow_json", "The Flow's JSON is larger than 10 MB.", "too_large")]
    try:
        found = loads(flow_json.encode("utf-8", "replace"))
    except MalformedBody:
        return [Problem("flow_json", "The Flow's JSON cannot be read as JSON.", "bad_json")]
    if not isinstance(found, dict):
        return [Problem("flow_json", "The Flow's JSON must be an object.", "wrong_type")]
    return []


def read_flow(found: Mapping[str, Any]) -> Flow:
    """Read a Flow node."""
    return Flow(
        flow_id=reading.text(found.get("id")) or "",
        name=reading.text(found.get("name")) or "",
        status=reading.text(found.get("status")) or "",
        categories=reading.texts(found.get("categories")),
        faults=_faults(found.get("validation_errors")),
        json_version=reading.text(found.get("json_version")),
        data_api_version=reading.text(found.get("data_api_version")),
        endpoint_uri=reading.text(found.get("endpoint_uri")),
        updated_at=reading.moment(found.get("updated_at")),
        preview=_preview(found.get("preview")),
        health=read_health(found.get("health_status")),
    )


def _preview(value: object) -> FlowPreview | None:
    found = reading.mapping(value)
    url = reading.text(found.get("preview_url"))
    return FlowPreview(url, reading.moment(found.get("expires_at"))) if url else None


def _faults(value: object) -> tuple[FlowFault, ...]:
    return tuple(map(_fault, reading.mappings(value)))


def _fault(found: Mapping[str, Any]) -> FlowFault:
    paths = (reading.text(pointer.get("path")) for pointer in reading.mappings(found.get("pointers")))
    return FlowFault(
        error=reading.text(found.get("error")) or "",
        message=reading.text(found.get("message")) or "",
        error_type=reading.text(found.get("error_type")),
        line_start=reading.integer(found.get("line_start")),
        line_end=reading.integer(found.get("line_end")),
        column_start=reading.integer(found.get("column_start")),
        column_end=reading.integer(found.get("column_end")),
        paths=tuple(path for path in paths if path),
    )
