"""Message templates: list, create, read, edit, delete. Source: Meta docs, "Templates" pages, read 2026-03."""

from typing import Any

from .. import clock, magic
from ..database import Database, Row
from ..store import message_templates
from ..webhooks import pauses, reviews, template_news
from . import (
    conditions,
    errors,
    message_template_fields,
    message_template_library,
    message_template_rules,
    uploads,
)
from .fields import parse
from .message_template_texts import refuse
from .nodes import read
from .paging import page, wants_summary
from .registry import MANAGEMENT, Answer, Call, Node, edge, finder

DAY_S = 86_400.0
UNVERIFIED_LIMIT = 250
MOST_EDITS_A_DAY, MOST_EDITS_A_MONTH = 1, 10
EDITABLE_STATUSES = ("APPROVED", "REJECTED", "PAUSED")
HOUR_S = 3600.0
STRUCTURES = (
    "components", "degrees_of_freedom_spec", "library_template_button_inputs", "library_template_body_inputs",
)  # fmt: skip
EDITABLE = (
    "category",
    "components",
    "message_send_ttl_seconds",
    "parameter_format",
    "cta_url_link_tracking_opted_out",
)


@finder
def find_message_template(db: Database, node_id: str) -> Node | None:
    row = message_templates.find(db, node_id)
    return None if row is None else Node("message_template", node_id, row, row["waba_id"])


@edge("waba", "message_templates", "GET", scope=MANAGEMENT)
def list_templates(call: Call) -> Answer:
    rows = [row for row in message_templates.list_of(call.db, call.node.id) if _matches(call, row)]
    fields = parse(call.params.text("fields"))
    answer = page(call, rows, [message_template_fields.show(call, row, fields) for row in rows])
    if wants_summary(call):
        answer["summary"] = {
            "total_count": len(rows),
            "message_template_count": len(message_templates.list_of(call.db, call.node.id)),
            "message_template_limit": _limit(call),
            "are_translations_complete": True,
        }
    return answer


@edge("message_template", "", "GET", scope=MANAGEMENT)
def get_template(call: Call) -> Answer:
    return read(call)


@edge("waba", "message_templates", "POST", scope=MANAGEMENT)
def create_template(call: Call) -> Answer:
    body = _body(call)
    message_template_rules.check_creation(body)
    is_from_library = bool(body.get("library_template_name")) and message_template_library.fill(body)
    _check_handles(call, body["components"])
    _check_unique(call, body)
    _count_creation(call)
    if body["category"] == "UTILITY" and magic.is_recategorised_name(body["name"]):
        body["category"] = "MARKETING"
    # Authentication templates, and items of the library, are usually approved at once.
    is_instant = is_from_library or body["category"] == "AUTHENTICATION"
    is_instant = is_instant and not magic.is_rejected_name(body["name"], 0)
    row = message_templates.insert(
        call.db, call.node.id, body, status="APPROVED" if is_instant else "PENDING"
    )
    if is_instant:
        template_news.announce(call.sandbox, row["id"], "APPROVED", "NONE")
    else:
        reviews.schedule(call.sandbox, row["id"])
    return {"id": row["id"], "status": row["status"], "category": row["category"]}


@edge("message_template", "", "POST", scope=MANAGEMENT)
def edit_template(call: Call) -> Answer:
    row = call.node.row
    changes = {name: value for name, value in _body(call).items() if name in EDITABLE}
    _check_editable(row, changes)
    body = {name: row[name] for name in ("name", "language", "category", "parameter_format", "components")}
    body |= row["extra"] | changes
    message_template_rules.check_creation(body)
    if "components" in changes:
        _check_handles(call, body["components"])
    _save_edit(call, row, body)
    return {"success": True, "id": row["id"], "name": row["name"], "category": body["category"]}


@edge("waba", "message_templates", "DELETE", scope=MANAGEMENT)
def delete_templates(call: Call) -> Answer:
    """By name (all languages), by `hsm_id` and name (one), or by `hsm_ids`."""
    for row in _rows_to_delete(call):
        if row["status"] == "DISABLED":
            raise refuse(2388039, "Message template cannot be deleted", "A disabled message template stays.")
        message_templates.delete(call.db, row["id"])
    return {"success": True}


@edge("message_template", "unpause", "POST", scope=MANAGEMENT)
def unpause(call: Call) -> Answer:
    """Source: Meta docs, "Template pausing" page, read 2026-09: only of pacing, five minutes after it."""
    with call.db.write():
        reason = pauses.hindrance(call.sandbox, call.node.row)
        if reason is not None:
            return {"success": False, "reason": reason}
        pauses.unpause(call.sandbox, call.node.row)
    return {"success": True}


def _matches(call: Call, row: Row) -> bool:
    """Name: exact (whether Meta also matches parts is not documented)."""
    name, text = call.params.text("name"), call.params.text("name_or_content") or call.params.text("content")
    if name and row["name"] != name:
        return False
    if text and text.lower() not in f"{row['name']} {row['components']}".lower():
        return False
    for key in ("category", "language", "status", "quality_score"):
        wanted = call.params.words(key)
        if wanted and row[key] not in wanted:
            return False
    return True


def _body(call: Call) -> dict[str, Any]:
    return {
        name: call.params.opened(name) if name in STRUCTURES else value
        for name, value in call.params.values.items()
    }


def _check_handles(call: Call, components: list[dict[str, Any]]) -> None:
    """Samples of media headers, those of cards too, must be uploaded files of the right kind."""
    for part in components:
        form = str(part.get("format"))
        if part["type"] == "HEADER" and form in uploads.HEADER_TYPES:
            message_template_rules.check_handle(part)
            handle = str(part["example"]["header_handle"][0])
            uploads.check_handle(call, handle, uploads.HEADER_TYPES[form], "header_handle")
        for card in part["cards"] if part["type"] == "CAROUSEL" else []:
            _check_handles(call, card["components"])


def _count_creation(call: Call) -> None:
    used = call.sandbox.limiter.count(("creations", call.node.id), clock.now(), HOUR_S)
    if used > call.sandbox.settings.message_template_creations_per_hour:
        raise errors.GraphError(80007, details="Too many message templates were created within an hour.")


def _check_unique(call: Call, body: dict[str, Any]) -> None:
    name, language, waba_id = body["name"], body["language"], call.node.id
    if message_templates.find_version(call.db, waba_id, name, language) is not None:
        raise refuse(
            2388024,
            "Content in This Language Already Exists",
            f"There is already {language} content for this message template. Create another one or edit it.",
        )
    if message_templates.is_name_locked(call.db, waba_id, name, language):
        raise refuse(
            2388023,
            "Message Template Language Is Being Deleted",
            f"New {language} content can't be added while the existing {language} content is being deleted. "
            "Try again in 4 weeks or create a new message template.",
        )
    others = message_templates.list_named(call.db, waba_id, name)
    if others and others[0]["category"] != body["category"]:
        raise refuse(
            None,
            "Template Category Doesn't Match",
            f"The category must be {others[0]['category']}, like its other languages.",
        )
    if len(message_templates.list_of(call.db, waba_id)) >= _limit(call):
        raise refuse(
            2388019, "Message Template Limit Exceeded", "Delete message templates that are not used."
        )


def _limit(call: Call) -> int:
    """How many an account may have; few while its business is not verified.

    Source: Meta docs, "Templates" page, read 2026-03.
    """
    most = call.sandbox.settings.message_template_limit
    is_unverified = conditions.business_limit(call, call.node.id) is not None
    return min(most, UNVERIFIED_LIMIT) if is_unverified else most


def _check_editable(row: Row, changes: dict[str, Any]) -> None:
    if not changes:
        raise errors.invalid(f"One of {', '.join(EDITABLE)} is required.")
    if row["status"] not in EDITABLE_STATUSES:
        raise refuse(2388039, "Message template cannot be edited", f"Its status is {row['status']}.")
    if row["status"] != "APPROVED":
        return
    if changes.get("category", row["category"]) != row["category"]:
        raise refuse(2388039, "Category cannot be changed", "The message template is approved.")
    day = sum(at > clock.now() - DAY_S for at in row["edited_at"])
    month = sum(at > clock.now() - 30 * DAY_S for at in row["edited_at"])
    if day >= MOST_EDITS_A_DAY or month >= MOST_EDITS_A_MONTH:
        raise refuse(
            2388039,
            "Message template edited too often",
            "An approved one: once a day, 10 times a month.",
        )


def _save_edit(call: Call, row: Row, body: dict[str, Any]) -> None:
    """APPROVED and PAUSED ones are approved again; others, or with another category, are reviewed."""
    is_reviewed = row["status"] == "REJECTED" or body["category"] != row["category"]
    message_templates.update(
        call.db,
        row["id"],
        category=body["category"],
        components=body["components"],
        parameter_format=body["parameter_format"],
        extra={key: body[key] for key in message_templates.EXTRA_KEYS if key in body},
        edited_at=[*row["edited_at"], clock.now()],
        rejected_reason="NONE",
        status="PENDING" if is_reviewed else "APPROVED",
    )
    if is_reviewed:
        reviews.schedule(call.sandbox, row["id"])
    else:
        template_news.announce(call.sandbox, row["id"], "APPROVED", "NONE")


def _rows_to_delete(call: Call) -> list[Row]:
    name, one, several = call.params.text("name"), call.params.text("hsm_id"), call.params.words("hsm_ids")
    rows = message_templates.list_of(call.db, call.node.id)
    if several:
        found = [row for row in rows if row["id"] in several]
    elif not name:
        raise errors.required("name")
    else:
        found = [row for row in rows if row["name"] == name and one in (None, row["id"])]
    if not found:
        raise refuse(None, "Message template not found", "There is no message template with this name or id.")
    return found
