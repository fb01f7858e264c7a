"""What is known of each language: its stemmer, its words without weight, and words of one meaning.

An article's language is a two-letter code. One that is not in the table is searched by whole words.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import snowballstemmer

from app.services.knowledge.synonyms import PHRASES, SYNONYMS
from app.services.knowledge.words import fold, words_of

NAMES = {
    "en": "English",
    "es": "Spanish",
    "pt": "Portuguese",
    "fr": "French",
    "de": "German",
    "it": "Italian",
    "nl": "Dutch",
    "ca": "Catalan",
    "da": "Danish",
    "sv": "Swedish",
    "no": "Norwegian",
    "fi": "Finnish",
    "pl": "Polish",
    "cs": "Czech",
    "ro": "Romanian",
    "hu": "Hungarian",
    "el": "Greek",
    "tr": "Turkish",
    "ru": "Russian",
    "ar": "Arabic",
    "fa": "Persian",
    "he": "Hebrew",
    "hi": "Hindi",
    "ta": "Tamil",
    "id": "Indonesian",
    "th": "Thai",
    "vi": "Vietnamese",
    "zh": "Chinese",
    "ja": "Japanese",
    "ko": "Korean",
}
"""The languages that can be chosen for an article."""

_STEMMERS = {
    "en": "english",
    "es": "spanish",
    "pt": "portuguese",
    "fr": "french",
    "de": "german",
    "it": "italian",
    "nl": "dutch",
    "ca": "catalan",
    "da": "danish",
    "sv": "swedish",
    "no": "norwegian",
    "fi": "finnish",
    "pl": "polish",
    "cs": "czech",
    "ro": "romanian",
    "hu": "hungarian",
    "tr": "turkish",
    "ru": "russian",
    "ar": "arabic",
    "fa": "persian",
    "hi": "hindi",
    "ta": "tamil",
    "id": "indonesian",
}

# Without weight in a question: what nearly every question has.
_STOP_WORDS = {
    "en": """
        a about after again all also am an and any anyone are arent as at be because been before being but by
        can cannot cant could couldnt did didnt do does doesnt doing dont each else even ever every few for
        from get getting give go going good got had has have havent having he hello hey her here hes hi him his
        how i id if ill im in into is isnt it its ive just know let like lets lot many may maybe me might mine
        more most much must my need needs no nor not now of off oh ok okay on one only or other our ours out
        over own please r same say see she should shouldnt so some still such sure tell than thank thanks that
        thats the their them then there theres these they theyre this those thx to too u under until up ur us
        use used very via want wanted wants was wasnt way we well went were weve what whats when where which
        while who whom whose why will wish with without wont would wouldnt yes yet you your youre yours
    """,
    "es": """
        a ademas ahi ahora al algo algun alguna algunas algunos alguien alli ante antes aqui asi aun aunque
        bien buena buenas bueno buenos cada como con cual cuales cualquier cuando cuanta cuantas cuanto cuantos
        da dan dar de debe debo deja del desde dia dias dice digo donde dos el ella ellas ellos en entonces
        entre era es esa esas ese eso esos esta estaba estais estamos estan estar estas este esto estos estoy
        favor fue ha hace hacen hacer haceis hago han has hasta hay haya he hemos hola hoy iba igual ir jaja la
        las le les lo los mas me mi mia mio mis mismo mucha muchas mucho muchos muy nada necesito ni no nos
        nosotros nuestra nuestro o os otra otras otro otros para pero poco podeis podemos podria puede pueden
        puedo pues que quiere quiero quisiera quien quienes se sea ser si sin sobre sois solo somos son soy su
        sus tal tambien tampoco tan tanto te tendria teneis tenemos tener tengo ti tiene tienen toda todas todo
        todos tu tus un una unas uno unos usted ustedes va vamos van vale vosotros voy vuestra vuestro y ya yo
    """,
    "pt": """
        a ao aos as ate com como da das de dela dele do dos e ela elas ele eles em entre era essa esse esta
        estao estava este estou eu foi ha isso isto ja la lhe mais mas me meu minha muito na nas nao nem no nos
        nossa nosso num numa o ola os ou para pela pelo por posso pode podem qual quando quanto que quem quero
        se sem ser seu so sua sao tambem te tem tenho ter um uma voce voces
    """,
    "fr": """
        a ai ais au aussi aux avec avez avoir bonjour c ca ce ces cet cette comment d dans de des du elle en
        est et etes etre eu fait faire il ils j je l la le les leur leurs lui m ma mais me mes mon n ne nos
        notre nous on ont ou par pas peut peux plus pour pouvez pourquoi qu quand que quel quelle quelles quels
        qui quoi s sa sans se ses si son sont suis sur t ta te tes ton tu un une veux voudrais vos votre vous y
    """,
    "de": """
        aber als am an auch auf aus bei bin bis bist bitte da damit dann das dass dein deine dem den denn der
        des dich die dies diese dieser dir doch du ein eine einem einen einer es etwas euch euer fur gibt habe
        haben hallo hat hatte ich ihm ihn ihnen ihr ihre im in ist ja kann kannst kein keine konnen kommt man
        mein meine meinem meinen meiner mich mir mit mochte muss nach nicht noch nun nur oder ob ohne schon
        sein seine sich sie sind so soll uber um und uns unser unter vom von vor wann warum was wenn wer werden
        wie wieder will wir wird wo wurde zu zum zur
    """,
    "it": """
        a ad ai al alla alle anche avete avere c che chi ci ciao come con cosa cui d da dal dalla dei del della
        delle di do dove e ed era gli ha hai hanno ho i il in io l la le lei li lo loro lui ma me mi mia mio ne
        nei nel nella no noi non o per perche piu posso puo qual quale quali quando quanto quella quello questa
        questo se sei si sono su sua suo sul sulla ti tra tu un una uno vi voglio vorrei voi
    """,
}

# Of little weight: when, how many, and what any question may have.
_WEAK_WORDS = {
    "en": """
        today tomorrow yesterday tonight morning evening afternoon night day days week weeks month months year
        years hour hours minute minutes monday tuesday wednesday thursday friday saturday sunday january
        february march april june july august september october november december next last ago soon already
        time times new old first second long short big small little two three four five six ten half back away
        left came come put send sent tell told happen happened help please thing things stuff way part
    """,
    "es": """
        hoy mañana ayer noche tarde semana semanas mes meses año años hora horas minuto lunes martes miércoles
        jueves viernes sábado domingo enero febrero marzo abril mayo junio julio agosto septiembre octubre
        noviembre diciembre próximo próxima pasado pasada pronto nuevo nueva viejo vieja primero segundo dos
        tres cuatro cinco seis diez medio ayuda cosa cosas vez veces parte pasa paso pasó vuelta
    """,
}
_WEAK = 0.5

STOP_WORDS = {language: frozenset(words_of(text)) for language, text in _STOP_WORDS.items()}
_NONE: frozenset[str] = frozenset()


def stop_words(language: str) -> frozenset[str]:
    return STOP_WORDS.get(language, _NONE)


@lru_cache(maxsize=50_000)
def stem(word: str, language: str) -> str:
    """The part that a word's forms share. `word` is folded."""
    algorithm = _STEMMERS.get(language)
    if algorithm is None or len(word) < 3 or word.isdigit():
        return word
    # A stemmer of its own for each call: they keep the word they are at work on, and threads share this.
    return fold(snowballstemmer.stemmer(algorithm).stemWord(word)) or word


def emphasis(term: str, language: str) -> float:
    """How much a term may count for, beside how rare it is."""
    return _WEAK if term in _WEAK_TERMS.get(language, _NONE) else 1.0


def terms_of(words: Sequence[str], language: str) -> list[str]:
    """The terms of a text's words in order, without those that have no weight; then what its turns of
    phrase mean."""
    without = stop_words(language)
    return [
        *(stem(word, language) for word in words if word not in without),
        *phrase_terms(words, language),
    ]


def phrase_terms(words: Sequence[str], language: str) -> list[str]:
    """"How much" is a price: the terms for what several words mean together."""
    by_first = _PHRASES.get(language, {})
    stems = [stem(word, language) for word in words] if by_first else []
    return [
        term
        for place, first in enumerate(stems)
        for phrase, term in by_first.get(first, ())
        if tuple(stems[place : place + len(phrase)]) == phrase
    ]


def _by_first_word(language: str, phrases: dict[str, str]) -> dict[str, list[tuple[tuple[str, ...], str]]]:
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, meaning in phrases.items():
        stems = tuple(stem(word, language) for word in words_of(phrase))
        found.setdefault(stems[0], []).append((stems, stem(words_of(meaning)[0], language)))
    return found


_PHRASES = {language: _by_first_word(language, phrases) for language, phrases in PHRASES.items()}


_WEAK_TERMS = {
    language: frozenset(stem(word, language) for word in words_of(text))
    for language, text in _WEAK_WORDS.items()
}


def _by_term(language: str, groups: str) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for line in groups.strip().splitlines():
        terms = {stem(word, language) for word in words_of(line)}
        for term in terms:
            found.setdefault(term, set()).update(terms - {term})
    return {term: frozenset(others) for term, others in found.items()}


_SYNONYMS = {language: _by_term(language, groups) for language, groups in SYNONYMS.items()}


def synonyms(term: str, language: str) -> frozenset[str]:
    """Terms that customers use for the same thing."""
    return _SYNONYMS.get(language, {}).get(term, _NONE)


_SCRIPTS = {
    "ARABIC": "ar",
    "CJK": "zh",
    "CYRILLIC": "ru",
    "DEVANAGARI": "hi",
    "GREEK": "el",
    "HANGUL": "ko",
    "HEBREW": "he",
    "HIRAGANA": "ja",
    "KATAKANA": "ja",
    "TAMIL": "ta",
    "THAI": "th",
}


def guess(words: Sequence[str], usual: str = "en") -> str:
    """The language a text is in: by its script, or by its words without weight; `usual` when neither
    says it."""
    scripts = {unicodedata.name(word[0], "").split(" ")[0] for word in words}
    if "HIRAGANA" in scripts or "KATAKANA" in scripts:
        return "ja"
    for script in sorted(scripts & set(_SCRIPTS)):
        return _SCRIPTS[script]
    counts = {language: sum(word in without for word in words) for language, without in STOP_WORDS.items()}
    best = max(counts, key=lambda language: (counts[language], language == usual))
    return best if counts[best] else usual
