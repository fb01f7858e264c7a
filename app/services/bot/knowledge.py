"""What the bot asks a knowledge base."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from app.models import Account
from app.services.knowledge.search import AccountKnowledge, FoundArticle

__all__ = ["FoundArticle", "Knowledge", "knowledge_of"]


class Knowledge(Protocol):
    """Where answers are looked for."""

    def search(self, text: str, *, limit: int) -> Sequence[FoundArticle]:
        """The best articles for a question, best first."""


def knowledge_of(account: Account) -> Knowledge:
    """Where this account's answers are looked for."""
    return AccountKnowledge(account.id)
