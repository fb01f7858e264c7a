"""Trying the bot: type as a customer, see the answer and why. Nothing is sent and nothing is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response
from wtforms import BooleanField, StringField, TextAreaField
from wtforms.validators import DataRequired, NumberRange, Optional, Regexp, ValidationError

from app.bot import pages
from app.bot.blueprint import blueprint
from app.bot.forms import WholeNumberField, limit
from app.bot.pages import MANAGE, VIEW
from app.models import Account
from app.services.bot.plan import hours_of
from app.services.bot.settings import settings_of
from app.services.bot.trying import Trial, ask_model, try_bot
from app.web.identity import current_actor
from app.web.page_forms import PageForm
from app.web.permissions import permission_required

_LANGUAGE = Regexp(r"^[a-z]{2,3}(_[A-Z]{2})?$", message="Write the language's code, such as en.")


class TryForm(PageForm):
    """A customer's message, and when and as which one it comes."""

    class Meta:
        # CSRFProtect has looked at the token of every POST before a view runs.
        csrf = False

    text = TextAreaField(
        "Message",
        [DataRequired("Write what a customer might ask."), limit(4096)],
        render_kw={"rows": 2, "dir": "auto", "placeholder": "Ask as a customer"},
    )
    is_first = BooleanField("As a first message")
    at = StringField("At", [Optional()], render_kw={"type": "datetime-local", "autocomplete": "off"})
    language = StringField("Language", [Optional(), _LANGUAGE], render_kw={"autocomplete": "off"})
    asks_model = BooleanField("Ask the language model too")
    fallbacks = WholeNumberField(
        "Messages without an answer just before",
        [Optional(), NumberRange(0, 20, "Give a whole number from 0 to 20.")],
        default=0,
    )

    def validate_at(self, field: Any) -> None:
        if _moment(field.data, "UTC") is None:
            raise ValidationError("Choose a day and a time, or leave this empty for now.")

    def trial(self, time_zone: str) -> Trial:
        return Trial(
            text=self.text.data,
            is_first=self.is_first.data,
            at=_moment(self.at.data, time_zone) if self.at.data else None,
            language=self.language.data or "",
            fallbacks=self.fallbacks.data or 0,
        )


def _moment(text: str, time_zone: str) -> datetime | None:
    """The time on that zone's wall. A year that no clock shows is nonsense."""
    try:
        moment = datetime.fromisoformat(text)
        return (
            moment.replace(tzinfo=ZoneInfo(time_zone)).astimezone(UTC) if 1970 < moment.year < 2200 else None
        )
    except (ValueError, OverflowError):
        return None


def _zone(account: Account) -> str:
    hours = hours_of(settings_of(account))
    return hours.time_zone if hours is not None else "UTC"


@blueprint.get("/<int:account_id>/try")
@permission_required(VIEW)
def try_it(account_id: int) -> Response:
    account = pages.get_account(account_id, VIEW)
    return _page(account, TryForm(formdata=None))


@blueprint.post("/<int:account_id>/try")
@permission_required(VIEW)
def try_now(account_id: int) -> Response:
    """Writes nothing; a POST keeps what is typed out of addresses."""
    account = pages.get_account(account_id, VIEW)
    form = TryForm()
    if not form.validate():
        return _page(account, form, status=422)
    trial, time_zone = form.trial(_zone(account)), _zone(account)
    decision = try_bot(account, trial)
    written = None
    if decision.passages and form.asks_model.data and current_actor().may(MANAGE, account_id):
        # Before anything is rendered: asking ends the transaction, and takes seconds.
        written = ask_model(account, trial, decision)
    return _page(account, form, time_zone=time_zone, decision=decision, written=written)


def _page(account: Account, form: TryForm, *, status: int = 200, **context: Any) -> Response:
    settings = settings_of(account)
    context = {"time_zone": _zone(account), "has_model": settings.model_enabled, **context}
    return pages.page_or_part("try", "try", account, status=status, form=form, **context)
