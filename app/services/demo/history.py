"""Thirty days at Meridian, planned: who talks when, what the campaign system sends, what came of it."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from app.services.demo import calendar, fates
from app.services.demo.company import SERVICE
from app.services.demo.crowd import Customer, actors, crowd
from app.services.demo.dialogues import CASES, REPLIES_TO_OFFER, REPLIES_TO_RENEWAL, TALKS
from app.services.demo.drafts import Draft, length, play
from app.services.demo.message_templates import RENEWAL, WINTER_OFFER
from app.services.demo.script import Line, Script, sends

SEED = 1987
_TALKS_A_DAY, _CASES_A_DAY = 6.5, 26
_TRIES = 8
_REST = timedelta(hours=30)
"""Between two talks of one customer with one number, so that each reads as one of its own."""
_SECONDS_BETWEEN = 0.4


@dataclass(frozen=True)
class Mailing:
    """A campaign: one message template to `count` customers at once; a share of them answers."""

    days_ago: int
    hour: int
    count: int
    line: Line
    answered: float
    replies: tuple[tuple[Line, ...], ...]
    is_marketing: bool = False


def _renewal(days_ago: int, count: int) -> Mailing:
    line = sends(RENEWAL, "$first", "$kind", "$policy")
    return Mailing(days_ago, 9, count, line, 0.22, REPLIES_TO_RENEWAL)


def _offer(days_ago: int, count: int) -> Mailing:
    line = sends(WINTER_OFFER, "$first", "30 November")
    return Mailing(days_ago, 11, count, line, 0.11, REPLIES_TO_OFFER, is_marketing=True)


_MAILINGS = (
    _renewal(27, 90),
    _renewal(20, 60),
    _offer(18, 190),
    _renewal(13, 120),
    _renewal(6, 70),
    _offer(5, 130),
)


class Plan:
    """All that happened, as drafts in order; `live` are the lines that the sandbox is to send at the end.

    `unread` counts by conversation (number and customer) what nobody has seen yet.
    """

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.drafts: list[Draft] = []
        self.live: list[Draft] = []
        self.unread: dict[tuple[str, str], int] = {}
        self._rng = random.Random(SEED)  # noqa: S311 (the same invented history each time)
        self._busy: dict[tuple[str, str], list[tuple[datetime, datetime]]] = defaultdict(list)
        self._crowd = crowd(self._rng)
        self._play_cast()
        for mailing in _MAILINGS:
            self._mail(mailing)
        self._play_days()
        self.drafts.sort(key=lambda draft: draft.at)
        for draft in self.drafts:
            fates.decide(draft, now, self._rng)

    def _play_cast(self) -> None:
        """For each role the talk that the list shows, ending just when the role says, and an older one."""
        talks = self._rng.sample(TALKS, len(TALKS))
        for role, customer in actors(self._rng):
            last = self.now - timedelta(minutes=role.ago_min)
            drafts = play(role.script, customer, last - length(role.script), self._rng, jitter=0)
            held_back = len(drafts) - role.live_lines
            self.live += drafts[held_back:]
            self.drafts += drafts[:held_back]
            self.unread[drafts[0].place] = role.unread - role.live_lines
            if role.has_past:
                older = next(talk for talk in talks if talk.number is role.script.number)
                talks.remove(older)
                day = drafts[0].at.date() - timedelta(days=self._rng.randint(6, 20))
                self._stage(older, customer, calendar.moment(day, self._rng))

    def _mail(self, mailing: Mailing) -> None:
        """A few a second, as the campaign system sends them."""
        day = calendar.weekday_before(self.now.date() - timedelta(days=mailing.days_ago))
        begin = datetime.combine(day, time(mailing.hour, tzinfo=UTC))
        for n, customer in enumerate(self._rng.sample(self._crowd, mailing.count)):
            is_answered = self._rng.random() < mailing.answered
            answer = self._rng.choice(mailing.replies) if is_answered else ()
            script = Script(SERVICE, (mailing.line, *answer))
            drafts = self._stage(script, customer, begin + timedelta(seconds=n * _SECONDS_BETWEEN))
            for draft in drafts[:1]:
                draft.is_marketing = mailing.is_marketing

    def _play_days(self) -> None:
        scripts, weights = [case for case, _ in CASES], [weight for _, weight in CASES]
        for day in calendar.days(self.now.date()):
            busyness = calendar.busyness(day, self._rng)
            for _ in range(round(_CASES_A_DAY * busyness)):
                self._somebody(self._rng.choices(scripts, weights)[0], calendar.moment(day, self._rng))
            for _ in range(round(_TALKS_A_DAY * busyness)):
                self._somebody(self._rng.choice(TALKS), calendar.moment(day, self._rng))

    def _somebody(self, script: Script, begin: datetime) -> None:
        """Give the talk to a customer who is free then."""
        if begin <= self.now:
            any(self._stage(script, customer, begin) for customer in self._rng.sample(self._crowd, _TRIES))

    def _stage(self, script: Script, customer: Customer, begin: datetime) -> list[Draft]:
        """Play it, unless the customer is in another talk then. What has not happened yet is left out."""
        drafts = play(script, customer, begin, self._rng)
        busy = self._busy[drafts[0].place]
        first, last = drafts[0].at - _REST, drafts[-1].at + _REST
        if any(first < end and start < last for start, end in busy):
            return []
        busy.append((drafts[0].at, drafts[-1].at))
        happened = [draft for draft in drafts if draft.at <= self.now]
        for draft in happened:
            if draft.reply_at is not None and draft.reply_at > self.now:
                draft.reply_at = None
        self.drafts += happened
        return happened
