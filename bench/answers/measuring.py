"""Asking: what the bot would do with each question, counted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bench.answers.corpus import Asked

SHOWN = 3


@dataclass(frozen=True)
class Shown:
    """What a customer would get: the articles found, best first, each with its score."""

    asked: Asked
    found: Sequence[tuple[str, float]]

    @property
    def best(self) -> float:
        return self.found[0][1] if self.found else 0.0

    @property
    def is_first_right(self) -> bool:
        return bool(self.found) and self.found[0][0] == self.asked.answer

    @property
    def is_one_right(self) -> bool:
        return self.asked.answer in [key for key, _ in self.found[:SHOWN]]


@dataclass(frozen=True)
class Figures:
    """Percentages. `first` and `one_of_three`: of questions with an answer, what was found, whatever its
    score. `answered`, `offered`: what the thresholds let through of it. `wrong`: of all questions, those
    that got a wrong answer; `uncalled`: of those without an answer, those that got one all the same."""

    first: float
    one_of_three: float
    answered: float
    shown: float
    fallback: float
    wrong: float
    uncalled: float
    uncalled_offers: float


def figures(found: Iterable[Shown], answer_at: float, offer_at: float) -> Figures:
    """Count."""
    every = list(found)
    real = [shown for shown in every if shown.asked.answer is not None]
    none = [shown for shown in every if shown.asked.answer is None]
    answered = [shown for shown in real if shown.best >= answer_at]
    offered = [shown for shown in real if offer_at <= shown.best < answer_at]
    uncalled = [shown for shown in none if shown.best >= answer_at]
    right = [shown for shown in answered if shown.is_first_right]
    helped = len(right) + sum(shown.is_one_right for shown in offered)
    return Figures(
        first=_percent(sum(shown.is_first_right for shown in real), real),
        one_of_three=_percent(sum(shown.is_one_right for shown in real), real),
        answered=_percent(len(right), real),
        shown=_percent(helped, real),
        fallback=_percent(len(real) - len(answered) - len(offered), real),
        wrong=_percent(len(answered) - len(right) + len(uncalled), every),
        uncalled=_percent(len(uncalled), none),
        uncalled_offers=_percent(sum(offer_at <= shown.best < answer_at for shown in none), none),
    )


def _percent(count: int, of: Sequence[Shown]) -> float:
    return 100 * count / len(of) if of else 0.0
