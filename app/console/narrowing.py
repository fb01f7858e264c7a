"""The list's filters as its address carries them, and in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from flask import request

from app.console.places import Places
from app.models import PhoneNumber
from app.queries.bot_answering import BotIs
from app.queries.conversation_filters import (
    NEVER_AT_META,
    ConversationFilters,
    Desk,
    Sort,
    WindowIs,
)
from app.queries.teamwork import Colleague
from app.services.contacts import LONGEST_TAG
from app.services.failure_filters import ANY, is_failure_word, read_failed
from app.services.failures import Side, failure_title
from app.web.identity import current_actor
from app.web.routing import row_id

LONGEST_SEARCH = 100
NAMES = (
    "desk",
    "account",
    "number",
    "search",
    "unread",
    "unanswered",
    "asks",
    "quiet",
    "bot",
    "failed",
    "window",
    "agent",
    "team",
    "tag",
    "sort",
)
"""What an address can carry; a saved view keeps these and nothing else."""
WINDOW_WORDS = {
    WindowIs.OPEN: "Window open",
    WindowIs.HOUR: "Closes within an hour",
    WindowIs.FOUR_HOURS: "Closes within 4 hours",
    WindowIs.CLOSED: "Window closed",
}
SORT_WORDS = {
    Sort.LATEST: "Last message",
    Sort.WINDOW: "Window closing soonest",
    Sort.WAITING: "Waiting longest",
}
BOT_WORDS = {BotIs.ON: "The bot answers", BotIs.OFF: "The bot keeps quiet"}
FAILURE_WORDS = {
    ANY: "Whatever the cause",
    Side.CUSTOMER.value: "The customer's side",
    Side.OURS.value: "Our side",
    Side.ACCOUNT.value: "The account's settings",
    Side.META.value: "Meta's side",
}
_SWITCHES = ("unread", "unanswered", "asks", "quiet")
_LEGACY_SHOW = {"unread": "unread", "failed": "failed", "waiting": "asks"}
"""How links from other pages and from before name it."""
_Word = TypeVar("_Word", bound=StrEnum)


@dataclass(frozen=True)
class Chip:
    """Something that the list is narrowed to, and the name in the address by which it is taken away."""

    name: str
    text: str


def read_filters(places: Places) -> tuple[ConversationFilters, dict[str, Any]]:
    """Out of the address, and as the address would say it again; nonsense counts as nothing."""
    return parse(request.values, places)


def parse(given: Mapping[str, Any], places: Places) -> tuple[ConversationFilters, dict[str, Any]]:
    words = _tidy(given)
    account, number = words["account"], words["number"]
    if account and number and places.account_of(number) != account:
        # Choosing an account must not leave an empty list.
        words["number"] = None
    user = current_actor().user
    filters = ConversationFilters(
        account_id=words["account"],
        number_id=words["number"],
        search=words["search"] or "",
        desk=Desk(words["desk"] or Desk.ALL),
        person_id=user.id if user else None,
        agent_id=words["agent"],
        team_id=words["team"],
        tag=words["tag"] or "",
        is_unread=bool(words["unread"]),
        is_unanswered=bool(words["unanswered"]),
        asks_person=bool(words["asks"]),
        is_quiet=bool(words["quiet"]),
        bot=BotIs(words["bot"]) if words["bot"] else None,
        failed=read_failed(words["failed"]),
        window=WindowIs(words["window"]) if words["window"] else None,
        sort=Sort(words["sort"] or Sort.LATEST),
    )
    return filters, {name: value for name, value in words.items() if value}


def _tidy(given: Mapping[str, Any]) -> dict[str, Any]:
    """Every name of NAMES, with None for what is not said."""
    legacy = _legacy(given)
    words: dict[str, Any] = dict.fromkeys(NAMES)
    for name in ("account", "number", "agent", "team"):
        words[name] = _id(given.get(name))
    for name in _SWITCHES:
        words[name] = 1 if str(given.get(name) or legacy.get(name) or "") == "1" else None
    words["search"] = _plain(given.get("search"), LONGEST_SEARCH)
    words["tag"] = _plain(given.get("tag"), LONGEST_TAG).casefold()
    words["desk"] = _word(Desk, given.get("desk"), Desk.ALL)
    words["bot"] = _word(BotIs, given.get("bot"))
    words["window"] = _word(WindowIs, given.get("window"))
    words["sort"] = _word(Sort, given.get("sort"), Sort.LATEST)
    words["failed"] = _failure(str(given.get("failed") or legacy.get("failed") or ""))
    return words


def _legacy(given: Mapping[str, Any]) -> dict[str, Any]:
    name = _LEGACY_SHOW.get(str(given.get("show", "")))
    if name == "failed":
        return {"failed": _failure(str(given.get("reason", ""))) or ANY}
    return {name: 1} if name else {}


def _id(given: object) -> int | None:
    try:
        return row_id(str(given or "")) or None
    except ValueError:
        return None


def _plain(given: object, longest: int) -> str:
    text = " ".join(str(given or "").replace("\x00", " ").split())[:longest]
    return text.encode("utf-8", "ignore").decode()


def _word(words: type[_Word], given: object, usual: _Word | None = None) -> str | None:
    """None also for what holds anyway."""
    return str(given) if given in set(words) and given != usual else None


def _failure(given: str) -> str | None:
    return given if is_failure_word(given) else None


def chips(
    words: Mapping[str, Any],
    numbers: list[PhoneNumber],
    accounts: Mapping[int, str],
    people: list[Colleague],
    teams: Mapping[int, str],
) -> Iterator[Chip]:
    """What was chosen in the panel; whose, what is searched for and the switches are seen elsewhere."""
    if account := words.get("account"):
        yield Chip("account", accounts.get(account, "Unknown account"))
    if number := words.get("number"):
        names = {one.id: one.verified_name or one.shown_number for one in numbers}
        yield Chip("number", names.get(number, "Unknown number"))
    if agent := words.get("agent"):
        yield Chip(
            "agent", f"Assigned to {next((one.name for one in people if one.id == agent), 'somebody')}"
        )
    if team := words.get("team"):
        yield Chip("team", f"Team {teams.get(team, 'unknown')}")
    if tag := words.get("tag"):
        yield Chip("tag", f"Tag {tag}")
    yield from _chips_of_state(words)
    if words.get("quiet"):
        yield Chip("quiet", "Quiet for 30 days")
    if sort := words.get("sort"):
        yield Chip("sort", f"By {SORT_WORDS[Sort(sort)].lower()}")


def _chips_of_state(words: Mapping[str, Any]) -> Iterator[Chip]:
    if bot := words.get("bot"):
        yield Chip("bot", BOT_WORDS[BotIs(bot)])
    if window := words.get("window"):
        yield Chip("window", WINDOW_WORDS[WindowIs(window)])
    if (failed := words.get("failed")) and failed != ANY:
        yield Chip("failed", f"Failed: {failure_words(failed)}")


def failure_words(word: str) -> str:
    """What the failed ones are narrowed to."""
    if word in FAILURE_WORDS:
        return FAILURE_WORDS[word]
    return failure_title(None if word == NEVER_AT_META else int(word))
