"""The wizard as a table: for each step its title, form and page."""

from __future__ import annotations

from dataclasses import dataclass

from app.models import Account
from app.services.account_fields import STEPS
from app.setup.find_cards import FIND_CARDS, FindCard
from app.setup.forms import (
    AccessTokensForm,
    BotForm,
    BusinessAccountForm,
    BusinessProfileForm,
    PhoneNumberForm,
    StepForm,
)


@dataclass(frozen=True)
class Step:
    """One step. `waiting_note` stands in the rail before it is done; `form` is None for the last one."""

    number: int
    title: str
    intro: str
    waiting_note: str
    template: str
    form: type[StepForm] | None
    submit_text: str

    @property
    def cards(self) -> tuple[FindCard, ...]:
        return FIND_CARDS.get(self.number, ())

    def done_note(self, account: Account) -> str:
        """What the rail shows of a finished step: its main value."""
        number = account.first_number
        notes = {
            1: account.name,
            2: number.shown_number if number else "",
            3: "Token accepted",
            4: account.business_name or "Profile saved",
            5: "Auto-reply on" if account.auto_reply_enabled else "Auto-reply off",
            6: "Connected",
        }
        return notes[self.number]


STEP_TABLE = (
    Step(
        1,
        "Meta Business Account",
        "These values from Meta tell us which business account and which app to use. Nothing is sent yet.",
        "Account, app and secret",
        "setup/_business_account.html",
        BusinessAccountForm,
        "Check and continue",
    ),
    Step(
        2,
        "Phone number",
        "The number your customers see and write to. You can add more numbers after the set-up.",
        "Number and its ID",
        "setup/_phone_number.html",
        PhoneNumberForm,
        "Check and continue",
    ),
    Step(
        3,
        "Access tokens",
        "One token lets us act for your account at Meta. With the other, Meta proves itself to us.",
        "Permanent and verify token",
        "setup/_access_tokens.html",
        AccessTokensForm,
        "Check and continue",
    ),
    Step(
        4,
        "Business profile",
        "What customers see when they tap your name in the chat. Saved here and at Meta.",
        "What customers see",
        "setup/_business_profile.html",
        BusinessProfileForm,
        "Save profile and continue",
    ),
    Step(
        5,
        "Bot",
        "Answers first when nobody is at the desk. A person can take over any conversation at any time.",
        "Replies by itself",
        "setup/_bot.html",
        BotForm,
        "Save and continue",
    ),
    Step(
        6,
        "Webhook and review",
        "Last step: Meta is told where to deliver incoming messages. The checks below update by themselves.",
        "Live checks",
        "setup/_review.html",
        None,
        "Finish",
    ),
)


def get_step(number: int) -> Step:
    """Only for 1 to 6."""
    return STEP_TABLE[number - 1]


def is_step(number: int) -> bool:
    return 1 <= number <= STEPS
