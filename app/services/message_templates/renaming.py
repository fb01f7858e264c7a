"""Giving a variable another name, everywhere it stands."""

from __future__ import annotations

import re
from dataclasses import replace

from app.graph.message_template_rules.placeholders import fill, is_number, names
from app.services.message_templates.sheets import PartSheet, Sheet, list_variables

_NAME = re.compile(r"[a-z_]{1,60}", re.ASCII)


def rename_variable(sheet: Sheet, old: str, new: str) -> Sheet:
    """`{{old}}` becomes `{{new}}` in header, texts, links and samples. Unfit or taken names change nothing.

    A number that gets a name gives all the others names too: Meta does not take both in one.
    """
    known = {name for _, name in list_variables(sheet)} | _in_links(sheet)
    if not _NAME.fullmatch(new) or old not in known or new in known:
        return sheet
    fresh = {old: new}
    if is_number(old):
        others = [name for name in sorted(known) if is_number(name) and name != old]
        fresh |= {name: f"value_{_letters(int(name))}" for name in others}
    texts = {name: f"{{{{{to}}}}}" for name, to in fresh.items()}
    return replace(
        sheet,
        main=_in_part(sheet.main, texts),
        cards=[_in_part(card, texts) for card in sheet.cards],
        samples={_key(key, fresh): value for key, value in sheet.samples.items()},
    )


def _in_links(sheet: Sheet) -> set[str]:
    return {name for _, part in sheet.parts for button in part.buttons for name in names(button.url)}


def _in_part(part: PartSheet, texts: dict[str, str]) -> PartSheet:
    return replace(
        part,
        header_text=fill(part.header_text, texts),
        body=fill(part.body, texts),
        buttons=[replace(button, url=fill(button.url, texts)) for button in part.buttons],
    )


def _key(key: str, fresh: dict[str, str]) -> str:
    place, _, name = key.rpartition(".")
    return f"{place}.{fresh.get(name, name)}"


def _letters(number: int) -> str:
    """1 is a, 26 is z, 27 is aa: names have no digits."""
    found = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("a") + rest) + found
    return found
