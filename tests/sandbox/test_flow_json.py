"""What is wrong in a Flow JSON is found, named as Meta names it, and pointed at."""

from __future__ import annotations

import json
from typing import Any

import pytest

from app.sandbox.flow_json.check import check
from app.sandbox.flow_json.expressions import BadExpression, evaluate, resolve
from tests.sandbox.flow_support import FOOTER, flow, footer, screen, text_input

BODY = {"type": "TextBody", "text": "All right?"}
ITEMS = [{"id": "a", "title": "A"}]
CHOICE = {"type": "Dropdown", "name": "c", "label": "C", "data-source": ITEMS}


def end(*children: Any, **more: Any) -> Any:
    return flow(screen("END", *children, FOOTER, terminal=True, **more))


def two(*children: Any, **more: Any) -> Any:
    """A first screen with these components that leads to a second."""
    second = screen("END", FOOTER, terminal=True, data={"place": "Kitchen"})
    return flow(screen("START", *children, **more), second)


def errors(broken: Any) -> list[str]:
    return [found["error"] for found in check(json.dumps(broken, indent=1))]


GOOD = {
    "smallest": end(BODY),
    "forward": two(text_input("p"), footer("navigate", {"place": "${form.p}"}, "END")),
    "form": end({"type": "Form", "name": "f", "children": [text_input("p")]}),
    "branches with the same name": end(
        CHOICE,
        {
            "type": "If",
            "condition": "(${form.c} == 'a') && true",
            "then": [text_input("p")],
            "else": [text_input("p")],
        },
    ),
    "expression": end(BODY | {"text": "`'Total: ' ${data.sum} * 2`"}, data={"sum": 2}),
    "endpoint": end(BODY) | {"data_api_version": "3.0", "routing_model": {"END": []}},
}


@pytest.mark.parametrize("good", GOOD.values(), ids=GOOD.keys())
def test_good_flow_has_no_errors(good: Any) -> None:
    assert check(json.dumps(good)) == []


BAD: list[tuple[str, Any]] = [
    ("INVALID_ENUM_VALUE", end({"type": "Marquee"})),
    ("INVALID_PROPERTY_KEY", end(BODY | {"colour": "red"})),
    ("INVALID_PROPERTY_KEY", end(BODY, colour="red")),
    ("INVALID_PROPERTY_TYPE", end(text_input("p", required="yes"))),
    ("INVALID_PROPERTY_TYPE", end(BODY, title=None)),
    ("MISSING_REQUIRED_PROPERTY", end({"type": "TextInput", "name": "p"})),
    ("MISSING_REQUIRED_PROPERTY", flow(screen("END", BODY, terminal=True))),
    ("MISSING_REQUIRED_TYPE_PROPERTY", end({"text": "x"})),
    ("INVALID_PROPERTY_VALUE", end({"type": "TextHeading", "text": "x" * 81})),
    ("INVALID_PROPERTY_VALUE", end(CHOICE | {"data-source": [{"id": "a", "title": "x" * 31}]})),
    ("INVALID_PROPERTY_VALUE", end(*[BODY] * 51)),
    ("MIN_ITEMS_REQUIRED", end(CHOICE | {"data-source": []})),
    ("INVALID_ENUM_VALUE", end(text_input("p", **{"input-type": "colour"}))),
    ("MIN_VALUE_GREATER_THAN_MAX", end(text_input("p", **{"min-chars": 9, "max-chars": 3}))),
    ("DUPLICATE_FORM_COMPONENT_NAMES", end(text_input("p"), text_input("p"))),
    ("INVALID_DEPENDENCIES", flow(screen("END", FOOTER | {"left-caption": "l", "center-caption": "c"}))),
    ("MAX_OPT_IN_PER_SCREEN", end(*({"type": "OptIn", "name": f"o{n}", "label": "O"} for n in range(6)))),
    ("MAX_SCREENS_NUMBER", flow(*(screen("A" * n, FOOTER, terminal=True) for n in range(1, 103)))),
    ("INVALID_SCREEN_DYNAMIC_DATA", end(BODY | {"text": "${data.unknown}"})),
    ("INVALID_PROPERTY_VALUE", end(BODY | {"text": "${form.unknown}"})),
    ("INVALID_ON_CLICK_ACTION_PAYLOAD", flow(screen("END", footer("complete", {"p": "${form.no}"})))),
    ("INVALID_ON_CLICK_ACTION_PAYLOAD", two(footer("navigate") | {"on-click-action": {"name": "navigate"}})),
    ("INVALID_PROPERTY_VALUE_FORMAT", end(BODY | {"text": "`${data.a} ==`"})),
    ("INVALID_PROPERTY_VALUE_FORMAT", end(BODY | {"text": "${cookie.a}"})),
    ("INVALID_COMPLETE_ACTION", two(footer("complete"))),
    ("INVALID_NAVIGATE_ACTION_NEXT_SCREEN_NAME", two(footer("navigate", {}, "NOWHERE"))),
    ("INVALID_NAVIGATE_ACTION_PAYLOAD", two(footer("navigate", {}, "END"))),
    ("INVALID_SCREEN_DATA", end(BODY, data={"a": "b"}) | {"screens": [{"data": {"a": {"type": "map"}}}]}),
    (
        "INVALID_ROUTING_MODEL",
        flow(
            screen("A", footer("navigate", {}, "B")),
            screen("B", footer("navigate", {}, "A"), terminal=True),
        ),
    ),
    ("INVALID_ROUTING_MODEL", flow(screen("A", FOOTER, terminal=True), screen("B", FOOTER, terminal=True))),
    ("INVALID_ROUTING_MODEL", end() | {"data_api_version": "3.0", "routing_model": {"END": ["NOWHERE"]}}),
    ("NO_SUPPORTED_DATA_API_VERSION", end() | {"data_api_version": "9.0", "routing_model": {"END": []}}),
    (
        "INVALID_PROPERTY_VALUE",
        end(
            CHOICE,
            {"type": "If", "condition": "${form.c}", "then": [
                {"type": "If", "condition": "${form.c}", "then": [
                    {"type": "If", "condition": "${form.c}", "then": [
                        {"type": "If", "condition": "${form.c}", "then": [BODY]},
                    ]},
                ]},
            ]},
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize("error,broken", BAD, ids=[f"{error} {n}" for n, (error, _) in enumerate(BAD)])
def test_wrong_flow_is_found_out(error: str, broken: Any) -> None:
    assert error in errors(broken)


def test_error_points_at_its_place() -> None:
    text = """{"version": "7.3", "screens": [
  {"id": "END", "terminal": true,
   "layout": {"type": "SingleColumnLayout", "children": [
     {"type": "TextBody", "text": "Hi"},
     {"type": "TextBody", "text": "Hi",
      "colour": "red"},
     {"type": "Footer", "label": "Send", "on-click-action": {"name": "complete", "payload": {}}}]}}]}"""
    [found] = check(text)
    place = {"line_start": 5, "line_end": 6, "column_start": 6, "column_end": 22}
    assert {key: found[key] for key in place} == place
    assert found["pointers"] == [place | {"path": "screens[0].layout.children[1]"}]


def test_invalid_json_points_at_the_character() -> None:
    [found] = check('{"version":\n  7.3,}')
    assert (found["error"], found["line_start"], found["column_start"]) == ("INVALID_FLOW_JSON", 2, 7)


VALUES = {"data.n": 3, "data.text": "5", "data.no": False, "form.name": "Ana"}


@pytest.mark.parametrize(
    "text,value",
    [
        ("${data.n} > 2 && !(${data.no})", True),
        ("${data.n} == 3 || ${data.no}", True),
        ("${data.text} == 5", True),
        ("${data.no} == false", True),
        ("${form.name} != 'Ana'", False),
        ("'b' > 'a'", True),
        ("2 + 3 * 4 - (1 + 1)", 12),
        ("7 / 2", 3.5),
        ("7 / 0", None),
        ("-${data.n}", -3),
        ("'Hello ' ${form.name} '!'", "Hello Ana!"),
        ("'Hello ' + ${form.name}", "Hello Ana"),
        ("'it\\'s'", "it's"),
        ("${data.unknown} == 1", False),
    ],
)
def test_expression_has_its_value(text: str, value: Any) -> None:
    assert evaluate(text, VALUES.get) == value


@pytest.mark.parametrize(
    "text", ["", "1 +", "(1", "__import__('os')", "${a}.b()", "1" * 5000, "(" * 60 + "1" + ")" * 60]
)
def test_what_is_no_expression_is_refused(text: str) -> None:
    with pytest.raises(BadExpression):
        evaluate(text, VALUES.get)


def test_binding_keeps_its_type_and_other_texts_stay_as_they_are() -> None:
    given = {"n": "${data.n}", "list": ["${data.no}", "n is ${data.n}"], "sum": "`${data.n} + 1`"}
    assert resolve(given, VALUES.get) == {"n": 3, "list": [False, "n is ${data.n}"], "sum": 4}
