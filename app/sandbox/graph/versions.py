"""Which version of Graph answers a call, whatever the call asks for.

Source: Meta docs, Graph "Versioning" page and "Changelog", read 2026-09. A version that ended is answered by
the oldest usable one, and so is a call without a version. Which code answers a version that does not exist
yet (2635 or 100) is unverified.
"""

import re
from datetime import UTC, date, datetime

from .. import clock
from .errors import GraphError

VERSION = re.compile(r"v(\d{1,3})\.(\d{1,2})")
NEWEST = 26
# Version → last day. The ones before v18 are over for longer; those that are missing have no end yet.
ENDS = {
    18: date(2026, 1, 26),
    19: date(2026, 5, 21),
    20: date(2026, 9, 24),
    21: date(2027, 1, 21),
    22: date(2027, 5, 20),
    23: date(2027, 10, 8),
    24: date(2028, 2, 18),
    25: date(2028, 7, 29),
}


def oldest(on: date) -> int:
    """The oldest version that may still be used on that day."""
    ended = [version for version, last_day in ENDS.items() if last_day < on]
    return min(max(ended, default=min(ENDS) - 1) + 1, NEWEST)


def really_used(asked: str) -> int:
    """`asked`: `v23.0`, or "" for none. Raises GraphError 2635 for one that does not exist (yet)."""
    first = oldest(datetime.fromtimestamp(clock.now(), UTC).date())
    if not asked:
        return first
    match = VERSION.fullmatch(asked)
    if match is None or int(match[1]) > NEWEST or (match[2] != "0" and int(match[1]) >= first):
        message = f"Version {asked} of the Graph API is not available to this application."
        raise GraphError(2635, message, http=400)
    return max(int(match[1]), first)
