"""A page to ask the knowledge base: what it finds, how sure it is, and what the bot would do."""

from __future__ import annotations

from flask import Response, request

from app.knowledge.blueprint import blueprint
from app.queries import accounts as account_queries
from app.services.knowledge.scoring import ANSWER_AT, OFFER_AT
from app.services.knowledge.search import FoundArticle, search_articles
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import respond
from app.web.routing import row_id

_LONGEST = 1_000
_SHOWN = 5


@blueprint.get("/ask")
@permission_required("knowledge.view")
def ask() -> Response:
    accounts = account_queries.list_accounts(current_actor().scope("knowledge.view"))
    question = request.args.get("question", "").strip()[:_LONGEST]
    wanted = request.args.get("account", type=row_id)
    account = next((each for each in accounts if each.id == wanted), accounts[0] if accounts else None)
    found = search_articles(account.id, question, limit=_SHOWN) if account and question else []
    return respond(
        page="knowledge/ask.html",
        fragment="knowledge/_found.html",
        accounts=accounts,
        account=account,
        question=question,
        found=found,
        verdict=_verdict(found),
        answer_at=ANSWER_AT,
        offer_at=OFFER_AT,
    )


def _verdict(found: list[FoundArticle]) -> str:
    """answer, offer or fallback."""
    best = found[0].score if found else 0.0
    if best >= ANSWER_AT:
        return "answer"
    return "offer" if best >= OFFER_AT else "fallback"
