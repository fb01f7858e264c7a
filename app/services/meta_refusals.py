"""A call to Meta that failed, told to the person who asked for it."""

from __future__ import annotations

from app.errors import DomainError
from app.graph import error_table
from app.graph.errors import GraphError, GraphUnconfirmed, GraphUnreachable


class RefusedByMeta(DomainError):
    """Meta said no, or could not be asked. `title` is the first sentence, `meta_code` Meta's number, and
    `trace_id` what Meta's support asks for."""

    code = "refused_by_meta"
    status = 422

    def __init__(self, title: str, explanation: str, what_to_do: str, meta_code: int | None = None) -> None:
        super().__init__(" ".join(part for part in (f"{title}.", explanation, what_to_do) if part))
        self.title = title
        self.explanation = explanation
        self.what_to_do = what_to_do
        self.meta_code = meta_code
        self.trace_id: str | None = None


def refused(error: GraphError) -> RefusedByMeta:
    """The same failure in plain words."""
    told = _in_words(error)
    told.trace_id = error.fbtrace_id
    return told


def _in_words(error: GraphError) -> RefusedByMeta:
    if isinstance(error, GraphUnreachable):
        return RefusedByMeta(
            "Meta could not be reached", "Nothing was changed there.", "Try again in a moment.", error.code
        )
    if isinstance(error, GraphUnconfirmed):
        return RefusedByMeta(
            "Meta did not answer in time",
            "It may or may not have happened there.",
            "Sync from Meta to see how it stands, before you try again.",
            error.code,
        )
    found = error_table.explain(
        error.code,
        subcode=error.subcode,
        details=error.user_message or error.details,
        title=error.user_title or error.title,
    )
    return RefusedByMeta(found.title, found.explanation, found.what_to_do, error.subcode or error.code)
