"""A message as e-mail."""

from __future__ import annotations

import shutil
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.demo.catch import mail_server
from pipeline.domain import Message
from pipeline.errors import DeliveryError
from pipeline.notify import render
from pipeline.notify.email import EmailChannel
from tests.notify.samples import alert
from tests.notify.smtp import DRIP, GONE, Grumpy, Picky, scripted, self_signed, smtp, trusted
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
    ("stage", "answer", "permanent"),
    [
        ("BANNER", "421 too many connections", False),
        ("BANNER", "554 no service here", False),
        ("BANNER", GONE, False),
        ("BANNER", "nonsense", False),
        ("EHLO", "421 not now", False),
        ("EHLO", GONE, False),
        ("AUTH", "454 not now", False),
        ("AUTH", "535 wrong", False),
        ("AUTH", GONE, False),
        ("MAIL", "421 not now", False),
        ("MAIL", "451 not now", False),
        ("MAIL", "530 authentication required", False),
        ("MAIL", "552 too large", True),
        ("RCPT", "421 not now", False),
        ("RCPT", "450 greylisted", False),
        ("RCPT", "550 nobody", True),
        ("DATA", "451 not now", False),
        ("DATA", "554 no", True),
        ("DATA", GONE, False),
        ("END", "421 not now", False),
        ("END", "452 full", False),
        ("END", "554 spam", True),
        ("END", GONE, False),
    ],
)
def test_each_stage_may_fail_for_now_or_for_good(stage: str, answer: str, permanent: bool) -> None:
    """Only a 5xx to the mail itself is final; all else may be mended, and a lost connection leaves the fate open."""
    with (
        scripted({stage: answer, **({"HELO": answer} if stage == "EHLO" else {})}) as (port, _),
        pytest.raises(DeliveryError) as failure,
    ):
        channel(port, username="me", password="sesame").send(MESSAGE)

    assert failure.value.permanent is permanent
    assert stage == "EHLO" or answer in (GONE, "nonsense") or answer in str(failure.value)
    assert "sesame" not in str(failure.value)


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("stage", ["BANNER", "EHLO", "END"])
def test_a_server_that_drips_is_left(stage: str, tls: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each byte comes in time, and the whole never ends; the deadline holds, and the mail is tried again."""
    context = trusted(tmp_path, monkeypatch) if tls else None
    with scripted({stage: DRIP}, context) as (port, _), pytest.raises(DeliveryError, match="within 1 s") as failure:
        channel(port, security="tls" if tls else "none", deadline=1.0).send(MESSAGE)

    assert not failure.value.permanent


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_trusted_server_is_sent_to_under_tls(security: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the first byte on or after STARTTLS; whose certificate it was is told."""
    context = trusted(tmp_path, monkeypatch)
    handler, steps = Grumpy("250 fine"), list[str]()
    how = {"tls": {"ssl_context": context}, "starttls": {"tls_context": context}}[security]
    with smtp(handler, **how) as port:
        channel(port, security=security).send(MESSAGE, steps.append)

    assert len(handler.mails) == 1
    assert [step for step in steps if step.startswith("TLSv1.") and step.endswith("certificate of 127.0.0.1")]


def test_the_steps_are_told() -> None:
    """From the connection to the server's last words; never the password."""
    steps: list[str] = []
    with scripted({"END": "250 queued as 4711"}) as (port, _):
        channel(port, username="me", password="sesame").send(MESSAGE, steps.append)

    assert steps[0].startswith(f"connected to 127.0.0.1:{port} (127.0.0.1) in ")
    assert steps[1:] == [
        "greeted: 220 hello",
        "logged in as me",
        "recipient desk@example.org: 250 fine",
        "recipient inbox@example.org: 250 fine",
        "message: 250 queued as 4711",
    ]


def test_addresses_in_other_letters() -> None:
    """Are sent to where the server can (RFC 6531); where it cannot, that is told and may be tried again."""
    handler = Grumpy("250 fine")
    there = {"to": ["dösk@example.org"], "sender": "wïre@example.org"}
    with smtp(handler, enable_SMTPUTF8=True) as port:
        channel(port, **there).send(MESSAGE)
    with smtp(handler, enable_SMTPUTF8=False) as port, pytest.raises(DeliveryError, match="SMTPUTF8") as failure:
        channel(port, **there).send(MESSAGE)

    [mail] = handler.mails
    assert "dösk@example.org" in mail.decode()
    assert not failure.value.permanent


def test_a_mail_that_some_refuse_is_not_passed_over() -> None:
    """Where the server takes only some of the recipients, it is told which it reached, and who refused it."""
    with smtp(Picky({"b@example.org": "450 greylisted"})) as port:
        to = ["Ann <a@example.org>", "b@example.org"]
        with pytest.raises(DeliveryError, match=r"refused: b@example\.org: 450") as failure:
            channel(port, to=to).send(MESSAGE)

    assert (failure.value.permanent, failure.value.reached) == (False, ("a@example.org",))


def test_a_mail_that_has_reached_all_is_not_sent_again() -> None:
    """Those it has reached may be all who are left in the configuration."""
    desk = Picky({})
    with smtp(desk) as port:
        channel(port, to=["a@example.org"]).send(replace(MESSAGE, reached=("a@example.org", "b@example.org")))

    assert not desk.mails


def test_a_mail_that_was_taken_is_delivered_whatever_the_server_says_at_the_end() -> None:
    """A server that answers the goodbye with an error still has the mail; sending it again would double it."""
    with scripted({"QUIT": "421 closing, good riddance"}) as (port, heard):
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
