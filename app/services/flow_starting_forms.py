"""Forms to begin with: complete Flows of our own making, one JSON file each in `starting_forms/`.

The names of their fields are the headings of the exported answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FOLDER = Path(__file__).with_name("starting_forms")


@dataclass(frozen=True)
class StartingForm:
    """`key` names the file."""

    key: str
    title: str
    about: str
    category: str
    icon: str

    @property
    def text(self) -> str:
        return _read(self.key)


STARTING_FORMS = (
    StartingForm(
        "contact_request",
        "Contact request",
        "Name, topic and question on one screen; when to call.",
        "CONTACT_US",
        "message",
    ),
    StartingForm(
        "appointment",
        "Appointment",
        "Service, day and time of day, then who is coming.",
        "APPOINTMENT_BOOKING",
        "calendar",
    ),
    StartingForm(
        "claim",
        "Claim",
        "What happened, when and where, what it may cost, how to reach the customer.",
        "CUSTOMER_SUPPORT",
        "file-description",
    ),
    StartingForm(
        "survey",
        "Survey",
        "How satisfied, what was good, what can be better.",
        "SURVEY",
        "star",
    ),
)


def find_starting_form(key: str | None) -> StartingForm | None:
    return next((form for form in STARTING_FORMS if form.key == key), None)


@cache
def _read(key: str) -> str:
    return (_FOLDER / f"{key}.json").read_text(encoding="utf-8")
