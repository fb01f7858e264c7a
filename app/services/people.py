"""People: who may sign in, with which role and where. Every change holds from the next request on."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

from email_validator import EmailNotValidError, validate_email
from flask import current_app
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from app.crypto import Secret
from app.errors import DomainError, FieldProblem, InvalidFields, NotFound
from app.extensions import db
from app.models import Membership, Role, SignInStep, User, UserSession, utcnow
from app.models.roles import role_allows
from app.models.time_zones import zones
from app.queries import people as people_queries
from app.queries.access import SYSTEM, Actor
from app.queries.accounts import list_known_account_ids
from app.services import audit, password_tries, passwords, teamwork

log = logging.getLogger(__name__)

_NAME_LENGTH = 100


class NotOneself(DomainError):
    """Nobody takes away their own way in; another owner can."""

    code = "not_oneself"


class LastOwner(DomainError):
    """Somebody must be left who may do everything."""

    code = "last_owner"


def create_user(
    *,
    email: str,
    password: str,
    role: Role,
    name: str = "",
    account_ids: Iterable[int] = (),
    other_roles: Mapping[int, Role] | None = None,
    actor: Actor = SYSTEM,
    is_temporary: bool = False,
    how: str = "",
) -> User:
    """Add a person. `is_temporary`: they must choose their own password before anything else.

    An owner sees every account, so `account_ids` is for the other roles; `other_roles` has those accounts
    in which the role is another one. Raises InvalidFields for an address that is none or taken, a password
    that is too weak, and accounts that do not exist.
    """
    address, problems = _checked(email, name)
    problem = passwords.find_password_problem(password, address)
    if problem:
        problems.append(FieldProblem("password", problem))
    if problems:
        raise InvalidFields(problems)
    user = User(
        email=address,
        name=name.strip(),
        role=role,
        password_hash=passwords.hash_password(password),
        has_temporary_password=is_temporary,
    )
    user.memberships = memberships_for(role, account_ids, other_roles)
    db.session.add(user)
    _flush_new()
    audit.record(
        actor,
        "person.added",
        object_type="user",
        object_id=user.id,
        details={"email": address, "role": role.value, "accounts": _where(user), "by": how},
    )
    db.session.commit()
    return user


def check_new_person(*, email: str, name: str) -> str:
    """The address as it is kept. Raises InvalidFields for one that is none or taken, and for a long name."""
    address, problems = _checked(email, name)
    if problems:
        raise InvalidFields(problems)
    return address


def add_person(
    *,
    email: str,
    name: str,
    role: Role,
    account_ids: Iterable[int],
    other_roles: Mapping[int, Role] | None = None,
    actor: Actor,
) -> tuple[User, Secret]:
    """Add a person with a password made up here; it is returned once and kept only as a hash."""
    password = passwords.make_one_time_password()
    user = create_user(
        email=email,
        name=name,
        role=role,
        password=password.reveal(),
        account_ids=account_ids,
        other_roles=other_roles,
        actor=actor,
        is_temporary=True,
    )
    return user, password


def give_one_time_password(*, user: User, actor: Actor) -> Secret:
    """For who forgot theirs: a password to hand over, and everything signed out. Raises NotOneself."""
    _refuse_oneself(user, actor)
    password = passwords.make_one_time_password()
    _set_password(user, password.reveal(), is_temporary=True)
    _revoke_sessions(user)
    audit.record(actor, "person.password_reset", object_type="user", object_id=user.id)
    db.session.commit()
    return password


def change_password(*, user: User, current: str, new: str, keep_session_id: int | None, actor: Actor) -> None:
    """The person's own change; every other session of theirs is signed out.

    Raises InvalidFields on `current_password` or `new_password`, TooManyTries.
    """
    if not password_tries.is_own_password(user, current, actor):
        raise InvalidFields([FieldProblem("current_password", "This is not your current password.")])
    choose_password(user=user, new=new, keep_session_id=keep_session_id, actor=actor)


def choose_password(*, user: User, new: str, keep_session_id: int | None, actor: Actor) -> None:
    """Set the person's own password in place of the one they signed in with. Raises InvalidFields."""
    problem = passwords.find_password_problem(new, user.email)
    if problem is None and passwords.password_fits(user.password_hash, new):
        problem = "This is the password you have now. Choose a different one."
    if problem:
        raise InvalidFields([FieldProblem("new_password", problem)])
    _set_password(user, new, is_temporary=False)
    _revoke_sessions(user, except_id=keep_session_id)
    audit.record(actor, "person.password_changed", object_type="user", object_id=user.id)
    db.session.commit()
    _forget_first_sign_in(user)


def change_profile(*, user: User, name: str, time_zone: str, actor: Actor) -> None:
    """The name colleagues see (empty shows the e-mail address), and the zone of all times they are shown.

    Raises InvalidFields on `time_zone`; empty is the console's own.
    """
    if time_zone and time_zone not in zones():
        text = "There is no such time zone. Choose one of the list."
        raise InvalidFields([FieldProblem("time_zone", text)])
    before = {"name": user.name, "time_zone": user.time_zone}
    user.name, user.time_zone = name.strip()[:_NAME_LENGTH], time_zone
    audit.record(
        actor,
        "person.profile_changed",
        object_type="user",
        object_id=user.id,
        details={"before": before, "after": {"name": user.name, "time_zone": user.time_zone}},
    )
    db.session.commit()


def set_rights(
    *,
    user: User,
    role: Role,
    account_ids: Iterable[int],
    other_roles: Mapping[int, Role] | None = None,
    actor: Actor,
) -> None:
    """Give a person another role, in exactly these accounts, or there the one in `other_roles`.

    Raises LastOwner, NotOneself, InvalidFields.
    """
    _refuse_oneself(user, actor)
    if user.role is Role.OWNER and role is not Role.OWNER:
        _keep_an_owner(user)
    before = {"role": user.role.value, "accounts": _where(user)}
    wanted = memberships_for(role, account_ids, other_roles)
    user.role = role
    user.memberships.clear()
    db.session.flush()
    user.memberships.extend(wanted)
    _release_lost(user)
    after = {"role": role.value, "accounts": _where(user)}
    audit.record(
        actor,
        "person.rights_changed",
        object_type="user",
        object_id=user.id,
        details={"before": before, "after": after},
    )
    db.session.commit()


def _release_lost(user: User) -> None:
    """Conversations of accounts in which they may not answer any more go back to everybody."""
    if user.role is Role.OWNER:
        return
    kept = {row.account_id for row in user.memberships if role_allows(row.role, "console.use")}
    teamwork.release_all_of(user, list_known_account_ids() - kept)


def switch_off(*, user: User, actor: Actor) -> None:
    """End all sessions and let nobody in under this name. Raises LastOwner, NotOneself."""
    _refuse_oneself(user, actor)
    if user.role is Role.OWNER:
        _keep_an_owner(user)
    user.is_active = False
    teamwork.release_all_of(user, None)
    _revoke_sessions(user)
    audit.record(actor, "person.switched_off", object_type="user", object_id=user.id)
    db.session.commit()


def switch_on(*, user: User, actor: Actor) -> None:
    user.is_active = True
    audit.record(actor, "person.switched_on", object_type="user", object_id=user.id)
    db.session.commit()


def sign_out_session(*, user: User, session_id: int, actor: Actor) -> None:
    """End one of the person's own sessions. Raises NotFound for any other."""
    session = people_queries.find_open_session(user.id, session_id)
    if session is None:
        raise NotFound("There is no such session.")
    session.revoked_at = utcnow()
    audit.record(actor, "session.signed_out", object_type="session", object_id=session.id)
    db.session.commit()


def sign_out_others(*, user: User, keep_session_id: int | None, actor: Actor) -> None:
    """End all sessions of this person but one."""
    _revoke_sessions(user, except_id=keep_session_id)
    audit.record(actor, "session.others_signed_out", object_type="user", object_id=user.id)
    db.session.commit()


def _checked(email: str, name: str) -> tuple[str, list[FieldProblem]]:
    address, problems = _checked_email(email)
    if len(name.strip()) > _NAME_LENGTH:
        problems.append(FieldProblem("name", f"The name is too long. Use at most {_NAME_LENGTH} characters."))
    return address, problems


def _checked_email(email: str) -> tuple[str, list[FieldProblem]]:
    try:
        # Names such as "amara@console.internal" are fine here: nothing is sent to them.
        valid = validate_email(email.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return "", [FieldProblem("email", "This is not an email address. It looks like name@example.com.")]
    address = valid.normalized.lower()
    if people_queries.find_user_by_email(address) is not None:
        return address, [FieldProblem("email", "Somebody with this email address is already here.")]
    return address, []


def _flush_new() -> None:
    """Two requests may add the same address at once: the index has the last word."""
    try:
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        taken = FieldProblem("email", "Somebody with this email address is already here.")
        raise InvalidFields([taken]) from None


def memberships_for(
    role: Role, account_ids: Iterable[int], other_roles: Mapping[int, Role] | None = None
) -> list[Membership]:
    """Rows for these accounts; none for an owner, who sees all. Raises InvalidFields on `account_ids`."""
    if role is Role.OWNER:
        return []
    others = dict(other_roles or {})
    roles = {account_id: others.get(account_id, role) for account_id in sorted(set(account_ids))}
    unknown = set(roles) - list_known_account_ids()
    if unknown:
        text = f"There is no account with the id {min(unknown)}."
        raise InvalidFields([FieldProblem("account_ids", text)])
    if Role.OWNER in roles.values():
        text = "Nobody is owner of one account. An owner sees them all: choose the role owner instead."
        raise InvalidFields([FieldProblem("account_ids", text)])
    return [Membership(account_id=account_id, role=given) for account_id, given in roles.items()]


def _where(user: User) -> list[int | str]:
    """For the audit log: the accounts' ids, with the role where it is another one."""
    rows = sorted(user.memberships, key=lambda row: row.account_id)
    return [
        row.account_id if row.role is user.role else f"{row.account_id} as {row.role.value}" for row in rows
    ]


def _set_password(user: User, password: str, *, is_temporary: bool) -> None:
    user.password_hash = passwords.hash_password(password)
    user.has_temporary_password = is_temporary


def _revoke_sessions(user: User, except_id: int | None = None) -> None:
    """What is half signed in ends as well."""
    db.session.execute(delete(SignInStep).where(SignInStep.user_id == user.id))
    statement = (
        update(UserSession)
        .where(UserSession.user_id == user.id, UserSession.revoked_at.is_(None))
        .values(revoked_at=utcnow())
    )
    if except_id is not None:
        statement = statement.where(UserSession.id != except_id)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def _refuse_oneself(user: User, actor: Actor) -> None:
    if actor.user is not None and actor.user.id == user.id:
        raise NotOneself("This would change your own access. Another owner can do it for you.")


def _keep_an_owner(leaving: User) -> None:
    """Locks the owners' rows, so that two owners cannot remove each other at the same moment."""
    owners = db.session.scalars(
        select(User.id).where(User.role == Role.OWNER, User.is_active).order_by(User.id).with_for_update()
    )
    if not set(owners) - {leaving.id}:
        raise LastOwner("This is the only owner who can sign in. Make somebody else an owner first.")


def _forget_first_sign_in(user: User) -> None:
    """The first start left the generated password in a private file; once it is changed, it goes."""
    file = Path(current_app.config["SETTINGS"].instance_path) / "first-sign-in.txt"
    try:
        if f"email={user.email}\n" in file.read_text(encoding="utf-8"):
            file.unlink()
    except FileNotFoundError:
        return
    except OSError:
        log.warning("the file with the first sign-in could not be removed: %s", file)
