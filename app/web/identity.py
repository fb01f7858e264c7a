"""Who is behind this request: a signed-in person, or the API key it carries."""

from __future__ import annotations

import logging
from datetime import timedelta

from flask import Response, abort, current_app, g, make_response, request, url_for
from flask_login import LoginManager, UserMixin, current_user
from sqlalchemy import update
from sqlalchemy.exc import SQLAlchemyError

from app.crypto import hash_token
from app.extensions import db
from app.models import Role, User, UserSession, utcnow
from app.models.number_masks import hide_numbers_of
from app.queries import people
from app.queries.access import Actor, actor_of_user
from app.queries.people import Visit
from app.web.errors import is_for_programs, unauthorized_json
from app.web.redirects import sign_in_url
from app.web.responses import go_to, wants_fragment

log = logging.getLogger(__name__)

_TOUCH_EVERY = timedelta(seconds=60)
_OWNER_IDLE_SHARE = 2
"""Owners are signed out after half the idle time of everybody else."""
_LEFT_OPEN = frozenset({"auth.choose_password", "auth.sign_out", "static"})
"""What somebody with a one-time password may still reach."""
_LEFT_OPEN_WITHOUT_CODE = _LEFT_OPEN | frozenset(
    {
        "settings.second_factor",
        "settings.start_second_factor",
        "settings.second_factor_picture",
        "settings.confirm_second_factor",
    }
)
"""What somebody who has to set up a second factor may still reach."""


class SignedIn(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the person, and the session they came with.

    `must_set_one_up`: a second factor; the request that signs in asks for none yet.
    """

    def __init__(self, session: UserSession, token: str, *, must_set_one_up: bool = False) -> None:
        self.session = session
        self.user: User = session.user
        self.must_set_one_up = must_set_one_up
        self._token = token

    def get_id(self) -> str:
        return self._token


def init_identity(login_manager: LoginManager) -> None:
    login_manager.user_loader(load_signed_in)
    login_manager.unauthorized_handler(ask_to_sign_in)
    login_manager.session_protection = None


def load_signed_in(token: str) -> SignedIn | None:
    """The session behind a cookie, unless it was signed out, ran out, or the person was switched off."""
    visit = people.find_visit(hash_token(token))
    if visit is None or visit.session.revoked_at is not None or not visit.session.user.is_active:
        return None
    if _has_run_out(visit.session):
        return None
    if not request.args.get("poll") and utcnow() - visit.session.last_seen_at >= _TOUCH_EVERY:
        visit = _touched(visit.session, token)
    if visit is None:
        return None
    g.timezone = visit.session.user.time_zone
    return SignedIn(visit.session, token, must_set_one_up=visit.must_set_one_up)


def idle_limit(user: User) -> timedelta:
    """How long this person's sessions live without being used."""
    idle_s: int = current_app.config["SETTINGS"].session_idle_s
    return timedelta(seconds=idle_s // _OWNER_IDLE_SHARE if user.role is Role.OWNER else idle_s)


def _has_run_out(session: UserSession) -> bool:
    now = utcnow()
    absolute = timedelta(seconds=current_app.config["SETTINGS"].session_absolute_s)
    return now - session.last_seen_at > idle_limit(session.user) or now - session.created_at > absolute


def _touched(session: UserSession, token: str) -> Visit | None:
    """Note the visit, in a transaction of its own. Polls are no visits: an open tab signs nobody in for ever.

    The request's own transaction ends first: on SQLite a POST's holds the one write lock.
    """
    statement = update(UserSession).where(UserSession.id == session.id).values(last_seen_at=utcnow())
    db.session.rollback()
    try:
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            connection.execute(statement)
    except SQLAlchemyError:
        # A busy database costs a minute of idle time, not the page.
        log.warning("a session's last visit could not be noted", exc_info=True)
    return people.find_visit(hash_token(token))


def client_address() -> str:
    return request.remote_addr or ""


def current_actor() -> Actor:
    """The person or key behind this request. Call it only where a permission is declared."""
    actor: Actor | None = g.get("actor")
    if actor is None:
        if not current_user.is_authenticated:
            abort(401)
        actor = g.actor = actor_of_user(current_user.user, client_address())
        hide_numbers_of(actor.masked)
    return actor


def set_actor(actor: Actor) -> None:
    """The JSON API's door: the actor its key stands for."""
    g.actor = actor


def require_sign_in() -> None:
    """Lets signed-in people and keys pass; a one-time password opens only the page that replaces it, and who
    has to have a second factor gets only to where it is set up."""
    if g.get("actor") is not None:
        return
    if not current_user.is_authenticated:
        abort(ask_to_sign_in())
    if current_user.user.has_temporary_password and request.endpoint not in _LEFT_OPEN:
        abort(go_to(url_for("auth.choose_password")))
    if request.endpoint not in _LEFT_OPEN_WITHOUT_CODE and current_user.must_set_one_up:
        abort(go_to(url_for("settings.second_factor")))


def ask_to_sign_in() -> Response:
    """401 for programs; people go to the sign-in page and back. For HTMX the whole page goes there,
    so that no sign-in form ends up inside a card."""
    if is_for_programs():
        return unauthorized_json()
    if wants_fragment():
        return go_to(sign_in_url())
    return make_response("", 302, {"Location": sign_in_url()})
