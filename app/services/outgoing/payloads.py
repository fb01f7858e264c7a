"""What is posted: `{"id", "type", "timestamp", "data"}`, and in `data` fields of the JSON API's own objects,
under the same names. The whole object is at the JSON API under its id.
"""

from __future__ import annotations

import json
import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy.engine import Row

from app.models import Account, Direction, MessageTemplate, OutgoingEvent
from app.services.failures import explain_failure, failure_fields
from app.services.message_marks import PHONE_APP, content_of, marks_of

_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def new_event_id() -> str:
    return f"evt_{uuid.uuid4().hex}"


def body_of(event_id: str, event: OutgoingEvent, at: datetime, data: dict[str, Any]) -> str:
    return _JSON.encode({"id": event_id, "type": event.value, "timestamp": _moment(at), "data": data})


def received_message(row: Row[Any]) -> dict[str, Any]:
    """All that came in; a file's bytes are fetched a moment later and are at the JSON API."""
    return {
        **_head(row),
        "text_content": row.text_content,
        "content": content_of(row.message_type, row.content),
        **marks_of(row.content, row.context_wamid),
        "created_at": _moment(row.created_at),
    }


def message_status(row: Row[Any]) -> dict[str, Any]:
    """Without the words: they are known to whoever sent them."""
    return {
        **_head(row),
        "error": failure_fields(explain_failure(cast(Any, row))),
        "created_at": _moment(row.created_at),
        "sent_at": _moment(row.sent_at),
        "delivered_at": _moment(row.delivered_at),
        "read_at": _moment(row.read_at),
        "failed_at": _moment(row.failed_at),
    }


def _head(row: Row[Any]) -> dict[str, Any]:
    ours = {"phone_number": row.our_number, "user_id": None}
    theirs = {"phone_number": f"+{row.wa_id}" if row.wa_id else None, "user_id": row.user_id}
    sender, recipient = (ours, theirs) if row.direction is Direction.OUTBOUND else (theirs, ours)
    return {
        "id": row.id,
        "waba_account_id": row.account_id,
        "phone_number_id": row.phone_number_id,
        "wamid": row.wamid,
        "direction": row.direction.value,
        "status": row.status.value,
        "message_type": row.message_type,
        "to_phone_number": recipient["phone_number"],
        "to_user_id": recipient["user_id"],
        "from_phone_number": sender["phone_number"],
        "from_user_id": sender["user_id"],
        "from_phone_app": PHONE_APP in row.content,
    }


def message_template_status(row: MessageTemplate) -> dict[str, Any]:
    return {
        "id": row.id,
        "waba_account_id": row.account_id,
        "meta_id": row.meta_id,
        "name": row.name,
        "language": row.language,
        "category": row.category,
        "status": row.status.value,
        "rejected_reason": row.rejected_reason,
        "status_changed_at": _moment(row.status_changed_at),
    }


def account_health(account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "name": account.name,
        "waba_id": account.meta_id,
        "status": account.status.value,
        "attention_reason": account.attention_reason,
    }


def _moment(at: datetime | None) -> str | None:
    """As the JSON API shows a moment."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
