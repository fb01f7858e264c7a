"""The way to the mail server: plain text, one person at a time, nothing of the server's inside shown."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from config import MailSettings

TIMEOUT_S = 15.0
_PERMANENT = 500


class MailTrouble(Exception):
    """The mail server did not take it. `is_final`: it never will."""

    def __init__(self, text: str, *, is_final: bool = False) -> None:
        super().__init__(text)
        self.is_final = is_final


def send(
    mail: MailSettings, *, recipient: str, subject: str, body: str, message_id: str, at: datetime
) -> str:
    """Hand it to the server; answers the server's words. Raises MailTrouble."""
    message = EmailMessage(policy=SMTP_POLICY)
    try:
        message["From"] = _address(mail.sender)
        message["To"] = _address(recipient)
        message["Subject"] = " ".join(subject.split())
        message["Date"] = format_datetime(at)
        message["Message-ID"] = message_id
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(body)
    except (ValueError, UnicodeError) as error:
        raise MailTrouble("The address cannot be written into a mail.", is_final=True) from error
    with connected(mail) as server:
        server.send_message(message)
    return "taken by the mail server"


def check(mail: MailSettings) -> None:
    """Connect, encrypt and sign in as for a mail, and send none. Raises MailTrouble."""
    with connected(mail) as server:
        server.noop()


@contextmanager
def connected(mail: MailSettings) -> Iterator[smtplib.SMTP]:
    """A server that is ready for mail; what it refuses becomes a MailTrouble."""
    try:
        with _open(mail) as server:
            if mail.username:
                server.login(mail.username, mail.password)
            yield server
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise MailTrouble(f"{code}: {_words(said)}", is_final=code >= _PERMANENT) from error
    except smtplib.SMTPAuthenticationError as error:
        # The server may repeat what was sent to it.
        text = f"{error.smtp_code}: SMTP_USERNAME and SMTP_PASSWORD were refused."
        raise MailTrouble(text) from error
    except smtplib.SMTPResponseException as error:
        raise MailTrouble(f"{error.smtp_code}: {_words(error.smtp_error)}") from error
    except smtplib.SMTPNotSupportedError as error:
        text = "The server does not offer what SMTP_SECURITY or SMTP_USERNAME asks for."
        raise MailTrouble(text) from error
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        raise MailTrouble(f"The server could not be reached ({type(error).__name__}).") from error


def _open(mail: MailSettings) -> smtplib.SMTP:
    if mail.security == "tls":
        return smtplib.SMTP_SSL(mail.host, mail.port, timeout=TIMEOUT_S, context=ssl.create_default_context())
    server = smtplib.SMTP(mail.host, mail.port, timeout=TIMEOUT_S)
    if mail.security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


def _address(text: str) -> Address:
    name, address = parseaddr(text)
    return Address(display_name=name, addr_spec=address or text)


def _words(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:300]
