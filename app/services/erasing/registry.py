"""What becomes of each table when a person is erased. Every table stands here: a test says so when one is
missing.

A new table with rows about customers needs one line: by which column its rows belong to a contact, and
whether they go at once or stay, emptied, as a count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.models import WITHOUT_THUMBNAIL, MediaState

ERASED = "Erased on the customer's request."


class By(StrEnum):
    """The column by which a table's rows belong to a person."""

    CONTACT = "contact_id"
    CONVERSATION = "conversation_id"
    MESSAGE = "message_id"


@dataclass(frozen=True)
class Gone:
    """Its rows are deleted at once."""

    by: By


@dataclass(frozen=True)
class Emptied:
    """Its rows lose all that tells of the person, and go with the message or contact they belong to when the
    figures of that day are settled. `values`: what the columns are set to.
    """

    by: By
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class ByStep:
    """A step of its own deals with it (work.py). `words`: how."""

    words: str


@dataclass(frozen=True)
class Untouched:
    """Nothing in it is about customers. `why`: what makes sure of that."""

    why: str


Treatment = Gone | Emptied | ByStep | Untouched

_OURS = Untouched("about our own side: accounts, numbers, set-up")
_STAFF = Untouched("about people who work here")
_COUNTS = Untouched("counts only")
_MACHINERY = Untouched("states of processes, without contents")
_WRITTEN_HERE = Untouched("texts that are written here for all customers")
_MEDIA = WITHOUT_THUMBNAIL | {
    "state": MediaState.GONE,
    "reason": ERASED,
    "meta_id": "",
    "file_name": "",
    "sha256": "",
    "store": None,
    "store_key": None,
    "next_attempt_at": None,
    "lease_owner": None,
}
_TRACE: dict[str, Any] = {"reason": ERASED, "steps": [], "pending": {}, "lease_owner": None}

TABLES: dict[str, Treatment] = {
    # The person and what was said.
    "contacts": ByStep("emptied at once, so that whoever writes later is somebody new; deleted at the end"),
    "contact_tags": Gone(By.CONTACT),
    "contact_values": Gone(By.CONTACT),
    "contact_consents": Gone(By.CONTACT),
    "contact_addresses": Gone(By.CONTACT),
    "contact_blocks": Gone(By.CONTACT),
    "contact_joins": ByStep("taken apart with the name; the others stay as they are"),
    "contact_import_rows": ByStep("emptied, and lines that were not taken where they name the person"),
    "contact_imports": ByStep("a file that waits and names the person is let go of"),
    "conversations": ByStep("emptied at once; deleted at the end"),
    "conversation_events": Gone(By.CONVERSATION),
    "conversation_notes": Gone(By.CONVERSATION),
    "conversation_looks": Gone(By.CONVERSATION),
    "conversation_drafts": Gone(By.CONVERSATION),
    "planned_messages": Gone(By.CONVERSATION),
    "read_receipts": Gone(By.CONVERSATION),
    "note_mentions": Gone(By.CONVERSATION),
    "conversation_cases": Gone(By.CONVERSATION),
    "bot_conversations": Gone(By.CONVERSATION),
    "list_change_items": Gone(By.CONVERSATION),
    "list_changes": Untouched("how many conversations, and a tag that is written here; gone after a day"),
    "conversation_views": Untouched("filters without words that were searched for"),
    "conversation_starts": _STAFF,
    "initiated_contacts": Emptied(
        By.CONTACT
    ),  # a time, which Meta's limit of new people a day is counted from
    "whatsapp_messages": ByStep("emptied at once; deleted when the figures of their day are settled"),
    "message_attempts": Emptied(By.MESSAGE, {"error_text": "", "trace_id": ""}),
    "message_status_events": Gone(By.MESSAGE),
    "media_files": Emptied(By.MESSAGE, _MEDIA),
    "bot_traces": Emptied(By.MESSAGE, _TRACE),
    "flow_answers": Emptied(By.MESSAGE, {"answers": {}, "flow_token": "", "problem": ""}),
    "outgoing_files": Gone(By.CONVERSATION),
    "media_chunks": ByStep("deleted with the file"),
    "media_deletions": ByStep("worked off before the erasing ends"),
    # What the search finds by.
    "search_messages": ByStep("deleted, and the words taken out of the index"),
    "search_contacts": ByStep("deleted, and the words taken out of the index"),
    "search_changes": _MACHINERY,
    "search_progress": _MACHINERY,
    # What passed through.
    "whatsapp_webhook_events": ByStep("deleted; where it tells of others too, the person's part is cut out"),
    "webhook_event_keys": ByStep("deleted, or made anew without the person"),
    "outgoing_deliveries": ByStep("deleted where they name the person"),
    "outgoing_attempts": ByStep("deleted with their delivery"),
    "graph_calls": ByStep("question and answer emptied where they name the person or a message of theirs"),
    "repeatable_requests": ByStep("the answer is let go of; the key stays, so that nothing is done twice"),
    "audit_log": ByStep("details are blanked where they name the person; who did what and when stays"),
    "erasures": ByStep("whom to look for is forgotten at the end"),
    # What has nothing of customers in it.
    "whatsapp_business_accounts": _OURS,
    "whatsapp_phone_numbers": _OURS,
    "whatsapp_account_health_logs": _OURS,
    "account_health_alerts": _OURS,
    "account_health_alert_dismissals": _OURS,
    "account_health_changes": _OURS,
    "account_health_signals": _OURS,
    "account_health_watches": _OURS,
    "account_quotas": _OURS,
    "bot_settings": _OURS,
    "mails": _OURS,
    "outgoing_webhooks": _OURS,
    "outgoing_webhook_accounts": _OURS,
    "contact_fields": _OURS,
    "account_desks": _OURS,
    "canned_replies": _WRITTEN_HERE,
    "bot_rules": _WRITTEN_HERE,
    "whatsapp_message_templates": _WRITTEN_HERE,
    "message_template_changes": _WRITTEN_HERE,
    "message_template_families": _WRITTEN_HERE,
    "message_template_files": _WRITTEN_HERE,
    "message_template_tags": _WRITTEN_HERE,
    "message_template_versions": _WRITTEN_HERE,
    "whatsapp_flows": _WRITTEN_HERE,
    "flow_events": _WRITTEN_HERE,
    "knowledge_articles": _WRITTEN_HERE,
    "knowledge_bases": _WRITTEN_HERE,
    "knowledge_imports": _WRITTEN_HERE,
    "knowledge_import_items": _WRITTEN_HERE,
    "knowledge_terms": _WRITTEN_HERE,
    "users": _STAFF,
    "memberships": _STAFF,
    "user_sessions": _STAFF,
    "sign_in_attempts": _STAFF,
    "sign_in_steps": _STAFF,
    "invitations": _STAFF,
    "second_factors": _STAFF,
    "recovery_codes": _STAFF,
    "passkeys": _STAFF,
    "used_challenges": _STAFF,
    "console_rules": _STAFF,
    "teams": _STAFF,
    "team_members": _STAFF,
    "team_places": _STAFF,
    "desk_presences": _STAFF,
    "desk_settings": _STAFF,
    "api_keys": _STAFF,
    "api_key_accounts": _STAFF,
    "api_key_calls": _COUNTS,
    "whatsapp_account_usage_logs": _COUNTS,
    "usage_changes": _COUNTS,
    "usage_dirty_days": _COUNTS,
    "usage_hours": _COUNTS,
    "number_active_hours": _COUNTS,
    "number_paces": _MACHINERY,
    "worker_heartbeats": _MACHINERY,
    "job_runs": _MACHINERY,
}
