"""`{{1}}` and `{{first_name}}` in texts: finding, judging and replacing them.

Replacing is plain and happens once: a placeholder inside a value stays as it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from app.graph.checking import Spot

_VARIABLE = re.compile(r"\{\{([^{}]*)\}\}")
_NUMBER = re.compile(r"[1-9][0-9]?", re.ASCII)
_NAME = re.compile(r"[a-z_]+", re.ASCII)
_TOUCHING = re.compile(r"\}\}\s*\{\{")
# Scripts that put no blanks between words: each sign counts as a word.
_UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


def names(text: str) -> list[str]:
    """The names (or numbers) of the variables in order of first appearance, each once."""
    return list(dict.fromkeys(_VARIABLE.findall(text)))


def count(text: str) -> int:
    """How many variables stand in the text; one that stands twice counts twice."""
    return len(_VARIABLE.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the given values put in, in one pass; other variables stay."""
    return _VARIABLE.sub(lambda found: values.get(found[1], found[0]), text)


def is_number(name: str) -> bool:
    return _NUMBER.fullmatch(name) is not None


def check_names(spot: Spot, what: str, *, named: bool) -> list[str]:
    """Note misspelt, mixed and missing variables of a text; the variables' names."""
    text = spot.value if isinstance(spot.value, str) else ""
    _check_braces(spot, text, what)
    found = names(text)
    if named:
        _check_named(spot, found, what)
    else:
        _check_numbered(spot, found, what)
    return found


def _check_braces(spot: Spot, text: str, what: str) -> None:
    rest = _VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        spot.note(f"{what} has braces that do not belong together; write {{{{1}}}}.", "braces")
    elif "{" in rest or "}" in rest:
        spot.note(f"{what} has a single brace; Meta may refuse it.", "braces", "warning")


def _check_named(spot: Spot, found: list[str], what: str) -> None:
    for name in found:
        if not _NAME.fullmatch(name):
            spot.note(
                f"{what}: {{{{{name}}}}} is not a name. Names have only lower-case letters and _.",
                "variable_name",
            )


def _check_numbered(spot: Spot, found: list[str], what: str) -> None:
    odd = [name for name in found if not is_number(name)]
    if odd:
        spot.note(
            f"{what}: {{{{{odd[0]}}}}} is not a number. Use {{{{1}}}}, {{{{2}}}} … or choose named "
            "variables for the whole message template.",
            "variable_name",
        )
        return
    numbers = sorted(int(name) for name in found)
    if numbers != list(range(1, len(numbers) + 1)):
        spot.note(
            f"{what}: variables are numbered {{{{1}}}}, {{{{2}}}}, {{{{3}}}} … without gaps.",
            "variable_sequence",
        )


def check_flow(spot: Spot, what: str) -> None:
    """Note variables at the edges, side by side, or too many for the words around them."""
    text = spot.value if isinstance(spot.value, str) else ""
    found = list(_VARIABLE.finditer(text))
    if not found:
        return
    _check_start(spot, text[: found[0].start()], what)
    _check_end(spot, text[found[-1].end() :], what)
    if _TOUCHING.search(text):
        spot.note(f"{what} has two variables side by side; put words between.", "variables_touch")
    _check_ratio(spot, count_words(_VARIABLE.sub(" ", text)), len(found), what)


def _check_start(spot: Spot, before: str, what: str) -> None:
    if not before.strip():
        spot.note(f"{what} begins with a variable; put words there.", "variable_edge")
    elif not any(sign.isalnum() for sign in before):
        spot.note(f"{what} has no words before its first variable.", "variable_edge", "warning")


def _check_end(spot: Spot, after: str, what: str) -> None:
    """Punctuation does not rescue it (as integrators report)."""
    if all(_is_punctuation(sign) for sign in after):
        spot.note(f"{what} ends with a variable; put words there.", "variable_edge")
    elif not any(sign.isalnum() for sign in after):
        spot.note(f"{what} has no words after its last variable.", "variable_edge", "warning")


def _is_punctuation(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign).startswith("P")


def _check_ratio(spot: Spot, words: int, count: int, what: str) -> None:
    """Meta publishes no formula; 2 × variables + 1 fixed words always do (unverified)."""
    if words < 2 * count + 1:
        spot.note(
            f"{what} has {words} word{'s' * (words != 1)} for {count} variable{'s' * (count > 1)}; "
            f"it needs {2 * count + 1} beside them.",
            "variable_ratio",
        )


def count_words(text: str) -> int:
    """Words of a text; in scripts without blanks, signs."""
    signs = len(_UNSPACED.findall(text))
    spaced = _UNSPACED.sub(" ", text).split()
    return signs + sum(any(_is_letter(sign) for sign in word) for word in spaced)


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN"
