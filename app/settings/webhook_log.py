"""The log of deliveries to customers' systems: all of them, one of them, and sending them once more."""

from __future__ import annotations

from flask import Response, current_app, flash, make_response, render_template, request, url_for

from app.queries import outgoing_webhooks as queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.queries.cursors import Cursor
from app.queries.slices import Turn
from app.services.outgoing import deliveries as service
from app.services.outgoing.deliveries import MOST_AT_ONCE
from app.settings.blueprint import blueprint
from app.settings.webhook_forms import EVENT_WORDS, STATE_WORDS, Narrowing, read_narrowing
from app.settings.webhooks import manages_webhooks
from app.web.filters import plural
from app.web.identity import current_actor
from app.web.responses import go_to


@blueprint.get("/webhooks/deliveries/")
@manages_webhooks
def webhook_deliveries() -> Response:
    """Newest first, narrowed as the address says."""
    narrowing, turn = read_narrowing(request.args), _read_turn()
    found = queries.slice_deliveries(narrowing.filters, turn)
    accounts = list_accounts(EVERYTHING)
    html = render_template(
        "settings/webhook_deliveries.html",
        rows=found.rows,
        narrowing=narrowing,
        webhooks=queries.list_webhooks(),
        accounts=accounts,
        account_names={account.id: account.name for account in accounts},
        event_words=EVENT_WORDS,
        state_words=STATE_WORDS,
        older_url=_url(narrowing, "before", found.older),
        newer_url=_url(narrowing, "after", found.newer),
        kept_days=current_app.config["SETTINGS"].retention_days,
    )
    return make_response(html)


def _read_turn() -> Turn | None:
    for name, is_newer in (("before", False), ("after", True)):
        place = Cursor.parse(request.args.get(name))
        if place is not None:
            return Turn(place, is_newer)
    return None


def _url(narrowing: Narrowing, name: str, turn: Turn | None) -> str | None:
    if turn is None:
        return None
    return url_for("settings.webhook_deliveries", **narrowing.args(**{name: str(turn.place)}))


@blueprint.get("/webhooks/deliveries/<int:delivery_id>/")
@manages_webhooks
def webhook_delivery(delivery_id: int) -> Response:
    """What is posted, each try, and what came back."""
    delivery = queries.get_delivery(delivery_id, EVERYTHING)
    html = render_template(
        "settings/webhook_delivery.html",
        delivery=delivery,
        tries=queries.list_attempts(delivery.id),
        event_words=EVENT_WORDS,
    )
    return make_response(html)


@blueprint.post("/webhooks/deliveries/<int:delivery_id>/replay")
@manages_webhooks
def replay_webhook_delivery(delivery_id: int) -> Response:
    delivery = queries.get_delivery(delivery_id, EVERYTHING)
    again = service.replay_one(delivery=delivery, actor=current_actor())
    flash("It is on its way once more. How that ended shows here in a moment.")
    return go_to(url_for("settings.webhook_delivery", delivery_id=again.id))


@blueprint.get("/webhooks/deliveries/replay")
@manages_webhooks
def replay_webhook_deliveries() -> Response:
    """The question before a range goes out again, with how many it would be."""
    narrowing = read_narrowing(request.args)
    ids = queries.list_finished_ids(narrowing.filters, MOST_AT_ONCE + 1)
    html = render_template(
        "settings/webhook_replay.html",
        narrowing=narrowing,
        fitting=min(len(ids), MOST_AT_ONCE),
        is_more=len(ids) > MOST_AT_ONCE,
    )
    return make_response(html)


@blueprint.post("/webhooks/deliveries/replay")
@manages_webhooks
def replay_webhook_deliveries_now() -> Response:
    narrowing = read_narrowing(request.form)
    replayed = service.replay_range(filters=narrowing.filters, actor=current_actor())
    flash(f"{plural(replayed, 'event')} {'is' if replayed == 1 else 'are'} on the way once more.")
    return go_to(url_for("settings.webhook_deliveries", **narrowing.args(state=None)))
