"""The customers at the top of the list: each with a talk of their own and a known distance from now."""

from __future__ import annotations

from dataclasses import dataclass

from app.services.demo import message_templates as samples
from app.services.demo.company import CLAIMS, GREETING, KNOWLEDGE, SERVICE
from app.services.demo.script import (
    Script,
    bot,
    buttons,
    choices,
    chooses,
    our_paper,
    our_photo,
    our_voice,
    photo,
    place,
    presses,
    reacts,
    script,
    sends,
    taps,
    they,
    unsupported,
    voice,
    we,
    we_react,
)

_HOUR = 60.0
_DAY = 24 * _HOUR


@dataclass(frozen=True)
class Role:
    """One customer and the talk that stands at the end of the thread.

    `ago_min`: how long ago its last line was written. `unread`: how many lines nobody has seen yet.
    `live_lines`: how many of the last lines the sandbox itself sends, as webhooks, when all else is there.
    """

    name: str
    wa_id: str
    script: Script
    ago_min: float
    unread: int = 0
    live_lines: int = 0
    username: str = ""
    hides_phone: bool = False

    @property
    def has_past(self) -> bool:
        """Whether they have written to us before this talk. The older talks are all in English."""
        return len(self.script.lines) > 2 and self.name.isascii()


CAST: tuple[Role, ...] = (
    Role(
        "Grace Adeyemi",
        "447700900118",
        script(
            CLAIMS,
            they("Good morning, the hail last night has dented my bonnet and the roof"),
            photo("Photo of the bonnet", 2),
            we("Good morning Grace. That is a lot of dents. Claim CL-48213 is open for it.", 5),
            our_paper("Repair estimate.pdf", "What the garage expects. You pay £150 of it.", 12),
            they("That is less than I feared. When can I bring the car?", 9),
            buttons("Which day suits you?", "Thursday", "Another day"),
            taps(1, "Thursday"),
            choices(
                "Choose a time for Thursday.",
                "Choose a time",
                ("08:00", "2 places left"),
                ("11:30", "1 place left"),
                ("15:00", "3 places left"),
                pause=2,
            ),
            our_photo("Drop-off sketch", 1).failing(131053),
            chooses(1, "08:00", "2 places left", back=2, pause=20),
            we("Booked for Thursday at 8:00. The garage is the second gate on the left.", 3),
            they("Yes please, Thursday works. 8 o’clock"),
        ),
        ago_min=4,
        unread=1,
        live_lines=1,
    ),
    Role(
        "Callum Reid",
        "447700900245",
        script(
            CLAIMS,
            sends(samples.CLAIM_RECEIVED, "Callum", "CL-48260"),
            sends(samples.CLAIM_PHOTOS, "Callum", "CL-48260", pause=40),
            photo("This is from two metres", 25),
            photo("", 1),
        ),
        ago_min=9,
        unread=2,
        live_lines=2,
    ),
    Role(
        "Hannah Whitlock",
        "447700900307",
        script(SERVICE, they("Can I still add my daughter to the policy? She moves in with us on Saturday")),
        ago_min=17,
        unread=1,
        live_lines=1,
    ),
    Role(
        "Yusuf Demir",
        "447700900352",
        script(
            SERVICE,
            they("I waited on the phone for 40 minutes and then it cut off", 1),
            they("I only want to know whether my new van is insured from today", 1),
            they("Is anybody there?", 9),
        ),
        ago_min=38,
        unread=3,
    ),
    Role("", "447700900461", script(CLAIMS, they("Hello?")), ago_min=63, unread=1),
    Role(
        "Jo 🌊",
        "447700900388",
        script(SERVICE, they("hi, do you insure boats? it’s a small one, 6 metres, moored in Gosport")),
        ago_min=74,
        unread=1,
        live_lines=1,
        username="sailorjo",
        hides_phone=True,
    ),
    Role(
        "Priya 🌻 Raman",
        "447700900512",
        script(
            SERVICE,
            they("Is my bike covered when I take it on the ferry?"),
            bot(KNOWLEDGE["policy number"]),
            they("That was not the question 😄", 1),
            we("Sorry, that was our bot. Yes, everywhere in Europe, also on the ferry.", 6),
            reacts("😂", back=1),
        ),
        ago_min=96,
    ),
    Role(
        "ليلى حداد",
        "447700900574",
        script(
            CLAIMS,
            they("السلام عليكم، تضررت سيارتي في موقف السيارات أمس"),
            photo("صورة الباب الأمامي", 2),
            we("وعليكم السلام ليلى. شكراً على الصورة. رقم المطالبة هو CL-48255.", 11),
            they("شكراً جزيلاً، متى يأتي الخبير؟", 4),
            we("يوم الخميس الساعة 10:00 صباحاً إن كان ذلك يناسبك.", 6),
            they("ممتاز 👍", 3),
        ),
        ago_min=131,
    ),
    Role(
        "Mei-Ling Tan",
        "447700900603",
        script(SERVICE, they("Where do I find my policy number?"), bot(KNOWLEDGE["policy number"])),
        ago_min=4.3 * _HOUR,
    ),
    Role(
        "Bartholomew Featherstonehaugh-Cholmondeley of Little Snoring",
        "447700900619",
        script(
            SERVICE,
            they(
                "Good day. I should like to enquire whether the contents of a summer house, to wit: a "
                "gramophone, eleven deck chairs and a stuffed pike of some age, are covered under policy "
                "MI-5510033, or whether they must be listed one by one, as my late aunt always maintained."
            ),
            we("Good day. They are covered up to £3,000 together. Only the pike must be listed.", 26),
            they("I am obliged to you. The pike is priceless.", 12),
        ),
        ago_min=5.2 * _HOUR,
    ),
    Role(
        "Samuel Osei",
        "447700900655",
        script(
            SERVICE,
            they("Please send me the amount again, I cannot open the PDF"),
            we("Of course: £214.80, to be paid by the 28th.", 14).lost(),
        ),
        ago_min=6.4 * _HOUR,
    ),
    Role(
        "Nora Lindqvist",
        "447700900671",
        script(
            CLAIMS,
            voice(),
            our_voice(9),
            they("Nice to hear a human voice. Thank you", 6),
            we_react("😊", back=1),
        ),
        ago_min=8.1 * _HOUR,
    ),
    Role(
        "佐藤 美咲",
        "447700900702",
        script(
            SERVICE,
            sends(samples.RENEWAL, "Misaki", "home", "MI-6620417"),
            presses("I have a question", pause=35),
            we("Gladly. What would you like to know?", 6),
            they("Is water damage from the washing machine included?", 5),
            we("Yes, without an excess.", 4),
            they("Then yes, please renew. ありがとう 🙇‍♀️", 8),
            we("Renewed. The papers come by post.", 7),
        ),
        ago_min=9.6 * _HOUR,
    ),
    Role(
        "Ben Carver",
        "12025550143",
        script(
            SERVICE,
            they("Hi from Washington. Does my travel policy pay for a cancelled flight?"),
            bot(GREETING),
            we(
                "Hello Ben. Yes, and from five hours of delay on too. Please keep the receipts.",
                31,
            ),
            unsupported(4),
            we("WhatsApp does not show us what you just sent. Could you send it as a photo?", 3),
            photo("Boarding pass", 5),
            we("That works, thank you. Claim CL-48249.", 12),
        ),
        ago_min=12.5 * _HOUR,
    ),
    Role(
        "Angharad Pugh",
        "447700900744",
        script(
            CLAIMS,
            they("Bore da! Someone has broken the shop window"),
            place("Siop Angharad", "14 Wind Street, Swansea", 51.6197, -3.9401, 2),
            photo("", 1),
            we("Bore da Angharad. A glazier comes within two hours. Please leave the glass where it is.", 5),
            they("Diolch! He was here, all boarded up", 118),
        ),
        ago_min=15.7 * _HOUR,
    ),
    Role(
        "Olivia Marsh",
        "447700900766",
        script(
            CLAIMS,
            they("Has the garage got the part for my car?"),
            we("Hello Olivia, it is ordered. I ask when it comes.", 12),
            they("Thanks, I need the car on Friday", 6),
            we("It comes tomorrow. The garage will call you today.", 21.2 * _HOUR),
        ),
        ago_min=58,
    ),
    Role(
        "Rhys Pritchard",
        "447700900781",
        script(
            SERVICE,
            they("Could you check whether the direct debit worked?"),
            we("Hello Rhys, I look into it and write back.", 11),
            we("It worked, everything is paid until March.", 25.1 * _HOUR).failing(131047),
        ),
        ago_min=3.1 * _HOUR,
    ),
    Role(
        "Fatima Zahra Haddad",
        "447700900803",
        script(
            CLAIMS,
            sends(samples.APPOINTMENT, "Fatima", "Ian Frost", "Wednesday at 14:00"),
            presses("Yes, that suits me", pause=22),
            we("Good, he rings the bell at number 8?", 9),
            they("Yes, Haddad, second floor", 3),
            they("Thank you, that was quick", 170),
        ),
        ago_min=27.4 * _HOUR,
    ),
    Role(
        "Tomasz Wójcik",
        "447700900825",
        script(
            CLAIMS,
            they("Dzień dobry, I had a small accident at the roundabout in Havant"),
            photo("", 2),
            we("Good morning Tomasz, is everybody all right?", 4),
            they("Yes, only metal", 1),
            we("Then the photo and the other driver's number plate are enough.", 3),
            they("KX21 OZP", 2),
            we("Thank you. Claim CL-48231.", 8),
        ),
        ago_min=31 * _HOUR,
    ),
    Role(
        "Margaret Hollis",
        "447700900848",
        script(
            SERVICE,
            sends(samples.PAYMENT_FAILED, "Margaret", "£38.20", "MI-2204410"),
            they("How can that be? I have had the same account since 1974", 95),
            we("Hello Mrs Hollis, the bank answers that the account is closed. Please ask there.", 13),
            they("They have merged. I ring them", 30),
            they("All sorted dear. You may try again", 210),
            we("We try again on Friday. Thank you for taking care of it.", 18),
        ),
        ago_min=44 * _HOUR,
    ),
)
