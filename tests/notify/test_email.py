"""A message as e-mail."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo.catch import mail_server
from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify import render
from pipeline.notify.email import EmailChannel
from tests.notify.samples import alert
from tests.notify.smtp import Grumpy, self_signed, smtp
from tests.support.world import FixedClock

MESSAGE = Message("msg_1", "alert", "Großer Vertrag", "the text – ü\n", "<p>the HTML – ü</p>\n", {})


def channel(port: int = 25, **fields: Any) -> EmailChannel:
    given: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "sender": "Dealwire <wire@example.org>",
        "to": ("Désk <desk@example.org>", "inbox@example.org"),
        "clock": FixedClock(),
        **fields,
    }
    return EmailChannel(**given)


def test_a_mail_arrives_whole() -> None:
    """Both parts, the subject, everyone it is for, and the headers that say a program sent it."""
    with mail_server() as (mailbox, port):
        channel(port).send(MESSAGE)

    [mail] = mailbox.mails
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text
    assert html
    assert [part.get_content().replace("\r\n", "\n") for part in (text, html)] == [MESSAGE.text, MESSAGE.html]
    assert mail["Subject"] == "Großer Vertrag"
    assert [address.addr_spec for address in mail["To"].addresses] == ["desk@example.org", "inbox@example.org"]
    assert mail["From"] == "Dealwire <wire@example.org>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"].datetime == FixedClock().now()


def test_a_title_cannot_inject_headers() -> None:
    """A line end in a title, whichever kind, ends up as a space in the subject."""
    title = "News\r\nBcc: victim@example.org\n\nbody\x0bmore\x85and\u2028on"
    subject = render.alert_subject(alert(title=title))
    with mail_server() as (mailbox, port):
        channel(port).send(Message("msg_1", "alert", subject, "text", "html"))

    [mail] = mailbox.mails
    assert mail["Bcc"] is None
    assert mail["Subject"] == "Test deals: News Bcc: victim@example.org body more and on"


@pytest.mark.parametrize(
    ("answer", "recipient", "permanent"),
    [
        ("451 later", "", False),
        ("550 no", "", True),
        ("250 fine", "450 mailbox busy", False),
        ("250 fine", "550 nobody here", True),
    ],
)
def test_refusals_are_told_apart(answer: str, recipient: str, permanent: bool) -> None:
    """A 4xx is worth another try, a 5xx is not, and the server's words are kept."""
    with smtp(Grumpy(answer, recipient)) as port, pytest.raises(DeliveryError, match=recipient or answer) as failure:
        channel(port).send(MESSAGE)

    assert failure.value.permanent is permanent


def test_a_mail_that_some_refuse_is_not_passed_over() -> None:
    """Where the server takes only some of the recipients, a person is told which, and nobody gets it twice."""

    class Choosy(Grumpy):
        async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
            if address.startswith("b@"):
                return "450 greylisted"
            return await super().handle_RCPT(server, session, envelope, address, options)

    handler = Choosy("250 fine")
    with smtp(handler) as port, pytest.raises(DeliveryError, match=r"refused: b@example\.org: 450") as failure:
        channel(port, to=["a@example.org", "b@example.org"]).send(MESSAGE)

    assert failure.value.permanent
    assert len(handler.mails) == 1


def test_a_mail_that_was_taken_is_delivered_whatever_the_server_says_at_the_end() -> None:
    """A server that answers the goodbye with an error still has the mail; sending it again would double it."""
    with _rude_goodbye() as (port, heard):
        channel(port).send(MESSAGE)

    assert b".\r\n" in heard


def test_nobody_there_is_worth_another_try() -> None:
    """A refused connection names host and port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    with pytest.raises(DeliveryError, match=f"127.0.0.1:{port}") as failure:
        channel(port).send(MESSAGE)

    assert not failure.value.permanent


@pytest.mark.parametrize("host", ["mail..example.org", "x" * 70 + ".example"])
def test_a_host_that_cannot_be_is_a_delivery_error(host: str) -> None:
    """A host name no resolver takes fails as a delivery."""
    with pytest.raises(DeliveryError, match="example"):
        channel(host=host).send(MESSAGE)


def test_starttls_wants_a_certificate_it_can_trust(tmp_path: Path) -> None:
    """With a certificate nobody vouches for, nothing is sent; nor where the server has no TLS at all."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    handler = Grumpy("250 fine")
    with smtp(handler, tls_context=self_signed(tmp_path)) as port, pytest.raises(DeliveryError, match="certificate"):
        channel(port, security="starttls").send(MESSAGE)
    with smtp(handler) as port, pytest.raises(DeliveryError, match="STARTTLS"):
        channel(port, security="starttls").probe()

    assert handler.mails == []


def test_a_wrong_password_is_worth_another_try() -> None:
    """A refused login may be mended in the configuration; so may one with letters that SMTP cannot carry."""

    def refuse(*_: Any) -> Any:
        from aiosmtpd.smtp import AuthResult

        return AuthResult(success=False, handled=False, message="535 wrong")

    for password in ("sesame", "pässword"):
        with (
            smtp(Grumpy("250 fine"), authenticator=refuse, auth_require_tls=False) as port,
            pytest.raises(DeliveryError) as failure,
        ):
            channel(port, username="me", password=password).send(MESSAGE)

        assert not failure.value.permanent
        assert password not in str(failure.value)


def test_probe_sends_nothing() -> None:
    """A probe connects and leaves."""
    with mail_server() as (mailbox, port):
        channel(port).probe()

    assert mailbox.mails == []


@contextmanager
def _rude_goodbye() -> Iterator[tuple[int, list[bytes]]]:
    """A server that takes a mail and answers QUIT with an error; its port, and the lines it heard."""
    heard: list[bytes] = []

    def talk(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection, connection.makefile("rwb") as stream:

            def say(line: bytes) -> None:
                stream.write(line + b"\r\n")
                stream.flush()

            say(b"220 hello")
            in_mail = False
            for line in stream:
                heard.append(line)
                word = line[:4].upper()
                if in_mail:
                    in_mail = line.strip() != b"."
                    if not in_mail:
                        say(b"250 taken")
                elif word == b"DATA":
                    in_mail = True
                    say(b"354 go on")
                elif word == b"QUIT":
                    say(b"421 closing, good riddance")
                    return
                else:
                    say(b"250 fine")

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk, args=(server,))
        thread.start()
        yield server.getsockname()[1], heard
        thread.join()
