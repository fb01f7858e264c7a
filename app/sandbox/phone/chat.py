"""Which conversation the page shows: one customer and one business number."""

from dataclasses import dataclass
from urllib.parse import urlencode

from werkzeug.datastructures import MultiDict

from .. import ids
from ..context import Sandbox
from ..database import Row
from ..store import customers, messages, phone_numbers
from ..store.customers import PERSONAS

MOST_THREADS = 30
SEEN_AT_ONCE = 5


@dataclass(frozen=True)
class Customer:
    """`traits`: of store.customers.TRAITS. `unseen`: messages that came since the page last showed him."""

    wa_id: str
    name: str
    traits: dict[str, bool]
    unseen: int = 0
    username: str = ""

    @property
    def number(self) -> str:
        """As the business would see it: the number, or the username of one who hides it."""
        if not self.traits["hides_phone"]:
            return ids.display_number(self.wa_id)
        return f"@{self.username}" if self.username else "number hidden"


@dataclass(frozen=True)
class Chat:
    """`number`: the business's, with the account's name in `waba_name`."""

    number: Row
    customer: Customer
    numbers: list[Row]
    customers: list[Customer]

    @property
    def query(self) -> str:
        """What names this conversation in URLs."""
        return urlencode({"to": self.number["id"], "as": self.customer.wa_id})


def find(sandbox: Sandbox, values: "MultiDict[str, str]") -> Chat | None:
    """From `to` (phone number id), `as` (wa_id), `other` (a number typed in). None without an account."""
    numbers = phone_numbers.list_all(sandbox.db)
    if not numbers:
        return None
    number = next((row for row in numbers if row["id"] == values.get("to")), numbers[0])
    typed = ids.digits_of(values.get("other", ""))
    wa_id = typed if 7 <= len(typed) <= 15 else ids.digits_of(values.get("as", ""))
    known = _customers(sandbox, number)
    chosen = next((customer for customer in known if customer.wa_id == wa_id), None)
    if chosen is None and 7 <= len(wa_id) <= 15:
        chosen = _customer(sandbox, number, wa_id)
        known = [*known, chosen]
    chosen = chosen or known[0]
    if known.index(chosen) >= SEEN_AT_ONCE:  # further down the list would have to be scrolled
        known = [chosen, *(customer for customer in known if customer is not chosen)]
    return Chat(number, chosen, numbers, known)


def _customers(sandbox: Sandbox, number: Row) -> list[Customer]:
    """The personas and those made by hand, then others who have a thread with this number."""
    own = [persona.wa_id for persona in PERSONAS]
    own += customers.list_listed(sandbox.db, number["business_id"])
    others = customers.list_writing_to(sandbox.db, number["id"], MOST_THREADS)
    return [_customer(sandbox, number, wa_id) for wa_id in dict.fromkeys([*own, *others])]


def _customer(sandbox: Sandbox, number: Row, wa_id: str) -> Customer:
    row = customers.find(sandbox.db, number["business_id"], wa_id)
    traits = {name: bool(row[name]) if row else default for name, default in customers.TRAITS.items()}
    name = row["name"] if row else customers.known_name(wa_id)
    username = str(row["username"] or "") if row else ""
    return Customer(wa_id, name, traits, messages.count_unseen(sandbox.db, number["id"], wa_id), username)
