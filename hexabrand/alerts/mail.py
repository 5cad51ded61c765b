"""Sends alerts as one plain mail, over the farm's own mail server."""

import logging
import smtplib
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from hexabrand.alerts import wording
from hexabrand.alerts.outbox import DeliveryFailed
from hexabrand.alerts.rules import Notice
from hexabrand.settings.alerting import MailServer

logger = logging.getLogger(__name__)

TIMEOUT: Final = 15.0  # seconds, for each step of the conversation
# The first that fits: SMTP's errors are OSErrors too.
REASONS: Final[dict[type[Exception], str]] = {
    smtplib.SMTPAuthenticationError: "refused the user or the password",
    smtplib.SMTPNotSupportedError: "offers no TLS or no sign-in; look at SMTP_URL",
    smtplib.SMTPResponseException: "refused the mail",
    smtplib.SMTPException: "broke off the conversation",
    socket.gaierror: "cannot be found: its name has no address",
    ssl.SSLCertVerificationError: "has a certificate that is not trusted here",
    ssl.SSLError: "speaks no TLS that is understood here; look at SMTP_URL",
    TimeoutError: "does not answer in time",
    OSError: "does not answer",
    ValueError: "cannot be spoken with",
}


class MailSender:
    name = "email"
    most = 50

    def __init__(
        self, server: MailServer, sender: str, recipients: Sequence[str], who: wording.Who
    ) -> None:
        self._server, self._sender, self._recipients = server, sender, list(recipients)
        self._who = who

    def send(self, notices: Sequence[Notice]) -> None:
        message = self._message(notices)
        where = f"{self._server.host}:{self._server.port}"
        try:
            self._deliver(message)
        except (OSError, smtplib.SMTPException, ValueError) as error:
            raise DeliveryFailed(_why(error, where)) from error

    def _message(self, notices: Sequence[Notice]) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = wording.subject(notices, self._who.name)
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Date"] = format_datetime(datetime.now(UTC))
        # Not email.utils.make_msgid: it asks DNS for this machine's name. The same when repeated.
        message["Message-ID"] = f"<{notices[0].id}.{len(notices)}@hexabrand.invalid>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(wording.body(notices, self._who))
        return message

    def _deliver(self, message: EmailMessage) -> None:
        with self._connection() as smtp:
            # Given, or smtplib asks DNS for it: 13 s where there is none.
            smtp.local_hostname = _literal(smtp)
            if self._server.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            if self._server.user:
                smtp.login(self._server.user, self._server.password)
            refused = smtp.send_message(message, self._sender, self._recipients)
        if refused:  # the others have it: to send it again would tell them twice
            names = wording.one_line(", ".join(refused))
            logger.warning("The mail server took an alert, and not for %s.", names)

    def _connection(self) -> smtplib.SMTP:
        where = self._server.host, self._server.port
        if self._server.security == "tls":
            trust = ssl.create_default_context()
            return smtplib.SMTP_SSL(*where, "localhost", timeout=TIMEOUT, context=trust)
        return smtplib.SMTP(*where, "localhost", timeout=TIMEOUT)


def _literal(smtp: smtplib.SMTP) -> str:
    """Return this end's address as a mail server takes it for a name."""
    address = smtp.sock.getsockname()[0] if smtp.sock else "127.0.0.1"
    return f"[IPv6:{address.partition('%')[0]}]" if ":" in address else f"[{address}]"


def _why(error: Exception, where: str) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        refused = wording.one_line(", ".join(error.recipients))
        return f"The mail server {where} takes no mail for {refused}."
    what = next(said for kind, said in REASONS.items() if isinstance(error, kind))
    return f"The mail server {where} {what}."
