"""What the campaign system sends by itself as a claim or a policy moves on, and what people answer to it."""

from __future__ import annotations

from app.services.demo.company import CLAIMS, SERVICE
from app.services.demo.message_templates import (
    APPOINTMENT,
    CLAIM_PAID,
    CLAIM_PHOTOS,
    CLAIM_RECEIVED,
    PAYMENT_FAILED,
)
from app.services.demo.script import Line, Script, photo, presses, reacts, script, sends, they, we

_HOUR = 60.0
_DAY = 24 * _HOUR
_RECEIVED = sends(CLAIM_RECEIVED, "$first", "$claim")
_PHOTOS = sends(CLAIM_PHOTOS, "$first", "$claim", pause=3 * _HOUR)
_APPOINTMENT = sends(APPOINTMENT, "$first", "$assessor", "$day at 9:00", pause=_DAY)
_PAID = sends(CLAIM_PAID, "$first", "$claim", "$amount", pause=3 * _DAY)

CASES: tuple[tuple[Script, int], ...] = (
    (script(CLAIMS, _RECEIVED), 8),
    (script(CLAIMS, _RECEIVED, _PAID.after(2 * _DAY)), 7),
    (script(CLAIMS, _RECEIVED, _APPOINTMENT, presses("Yes, that suits me"), _PAID), 7),
    (
        script(CLAIMS, _RECEIVED, _PHOTOS, photo("", 50), photo("", 1), we("Thank you, both are clear.", 25)),
        6,
    ),
    (
        script(
            CLAIMS,
            _PHOTOS,
            they("Is one enough? The other side is fine", 35),
            we("One is enough, $first.", 9),
            photo("", 12),
            _PAID,
        ),
        4,
    ),
    (
        script(
            CLAIMS,
            _APPOINTMENT,
            presses("Another day please"),
            we("No problem, $first. Would the day after do, at the same time?", 12),
            they("Yes", 8),
            we("Moved. $assessor will be there.", 4),
        ),
        4,
    ),
    (script(CLAIMS, _PAID, they("Thank you, that was quick", 40)), 4),
    (script(CLAIMS, _PAID, reacts("🎉", pause=20)), 3),
    (script(SERVICE, sends(PAYMENT_FAILED, "$first", "$amount", "$policy")), 6),
    (
        script(
            SERVICE,
            sends(PAYMENT_FAILED, "$first", "$amount", "$policy"),
            they("Sorry, wrong account. There is money on it now", 55),
            we("Thank you for telling us, $first. We try again on Friday.", 14),
        ),
        3,
    ),
)
"""(what happens, how often compared with the others)."""

REPLIES_TO_RENEWAL: tuple[tuple[Line, ...], ...] = (
    (presses("Yes, renew it", pause=45), we("Done, $first. The new policy comes by post.", 30)),
    (presses("Yes, renew it", pause=130), we("Renewed, thank you for staying with us.", 20)),
    (
        presses("I have a question", pause=70),
        we("Gladly, $first. What would you like to know?", 15),
        they("Does it get more expensive?", 6),
        we("By £1.10 a month, because repairs cost more than last year.", 9),
        they("OK fine, renew it", 4),
    ),
    (they("No thank you, the car is sold", 90), we("Then it ends by itself. All the best, $first.", 25)),
)
REPLIES_TO_OFFER: tuple[tuple[Line, ...], ...] = (
    (
        presses("Tell me more", pause=30),
        we("It costs £12 for the season and covers the whole family. Shall I add it?", 20),
        they("Yes please", 15),
        we("Added to $policy. Have a good time in the snow.", 6),
    ),
    (they("STOP", 12), we("Understood, you get no more offers from us.", 18)),
    (they("We don't ski", 50),),
)
