"""Business profiles. Source: Meta docs, "Business profiles" page, read 2026-09."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from app.graph import reading
from app.graph.calls import Caller, node, succeeded
from app.graph.checking import Spot
from app.graph.problems import Problem, refuse

_FIELDS = "about,address,description,email,profile_picture_url,websites,vertical"

MOST_CHARACTERS = {"about": 139, "address": 256, "description": 512, "email": 128}
MOST_WEBSITES = 2
MOST_WEBSITE_CHARACTERS = 256
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")

VERTICALS = {
    "ALCOHOL": "Alcoholic drinks",
    "APPAREL": "Clothing and apparel",
    "AUTO": "Automotive",
    "BEAUTY": "Beauty, spa and salon",
    "EDU": "Education",
    "ENTERTAIN": "Entertainment",
    "EVENT_PLAN": "Event planning and service",
    "FINANCE": "Finance and banking",
    "GOVT": "Government and public service",
    "GROCERY": "Food and grocery",
    "HEALTH": "Medical and health",
    "HOTEL": "Hotel and lodging",
    "NONPROFIT": "Non-profit",
    "ONLINE_GAMBLING": "Online gambling",
    "OTC_DRUGS": "Over-the-counter medicine",
    "OTHER": "Other",
    "PHYSICAL_GAMBLING": "Gambling on site",
    "PROF_SERVICES": "Professional services",
    "RESTAURANT": "Restaurant",
    "RETAIL": "Shopping and retail",
    "TRAVEL": "Travel and transport",
}


@dataclass(frozen=True, slots=True)
class BusinessProfile:
    """What customers see about the business. None: not known, or (in an update) left as it is.

    At most: `about` 139 characters and never empty, `address` 256, `description` 512, `email` 128,
    two `websites` of 256 each with http:// or https://. `vertical` is a key of VERTICALS; Meta may
    also answer others. `profile_picture_handle` is only sent, `profile_picture_url` only read.
    """

    about: str | None = None
    address: str | None = None
    description: str | None = None
    email: str | None = None
    websites: tuple[str, ...] | None = None
    vertical: str | None = None
    profile_picture_url: str | None = None
    profile_picture_handle: str | None = None


class Profiles:
    """`client.profiles`"""

    def __init__(self, call: Caller) -> None:
        self._call = call

    def get(self, phone_number_id: str) -> BusinessProfile:
        """The profile of this number; an empty one if Meta has none yet."""
        path = f"{node(phone_number_id)}/whatsapp_business_profile"
        answer = self._call("GET", path, params={"fields": _FIELDS})
        return _profile(next(iter(reading.mappings(answer.data.get("data"))), {}))

    def update(self, phone_number_id: str, profile: BusinessProfile) -> bool:
        """Change the fields that are not None. Raises InvalidPayload (see `check_profile`)."""
        refuse(check_profile(profile))
        path = f"{node(phone_number_id)}/whatsapp_business_profile"
        return succeeded(self._call("POST", path, body=_body(profile)))


def check_profile(profile: BusinessProfile) -> list[Problem]:
    """What Meta would refuse in an update; what is None is not looked at."""
    problems: list[Problem] = []
    for name, most in MOST_CHARACTERS.items():
        Spot(getattr(profile, name), name, problems).text(f"The {name}", most, required=False)
    if profile.about and not profile.about.strip():
        problems.append(Problem("about", "The about text is blank.", "missing"))
    if profile.email and not _EMAIL.fullmatch(profile.email):
        problems.append(Problem("email", "This is not an e-mail address.", "bad_email"))
    if profile.websites is not None:
        sites = Spot(list(profile.websites), "websites", problems)
        for site in sites.list("Websites", most=MOST_WEBSITES):
            site.link("The website", MOST_WEBSITE_CHARACTERS)
    if profile.vertical:
        Spot(profile.vertical, "vertical", problems).choice("The line of business", VERTICALS)
    return problems


def _profile(found: dict[str, Any]) -> BusinessProfile:
    return BusinessProfile(
        about=reading.text(found.get("about")),
        address=reading.text(found.get("address")),
        description=reading.text(found.get("description")),
        email=reading.text(found.get("email")),
        websites=reading.texts(found.get("websites")) or None,
        vertical=reading.text(found.get("vertical")),
        profile_picture_url=reading.text(found.get("profile_picture_url")),
    )


def _body(profile: BusinessProfile) -> dict[str, object]:
    fields: dict[str, object] = {
        "about": profile.about or None,  # Meta refuses an empty one
        "address": profile.address,
        "description": profile.description,
        "email": profile.email,
        "websites": None if profile.websites is None else list(profile.websites),
        "vertical": profile.vertical or None,
        "profile_picture_handle": profile.profile_picture_handle,
    }
    given = {name: value for name, value in fields.items() if value is not None}
    return {"messaging_product": "whatsapp", **given}
