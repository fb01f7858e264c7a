"""Invitations: a link, shown once, with which one person chooses name and password and is in."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import update

from app.crypto import Secret, hash_token
from app.errors import DomainError, InvalidFields
from app.extensions import db
from app.models import Invitation, Role, User, UserSession, utcnow
from app.queries import invitations as queries
from app.queries.access import SYSTEM, Actor, actor_of_user
from app.queries.accounts import list_known_account_ids
from app.services import audit, people, sign_in
from app.services.sign_in import Visitor

LIFETIME = timedelta(hours=72)


class UnusableInvitation(DomainError):
    """The link opens nothing (any more); the message says which, and what to do."""

    code = "unusable_invitation"
    status = 410


def invite(
    *,
    email: str,
    name: str,
    role: Role,
    account_ids: Iterable[int],
    other_roles: Mapping[int, Role] | None = None,
    actor: Actor,
) -> tuple[Invitation, Secret]:
    """An invitation and the token of its link, which is told once. An older one to that address ends.

    Raises InvalidFields on `email`, `name` and `account_ids`.
    """
    address = people.check_new_person(email=email, name=name)
    memberships = people.memberships_for(role, account_ids, other_roles)
    now = utcnow()
    db.session.execute(
        update(Invitation)
        .where(Invitation.email == address, Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
    )
    token = Secret(secrets.token_urlsafe(32))
    invitation = Invitation(
        email=address,
        name=name.strip(),
        role=role,
        account_roles={str(row.account_id): row.role.value for row in memberships},
        token_hash=hash_token(token.reveal()),
        created_by_id=actor.user.id if actor.user else None,
        created_at=now,
        expires_at=now + LIFETIME,
    )
    db.session.add(invitation)
    db.session.flush()
    _record(actor, "invitation.made", invitation)
    db.session.commit()
    return invitation, token


def make_new_link(*, invitation_id: int, actor: Actor) -> tuple[Invitation, Secret]:
    """The old link stops; the new one lives 72 hours, on behalf of whoever made it. Raises NotFound."""
    invitation = queries.get_waiting(invitation_id)
    token = Secret(secrets.token_urlsafe(32))
    invitation.token_hash = hash_token(token.reveal())
    invitation.expires_at = utcnow() + LIFETIME
    invitation.created_by_id = actor.user.id if actor.user else None
    _record(actor, "invitation.renewed", invitation)
    db.session.commit()
    return invitation, token


def withdraw(*, invitation_id: int, actor: Actor) -> Invitation:
    """Raises NotFound."""
    invitation = queries.get_waiting(invitation_id)
    invitation.withdrawn_at = utcnow()
    _record(actor, "invitation.withdrawn", invitation)
    db.session.commit()
    return invitation


def open_link(token: str) -> Invitation:
    """The invitation behind a link, ready to be used. Raises UnusableInvitation."""
    invitation = _find(token)
    reason = "wrong" if invitation is None else _why_closed(invitation, utcnow())
    if invitation is None or reason:
        raise UnusableInvitation(_REASONS[reason])
    return invitation


def open_known_link(token: str, visitor: Visitor) -> Invitation:
    """The same for what is about to be used: a link that is none counts as a failed try to sign in.

    Raises UnusableInvitation, TooManyTries.
    """
    if _find(token) is None:
        sign_in.note_failed_try("an invitation", visitor)
    return open_link(token)


def accept(*, token: str, name: str, password: str, visitor: Visitor) -> tuple[UserSession, str]:
    """Make the person and sign them in: the session, and the token for its cookie.

    Raises UnusableInvitation, InvalidFields on `name`, `email` (taken meanwhile) and `password`.
    """
    invitation = open_link(token)
    _take(invitation)
    user = _make_person(invitation, name, password, visitor)
    return sign_in.open_session(user, visitor)


def _find(token: str) -> Invitation | None:
    return queries.find_by_hash(hash_token(token))


def _take(invitation: Invitation) -> None:
    """One conditional update decides who of two was first; the caller's commit makes it last."""
    taken = db.session.execute(
        update(Invitation)
        .where(
            Invitation.id == invitation.id,
            Invitation.used_at.is_(None),
            Invitation.token_hash == invitation.token_hash,
        )
        .values(used_at=utcnow())
        .execution_options(synchronize_session=False)
    )
    if not taken.rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        raise UnusableInvitation(_REASONS["used"])


def _make_person(invitation: Invitation, name: str, password: str, visitor: Visitor) -> User:
    known = list_known_account_ids()
    roles = {int(id_): Role(role) for id_, role in invitation.account_roles.items() if int(id_) in known}
    inviter = invitation.created_by
    try:
        return people.create_user(
            email=invitation.email,
            name=name,
            role=invitation.role,
            password=password,
            account_ids=roles,
            other_roles=roles,
            actor=actor_of_user(inviter, visitor.ip_address) if inviter else SYSTEM,
            how="invitation",
        )
    except InvalidFields:
        db.session.rollback()
        raise


def _why_closed(invitation: Invitation, now: datetime) -> str:
    """A word of _REASONS; empty while the link opens."""
    inviter = invitation.created_by
    if invitation.used_at is not None:
        return "used"
    if invitation.withdrawn_at is not None:
        return "withdrawn"
    if inviter is not None and not (inviter.is_active and inviter.role is Role.OWNER):
        return "withdrawn"
    return "expired" if invitation.expires_at <= now else ""


_ASK = "Ask whoever invited you for a new link."
_REASONS = {
    "wrong": f"This link is not right. Copy it once more, whole, from the message it came in. {_ASK}",
    "used": "This invitation has been used. Sign in with the password that was chosen then.",
    "withdrawn": f"This invitation was withdrawn. {_ASK}",
    "expired": f"This invitation has run out: a link works for 72 hours. {_ASK}",
}


def _record(actor: Actor, action: str, invitation: Invitation) -> None:
    audit.record(
        actor,
        action,
        object_type="invitation",
        object_id=invitation.id,
        details={
            "email": invitation.email,
            "role": invitation.role.value,
            "accounts": dict(invitation.account_roles),
        },
    )
