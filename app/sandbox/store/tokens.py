"""Access tokens: whose, for which app, with which scopes, for which accounts, until when."""

import hmac
from dataclasses import dataclass

from .. import clock, ids
from ..database import Database, Row, from_json, to_json

# Why a token was revoked → subcode of error 190; 0: the user himself is gone, which is error 0.
REVOCATIONS = {"invalidated": 467, "password_changed": 460, "app_removed": 458, "user_removed": 0}
_USER_REMOVED = -1
ALL_SCOPES = ("whatsapp_business_management", "whatsapp_business_messaging", "business_management")


@dataclass(frozen=True)
class Token:
    """`target_ids` None = every account; `expires_at` 0 = never. An app token has no user."""

    value: str
    app_id: str
    user_id: str
    user_name: str
    scopes: tuple[str, ...]
    target_ids: tuple[str, ...] | None
    issued_at: float
    expires_at: float
    revocation: int | None = None
    # With `target_ids` None: the accounts the app was given.
    reach: tuple[str, ...] | None = None
    # UNIX seconds; 0 = never. Only told by debug_token.
    data_access_expires_at: float = 0.0

    @property
    def is_app(self) -> bool:
        return self.user_id == ""

    @property
    def is_revoked(self) -> bool:
        return self.revocation is not None

    @property
    def is_expired(self) -> bool:
        return 0 < self.expires_at <= clock.now()

    def can_see(self, *asset_ids: str) -> bool:
        seen = self.reach if self.target_ids is None else self.target_ids
        return seen is None or any(asset in seen for asset in asset_ids)

    def __repr__(self) -> str:
        return f"Token(app_id={self.app_id!r}, value=••••{self.value[-4:]})"


def system_user(
    value: str,
    app_id: str,
    *target_ids: str,
    scopes: tuple[str, ...] = ALL_SCOPES,
    expires_at: float = 0.0,
    all_targets: bool = False,
    data_access_expires_at: float = 0.0,
) -> Token:
    return Token(
        value=value,
        app_id=app_id,
        user_id=ids.node_id(),
        user_name="Sandbox system user",
        scopes=scopes,
        target_ids=None if all_targets else target_ids,
        issued_at=clock.now(),
        expires_at=expires_at,
        data_access_expires_at=data_access_expires_at,
    )


def insert(db: Database, token: Token) -> None:
    db.insert(
        "tokens",
        token=token.value,
        app_id=token.app_id,
        user_id=token.user_id,
        user_name=token.user_name,
        scopes=to_json(token.scopes),
        target_ids=None if token.target_ids is None else to_json(token.target_ids),
        issued_at=token.issued_at,
        expires_at=token.expires_at,
        data_access_expires_at=token.data_access_expires_at,
    )


def find(db: Database, value: str) -> Token | None:
    row = db.row("SELECT * FROM tokens WHERE token = ?", value)
    return None if row is None else _from_row(row)


def revoke(db: Database, value: str, reason: str = "invalidated") -> bool:
    """False when there is no such token. reason: a key of REVOCATIONS."""
    kept = REVOCATIONS[reason] or _USER_REMOVED
    return db.execute("UPDATE tokens SET is_revoked = ? WHERE token = ?", kept, value) > 0


def app_token(app_id: str, secret: str) -> str:
    return f"{app_id}|{secret}"


def find_app_token(db: Database, value: str) -> Token | None:
    """`APP_ID|APP_SECRET`; None when the app is unknown or the secret is wrong."""
    app_id, _, secret = value.partition("|")
    app = db.row("SELECT * FROM apps WHERE id = ?", app_id)
    if app is None or not hmac.compare_digest(app["secret"].encode(), secret.encode()):
        return None
    return Token(value, app_id, "", app["name"], (), None, app["created_at"], 0.0)


def _from_row(row: Row) -> Token:
    targets = from_json(row["target_ids"])
    return Token(
        value=row["token"],
        app_id=row["app_id"],
        user_id=row["user_id"],
        user_name=row["user_name"],
        scopes=tuple(from_json(row["scopes"])),
        target_ids=None if targets is None else tuple(targets),
        issued_at=row["issued_at"],
        expires_at=row["expires_at"],
        revocation=_revocation(row["is_revoked"]),
        data_access_expires_at=row["data_access_expires_at"],
    )


def _revocation(kept: int) -> int | None:
    """Files of older versions know only 1."""
    return {0: None, 1: 467, _USER_REMOVED: 0}.get(kept, kept)
