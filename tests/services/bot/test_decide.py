"""The bot's decision, by tables: what it says, whom it leaves to people, and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.graph.payloads import validate
from app.models import BotOutcome, RuleMatch
from app.services.bot.decide import decide
from app.services.bot.decisions import Decision, Facts, Line, Offered, Reply
from app.services.bot.hours import Hours
from app.services.bot.knowledge import FoundArticle
from app.services.bot.plan import Plan, PlanRule
from app.services.bot.words import fold

NOW = datetime(2026, 11, 28, 12, 0, tzinfo=UTC)  # a Saturday
PLAN = Plan(greeting="Welcome", fallback="I do not know", away="We are closed", hand_over="A person comes")
WEEKDAYS = Hours("UTC", week=[[(540, 1080)]] * 5 + [[], []])


def article(score: float, number: int = 1, answer: str = "From 8 to 18.") -> FoundArticle:
    return FoundArticle(number, f"Article {number}", answer, "", answer, score)


def rule(phrase: str, answer: str = "By rule", **values: Any) -> PlanRule:
    base: dict[str, Any] = {
        "id": 1,
        "name": phrase,
        "priority": 5,
        "match": RuleMatch.CONTAINS,
        "reply": Reply.of_text(answer) if answer else None,
    }
    return PlanRule(phrases=(fold(phrase),), written=(phrase,), **{**base, **values})


def told(
    text: str = "when do you open",
    *,
    plan: Plan = PLAN,
    found: tuple[FoundArticle, ...] = (),
    now: datetime = NOW,
    **facts: Any,
) -> Decision:
    base: dict[str, Any] = {"kind": "text", "occurred_at": now}
    return decide(plan, Facts(text=text, **{**base, **facts}), lambda: found, now)


def said(decision: Decision) -> str | None:
    return str(decision.reply.content.get("body")) if decision.reply else None


# --- may it speak? ---


@pytest.mark.parametrize(
    "changed,facts,why",
    [
        ({"is_on": False}, {}, "off"),
        ({"is_live": False}, {}, "not connected"),
        ({}, {"kind": "reaction"}, "kind"),
        ({}, {"kind": "system"}, "kind"),
        ({}, {"occurred_at": NOW - timedelta(minutes=61)}, "hour old"),
        ({}, {"person_wrote_at": NOW - timedelta(hours=23)}, "person is writing"),
        (
            {},
            {"handed_over_at": NOW - timedelta(hours=3), "quiet_until": NOW + timedelta(minutes=1)},
            "handed over",
        ),
    ],
)
def test_it_is_silent_and_says_why(changed: dict[str, Any], facts: dict[str, Any], why: str) -> None:
    decision = told(plan=replace(PLAN, **changed), found=(article(1.0),), **facts)
    assert (decision.outcome, decision.reply) == (BotOutcome.SILENT, None)
    assert why in decision.reason
    assert decision.steps[-1].result == "decided"


@pytest.mark.parametrize(
    "facts",
    [
        {"person_wrote_at": NOW - timedelta(hours=25)},
        {"person_wrote_at": NOW - timedelta(hours=2), "given_back_at": NOW - timedelta(hours=1)},
        {"handed_over_at": NOW - timedelta(hours=25), "quiet_until": NOW - timedelta(hours=1)},
        {
            "handed_over_at": NOW - timedelta(hours=2),
            "quiet_until": NOW + timedelta(hours=22),
            "given_back_at": NOW - timedelta(hours=1),
        },
    ],
)
def test_it_answers_again_when_given_back_or_after_its_quiet_time(facts: dict[str, Any]) -> None:
    assert said(told(found=(article(1.0),), **facts)) == "From 8 to 18."


def test_a_person_who_writes_after_it_was_given_back_silences_it_again() -> None:
    facts = {"person_wrote_at": NOW - timedelta(minutes=5), "given_back_at": NOW - timedelta(hours=1)}
    assert told(**facts).outcome is BotOutcome.SILENT


# --- loops ---


def lines(*spoken: tuple[int, str, bool]) -> tuple[Line, ...]:
    """(seconds ago, text, is the bot's)."""
    return tuple(Line(NOW - timedelta(seconds=ago), text, is_bot) for ago, text, is_bot in spoken)


MANY_REPLIES = lines(*((500 - 20 * n, "x", True) for n in range(20)), (0, "go on", False))
SAME_TEXT = lines((300, "go on", False), (200, "go on", False), (100, "Go on!", False), (0, "go on", False))
QUICK = lines(*(line for n in range(5) for line in ((50 - 10 * n, "a", True), (49 - 10 * n, f"b{n}", False))))


@pytest.mark.parametrize("spoken", [MANY_REPLIES, SAME_TEXT, QUICK], ids=["many", "same", "quick"])
def test_another_machine_is_left_to_a_person(spoken: tuple[Line, ...]) -> None:
    decision = told("go on", lines=spoken, found=(article(1.0),))
    assert (decision.outcome, decision.reply) == (BotOutcome.HANDED_OVER, None)
    assert decision.hand_over
    assert decision.waits_for_person


@pytest.mark.parametrize(
    "spoken", [MANY_REPLIES[1:], SAME_TEXT[1:], QUICK[2:]], ids=["many", "same", "quick"]
)
def test_one_less_may_still_be_a_person(spoken: tuple[Line, ...]) -> None:
    assert told("go on", lines=spoken, found=(article(1.0),)).outcome is BotOutcome.ANSWERED


def test_what_was_before_it_was_given_back_counts_no_more() -> None:
    decision = told("go on", lines=MANY_REPLIES, given_back_at=NOW, found=(article(1.0),))
    assert decision.outcome is BotOutcome.ANSWERED


def test_our_own_words_sent_back_get_no_answer_and_no_hand_over() -> None:
    plan = replace(PLAN, greeting="Welcome to the Harbour Lane shop")
    decision = told("welcome to the harbour lane shop!", plan=plan)
    assert (decision.outcome, decision.hand_over) == (BotOutcome.SILENT, "")


# --- wishes and rules ---


@pytest.mark.parametrize(
    "text",
    [
        "Agent",
        "AGENT please",
        "I would like to talk to a person about my very old claim",
        "Quiero un agente",
        "¿Puedo hablar con una persona?",
        "quiero ATENCION al cliente",
        "falar com alguém",
        "Mitarbeiter!",
        "Je veux parler à un conseiller",
        "voglio un operatore",
        "خدمة العملاء",
        "एजेंट से बात",
        "转人工",
    ],
)
def test_a_wish_for_a_person_is_heard_in_many_languages(text: str) -> None:
    decision = told(text, found=(article(1.0),))
    assert (decision.outcome, said(decision)) == (BotOutcome.HANDED_OVER, "A person comes")
    assert decision.waits_for_person


@pytest.mark.parametrize(
    "text", ["My estate agent told me to ask you for it", "Which cleaning agent is in it, do you know"]
)
def test_a_word_in_passing_is_no_wish(text: str) -> None:
    assert told(text).outcome is not BotOutcome.HANDED_OVER


def test_own_words_take_the_place_of_the_usual_ones() -> None:
    plan = replace(PLAN, wish_words={"en": ["captain"]})
    assert told("captain", plan=plan).outcome is BotOutcome.HANDED_OVER
    assert told("agent", plan=plan).outcome is not BotOutcome.HANDED_OVER


@pytest.mark.parametrize(
    "match,phrase,text,fits",
    [
        ("exact", "Hours", "hours!", True),
        ("exact", "Hours", "opening hours", False),
        ("starts", "track", "Track my parcel", True),
        ("starts", "track", "tracking", False),
        ("starts", "track", "please track", False),
        ("contains", "menú", "the MENU please", True),
        ("contains", "art", "what art is it", True),
        ("contains", "art", "party", False),
        ("contains", "straße", "in der STRASSE", True),
        ("contains", "İstanbul", "istanbul", True),
        ("contains", "営業時間", "明日の営業時間は?", True),
        ("contains", "किताब", "मुझे किताब चाहिए", True),
        ("contains", "مُحَمَّد", "محمد هنا", True),
        ("contains", "👍", "ok 👍", True),
        ("contains", "!!!", "!!!", False),
    ],
)
def test_phrases_are_matched_by_words_without_case_and_accents(
    match: str, phrase: str, text: str, fits: bool
) -> None:
    plan = replace(PLAN, rules=(rule(phrase, match=RuleMatch(match)),))
    decision = told(text, plan=plan)
    assert (decision.rule_id == 1) is fits
    assert (said(decision) == "By rule") is fits


def test_priority_goes_first_then_the_stricter_match_then_the_customers_language() -> None:
    rules = (
        rule("price", "contains", id=1),
        rule("price", "exact", id=2, match=RuleMatch.EXACT),
        rule("price", "starts", id=3, match=RuleMatch.STARTS),
    )
    assert said(told("price", plan=replace(PLAN, rules=rules))) == "exact"
    assert said(told("price list", plan=replace(PLAN, rules=rules))) == "starts"
    urgent = (*rules, rule("price", "urgent", id=4, priority=1))
    assert said(told("price", plan=replace(PLAN, rules=urgent))) == "urgent"
    twins = (rule("menu", "english", id=5, language="en"), rule("menu", "espanol", id=6, language="es"))
    assert said(told("menu", plan=replace(PLAN, rules=twins))) == "english"
    assert said(told("menu", plan=replace(PLAN, rules=twins), language="es")) == "espanol"


def test_no_rule_keeps_a_customer_from_a_person() -> None:
    decision = told("talk to a person", plan=replace(PLAN, rules=(rule("person", priority=1),)))
    assert (decision.outcome, decision.rule_id) == (BotOutcome.HANDED_OVER, None)


def test_a_rule_may_answer_and_hand_over_or_only_hand_over() -> None:
    both = told("lost", plan=replace(PLAN, rules=(rule("lost", "Oh no", hands_over=True),)))
    assert (both.outcome, said(both), both.waits_for_person) == (BotOutcome.HANDED_OVER, "Oh no", True)
    only = told("lost", plan=replace(PLAN, rules=(rule("lost", "", hands_over=True),)))
    assert (only.outcome, said(only), only.rule_id) == (BotOutcome.HANDED_OVER, "A person comes", 1)


# --- greeting ---


def test_a_question_in_the_first_message_is_answered_after_the_greeting_in_one_message() -> None:
    decision = told(found=(article(1.0),), is_first=True)
    assert (said(decision), decision.greets) == ("Welcome\n\nFrom 8 to 18.", True)


def test_a_greeting_alone_stands_for_the_fallback() -> None:
    decision = told("hello", is_first=True)
    assert (decision.outcome, said(decision), decision.fallbacks) == (BotOutcome.GREETED, "Welcome", None)


def test_the_greeting_is_left_out_where_it_has_no_room() -> None:
    long = told(found=(article(1.0, answer="x" * 4090),), is_first=True)
    assert said(long) == "x" * 4090
    sale = rule("sale", reply=Reply("template", {"name": "sale", "language": {"code": "en"}}))
    decision = told("sale", plan=replace(PLAN, rules=(sale,)), is_first=True)
    assert decision.reply == sale.reply
    assert not decision.greets


def test_it_greets_again_after_the_set_silence_and_not_before() -> None:
    plan = replace(PLAN, greets_again_after=timedelta(days=30))
    assert said(told("hi", plan=plan, earlier_inbound_at=NOW - timedelta(days=31))) == "Welcome"
    assert said(told("hi", plan=plan, earlier_inbound_at=NOW - timedelta(days=29))) == "I do not know"


def test_a_first_voice_note_is_greeted_and_a_second_left_to_people() -> None:
    assert said(told("", kind="audio", is_first=True)) == "Welcome"
    assert told("", kind="audio").outcome is BotOutcome.SILENT


# --- hours ---


def test_closed_says_so_once_in_a_closed_period_and_answers_all_the_same() -> None:
    plan = replace(PLAN, hours=WEEKDAYS)
    first = told("hello there", plan=plan)
    monday = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
    assert (first.outcome, said(first), first.away_until) == (BotOutcome.AWAY, "We are closed", monday)
    again = told("hello there", plan=plan, away_until=monday)
    assert (again.outcome, again.reply) == (BotOutcome.SILENT, None)
    answered = told(plan=plan, found=(article(1.0),))
    assert said(answered) == "From 8 to 18.\n\nWe are closed"
    assert said(told(plan=plan, found=(article(1.0),), away_until=monday)) == "From 8 to 18."
    later = told("hello there", plan=plan, away_until=monday, now=NOW + timedelta(days=7))
    assert said(later) == "We are closed"


def test_rules_answer_in_closed_hours_too() -> None:
    plan = replace(PLAN, hours=WEEKDAYS, rules=(rule("price"),))
    assert said(told("price", plan=plan)) == "By rule"


def test_who_asks_for_a_person_in_closed_hours_hears_that_nobody_is_in() -> None:
    decision = told("agent", plan=replace(PLAN, hours=WEEKDAYS))
    assert (decision.outcome, said(decision)) == (BotOutcome.HANDED_OVER, "We are closed")


def test_a_holiday_is_closed() -> None:
    hours = Hours("UTC", [[(0, 1440)]] * 7, {date(2026, 11, 28): "Founder's day"})
    decision = told("hello there", plan=replace(PLAN, hours=hours))
    assert decision.outcome is BotOutcome.AWAY
    assert any("Founder's day" in step.text for step in decision.steps)


# --- knowledge and fallback ---


@pytest.mark.parametrize(
    "score,outcome",
    [
        (0.6, BotOutcome.ANSWERED),
        (0.59, BotOutcome.OFFERED),
        (0.35, BotOutcome.OFFERED),
        (0.34, BotOutcome.FALLBACK),
    ],
)
def test_the_score_decides_between_answer_offer_and_fallback(score: float, outcome: BotOutcome) -> None:
    assert told(found=(article(score),)).outcome is outcome


def test_the_steps_say_what_was_nearest_and_what_it_takes_to_answer() -> None:
    def knowledge(score: float) -> tuple[str, int | None, float | None]:
        step = next(one for one in told(found=(article(score),)).steps if one.kind == "knowledge")
        return step.text, step.article_id, step.score

    text, *link = knowledge(0.3499)
    assert text == "No article reaches 35%, from which one is offered. The nearest is “Article 1”."
    assert link == [1, 0.3499]
    assert "this one is offered: “Article 1”. It takes 60% to answer at once." in knowledge(0.5)[0]
    assert knowledge(0.7)[0] == "The article “Article 1” fits. From 60% on, the best article is the answer."
    nothing = next(one for one in told().steps if one.kind == "knowledge")
    assert nothing.text == "No article has anything of this message in it."


def test_the_kind_of_message_is_told_in_peoples_words() -> None:
    step = next(one for one in told(kind="interactive").steps if one.kind == "kind")
    assert "a tap on a button or on a list" in step.text


def test_three_are_offered_at_most_in_a_list_that_meta_takes() -> None:
    found = tuple(article(0.5, number, "An answer, " * 30) for number in range(1, 6))
    decision = told(found=found, is_first=True)
    assert decision.reply is not None
    assert validate("interactive", dict(decision.reply.content)) == []
    assert [offered.article_id for offered in decision.offered] == [1, 2, 3]
    assert str(decision.reply.content["body"]["text"]).startswith("Welcome\n\n")


def test_the_row_that_is_chosen_is_the_answer() -> None:
    offered = Offered("bot-article-7", 7, "Opening hours", "From 8 to 18.")
    decision = told("Opening hours", kind="interactive", choice_id="bot-article-7", offered=(offered,))
    assert (said(decision), decision.article_id) == ("From 8 to 18.", 7)


def test_after_some_messages_without_an_answer_a_person_is_called() -> None:
    first = told(fallbacks=0)
    assert (first.outcome, first.fallbacks, said(first)) == (BotOutcome.FALLBACK, 1, "I do not know")
    second = told(fallbacks=1, fallback_said_at=NOW - timedelta(hours=1))
    assert (second.outcome, second.fallbacks) == (BotOutcome.SILENT, 2)
    third = told(fallbacks=2, fallback_said_at=NOW - timedelta(hours=1))
    assert (third.outcome, said(third)) == (BotOutcome.HANDED_OVER, "A person comes")
    assert third.waits_for_person
    never = replace(PLAN, fallbacks_before_hand_over=0)
    assert told(plan=never, fallbacks=9).outcome is BotOutcome.FALLBACK


def test_a_language_model_is_asked_only_with_passages() -> None:
    plan = replace(PLAN, asks_model=True)
    decision = told(plan=plan, found=(article(0.9), article(0.4, 2), article(0.2, 3)))
    assert [passage.article_id for passage in decision.passages] == [1, 2]
    assert said(decision) == "From 8 to 18."
    assert told(plan=plan, found=(article(0.2),)).passages == ()


# --- for any input ---

TEXTS = st.text(max_size=60) | st.sampled_from(["agent", "price", "hello", "when do you open"])
MOMENTS = st.none() | st.integers(-2000, 0).map(lambda minutes: NOW + timedelta(minutes=minutes))
SCORES = st.lists(st.floats(0, 1), max_size=4).map(lambda found: sorted(found, reverse=True))


@given(
    text=TEXTS,
    kind=st.sampled_from(["text", "audio", "interactive", "reaction"]),
    scores=SCORES,
    is_first=st.booleans(),
    is_closed=st.booleans(),
    moments=st.tuples(MOMENTS, MOMENTS, MOMENTS, MOMENTS),
    fallbacks=st.integers(0, 5),
)
def test_whatever_comes_it_is_silent_or_says_something_that_meta_takes(
    text: str, kind: str, scores: list[float], is_first: bool, is_closed: bool, moments: Any, fallbacks: int
) -> None:
    plan = replace(PLAN, hours=WEEKDAYS if is_closed else None, rules=(rule("price"),))
    wrote, handed, back, said_at = moments
    facts: dict[str, Any] = {
        "kind": kind,
        "is_first": is_first,
        "person_wrote_at": wrote,
        "handed_over_at": handed,
        "quiet_until": handed and handed + timedelta(hours=24),
        "given_back_at": back,
        "fallback_said_at": said_at,
        "fallbacks": fallbacks,
    }
    found = tuple(article(score, number) for number, score in enumerate(scores, 1))
    decision = told(text, plan=plan, found=found, **facts)
    assert decision == told(text, plan=plan, found=found, **facts)
    assert [step.result for step in decision.steps].count("decided") == 1
    assert decision.reason
    if decision.outcome is BotOutcome.SILENT:
        assert decision.reply is None
    if decision.reply is not None:
        assert validate(decision.reply.message_type, dict(decision.reply.content)) == []


@given(st.text(max_size=80))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    assert fold(fold(text)) == fold(text)
