"""Arithmetic of the charts: from figures to rectangles. The drawing itself is in components/charts.html."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

SLOT = 20  # width of one bar with its gap, in drawing units
BAR = 13
HEIGHT = 1_000
_GAP = 5  # between two parts of a bar, about one pixel
_THINNEST = 5  # a part that is not nothing stays visible
_LABELS = 8


@dataclass(frozen=True)
class ChartSeries:
    """One kind of part. css is one of the chart colours wc-c1 (strongest) to wc-c4 (failures)."""

    label: str
    css: str


@dataclass(frozen=True)
class ChartDay:
    """One bar. `label` stands under it (`21 Oct`), `long_label` in the tip and the table (`Wed 21 Oct`).

    parts: one figure per series, from the bottom up.
    """

    label: str
    long_label: str
    parts: tuple[int, ...]


DELIVERY_SERIES = (
    ChartSeries("Read", "wc-c1"),
    ChartSeries("Delivered", "wc-c2"),
    ChartSeries("On the way", "wc-c3"),
    ChartSeries("Failed", "wc-c4"),
)


@dataclass(frozen=True)
class Rect:
    css: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Column:
    """One day as drawn. label is empty where there is no room for it; `is_key` labels stay on a phone."""

    day: ChartDay
    rects: tuple[Rect, ...]
    label: str
    is_key: bool


@dataclass(frozen=True)
class BarsLayout:
    """width and HEIGHT in drawing units; ticks from the top down, evenly spaced, the last one 0."""

    columns: tuple[Column, ...]
    ticks: tuple[int, ...]
    lines: tuple[float, ...]
    width: int
    height: int = HEIGHT


def stack_bars(days: Sequence[ChartDay], series: Sequence[ChartSeries] = DELIVERY_SERIES) -> BarsLayout:
    """Lay out stacked bars for a period, oldest day first."""
    top, step = scale(max((sum(day.parts) for day in days), default=0))
    ticks = tuple(range(top, -1, -step))
    every = max(1, ceil(len(days) / _LABELS))
    columns = []
    for n, day in enumerate(days):
        to_last = len(days) - 1 - n
        columns.append(
            Column(
                day=day,
                rects=tuple(_rects(n * SLOT + (SLOT - BAR) / 2, day.parts, series, top)),
                label=day.label if to_last % every == 0 else "",
                is_key=to_last % (2 * every) == 0,
            )
        )
    lines = tuple(round(HEIGHT * (1 - tick / top), 1) for tick in ticks)
    return BarsLayout(tuple(columns), ticks, lines, width=max(len(days), 1) * SLOT)


def scale(largest: int) -> tuple[int, int]:
    """The top of the axis and the step between its lines: round numbers, at most five steps."""
    if largest <= 4:
        return 4, 1
    power = 10 ** floor(log10(largest / 5))
    step = next(int(n * power) for n in (1, 2, 5, 10) if n * power * 5 >= largest)
    return ceil(largest / step) * step, step


def _rects(x: float, parts: Sequence[int], series: Sequence[ChartSeries], top: int) -> list[Rect]:
    rects = []
    floor_y = float(HEIGHT)
    for figure, kind in zip(parts, series, strict=True):
        if figure <= 0:
            continue
        height = max(figure / top * HEIGHT - _GAP, _THINNEST)
        rects.append(Rect(kind.css, x, round(floor_y - height, 1), BAR, round(height, 1)))
        floor_y -= height + _GAP
    return rects


def share(part: float | None, whole: float | None) -> float:
    """How much of a track is filled, 0 to 100, for an SVG that is 100 wide."""
    if not part or not whole or whole <= 0:
        return 0.0
    return round(min(max(part / whole, 0.0), 1.0) * 100, 2)
