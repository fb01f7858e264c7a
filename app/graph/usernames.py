"""The business's own user name, and Meta's book of who is who.

Source: Meta docs, "Business usernames" and "Business-scoped user IDs" pages, read 2026-09.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.graph import reading
from app.graph.calls import Caller, node, post, succeeded
from app.graph.identifiers import is_user_id
from app.graph.problems import Problem, refuse

_FORM = re.compile(r"(?=.*[a-z])(?!www)(?!\.)(?!.*\.\.)[a-z0-9._]{3,35}(?<!\.)", re.ASCII)
# Which endings Meta means is not published: the common ones.
_DOMAIN_ENDING = re.compile(r"\.(?:com|org|net|int|edu|gov|mil|us|in|html|io|co|biz|info|app|shop)$")


@dataclass(frozen=True, slots=True)
class Username:
    """`status` is `approved` or `reserved`."""

    username: str
    status: str | None = None


class Usernames:
    """`client.usernames`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str) -> Username | None:
        """The number's user name; None if it has none."""
        found = self._call("GET", f"{node(phone_number_id)}/username").data
        name = reading.text(found.get("username"))
        return Username(name, reading.text(found.get("status"))) if name else None

    def set(self, phone_number_id: str, username: str, *, take_over: bool = False) -> bool:
        """Ask for a user name; `take_over` moves it here from another number of the business.

        147001 to 147005 say why not: taken, not eligible, not linked, a transfer is needed.
        """
        refuse(check_username(username))
        body = {"username": username, "transfer_action": "force_transfer" if take_over else None}
        return post(self._call, f"{node(phone_number_id)}/username", body)

    def delete(self, phone_number_id: str) -> bool:
        """Give the user name up."""
        return succeeded(self._call("DELETE", f"{node(phone_number_id)}/username"))

    def suggestions(self, phone_number_id: str) -> tuple[str, ...]:
        """Names that Meta would give this number. Form of the answer (unverified)."""
        answer = self._call("GET", f"{node(phone_number_id)}/username_suggestions")
        listed = reading.items(answer.data.get("data")) or reading.items(
            answer.data.get("username_suggestions")
        )
        names = (
            name
            for one in listed
            for name in (
                reading.texts(one.get("username_suggestions")) or (reading.text(one.get("username")),)
                if isinstance(one, dict)
                else (reading.text(one),)
            )
        )
        return tuple(name for name in names if name)

    def forget_person(self, phone_number_id: str, user_id: str) -> bool:
        """Delete what Meta's contact book knows of a person: which number has which user id."""
        if not is_user_id(user_id):
            refuse([Problem("bsuid", "This is not a WhatsApp user id.", "bad_user_id")])
        params = {"messaging_product": "whatsapp", "bsuid": user_id}
        return succeeded(self._call("DELETE", f"{node(phone_number_id)}/contact_book", params=params))


def check_username(username: str) -> list[Problem]:
    """What Meta would refuse as a user name: 3 to 35 of a-z 0-9 . _ with a letter among them."""
    if not _FORM.fullmatch(username):
        message = (
            "A user name has 3 to 35 lower-case letters, digits, dots and underscores, at least one letter, "
            "no dot at either end or twice in a row, and does not begin with www."
        )
        return [Problem("username", message, "bad_username")]
    if _DOMAIN_ENDING.search(username):
        return [Problem("username", "A user name may not end like a web address.", "bad_username")]
    return []
