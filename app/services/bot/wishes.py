"""How customers ask for a person: the usual words by language, which an account may replace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from app.models import RuleMatch
from app.services.bot.words import count_words, fold, matches

USUAL: dict[str, tuple[str, ...]] = {
    "en": (
        "agent",
        "human",
        "operator",
        "real person",
        "talk to a person",
        "speak to a person",
        "talk to someone",
        "speak to someone",
        "talk to an agent",
        "speak to an agent",
        "talk to a human",
        "speak to a human",
        "customer service",
    ),
    "es": (
        "agente",
        "asesor",
        "humano",
        "operador",
        "hablar con una persona",
        "hablar con alguien",
        "hablar con un agente",
        "persona real",
        "atención al cliente",
    ),
    "pt": (
        "atendente",
        "agente",
        "humano",
        "falar com uma pessoa",
        "falar com alguém",
        "falar com um atendente",
        "pessoa real",
    ),
    "de": (
        "mitarbeiter",
        "mensch",
        "mit einem menschen sprechen",
        "mit jemandem sprechen",
        "mit einem mitarbeiter sprechen",
        "echte person",
        "kundenservice",
    ),
    "fr": (
        "agent",
        "conseiller",
        "humain",
        "parler à quelqu'un",
        "parler à une personne",
        "parler à un conseiller",
        "vraie personne",
        "service client",
    ),
    "it": (
        "operatore",
        "agente",
        "umano",
        "parlare con una persona",
        "parlare con qualcuno",
        "parlare con un operatore",
        "persona reale",
    ),
    "nl": ("medewerker", "mens", "met iemand spreken", "met een medewerker spreken", "klantenservice"),
    "tr": ("temsilci", "müşteri hizmetleri", "biriyle konuşmak istiyorum", "gerçek kişi"),
    "ar": ("موظف", "ممثل", "خدمة العملاء", "التحدث مع شخص", "اتكلم مع موظف", "أريد التحدث مع موظف"),
    "hi": ("एजेंट", "इंसान", "किसी व्यक्ति से बात", "एजेंट से बात", "किसी से बात करनी है", "agent se baat"),
    "id": ("agen", "manusia", "bicara dengan orang", "bicara dengan agen", "layanan pelanggan"),
    "ru": ("оператор", "человек", "поговорить с человеком", "поговорить с оператором", "служба поддержки"),
    "zh": ("人工", "人工客服", "转人工", "真人"),
    "ja": ("オペレーター", "担当者", "人と話したい"),
}

_SHORT_MESSAGE = 5
"""One word alone, such as "agent", is a wish only in a message about as short: estate agents write too."""


def find_wish(words: Mapping[str, Sequence[str]], text: str) -> tuple[str, str] | None:
    """(phrase, language) of the wish for a person in a folded text, or None."""
    is_short = count_words(text) <= _SHORT_MESSAGE
    for language, phrases in words.items():
        for phrase in phrases:
            folded = fold(phrase)
            if (is_short or count_words(folded) > 1) and matches(RuleMatch.CONTAINS, folded, text):
                return phrase, language
    return None
