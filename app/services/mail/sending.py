"""The worker's part: one due mail after the other, with no transaction open while the server is spoken to."""

from __future__ import annotations

import logging

from flask import current_app

from app.errors import NotReady
from app.extensions import db
from app.log_fields import about
from app.models import utcnow
from app.services.mail import outbox, smtp
from app.services.mail.smtp import MailTrouble

log = logging.getLogger(__name__)


def work_off(worker: str) -> int:
    """Send one due mail. Returns how many there were."""
    settings = current_app.config["SETTINGS"]
    if settings.mail is None:
        return 0
    letter = outbox.claim(worker)
    if letter is None:
        return 0
    try:
        answer = smtp.send(
            settings.mail,
            recipient=letter.recipient,
            subject=letter.subject,
            body=letter.body,
            message_id=letter.message_id,
            at=letter.created_at,
        )
    except MailTrouble as error:
        log.warning("a mail was not taken: %s", error, extra=about(mail_id=letter.mail_id))
        outbox.finish(letter, str(error), is_sent=False, is_final=error.is_final)
    else:
        outbox.finish(letter, answer, is_sent=True)
    return 1


def send_test(recipient: str) -> None:
    """One mail at once, so that its sender sees what comes of it. Raises NotReady with the server's words."""
    settings = current_app.config["SETTINGS"]
    if settings.mail is None:
        raise NotReady("No mail server is set. Set SMTP_HOST and MAIL_FROM, and start the console again.")
    body = (
        "This is a test, asked for in the settings of waba-console.\n\n"
        "It came, so you will also hear by e-mail when an account needs you.\n\n"
        f"{settings.public_base_url}/\n"
    )
    letter = {
        "recipient": recipient,
        "subject": "waba-console: a test",
        "body": body,
        "message_id": outbox.new_message_id(),
    }
    # No transaction is open while the server is spoken to.
    db.session.rollback()
    try:
        answer = smtp.send(settings.mail, **letter, at=utcnow())
    except MailTrouble as error:
        raise NotReady(f"The mail server did not take it. {error} Check the SMTP_ settings.") from error
    outbox.keep_sent(**letter, answer=answer)
