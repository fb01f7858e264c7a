"""The second step of signing in: the password was right, a code is still to come."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from app.crypto import hash_token
from app.errors import DomainError
from app.extensions import db
from app.models import SignInStep, UserSession, utcnow
from app.services import second_factor, sign_in
from app.services.sign_in import Visitor

log = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=10)


class StepOver(DomainError):
    """It took too long, or the password or the rights changed meanwhile: sign in from the beginning."""

    code = "step_over"


class WrongCode(DomainError):
    """Neither a code of the app nor a recovery code, or one that was used before."""

    code = "wrong_code"
    status = 422


def find_step(token: str | None) -> SignInStep | None:
    """The step this browser is at, while it lasts."""
    if not token:
        return None
    step = db.session.scalar(select(SignInStep).where(SignInStep.token_hash == hash_token(token)))
    if step is None or not step.user.is_active or utcnow() - step.created_at > LIFETIME:
        return None
    return step


def finish(
    *, token: str | None, code: str, visitor: Visitor, old_token: str | None = None
) -> tuple[UserSession, str]:
    """The session and the token for its cookie. Raises StepOver, WrongCode, WaitForGuess."""
    step = find_step(token)
    if step is None:
        raise StepOver("Signing in took too long. Type your password once more.")
    if not second_factor.check_guess(step.user_id, code):
        db.session.rollback()
        log.info("a code of a second factor was wrong")
        raise WrongCode(
            "This code is not right, or was used already. Type the one the app shows now, or a recovery code."
        )
    user, attempt_id = step.user, step.attempt_id
    db.session.delete(step)
    return sign_in.open_session(user, visitor, attempt_id=attempt_id, old_token=old_token)
