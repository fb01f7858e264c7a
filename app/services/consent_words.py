"""The words by which customers stop advertising and take it up again, and what they are told. One table.

A word counts only when it is the whole message; case, accents and punctuation do not matter.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.models import ConsentKind
from app.services.bot.words import fold

LONGEST = 60
"""No message that is longer is one of the words."""

_SPOKEN = frozenset({"text", "button"})
"""What a customer types, and a tap on a message template's own button."""


@dataclass(frozen=True)
class _Words:
    """One language's."""

    stop: tuple[str, ...]
    start: tuple[str, ...]
    stopped: str
    started: str


_TABLE: dict[str, _Words] = {
    "en": _Words(
        (
            "stop",
            "stop all",
            "stopall",
            "stop promotions",
            "unsubscribe",
            "opt out",
            "optout",
            "no more messages",
        ),
        ("start", "unstop", "subscribe", "resubscribe", "opt in", "optin"),
        "You will get no more marketing messages from us. To get them again, reply START.",
        "You will get our marketing messages again. To stop them, reply STOP.",
    ),
    "de": _Words(
        ("stopp", "abmelden", "abbestellen", "austragen", "keine werbung", "keine werbung mehr"),
        ("anmelden", "wieder anmelden", "werbung ja"),
        "Sie bekommen keine Werbenachrichten mehr von uns. Um sie wieder zu bekommen, antworten Sie START.",
        "Sie bekommen unsere Werbenachrichten wieder. Um sie zu beenden, antworten Sie STOPP.",
    ),
    "es": _Words(
        ("baja", "darme de baja", "cancelar suscripción", "no más mensajes"),
        ("alta", "darme de alta", "suscribirme"),
        "No recibirá más mensajes promocionales nuestros. Para volver a recibirlos, responda ALTA.",
        "Volverá a recibir nuestros mensajes promocionales. Para dejar de recibirlos, responda BAJA.",
    ),
    "pt": _Words(
        ("parar", "sair da lista", "descadastrar", "cancelar inscrição"),
        ("voltar a receber", "inscrever", "cadastrar"),
        "Você não receberá mais mensagens promocionais nossas. Para voltar a recebê-las, responda START.",
        "Você voltará a receber nossas mensagens promocionais. Para deixar de recebê-las, responda PARAR.",
    ),
    "fr": _Words(
        ("arrêt", "arrêter", "arrêtez", "désabonner", "me désabonner", "désinscription"),
        ("réabonner", "me réabonner", "m'abonner"),
        "Vous ne recevrez plus de messages publicitaires de notre part. "
        "Pour les recevoir à nouveau, répondez START.",
        "Vous recevrez à nouveau nos messages publicitaires. Pour les arrêter, répondez ARRÊT.",
    ),
    "it": _Words(
        ("ferma", "basta messaggi", "cancellami", "disiscrivimi", "annulla iscrizione"),
        ("iscrivimi", "riattiva"),
        "Non riceverà più messaggi promozionali da noi. Per riceverli di nuovo, risponda START.",
        "Riceverà di nuovo i nostri messaggi promozionali. Per non riceverli più, risponda STOP.",
    ),
    "nl": _Words(
        ("uitschrijven", "afmelden", "geen reclame"),
        ("inschrijven", "aanmelden"),
        "U krijgt geen reclameberichten meer van ons. Om ze weer te krijgen, antwoordt u START.",
        "U krijgt onze reclameberichten weer. Om ze te stoppen, antwoordt u STOP.",
    ),
    "pl": _Words(
        ("wypisz", "wypisz mnie", "rezygnuję"),
        ("zapisz mnie",),
        "Nie będziemy już wysyłać wiadomości marketingowych. Aby znów je otrzymywać, odpowiedz START.",
        "Znów będziemy wysyłać wiadomości marketingowe. Aby z nich zrezygnować, odpowiedz STOP.",
    ),
    "tr": _Words(
        ("dur", "iptal", "abonelikten çık"),
        ("başlat", "abone ol"),
        "Artık size tanıtım mesajı göndermeyeceğiz. Yeniden almak için START yazın.",
        "Size yeniden tanıtım mesajı göndereceğiz. Durdurmak için STOP yazın.",
    ),
    "ru": _Words(
        ("стоп", "отписаться", "отписка"),
        ("старт", "подписаться"),
        "Мы больше не будем присылать рекламные сообщения. Чтобы получать их снова, ответьте СТАРТ.",
        "Мы снова будем присылать рекламные сообщения. Чтобы отказаться, ответьте СТОП.",
    ),
    "id": _Words(
        ("berhenti", "berhenti berlangganan"),
        ("berlangganan",),
        "Kami tidak akan mengirim pesan promosi lagi. Untuk menerimanya kembali, balas START.",
        "Kami akan mengirim pesan promosi lagi. Untuk menghentikannya, balas STOP.",
    ),
    "ar": _Words(
        ("توقف", "إيقاف", "إلغاء الاشتراك"),
        ("اشتراك", "ابدأ"),
        "لن تصلك رسائل تسويقية منا بعد الآن. لاستلامها مجددًا، أرسل START.",
        "ستصلك رسائلنا التسويقية مجددًا. لإيقافها، أرسل STOP.",
    ),
}

_MEANINGS = {
    fold(word): (kind, language)
    for language, words in reversed(_TABLE.items())
    for kind, listed in ((ConsentKind.OPTED_OUT, words.stop), (ConsentKind.OPTED_IN, words.start))
    for word in listed
}


def meaning_of(text: str) -> tuple[ConsentKind, str] | None:
    """(what the customer wants, the word's language), or None when it is any other message."""
    return _MEANINGS.get(fold(text)) if len(text) <= LONGEST else None


def could_be_word(kind: str, text: str) -> bool:
    """Whether a message of this kind of Meta's asks to stop or to start advertising."""
    return kind in _SPOKEN and meaning_of(text) is not None


def confirmation(kind: ConsentKind, language: str, *, preferred: str = "") -> str:
    """What the customer is told: in their own language where it is known, else in that of the word."""
    words = _TABLE.get(preferred.split("_")[0]) or _TABLE[language]
    return words.stopped if kind is ConsentKind.OPTED_OUT else words.started
