"""A file of message templates as somebody gives it: Meta's create bodies, judged one by one.

Taken are one body, a list of bodies, and our own export (see `exporting`). Nothing of the database is
needed here, so that files can be judged anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.errors import FieldProblem, InvalidFields
from app.graph.json_limits import MalformedBody, loads
from app.graph.message_template_rules import CATEGORIES, LANGUAGES, MessageTemplateDraft, check
from app.graph.problems import Problem
from app.services.message_templates.advice import advise
from app.services.message_templates.exporting import FORMAT, VERSION
from app.services.message_templates.places import path_of
from app.services.message_templates.sheets import sheet_of

__all__ = [
    "CATEGORIES",
    "LANGUAGES",
    "LARGEST_FILE",
    "MOST_ENTRIES",
    "Entry",
    "File",
    "Problem",
    "judge",
    "read_file",
    "read_parsed",
]

LARGEST_FILE = 5 * 1024 * 1024
MOST_ENTRIES = 1_000
_DEEPEST = 24
_NAME = re.compile(r"[a-z0-9_]{1,512}", re.ASCII)
_ENTRIES, _FAMILIES = "message_templates", "families"
_KNOWN = frozenset(
    {
        "name",
        "language",
        "category",
        "components",
        "parameter_format",
        "message_send_ttl_seconds",
        "cta_url_link_tracking_opted_out",
        "allow_category_change",
        "sub_category",
        "display_format",
        "library_template_name",
        "library_template_button_inputs",
        "library_template_body_inputs",
        "degrees_of_freedom_spec",
        "product_set_id",
        "is_primary_device_delivery_only",
        "bid_spec",
        "send_type",
        "optimization_spec",
        "creative_sourcing_spec",
    }
)
"""Meta's create body. Source: Meta docs and Meta's own client, "Message templates", read 2026-09."""


@dataclass(frozen=True)
class Entry:
    """One body of a file. `draft` is None when it cannot even be kept as a draft; `path`: where it stands."""

    path: str
    name: str
    language: str
    draft: MessageTemplateDraft | None
    problems: list[Problem] = field(default_factory=list)

    @property
    def has_errors(self) -> bool:
        return any(problem.severity == "error" for problem in self.problems)


@dataclass(frozen=True)
class File:
    """`families` are the settings of names as they were given, by their path."""

    entries: list[Entry]
    families: dict[str, Any] = field(default_factory=dict)


def read_file(content: bytes) -> File:
    """Raises InvalidFields (of `file`) for what is no such file at all."""
    if len(content) > LARGEST_FILE:
        raise _refused(f"The file has over {LARGEST_FILE // 1024 // 1024} MB. Split it.")
    if not content.strip():
        raise _refused("Choose a file, or paste its text.")
    try:
        found = loads(content.strip(), max_depth=_DEEPEST, unique_keys=True, only_storable=True)
    except MalformedBody as error:
        raise _refused(f"The text {error.reason}. Nothing was done.") from None
    return read_parsed(found)


def read_parsed(found: Any) -> File:
    """The same of JSON that was parsed already."""
    if isinstance(found, list):
        return File(_entries(found, ""))
    if not isinstance(found, dict):
        raise _refused("The file holds no message templates: neither an object nor a list.")
    if _ENTRIES not in found:
        return File([judge(found, "")])
    if found.get("format", FORMAT) != FORMAT or found.get("version", VERSION) != VERSION:
        raise _refused(
            f"This console reads “{FORMAT}”, version {VERSION}. The file says it is something else."
        )
    bodies, families = found[_ENTRIES], found.get(_FAMILIES, [])
    for name, part in ((_ENTRIES, bodies), (_FAMILIES, families)):
        if not isinstance(part, list):
            raise _refused(f"“{name}” must be a list.")
    if len(families) > MOST_ENTRIES:
        raise _refused(f"A file has at most {MOST_ENTRIES:,} families.")
    return File(
        _entries(bodies, _ENTRIES), {f"{_FAMILIES}[{index}]": one for index, one in enumerate(families)}
    )


def judge(body: Any, path: str) -> Entry:
    """Every rule of Meta's that can be checked, what Meta judges by taste, and what would be lost."""
    if not isinstance(body, dict):
        problem = Problem("", "Must be an object: the body of Meta’s create call.", "wrong_type")
        return Entry(path, "", "", None, [problem])
    problems = [*check(body), *_advice(body), *_unknown(body)]
    kept = {name: value for name, value in body.items() if name in _KNOWN}
    given_name, given_language = body.get("name"), body.get("language")
    name = given_name if isinstance(given_name, str) else ""
    language = given_language if isinstance(given_language, str) else ""
    draft = MessageTemplateDraft.from_body({**kept, "category": _category(body)})
    return Entry(path, name, language, draft if _can_be_kept(body) else None, problems)


def _entries(bodies: list[Any], path: str) -> list[Entry]:
    if len(bodies) > MOST_ENTRIES:
        raise _refused(
            f"A file has at most {MOST_ENTRIES:,} message templates; this one has {len(bodies):,}."
        )
    if not bodies:
        raise _refused("The file holds no message templates.")
    return [judge(body, f"{path}[{index}]") for index, body in enumerate(bodies)]


def _can_be_kept(body: Mapping[str, Any]) -> bool:
    """A draft may be unfinished, but it must have its name, and what there is must be readable."""
    name, language = body.get("name"), body.get("language")
    components = body.get("components", [])
    return (
        isinstance(name, str)
        and _NAME.fullmatch(name) is not None
        and isinstance(language, str)
        and language in LANGUAGES
        and _category(body) in CATEGORIES
        and isinstance(components, list)
        and all(isinstance(part, dict) and isinstance(part.get("type"), str) for part in components)
        and body.get("parameter_format") in (None, "POSITIONAL", "NAMED")
    )


def _category(body: Mapping[str, Any]) -> str:
    """Meta takes small letters, too."""
    category = body.get("category")
    return category.upper() if isinstance(category, str) else ""


def _advice(body: Mapping[str, Any]) -> list[Problem]:
    draft = MessageTemplateDraft.from_body({**body, "category": _category(body)})
    return [replace(problem, field=path_of(place, draft)) for place, problem in advise(sheet_of(draft))]


def _unknown(body: Mapping[str, Any]) -> list[Problem]:
    said = "This is no part of Meta’s create call and is left out."
    return [Problem(name, said, "unknown", "warning") for name in body if name not in _KNOWN]


def _refused(text: str) -> InvalidFields:
    return InvalidFields([FieldProblem("file", text)])
