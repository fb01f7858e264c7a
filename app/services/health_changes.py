"""What became worse, better or other between two checks, in sentences."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.extensions import db
from app.models import AccountHealthLog, CheckState, HealthChange
from app.services.health_lines import CONNECTED, UNANSWERED
from app.services.health_numbers import QUALITY, size_of, size_words

WORSE, BETTER, OTHER = "worse", "better", "other"
_BY_FACT = frozenset({"quality", "name", "limit", "throughput"})
"""Kinds of lines that a number's facts tell of already."""
_RANKS = {CheckState.PASSED: 0, CheckState.WAITING: 0, CheckState.WARNING: 10, CheckState.FAILED: 20}
_QUALITY_RANKS = {"RED": 1, "YELLOW": 2, "GREEN": 3}
_NAMES = {
    "APPROVED": "approved",
    "AVAILABLE_WITHOUT_REVIEW": "approved without a review",
    "DECLINED": "declined",
    "EXPIRED": "expired",
    "PENDING_REVIEW": "under review",
}
_APPROVED = ("APPROVED", "AVAILABLE_WITHOUT_REVIEW")


@dataclass(frozen=True)
class Change:
    key: str
    kind: str
    sentence: str


def note(log: AccountHealthLog, latest: AccountHealthLog | None) -> None:
    """Write down what is different from the last log; the first has nothing to compare with."""
    if latest is None:
        return
    for change in find_changes(log, latest):
        db.session.add(
            HealthChange(
                account_id=log.account_id,
                at=log.checked_at,
                key=change.key,
                kind=change.kind,
                sentence=change.sentence,
                source=log.source,
            )
        )


def find_changes(log: AccountHealthLog, latest: AccountHealthLog) -> Iterator[Change]:
    moved: set[str] = set()
    for meta_id, facts in log.numbers.items():
        before = latest.numbers.get(meta_id)
        if before is not None:
            changes = list(_of_number(meta_id, before, facts))
            moved.update(change.key for change in changes)
            yield from changes
    yield from _of_lines(log, latest, "status" if any(key.startswith("status:") for key in moved) else "")


def _of_number(meta_id: str, before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Change]:
    shown = now.get("shown") or before.get("shown", "")
    for name, compare in _FACTS.items():
        was, is_ = before.get(name, ""), now.get(name, "")
        if was and is_ and was != is_ and (found := compare(shown, was, is_)) is not None:
            yield Change(f"{name.partition('_')[0]}:{meta_id}", *found)


def _status(shown: str, was: str, now: str) -> tuple[str, str]:
    kind = BETTER if now == CONNECTED else WORSE if was == CONNECTED else OTHER
    return kind, f"{shown} was {_words(was)} and is now {_words(now)}"


def _quality(shown: str, was: str, now: str) -> tuple[str, str] | None:
    old, new = _QUALITY_RANKS.get(was), _QUALITY_RANKS.get(now)
    if new is None:
        return (OTHER, f"Quality of {shown} is not rated any more") if old else None
    if old is None:
        return OTHER, f"Quality of {shown} is now rated {QUALITY[now]}"
    is_worse = new < old
    verb = "fell" if is_worse else "rose"
    return WORSE if is_worse else BETTER, f"Quality of {shown} {verb} from {QUALITY[was]} to {QUALITY[now]}"


def _limit(shown: str, was: str, now: str) -> tuple[str, str]:
    return _size("Limit", shown, was, now)


def _throughput(shown: str, was: str, now: str) -> tuple[str, str]:
    return _size("Throughput", shown, was, now)


def _size(what: str, shown: str, was: str, now: str) -> tuple[str, str]:
    old, new = size_of(was), size_of(now)
    if not (old and new):
        return OTHER, f"{what} of {shown} is now {_words(now)}"
    is_worse = new < old
    verb = "fell" if is_worse else "rose"
    kind = WORSE if is_worse else BETTER
    return kind, f"{what} of {shown} {verb} from {size_words(was)} to {size_words(now)}"


def _name(shown: str, was: str, now: str) -> tuple[str, str]:
    kind = BETTER if now in _APPROVED else WORSE if was in _APPROVED or now == "DECLINED" else OTHER
    return kind, f"Name of {shown} is now {_NAMES.get(now, _words(now))}"


_FACTS = {
    "status": _status,
    "quality_rating": _quality,
    "messaging_limit": _limit,
    "throughput_level": _throughput,
    "name_status": _name,
}


def _words(word: str) -> str:
    return word.lower().replace("_", " ")


def _of_lines(log: AccountHealthLog, latest: AccountHealthLog, told: str) -> Iterator[Change]:
    before = {check["key"]: check for check in latest.checks}
    now = {check["key"]: check for check in log.checks}
    for key in (*now, *(key for key in before if key not in now)):
        part = key.partition(":")[0]
        if part in _BY_FACT or (part == "number" and told):
            continue
        if change := _of_line(key, before.get(key), now.get(key)):
            yield change


def _of_line(key: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> Change | None:
    if any(line is not None and line.get("cause") == UNANSWERED for line in (was, now)):
        return None
    old, new = _rank(was), _rank(now)
    if new > old and now is not None:
        return Change(key, WORSE, f"{now['title']}. {now['evidence']}".rstrip(" ."))
    if new < old and was is not None:
        return Change(key, BETTER, _better(key, was, now if new == 0 else None))
    return None


def _better(key: str, was: Mapping[str, Any], now: Mapping[str, Any] | None) -> str:
    if now is None:
        return f"No longer so: {was['title']}. {was['evidence']}".rstrip(" .")
    whose = now["evidence"].partition(". ")[0] if key.partition(":")[0] == "number" else ""
    return f"{now['title']}: {whose}" if whose else str(now["title"])


def _rank(line: Mapping[str, Any] | None) -> int:
    if line is None:
        return 0
    rank = _RANKS[CheckState(line["state"])]
    return rank + int(line.get("weight", 0)) if rank else 0
