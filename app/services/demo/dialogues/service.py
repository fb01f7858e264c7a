"""Talks with the customer service number."""

from __future__ import annotations

from app.services.demo.company import FALLBACK, GREETING, KNOWLEDGE, SERVICE
from app.services.demo.script import (
    Script,
    bot,
    buttons,
    choices,
    chooses,
    our_paper,
    paper,
    photo,
    reacts,
    script,
    sticker,
    taps,
    they,
    unsupported,
    we,
)

ADDRESS = script(
    SERVICE,
    they("We have moved. New address is $street, Southsea"),
    we("Congratulations, $first. From which day?", 7),
    they("Since the 1st"),
    we("Changed for $policy. Your premium stays the same.", 5),
    they("Thank you"),
)
GREEN_CARD = script(
    SERVICE,
    they("I need a green card for Morocco"),
    bot(KNOWLEDGE["green card"]),
    they("From the 3rd to the 24th", 2),
    our_paper("Green card.pdf", "Here it is. Print it in colour and keep it in the car.", 33),
    they("Super, have a nice day"),
    reacts("🚗", back=2),
)
PAYMENT_DAY = script(
    SERVICE,
    they("Can you collect the money on the 15th instead of the 1st? My pay comes late"),
    bot(KNOWLEDGE["payment date"]),
    they("Yes. 15th please"),
    we("Done for $policy, $first. The next premium is collected on the 15th.", 16),
    they("You are the best"),
)
NEW_DRIVER = script(
    SERVICE,
    they("Can I still add my daughter to the policy? She has just passed her test"),
    we("Hello $first, and congratulations to her. How old is she?", 6),
    they("18"),
    we("For the $car that makes £31.40 more a month. With a telematics box it is £19.80."),
    buttons("What shall we do?", "Add her", "Add her, with box", "Let me think"),
    taps(2, "Add her, with box", pause=55),
    we("Gladly. The box comes by post in three days; the new policy follows today."),
    our_paper("Policy $policy.pdf", pause=21),
    they("Got it, thanks"),
)
CANCEL = script(
    SERVICE,
    they("How do I cancel?"),
    bot(KNOWLEDGE["cancel policy"]),
    they("$policy, I have sold the car"),
    we("Hello $first. Then it ends on the day of sale. Please send the sales contract.", 12),
    paper("Contract of sale.pdf", pause=140),
    we("Thank you. We pay back £112.60 within five working days. Good journeys until we meet again.", 15),
    they("Thank you for making that easy"),
)
HOURS = script(
    SERVICE,
    they("What are your opening hours"),
    bot(KNOWLEDGE["opening hours"]),
    they("👍"),
)
POLICY_NUMBER = script(
    SERVICE,
    they("Where do I find my policy number?"),
    bot(KNOWLEDGE["policy number"]),
    they("Found it"),
)
QUOTE = script(
    SERVICE,
    they("How much would it be to insure a $car?"),
    we("Hello $first. For that I need the year, where it stands at night, and your no-claims years.", 9),
    they("2021, garage, 7 years"),
    choices(
        "Three offers for the $car:",
        "Choose an offer",
        ("Third party", "£28.10 a month"),
        ("Third party, fire, theft", "£34.60 a month"),
        ("Comprehensive", "£41.90 a month"),
        pause=20,
    ),
    chooses(3, "Comprehensive", "£41.90 a month", pause=70),
    we("A good choice. From which day shall it begin?", 8),
    they("From Monday"),
    our_paper("Policy.pdf", "Welcome to Meridian. Your policy starts on Monday.", 26),
    they("Great service 😊"),
)
COMPLAINT = script(
    SERVICE,
    they("I was promised a call back yesterday. Nobody called."),
    we("I am sorry, $first. You are right, it stands here. What was it about?", 5),
    they("The hail damage on the $car. Three weeks now"),
    we("I have just spoken to claims. $assessor calls you today between 14 and 15. I check that he did."),
    they("OK"),
    we("Did he call?", 240),
    they("Yes. All settled", 6),
    we("Thank you for your patience. I have noted the complaint, and it was a fair one."),
)
CERTIFICATE = script(
    SERVICE,
    they("My bank wants a proof of buildings insurance"),
    we("Hello $first, of course.", 8),
    our_paper("Certificate $policy.pdf", pause=4),
    they("Brilliant, that took 12 minutes. The bank took 12 days"),
    sticker(),
)
TRAVEL = script(
    SERVICE,
    they("Does my travel insurance cover surfing?"),
    we("Hello $first. Yes, as long as it is not a competition.", 6),
    they("😂 I can barely stand on the board"),
    we("Then you are fully covered."),
)
POLL = script(
    SERVICE,
    unsupported(),
    we("Hello $first, WhatsApp does not show us what you sent. Could you write it?", 9),
    they("Oh that was a poll about when to meet. Wrong chat, sorry!"),
    we("No harm done. Our vote is Thursday."),
    reacts("😂"),
)
NAME_CHANGE = script(
    SERVICE,
    they("I got married and my name has changed"),
    bot(GREETING),
    we("Congratulations! Please send a picture of the certificate, and the new name as it should stand.", 17),
    photo("Marriage certificate", 35),
    we("Thank you. New documents come by post within a week.", 14),
    they("❤️"),
)
LOST_CARD = script(
    SERVICE,
    they("Hello, direct debit failed because the bank changed my account. New one is in the letter I sent"),
    we("Hello $first. The letter came this morning, and we try again on Friday. No fee.", 11),
    they("Perfect, thank you"),
)
BOT_ONLY = script(
    SERVICE,
    they("Do you insure drones?"),
    bot(FALLBACK),
    we("Hello $first. Up to 2 kg they are in your home policy; above that, no.", 41),
    they("Mine weighs 249 grams so that's a yes. Thanks"),
)

SERVICE_TALKS: tuple[Script, ...] = (
    ADDRESS,
    GREEN_CARD,
    PAYMENT_DAY,
    NEW_DRIVER,
    CANCEL,
    HOURS,
    POLICY_NUMBER,
    QUOTE,
    COMPLAINT,
    CERTIFICATE,
    TRAVEL,
    POLL,
    NAME_CHANGE,
    LOST_CARD,
    BOT_ONLY,
)
