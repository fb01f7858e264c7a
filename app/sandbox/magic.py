"""Magic numbers, names and links: they choose an outcome without any fault being switched on.

A recipient whose number ends in 90xx follows a script. Numbers for fiction (555-01xx, Ofcom's 09xx) never do.
"""

from dataclasses import dataclass
from urllib.parse import urlsplit

VERIFICATION_CODE = "123456"


@dataclass(frozen=True)
class Script:
    """What happens to messages to that number.

    refusal: Graph error code at once. failure: code of the `failed` webhook. statuses: reported in order.
    slowness: their delays are multiplied by it.
    """

    meaning: str
    refusal: int | None = None
    failure: int | None = None
    statuses: tuple[str, ...] = ("sent", "delivered", "read")
    is_held: bool = False
    slowness: float = 1.0


SCRIPTS: dict[str, Script] = {
    "9001": Script("is not on WhatsApp", failure=131026),
    "9002": Script("window closed, whatever was written before", failure=131047),
    "9003": Script("gets enough marketing already", failure=131049),
    "9004": Script("stopped marketing messages", failure=131050),
    "9005": Script("is part of an experiment", failure=130472),
    "9006": Script("media cannot be processed", failure=131053),
    "9007": Script("something goes wrong at Meta after accepting", failure=131000),
    "9008": Script("phone switched off: sent, never delivered", statuses=("sent",)),
    "9009": Script("delivered, never read", statuses=("sent", "delivered")),
    "9010": Script("read at once: delivered is skipped", statuses=("sent", "read")),
    "9011": Script("read is reported before delivered", statuses=("sent", "read", "delivered")),
    "9012": Script(
        "each status comes twice", statuses=("sent", "sent", "delivered", "delivered", "read", "read")
    ),
    "9013": Script("pair limit reached", refusal=131056),
    "9014": Script("number restricted for spam", refusal=131048),
    "9015": Script("not in the allowed list of a test number", refusal=131030),
    "9016": Script("Meta fails with HTTP 500", refusal=131000),
    "9017": Script("message template held, then dropped as paused", failure=132015, is_held=True),
    "9018": Script("country may not be messaged", refusal=130497),
    "9019": Script("blocked the business: sent, never delivered", statuses=("sent",)),
    "9020": Script("slow: each status comes late", slowness=20.0),
}


def script_for(wa_id: str) -> Script | None:
    return SCRIPTS.get(wa_id[-4:])


def is_rejected_name(name: str, edits: int) -> bool:
    """A message template called …reject… is rejected; …reject_once… only until it was edited."""
    if "reject_once" in name:
        return edits == 0
    return "reject" in name


def is_recategorised_name(name: str) -> bool:
    """A UTILITY submission called …recategorise… is accepted as MARKETING."""
    return "recategorise" in name or "recategorize" in name


def is_forbidden_name(name: str) -> bool:
    """A message template called …violates_policy… is approved, but its content is refused at the send."""
    return "violates_policy" in name


def is_refused_display_name(name: str) -> bool:
    """A new display name with "reject" in it is declined."""
    return "reject" in name.lower()


def is_broken_link(link: str) -> bool:
    """Links to hosts under `.invalid` cannot be fetched."""
    return (urlsplit(link).hostname or "").endswith(".invalid")
