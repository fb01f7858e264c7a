"""What can be read of a message template. Source: Meta docs, "Templates" reference, read 2026-03."""

from dataclasses import replace
from typing import Any

from ..database import Row
from . import health
from .fields import Field
from .message_template_read_form import read_components
from .nodes import column, computed, read
from .registry import MANAGEMENT, NODE_TYPES, Answer, Call, FieldReader, Node, NodeType


def _extra(name: str) -> FieldReader:
    return lambda call, _: call.node.row["extra"].get(name)


def _creative_features(call: Call, _field: Field) -> dict[str, Any] | None:
    """Written as an object of features, read as a list of them."""
    spec = call.node.row["extra"].get("degrees_of_freedom_spec")
    features = spec.get("creative_features_spec") if isinstance(spec, dict) else None
    if not isinstance(features, dict):
        return None
    return {"creative_features_spec": [{"key": key, "value": value} for key, value in features.items()]}


def _quality(row: Row) -> dict[str, Any]:
    return {"score": row["quality_score"], "date": int(row["updated_at"])}


def _health_status(call: Call, _field: Field) -> dict[str, Any]:
    row = call.node.row
    return health.describe(call, row["waba_id"], ("MESSAGE_TEMPLATE", row["id"], _trouble(row)))


def _trouble(row: Row) -> health.Trouble:
    if row["status"] != "APPROVED":
        return 141002, "The message template is not approved."
    if row["quality_score"] in {"YELLOW", "RED"}:
        return health.Limited("The quality of the message template is not high.")
    return None


NODE_TYPES["message_template"] = NodeType(
    graph_name="WhatsAppMessageTemplate",
    readers={
        "name": column("name"),
        "language": column("language"),
        "status": column("status"),
        "category": column("category"),
        "components": read_components,
        "parameter_format": column("parameter_format"),
        "rejected_reason": column("rejected_reason"),
        "quality_score": computed(_quality),
        "previous_category": _extra("previous_category"),
        "correct_category": _extra("correct_category"),
        "sub_category": _extra("sub_category"),
        "library_template_name": _extra("library_template_name"),
        "message_send_ttl_seconds": _extra("message_send_ttl_seconds"),
        "cta_url_link_tracking_opted_out": _extra("cta_url_link_tracking_opted_out"),
        "degrees_of_freedom_spec": _creative_features,
        "health_status": _health_status,
    },
    default=(
        "name", "parameter_format", "components", "language", "status", "category", "sub_category",
        "previous_category",
    ),
    scope=MANAGEMENT,
)  # fmt: skip


def show(call: Call, row: Row, fields: tuple[Field, ...]) -> Answer:
    """One message template as an item of a list."""
    return read(replace(call, node=Node("message_template", row["id"], row, row["waba_id"])), fields)
