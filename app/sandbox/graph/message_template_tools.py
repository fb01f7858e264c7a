"""Around message templates: upsert, previews, comparison, migration, archive.

Source: Meta docs, "Authentication templates", "Template comparison", "Template migration", read 2026-03.
"""

from typing import Any

from ..database import Row
from ..digits import whole_number
from ..store import accounts, message_templates
from ..webhooks import template_news
from . import errors, message_template_rules
from .message_template_texts import refuse
from .registry import MANAGEMENT, Answer, Call, edge

SPANS_S = (604_800, 2_592_000, 5_184_000, 7_776_000)
LEAST_SENDS = 1000
MOST_AT_ONCE, MOST_ARCHIVED = 500, 100
# Fixed texts of authentication templates; languages without their own get the English ones.
CODE_TEXTS = {
    "en": ("*{{1}}* is your verification code.", " For your security, do not share this code.",
           "This code expires in {} minutes.", "Copy code", "Autofill"),
    "de": ("*{{1}}* ist dein Bestätigungscode.", " Gib ihn zu deiner Sicherheit nicht weiter.",
           "Dieser Code läuft in {} Minuten ab.", "Code kopieren", "Automatisch ausfüllen"),
    "es": ("Tu código de verificación es *{{1}}*.", " Por tu seguridad, no lo compartas.",
           "Este código caduca en {} minutos.", "Copiar código", "Autocompletar"),
    "fr": ("*{{1}}* est votre code de vérification.", " Pour votre sécurité, ne le partagez pas.",
           "Ce code expire dans {} minutes.", "Copier le code", "Remplir automatiquement"),
}  # fmt: skip
Part = dict[str, Any]


@edge("waba", "upsert_message_templates", "POST", scope=MANAGEMENT)
def upsert(call: Call) -> Answer:
    """One authentication template in many languages: new ones are created, known ones replaced."""
    languages = call.params.words("languages")
    if not languages:
        raise errors.required("languages")
    body = {"name": call.params.required_text("name"), "category": call.params.required_text("category")}
    if body["category"].upper() != "AUTHENTICATION":
        raise errors.one_of("category", ("AUTHENTICATION",), body["category"])
    bodies = []
    for language in languages:
        # Every language gets components of its own: the check writes into them.
        components = call.params.opened("components")
        checked: Part = body | {"language": language, "components": components}
        message_template_rules.check_creation(checked)
        bodies.append(checked)
    with call.db.write():
        return {"data": [_upsert_one(call, one) for one in bodies]}


def _upsert_one(call: Call, body: Part) -> Part:
    known = message_templates.find_version(call.db, call.node.id, body["name"], body["language"])
    if known is None:
        row = message_templates.insert(call.db, call.node.id, body, status="APPROVED")
        template_news.announce(call.sandbox, row["id"], "APPROVED", "NONE")
    else:
        message_templates.update(call.db, known["id"], components=body["components"], status="APPROVED")
        row = known
    return {"id": row["id"], "status": "APPROVED", "language": body["language"]}


@edge("waba", "message_template_previews", "GET", scope=MANAGEMENT)
def list_previews(call: Call) -> Answer:
    if call.params.text("category") != "AUTHENTICATION":
        raise errors.one_of("category", ("AUTHENTICATION",), call.params.text("category"))
    languages = call.params.words("languages") or ["en_US"]
    for language in languages:
        if language not in message_template_rules.LANGUAGES:
            raise errors.invalid(f"languages: {language} is not a supported language code.")
    return {"data": [_preview(call, language) for language in languages]}


def _preview(call: Call, language: str) -> Part:
    body, advice, expiry, copy, fill = CODE_TEXTS.get(language.split("_")[0], CODE_TEXTS["en"])
    is_advised = (call.params.text("add_security_recommendation") or "").lower() in {"true", "1"}
    preview: Part = {
        "body": body + (advice if is_advised else ""),
        "buttons": [{"text": copy, "autofill_text": fill}],
        "language": language,
    }
    minutes = call.params.text("code_expiration_minutes")
    return preview | ({"footer": expiry.format(minutes)} if minutes else {})


@edge("message_template", "compare", "GET", scope=MANAGEMENT)
def compare(call: Call) -> Answer:
    """With exactly one other of the same account, both sent often enough."""
    wanted = call.params.words("template_ids")
    rows = {row["id"]: row for row in message_templates.list_of(call.db, call.node.waba_id)}
    if len(wanted) != 1 or wanted[0] not in rows or wanted[0] == call.node.id:
        raise errors.invalid("template_ids must hold one other message template of the account.")
    start, end = _seconds(call, "start"), _seconds(call, "end")
    if end - start not in SPANS_S:
        raise errors.invalid(f"end - start must be one of {', '.join(map(str, SPANS_S))} seconds.")
    both = [call.node.row, rows[wanted[0]]]
    sends = {row["id"]: _sends(call, row, start, end) for row in both}
    if min(sends.values()) < LEAST_SENDS:
        raise refuse(None, "Not enough sends", f"Both need at least {LEAST_SENDS} sends in that time.")
    ordered = sorted(sends)
    return {
        "data": [
            {"metric": "BLOCK_RATE", "type": "RELATIVE", "order_by_relative_metric": ordered},
            {
                "metric": "MESSAGE_SENDS",
                "type": "NUMBER_VALUES",
                "number_values": [{"key": key, "value": sends[key]} for key in ordered],
            },
            {
                "metric": "TOP_BLOCK_REASON",
                "type": "STRING_VALUES",
                "string_values": [{"key": key, "value": "UNKNOWN_BLOCK_REASON"} for key in ordered],
            },
        ]
    }


def _sends(call: Call, row: Row, start: int, end: int) -> int:
    sql = (
        "SELECT count(*) FROM messages JOIN phone_numbers ON phone_numbers.id = phone_number_id"
        " WHERE waba_id = ? AND type = 'template' AND messages.created_at >= ? AND messages.created_at < ?"
        " AND json_extract(payload, '$.template.name') = ?"
        " AND json_extract(payload, '$.template.language.code') = ?"
    )
    return int(call.db.value(sql, row["waba_id"], start, end, row["name"], row["language"]))


def _seconds(call: Call, name: str) -> int:
    at = whole_number(call.params.required_text(name))
    if at is None:
        raise errors.invalid(f"{name} must be UNIX seconds.")
    return at


@edge("waba", "migrate_message_templates", "POST", scope=MANAGEMENT)
def migrate(call: Call) -> Answer:
    """Copies from another account of the same portfolio; approved ones of good or unknown quality."""
    source = accounts.find_waba(call.db, call.params.required_text("source_waba_id"))
    if source is None or not call.token.can_see(source["id"]):
        raise errors.invalid("source_waba_id: there is no such WhatsApp Business account.")
    if source["business_id"] != call.node.row["business_id"] or source["id"] == call.node.id:
        raise errors.invalid("source_waba_id must be another account of the same business portfolio.")
    count = call.params.number("count", MOST_AT_ONCE, MOST_AT_ONCE)
    page_number = whole_number(call.params.text("page_number") or "0")
    if page_number is None:
        raise errors.invalid("page_number must be a number from 0.")
    first = page_number * count
    wanted = call.params.words("template_ids")
    rows = [
        row for row in message_templates.list_of(call.db, source["id"]) if not wanted or row["id"] in wanted
    ]
    migrated, failed = [], {}
    for row in rows[first : first + count]:
        reason = _hindrance(call, row)
        if reason:
            failed[row["id"]] = reason
        else:
            migrated.append(_copy(call, row))
    return {"migrated_templates": migrated, "failed_templates": failed}


def _hindrance(call: Call, row: Row) -> str | None:
    if row["status"] != "APPROVED" or row["quality_score"] not in {"GREEN", "UNKNOWN"}:
        return "Only approved message templates of GREEN or UNKNOWN quality can be migrated."
    if message_templates.find_version(call.db, call.node.id, row["name"], row["language"]):
        return "There is a message template of this name and language already."
    return None


def _copy(call: Call, row: Row) -> str:
    kept = ("name", "language", "category", "parameter_format", "components")
    body = {name: row[name] for name in kept} | row["extra"]
    return str(message_templates.insert(call.db, call.node.id, body, status="APPROVED")["id"])


@edge("waba", "message_templates/archive", "POST", scope=MANAGEMENT)
def archive(call: Call) -> Answer:
    return _move(call, "archived_templates", {"APPROVED", "PAUSED", "REJECTED"}, "ARCHIVED", "ARCHIVED")


@edge("waba", "message_templates/unarchive", "POST", scope=MANAGEMENT)
def unarchive(call: Call) -> Answer:
    return _move(call, "unarchived_templates", {"ARCHIVED"}, "APPROVED", "UNARCHIVED")


def _move(call: Call, done_key: str, allowed: set[str], status: str, event: str) -> Answer:
    wanted = call.params.words("hsm_ids")
    if not 1 <= len(wanted) <= MOST_ARCHIVED:
        raise errors.invalid(f"hsm_ids holds 1 to {MOST_ARCHIVED} ids.")
    rows = {row["id"]: row for row in message_templates.list_of(call.db, call.node.id)}
    done, failed = [], {}
    for template_id in wanted:
        row = rows.get(template_id)
        if row is None or row["status"] not in allowed:
            failed[template_id] = "Not found." if row is None else f"Its status is {row['status']}."
            continue
        message_templates.update(call.db, template_id, status=status)
        template_news.announce(call.sandbox, template_id, event, "NONE")
        done.append(template_id)
    return {done_key: done, "failed_templates": failed}
