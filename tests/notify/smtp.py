"""SMTP servers on loopback that answer as a test wants."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
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


class Picky:
    """Answers for each recipient as `answers` has it, and remembers who got how many mails."""

    def __init__(self, answers: dict[str, str]) -> None:
        self.answers = answers
        self.mails: Counter[str] = Counter()

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.mails.update(envelope.rcpt_tos)
        return "250 kept"


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
    files += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1", *files],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


GONE, DRIP = "gone", "drip"
"""In place of an answer: the connection is closed, or a byte comes every now and then, and never a whole line."""


@contextmanager
def scripted(answers: Mapping[str, str], tls: ssl.SSLContext | None = None) -> Iterator[tuple[int, list[bytes]]]:
    """A server that answers each command by `answers`; its port of 127.0.0.1, and the lines it heard.

    `BANNER` stands for the greeting and `END` for the answer to a whole mail. What is not there is taken well.
    """
    fine = {"BANNER": "220 hello", "EHLO": "250-here\r\n250 AUTH PLAIN", "DATA": "354 go on", "AUTH": "235 welcome"}
    heard: list[bytes] = []
    over = threading.Event()

    def answer(connection: socket.socket, word: str) -> bool:
        """Whether the connection is still of use."""
        line = answers.get(word, fine.get(word, "250 fine"))
        while line == DRIP and not over.wait(0.05):
            connection.sendall(b"2")
        if line not in (GONE, DRIP):
            connection.sendall(line.encode() + b"\r\n")
        return line not in (GONE, DRIP) and word != "QUIT" and not line.startswith("421")

    def talk(server: socket.socket) -> None:
        accepted, _ = server.accept()
        try:
            with tls.wrap_socket(accepted, server_side=True) if tls else accepted as connection:
                alive, mail = answer(connection, "BANNER"), False
                with connection.makefile("rb") as stream:
                    while alive and (line := stream.readline()):
                        heard.append(line)
                        word = line[:4].upper().decode(errors="replace").strip()
                        if not mail:
                            alive, mail = (
                                answer(connection, word),
                                word == "DATA" and answers.get(word, "354")[:3] == "354",
                            )
                        elif line == b".\r\n":
                            alive, mail = answer(connection, "END"), False
        except OSError:
            """The client has left."""

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=talk, args=(server,))
        thread.start()
        try:
            yield server.getsockname()[1], heard
        finally:
            over.set()
            thread.join()


def trusted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A server's TLS that clients of this process trust; the test is skipped where it cannot be made."""
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    context = self_signed(folder)
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "cert.pem"))
    return context
