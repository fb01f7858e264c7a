"""A Flow's JSON as somebody typed it: may Meta be shown it, which screens and questions does it hold.

Texts come from people, programs and Meta, and may be anything; nothing here raises.
Source: Meta docs, "Flow JSON" pages, read 2026-09.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from app.graph.flows import MOST_JSON_BYTES, FlowFault
from app.graph.json_limits import MAX_DEPTH, TOO_DEEP, MalformedBody, loads

MOST_QUESTIONS = 300
_MOST_SCREENS = 100
_MOST_CHOICES = 200
_LONGEST_LABEL = 300
_LONGEST_NAME = 200
_BINDING = re.compile(r"\$\{(?:screen\.[^.{}]+\.)?(?:form|data)\.([^.{}]+)\}")
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}]')
"""Whole texts, so that brackets in them do not count, and brackets."""
_CONSTANT = re.compile(r"has (-?\w+), which JSON")
_JSON_WORDS = {
    "Expecting value": "a value is missing or misspelt here",
    "Expecting ',' delimiter": "a comma or a closing bracket is missing before this",
    "Expecting ':' delimiter": "a colon is missing before this",
    "Expecting property name enclosed in double quotes": "a name in double quotes must stand here",
    "Illegal trailing comma before end of object": "the comma before the closing bracket is too many",
    "Illegal trailing comma before end of array": "the comma before the closing bracket is too many",
    "Unterminated string starting at": "the text that begins here is not closed with a double quote",
    "Invalid control character at": "a text is not closed on its line, or holds a tab or a line break",
    "Invalid \\escape": "a backslash stands before a sign that needs none",
    "Invalid \\uXXXX escape": "after \\u four hexadecimal digits must follow",
    "Extra data": "it goes on after its end",
}
"""What Python says of a text that is no JSON, for people."""
_ASKING = frozenset({"complete", "navigate", "data_exchange"})


@dataclass(frozen=True)
class TextReading:
    """`faults` are ours, in Meta's form: they say why Meta need not be asked. Without any, `flow` is read."""

    flow: dict[str, Any] = field(default_factory=dict)
    faults: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class Question:
    """What a customer is asked. `name` stands in the answer, `choices` are titles by the ids sent."""

    name: str
    label: str
    choices: dict[str, str] = field(default_factory=dict)


def read(text: str) -> TextReading:
    """The object, or why it is none."""
    if not text.strip():
        return _fault("MISSING_FLOW_JSON", "There is no Flow JSON yet.")
    body = text.encode("utf-8", "replace")
    if len(body) > MOST_JSON_BYTES:
        return _fault(
            "INVALID_FLOW_JSON", "The Flow JSON is larger than 10 MB, which is more than Meta takes."
        )
    try:
        flow = loads(body)
    except MalformedBody as error:
        return _not_json(text, error.reason)
    if not isinstance(flow, dict):
        return _fault("INVALID_FLOW_JSON", "A Flow JSON is an object: it begins with { and ends with }.")
    return TextReading(flow)


def fault_values(faults: tuple[FlowFault, ...]) -> list[dict[str, Any]]:
    """Meta's faults as a row keeps them."""
    return [{**asdict(fault), "paths": list(fault.paths)} for fault in faults]


def version_of(text: str) -> str:
    """Tells two texts apart: what somebody began to edit, and what stands there by now."""
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]


def outline_of(text: str) -> dict[str, Any]:
    """Screens and questions, as a row keeps them; empty for what is no Flow JSON."""
    flow = read(text).flow
    screens = [screen for screen in _list(flow.get("screens")) if isinstance(screen, dict)][:_MOST_SCREENS]
    return {
        "screens": [
            {"id": screen_id[:_LONGEST_NAME], "title": _text(screen.get("title"))[:_LONGEST_LABEL]}
            for screen in screens
            if (screen_id := _text(screen.get("id")))
        ],
        "questions": [asdict(question) for question in _questions(screens)],
    }


def questions_of(outline: dict[str, Any]) -> dict[str, Question]:
    """By name, in the order of the form; out of what `outline_of` made."""
    found = (Question(**entry) for entry in outline.get("questions", []))
    return {question.name: question for question in found}


def _questions(screens: list[dict[str, Any]]) -> list[Question]:
    """What the last screens hand over, in their order; then fields that only the business's server sees."""
    asked: dict[str, Question] = {}
    sources: dict[str, str] = {}
    ends: list[str] = []
    for part in _parts(screens):
        name, payload = _text(part.get("name")), part.get("payload")
        if isinstance(payload, dict) and name in _ASKING:
            for key, value in payload.items():
                if isinstance(value, str) and (bound := _BINDING.fullmatch(value)):
                    sources.setdefault(key, bound[1])
            ends += [key for key in payload if name == "complete"]
        elif name and part.get("type") not in (None, "Form") and "label" in part:
            asked.setdefault(name, _question(name, part))
    ordered: dict[str, Question] = {}
    taken: set[str] = set()
    for key in ends:
        field_name = _follow(key, sources, asked)
        taken.add(field_name)
        known = asked.get(field_name)
        ordered[key] = Question(key, known.label, known.choices) if known else Question(key, _words(key))
    ordered |= {name: question for name, question in asked.items() if name not in taken | set(ordered)}
    return [question for name, question in ordered.items() if len(name) <= _LONGEST_NAME][:MOST_QUESTIONS]


def _question(name: str, part: dict[str, Any]) -> Question:
    choices = {
        choice_id[:_LONGEST_NAME]: _text(choice.get("title"))[:_LONGEST_LABEL]
        for choice in _list(part.get("data-source"))[:_MOST_CHOICES]
        if isinstance(choice, dict) and (choice_id := _text(choice.get("id")))
    }
    label = _text(part.get("label"))[:_LONGEST_LABEL]
    # A label may be a binding, which says nothing to people.
    return Question(name, _words(name) if not label or "${" in label else label, choices)


def _follow(key: str, sources: dict[str, str], asked: dict[str, Question]) -> str:
    """From a name in the answer to the field it was typed into, over the screens between."""
    seen = {key}
    while key in sources and sources[key] not in seen:
        key = sources[key]
        seen.add(key)
        if key in asked:
            break
    return key


def _words(name: str) -> str:
    return name.replace("_", " ").strip().capitalize()[:_LONGEST_LABEL] or name


def _parts(screens: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every object in the order of the text, without recursion."""
    waiting: list[Any] = list(reversed(screens))
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            yield part
            waiting.extend(reversed(list(part.values())))
        elif isinstance(part, list):
            waiting.extend(reversed(part))


def _not_json(text: str, reason: str) -> TextReading:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        said = _JSON_WORDS.get(error.msg, error.msg.removesuffix(" at"))
        return _fault("INVALID_FLOW_JSON", f"This is not JSON: {said}.", error.lineno, error.colno)
    except (ValueError, RecursionError):
        pass
    return _fault("INVALID_FLOW_JSON", f"This text {reason}.", *_place_of(reason, text))


def _place_of(reason: str, text: str) -> tuple[int | None, int | None]:
    """(line, column) of what strict reading refused and lax reading takes."""
    if (constant := _CONSTANT.search(reason)) is not None:
        return _place(text, _find_outside_texts(text, constant[1]))
    return _place(text, _too_deep_at(text)) if reason == TOO_DEEP else (None, None)


def _place(text: str, offset: int | None) -> tuple[int | None, int | None]:
    if offset is None:
        return None, None
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def _too_deep_at(text: str) -> int | None:
    """Where the first bracket stands that is one too many."""
    depth = 0
    for found in _MARKS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return found.start()
        elif found[0] in "]}":
            depth -= 1
    return None


def _find_outside_texts(text: str, word: str) -> int | None:
    found = re.finditer(rf'"(?:[^"\\]|\\.)*"|{re.escape(word)}', text)
    return next((one.start() for one in found if one[0] == word), None)


def problem_of(fault: dict[str, Any]) -> str:
    """A fault of ours with its place, where only one line of words can be told."""
    line, column = fault["line_start"], fault["column_start"]
    return f"{fault['message']} Line {line}, column {column}." if line else str(fault["message"])


def _fault(error: str, message: str, line: int | None = None, column: int | None = None) -> TextReading:
    made = FlowFault(error, message, "FLOW_JSON_ERROR", line, line, column, column)
    return TextReading(faults=fault_values((made,)))


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
