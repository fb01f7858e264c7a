"""The door people come in by: sign-in, sign-out, invitations, and replacing a one-time password."""

from app.auth import invitation, passkey, second_step
from app.auth.views import blueprint

__all__ = ["blueprint", "invitation", "passkey", "second_step"]
