"""Several updates in one POST, as Meta may send them.

Source: Meta docs, webhooks "overview" page, read 2026-09: up to 1,000 updates, up to 3 MB.
"""

from ..database import Row

MOST_UPDATES = 1000
MOST_BYTES = 3 * 1024 * 1024
START, END = '{"object":"whatsapp_business_account","entry":[', "]}"


def group(rows: list[Row]) -> list[list[Row]]:
    """Rows to be posted together, in their order; what does not ask for a batch stays alone."""
    groups: list[list[Row]] = []
    open_groups: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        where = (row["app_id"], row["url"])
        current = open_groups.get(where)
        if row["batch"] > 1 and current is not None and _has_room(current, row):
            current.append(row)
            continue
        groups.append([row])
        if row["batch"] > 1:
            open_groups[where] = groups[-1]
    return groups


def _has_room(rows: list[Row], row: Row) -> bool:
    most = min(row["batch"], rows[0]["batch"])
    size = sum(len(other["body"]) for other in rows) + len(row["body"])
    return len(rows) < most and size <= MOST_BYTES


def merged(rows: list[Row]) -> str:
    """One body with the entries of all."""
    return START + ",".join(row["body"][len(START) : -len(END)] for row in rows) + END
