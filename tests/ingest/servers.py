"""Ill-behaved servers on loopback, and what a fetcher needs to reach them."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from tests.support.web import Answer

if sys.version_info >= (3, 14):
    from compression import zstd as zstd
else:
    from backports import zstd as zstd

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
AGENT = "Test/1.0 (+https://watcher.example)"

Talk = Callable[[socket.socket], None]


@contextmanager
def tcp_server(talk: Talk, host: str = "127.0.0.1") -> Iterator[int]:
    """A server that hands every connection to `talk`, in a thread of its own; its port."""
    listener = socket.create_server((host, 0))

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(60)
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(20)


@contextmanager
def raw_server(talk: Talk, host: str = "127.0.0.1") -> Iterator[str]:
    """A server that reads one request of every connection and then lets `talk` do as it likes; its URL."""

    def answer(connection: socket.socket) -> None:
        read_head(connection)
        talk(connection)

    with tcp_server(answer, host) as port:
        yield f"http://{host}:{port}/"


def read_head(connection: socket.socket) -> bytes:
    """A request up to its body."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += (more := connection.recv(65536))
        if not more:
            break
    return head


def sends(data: bytes) -> Talk:
    """Send this, then close."""
    return lambda connection: connection.sendall(data)


def floods(prompt: bytes, block: bytes) -> Talk:
    """Send `prompt`, then `block` for as long as it is taken."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(prompt)
        while True:
            connection.sendall(block)

    return talk


def drips(prompt: bytes, slow: bytes, pause: float = 0.01, count: int = 300) -> Talk:
    """Send `prompt` at once and then `count` bytes of `slow`, over and over, with a pause (seconds) after each."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(prompt)
        for number in range(count):
            connection.sendall(slow[number % len(slow) :][:1])
            time.sleep(pause)

    return talk


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": to})
