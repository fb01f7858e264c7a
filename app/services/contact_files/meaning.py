"""What the columns of a file can mean, and what they probably do by what they are called."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from app.models import ContactField

NUMBER = "number"
NAME = "name"
LANGUAGE = "language"
TAGS = "tags"
NOTE = "note"
TIME_ZONE = "time_zone"
CONSENT = "consent"
CONSENT_ON = "consent_on"
CONSENT_SOURCE = "consent_source"
FIELD = "field:"
MEANINGS = {
    NUMBER: "Phone number",
    NAME: "Called here",
    LANGUAGE: "Language",
    TAGS: "Tags",
    NOTE: "Note",
    TIME_ZONE: "Time zone",
    CONSENT: "Marketing: yes or no",
    CONSENT_ON: "Marketing: since when",
    CONSENT_SOURCE: "Marketing: how we know",
}
_NAMES = {
    NUMBER: "number phone phone_number mobile mobile_number cell whatsapp whatsapp_number wa_id telefon "
    "telefonnummer handy handynummer mobil mobilnummer nummer rufnummer telefono movil celular telefone "
    "telephone numero portable tel msisdn",
    NAME: "name full_name called_here own_name contact contact_name customer nombre nome nom kunde "
    "first_name vorname",
    LANGUAGE: "language lang sprache idioma langue lingua locale",
    TAGS: "tags tag labels label groups group gruppe etiquetas schlagworte",
    NOTE: "note notes comment comments notiz bemerkung nota remark",
    TIME_ZONE: "time_zone timezone zeitzone zona_horaria",
    CONSENT: "consent opt_in optin opted_in marketing newsletter einwilligung consentimiento",
    CONSENT_ON: "consent_on consent_date consent_at opt_in_date opt_in_at einwilligung_am",
    CONSENT_SOURCE: "consent_source opt_in_source einwilligung_quelle",
}
_BY_NAME = {name: meaning for meaning, names in _NAMES.items() for name in names.split()}


def meanings_of(fields: Sequence[ContactField]) -> dict[str, str]:
    """By word: what a column may be said to mean in this account."""
    return {**MEANINGS, **{f"{FIELD}{field.key}": field.name for field in fields}}


def guess(columns: Sequence[str], fields: Sequence[ContactField]) -> list[str]:
    """One meaning for each column, none twice; "" where nothing fits."""
    by_field = {_plain(name): f"{FIELD}{field.key}" for field in fields for name in (field.name, field.key)}
    by_field |= {f"field_{field.key}": f"{FIELD}{field.key}" for field in fields}
    mapping: list[str] = []
    for column in columns:
        plain = _plain(column)
        meaning = by_field.get(plain) or _BY_NAME.get(plain, "")
        mapping.append("" if meaning in mapping else meaning)
    return mapping


def _plain(name: str) -> str:
    folded = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", folded).strip("_")
