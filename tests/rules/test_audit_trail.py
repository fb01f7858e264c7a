"""What changes anything leaves an entry in the audit log (reliability C12)."""

from __future__ import annotations

from typing import Any

from flask import Flask

from app.extensions import db
from app.models import AuditEntry
from tests.rules.walking import UNSAFE, Step, Walker, build_world, changes, everything_stored, steps
from tests.support.factories import Factory

# Rows that say by themselves who, what and when, or that nobody's action decides.
OWN_RECORD = {
    "audit_log",
    "api_keys",  # the last use
    "conversation_events",  # who, what, when
    "conversation_drafts",  # what one person types
    "conversation_notes",
    "conversation_cases",  # who answered and closed, and when
    "desk_presences",  # a page is open: overwritten within a minute
    "desk_settings",  # what a person wants to be told
    "note_mentions",
    "conversation_starts",  # with which view one's own list begins
    "list_changes",  # who, what, when
    "list_change_items",
    "graph_calls",
    "planned_messages",  # each has its sender or key, and its end
    "job_runs",
    "repeatable_requests",
    "sign_in_attempts",
    "whatsapp_account_health_logs",
    "account_health_alerts",  # what a check found
    "account_health_alert_dismissals",  # who put it away, and when
    "account_health_changes",
    "account_health_watches",
    "account_quotas",
    "api_key_calls",
    "outgoing_files",  # whose, and when; what is sent of them is a message
    "whatsapp_messages",  # each has its sender or key
    "message_attempts",
    "read_receipts",  # what customers are shown
    "usage_changes",
    "usage_dirty_days",
    "usage_hours",
    "user_sessions",
}
# Where reading or answering customers only moves these, the messages are the record.
BY_MESSAGE = {"conversations", "contacts", "bot_conversations", "media_files"}
"""What goes with a message that is sent."""


def forms_for(world_ids: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a person would type, by endpoint: enough for the change to happen."""
    account = world_ids["account_id"]
    rights = {"role": "agent", "account_ids": [account]}
    return {
        "settings.save_profile": {"name": "Another name"},
        "settings.set_rights": rights,
        "settings.add_person": {"email": "new@example.com", **rights},
        "settings.create_key": {"name": "Shop", "expires_in": "30", **rights},
        "settings.create_webhook": {
            "url": "https://hooks.example.com/x",
            "description": "Desk",
            "events": ["message.received"],
            "which": "all",
        },
        "bot.switch": {"is_on": "1"},
        "bot.switch_rule": {"is_on": "1"},
        "bot.move_rule": {"by": "1"},
        "console.change_many": {"action": "close", "whole": "1", "desk": "all"},
        "console.save_view": {"name": "Pressing", "unread": "1"},
        "console.start_with_view": {"on": "1"},
        "console.send_text": {"text": "Hello", "body": "Hello"},
    }


def is_walked(step: Step) -> bool:
    return step.method in UNSAFE and step.rule.endpoint not in {"static", "auth.sign_out"}


def in_order(app: Flask) -> list[Step]:
    ending = ("archive", "delete", "discard", "switch-off", "sign-out")
    return sorted(
        filter(is_walked, steps(app)),
        key=lambda step: (step.method == "DELETE" or any(word in step.name for word in ending), step.name),
    )


def test_a_change_by_a_person_or_a_key_is_an_entry(app: Flask, make: Factory) -> None:
    """Every route that writes, each in a state in which it can: no rows but records of their own change
    without exactly one entry of whoever did it."""
    world = build_world(make, "A")
    user = make.user(role="owner", accounts=[])
    walker = Walker(app, user=user, key=make.api_key())
    forms = forms_for(world.ids)
    silent, double, seen = {}, {}, set()
    after = everything_stored()
    for step in in_order(app):
        before, entries = after, count_entries()
        data = forms.get(step.rule.endpoint)
        walker.take(step, world.values_for(step), **({"data": data} if data and not step.is_api else {}))
        after = everything_stored()
        touched = set(changes(before, after)) - OWN_RECORD
        written = count_entries() - entries
        if touched and not written and not touched <= BY_MESSAGE:
            silent[step.name] = sorted(touched)
        if written > 1:
            double[step.name] = written
        if written:
            seen.add(step.name)
    assert silent == {}
    assert double == {}
    assert len(seen) >= 30, sorted(seen)


def count_entries() -> int:
    db.session.rollback()
    return db.session.query(AuditEntry).count()
