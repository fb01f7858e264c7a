"""The bot: how it behaves, its rules, trying it, and what it made of messages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from apiflask import Schema
from marshmallow import ValidationError, fields, validate

from app.api.blueprint import LARGEST_ID
from app.api.schemas.fields import (
    Choice,
    Flag,
    Id,
    ListQuery,
    Masked,
    Moment,
    QueryInteger,
    Text,
    described,
    list_of,
)
from app.models import BotOutcome, RuleMatch

_ACCOUNT = described("The account, by our id.", 1)
_CONTENT = {"body": "It costs 10 pounds."}
_TIME = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])")
_WORDS = {"en": ["agent", "talk to a person"]}


class WeekHours(fields.Field[Any]):
    """Seven days, Monday first; each a list of [from, to] such as ["09:00", "18:00"]."""

    def __init__(self, **options: Any) -> None:
        time = {"type": "string", "pattern": "^([01][0-9]|2[0-4]):[0-5][0-9]$"}
        pair = {"type": "array", "items": time, "minItems": 2, "maxItems": 2}
        day = {"type": "array", "items": pair, "maxItems": 4}
        metadata = {
            "type": "array",
            "items": day,
            "maxItems": 7,
            **described(
                "Seven days, Monday first, each its stretches; an end before its begin lies on the next day.",
                [[["09:00", "18:00"]]] * 5 + [[], []],
            ),
        }
        super().__init__(metadata=metadata, **options)

    def _serialize(self, value: Any, *_args: Any, **_options: Any) -> list[list[list[str]]]:
        return [[[_clock(minute) for minute in span] for span in day] for day in value or []]

    def _deserialize(self, value: Any, *_args: Any, **_options: Any) -> list[list[list[int]]]:
        try:
            return [[[_minute(time) for time in span] for span in day] for day in value]
        except TypeError:
            raise ValidationError("Must be seven lists of [from, to] pairs.") from None


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"


def _minute(text: Any) -> int:
    parts = _TIME.fullmatch(text) if isinstance(text, str) else None
    if parts is None or (parts[1] == "24" and parts[2] != "00"):
        raise ValidationError("A time is written as in 09:00; the end of a day is 24:00.")
    return int(parts[1]) * 60 + int(parts[2])


class Holiday(Schema):
    """A day on which it is closed."""

    day = Text(10, least=10, required=True, metadata=described("", "2026-12-25"))
    name = Text(80, load_default="", metadata=described("", "Christmas"))


def _number(text: str, example: int) -> fields.Integer:
    return fields.Integer(strict=True, metadata=described(text, example))


class BotSettingsChange(Schema):
    """What is to change; what is left out stays. On/off, greeting and fallback are fields of the account."""

    greets_again_after_h = _number("The greeting is said again after this silence; 0: once only.", 720)
    away_message = Text(1024, metadata=described("Said while closed, once in each closed period."))
    hand_over_message = Text(1024, metadata=described("Said when it calls a person."))
    offer_message = Text(1024, metadata=described("Above a list of answers; empty: our own words."))
    offer_button = Text(20, metadata=described("The button that opens the list; empty: our own words."))
    answer_threshold = _number("The score in percent from which an article is the answer.", 60)
    offer_threshold = _number("The score in percent from which articles are offered.", 35)
    fallbacks_before_hand_over = _number("Messages without an answer in a row; 0: never.", 3)
    fallback_every_h = _number("The least time between two fallbacks in one conversation.", 24)
    quiet_h = _number("How long it keeps quiet after a hand-over.", 24)
    loop_replies = _number("So many replies to one person are a loop …", 20)
    loop_minutes = _number("… within this time.", 10)
    time_zone = Text(64, metadata=described("", "Europe/London"))
    has_hours = Flag(metadata=described("Whether there are business hours."))
    hours = WeekHours()
    holidays = fields.List(fields.Nested(Holiday), metadata=described("Closed the whole day."))
    wish_words = fields.Dict(
        keys=fields.String(),
        values=fields.List(Text(120)),
        metadata=described("Words that ask for a person, by language; empty: the usual ones.", _WORDS),
    )
    model_enabled = Flag(metadata=described("Whether a language model writes answers."))
    model_address = Text(500, metadata=described("The base of an OpenAI-compatible interface."))
    model_name = Text(200)
    model_instructions = Text(2000)
    model_timeout_s = _number("", 15)
    model_daily_budget = _number("Questions a day (UTC) at most.", 200)
    model_allows_private = Flag(metadata=described("Its address may lie in this machine's own network."))


class BotSettingsIn(BotSettingsChange):
    """With the key, which is never shown again."""

    model_api_key = Text(500, load_only=True, metadata=described("Empty takes it away."))


class BotSettingsOut(BotSettingsChange):
    """How an account's bot behaves."""

    waba_account_id = fields.Integer(required=True, attribute="account_id", metadata=_ACCOUNT)
    model_api_key = Masked(required=True)


class BotRuleChange(Schema):
    """A rule: when it fits, and what it answers."""

    name = Text(80, least=1, required=True, metadata=described("For you.", "Price"))
    phrases = fields.List(
        Text(120),
        required=True,
        metadata=described("Words or phrases; case and accents do not count.", ["price", "how much"]),
    )
    match = Choice(*RuleMatch, load_default="contains", metadata=described("", "contains"))
    language = Text(6, load_default="", metadata=described("The phrases' language; empty: any.", "en"))
    priority = fields.Integer(
        strict=True,
        load_default=5,
        validate=validate.Range(1, 9),
        metadata=described("1 is looked at first.", 5),
    )
    is_on = Flag(load_default=True)
    hands_over = Flag(load_default=False, metadata=described("Then a person is called."))
    message_type = Choice(
        "",
        "text",
        "interactive",
        "image",
        "video",
        "audio",
        "document",
        "sticker",
        "template",
        load_default="",
        metadata=described("Empty: it says nothing and only hands over.", "text"),
    )
    content = fields.Dict(
        keys=fields.String(), load_default=dict, metadata=described("Meta's object of that kind.", _CONTENT)
    )


class BotRuleIn(BotRuleChange):
    """A new rule."""

    waba_account_id = Id(required=True, metadata=_ACCOUNT)


class BotRuleOut(BotRuleChange):
    """A rule as it is kept."""

    id = fields.Integer(required=True, metadata=described("Our id.", 4))
    waba_account_id = fields.Integer(required=True, attribute="account_id", metadata=_ACCOUNT)
    created_at = Moment(required=True)
    updated_at = Moment(required=True)


BotRuleList = list_of(BotRuleOut, "BotRuleList")


class BotRuleQuery(ListQuery):
    """Filters of the list."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))


class BotStep(Schema):
    """One thing that was looked at."""

    kind = fields.String(required=True, metadata=described("", "rules"))
    result = Choice("next", "decided", required=True)
    text = fields.String(required=True, metadata=described("", "None of 3 rules fits."))
    rule_id = fields.Integer()
    article_id = fields.Integer()
    score = fields.Float()


class BotReply(Schema):
    """A message as it is sent."""

    message_type = fields.String(required=True, metadata=described("", "text"))
    content = fields.Dict(keys=fields.String(), required=True, metadata=described("Meta's object.", _CONTENT))


class BotTryIn(Schema):
    """A customer's message to try."""

    waba_account_id = Id(required=True, metadata=_ACCOUNT)
    text = Text(4096, least=1, required=True, metadata=described("", "when are you open?"))
    is_first = Flag(load_default=False, metadata=described("As a first message."))
    at = Moment(load_default=None, allow_none=True, metadata=described("When it comes; now if left out."))
    language = Text(6, load_default="", metadata=described("The customer's.", "en"))
    fallbacks = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, 20),
        metadata=described("Messages without an answer just before.", 0),
    )


class BotTryOut(Schema):
    """What the bot would do."""

    outcome = Choice(*BotOutcome, required=True, metadata=described("", "answered"))
    reason = fields.String(required=True)
    reply = fields.Nested(BotReply, required=True, allow_none=True)
    hands_over = fields.Boolean(required=True)
    asks_model = fields.Boolean(
        required=True, metadata=described("Live, a language model would be asked first.", False)
    )
    steps = fields.List(fields.Nested(BotStep), required=True)


class BotTraceOut(Schema):
    """What the bot made of an inbound message."""

    message_id = fields.Integer(required=True, metadata=described("The inbound message.", 1042))
    waba_account_id = fields.Integer(required=True, attribute="account_id", metadata=_ACCOUNT)
    conversation_id = fields.Integer(required=True)
    reply_message_id = fields.Integer(required=True, allow_none=True)
    text = fields.String(required=True, attribute="message.text_content")
    outcome = Choice(*BotOutcome, required=True, metadata=described("", "answered"))
    reason = fields.String(required=True)
    rule_id = fields.Integer(required=True, allow_none=True)
    article_id = fields.Integer(required=True, allow_none=True)
    score = fields.Float(required=True, allow_none=True, metadata=described("0 to 1.", 0.8))
    is_unanswered = fields.Boolean(required=True)
    steps = fields.List(fields.Nested(BotStep), required=True)
    created_at = Moment(required=True)


BotTraceList = list_of(BotTraceOut, "BotTraceList")


class BotTraceQuery(ListQuery):
    """Filters of the list; they all hold at once."""

    account = QueryInteger(1, LARGEST_ID, metadata=described("Our account id.", 1))
    outcome = Choice(*BotOutcome, metadata=described("", "handed_over"))
    since = Moment(metadata=described("Looked at in this moment or later.", "2026-11-22T00:00:00Z"))
    until = Moment(metadata=described("Looked at before this moment.", "2026-11-23T00:00:00Z"))


def show_settings(row: Any) -> Mapping[str, Any]:
    """The row; wish words that were never changed are shown as empty."""
    names = (*BotSettingsChange._declared_fields, "account_id", "model_api_key")
    return {name: getattr(row, name) for name in names}
