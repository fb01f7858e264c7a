"""Header, body and footer, and the examples of their variables.

Source: Meta docs, "Message template components" page, read 2026-09.
"""

from __future__ import annotations

import re

from app.graph import reading
from app.graph.checking import Spot, count_emoji
from app.graph.message_template_rules import placeholders
from app.graph.message_template_rules.context import Context

SHORT_CHARACTERS = 60  # text headers and footers
BODY_CHARACTERS = 1024
OFFER_BODY_CHARACTERS = 600
CARD_BODY_CHARACTERS = 160
_MOST_EMOJI = 10
_HANDLE = "4:"  # what the handles of resumable uploads begin with
_MEDIA = ("IMAGE", "VIDEO", "DOCUMENT", "GIF")
_HEADERS = ("TEXT", *_MEDIA, "LOCATION", "PRODUCT")
_MARKDOWN = re.compile(r"[*_~`]\S[^*_~`]*[*_~`]")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*\n")


def check_header(header: Spot, context: Context) -> None:
    kind = _header_format(header)
    if kind == "TEXT":
        _check_header_text(header, context)
    elif kind in _MEDIA:
        _check_handle(header)
    if kind == "PRODUCT" and "SPM" not in context.button_kinds() and not context.is_card:
        header["format"].note("A product header needs the product button.", "not_allowed")
    if kind == "GIF" and context.category != "MARKETING":
        header["format"].note("A GIF header is only for marketing.", "not_allowed")


def _header_format(header: Spot) -> str:
    given = header["format"].value
    upper = given.upper() if isinstance(given, str) else given
    return Spot(upper, header["format"].path, header.problems).choice("The header's kind", _HEADERS)


def _check_header_text(header: Spot, context: Context) -> None:
    spot = header["text"]
    text = spot.text("The header", SHORT_CHARACTERS)
    found = placeholders.check_names(spot, "The header", named=context.is_named)
    if _MARKDOWN.search(text):
        spot.note("The header shows no bold or italic text.", "markdown", "warning")
    if "\n" in text:
        spot.note("The header is a single line.", "line_breaks", "warning")
    if placeholders.count(text) > 1:
        spot.note("The header may have only one variable.", "too_many_variables")
    else:
        check_examples(header, "header_text", found, "The header", named=context.is_named)


def _check_handle(header: Spot) -> None:
    handles = reading.items(header["example"]["header_handle"].value)
    first = (reading.text(handles[0]) or "") if handles else ""
    if not handles:
        header["example"].note("Upload a sample of the file; Meta reviews it.", "missing_example")
    elif not first.startswith(_HANDLE):
        header["example"].note(
            "The sample must be a handle of an upload (4:…), not the id of a file or a link.", "bad_handle"
        )


def check_body(body: Spot, context: Context) -> None:
    limit = OFFER_BODY_CHARACTERS if context.has("LIMITED_TIME_OFFER") else BODY_CHARACTERS
    if context.header_format() == "PRODUCT":
        limit = CARD_BODY_CHARACTERS
    check_body_text(body, limit, "The body", named=context.is_named)


def check_body_text(body: Spot, limit: int, what: str, *, named: bool) -> None:
    """The body of a message template or of one card."""
    spot = body["text"]
    text = spot.text(what, limit)
    found = placeholders.check_names(spot, what, named=named)
    placeholders.check_flow(spot, what)
    if count_emoji(text) > _MOST_EMOJI:
        spot.note(f"{what} has more than {_MOST_EMOJI} emoji; Meta may refuse it.", "emoji", "warning")
    if _EMPTY_LINES.search(text):
        spot.note(f"{what} has more than one empty line in a row.", "line_breaks", "warning")
    check_examples(body, "body_text", found, what, named=named)


def check_footer(footer: Spot) -> None:
    spot = footer["text"]
    text = spot.text("The footer", SHORT_CHARACTERS)
    if "{{" in text or "}}" in text:
        spot.note("The footer may not have variables.", "not_allowed")


def check_examples(spot: Spot, key: str, found: list[str], what: str, *, named: bool) -> None:
    """Meta wants one example for every variable."""
    if not found:
        return
    example = spot["example"]
    if named:
        given = _named_examples(example[f"{key}_named_params"])
        missing = [name for name in found if not given.get(name)]
        if missing:
            listed = ", ".join(missing)
            example.note(f"{what} needs an example for: {listed}.", "missing_example")
        return
    values = _numbered_examples(example[key].value)
    if len(values) != len(found) or not all(value.strip() for value in values):
        example.note(
            f"{what} needs {len(found)} example{'s' if len(found) > 1 else ''}, one for each variable.",
            "missing_example",
        )


def _named_examples(spot: Spot) -> dict[str, str]:
    pairs = (
        (reading.text(pair.get("param_name")), reading.text(pair.get("example")))
        for pair in reading.mappings(spot.value)
    )
    return {name: example.strip() for name, example in pairs if name and example}


def _numbered_examples(value: object) -> list[str]:
    """`[["a", "b"]]` as documented; a single variable may also have `"a"` or `["a"]`."""
    if isinstance(value, str):
        return [value]
    rows = reading.items(value)
    if rows and isinstance(rows[0], list):
        return [reading.text(item) or "" for item in rows[0]]
    return [reading.text(item) or "" for item in rows] if len(rows) == 1 else []
