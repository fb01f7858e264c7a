"""The thread as the phone shows it: only what arrived, one Bubble per message, reactions hung on theirs."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from .. import clock
from ..context import Sandbox
from ..database import Row
from ..store import messages
from . import contents
from .actions import Part
from .chat import Chat
from .contents import Bubble

MOST_BUBBLES = 200
# What the customer does to an earlier message, not one of its own.
DEEDS = {"reaction", "edit", "revoke"}
DELETED = "You deleted this message"


def thread(sandbox: Sandbox, chat: Chat) -> list[Bubble]:
    """Oldest first."""
    rows = _arrived(_rows(sandbox, chat))
    by_wamid = {row["wamid"]: row for row in rows}
    chosen = _chosen(rows)
    bubbles = {
        row["wamid"]: _bubble(sandbox, row, by_wamid, chosen.get(row["wamid"], set()))
        for row in rows
        if row["type"] not in DEEDS
    }
    for row in rows:
        if row["type"] in DEEDS:
            _do(bubbles, row)
    shown = list(bubbles.values())
    _mark_lines(shown)
    return shown


def _mark_lines(shown: list[Bubble]) -> None:
    """Where a day and where the unread ones begin: a line stands before the first only."""
    for before, bubble in zip([None, *shown], shown, strict=False):
        bubble.starts_day = before is None or before.day != bubble.day
    if first := next((bubble for bubble in shown if bubble.is_unread), None):
        first.starts_unread = True


def never_arrived(sandbox: Sandbox, chat: Chat, most: int = 5) -> list[Row]:
    """Messages of the business that failed, newest first, with `summary` and `why`."""
    rows = [row for row in _rows(sandbox, chat) if row["status"] == "failed" and row["error"]]
    return [
        row | {"summary": summary(sandbox, row), "why": f"{row['error']['title']} ({row['error']['code']})"}
        for row in rows[::-1][:most]
    ]


def _rows(sandbox: Sandbox, chat: Chat) -> list[Row]:
    return messages.list_thread(sandbox.db, chat.number["id"], chat.customer.wa_id, MOST_BUBBLES)


def _arrived(rows: Iterable[Row]) -> list[Row]:
    """Failed and held-back messages never reach a phone. Of a reaction only `sent` is ever reported."""
    return [row for row in rows if row["direction"] == "inbound" or _has_arrived(row)]


def _has_arrived(row: Row) -> bool:
    if row["status"] == "failed":
        return False
    moments = ("sent_at",) if row["type"] == "reaction" else ("delivered_at", "read_at")
    return any(row[moment] is not None for moment in moments)


def _do(bubbles: dict[str, Bubble], row: Row) -> None:
    content = row["payload"].get(row["type"]) or {}
    target = bubbles.get(str(content.get("message_id") or content.get("original_message_id")))
    if target is None:
        return
    if row["type"] == "reaction":
        target.reactions["mine" if row["direction"] == "inbound" else "theirs"] = str(
            content.get("emoji") or ""
        )
    elif row["type"] == "revoke":
        target.clear(DELETED)
    elif not target.is_deleted:
        target.text, target.is_edited = contents.text_of(content.get("message") or {}), True


def _chosen(rows: list[Row]) -> dict[str, set[str]]:
    """wamid of a business message → what the customer tapped under it, by id or payload."""
    chosen: dict[str, set[str]] = {}
    for row in rows:
        if row["direction"] == "inbound" and (key := contents.reply_key(row["payload"])):
            target = str((row["payload"].get("context") or {}).get("id"))
            chosen.setdefault(target, set()).add(key)
    return chosen


def _bubble(sandbox: Sandbox, row: Row, by_wamid: dict[str, Row], chosen: set[str]) -> Bubble:
    is_mine = row["direction"] == "inbound"
    bubble = Bubble(row["wamid"], is_mine, row["created_at"])
    if is_mine:  # a phone shows ticks on its own messages only
        bubble.tick = "read" if row["status"] == "read" else "delivered"
        bubble.is_editable = row["type"] == "text" and clock.now() - row["created_at"] < contents.EDIT_S
        bubble.is_deletable = clock.now() - row["created_at"] < contents.DELETE_S
    bubble.is_unread = not is_mine and row["status"] == "delivered"
    payload = row["payload"]
    bubble.day = _day(row["created_at"])
    _quote(sandbox, bubble, payload, by_wamid)
    contents.fill(sandbox.db, bubble, payload, chosen)
    return bubble


def _day(at: float) -> str:
    day = datetime.fromtimestamp(at, UTC).astimezone().date()
    today = datetime.fromtimestamp(clock.now(), UTC).astimezone().date()
    if day in {today, today - timedelta(days=1)}:
        return "Today" if day == today else "Yesterday"
    return day.strftime("%-d %B" if day.year == today.year else "%-d %B %Y")


def _quote(sandbox: Sandbox, bubble: Bubble, payload: Part, by_wamid: dict[str, Row]) -> None:
    """A tap stands under its message already, but the phone quotes it all the same."""
    context = payload.get("context") or {}
    target = by_wamid.get(str(context.get("id") or context.get("message_id")))
    if target is not None:
        bubble.quote = summary(sandbox, target)[:80]
        bubble.quoted_wamid = target["wamid"]
        bubble.is_quote_mine = target["direction"] == "inbound"


def summary(sandbox: Sandbox, row: Row) -> str:
    """One line about a message."""
    return contents.summary(sandbox.db, row)
