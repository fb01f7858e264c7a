"""A Flow as one plain form: the fields of all its screens under each other, in their order."""

import json
from dataclasses import dataclass, field
from typing import Any

from ..context import Sandbox
from ..database import Row
from ..store import flows
from .chat import Chat

Part = dict[str, Any]
# Components that ask for something → the kind of field on the page.
KINDS = {
    "TextInput": "text", "TextArea": "area", "DatePicker": "date", "CalendarPicker": "date", "OptIn": "check",
    "RadioButtonsGroup": "one", "Dropdown": "one", "NavigationList": "one", "CheckboxGroup": "some",
    "ChipsSelector": "some",
}  # fmt: skip
TEXTS = {"TextHeading", "TextSubheading", "TextBody", "TextCaption"}
BINDING = "${"


@dataclass(frozen=True)
class Field:
    """`kind`: text, area, date, check, one, some, or words (nothing to enter)."""

    kind: str
    name: str
    label: str
    is_required: bool = False
    options: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Screen:
    title: str
    fields: list[Field]


def screens_of(sandbox: Sandbox, chat: Chat, message: Row) -> list[Screen]:
    """Empty when the sandbox does not know the Flow, or its JSON asks for nothing."""
    row = _flow(sandbox, chat, message)
    text = (row["published_json"] or row["json"]) if row else None
    try:
        found: list[Screen] = [_screen(screen) for screen in _screens(text)]
    except (ValueError, TypeError, AttributeError, KeyError):
        return []
    asks = any(item.kind != "words" for screen in found for item in screen.fields)
    return found if asks else []


def answers(screens: list[Screen], form: Any) -> Part:
    """What was entered, by the names of the Flow; without known screens the pairs of name and value."""
    if not screens:
        pairs = zip(form.getlist("key"), form.getlist("value"), strict=False)
        return {key.strip(): value for key, value in pairs if key.strip()}
    entered: Part = {}
    for item in (item for screen in screens for item in screen.fields if item.kind != "words"):
        if item.kind == "some":
            entered[item.name] = form.getlist(item.name)
        elif item.kind == "check":
            entered[item.name] = item.name in form
        else:
            entered[item.name] = form.get(item.name, "")
    return entered


def _flow(sandbox: Sandbox, chat: Chat, message: Row) -> Row | None:
    payload = message["payload"]
    if payload["type"] == "interactive":
        parameters = payload["interactive"]["action"]["parameters"]
        if "flow_id" in parameters:
            return flows.find(sandbox.db, str(parameters["flow_id"]))
        return flows.find_named(sandbox.db, chat.number["waba_id"], str(parameters.get("flow_name")))
    parts = payload.get("_components") or []
    buttons = (button for part in parts for button in part.get("buttons") or [])
    found: Part = next((button for button in buttons if button["type"] == "FLOW"), {})
    return flows.find(sandbox.db, str(found.get("flow_id")))


def _screens(text: str | None) -> list[Part]:
    return list(json.loads(text or "{}").get("screens") or [])


def _screen(screen: Part) -> Screen:
    return Screen(str(screen.get("title") or screen["id"]), _fields(screen["layout"]["children"]))


def _fields(children: list[Part]) -> list[Field]:
    found: list[Field] = []
    for child in children:
        kind = str(child["type"])
        if kind == "Form":
            found += _fields(child["children"])
        elif kind in KINDS and "name" in child:
            found.append(_asked(child, KINDS[kind]))
        elif kind in TEXTS and BINDING not in str(child.get("text")):
            found.append(Field("words", "", _words(child.get("text"))))
    return found


def _asked(child: Part, kind: str) -> Field:
    source = child.get("data-source") or child.get("list-items") or []
    options = [
        (str(item["id"]), str(item.get("title", item["id"]))) for item in source if isinstance(item, dict)
    ]
    if kind in {"one", "some"} and not options:
        kind = "text"  # its choices come from the business's endpoint, which nobody asks here
    label = str(child.get("label") or child["name"])
    return Field(kind, str(child["name"]), label, child.get("required") is True, options)


def _words(text: Any) -> str:
    return "\n".join(map(str, text)) if isinstance(text, list) else str(text or "")
