"""The settings door: one's own profile, why messages fail; for owners people, keys, webhooks, audit log."""

from app.settings import (
    api_docs,
    audit_log,
    canned_replies,
    desk,
    failures,
    keys,
    mail,
    passkeys,
    people,
    profile,
    second_factor,
    teams,
    webhook_log,
    webhooks,
)
from app.settings.blueprint import blueprint

__all__ = [
    "api_docs",
    "audit_log",
    "blueprint",
    "canned_replies",
    "desk",
    "failures",
    "keys",
    "mail",
    "passkeys",
    "people",
    "profile",
    "second_factor",
    "teams",
    "webhook_log",
    "webhooks",
]
