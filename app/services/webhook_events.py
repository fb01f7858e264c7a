"""Taking in Meta's posts: whose signature is it, then store and commit, then 200."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from app.crypto import same_token
from app.extensions import db
from app.graph import signatures
from app.graph.webhooks import named_account_ids
from app.models import Account, AccountStatus, EventState, WebhookEvent, utcnow
from app.services import bell
from app.services.group_commit import GroupWriter
from app.services.webhook_secrets import AccountSecrets, SecretRing

_STORED = (
    "received_at",
    "verified_account_ids",
    "body",
    "body_sha256",
    "state",
    "summary",
    "reason",
    "attempts",
    "next_attempt_at",
)
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,200}")


class Intake:
    """The process's front door for events: its secrets and its writer."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._writer: GroupWriter | None = None
        self.ring = SecretRing(app)

    def record(self, body: bytes, signature: str | bytes | None) -> bool:
        """Store one signed post durably. False: not signed by an app it speaks for, nothing was stored.

        Returns only after the commit. Raises Unavailable when it could not be stored: answer 503,
        and Meta comes again.
        """
        signers = self._signers(body, signature)
        if not signers:
            return False
        now = utcnow()
        self._open_writer().write(
            {
                "received_at": now,
                "verified_account_ids": ",".join(str(account_id) for account_id in signers),
                "body": body,
                "body_sha256": hashlib.sha256(body).hexdigest(),
                "state": EventState.PENDING,
                "summary": "",
                "reason": "",
                "attempts": 0,
                "next_attempt_at": now,
            }
        )
        return True

    def _open_writer(self) -> GroupWriter:
        if self._writer is None:
            with self._app.app_context():
                engine = db.engine
            self._writer = GroupWriter(
                engine,
                WebhookEvent.metadata.tables[WebhookEvent.__tablename__],
                _STORED,
                after_commit=lambda: bell.ring(bell.EVENTS),
            )
        return self._writer

    def _signers(self, body: bytes, signature: str | bytes | None) -> list[int]:
        """Our accounts whose secret fits. Looks twice: then with secrets fresh from the database.

        So it does for an account it does not know: one connected a moment ago may share its app, and with it
        the secret, with others.
        """
        if not signature:
            return []
        named = _named(body)
        accounts = self.ring.accounts()
        found = _fitting(accounts, named, body, signature)
        if found and accounts.keys() >= (named or set()):
            return found
        return _fitting(self.ring.accounts(at_least=0), named, body, signature)


def init_intake(app: Flask) -> Intake:
    """One for the process; a second call gives the same."""
    intake: Intake = app.extensions.setdefault("waba_intake", Intake(app))
    return intake


def _named(body: bytes) -> set[str] | None:
    """The WABA ids a post names; None when it cannot be read, which any of our apps may have signed.

    A quick look only, to find the secrets to try: the worker reads it with all care.
    """
    try:
        return named_account_ids(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _fitting(
    accounts: Mapping[str, AccountSecrets], named: set[str] | None, body: bytes, signature: str | bytes
) -> list[int]:
    """A post about accounts we know must be signed for one of them; any other by any app of ours."""
    ours = [accounts[meta_id] for meta_id in sorted(named or ()) if meta_id in accounts]
    candidates: Iterable[AccountSecrets] = ours or accounts.values()
    return [
        account.account_id
        for account in candidates
        if account.secrets and signatures.verify(account.secrets, body, signature)
    ]


def answer_handshake(mode: str, token: str, challenge: str) -> str | None:
    """The challenge to echo when the token is one of ours, else None. Notes that it was seen."""
    if mode != "subscribe" or not token or not _is_plain(challenge):
        return None
    matching = [account_id for account_id, known in _verify_tokens() if same_token(known, token)]
    if not matching:
        return None
    statement = update(Account).where(Account.id.in_(matching)).values(handshake_seen_at=utcnow())
    with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
        connection.execute(statement)
    return challenge


def _is_plain(challenge: str) -> bool:
    """Short and without anything a browser could take for markup."""
    return _PLAIN.fullmatch(challenge) is not None


def _verify_tokens() -> list[tuple[int, str]]:
    rows: Iterable[Any] = db.session.execute(
        select(Account.id, Account.webhook_verify_token).where(Account.status != AccountStatus.ARCHIVED)
    )
    return [(account_id, token.reveal()) for account_id, token in rows if token]
