"""Which language of a message template somebody gets."""

from __future__ import annotations

from app.extensions import db
from app.models import BotConversation, Conversation, MessageTemplate
from app.queries import message_template_families as queries


def pick_variant(
    account_id: int, name: str, wanted_language: str = "", *, given_language: str = ""
) -> MessageTemplate | None:
    """The approved language that suits best, or None when no approved one does.

    In this order: exactly the wanted one; one of the same base (`de` for `de_AT`, then `de_DE`); the
    family's fallback; `given_language`, the sender's own default. Where none of these is said, the only
    approved one there is.
    """
    approved = {row.language: row for row in queries.list_variants(account_id, name) if row.is_sendable}
    family = queries.find_family(account_id, name)
    fallback = family.fallback_language if family is not None else ""
    for language in (*_alike(wanted_language, sorted(approved)), fallback, given_language):
        if language in approved:
            return approved[language]
    is_open = not fallback and not given_language
    return next(iter(approved.values())) if is_open and len(approved) == 1 else None


def _alike(wanted: str, known: list[str]) -> list[str]:
    """The wanted one, its base, then its sisters by name. Browsers write `de-AT`, Meta `de_AT`."""
    code = wanted.strip().replace("-", "_")
    base = code.partition("_")[0].lower()
    if not base:
        return []
    exact = [language for language in known if language.lower() == code.lower()]
    return [*exact, base, *(language for language in known if language.startswith(f"{base}_"))]


def language_of(conversation: Conversation) -> str:
    """The customer's, as far as we know: what somebody noted of him, else in which the bot last understood
    him. Numbers tell nothing."""
    if conversation.contact.language:
        return conversation.contact.language
    state = db.session.get(BotConversation, conversation.id)
    return state.language if state is not None else ""
