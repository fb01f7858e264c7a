"""What a worker does for contacts: people to erase, and files to take over."""

from __future__ import annotations

from app.services.contact_files import imports
from app.services.erasing import work as erasing


def work_off(worker: str) -> int:
    """One person or one file at a time. Returns how many there were."""
    return erasing.work_off(worker) or imports.work_off(worker)


def forget_old() -> None:
    """Once an hour."""
    erasing.drop_shells()
    imports.forget_old()
