"""A message template's text taken apart into named pieces, and what differs between two such texts.

Pieces are for people: what Meta may send in a form that we do not know is shown as it came, never dropped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal, Protocol

from app.graph.message_template_rules import CATEGORIES

_WORDS = re.compile(r"\{\{\w*\}\}|\w+|\s+|[^\w\s]")
_LONGEST = 20_000
"""Beyond this many characters a piece is compared as a whole: it is no text that anybody wrote."""
_BUTTONS = {
    "QUICK_REPLY": "Quick reply",
    "URL": "Link",
    "PHONE_NUMBER": "Call",
    "COPY_CODE": "Copy code",
    "FLOW": "Flow",
    "OTP": "Login code",
    "CATALOG": "Catalogue",
    "MPM": "Products",
    "SPM": "Product",
    "VOICE_CALL": "WhatsApp call",
    "REQUEST_CONTACT_INFO": "Contact details",
}
_OPTIONS = {
    "message_send_ttl_seconds": "Time to live",
    "cta_url_link_tracking_opted_out": "Clicks not counted",
    "sub_category": "Kind",
    "library_template_name": "From Meta’s library",
}

FragmentKind = Literal["same", "added", "removed"]


class Text(Protocol):
    """What a message template and its versions have in common."""

    @property
    def category(self) -> str: ...
    @property
    def parameter_format(self) -> str: ...
    @property
    def components(self) -> list[Any]: ...
    @property
    def options(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Fragment:
    kind: FragmentKind
    text: str


@dataclass(frozen=True)
class PieceDifference:
    """One piece: in which words it differs. `kind` says whether it is new, gone or another."""

    name: str
    kind: Literal["changed", "added", "removed"]
    fragments: list[Fragment]


def pieces(text: Text) -> dict[str, str]:
    """By name, in the order in which they are read."""
    found = {
        "Category": CATEGORIES.get(text.category, text.category),
        "Variables": "Named" if text.parameter_format == "NAMED" else "Numbered",
    }
    found |= dict(_of_components(text.components, ""))
    for name, value in sorted((text.options or {}).items()):
        label = _OPTIONS.get(name, name.replace("_", " ").capitalize())
        found[label] = f"{value} seconds" if name == "message_send_ttl_seconds" else _plain(value)
    return found


def differences(before: Text, after: Text) -> list[PieceDifference]:
    """Only pieces that differ, in the order of `after`."""
    old, new = pieces(before), pieces(after)
    names = [name for name in dict.fromkeys([*new, *old]) if old.get(name) != new.get(name)]
    return [_difference(name, old.get(name), new.get(name)) for name in names]


def compare_words(before: str, after: str) -> list[Fragment]:
    """Word by word; what was taken out stands before what came in its place."""
    if len(before) + len(after) > _LONGEST:
        return [Fragment("removed", before), Fragment("added", after)]
    old, new = _WORDS.findall(before), _WORDS.findall(after)
    found: list[Fragment] = []
    removed = added = ""
    for word, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        out, came = "".join(old[i1:i2]), "".join(new[j1:j2])
        # A space between two changes belongs to both: a phrase is struck as one.
        if word == "equal" and not (out.isspace() and (removed or added) and j2 < len(new)):
            found += [*_changed(removed, added), Fragment("same", came)]
            removed = added = ""
        else:
            removed, added = removed + out, added + came
    return found + _changed(removed, added)


def _changed(removed: str, added: str) -> list[Fragment]:
    both: tuple[Fragment, ...] = (Fragment("removed", removed), Fragment("added", added))
    return [fragment for fragment in both if fragment.text]


def _difference(name: str, before: str | None, after: str | None) -> PieceDifference:
    if before is None:
        return PieceDifference(name, "added", [Fragment("added", after or "")])
    if after is None:
        return PieceDifference(name, "removed", [Fragment("removed", before)])
    return PieceDifference(name, "changed", compare_words(before, after))


def _of_components(components: object, prefix: str) -> Iterator[tuple[str, str]]:
    for part in components if isinstance(components, list) else []:
        if isinstance(part, dict):
            yield from _of_part(part, prefix)


def _of_part(part: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    kind = str(part.get("type", "")).upper()
    name = _named(prefix, kind.replace("_", " ").capitalize())
    if kind == "BUTTONS":
        for number, button in enumerate(_mappings(part.get("buttons")), start=1):
            yield _named(prefix, f"Button {number}"), _button(button)
    elif kind == "CAROUSEL":
        for number, card in enumerate(_mappings(part.get("cards")), start=1):
            yield from _of_components(card.get("components"), f"Card {number}")
    elif kind in ("HEADER", "BODY", "FOOTER"):
        yield name, _words(part)
        samples = _samples(part.get("example"))
        if samples:
            yield f"{name} samples", samples
    else:
        yield name, _plain({key: value for key, value in part.items() if key != "type"})


def _named(prefix: str, name: str) -> str:
    return f"{prefix}: {name.lower()}" if prefix else name


def _words(part: Mapping[str, Any]) -> str:
    """The text, or for Meta's fixed ones and files what they are."""
    form = str(part.get("format", "TEXT")).upper()
    if isinstance(part.get("text"), str) and form == "TEXT":
        return str(part["text"])
    said = [] if form == "TEXT" else [form.capitalize()]
    if part.get("add_security_recommendation"):
        said.append("with the advice not to share the code")
    if part.get("code_expiration_minutes") is not None:
        said.append(f"Expires in {part['code_expiration_minutes']} minutes")
    return ", ".join(said) or "Meta’s fixed text"


def _button(button: Mapping[str, Any]) -> str:
    kind = str(button.get("type", "")).upper()
    names = ("text", "url", "phone_number", "flow_id", "flow_name", "navigate_screen", "otp_type", "example")
    said = [_plain(button[name]) for name in names if button.get(name)]
    return f"{_BUTTONS.get(kind, kind.capitalize())}: {', '.join(said)}".rstrip(": ")


def _samples(example: object) -> str:
    if not isinstance(example, dict):
        return ""
    found = []
    for name, value in example.items():
        # Meta reads a file's handle back as an address that is another one each time.
        if name == "header_handle":
            continue
        rows = value if isinstance(value, list) else [value]
        found.append(", ".join(_sample(row) for row in rows))
    return "; ".join(filter(None, found))


def _sample(value: object) -> str:
    if isinstance(value, dict) and "param_name" in value:
        return f"{value['param_name']}: {_plain(value.get('example', ''))}"
    return _plain(value)


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(one, str | int) for one in value):
        return ", ".join(str(one) for one in value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, sort_keys=True)
    return str(value)


def _mappings(values: object) -> Iterable[Mapping[str, Any]]:
    return [one for one in values if isinstance(one, dict)] if isinstance(values, list) else []
