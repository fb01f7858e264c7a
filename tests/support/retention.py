"""Letting one kind of old data go, as the clean-up and `purge` do."""

from __future__ import annotations

from flask import current_app

from app.services import retention


def purge(name: str, days: int) -> int:
    """How many went of the kind of that name."""
    (kind,) = [kind for kind in retention.KINDS if kind.name == name]
    return retention.purge(kind, current_app.config["SETTINGS"], days)
