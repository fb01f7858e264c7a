"""A database with a history: so many messages over thirty days, made by the database itself.

One conversation for every twenty messages; four fifths of everything belongs to the first account.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from bench.console import Console

DAYS = 30
MESSAGES_PER_CONVERSATION = 20
_SECOND_ACCOUNT = {
    "waba_id": "104857392000002",
    "phone_number_id": "108293047500002",
    "phone_number": "+442079460102",
}

# One statement's text serves both databases but for how a time is written.
_MOMENT = {
    "sqlite": "strftime('%Y-%m-%d %H:%M:%f000', {seconds}, 'unixepoch')",
    "postgresql": "to_timestamp({seconds})",
}
_NOW_SECONDS = {
    "sqlite": "cast(strftime('%s', 'now') AS integer)",
    "postgresql": "cast(extract(epoch FROM now()) AS bigint)",
}
_COUNT = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count) "

_CONTACTS = """
INSERT INTO contacts (id, account_id, wa_id, user_id, profile_name, username, created_at, updated_at)
{count} SELECT i + 1, {account}, '4477' || (10000000 + i), NULL, 'Customer ' || (i + 1), '', {now}, {now}
  FROM n
"""
_CONVERSATIONS = """
INSERT INTO conversations (id, account_id, phone_number_id, contact_id, last_message_at, last_message_preview,
  last_message_direction, last_message_status, last_message_id, last_inbound_at, unread_count, version,
  created_at, updated_at)
{count} SELECT i + 1, {account}, {account}, i + 1, {last_at},
  'Message number ' || (:messages - :count + i + 1),
  'inbound', 'received', :messages - :count + i + 1, {last_at}, CASE WHEN i % 50 = 0 THEN 1 ELSE 0 END, 20,
  {now}, {now} FROM n
"""
_MESSAGES = """
INSERT INTO whatsapp_messages (id, account_id, phone_number_id, contact_id, conversation_id,
  direction, status, message_type, text_content, content, wamid, client_ref, occurred_at, priority,
  attempts, wait_reason, resends_unconfirmed, error_title, error_details, error_trace_id, pricing_category,
  pricing_type, sent_at, delivered_at, read_at, created_at, updated_at)
{count} SELECT i + 1, {account}, {account}, i % :conversations + 1, i % :conversations + 1,
  CASE WHEN {outbound} THEN 'outbound' ELSE 'inbound' END,
  CASE WHEN {outbound} THEN {status} ELSE 'received' END,
  'text', 'Message number ' || (i + 1), {json}, 'wamid.FILL' || i, 'fill-' || i, {at}, 'person', 1, '',
  {false}, '', '', '', '', '', CASE WHEN {outbound} THEN {at} END, CASE WHEN {outbound} THEN {reached} END,
  CASE WHEN {outbound} THEN {reached} END, {at}, {at} FROM n
"""


def fill(console: Console, messages: int, *, is_finished: bool = True) -> list[dict[str, Any]]:
    """Store so many messages, at least 20; the facts of both accounts.

    `is_finished`: outbound messages were read, every second message is the customer's. Otherwise all are
    outbound, written in this minute, and `sent`: what statuses are about to come for.
    """
    accounts = [console.make_account(), console.make_account(**_SECOND_ACCOUNT)]
    conversations = max(messages // MESSAGES_PER_CONVERSATION, 1)
    with console.app.app_context():
        _insert(messages, conversations, is_finished)
    return accounts


def _insert(messages: int, conversations: int, is_finished: bool) -> None:
    from app.extensions import db

    dialect = db.engine.dialect.name
    span = DAYS * 86_400 if is_finished else 1
    begin = f"({_NOW_SECONDS[dialect]} - {span})"
    step = f"{span} * 1.0 * i / {messages}"
    at = _MOMENT[dialect].format(seconds=f"{begin} + {step}")
    # The last twentieth of all messages are the conversations' last ones.
    last = f"{span} * 1.0 * ({messages - conversations} + i) / {messages}"
    words = {
        "count": _COUNT,
        "now": at,
        "at": at,
        "reached": at if is_finished else f"CASE WHEN 1 = 0 THEN {at} END",
        "last_at": _MOMENT[dialect].format(seconds=f"{begin} + {last}"),
        "account": f"CASE WHEN (i % {conversations}) % 5 = 4 THEN 2 ELSE 1 END",
        "outbound": f"(i / {conversations}) % 2 = 0" if is_finished else "1 = 1",
        "status": "'read'" if is_finished else "'sent'",
        "json": "'{}'" if dialect == "sqlite" else "'{}'::jsonb",
        "false": "0" if dialect == "sqlite" else "false",
    }
    # Not bound but written in: PostgreSQL could not tell the type of a bare value here.
    counts = {":messages": str(messages), ":conversations": str(conversations)}
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        if dialect == "postgresql":
            # A million rows on a busy machine take longer than a page may.
            connection.execute(text("SET LOCAL statement_timeout = 0"))
        for statement, count in (
            (_CONTACTS, conversations),
            (_CONVERSATIONS, conversations),
            (_MESSAGES, messages),
        ):
            sql = statement.format(**words)
            for name, value in {**counts, ":count": str(count)}.items():
                sql = sql.replace(name, value)
            connection.execute(text(sql.replace(":", r"\:")))
    _settle(dialect)


def _settle(dialect: str) -> None:
    """Sequences behind the rows, and fresh statistics, as a database in use has them."""
    from app.extensions import db

    with db.engine.connect() as connection:
        if dialect == "postgresql":
            for table in ("contacts", "conversations", "whatsapp_messages"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")  # noqa: S608
                )
        connection.execute(text("ANALYZE"))
        connection.commit()
