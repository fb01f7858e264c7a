"""What the company's bot knows beside the text of step 5: a dozen articles, two of them in Spanish."""

from __future__ import annotations

from datetime import datetime, timedelta

from app.models import Account, ArticleSource, KnowledgeArticle
from app.services.knowledge import articles
from app.services.knowledge.contents import Contents

_WRITTEN_DAYS_AGO = 33
_SITE = "https://www.meridian.example/help"

ARTICLES = (
    Contents(
        title="How far a claim is",
        short_answer="Send us your claim number (it starts with MC) and we tell you at once. While an expert "
        "has to look at the damage, a claim rests for about a week.",
        questions=("What is the status of my claim?", "Is there any news about my claim?"),
        tags=("claim", "status"),
        link=f"{_SITE}/claims",
        body="A claim is **received**, **assessed**, **agreed** and **paid**. You get a message here at each "
        "step.\n\n- We ask for what is missing by message.\n- Payment follows within five working days.",
        language="en",
    ),
    Contents(
        title="Damaged windscreen",
        short_answer="Book at any glass partner with your policy number; they settle the bill with us. A "
        "repaired chip costs you nothing, a new screen £75.",
        questions=("My windscreen is cracked, what do I do?", "Is glass damage covered?"),
        tags=("motor", "glass", "chip"),
        link=f"{_SITE}/glass",
        body="Side and rear windows are covered too, mirrors are not. Your no-claims bonus stays.",
        language="en",
    ),
    Contents(
        title="Breakdown on the road",
        short_answer="Call +44 20 7946 0112, day and night, with your number plate and where you are. A "
        "patrol comes in about 45 minutes and tows you if need be.",
        questions=("My car has broken down, who do I call?", "Do you tow my car?"),
        tags=("motor", "towing", "flat tyre", "battery"),
        body="Flat tyres, dead batteries, lost keys and the wrong fuel are all the same to us.",
        language="en",
    ),
    Contents(
        title="Courtesy car",
        short_answer="While a partner garage works on your car you get a small one, up to 21 days. Bring "
        "your driving licence.",
        questions=("Do I get a courtesy car?", "Can I have a car while mine is in repair?"),
        tags=("motor", "hire car", "replacement"),
        language="en",
    ),
    Contents(
        title="The excess",
        short_answer="It is what you bear of each claim yourself: mostly £250 for cars and £150 for homes. "
        "Yours is in the schedule.",
        questions=("What is the excess?", "How much do I have to pay myself?"),
        tags=("deductible", "claim"),
        body="A higher excess makes the premium lower. It can be changed when the policy renews.",
        language="en",
    ),
    Contents(
        title="No-claims bonus",
        short_answer="Each year without a claim takes 5 % off, up to 60 %. You can bring your years from "
        "another insurer: send us its confirmation.",
        questions=("How much no-claims bonus do I have?", "Do I lose my bonus after an accident?"),
        tags=("motor", "discount"),
        language="en",
    ),
    Contents(
        title="Another driver",
        short_answer="Write us the name, date of birth and licence date. For up to 7 days it costs £12; for "
        "good, the price depends on age and record.",
        questions=("How do I add a driver?", "May a friend drive my car?"),
        tags=("motor", "driver"),
        language="en",
    ),
    Contents(
        title="A new address",
        short_answer="Write us the new address and the day you move. Both homes are insured for two months "
        "around it.",
        questions=("How do I change my address?", "I am moving house"),
        tags=("home", "moving"),
        language="en",
    ),
    Contents(
        title="Burst pipe",
        short_answer="Turn the water off at the main tap and call our plumbers on +44 20 7946 0145, day and "
        "night. Take photos before you dry up.",
        questions=("A pipe burst, what should I do?", "Is water damage covered?"),
        tags=("home", "water", "leak", "emergency"),
        body="We pay for finding and repairing the pipe, and for what got wet.",
        language="en",
    ),
    Contents(
        title="Ill on a journey",
        short_answer="Call our doctors on +44 20 7946 0145 at any hour, before treatment if you can. We pay "
        "hospitals directly.",
        questions=("I am ill abroad, what do I do?", "Who pays the hospital on holiday?"),
        tags=("travel", "doctor", "hospital"),
        language="en",
    ),
    Contents(
        title="Horario de atención",
        short_answer="Respondemos todos los días de 8 a 20 h. Tras un accidente de noche, llame al "
        "+44 20 7946 0112.",
        questions=("¿Qué horario tienen?", "¿Abren los domingos?"),
        tags=("contacto", "horario"),
        language="es",
    ),
    Contents(
        title="Dar parte de un accidente",
        short_answer="Cuéntenos aquí qué pasó y cuándo, con fotos de los daños. En una hora recibe el "
        "número de siniestro.",
        questions=("¿Cómo doy parte de un accidente?", "He tenido un choque, ¿qué hago?"),
        tags=("coche", "siniestro"),
        language="es",
    ),
)


def write(account: Account, now: datetime) -> None:
    """All of them, as if they had been written when the account was connected. The caller commits."""
    articles.hold(account.id)
    at = now - timedelta(days=_WRITTEN_DAYS_AGO)
    for contents in ARTICLES:
        row = KnowledgeArticle(account_id=account.id, source=ArticleSource.HAND, created_at=at, updated_at=at)
        articles.write(row, contents)
