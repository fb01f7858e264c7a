"""The door people come in by: sign-in, sign-out, and the page on which a one-time password is replaced."""

from app.auth.views import blueprint

__all__ = ["blueprint"]
