"""A connection to a mail server that ends at a deadline and tells its steps."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Sequence
from typing import Any

from pipeline.domain import Step

_CONNECT = 30.0
"""Seconds for one address of the server to take the connection."""
_GOODBYE = 5.0


class Server(smtplib.SMTP):
    """A mail server that has greeted, over TLS from the first byte on where `tls`.

    However slowly it answers, nothing lasts longer than `deadline` seconds: then a read fails.
    """

    def __init__(self, host: str, port: int, deadline: float, step: Step, *, tls: bool) -> None:
        self._until = time.monotonic() + deadline
        self._step = step
        self._tls = tls
        super().__init__(host, port, timeout=min(_CONNECT, deadline))

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:  # smtplib's hook for connecting
        began = time.monotonic()
        plain = socket.create_connection((host, port), timeout)
        took = round((time.monotonic() - began) * 1000)
        self._step(f"connected to {host}:{port} ({plain.getpeername()[0]}) in {took} ms")
        bounded = _Socket(plain.family, plain.type, plain.proto, plain.detach())
        bounded.settimeout(timeout)
        bounded.until = self._until
        return self._bounded(_context().wrap_socket(bounded, server_hostname=host)) if self._tls else bounded

    def connect(self, host: str = "localhost", port: int = 0, source_address: Any = None) -> tuple[int, bytes]:
        code, words = super().connect(host, port, source_address)
        self._step(f"greeted: {said(code, words)}")
        return code, words

    def start_tls(self) -> None:
        """Go on under TLS. Raises SMTPException where the server has none, SSLError where it is not to be trusted."""
        self.starttls(context=_context())
        assert isinstance(self.sock, _TlsSocket)
        self._bounded(self.sock)

    def _bounded(self, secured: ssl.SSLSocket) -> ssl.SSLSocket:
        secured.until = self._until  # type: ignore[attr-defined]
        self._step(f"{secured.version()}, certificate of {_holder(secured)}")
        return secured

    def rcpt(self, recip: str, options: Sequence[str] = ()) -> tuple[int, bytes]:
        code, words = super().rcpt(recip, options)
        self._step(f"recipient {recip}: {said(code, words)}")
        return code, words

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, words = super().data(msg)
        self._step(f"message: {said(code, words)}")
        return code, words

    def quit(self) -> tuple[int, bytes]:
        """Say goodbye, and wait a moment only for the answer: nothing hangs on it."""
        if isinstance(self.sock, _Socket | _TlsSocket):
            self.sock.until = min(self.sock.until, time.monotonic() + _GOODBYE)
        return super().quit()


def said(code: int, words: bytes | str) -> str:
    """An answer of the server on one line."""
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}".strip()


class _Socket(socket.socket):
    """A socket none of whose reads goes past `until`, in the time of `time.monotonic`."""

    until = float("inf")

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left(self.until))
        return super().recv_into(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    until = float("inf")

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(_left(self.until))
        return super().recv_into(*args, **kwargs)


def _left(until: float) -> float | None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return None if left == float("inf") else left


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = _TlsSocket
    return context


def _holder(secured: ssl.SSLSocket) -> str:
    """Whom the certificate names."""
    certificate: Any = secured.getpeercert() or {}
    names = [value for part in certificate.get("subject", ()) for name, value in part if name == "commonName"]
    names += [str(value) for _, value in certificate.get("subjectAltName", ())]
    return names[0] if names else "nobody by name"
