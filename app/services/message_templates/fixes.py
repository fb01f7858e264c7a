"""Faults that one click corrects. Each fix takes the editor's sheet and gives a new one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import replace

from app.graph.message_template_rules.placeholders import fill, is_number, names
from app.services.message_templates.sheet_buttons import ButtonSheet
from app.services.message_templates.sheets import PartSheet, Sheet, list_variables

WORDS = {
    "name": "Write it so",
    "numbers": "Number anew",
    "buttons": "Put them together",
    "marks": "Take the marks away",
    "lines": "Take empty lines away",
    "samples": "Fill in samples",
    "opt_out": "Add “Stop”",
    "touching": "Put a dash between",
    "edges": "Put words there",
}
"""What stands on the button, by fix."""
_BY_CODE = {
    "bad_name": "name",
    "variable_sequence": "numbers",
    "quick_replies_apart": "buttons",
    "markdown": "marks",
    "line_breaks": "lines",
    "missing_example": "samples",
    "no_opt_out": "opt_out",
    "variables_touch": "touching",
    "variable_edge": "edges",
}
_AROUND = {
    "en": ("Hello ", ". Thank you!"),
    "de": ("Guten Tag ", ". Vielen Dank!"),
    "es": ("Hola ", ". ¡Muchas gracias!"),
    "fr": ("Bonjour ", ". Merci beaucoup !"),
    "it": ("Buongiorno ", ". Grazie mille!"),
    "pt": ("Olá ", ". Muito obrigado!"),
    "nl": ("Hallo ", ". Dank u wel!"),
}
"""Words before and after, by language."""
_MARKS = re.compile(r"[*_~`]")
_SAMPLES = (
    (("name", "customer", "kunde", "cliente"), "Grace"),
    (("date", "day", "datum", "fecha"), "4 May"),
    (("time", "hour", "uhr", "hora"), "14:30"),
    (("amount", "price", "total", "betrag", "sum"), "£24.50"),
    (("phone", "tel"), "+44 7700 900123"),
    (("mail",), "grace@example.com"),
    (("link", "url"), "https://example.com/a1"),
    (("order", "number", "id", "code", "policy", "claim", "nummer"), "BM-1042"),
)


def fix_for(code: str, place: str, sheet: Sheet) -> str:
    """The fix for a problem of this code there, if one helps."""
    fix = _BY_CODE.get(code, "")
    if fix == "samples" and (place != "samples" or sheet.is_login):
        return ""  # a file cannot be invented
    if fix == "opt_out" and (place != "buttons" or len(sheet.main.buttons) >= _MOST_BUTTONS):
        return ""
    if fix == "edges" and sheet.language.partition("_")[0] not in _AROUND:
        return ""
    return fix


_MOST_BUTTONS = 10


def apply_fix(sheet: Sheet, fix: str) -> Sheet:
    """Anywhere in the sheet where it applies; an unknown fix changes nothing."""
    made = _FIXES.get(fix)
    return made(sheet) if made is not None else sheet


def _fix_name(sheet: Sheet) -> Sheet:
    plain = unicodedata.normalize("NFKD", sheet.name.replace("ß", "ss"))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign)).lower()
    return replace(sheet, name=re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:512])


def _each_part(sheet: Sheet, change: Callable[[PartSheet], PartSheet]) -> Sheet:
    return replace(sheet, main=change(sheet.main), cards=[change(card) for card in sheet.cards])


def _fix_numbers(sheet: Sheet) -> Sheet:
    """In the order in which they stand; the samples move along."""
    samples = dict(sheet.samples)
    parts = []
    for prefix, part in sheet.parts:
        header = _renumber(part.header_text, f"{prefix}header", sheet.samples, samples)
        body = _renumber(part.body, f"{prefix}body", sheet.samples, samples)
        parts.append(replace(part, header_text=header, body=body))
    cards = parts[1:] if len(parts) > 1 else sheet.cards
    return replace(sheet, main=parts[0], cards=cards, samples=samples)


def _renumber(text: str, place: str, before: dict[str, str], after: dict[str, str]) -> str:
    found = [name for name in names(text) if is_number(name)]
    fresh = {name: str(number) for number, name in enumerate(found, 1)}
    for name in found:
        after.pop(f"{place}.{name}", None)
    after.update({f"{place}.{fresh[name]}": before.get(f"{place}.{name}", "") for name in found})
    return fill(text, {name: f"{{{{{number}}}}}" for name, number in fresh.items()})


def _fix_buttons(sheet: Sheet) -> Sheet:
    """Quick replies first, the rest in their order."""
    return _each_part(
        sheet,
        lambda part: replace(
            part, buttons=sorted(part.buttons, key=lambda button: button.kind != "QUICK_REPLY")
        ),
    )


def _fix_marks(sheet: Sheet) -> Sheet:
    return _each_part(sheet, lambda part: replace(part, header_text=_MARKS.sub("", part.header_text)))


def _fix_lines(sheet: Sheet) -> Sheet:
    return _each_part(
        sheet,
        lambda part: replace(
            part,
            header_text=" ".join(part.header_text.split("\n")),
            body=re.sub(r"\n\s*\n\s*\n+", "\n\n", part.body),
        ),
    )


def _fix_samples(sheet: Sheet) -> Sheet:
    """Invented ones, by what the variable is called; what is there stays."""
    invented = {key: _sample(name) for key, name in list_variables(sheet) if not sheet.samples.get(key)}
    return replace(sheet, samples=sheet.samples | invented)


def _sample(name: str) -> str:
    if is_number(name):
        return ("Grace", "BM-1042", "4 May", "14:30")[(int(name) - 1) % 4]
    return next((sample for words, sample in _SAMPLES if any(word in name for word in words)), "sample")


def _fix_opt_out(sheet: Sheet) -> Sheet:
    """Beside the other quick replies, wherever those stand."""
    buttons, stop = list(sheet.main.buttons), ButtonSheet("QUICK_REPLY", "Stop")
    last = max((place for place, one in enumerate(buttons) if one.kind == "QUICK_REPLY"), default=None)
    buttons.insert(len(buttons) if last is None else last + 1, stop)
    return replace(sheet, main=replace(sheet.main, buttons=buttons))


def _fix_touching(sheet: Sheet) -> Sheet:
    return _each_part(sheet, lambda part: replace(part, body=re.sub(r"\}\}\s*\{\{", "}} – {{", part.body)))


def _fix_edges(sheet: Sheet) -> Sheet:
    """A text begins and ends with words of its own."""
    before, after = _AROUND[sheet.language.partition("_")[0]]

    def change(part: PartSheet) -> PartSheet:
        text = part.body.strip()
        text = f"{before}{text}" if text.startswith("{{") else text
        bare = text.rstrip(" .,;:!?")
        return replace(part, body=f"{bare}{after}" if bare.endswith("}}") else text)

    return _each_part(sheet, change)


_FIXES: dict[str, Callable[[Sheet], Sheet]] = {
    "name": _fix_name,
    "numbers": _fix_numbers,
    "buttons": _fix_buttons,
    "marks": _fix_marks,
    "lines": _fix_lines,
    "samples": _fix_samples,
    "opt_out": _fix_opt_out,
    "touching": _fix_touching,
    "edges": _fix_edges,
}
