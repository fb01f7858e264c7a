"""Lines of the check list about numbers: state, quality, limit, throughput, name, and Meta's own reasons.

Source: Meta docs, "Phone numbers", "Messaging limits" and "Messaging health status", read 2026-09.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.graph.health import HealthEntity
from app.models import CheckState
from app.services.health_lines import CONNECTED, CheckLine, Probe, failed, passed
from app.services.setup_checks import Number, find_number

FACTS = ("status", "quality_rating", "messaging_limit", "throughput_level", "name_status")
QUALITY = {"GREEN": "high", "YELLOW": "medium", "RED": "low"}
_LIMITS = {"TIER_UNLIMITED": "No limit of people a day.", "UNTIERED": ""}
_THROUGHPUT = {"STANDARD": "80 messages a second.", "HIGH": "1,000 messages a second."}
# Connected, but not free to send everything.
_HELD_BACK = {
    "RESTRICTED": "Meta has restricted it",
    "RATE_LIMITED": "Meta lets it send only slowly",
    "FLAGGED": "Meta has flagged it for low quality",
}
_REFUSED_NAMES = {"DECLINED": "declined", "EXPIRED": "let expire"}
_BLOCKED = "BLOCKED"


def check_number(probe: Probe) -> CheckLine:
    """The number that the set-up names: without it the account does not work."""
    connection = probe.connection
    probe.numbers = connection.client().accounts.list_phone_numbers(connection.waba_id)
    probe.has_numbers = True
    number = find_number(probe.numbers, connection.phone_number_id)
    if number is None:
        return _missing("number", connection.phone_number_id)
    return _state_line("number", number, connection.phone_number)


def further_lines(probe: Probe, known: Mapping[str, str], before: Mapping[str, Any]) -> list[CheckLine]:
    """All other lines about numbers. `known`: ours, Meta's id and how it is written. `before`: the last log's
    lines, by key. A further number in trouble is a warning: the others still send."""
    lines: list[CheckLine] = []
    for meta_id, written in known.items():
        number = find_number(probe.numbers, meta_id)
        if meta_id != probe.connection.phone_number_id:
            key = f"number:{meta_id}"
            line = _state_line(key, number, written) if number else _missing(key, meta_id)
            is_bad = line.state is CheckState.FAILED
            lines.append(replace(line, state=CheckState.WARNING, weight=1) if is_bad else line)
        if number is not None:
            found = (_quality_line(number, written), _name_line(number, written))
            lines += [line for line in found if line is not None]
            lines += _fallen_lines(number, written, before)
    return lines


def _missing(key: str, meta_id: str) -> CheckLine:
    return failed(
        key,
        "Number is not in this account",
        f"Meta does not list the number with the ID {meta_id} any more.",
        "Check in WhatsApp Manager which account it is in, and correct step 1 or 2.",
    )


def _state_line(key: str, number: Number, written: str) -> CheckLine:
    shown = number.display_phone_number or written
    status = number.status or ""
    if status in _HELD_BACK:
        return _held_back(key, shown, number)
    if status != CONNECTED:
        return _not_connected(key, shown, status)
    # What blocks account, portfolio or app is said in the account's line.
    own = [one for one in _entities(number) if one.entity_type == "PHONE_NUMBER"]
    if any(one.can_send_message == _BLOCKED for one in own) or (not own and _is_blocked(number)):
        return _blocked(key, shown, own)
    name = QUALITY.get(number.quality_rating or "")
    facts = (
        f"{shown}.",
        f"Quality {name}." if name else "Not rated yet.",
        limit_words(number),
        _THROUGHPUT.get(number.throughput_level or "", ""),
    )
    return passed(key, "Number is registered", " ".join(filter(None, facts)))


def _not_connected(key: str, shown: str, status: str) -> CheckLine:
    if status == "BANNED":
        return failed(
            key,
            "Number is banned",
            f"Meta has banned {shown}.",
            "Open the number in WhatsApp Manager, see what Meta says about it, and ask for a review there.",
        )
    return failed(
        key,
        "Number is not registered",
        f"Meta says that {shown} is {(status or 'not ready').lower().replace('_', ' ')}.",
        "Open the number in WhatsApp Manager, verify it if asked, and register it for the Cloud API.",
    )


def _held_back(key: str, shown: str, number: Number) -> CheckLine:
    status = number.status or ""
    notes = " ".join(note for one in _entities(number) for note in one.notes)
    title = "Number is restricted" if status == "RESTRICTED" else "Number is held back"
    return CheckLine(
        key,
        title,
        CheckState.WARNING,
        " ".join(filter(None, (f"{shown}: {_HELD_BACK[status]}.", notes))),
        "Open the number in WhatsApp Manager, see what Meta asks for, and send no campaigns until then.",
        why="Some messages are refused, and going on as before can end in a ban.",
        cause=status,
    )


def _blocked(key: str, shown: str, entities: list[HealthEntity]) -> CheckLine:
    words, solution = reasons(entities)
    return CheckLine(
        key,
        "Number may not send at present",
        CheckState.WARNING,
        f"{shown} is registered, but Meta holds its messages back. {words or 'Meta does not say why.'}",
        solution or "Open the account in WhatsApp Manager and see what Meta asks for.",
        why="Every message from this number is refused until this is mended.",
        cause=" ".join(str(problem.code) for one in entities for problem in one.problems),
        weight=1,
    )


def reasons(entities: list[HealthEntity]) -> tuple[str, str]:
    """(why, what to do) in Meta's words."""
    problems = [problem for entity in entities for problem in entity.problems]
    notes = [note for entity in entities for note in entity.notes]
    why = " ".join([*(problem.description for problem in problems), *notes])
    return why, " ".join(problem.solution for problem in problems if problem.solution)


def _entities(number: Number) -> list[HealthEntity]:
    return list(number.health.entities) if number.health else []


def _is_blocked(number: Number) -> bool:
    return number.health is not None and number.health.can_send_message == _BLOCKED


def _quality_line(number: Number, written: str) -> CheckLine | None:
    quality = number.quality_rating or ""
    if quality not in {"YELLOW", "RED"}:
        return None
    return CheckLine(
        f"quality:{number.phone_number_id}",
        f"Quality is {QUALITY[quality]}",
        CheckState.WARNING,
        f"{number.display_phone_number or written}: of late, customers blocked, reported or muted it.",
        "Send only what customers asked for, at most as often as they expect, and offer a way to stop. Look "
        "at which message templates were sent in these days.",
        why="With low quality the limit of people a day does not rise, and Meta may restrict the number.",
        cause=quality,
        weight=int(quality == "RED"),
    )


def _name_line(number: Number, written: str) -> CheckLine | None:
    word = _REFUSED_NAMES.get(number.name_status or "")
    if word is None:
        return None
    return CheckLine(
        f"name:{number.phone_number_id}",
        "Display name is not accepted",
        CheckState.WARNING,
        f"{number.display_phone_number or written}: Meta has {word} the name “{number.verified_name or ''}”.",
        "Ask for another name in WhatsApp Manager, one that says which business it is, then register again.",
        why="Customers see the number without a name, and some messages are not sent.",
        cause=number.name_status or "",
    )


def _fallen_lines(number: Number, written: str, before: Mapping[str, Any]) -> list[CheckLine]:
    """A limit or a throughput below what it once was, until it is back."""
    shown = number.display_phone_number or written
    lines = []
    for kind, now in (("limit", number.messaging_limit or ""), ("throughput", number.throughput_level or "")):
        key = f"{kind}:{number.phone_number_id}"
        was = before.get(key, {}).get("cause", "").partition("below ")[2]
        if not was or not size_of(now) or size_of(now) >= size_of(was):
            continue
        lines.append(_fallen(kind, key, shown, was, now))
    return lines


def _fallen(kind: str, key: str, shown: str, was: str, now: str) -> CheckLine:
    is_limit = kind == "limit"
    return CheckLine(
        key,
        "Limit is lower than it was" if is_limit else "Number sends more slowly than it did",
        CheckState.WARNING,
        f"{shown}: from {size_words(was)} to {size_words(now)}.",
        "Spread campaigns over more days, and see in WhatsApp Manager what Meta says about the portfolio."
        if is_limit
        else "See in WhatsApp Manager what Meta says about the number.",
        why="More people than that are refused until the next day." if is_limit else "Campaigns take longer.",
        cause=f"below {was}",
    )


def note_fallen(before: Mapping[str, Any], numbers: Mapping[str, Any], found: list[Number]) -> dict[str, Any]:
    """`before`, with what each number has lost since `numbers` (the facts of the last log)."""
    lines = dict(before)
    for number in found:
        facts = numbers.get(number.phone_number_id, {})
        for kind, name in (("limit", "messaging_limit"), ("throughput", "throughput_level")):
            key, was = f"{kind}:{number.phone_number_id}", facts.get(name, "")
            now = getattr(number, name) or ""
            if key not in lines and size_of(now) and size_of(was) > size_of(now):
                lines[key] = {"cause": f"below {was}"}
    return lines


def size_of(word: str) -> int:
    """How much `TIER_2K` or `HIGH` is; 0 for a word that says nothing."""
    if word in {"TIER_UNLIMITED", "HIGH"}:
        return 10**9
    if word == "STANDARD":
        return 80
    size = word.removeprefix("TIER_")
    digits = size.removesuffix("K")
    if not word.startswith("TIER_") or not digits.isdecimal():
        return 0
    return int(digits) * (1000 if size.endswith("K") else 1)


def size_words(word: str) -> str:
    """`TIER_2K` → `2,000 people a day`; `HIGH` → `1,000 messages a second`."""
    if word in _THROUGHPUT:
        return _THROUGHPUT[word].rstrip(".")
    return "no limit" if word == "TIER_UNLIMITED" else f"{tier_size(word)} people a day"


def tier_size(limit: str) -> str:
    """`TIER_2K` → `2,000`; `TIER_250` → `250`."""
    size = limit.removeprefix("TIER_")
    return f"{size[:-1]},000" if size.endswith("K") else size


def limit_words(number: Number) -> str:
    """`TIER_2K` → `Up to 2,000 people in 24 hours, shared by the whole portfolio.`"""
    limit = number.messaging_limit or ""
    if limit in _LIMITS or not limit.startswith("TIER_"):
        return _LIMITS.get(limit, "")
    return f"Up to {tier_size(limit)} people in 24 hours, shared by the whole portfolio."


def facts_of(found: list[Number]) -> dict[str, Any]:
    """What a log keeps of the numbers: by Meta's id, Meta's words and how the number is written."""
    return {
        number.phone_number_id: {name: getattr(number, name) or "" for name in FACTS}
        | {
            "shown": number.display_phone_number or "",
            "can_send_message": number.health.can_send_message if number.health else "",
        }
        for number in found
    }
