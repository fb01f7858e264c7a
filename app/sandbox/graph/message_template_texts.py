"""Texts of message templates: variables, examples, lengths.

Source: Meta docs, "Templates" pages, read 2026-03; adjacency and words per variable (unverified).
"""

import re
from typing import Any

from .errors import GraphError

VARIABLE = re.compile(r"{{\s*([^{}]*?)\s*}}")
NAMED = re.compile(r"[a-z_]+")
ADJACENT = re.compile(r"}}\s*{{")
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
    text = _checked_length(header.get("text"), LONGEST_HEADER, "Header", HEADER)
    names = _checked_variables(text, parameter_format, "Header", HEADER)
    if len(names) > 1:
        raise refuse(HEADER, "Header format is not valid", "A text header has at most one variable.")
    _check_examples(header, names, "header_text", parameter_format)


def check_body(body: Part, parameter_format: str, most: int) -> None:
    text = _checked_length(body.get("text"), most, "Body", BODY)
    names = _checked_variables(text, parameter_format, "Body", BODY)
    if names:
        _check_edges(text)
        _check_ratio(text, len(VARIABLE.findall(text)))
    _check_examples(body, names, "body_text", parameter_format)


def check_footer(footer: Part | None) -> None:
    if footer is None:
        return
    text = _checked_length(footer.get("text"), LONGEST_FOOTER, "Footer", FOOTER)
    if "{{" in text:
        raise refuse(FOOTER, "Footer format is not valid", "A footer has no variables.")


def _checked_length(text: Any, most: int, what: str, subcode: int) -> str:
    if not isinstance(text, str) or not text.strip():
        raise refuse(subcode, f"{what} is empty", f"The text of the {what.lower()} is required.")
    if len(text) > most:
        raise refuse(TOO_LONG, f"{what} is too long", f"It has {len(text)} characters, {most} are allowed.")
    return text


def _checked_variables(text: str, parameter_format: str, what: str, subcode: int) -> list[str]:
    """Variables in order, each once."""
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
    if ADJACENT.search(text):
        raise refuse(
            subcode, f"{what} format is not valid", "Two variables may not stand next to each other."
        )
    return found


def _check_edges(text: str) -> None:
    """Punctuation after the last variable does not rescue it."""
    bare = text.strip(" \n\t.,;:!?…-–")
    if bare.startswith("{{") or bare.endswith("}}"):
        raise refuse(
            2388299,
            "Variables can't be at the start or end",
            "Put text before the first and after the last variable.",
        )


def _check_ratio(text: str, count: int) -> None:
    words = VARIABLE.sub(" ", text).split()
    if len([word for word in words if any(character.isalnum() for character in word)]) < 2 * count + 1:
        raise refuse(
            2388293,
            "Too many variables for the length",
            "Use fewer variables or a longer text.",
        )


def _check_examples(part: Part, names: list[str], key: str, parameter_format: str) -> None:
    if not names:
        return
    example = part.get("example")
    given = example if isinstance(example, dict) else {}
    if parameter_format == "NAMED":
        named = given.get(f"{key}_named_params") or []
        known = {str(item.get("param_name")): item.get("example") for item in named if isinstance(item, dict)}
        is_right = all(known.get(name) for name in names)
    else:
        is_right = _positional(given.get(key), len(names))
    if not is_right:
        raise refuse(NO_EXAMPLE, "Sample is missing", f"Each variable needs a sample in example.{key}.")


def _positional(samples: Any, count: int) -> bool:
    """`[["a","b"]]`; for one variable also `"a"` and `["a"]`."""
    if isinstance(samples, list) and samples and isinstance(samples[0], list):
        samples = samples[0]
    elif count > 1:
        return False
    elif isinstance(samples, str):
        samples = [samples]
    return (
        isinstance(samples, list) and len(samples) == count and all(str(sample).strip() for sample in samples)
    )
