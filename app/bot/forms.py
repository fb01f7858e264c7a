"""The forms of the bot's settings. Rules for their values stand in the service, which the API uses too."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Self

from wtforms import (
    BooleanField,
    IntegerField,
    PasswordField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import InputRequired, Length, Optional

from app.models import BotSettings
from app.services.bot.plan import OFFER_BUTTON, OFFER_MESSAGE
from app.services.bot.wishes import USUAL
from app.web.hours_fields import HoursFields
from app.web.page_forms import PageForm

_NUMBER = InputRequired("Give a whole number.")


class WholeNumberField(IntegerField):  # type: ignore[misc]
    """Says in our words what is no number."""

    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError("Give a whole number.") from None


def limit(most: int) -> Length:
    return Length(max=most, message=f"This is too long. {most:,} characters are the most.")


class SettingsForm(PageForm):
    """What all of them share: `values` goes to the service."""

    class Meta:
        # CSRFProtect has looked at the token of every POST before a view runs.
        csrf = False

    @classmethod
    def showing(cls, row: BotSettings) -> Self:
        """The form with what is stored."""
        return cls(formdata=None, data=cls.shown(row))

    @classmethod
    def shown(cls, row: BotSettings) -> dict[str, Any]:
        names = (column.name for column in BotSettings.__table__.columns)
        return {name: getattr(row, name) for name in names if name != "model_api_key"}

    def values(self) -> dict[str, Any]:
        return {name: field.data for name, field in self._fields.items()}


# --- hours ---


class HoursForm(HoursFields, SettingsForm):
    """The week, the holidays, and what is said while closed."""

    away_message = TextAreaField("Away message", [Optional(), limit(1024)], render_kw={"rows": 3})

    @classmethod
    def shown(cls, row: BotSettings) -> dict[str, Any]:
        return {**super().shown(row), **cls.shown_hours(row)}

    def values(self) -> dict[str, Any]:
        return {**super().values(), **self.hours_values()}


# --- texts and thresholds ---


def _number(label: str) -> WholeNumberField:
    return WholeNumberField(label, [_NUMBER], render_kw={"inputmode": "numeric", "autocomplete": "off"})


class TextsForm(SettingsForm):
    """What the bot says beside its answers, and when it gives up."""

    hand_over_message = TextAreaField("When it hands over", [Optional(), limit(1024)], render_kw={"rows": 2})
    offer_message = TextAreaField(
        "Above a list of answers",
        [Optional(), limit(1024)],
        render_kw={"rows": 2, "placeholder": OFFER_MESSAGE},
    )
    offer_button = StringField(
        "Button that opens the list",
        [Optional(), limit(20)],
        render_kw={"placeholder": OFFER_BUTTON, "autocomplete": "off"},
    )
    answer_threshold = _number("Answer from, percent")
    offer_threshold = _number("Offer from, percent")
    fallbacks_before_hand_over = _number("Messages without an answer before a person is called")
    fallback_every_h = _number("Hours between two fallbacks")
    greets_again_after_h = _number("Greet again after a silence of hours")
    quiet_h = _number("Hours it keeps quiet after a hand-over")
    loop_replies = _number("Replies to one person that are too many")
    loop_minutes = _number("within minutes")
    wish_words = TextAreaField(
        "Words that ask for a person", [Optional(), limit(20_000)], render_kw={"rows": 8}
    )

    @classmethod
    def shown(cls, row: BotSettings) -> dict[str, Any]:
        return {**super().shown(row), "wish_words": _written_words(row.wish_words or USUAL)}

    def values(self) -> dict[str, Any]:
        return {**super().values(), "wish_words": _read_words(self.wish_words.data or "")}


def _written_words(words: Mapping[str, Sequence[str]]) -> str:
    return "\n".join(f"{language}: {', '.join(phrases)}" for language, phrases in words.items())


def _read_words(text: str) -> dict[str, list[str]]:
    """`en: agent, human` by line. The usual words are kept as "nothing changed"."""
    found: dict[str, list[str]] = {}
    for line in filter(str.strip, text.splitlines()):
        language, _, phrases = line.partition(":")
        found.setdefault(language.strip(), []).extend(part.strip() for part in re.split(r"[,،、]", phrases))
    return {} if found == {language: list(phrases) for language, phrases in USUAL.items()} else found


# --- language model ---


class ModelForm(SettingsForm):
    """A language model behind an address of the operator's choice."""

    model_enabled = BooleanField("Let a language model write answers")
    model_address = URLField(
        "Address",
        [Optional(), limit(500)],
        render_kw={"placeholder": "https://models.example.com/v1", "autocomplete": "off"},
    )
    model_name = StringField("Model", [Optional(), limit(200)], render_kw={"autocomplete": "off"})
    model_api_key = PasswordField("API key", [Optional(), limit(500)])
    removes_key = BooleanField("Remove the stored API key")
    model_instructions = TextAreaField("Instructions", [Optional(), limit(2000)], render_kw={"rows": 4})
    model_timeout_s = _number("Seconds to wait for an answer")
    model_daily_budget = _number("Questions a day, at most")
    model_allows_private = BooleanField("The address may lie in this machine’s own network")

    def values(self) -> dict[str, Any]:
        """Without the key when none was typed: the stored one stays."""
        values = super().values()
        removes, key = values.pop("removes_key"), values.pop("model_api_key")
        return values | ({"model_api_key": ""} if removes else {"model_api_key": key} if key else {})
