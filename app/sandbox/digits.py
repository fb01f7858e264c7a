"""Whole numbers in texts that callers sent."""

LONGEST = 15


def whole_number(text: str) -> int | None:
    """0 to 10^15; None for anything else, also for the digits of other scripts and for endless ones."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST else None
