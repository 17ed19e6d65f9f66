"""A message as e-mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr

from pipeline.clock import Clock
from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError

_TIMEOUT = 30.0


@dataclass(frozen=True)
class EmailChannel:
    """Sends to all of `to` in one mail. `security`: starttls, tls or none."""

    host: str
    port: int
    security: str
    sender: str
    to: Sequence[str]
    clock: Clock
    username: str = ""
    password: str = ""

    def send(self, message: Message, step: Step = unsaid) -> None:
        try:
            mail = self.mail(message)
        except ValueError as error:  # a header that may not be written, such as one with a line end in it
            raise DeliveryError(f"the mail cannot be written: {error}", permanent=True) from error
        with self._server() as server:
            refused = server.send_message(mail, to_addrs=[parseaddr(address)[1] for address in self.to])
        if refused:  # trying again would tell the others twice, so this one is for a person to look at
            reasons = "; ".join(f"{who}: {_words(code, why)}" for who, (code, why) in refused.items())
            raise DeliveryError(f"sent to the others, but refused: {reasons}", permanent=True)

    def probe(self) -> None:
        with self._server() as server:
            server.noop()

    @contextmanager
    def _server(self) -> Iterator[smtplib.SMTP]:
        """A connection, logged in; whatever goes wrong with it comes out as DeliveryError."""
        try:
            server = self._connect()
            try:
                if self.username:
                    server.login(self.username, self.password)
                yield server
            finally:
                _leave(server)
        except smtplib.SMTPRecipientsRefused as error:
            codes = [code for code, _ in error.recipients.values()]
            reasons = "; ".join(f"{who}: {_words(code, why)}" for who, (code, why) in error.recipients.items())
            raise DeliveryError(f"refused: {reasons}", permanent=min(codes) >= 500) from error
        except smtplib.SMTPResponseException as error:
            # A wrong password may be mended in the configuration, so it is worth trying again.
            login = isinstance(error, smtplib.SMTPAuthenticationError)
            permanent = error.smtp_code >= 500 and not login
            raise DeliveryError(_words(error.smtp_code, error.smtp_error), permanent=permanent) from error
        except UnicodeError as error:  # its words would quote the password
            raise DeliveryError(
                f"{self.host}:{self.port}: host, user name or password holds characters that SMTP cannot carry"
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(f"{self.host}:{self.port}: {error or type(error).__name__}") from error

    def mail(self, message: Message) -> EmailMessage:
        """The message as a mail with a text and an HTML part; `Message-ID` is the same on every try.

        All mails of a thread answer one that was never sent, so that they find together whichever came first or was
        missed. Gmail also wants the same subject, but for a "Re:"; what happened stands in the preview instead.
        """
        domain = parseaddr(self.sender)[1].rpartition("@")[2]
        mail = EmailMessage()
        mail["From"] = self.sender
        mail["To"] = ", ".join(self.to)
        mail["Subject"] = message.topic or message.subject
        mail["Date"] = format_datetime(self.clock.now())
        mail["Message-ID"] = f"<{message.id}@{domain}>"
        if message.thread:
            mail["In-Reply-To"] = mail["References"] = f"<{message.thread}@{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail.set_content(message.text)
        mail.add_alternative(message.html, subtype="html")
        return mail

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            return smtplib.SMTP_SSL(self.host, self.port, timeout=_TIMEOUT, context=ssl.create_default_context())
        server = smtplib.SMTP(self.host, self.port, timeout=_TIMEOUT)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except BaseException:
                server.close()
                raise
        return server


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye. Whatever comes of it, the fate of the mail is known by then."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _words(code: int, reason: bytes | str) -> str:
    return f"{code} {reason.decode(errors='replace') if isinstance(reason, bytes) else reason}"
