"""Lines of the check list about the account as a whole: Meta's verdicts on it, its message templates, what
waits here.

Source: Meta docs, "WhatsApp Business account" and "Messaging health status" pages, read 2026-09.
"""

from __future__ import annotations

from datetime import timedelta

from app.graph.health import HealthEntity
from app.models import Account, AuditEntry, CheckState, MessageTemplate, MessageTemplateStatus, utcnow
from app.queries import health as queries
from app.queries.message_template_history import list_announced
from app.services.health_lines import SHOW_TEMPLATES, CheckLine, Probe, at_words, failed, passed
from app.services.health_numbers import reasons
from app.services.mail import outbox
from app.services.message_template_life import announced_note, without_code

MESSAGE_TEMPLATE = "message_template"
RESTRICTED = "Account is restricted"
_WAITS_TOO_LONG = timedelta(minutes=5)
_REVIEWS = {
    "REJECTED": "Meta’s review has rejected the account.",
    "LIMIT_REACHED": "Meta’s review says that a limit is reached.",
    "RESTRICTED": "Meta’s review has restricted the account.",
}
_MESSAGE_TEMPLATE_WORDS = {
    MessageTemplateStatus.PAUSED: (
        "Message template is paused",
        "Meta has paused it for low quality.",
        "Wait until Meta lifts the pause, and change its words before it is sent to many people again.",
        "Messages with it are refused until then; the third pause disables it.",
    ),
    MessageTemplateStatus.DISABLED: (
        "Message template is disabled",
        "Meta has disabled it for low quality.",
        "Write a new message template, with other words, and use that one.",
        "Messages with it are refused for good.",
    ),
    MessageTemplateStatus.REJECTED: (
        "Message template was rejected",
        "Meta’s review has rejected it.",
        "Open it, read Meta’s reason, correct it and submit it again.",
        "It cannot be sent.",
    ),
}


def check_account(probe: Probe) -> CheckLine:
    """Status, review and health of the WABA and of what stands above it."""
    waba = probe.waba = probe.connection.client().accounts.get(probe.connection.waba_id)
    above = [
        one for one in (waba.health.entities if waba.health else ()) if one.entity_type != "PHONE_NUMBER"
    ]
    blocked = [one for one in above if one.can_send_message == "BLOCKED"]
    limited = [one for one in above if one.can_send_message == "LIMITED"]
    why, solution = reasons(blocked or limited)
    if waba.status == "DISABLED":
        return failed(
            "account",
            "Account is disabled",
            f"Meta has disabled it. {why}".strip(),
            "Open the account in Meta’s Business Support Home, see why, and ask for a review there.",
        )
    review = _REVIEWS.get(waba.account_review_status or "", "")
    restricted = "Meta has restricted the account." if waba.status == "RESTRICTED" else ""
    if restricted or review or blocked:
        said = " ".join(filter(None, (restricted, review, why)))
        title = RESTRICTED if restricted else "Account may not send at present"
        return _trouble(title if restricted or blocked else "Account was not approved", said, solution, 2)
    if limited:
        return _trouble("Account may send only some messages", _with_names(limited, why), solution, 0)
    pending = " Its review is under way." if waba.account_review_status == "PENDING" else ""
    return passed("account", "Account is in order", f"Meta lets it send.{pending}")


def _trouble(title: str, said: str, solution: str, weight: int) -> CheckLine:
    return CheckLine(
        "account",
        title,
        CheckState.WARNING,
        said or "Meta does not say why.",
        solution or "Open the account in Meta’s Business Support Home and see what Meta asks for.",
        cause=f"{title}: {said}",
        weight=weight,
    )


def _with_names(entities: list[HealthEntity], why: str) -> str:
    kinds = {"BUSINESS": "the portfolio", "WABA": "the account", "APP": "the app"}
    named = ", ".join(dict.fromkeys(kinds.get(one.entity_type, one.entity_type) for one in entities))
    return f"Meta limits {named}. {why}".strip()


def own_lines(account: Account) -> list[CheckLine]:
    """From our own records: message templates that cannot be sent, and work that waits too long."""
    templates = queries.list_troubled_message_templates(account.id)
    lines = [_message_template_line(row) for row in templates]
    moving = queries.list_moving_message_templates(account.id)
    announced = list_announced(moving)
    lines += [_category_line(row, announced.get(row.id)) for row in moving]
    rest = (_queue_line(account), _mail_line(account))
    return [*lines, *(line for line in rest if line is not None)]


def _message_template_line(row: MessageTemplate) -> CheckLine:
    title, said, what_to_do, why = _MESSAGE_TEMPLATE_WORDS[row.status]
    is_paused = row.status is MessageTemplateStatus.PAUSED
    words = without_code(row.rejected_reason) if is_paused else row.rejected_reason
    reason = f" Meta’s reason: {words.rstrip('.')}." if words else ""
    return CheckLine(
        f"{MESSAGE_TEMPLATE}:{row.id}",
        title,
        CheckState.WARNING,
        f"{row.name} ({row.language}): {said}{reason}",
        what_to_do,
        action=SHOW_TEMPLATES,
        why=why,
        cause=row.status.value,
        weight=int(row.status is MessageTemplateStatus.DISABLED),
    )


def _category_line(row: MessageTemplate, entry: AuditEntry | None) -> CheckLine:
    note = announced_note(row, entry)
    moved = f"from {note.before} to {note.after}" if note else "to another category"
    when = f" on {at_words(note.at)}" if note and note.at else ""
    return CheckLine(
        f"{MESSAGE_TEMPLATE}:{row.id}:category",
        "Message template gets another category",
        CheckState.WARNING,
        f"{row.name} ({row.language}): Meta moves it {moved}{when}.",
        "Change its words if they read otherwise than meant, or ask for a review in Meta’s WhatsApp Manager.",
        action=SHOW_TEMPLATES,
        why="From then on messages with it cost the rate of that category.",
        cause=row.correct_category,
    )


def _queue_line(account: Account) -> CheckLine | None:
    oldest = queries.find_oldest_waiting(account.id, utcnow() - _WAITS_TOO_LONG)
    waiting = []
    if oldest.message_due_at is not None:
        waiting.append(f"A message to a customer has been due since {at_words(oldest.message_due_at)}.")
    if oldest.event_received_at is not None:
        at = at_words(oldest.event_received_at)
        waiting.append(f"An event of Meta’s has waited since {at} to be worked off.")
    if not waiting:
        return None
    return CheckLine(
        "queue",
        "Work waits too long",
        CheckState.WARNING,
        " ".join(waiting),
        "Check that a worker runs (doctor says so). If one does, it has too much to do: start another.",
        action="",
        why="Customers get their answers late.",
    )


def _mail_line(account: Account) -> CheckLine | None:
    """Without addresses and the server's words: more people read this than may read the mail page."""
    given_up = outbox.list_given_up(account.id)
    if not given_up:
        return None
    count = f"{len(given_up)} e-mails" if len(given_up) > 1 else "An e-mail"
    last = given_up[0].finished_at or given_up[0].created_at
    return CheckLine(
        "mail",
        "E-mails do not get through",
        CheckState.WARNING,
        f"{count} about this account could not be delivered, the last one was given up {at_words(last)}.",
        "Under Settings, Mail, an owner finds what the mail server said, and can send a test.",
        action="",
        why="Whoever should hear of this account does not, or not by e-mail.",
    )
