"""What Meta judges by taste, as advice: nothing here keeps anybody from submitting.

Meta names the faults (promotional words in a utility message template, shortened links, no way to opt out
of marketing) but publishes no lists; these words and hosts are ours.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from app.graph.problems import Problem
from app.services.message_templates.sheets import CAROUSEL, Sheet

_PROMOTION = {
    "en": r"discounts?|sale|offers?|deals?|promo(?:tion)?s?|free gift|coupons?|vouchers?|\d+ ?% off|buy now|"
    r"shop now|limited time|don.t miss|exclusive",
    "de": r"rabatte?|angebote?|gratis|gutscheine?|aktion|jetzt kaufen|sparen sie|exklusiv|nur heute",
    "es": r"descuentos?|ofertas?|gratis|promoci[oó]n(?:es)?|cup[oó]n(?:es)?|compra ahora|exclusiv[oa]s?",
    "fr": r"remises?|soldes|offres?|gratuit|promotions?|bon d.achat|achetez maintenant|exclusi(?:f|ve)s?",
    "pt": r"descontos?|ofertas?|gr[aá]tis|promoç(?:ão|ões)|cupo(?:m|ns)|compre agora|exclusiv[oa]s?",
    "it": r"sconti?|offert[ae]|gratis|promozion[ei]|buon[oi]|acquista ora|esclusiv[oa]",
}
_OPT_OUT = re.compile(
    r"\b(?:stop|unsubscribe|opt.?out|no more|abmelden|abbestellen|keine werbung|baja|no recibir|cancelar|"
    r"d[ée]sabonner|ne plus recevoir|sair|parar|cancella|disiscri\w*)\b",
    re.IGNORECASE,
)
_SHORTENERS = re.compile(
    r"\b(?:bit\.ly|tinyurl\.com|t\.co|goo\.gl|ow\.ly|is\.gd|buff\.ly|rb\.gy|cutt\.ly|shorturl\.at|t\.ly|"
    r"wa\.me)/",
    re.IGNORECASE,
)
_SHOUTED = re.compile(r"\b[A-ZÀ-Þ]{4,}(?:\W+[A-ZÀ-Þ]{3,}){2,}|!{3,}")


def advise(sheet: Sheet) -> Iterator[tuple[str, Problem]]:
    """(place in the editor, advice), each once."""
    if sheet.is_login:
        return
    texts = list(_texts(sheet))
    yield from _short_links(texts)
    if sheet.category == "UTILITY":
        yield from _promotion(sheet.language, texts)
    elif not any(_OPT_OUT.search(text) for _, text in texts):
        yield (
            "buttons" if sheet.shape != CAROUSEL else "body",
            _problem(
                "There is no way to opt out. Customers who cannot say “stop” block you, which lowers your "
                "quality; a quick reply such as “Stop” is enough.",
                "no_opt_out",
            ),
        )
    for place, text in texts:
        if _SHOUTED.search(text):
            yield place, _problem("This reads as shouting; reviewers dislike it.", "shouting")


def _texts(sheet: Sheet) -> Iterator[tuple[str, str]]:
    for prefix, part in sheet.parts:
        place = prefix.replace("card.", "cards.")
        yield f"{place}header_text", part.header_text if part.header == "TEXT" else ""
        yield f"{place}body", part.body
        for number, button in enumerate(part.buttons):
            yield f"{place}buttons.{number}.text", button.text
            yield f"{place}buttons.{number}.url", button.url
    yield "footer", sheet.footer
    yield "offer_text", sheet.offer_text


def _short_links(texts: list[tuple[str, str]]) -> Iterator[tuple[str, Problem]]:
    for place, text in texts:
        if found := _SHORTENERS.search(text):
            host = found[0].strip("/")
            said = f"{host} hides where the link leads; Meta often rejects that. Use your own address."
            yield place, _problem(said, "short_link")


def _promotion(language: str, texts: list[tuple[str, str]]) -> Iterator[tuple[str, Problem]]:
    words = _PROMOTION.get(language.partition("_")[0])
    if words is None:
        return
    pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE)
    for place, text in texts:
        if not place.endswith("url") and (found := pattern.search(text)):
            said = (
                f"“{found[0]}” reads like advertising. Meta then makes it a marketing template, which costs "
                "more, or rejects it."
            )
            yield place, _problem(said, "promotional")
            return


def _problem(message: str, code: str) -> Problem:
    return Problem("", message, code, "warning")
