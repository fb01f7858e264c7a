"""Hours and holidays, texts and thresholds, the language model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, flash, url_for

from app.bot import pages
from app.bot.blueprint import blueprint
from app.bot.forms import HoursForm, ModelForm, SettingsForm, TextsForm
from app.bot.pages import MANAGE
from app.errors import InvalidFields
from app.models import Account, BotSettings
from app.services.bot.settings import change_settings, settings_of
from app.web.form_errors import show_problems
from app.web.identity import current_actor
from app.web.permissions import permission_required
from app.web.responses import go_to


@blueprint.get("/<int:account_id>/hours")
@permission_required(MANAGE)
def hours(account_id: int) -> Response:
    return _show(account_id, "hours", HoursForm.showing)


@blueprint.post("/<int:account_id>/hours")
@permission_required(MANAGE)
def save_hours(account_id: int) -> Response:
    return _save(account_id, "hours", HoursForm(), "Business hours are saved.")


@blueprint.get("/<int:account_id>/texts")
@permission_required(MANAGE)
def texts(account_id: int) -> Response:
    return _show(account_id, "texts", TextsForm.showing)


@blueprint.post("/<int:account_id>/texts")
@permission_required(MANAGE)
def save_texts(account_id: int) -> Response:
    return _save(account_id, "texts", TextsForm(), "Texts and thresholds are saved.")


@blueprint.get("/<int:account_id>/model")
@permission_required(MANAGE)
def model(account_id: int) -> Response:
    return _show(account_id, "model", ModelForm.showing)


@blueprint.post("/<int:account_id>/model")
@permission_required(MANAGE)
def save_model(account_id: int) -> Response:
    return _save(account_id, "model", ModelForm(), "The language model’s settings are saved.")


def _show(account_id: int, name: str, form_of: Callable[[BotSettings], SettingsForm]) -> Response:
    account = pages.get_account(account_id, MANAGE)
    return _page(name, account, form_of(settings_of(account)))


def _save(account_id: int, name: str, form: SettingsForm, saved: str) -> Response:
    """What is refused stands beside its field, and everything typed stays."""
    account = pages.get_account(account_id, MANAGE)
    if form.validate():
        try:
            change_settings(account=account, values=form.values(), actor=current_actor())
        except InvalidFields as error:
            show_problems(form, error)
        else:
            flash(saved)
            return go_to(url_for(f"bot.{name}", account_id=account_id))
    return _page(name, account, form, status=422)


def _page(name: str, account: Account, form: SettingsForm, **more: Any) -> Response:
    return pages.page(name, account, form=form, settings=settings_of(account), **more)
