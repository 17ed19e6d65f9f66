"""A message as e-mail over SMTP."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import parseaddr

from pipeline.clock import Clock
from pipeline.domain import Message, Step, unsaid
from pipeline.errors import DeliveryError
from pipeline.notify.mail import write_mail
from pipeline.notify.smtp import Server, said

_DEADLINE = 120.0


@dataclass(frozen=True)
class EmailChannel:
    """Sends to all of `to` in one mail. `security`: starttls, tls or none. `deadline` in seconds, for all of it."""

    host: str
    port: int
    security: str
    sender: str
    to: Sequence[str]
    clock: Clock
    username: str = ""
    password: str = field(default="", repr=False)
    unsubscribe: str = ""
    deadline: float = _DEADLINE

    def send(self, message: Message, step: Step = unsaid) -> None:
        try:
            mail = write_mail(message, self.sender, self.to, self.unsubscribe, self.clock.now())
        except ValueError as error:  # a header that may not be written, such as one with a line end in it
            raise DeliveryError(f"the mail cannot be written: {error}", permanent=True) from error
        addresses = [parseaddr(address)[1] for address in self.to]
        missing = [address for address in addresses if address not in message.reached]
        if not missing:
            return
        with self._server(step) as server:
            refused = server.send_message(mail, to_addrs=missing)
        if refused:
            raise DeliveryError(
                f"sent to the others, but refused: {_reasons(refused)}",
                permanent=_is_final(refused),
                reached=[address for address in addresses if address not in refused],
            )

    def probe(self) -> None:
        with self._server(unsaid) as server:
            server.noop()

    @contextmanager
    def _server(self, step: Step) -> Iterator[Server]:
        """A connection, logged in; whatever goes wrong with it comes out as DeliveryError.

        Only what a server answers to the mail itself is final with a 5xx. A connection, a greeting, TLS or a login
        that it refuses may be mended in the configuration or over there, so it is worth trying again. So is one lost
        after the mail was handed over, whose fate nobody knows: its Message-ID tells a duplicate.
        """
        try:
            server = Server(self.host, self.port, self.deadline, step, tls=self.security == "tls")
            try:
                if self.security == "starttls":
                    server.start_tls()
                if self.username:
                    server.login(self.username, self.password)
                    step(f"logged in as {self.username}")
                yield server
            finally:
                _leave(server)
        except smtplib.SMTPRecipientsRefused as error:
            permanent = _is_final(error.recipients)
            raise DeliveryError(f"refused: {_reasons(error.recipients)}", permanent=permanent) from error
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
            permanent = error.smtp_code >= 500 and error.smtp_code != 530  # "authentication required": see above
            raise DeliveryError(said(error.smtp_code, error.smtp_error), permanent=permanent) from error
        except smtplib.SMTPAuthenticationError as error:
            words = said(error.smtp_code, error.smtp_error)
            raise DeliveryError(f"{words}; check the channel's username and password") from error
        except smtplib.SMTPResponseException as error:
            raise DeliveryError(f"{self._place}: {said(error.smtp_code, error.smtp_error)}") from error
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{self._place}: {error} Check the channel's security, port and addresses") from error
        except UnicodeError as error:  # its words would quote the password
            raise DeliveryError(
                f"{self._place}: host, user name or password holds characters that SMTP cannot carry"
            ) from error
        except ssl.SSLError as error:
            raise DeliveryError(f"{self._place}: {error}; check the channel's host, port and security") from error
        except ConnectionRefusedError as error:
            raise DeliveryError(f"{self._place}: {error}; check the channel's host and port") from error
        except (smtplib.SMTPException, OSError) as error:
            if isinstance(error.__context__, TimeoutError):  # smtplib takes it for a lost connection
                raise DeliveryError(f"{self._place}: no complete answer within {self.deadline:g} s") from error
            raise DeliveryError(f"{self._place}: {error or type(error).__name__}") from error

    @property
    def _place(self) -> str:
        return f"{self.host}:{self.port}"


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye. Whatever comes of it, the fate of the mail is known by then."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _is_final(refused: dict[str, tuple[int, bytes]]) -> bool:
    """Whether nobody of them would take it later."""
    return all(code >= 500 for code, _ in refused.values())


def _reasons(refused: dict[str, tuple[int, bytes]]) -> str:
    return "; ".join(f"{who}: {said(code, words)}" for who, (code, words) in refused.items())
