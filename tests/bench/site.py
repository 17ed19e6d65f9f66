"""A web server on loopback that is no part of what is measured: a process of its own, with its answers made beforehand.

with serving({"a.xml": Document(body, "application/xml")}) as site:
    site.urls["a.xml"]
"""

from __future__ import annotations

import asyncio
import multiprocessing
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ctypes import c_long
from dataclasses import dataclass
from hashlib import sha256
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import SynchronizedArray
from urllib.parse import quote

_LAST_MODIFIED = "Thu, 01 Jan 2026 00:00:00 GMT"
_PER_NETWORK = 250


@dataclass(frozen=True)
class Document:
    """What is served under a name, with an ETag and a Last-Modified that stay as they are."""

    body: bytes
    kind: str = "text/html; charset=utf-8"


@dataclass(frozen=True)
class Asked:
    """How many requests were answered with a document, with 304, and with 404 (robots.txt, say)."""

    given: int
    unchanged: int
    unknown: int

    def __sub__(self, before: Asked) -> Asked:
        return Asked(self.given - before.given, self.unchanged - before.unchanged, self.unknown - before.unknown)


@dataclass(frozen=True)
class Site:
    """A server under way. `urls` by name of the document."""

    urls: Mapping[str, str]
    counts: SynchronizedArray[int]

    def asked(self) -> Asked:
        """What it has been asked for so far."""
        return Asked(*self.counts[:])


@contextmanager
def serving(documents: Mapping[str, Document], hosts: int | None = None) -> Iterator[Site]:
    """Serve these documents, by name, from so many addresses in turn; each from its own where that is None.

    So what is set for one host (its spacing, how many requests at a time) stays in force as among real sites.
    """
    names = [_address(number) for number in range(hosts or max(1, len(documents)))]
    context = multiprocessing.get_context("spawn")
    counts = context.Array(c_long, 3)
    ours, theirs = context.Pipe()
    paths = {f"/{quote(name)}": document for name, document in documents.items()}
    process = context.Process(target=_run, args=(paths, names, counts, theirs))
    process.start()
    theirs.close()
    try:
        port = ours.recv()
        yield Site(
            {name: f"http://{names[n % len(names)]}:{port}/{quote(name)}" for n, name in enumerate(documents)}, counts
        )
    finally:
        ours.close()  # which ends it, as it would if this process died
        process.join()


def _address(number: int) -> str:
    return f"127.0.{number // _PER_NETWORK}.{number % _PER_NETWORK + 1}"


def _run(
    documents: Mapping[str, Document], hosts: list[str], counts: SynchronizedArray[int], parent: Connection
) -> None:
    answers = {path.encode(): _Answers.of(document) for path, document in documents.items()}
    asyncio.run(_serve(answers, hosts, counts, parent))


async def _serve(
    answers: Mapping[bytes, _Answers], hosts: list[str], counts: SynchronizedArray[int], parent: Connection
) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()

    def connection() -> _Connection:
        return _Connection(answers, counts)

    first = await loop.create_server(connection, hosts[0], 0, backlog=1000)
    port = first.sockets[0].getsockname()[1]
    if hosts[1:]:
        await loop.create_server(connection, hosts[1:], port, backlog=1000)
    loop.add_reader(parent.fileno(), over.set)  # the parent says nothing: there is something to read once it is gone
    parent.send(port)
    await over.wait()


@dataclass(frozen=True)
class _Answers:
    """The bytes that answer a request for a document, by how it is asked for."""

    whole: bytes
    head: bytes
    unchanged: bytes
    etag: bytes

    @classmethod
    def of(cls, document: Document) -> _Answers:
        etag = f'"{sha256(document.body).hexdigest()[:32]}"'
        validators = f"ETag: {etag}\r\nLast-Modified: {_LAST_MODIFIED}\r\n\r\n"
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: {document.kind}\r\nContent-Length: {len(document.body)}\r\n{validators}"
        ).encode()
        unchanged = f"HTTP/1.1 304 Not Modified\r\n{validators}".encode()
        return cls(head + document.body, head, unchanged, etag.encode())

    def knows(self, headers: Mapping[bytes, bytes]) -> bool:
        """Whether the client has the document already (RFC 9110, section 13.2.2)."""
        if (tags := headers.get(b"if-none-match")) is not None:
            return self.etag in tags
        return headers.get(b"if-modified-since") == _LAST_MODIFIED.encode()


_UNKNOWN = b"HTTP/1.1 404 Not Found\r\nContent-Type: text/plain\r\nContent-Length: 8\r\n\r\nnot here"


class _Connection(asyncio.Protocol):
    """One client, which may ask again and again."""

    def __init__(self, answers: Mapping[bytes, _Answers], counts: SynchronizedArray[int]) -> None:
        self._answers = answers
        self._counts = counts
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        *requests, self._received = (self._received + data).split(b"\r\n\r\n")
        for request in requests:
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        first, *lines = request.split(b"\r\n")
        method, path, version = first.split(b" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines)}
        found = self._answers.get(path.partition(b"?")[0])  # whatever the query, so that a page may be asked for anew
        if found is None:
            self._count(2, _UNKNOWN)
        elif found.knows(headers):
            self._count(1, found.unchanged)
        else:
            self._count(0, found.head if method == b"HEAD" else found.whole)
        if version == b"HTTP/1.0" or headers.get(b"connection", b"").lower() == b"close":
            self._transport.close()

    def _count(self, which: int, answer: bytes) -> None:
        self._counts[which] += 1
        self._transport.write(answer)
