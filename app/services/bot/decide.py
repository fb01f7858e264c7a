"""What the bot does about one message. Pure: the live bot and the page to try it call the same function.

The order, and why it is this one, stands in docs/decisions/0013-bot.md.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from app.models import BotOutcome
from app.services.bot import loops
from app.services.bot.answers import chosen_reply, offer_reply, offered_rows
from app.services.bot.decisions import Decision, Facts, Frame, Reply, Step
from app.services.bot.hours import Hours
from app.services.bot.knowledge import FoundArticle
from app.services.bot.plan import Plan, PlanRule, in_order
from app.services.bot.wishes import find_wish
from app.services.bot.words import count_words, fold, matches, percent, said_kind

Search = Callable[[], Sequence[FoundArticle]]

STALE_AFTER = timedelta(hours=1)
_READ = frozenset({"text", "button", "interactive"})
_SEEN = frozenset({"image", "video", "audio", "document", "sticker", "location", "contacts", "order", "gif"})
"""What the bot cannot read, but greets, and tells that nobody is in."""
MOST_FOUND = 8
"""Articles that are worth looking at."""
_MOST_OFFERED = 3
_MOST_PASSAGES = 4
_QUESTION_WORDS = 2


def decide(plan: Plan, facts: Facts, search: Search, now: datetime) -> Decision:
    """`search` gives the articles for the message, best first; it is asked only when nothing else decides."""
    return _Deciding(plan, facts, search, now).run()


class _Deciding:
    """The look at one message: each check either decides or leaves a step in the trace."""

    def __init__(self, plan: Plan, facts: Facts, search: Search, now: datetime) -> None:
        self._plan, self._facts, self._search, self._now = plan, facts, search, now
        self._text = fold(facts.text)
        self._steps: list[Step] = []
        self._frame = Frame()

    def run(self) -> Decision:
        checks = (
            self._account,
            self._kind,
            self._age,
            self._person,
            self._loop,
            self._choice,
            self._wish,
            self._rules,
            self._greeting,
            self._hours,
            self._unread,
            self._knowledge,
        )
        for check in checks:
            decision = check()
            if decision is not None:
                return replace(decision, steps=tuple(self._steps))
        return replace(self._nothing_found(), steps=tuple(self._steps))

    def _next(self, kind: str, text: str, **more: float | int | None) -> None:
        self._steps.append(Step(kind, "next", text, **more))  # type: ignore[arg-type]

    def _decided(self, kind: str, text: str, **more: float | int | None) -> None:
        self._steps.append(Step(kind, "decided", text, **more))  # type: ignore[arg-type]

    def _silent(self, kind: str, reason: str) -> Decision:
        self._decided(kind, reason)
        return Decision(BotOutcome.SILENT, reason)

    # --- may it speak at all? ---

    def _account(self) -> Decision | None:
        if not self._plan.is_on:
            return self._silent("account", "The bot is off for this account.")
        if not self._plan.is_live:
            return self._silent("account", "The account is not connected.")
        self._next("account", "The account is connected and its bot is on.")
        return None

    def _kind(self) -> Decision | None:
        if self._facts.kind not in _READ | _SEEN:
            return self._silent("kind", f"The bot does not answer messages of the kind “{self._facts.kind}”.")
        self._next("kind", f"The bot answers messages of this kind: {said_kind(self._facts.kind)}.")
        return None

    def _age(self) -> Decision | None:
        if self._now - self._facts.occurred_at > STALE_AFTER:
            return self._silent("age", "The message is over an hour old, so it is left to people.")
        self._next("age", "The message is fresh.")
        return None

    def _person(self) -> Decision | None:
        """A hand-over or a person's message keeps the bot quiet, unless it was given back since."""
        facts, now = self._facts, self._now
        back = facts.given_back_at
        wrote = facts.person_wrote_at
        if wrote is not None and (back is None or wrote > back) and now < wrote + self._plan.quiet:
            return self._silent("person", "A person is writing in this conversation.")
        handed = facts.handed_over_at
        if handed is not None and (back is None or handed > back):
            if facts.quiet_until is not None and now < facts.quiet_until:
                return self._silent(
                    "person", f"The conversation was handed over: {facts.hand_over_reason}".rstrip(": ")
                )
            self._next("person", "The conversation was handed over, and the bot's quiet time is over.")
            return None
        self._next("person", "No person is in charge of this conversation.")
        return None

    def _loop(self) -> Decision | None:
        found = loops.find_loop(self._plan, self._facts, self._text, self._now)
        if found is None:
            self._next("loop", "Nothing looks like another machine.")
            return None
        self._decided("loop", found.reason)
        if not found.hands_over:
            return Decision(BotOutcome.SILENT, found.reason)
        return Decision(BotOutcome.HANDED_OVER, found.reason, hand_over=found.reason, waits_for_person=True)

    # --- what was said ---

    def _choice(self) -> Decision | None:
        """A row of a list that the bot offered: the article behind it is the answer."""
        if not self._facts.choice_id:
            return None
        for offered in reversed(self._facts.offered):
            if offered.row_id == self._facts.choice_id:
                reason = f"The customer chose “{offered.title}” from the answers that were offered."
                self._decided("choice", reason, article_id=offered.article_id)
                return Decision(
                    BotOutcome.ANSWERED,
                    reason,
                    reply=chosen_reply(offered),
                    article_id=offered.article_id,
                    fallbacks=0,
                )
        self._next("choice", "The choice is none of the answers that were offered.")
        return None

    def _wish(self) -> Decision | None:
        found = find_wish(self._plan.wish_words, self._text)
        if found is None:
            self._next("wish", "The customer does not ask for a person.")
            return None
        phrase, language = found
        reason = f"The customer asks for a person (“{phrase}”)."
        self._greeting()
        self._decided("wish", reason)
        return self._hand_over(reason, language=language)

    def _hand_over(self, reason: str, *, language: str = "", says_fallback: bool = False) -> Decision:
        """With the hand-over message, or the away message while nobody is in."""
        is_open = self._plan.hours is None or self._plan.hours.is_open(self._now)
        text = self._plan.hand_over if is_open else self._plan.away or self._plan.hand_over
        text = text or (self._plan.fallback if says_fallback else "")
        decision = Decision(
            BotOutcome.HANDED_OVER,
            reason,
            reply=Reply.of_text(text) if text else None,
            hand_over=reason,
            waits_for_person=True,
            fallbacks=0,
            says_fallback=says_fallback and bool(text) and text == self._plan.fallback,
            language=language,
        )
        return decision.in_frame(replace(self._frame, after=""))

    def _rules(self) -> Decision | None:
        if self._facts.kind not in _READ:
            return None
        if not self._plan.rules:
            self._next("rules", "No rule is on.")
            return None
        for rule in in_order(self._plan.rules, self._facts.language):
            written = self._matching(rule)
            if written is not None:
                return self._by_rule(rule, written)
        count = len(self._plan.rules)
        self._next("rules", f"None of {count} rules fits." if count > 1 else "The one rule does not fit.")
        return None

    def _matching(self, rule: PlanRule) -> str | None:
        pairs = zip(rule.phrases, rule.written, strict=True)
        return next((text for phrase, text in pairs if matches(rule.match, phrase, self._text)), None)

    def _by_rule(self, rule: PlanRule, written: str) -> Decision:
        reason = f"The rule “{rule.name}” fits (“{written}”)."
        self._greeting()
        self._decided("rules", reason, rule_id=rule.id)
        if rule.hands_over and rule.reply is None:
            return replace(self._hand_over(reason, language=rule.language), rule_id=rule.id)
        decision = Decision(
            BotOutcome.HANDED_OVER if rule.hands_over else BotOutcome.ANSWERED,
            reason,
            reply=rule.reply,
            hand_over=reason if rule.hands_over else "",
            waits_for_person=rule.hands_over,
            rule_id=rule.id,
            fallbacks=0,
            language=rule.language,
        )
        return decision.in_frame(self._frame)

    # --- what stands around an answer ---

    def _greeting(self) -> Decision | None:
        """Never decides; whoever answers before its turn looks at it first."""
        if not any(step.kind == "greeting" for step in self._steps):
            self._look_at_greeting()
        return None

    def _look_at_greeting(self) -> None:
        facts, after = self._facts, self._plan.greets_again_after
        if not self._plan.greeting:
            self._next("greeting", "There is no greeting.")
            return
        earlier = facts.earlier_inbound_at
        is_back = after is not None and earlier is not None and facts.occurred_at - earlier >= after
        if not facts.is_first and not is_back:
            self._next("greeting", "The customer was greeted before.")
            return
        self._frame = replace(self._frame, before=self._plan.greeting)
        why = "It is the customer's first message" if facts.is_first else "The customer was away for long"
        self._next("greeting", f"{why}: the greeting goes before the answer, in the same message.")

    def _hours(self) -> Decision | None:
        """Never decides: an answer may still be found, and the away message goes along with it."""
        plan = self._plan
        if plan.hours is None:
            self._next("hours", "There are no business hours: it is always open.")
        elif plan.hours.is_open(self._now):
            self._next("hours", f"It is open now ({plan.hours.time_zone}).")
        else:
            self._look_at_closed_hours(plan.hours)
        return None

    def _look_at_closed_hours(self, hours: Hours) -> None:
        plan = self._plan
        holiday = hours.holiday(self._now)
        why = "It is closed now" if holiday is None else f"It is closed for a holiday {holiday}".rstrip()
        said = self._facts.away_until
        if not plan.away:
            self._next("hours", f"{why}, and there is no away message.")
        elif said is not None and self._now < said:
            self._next("hours", f"{why}; the away message was said in this closed period.")
        else:
            opens = hours.next_opening(self._now) or self._now + timedelta(days=7)
            self._frame = replace(self._frame, after=plan.away, away_until=opens)
            self._next("hours", f"{why}: the away message goes along.")

    @property
    def _is_closed(self) -> bool:
        return self._plan.hours is not None and not self._plan.hours.is_open(self._now)

    def _only_frame(self) -> Decision | None:
        """Greeting or away message alone; None when neither is due."""
        frame = self._frame
        text = "\n\n".join(part for part in (frame.before, frame.after) if part)
        if not text:
            return None
        return Decision(
            BotOutcome.AWAY if frame.after else BotOutcome.GREETED,
            "The away message is said." if frame.after else "The greeting is said.",
            reply=Reply.of_text(text),
            greets=bool(frame.before),
            away_until=frame.away_until,
        )

    def _unread(self) -> Decision | None:
        """A picture, a voice note: there is nothing to look an answer up by."""
        if self._facts.kind in _READ and self._text:
            return None
        decision = self._only_frame()
        if decision is None:
            return self._silent("kind", "The bot cannot read this message, so it is left to people.")
        self._decided("kind", f"The bot cannot read this message. {decision.reason}")
        return decision

    # --- knowledge ---

    def _knowledge(self) -> Decision | None:
        plan = self._plan
        all_found = self._search()
        found = [article for article in all_found if article.score >= plan.offer_threshold]
        if not found:
            self._look_at_nearest(all_found)
            return None
        best = found[0]
        decision = self._answer(best) if best.score >= plan.answer_threshold else self._offer(found)
        if plan.asks_model:
            self._next("model", "The language model is asked to answer from the passages found.")
            return replace(decision, passages=tuple(found[:_MOST_PASSAGES]), frame=self._frame)
        return decision

    def _look_at_nearest(self, found: Sequence[FoundArticle]) -> None:
        """It tells a manager which article may lack a customer's words."""
        least = percent(self._plan.offer_threshold)
        if not found:
            self._next("knowledge", "No article has anything of this message in it.")
            return
        text = f"No article reaches {least}, from which one is offered. The nearest is “{found[0].title}”."
        self._next("knowledge", text, article_id=found[0].article_id, score=found[0].score)

    def _answer(self, article: FoundArticle) -> Decision:
        reason = f"The article “{article.title}” fits."
        text = f"{reason} From {percent(self._plan.answer_threshold)} on, the best article is the answer."
        self._decided("knowledge", text, article_id=article.article_id, score=article.score)
        text = "\n".join(part for part in (article.short_answer, article.link) if part)
        decision = Decision(
            BotOutcome.ANSWERED,
            reason,
            reply=Reply.of_text(text),
            article_id=article.article_id,
            score=article.score,
            fallbacks=0,
            language=article.language,
        )
        return decision.in_frame(self._frame)

    def _offer(self, found: Sequence[FoundArticle]) -> Decision:
        offered = offered_rows(found[:_MOST_OFFERED])
        best = found[0]
        names = ", ".join(f"“{row.title}”" for row in offered)
        these = "this one is" if len(offered) == 1 else "these are"
        reason = f"No article is sure enough, so {these} offered: {names}."
        text = f"{reason} It takes {percent(self._plan.answer_threshold)} to answer at once."
        self._decided("knowledge", text, article_id=best.article_id, score=best.score)
        decision = Decision(
            BotOutcome.OFFERED,
            reason,
            reply=offer_reply(self._plan, offered),
            article_id=best.article_id,
            score=best.score,
            fallbacks=0,
            offered=tuple(offered),
        )
        return decision.in_frame(self._frame)

    # --- nothing found ---

    def _nothing_found(self) -> Decision:
        is_question = count_words(self._text) >= _QUESTION_WORDS
        decision = self._only_frame()
        if decision is not None:
            self._decided(
                "fallback", f"Nothing was found. {decision.reason} The fallback is not needed then."
            )
            return replace(decision, is_unanswered=is_question)
        if self._is_closed and self._plan.away:
            self._decided("fallback", "Nothing was found, and the customer knows that nobody is in.")
            return Decision(BotOutcome.SILENT, "Nothing was found while closed.", is_unanswered=is_question)
        return replace(self._fallback(), is_unanswered=is_question)

    def _fallback(self) -> Decision:
        plan, facts = self._plan, self._facts
        count = facts.fallbacks + 1
        said = facts.fallback_said_at
        may_say = bool(plan.fallback) and (said is None or self._now - said >= plan.fallback_every)
        if 0 < plan.fallbacks_before_hand_over <= count:
            reason = f"{count} messages in a row had no answer." if count > 1 else "A message had no answer."
            self._decided("fallback", reason)
            return self._hand_over(reason, says_fallback=may_say)
        if may_say:
            self._decided("fallback", "Nothing was found, so the fallback is said.")
            return Decision(
                BotOutcome.FALLBACK,
                "Nothing was found.",
                reply=Reply.of_text(plan.fallback),
                fallbacks=count,
                says_fallback=True,
            )
        why = "it was said a short while ago" if plan.fallback else "there is none"
        self._decided("fallback", f"Nothing was found. The fallback is not said: {why}.")
        return Decision(BotOutcome.SILENT, f"Nothing was found; no fallback: {why}.", fallbacks=count)
