"""What was done to many conversations at once, in words."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import ListAction, ListChange
from app.services.list_undo import can_undo

_DONE = {
    ListAction.ASSIGN: "assigned",
    ListAction.CLOSE: "closed",
    ListAction.REOPEN: "open again",
    ListAction.ADD_TAG: "tagged",
    ListAction.REMOVE_TAG: "without the tag now",
    ListAction.MARK_READ: "marked as read",
    ListAction.MARK_UNREAD: "marked as unread",
    ListAction.BOT_ON: "given back to the bot",
    ListAction.BOT_OFF: "taken over from the bot",
}


@dataclass(frozen=True)
class Done:
    """`what` happened, `rest`: what could not be; `can_undo`: now."""

    id: int
    what: str
    rest: str
    can_undo: bool


def done_words(change: ListChange) -> Done:
    if change.undone_at is not None:
        return Done(change.id, *_undone(change), can_undo=False)
    done = _DONE[change.action]
    if change.action is ListAction.ASSIGN and change.details.get("user_id") is None:
        done = "assigned to nobody"
    what = f"{_many(change.changed)} {done}." if change.changed else "Nothing was changed."
    return Done(change.id, what, _skipped(change), can_undo(change))


def _undone(change: ListChange) -> tuple[str, str]:
    stayed = f"{_many(change.kept)} had changed since, or could not go back, and stayed so."
    rest = stayed if change.kept else ""
    return f"Undone: {_many(change.restored)} as before.", rest


def _skipped(change: ListChange) -> str:
    total = sum(change.skipped.values())
    if not total:
        return ""
    reasons = ", ".join(f"{why} ({count:,})" for why, count in sorted(change.skipped.items()))
    return f"{total:,} could not be: {reasons}."


def _many(count: int) -> str:
    return f"{count:,} conversation{'' if count == 1 else 's'}"
