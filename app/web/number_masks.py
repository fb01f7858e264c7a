"""Each request begins and ends with nothing masked; `current_actor` says what a person may not see."""

from __future__ import annotations

from flask import Flask

from app.models.number_masks import hide_numbers_of


def init_number_masks(app: Flask) -> None:
    app.before_request(_forget)
    app.teardown_request(_forget)


def _forget(_error: BaseException | None = None) -> None:
    hide_numbers_of(())
