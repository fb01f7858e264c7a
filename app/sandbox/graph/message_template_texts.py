"""Texts of message templates: variables, examples, lengths.

Source: Meta docs, "Templates" pages, read 2026-03; adjacency and words per variable (unverified).
"""

import re
import unicodedata
from typing import Any

from .errors import GraphError

VARIABLE = re.compile(r"{{([^{}]*)}}")
NAMED = re.compile(r"[a-z_]+")
ADJACENT = re.compile(r"}}\s*{{")
# Scripts that put no blanks between words: each sign counts as a word.
UNSPACED = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
LONGEST_HEADER, LONGEST_BODY, LONGEST_FOOTER = 60, 1024, 60
HEADER, BODY, FOOTER, TOO_LONG, NO_EXAMPLE = 2388047, 2388072, 2388073, 2388040, 2388043
Part = dict[str, Any]


def refuse(subcode: int | None, title: str, message: str, error_data: Any = None) -> GraphError:
    """A refusal as template management answers it: code 100, the reason in the subcode and the user texts."""
    return GraphError(
        100,
        "Invalid parameter",
        subcode=subcode,
        user_title=title,
        user_message=message,
        error_data=error_data,
        is_prefixed=False,
    )


def check_text_header(header: Part, parameter_format: str) -> None:
    text = checked_text(header.get("text"), LONGEST_HEADER, "Header", HEADER)
    names = check_variables(text, parameter_format, "Header", HEADER)
    if len(VARIABLE.findall(text)) > 1:
        raise refuse(HEADER, "Header has too many variables", "A text header has at most one variable.")
    _check_examples(header, names, "header_text", parameter_format)


def check_body(body: Part, parameter_format: str, most: int) -> None:
    text = checked_text(body.get("text"), most, "Body", BODY)
    names = check_variables(text, parameter_format, "Body", BODY)
    if ADJACENT.search(text):
        raise refuse(BODY, "Body format is not valid", "Two variables may not stand next to each other.")
    if names:
        _check_edges(text)
        _check_ratio(text)
    _check_examples(body, names, "body_text", parameter_format)


def check_footer(footer: Part | None) -> None:
    if footer is None:
        return
    text = checked_text(footer.get("text"), LONGEST_FOOTER, "Footer", FOOTER)
    if "{{" in text or "}}" in text:
        raise refuse(FOOTER, "Footer format is not valid", "A footer has no variables.")


def checked_text(text: Any, most: int, what: str, subcode: int | None) -> str:
    """A required text. Raises GraphError, with this subcode when there is none."""
    if not isinstance(text, str) or not text.strip():
        raise refuse(subcode, f"{what} is empty", f"The text of the {what.lower()} is required.")
    if len(text) > most:
        raise refuse(TOO_LONG, f"{what} is too long", f"It has {len(text)} characters, {most} are allowed.")
    return text


def check_variables(text: str, parameter_format: str, what: str, subcode: int | None) -> list[str]:
    """Variables in order, each once. Raises GraphError for braces, names and numbers that are not right."""
    found = list(dict.fromkeys(VARIABLE.findall(text)))
    rest = VARIABLE.sub("", text)
    if "{{" in rest or "}}" in rest:
        raise refuse(subcode, f"{what} format is not valid", "The braces of a variable do not match.")
    if parameter_format == "NAMED":
        is_right = all(NAMED.fullmatch(name) for name in found)
    else:
        is_right = sorted(found) == sorted(str(number + 1) for number in range(len(found)))
    if not is_right:
        wanted = "lowercase names" if parameter_format == "NAMED" else "{{1}}, {{2}}, … without gaps"
        raise refuse(subcode, f"{what} format is not valid", f"Variables must be {wanted}.")
    return found


def _check_edges(text: str) -> None:
    """Punctuation after the last variable does not rescue it; before the first one it does (unverified)."""
    first, *_, last = VARIABLE.split(text)
    if not first.strip() or all(_is_punctuation(sign) for sign in last):
        raise refuse(
            2388299,
            "Variables can't be at the start or end",
            "Put text before the first and after the last variable.",
        )


def _is_punctuation(sign: str) -> bool:
    return sign.isspace() or unicodedata.category(sign).startswith("P")


def _check_ratio(text: str) -> None:
    """Meta publishes no formula: twice the variables and one word more always do (unverified)."""
    words = VARIABLE.sub(" ", text)
    spaced = UNSPACED.sub(" ", words).split()
    count = len(UNSPACED.findall(words)) + sum(any(map(_is_letter, word)) for word in spaced)
    if count < 2 * len(VARIABLE.findall(text)) + 1:
        raise refuse(
            2388293,
            "Too many variables for the length",
            "Use fewer variables or a longer text.",
        )


def _is_letter(sign: str) -> bool:
    return unicodedata.category(sign)[0] in "LN"


def _check_examples(part: Part, names: list[str], key: str, parameter_format: str) -> None:
    if not names:
        return
    example = part.get("example")
    given = example if isinstance(example, dict) else {}
    if parameter_format == "NAMED":
        named = given.get(f"{key}_named_params")
        pairs = [pair for pair in named if isinstance(pair, dict)] if isinstance(named, list) else []
        known = {str(pair.get("param_name")): sample(pair.get("example")) for pair in pairs}
        is_right = all(known.get(name) for name in names)
    else:
        is_right = _positional(given.get(key), len(names))
    if not is_right:
        raise refuse(NO_EXAMPLE, "Sample is missing", f"Each variable needs a sample in example.{key}.")


def sample(value: Any) -> str:
    """Text or number of a sample; empty for anything else."""
    is_one = isinstance(value, (str, int)) and not isinstance(value, bool)
    return str(value).strip() if is_one else ""


def _positional(samples: Any, count: int) -> bool:
    """`[["a","b"]]`; for one variable also `"a"` and `["a"]`."""
    if isinstance(samples, list) and samples and isinstance(samples[0], list):
        samples = samples[0]
    elif count > 1:
        return False
    elif isinstance(samples, str):
        samples = [samples]
    return isinstance(samples, list) and len(samples) == count and all(map(sample, samples))
