"""Message templates at Meta. Source: Meta docs, "Message templates" pages, read 2026-09."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from app.graph import reading
from app.graph.call_info import CallInfo
from app.graph.calls import Answer, Caller, Wire, each, node, succeeded
from app.graph.errors import GraphUnconfirmed
from app.graph.message_template_rules.draft import MessageTemplateDraft
from app.graph.problems import Problem, refuse

FIELDS = (
    "id,name,language,status,category,components,parameter_format,sub_category,previous_category,"
    "correct_category,rejected_reason,quality_score,library_template_name,"
    "message_send_ttl_seconds,cta_url_link_tracking_opted_out"
)
_PAGE = 100
_MOST_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """One language of a message template as Meta has it; enum values are as they came.

    `rejected_reason` is None unless it was rejected (Meta writes "NONE"). What is read is not
    what was written: a media sample comes back as a temporary address, a one-time-code button as
    a URL button.
    """

    message_template_id: str
    name: str
    language: str
    status: str
    category: str
    components: tuple[dict[str, Any], ...] = ()
    parameter_format: str = "POSITIONAL"
    sub_category: str | None = None
    previous_category: str | None = None
    correct_category: str | None = None
    rejected_reason: str | None = None
    quality_score: str | None = None
    quality_changed_at: datetime | None = None
    library_template_name: str | None = None
    message_send_ttl_seconds: int | None = None
    cta_url_link_tracking_opted_out: bool | None = None


@dataclass(frozen=True, slots=True)
class CreatedMessageTemplate:
    """Meta's answer to a submission: usually PENDING; Meta may have chosen another category."""

    message_template_id: str
    status: str | None = None
    category: str | None = None
    info: CallInfo = field(default_factory=CallInfo, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class MessageTemplateFilters:
    """Which message templates to list; None asks for all. Enum values in capitals, as Meta's.

    Whether `name` also finds parts of names is not documented: compare yourself. `since` and
    `until` are UNIX seconds.
    Source: Meta docs, "Message templates" page and Meta's own client, read 2026-09.
    """

    name: str | None = None
    name_or_content: str | None = None
    content: str | None = None
    category: str | None = None
    language: str | None = None
    status: str | None = None
    quality_score: str | None = None
    source: str | None = None
    since: int | None = None
    until: int | None = None

    def to_params(self) -> dict[str, str | int]:
        given = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Unpaused:
    """Whether Meta resumed a message template; `reason` is Meta's word if not."""

    is_resumed: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Moved:
    """Which message templates went into the archive or came out of it, and why others did not."""

    done: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


class MessageTemplates:
    """`client.message_templates`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def create(
        self, waba_id: str, draft: MessageTemplateDraft | Mapping[str, object]
    ) -> CreatedMessageTemplate:
        """Submit for approval: a draft, or a whole body of Meta's form."""
        body = draft.to_body() if isinstance(draft, MessageTemplateDraft) else draft
        return _created(self._call("POST", f"{node(waba_id)}/message_templates", body=body))

    def get(self, message_template_id: str) -> MessageTemplate:
        """One language of a message template by Meta's id."""
        answer = self._call("GET", node(message_template_id), params={"fields": FIELDS})
        return read_message_template({"id": message_template_id, **answer.data})

    def edit(
        self,
        message_template_id: str,
        *,
        components: list[dict[str, Any]] | None = None,
        category: str | None = None,
        parameter_format: str | None = None,
        message_send_ttl_seconds: int | None = None,
        cta_url_link_tracking_opted_out: bool | None = None,
    ) -> bool:
        """Change what is given; name and language can never change.

        Only APPROVED, REJECTED and PAUSED ones; APPROVED ones once in 24 hours and ten times in 30
        days, and never their category. `components` replace the old ones as a whole.
        """
        fields: dict[str, object] = {
            "components": components,
            "category": category,
            "parameter_format": parameter_format,
            "message_send_ttl_seconds": message_send_ttl_seconds,
            "cta_url_link_tracking_opted_out": cta_url_link_tracking_opted_out,
        }
        body = {name: value for name, value in fields.items() if value is not None}
        return succeeded(self._call("POST", node(message_template_id), body=body))

    def delete(self, waba_id: str, name: str, message_template_id: str | None = None) -> bool:
        """Delete all languages of a name, or with an id only that one.

        An approved name cannot be used again for 30 days.
        """
        params = {"name": name}
        if message_template_id is not None:
            params["hsm_id"] = message_template_id
        return succeeded(self._call("DELETE", f"{node(waba_id)}/message_templates", params=params))

    def delete_several(self, waba_id: str, message_template_ids: Sequence[str]) -> bool:
        """Delete up to 100 language versions by Meta's ids."""
        refuse(_check_several(message_template_ids))
        params = {"hsm_ids": json.dumps([node(one) for one in message_template_ids])}
        return succeeded(self._call("DELETE", f"{node(waba_id)}/message_templates", params=params))

    def archive(self, waba_id: str, message_template_ids: Sequence[str]) -> Moved:
        """Put up to 100 away: they cannot be sent, and Meta deletes them 28 days later.

        Source: Meta docs, "Template archiving" page and a client library, read 2026-09: the host
        and the form of the answer (unverified).
        """
        return self._move(waba_id, "archive", message_template_ids, "archived_templates")

    def unarchive(self, waba_id: str, message_template_ids: Sequence[str]) -> Moved:
        """Take up to 100 out of the archive again (see `archive`)."""
        return self._move(waba_id, "unarchive", message_template_ids, "unarchived_templates")

    def _move(self, waba_id: str, action: str, ids: Sequence[str], done: str) -> Moved:
        refuse(_check_several(ids))
        body = json.dumps({"hsm_ids": ",".join(node(one) for one in ids)}).encode()
        wire = Wire(body, {"Content-Type": "application/json"}, is_unversioned=True)
        data = self._call("POST", f"{node(waba_id)}/message_templates/{action}", wire=wire).data
        return Moved(reading.texts(data.get(done)), reading.reasons(data.get("failed_templates")))

    def unpause(self, message_template_id: str) -> Unpaused:
        """Resume one that *pacing* has paused, five minutes after the pause or later."""
        answer = self._call("POST", f"{node(message_template_id)}/unpause", body={})
        return Unpaused(succeeded(answer), reading.text(answer.data.get("reason")))

    def each(
        self, waba_id: str, filters: MessageTemplateFilters | None = None, *, page_size: int = _PAGE
    ) -> Iterator[MessageTemplate]:
        """The account's message templates one by one, a page at a time as they are wanted."""
        params = {"fields": FIELDS, "limit": page_size, **(filters.to_params() if filters else {})}
        for found in each(self._call, f"{node(waba_id)}/message_templates", params):
            yield read_message_template(found)

    def list(
        self, waba_id: str, filters: MessageTemplateFilters | None = None
    ) -> builtins.list[MessageTemplate]:
        """All message templates of the account (that pass the filters), over all pages."""
        return [*self.each(waba_id, filters)]


def _check_several(message_template_ids: Sequence[str]) -> list[Problem]:
    if 1 <= len(message_template_ids) <= _MOST_AT_ONCE:
        return []
    return [Problem("hsm_ids", f"1 to {_MOST_AT_ONCE} can be named in one go.", "out_of_range")]


def read_message_template(found: Mapping[str, Any]) -> MessageTemplate:
    """Read a message-template node."""
    quality = reading.mapping(found.get("quality_score"))
    reason = reading.text(found.get("rejected_reason"))
    return MessageTemplate(
        message_template_id=reading.text(found.get("id")) or "",
        name=reading.text(found.get("name")) or "",
        language=reading.text(found.get("language")) or "",
        status=reading.text(found.get("status")) or "",
        category=reading.text(found.get("category")) or "",
        components=tuple(reading.mappings(found.get("components"))),
        parameter_format=(reading.text(found.get("parameter_format")) or "POSITIONAL").upper(),
        sub_category=reading.text(found.get("sub_category")),
        previous_category=reading.text(found.get("previous_category")),
        correct_category=reading.text(found.get("correct_category")),
        rejected_reason=None if reason == "NONE" else reason,
        quality_score=reading.text(quality.get("score")),
        quality_changed_at=reading.moment(quality.get("date")),
        library_template_name=reading.text(found.get("library_template_name")),
        message_send_ttl_seconds=reading.integer(found.get("message_send_ttl_seconds")),
        cta_url_link_tracking_opted_out=reading.boolean(found.get("cta_url_link_tracking_opted_out")),
    )


def _created(answer: Answer) -> CreatedMessageTemplate:
    message_template_id = reading.text(answer.data.get("id"))
    if message_template_id is None:
        raise GraphUnconfirmed(
            "Meta's answer names no message template",
            details="It may have been created: synchronise before submitting again.",
            http_status=answer.info.http_status,
            info=answer.info,
        )
    return CreatedMessageTemplate(
        message_template_id=message_template_id,
        status=reading.text(answer.data.get("status")),
        category=reading.text(answer.data.get("category")),
        info=answer.info,
    )
