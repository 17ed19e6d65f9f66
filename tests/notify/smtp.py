"""SMTP servers on loopback that answer as a test wants."""

from __future__ import annotations

import socket
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class Grumpy:
    """Answers every mail with `answer`, and remembers how many it was shown."""

    def __init__(self, answer: str, recipient: str = "") -> None:
        self.answer = answer
        self.recipient = recipient
        self.mails: list[bytes] = []

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if self.recipient:
            return self.recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.append(envelope.content)
        return self.answer


@contextmanager
def smtp(handler: Any, **options: Any) -> Iterator[int]:
    """The port of 127.0.0.1 where the handler listens; `options` are aiosmtpd's."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def mail_channel(port: int) -> dict[str, Any]:
    """The settings of a channel that leads there."""
    return {
        "type": "email",
        "to": ["desk@example.org"],
        "sender": "wire@example.org",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
    }


def self_signed(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate for 127.0.0.1 that nobody vouches for."""
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", *files],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context
