"""The company's message templates, in every state a review can end in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.models import MessageTemplateStatus as State

PAUSED_REASON = "Many people blocked or reported it. Meta lets it be sent again after three hours."
REJECTED_REASON = (
    "INCORRECT_CATEGORY: A survey with a prize is advertising. Choose the category marketing, or take the "
    "prize out."
)


@dataclass(frozen=True)
class Sample:
    """A message template; `days_ago`: when its state last changed. `reason` is what Meta said about it."""

    name: str
    category: str
    body: str
    examples: tuple[str, ...] = ()
    language: str = "en_GB"
    header: str = ""
    footer: str = ""
    buttons: tuple[str, ...] = ()
    status: State = State.APPROVED
    quality: str = "UNKNOWN"
    days_ago: float = 60.0
    reason_word: str = ""
    reason: str = ""
    components: list[dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "components", self._components())

    def _components(self) -> list[dict[str, Any]]:
        body: dict[str, Any] = {"type": "BODY", "text": self.body}
        if self.examples:
            body["example"] = {"body_text": [list(self.examples)]}
        found: list[dict[str, Any]] = []
        if self.header:
            found.append({"type": "HEADER", "format": "TEXT", "text": self.header})
        found.append(body)
        if self.footer:
            found.append({"type": "FOOTER", "text": self.footer})
        if self.buttons:
            replies = [{"type": "QUICK_REPLY", "text": text} for text in self.buttons]
            found.append({"type": "BUTTONS", "buttons": replies})
        return found

    def for_sandbox(self) -> dict[str, Any]:
        """As the sandbox's control takes it."""
        body: dict[str, Any] = {
            "name": self.name,
            "language": self.language,
            "category": self.category,
            "components": self.components,
            "status": self.status.value,
            "quality_score": self.quality,
        }
        return body | ({"reason": self.reason_word} if self.reason_word else {})


CLAIM_RECEIVED = Sample(
    "claim_received",
    "UTILITY",
    "Thank you, {{1}}. We have received your claim and gave it the number {{2}}. Please quote it when you "
    "write to us.",
    ("Grace", "CL-48213"),
    quality="GREEN",
    days_ago=71,
)
CLAIM_PHOTOS = Sample(
    "claim_photos_request",
    "UTILITY",
    "Hello {{1}}, please send us photos of the damage for claim {{2}}: one from two metres away, one close "
    "up. You can answer here.",
    ("Grace", "CL-48213"),
    quality="GREEN",
    days_ago=16,
)
APPOINTMENT = Sample(
    "appointment_assessor",
    "UTILITY",
    "Hello {{1}}, our assessor {{2}} will look at the damage on {{3}}. Does that suit you?",
    ("Grace", "Ian Frost", "Thursday, 26 November, at 8:00"),
    header="Your appointment",
    buttons=("Yes, that suits me", "Another day please"),
    quality="GREEN",
    days_ago=25,
)
CLAIM_PAID = Sample(
    "claim_paid",
    "UTILITY",
    "Good news, {{1}}: claim {{2}} is settled. We have sent {{3}} to your account; it arrives within two "
    "working days.",
    ("Grace", "CL-48213", "£1,240.00"),
    quality="GREEN",
    days_ago=44,
)
PAYMENT_FAILED = Sample(
    "payment_failed",
    "UTILITY",
    "Hello {{1}}, we could not collect your premium of {{2}} for policy {{3}}. Please check the account; we "
    "try again in five days.",
    ("Grace", "£38.20", "MI-7740219"),
    quality="YELLOW",
    days_ago=52,
)
RENEWAL = Sample(
    "renewal_reminder",
    "UTILITY",
    "Hello {{1}}, your {{2}} insurance {{3}} ends in 30 days. Shall we renew it on the same terms?",
    ("Grace", "motor", "MI-7740219"),
    header="Your cover ends soon",
    footer="Meridian Insurance",
    buttons=("Yes, renew it", "I have a question"),
    quality="YELLOW",
    days_ago=28,
)
WINTER_OFFER = Sample(
    "winter_travel_offer",
    "MARKETING",
    "Off to the snow, {{1}}? Add winter sports cover to your travel insurance until {{2}}: skis, lift passes "
    "and rescue included.",
    ("Grace", "30 November"),
    footer="Reply STOP to get no more offers",
    buttons=("Tell me more",),
    status=State.PAUSED,
    quality="RED",
    days_ago=4.3,
    reason=PAUSED_REASON,
)
SURVEY = Sample(
    "satisfaction_survey",
    "UTILITY",
    "Hello {{1}}, how did we handle your claim? Tap to rate us, and win one of ten weekends by the sea.",
    ("Grace",),
    buttons=("Very well", "All right", "Badly"),
    status=State.REJECTED,
    days_ago=2.6,
    reason_word="INCORRECT_CATEGORY",
    reason=REJECTED_REASON,
)
STORM_ALERT = Sample(
    "storm_alert",
    "UTILITY",
    "A storm is expected in {{1}} on {{2}}. Please put away what could fly, and close windows and skylights. "
    "If something breaks, write to us here at once.",
    ("Portsmouth", "Friday evening"),
    header="Weather warning",
    status=State.PENDING,
    days_ago=0.2,
)
POLICY_DOCUMENTS = Sample(
    "policy_documents",
    "UTILITY",
    "Hello {{1}}, your documents for policy {{2}} are ready. We can send them here as a PDF.",
    ("Grace", "MI-7740219"),
    buttons=("Send them here",),
    status=State.DRAFT,
    days_ago=0.1,
)

AT_META = (
    CLAIM_RECEIVED,
    CLAIM_PHOTOS,
    APPOINTMENT,
    CLAIM_PAID,
    PAYMENT_FAILED,
    RENEWAL,
    WINTER_OFFER,
    SURVEY,
    STORM_ALERT,
)
DRAFTS = (POLICY_DOCUMENTS,)
ALL = (*AT_META, *DRAFTS)
