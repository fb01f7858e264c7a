"""API keys: made here, shown once, revoked here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Response, current_app, flash, make_response, render_template, url_for

from app.crypto import API_KEY_PREFIX, Secret
from app.errors import InvalidFields
from app.models import Account, ApiKey, Role, utcnow
from app.queries import people as people_queries
from app.queries.access import EVERYTHING
from app.queries.accounts import list_accounts
from app.services import api_keys as api_key_service
from app.settings.blueprint import blueprint
from app.settings.forms import ApiKeyForm
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to

manages_keys = permission_required("keys.manage")
_SOON = timedelta(days=14)


@dataclass(frozen=True)
class KeyRow:
    """One key as the list shows it."""

    id: int
    name: str
    prefix: str
    role: str
    accounts: list[str]
    created_at: datetime
    created_by: str
    last_used_at: datetime | None
    state: str
    state_text: str | None


@blueprint.get("/api-keys")
@manages_keys
def api_keys() -> Response:
    return _keys_page()


@blueprint.route("/api-keys/new", methods=["GET", "POST"])
@manages_keys
def create_key() -> Response:
    """The new key is in this answer and nowhere else."""
    form = ApiKeyForm(role=Role.AGENT.value)
    form.offer(list_accounts(EVERYTHING))
    if form.validate_on_submit():
        try:
            api_key, text = api_key_service.create_api_key(
                name=form.name.data,
                role=form.chosen_role,
                account_ids=form.chosen_accounts,
                expires_at=utcnow() + timedelta(days=form.expires_in.data) if form.expires_in.data else None,
                actor=current_actor(),
            )
            return _keys_page(api_key, text, 201)
        except InvalidFields as error:
            show_problems(form, error)
    status = 422 if form.errors else 200
    return make_response(render_template("settings/api_key_new.html", form=form), status)


@blueprint.get("/api-keys/<int:api_key_id>/revoke")
@manages_keys
def revoke_key(api_key_id: int) -> Response:
    """Asks once more: whatever uses the key stops working."""
    api_key = people_queries.get_api_key(api_key_id)
    return make_response(render_template("settings/api_key_revoke.html", row=_row(api_key, {})))


@blueprint.post("/api-keys/<int:api_key_id>/revoke")
@manages_keys
def revoke_key_now(api_key_id: int) -> Response:
    api_key = api_key_service.revoke_api_key(api_key_id=api_key_id, actor=current_actor())
    flash(f"The key “{api_key.name}” is revoked. Nothing opens with it any more.")
    return go_to(url_for("settings.api_keys"))


def _keys_page(new_key: ApiKey | None = None, text: Secret | None = None, status: int = 200) -> Response:
    accounts = list_accounts(EVERYTHING)
    names = {account.id: account.name for account in accounts}
    html = render_template(
        "settings/api_keys.html",
        rows=[_row(api_key, names) for api_key in people_queries.list_api_keys()],
        new_key=new_key,
        new_key_text=text.reveal() if text else None,
        example=_example(accounts),
    )
    return make_response(html, status)


def _example(accounts: list[Account]) -> str:
    """A call to copy, for the first account there is."""
    account_id = accounts[0].id if accounts else 1
    base = current_app.config["SETTINGS"].public_base_url
    return (
        f"curl {base}/api/whatsapp/api/accounts/{account_id}/send_message/ \\\n"
        f'  -H "Authorization: Bearer {API_KEY_PREFIX}…" \\\n'
        '  -H "Content-Type: application/json" \\\n'
        '  -H "Idempotency-Key: order-48213-received" \\\n'
        '  -d \'{"to_phone_number": "+447700900118", "message_type": "text", "text_content": "Hello"}\''
    )


def _row(api_key: ApiKey, account_names: dict[int, str]) -> KeyRow:
    state, state_text = _state(api_key, utcnow())
    accounts = [account_names.get(link.account_id, "") for link in api_key.accounts]
    return KeyRow(
        id=api_key.id,
        name=api_key.name,
        prefix=f"{API_KEY_PREFIX}{api_key.prefix}",
        role=api_key.role.value,
        accounts=["All"] if api_key.role is Role.OWNER else sorted(filter(None, accounts)),
        created_at=api_key.created_at,
        created_by=api_key.created_by.display_name if api_key.created_by else "command line",
        last_used_at=api_key.last_used_at,
        state=state,
        state_text=state_text,
    )


def _state(api_key: ApiKey, now: datetime) -> tuple[str, str | None]:
    """The badge: its kind, and its words where they are not the usual ones."""
    if api_key.revoked_at is not None:
        return "revoked", None
    if api_key.expires_at is not None and api_key.expires_at <= now:
        return "expired", None
    if not api_key.opens_at(now):
        return "suspended", "Maker switched off"
    if api_key.expires_at is not None and api_key.expires_at - now <= _SOON:
        days = max(1, (api_key.expires_at - now).days)
        return "expiring", f"Expires in {days} day{'' if days == 1 else 's'}"
    return "active", None
