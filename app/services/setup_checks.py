"""What the set-up steps ask Meta, and what they say when the answer is no: in a shop owner's words.

Nothing here touches the database: callers copy what is to be checked into a Connection, end their
transaction, and ask.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import Any

from app.crypto import Secret
from app.errors import FieldProblem, Unavailable
from app.graph import accounts as graph_accounts
from app.graph import phone_numbers as graph_numbers
from app.graph.client import GraphClient
from app.graph.errors import (
    GraphAuthError,
    GraphBlocked,
    GraphError,
    GraphRejected,
)
from app.graph.tokens import TokenInfo
from app.models import Account
from app.services.connections import client_with

Waba = graph_accounts.Waba
Number = graph_numbers.PhoneNumber

MANAGEMENT = "whatsapp_business_management"
MESSAGING = "whatsapp_business_messaging"
WHAT_SCOPES_ALLOW = {
    MANAGEMENT: "read the account, its numbers and its message templates",
    MESSAGING: "send and receive messages",
}
NO_SECRET = Secret("")
_EXPIRED = 463
_REFUSALS = (GraphAuthError, GraphBlocked, GraphRejected)


class MetaUnavailable(Unavailable):
    """Meta could not be asked. What was entered is kept."""

    code = "meta_unavailable"


@dataclass(frozen=True)
class Connection:
    """The values that together reach one account at Meta; empty where a step is still to come."""

    waba_id: str = ""
    meta_business_account_id: str = ""
    app_id: str = ""
    app_secret: Secret = NO_SECRET
    phone_number_id: str = ""
    phone_number: str = ""
    access_token: Secret = NO_SECRET
    webhook_verify_token: Secret = NO_SECRET
    account_id: int | None = None

    @classmethod
    def of(cls, account: Account) -> Connection:
        """A copy that outlives the transaction."""
        number = account.first_number
        return cls(
            waba_id=account.meta_id or "",
            meta_business_account_id=account.meta_business_account_id or "",
            app_id=account.app_id or "",
            app_secret=account.app_secret or NO_SECRET,
            phone_number_id=number.meta_id if number else "",
            phone_number=number.phone_number if number else "",
            access_token=account.access_token or NO_SECRET,
            webhook_verify_token=account.webhook_verify_token or NO_SECRET,
            account_id=account.id,
        )

    def with_values(self, values: dict[str, Any]) -> Connection:
        """The same with cleaned values of a form over it."""
        return replace(self, **{name: value for name, value in values.items() if hasattr(self, name)})

    @property
    def has_app(self) -> bool:
        return bool(self.app_id and self.app_secret)

    def client(self) -> GraphClient:
        """With the account's own token; calls without one fail with a GraphAuthError."""
        return client_with(self.access_token, self.app_secret, account_id=self.account_id)


@dataclass
class Findings:
    """What Meta said. Problems name the field they belong to, whichever step it stands in."""

    problems: list[FieldProblem] = field(default_factory=list)
    token: TokenInfo | None = None
    waba: Waba | None = None
    numbers: list[Number] = field(default_factory=list)

    def add(self, name: str, message: str, error: GraphError | None = None) -> None:
        self.problems.append(FieldProblem(name, message + meta_code(error)))


def check_app(connection: Connection) -> Findings:
    """Do App ID and App Secret belong together? All that can be asked without a token."""
    findings = Findings()
    app_token = Secret(f"{connection.app_id}|{connection.app_secret.reveal()}")
    try:
        client_with(app_token, account_id=connection.account_id).apps.get(connection.app_id)
    except _REFUSALS as error:
        _refuse_app(findings, error)
    except GraphError as error:
        raise unavailable(error) from error
    return findings


def check_all(connection: Connection) -> Findings:
    """Token, permissions, account and number together. Raises MetaUnavailable."""
    findings = Findings()
    try:
        _check_token(connection, findings)
        if not findings.problems:
            _check_account(connection, findings)
        if findings.waba is not None and connection.phone_number_id:
            _check_number(connection, findings)
    except GraphError as error:
        raise unavailable(error) from error
    return findings


def unavailable(error: GraphError) -> MetaUnavailable:
    """What to raise when Meta gave no usable answer."""
    if error.retry_after_s:
        return MetaUnavailable(
            "Meta asks us to wait. Too many calls were made with this app. Nothing you entered is lost: try "
            f"again in {max(1, error.retry_after_s // 60)} min.{meta_code(error)}"
        )
    return MetaUnavailable(
        "Meta could not be reached. Nothing you entered is lost: try again in a moment. If it goes on, check "
        f"that this server has a connection to the internet.{meta_code(error)}"
    )


def meta_code(error: GraphError | None) -> str:
    """Meta's code, small, at the end of a sentence."""
    if error is None or error.code is None:
        return ""
    return f" (Meta's code {error.code})"


def describe_scopes(scopes: tuple[str, ...]) -> str:
    """`whatsapp_business_messaging (send and receive messages)`, and so on."""
    return " and ".join(f"{scope} ({WHAT_SCOPES_ALLOW.get(scope, 'needed')})" for scope in scopes)


# --- the token -------------------------------------------------------------------------------------------


def _check_token(connection: Connection, findings: Findings) -> None:
    try:
        token = connection.client().tokens.debug(
            connection.access_token.reveal(),
            app_id=connection.app_id,
            app_secret=connection.app_secret.reveal(),
        )
    except _REFUSALS as error:
        # Meta refuses to tell one app about another's token in the same way as a wrong secret.
        findings.problems += check_app(connection).problems or _foreign_token(connection, error)
        return
    findings.token = token
    if not token.is_valid:
        findings.add("access_token", why_invalid(token))
    elif token.app_id and token.app_id != connection.app_id:
        findings.problems += _foreign_token(connection)
    elif missing := token.missing_scopes():
        findings.add(
            "access_token",
            f"This token lacks a permission. It may not use {describe_scopes(missing)}. Create a new token "
            "for the system user and tick this permission too.",
        )


def _refuse_app(findings: Findings, error: GraphError) -> None:
    findings.add(
        "app_secret",
        "App ID and App Secret do not belong together. Meta does not accept this pair: the secret may be of "
        "another app, or may have been reset. Open the app in Meta's dashboard, App settings, Basic, and "
        "copy both from that page.",
        error,
    )


def why_invalid(token: TokenInfo) -> str:
    """Why Meta does not take a token, and what to do."""
    code = f" (Meta's code {token.error_code})" if token.error_code else ""
    if token.error_subcode == _EXPIRED:
        return (
            "This token has expired. The one on Meta's API Setup page only lives for 24 hours. Create a "
            f"permanent one for a system user, with expiration set to Never.{code}"
        )
    if token.app_id:
        return (
            "This token was withdrawn. Meta knows it but does not accept it any more: somebody revoked it or "
            f"changed a password. Create a new one for the system user.{code}"
        )
    return (
        "Meta does not know this token. A part of it may be missing, or it was made by another app. Copy it "
        f"again as a whole, or create a new one; Meta shows it a single time.{code}"
    )


def _foreign_token(connection: Connection, error: GraphError | None = None) -> list[FieldProblem]:
    text = (
        f"This token belongs to another app. Step 1 names the app {connection.app_id}. Create the token with "
        f"that app chosen, or correct App ID and App Secret in step 1.{meta_code(error)}"
    )
    return [FieldProblem("access_token", text)]


# --- the account -----------------------------------------------------------------------------------------


def _check_account(connection: Connection, findings: Findings) -> None:
    client = connection.client()
    try:
        findings.waba = client.accounts.get(connection.waba_id)
    except _REFUSALS as error:
        _explain_unseen_account(client, connection, findings, error)
        return
    token = findings.token
    if token is not None and not token.covers(MESSAGING, connection.waba_id):
        findings.add(
            "access_token",
            "This token may read the account but not send for it. Its permission whatsapp_business_messaging "
            "covers other accounts only. Give the system user full control of this account at Meta, then "
            "create a new token.",
        )


def _explain_unseen_account(
    client: GraphClient, connection: Connection, findings: Findings, error: GraphError
) -> None:
    if "appsecret_proof" in error.title:
        _refuse_app(findings, error)
        return
    what = _what_is(client, connection.waba_id)
    if what:
        findings.add(
            "waba_id",
            f"This is not the account ID. Meta says that {connection.waba_id} is {what}. Copy the one "
            f"labelled WhatsApp Business Account ID.{_seen_accounts(findings)}",
            error,
        )
        return
    findings.add(
        "waba_id",
        f"Meta does not show us the account {connection.waba_id}. Either the ID is not right, or the system "
        f"user of the token in step 3 was not given this account.{_seen_accounts(findings)} Copy the ID "
        "again, or assign the account to the system user with full control and create a new token.",
        error,
    )


def _what_is(client: GraphClient, node_id: str) -> str:
    """What an id stands for, when it is no account: “the phone number …”, “the app …”, or nothing."""
    try:
        number = client.phone_numbers.get(node_id)
        if number.display_phone_number:
            return f"the phone number {number.display_phone_number}"
    except _REFUSALS:
        pass
    try:
        app = client.apps.get(node_id)
    except _REFUSALS:
        return ""
    return f"the app “{app.name}”" if app.name else ""


def _seen_accounts(findings: Findings) -> str:
    targets = findings.token.targets.get(MANAGEMENT, ()) if findings.token else ()
    if not targets:
        return ""
    return f" This token was made for the account {' and '.join(targets[:5])}."


# --- the number ------------------------------------------------------------------------------------------


def _check_number(connection: Connection, findings: Findings) -> None:
    client = connection.client()
    findings.numbers = client.accounts.list_phone_numbers(connection.waba_id)
    number = find_number(findings.numbers, connection.phone_number_id)
    if number is None:
        findings.add("phone_number_id", _not_in_account(client, connection, findings))
        return
    shown = number.display_phone_number or ""
    if shown and connection.phone_number and digits(shown) != digits(connection.phone_number):
        findings.add(
            "phone_number",
            f"The ID belongs to another number. Meta says that {connection.phone_number_id} is {shown}. "
            "Correct the number, or copy the ID of the number you mean.",
        )


def _not_in_account(client: GraphClient, connection: Connection, findings: Findings) -> str:
    waba = findings.waba
    name = f"“{waba.name}”" if waba and waba.name else connection.waba_id
    listed = ", ".join(
        f"{number.display_phone_number or 'a number'} (ID {number.phone_number_id})"
        for number in findings.numbers[:5]
    )
    has = (
        f"It has {listed}. Copy the ID of one of these, or correct the account ID in step 1."
        if listed
        else "It has no number yet. Add one in WhatsApp Manager, then copy its ID."
    )
    try:
        other = client.phone_numbers.get(connection.phone_number_id).display_phone_number
    except _REFUSALS:
        other = None
    if other:
        return f"This number belongs to another account. {other} is not in the account {name}. {has}"
    return f"This number is not in the account {name}. {has}"


def find_number(numbers: list[Number], phone_number_id: str) -> Number | None:
    return next((number for number in numbers if number.phone_number_id == phone_number_id), None)


def digits(text: str) -> str:
    return re.sub(r"\D", "", text)
