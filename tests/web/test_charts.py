"""Figures to rectangles."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.web.charts import HEIGHT, ChartDay, scale, share, stack_bars


def day(*parts: int) -> ChartDay:
    return ChartDay("1 Nov", "Sun 1 Nov", parts)


@given(st.integers(0, 10**9))
def test_axis_reaches_over_every_figure_in_few_round_steps(largest: int) -> None:
    top, step = scale(largest)
    assert top >= largest
    assert top % step == 0
    assert 2 <= top // step <= 5


@pytest.mark.parametrize("largest, axis", [(0, (4, 1)), (2_040, (2_500, 500)), (3_100, (4_000, 1_000))])
def test_axis_of_known_figures(largest: int, axis: tuple[int, int]) -> None:
    assert scale(largest) == axis


@given(st.lists(st.tuples(*[st.integers(0, 10_000)] * 4), max_size=100))
def test_bars_stay_inside_the_drawing_and_do_not_overlap(figures: list[tuple[int, ...]]) -> None:
    chart = stack_bars([day(*parts) for parts in figures])
    for column in chart.columns:
        floor = float(HEIGHT)
        for bar in column.rects:
            assert bar.height > 0
            assert bar.y + bar.height <= floor + 0.1
            assert 0 <= bar.x <= chart.width - bar.width
            floor = bar.y


def test_a_small_part_stays_visible_and_nothing_draws_nothing() -> None:
    (column,) = stack_bars([day(10_000, 0, 0, 1)]).columns
    assert [bar.css for bar in column.rects] == ["wc-c1", "wc-c4"]
    assert column.rects[1].height >= 5


@pytest.mark.parametrize("days", [1, 7, 30, 90, 365])
def test_labels_have_room_and_the_last_day_has_one(days: int) -> None:
    columns = stack_bars([day(1, 0, 0, 0)] * days).columns
    assert 1 <= sum(bool(column.label) for column in columns) <= 8
    assert 1 <= sum(column.is_key for column in columns) <= 4
    assert columns[-1].label
    assert all(column.label for column in columns if column.is_key)


def test_an_empty_period_is_an_empty_frame() -> None:
    chart = stack_bars([])
    assert chart.columns == ()
    assert chart.ticks == (4, 3, 2, 1, 0)


@pytest.mark.parametrize(
    "part, whole, filled",
    [(1, 4, 25), (5, 4, 100), (0, 4, 0), (1, 0, 0), (None, 4, 0), (1, None, 0), (-1, 4, 0)],
)
def test_share_is_a_percentage_of_the_track(part: float, whole: float, filled: float) -> None:
    assert share(part, whole) == filled
