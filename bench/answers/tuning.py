"""Where the curve and the thresholds come from: `python -m bench.answers.tuning`, on the tuning half alone.

Prints what app/services/knowledge/scoring.py has to hold, and the figures of the tuning half with it.
"""

from __future__ import annotations

import math

from bench.answers import _write
from bench.answers.corpus import Asked, halves
from bench.answers.measuring import Shown, figures
from bench.console import Console

_STEPS = 4_000
_RATE = 0.5
_HELD_BACK = 0.002
"""Keeps the curve from following single questions."""
_LEARNT_FROM = 3
_WRONG_AT_MOST = 2.0
_UNCALLED_AT_MOST = 3.0
_ANSWER, _OFFER = 0.60, 0.35
"""What the thresholds are to be called; the curve is stretched to that."""
_OFFERED_FROM = 0.20
"""A choice between offering too often and too seldom: see docs/decisions/0014-answers.md."""

Row = tuple[str, dict[str, float]]


def main() -> None:
    console = Console()
    account = console.make_account()
    tuning, _judging = halves()
    with console.app.app_context():
        keys = _write(account["id"])
        looked = [(asked, _look(account["id"], asked, keys)) for asked in tuning]
    names = ["all", "rank", "evidence", "unknown", "margin"]
    curve = _fit(looked, names)
    answer_at = _lowest_answer(looked, curve)
    stretched = _stretch(curve, answer_at)
    print({name: round(value, 3) for name, value in stretched.items()})
    print(f"answers from {answer_at:.2f} of the bare curve, offers from {_OFFERED_FROM}")
    print(figures(_shown(looked, stretched), _ANSWER, _OFFER))


def _look(account_id: int, asked: Asked, keys: dict[int, str]) -> list[Row]:
    """What the curve sees of each article found, best first."""
    from app.services.knowledge import scoring, search

    fits = search.look(account_id, asked.text)
    ranks = [fit.rank for _, fit in fits]
    return [(keys[article_id], scoring.features(fit, ranks)) for article_id, fit in fits]


def _fit(looked: list[tuple[Asked, list[Row]]], names: list[str]) -> dict[str, float]:
    """Logistic regression, by plain descent: is this article the answer?"""
    examples = [
        ([seen[name] for name in names], float(key == asked.answer))
        for asked, rows in looked
        for key, seen in rows[:_LEARNT_FROM]
    ]
    weights = [0.0] * len(names)
    for _ in range(_STEPS):
        slope = [0.0] * len(names)
        for values, wanted in examples:
            miss = _sigmoid(sum(a * b for a, b in zip(weights, values, strict=True))) - wanted
            for place, value in enumerate(values):
                slope[place] += miss * value
        weights = [
            weight - _RATE * (slope[place] / len(examples) + (_HELD_BACK * weight if place else 0.0))
            for place, weight in enumerate(weights)
        ]
    return dict(zip(names, weights, strict=True))


def _lowest_answer(looked: list[tuple[Asked, list[Row]]], curve: dict[str, float]) -> float:
    """The lowest threshold that keeps wrong answers as rare as they have to be."""
    shown = _shown(looked, curve)
    for percent in range(40, 100):
        got = figures(shown, percent / 100, _OFFERED_FROM)
        if got.wrong <= _WRONG_AT_MOST and got.uncalled <= _UNCALLED_AT_MOST:
            return percent / 100
    return 1.0


def _stretch(curve: dict[str, float], answer_at: float) -> dict[str, float]:
    """The same order of scores, with the thresholds where the product has them."""
    factor = (_logit(_ANSWER) - _logit(_OFFER)) / (_logit(answer_at) - _logit(_OFFERED_FROM))
    moved = {name: factor * value for name, value in curve.items()}
    moved["all"] += _logit(_ANSWER) - factor * _logit(answer_at)
    return moved


def _shown(looked: list[tuple[Asked, list[Row]]], curve: dict[str, float]) -> list[Shown]:
    return [
        Shown(asked, [(key, _sigmoid(sum(curve[name] * seen[name] for name in curve))) for key, seen in rows])
        for asked, rows in looked
    ]


def _sigmoid(value: float) -> float:
    return 1 / (1 + math.exp(-value))


def _logit(share: float) -> float:
    return math.log(share / (1 - share))


if __name__ == "__main__":
    main()
