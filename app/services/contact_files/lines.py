"""One line of a file, read by what its columns mean: a contact to be, or what is wrong with it. Pure but for
fields.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

import phonenumbers

from app.models import ConsentKind, ContactField, FieldKind
from app.models.time_zones import zones
from app.services import contact_fields
from app.services.contact_files import meaning as m
from app.services.contacts import LONGEST_NAME, LONGEST_NOTE, LONGEST_TAG, MOST_TAGS
from app.services.message_templates import LANGUAGES

_TAG_ENDS = re.compile(r"[,;|]")
_YES_NO = ContactField(kind=FieldKind.YES_NO)
_DATE = ContactField(kind=FieldKind.DATE)
_LONGEST_SOURCE = 500


@dataclass(frozen=True)
class Consent:
    """What the file says of marketing. `at`: when the customer said so."""

    kind: ConsentKind
    at: datetime
    note: str

    @property
    def is_out(self) -> bool:
        return self.kind is ConsentKind.OPTED_OUT


@dataclass(frozen=True)
class Draft:
    """A contact as a line has it. `values`: by the names of contacts.FIELDS; what the line leaves empty is
    not there.
    """

    wa_id: str
    values: dict[str, Any] = field(default_factory=dict)
    consent: Consent | None = None


@dataclass(frozen=True)
class Judged:
    """A line as it was read. `draft` is None where it cannot be taken."""

    line: int
    cells: list[str]
    draft: Draft | None
    problem: str = ""


class Wrong(Exception):
    """Why a line cannot be taken: every reason, in words for people."""


class LineReader:
    """Reads lines by one mapping. `now`: when the file came; what a customer says after that is newer.
    `country`: of numbers without a country code ("GB"; "" for none).
    """

    def __init__(
        self,
        mapping: Sequence[str],
        fields: Sequence[ContactField],
        options: Mapping[str, Any],
        now: datetime,
    ) -> None:
        self._mapping = list(mapping)
        self._fields = {f"{m.FIELD}{each.key}": each for each in fields}
        self._country = str(options.get("country") or "") or None
        self._source = str(options.get("consent_source") or "")
        self._default_on = _default_moment(options.get("consent_on"), now)
        self._now = now

    def read(self, cells: Sequence[str]) -> Draft:
        """Raises Wrong."""
        given = {word: cell for word, cell in zip(self._mapping, cells, strict=False) if word and cell}
        problems: list[str] = []
        wa_id = self._number(given.get(m.NUMBER, ""), problems)
        values = self._values(given, problems)
        consent = self._consent(given, problems)
        if problems:
            raise Wrong(" ".join(problems))
        return Draft(wa_id, values, consent)

    def _number(self, text: str, problems: list[str]) -> str:
        found = read_number(text, self._country) if text else ""
        if not text:
            problems.append("There is no phone number.")
        elif not found and self._country is None and not text.startswith(("+", "00")):
            problems.append("The number has no country code, and no country is chosen.")
        elif not found:
            problems.append(f"“{text[:40]}” is not a whole phone number.")
        return found

    def _values(self, given: Mapping[str, str], problems: list[str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        if name := " ".join(given.get(m.NAME, "").split()):
            values["own_name"] = name
            _limit(name, LONGEST_NAME, "The name", problems)
        if note := given.get(m.NOTE, ""):
            values["note"] = note.replace("\r\n", "\n").strip()
            _limit(note, LONGEST_NOTE, "The note", problems)
        if language := given.get(m.LANGUAGE, ""):
            values["language"] = _language(language, problems)
        if zone := given.get(m.TIME_ZONE, ""):
            values["time_zone"] = zone
            if zone not in zones():
                problems.append(f"“{zone[:40]}” is no time zone. Write it as in Europe/London.")
        if m.TAGS in given:
            values["tags"] = _tags(given[m.TAGS], problems)
        if own := self._own(given, problems):
            values["fields"] = own
        return values

    def _own(self, given: Mapping[str, str], problems: list[str]) -> dict[str, str]:
        own = {}
        for word, each in self._fields.items():
            if word in given:
                try:
                    own[each.key] = contact_fields.read_value(each, given[word])
                except ValueError as error:
                    problems.append(f"{each.name}: {error}")
        return own

    def _consent(self, given: Mapping[str, str], problems: list[str]) -> Consent | None:
        if m.CONSENT not in given:
            return None
        try:
            is_in = contact_fields.read_value(_YES_NO, given[m.CONSENT]) == "yes"
        except ValueError:
            problems.append(f"Marketing: “{given[m.CONSENT][:40]}” is neither yes nor no.")
            return None
        note = (given.get(m.CONSENT_SOURCE) or self._source).strip()[:_LONGEST_SOURCE]
        at = self._consent_at(given.get(m.CONSENT_ON, ""), problems)
        if is_in and not note:
            problems.append(
                "Marketing: say how you know that they agreed, in a column or for the whole file."
            )
        return Consent(ConsentKind.OPTED_IN if is_in else ConsentKind.OPTED_OUT, at, note)

    def _consent_at(self, text: str, problems: list[str]) -> datetime:
        if not text:
            return self._default_on
        try:
            day = date.fromisoformat(contact_fields.read_value(_DATE, text))
        except ValueError as error:
            problems.append(f"Marketing, since when: {error}")
            return self._now
        return min(datetime.combine(day, time.min, UTC), self._now)


def _default_moment(text: Any, now: datetime) -> datetime:
    try:
        return min(datetime.combine(date.fromisoformat(str(text)), time.min, UTC), now)
    except ValueError:
        return now


@lru_cache(maxsize=8_192)
def read_number(text: str, country: str | None) -> str:
    """Digits with the country code, or "". `0044…` counts as `+44…`; without either it is a number of the
    country.
    """
    plain = re.sub(r"(?<=.)\+", "", text.strip().removeprefix("'"))
    plain = f"+{plain[2:]}" if plain.startswith("00") else plain
    # Spreadsheets make 4.47701E+11 of a number: its digits are lost.
    if re.search(r"[eE]\+?\d", plain):
        return ""
    for spelt, region in ((plain, country), (f"+{plain}", None)):
        if region is None and not spelt.startswith("+"):
            continue
        try:
            parsed = phonenumbers.parse(spelt, region)
        except phonenumbers.NumberParseException:
            continue
        # Without the area code it would be a number of no country.
        if phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE:
            return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)[1:]
    return ""


def _language(text: str, problems: list[str]) -> str:
    """`en-GB`, `EN_gb` and `English` alike."""
    wanted = text.replace("-", "_").casefold()
    for code, name in LANGUAGES.items():
        if wanted in (code.casefold(), name.casefold()):
            return code
    problems.append(f"“{text[:40]}” is none of the languages that message templates can have.")
    return ""


def _tags(text: str, problems: list[str]) -> list[str]:
    tags = sorted({tag for each in _TAG_ENDS.split(text) if (tag := " ".join(each.split()).casefold())})
    if len(tags) > MOST_TAGS or any(len(tag) > LONGEST_TAG for tag in tags):
        problems.append(f"At most {MOST_TAGS} tags, of up to {LONGEST_TAG} characters each.")
    return tags


def _limit(text: str, most: int, what: str, problems: list[str]) -> None:
    if len(text) > most:
        problems.append(f"{what} is longer than {most:,} characters.")
