"""Connections that lead only where they may: to public addresses, within bounds of time and size, with whole headers.

Used by `fetch` alone. All that a URL's host resolves to is checked, and that very address is dialled.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from http.client import HTTPResponse, RemoteDisconnected
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from pipeline.errors import AddressRefused, BodyTooLarge, FetchError

_UNKNOWN_FOR = 60.0
_MOST_UNKNOWN = 1000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291, section 2.4, and IANA's only allocation from it
_ISATAP = 0x00005EFE  # the upper half of an interface identifier that ends in an IPv4 address (RFC 5214, section 6.1)
# Of the special-purpose registries of IANA (RFC 6890), those that older versions of Python take for public.
_SPECIAL = tuple(
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocol assignments
        "192.88.99.0/24",  # 6to4 relays, given up by RFC 7526
        "2001::/23",  # IETF protocol assignments: Teredo, ORCHID and others
        "3fff::/20",  # documentation (RFC 9637)
    )
)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
EVERYWHERE: tuple[Network, ...] = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
Resolve = Callable[[str, int], Sequence[tuple[Any, ...]]]
"""Gives what `socket.getaddrinfo` gives for a host and port. Raises socket.gaierror."""


def lookup(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """What the machine's resolver says."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


def is_public(address: Address) -> bool:
    """Whether the address is on the public internet; IPv6 forms that carry an IPv4 address are unwrapped."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if not inner and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST:
            return False
        if int(address) >> 32 & 0xFDFFFFFF == _ISATAP and not is_public(IPv4Address(int(address) & 0xFFFFFFFF)):
            return False
    if any(address in network for network in _SPECIAL):
        return False
    return address.is_global and not address.is_multicast


class Bounds(threading.local):
    """How far the request of this thread may still go.

    `until`: when it must be over, in the time of `time.monotonic`. `bytes`: how much it may still receive, before any
    decompression: an encoded body need not give a single byte for all that is sent of it.
    """

    until: float = float("inf")
    bytes: float = float("inf")

    def remaining(self) -> float:
        """Seconds that are left. Raises TimeoutError where none are."""
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return left

    def received(self, size: int) -> None:
        """Raises BodyTooLarge when more came than may."""
        self.bytes -= size
        if self.bytes < 0:
            raise BodyTooLarge("the server sends far more than http.max_body")


class _Socket(socket.socket):
    """A socket whose every read is within the thread's bounds."""

    bounds: Bounds

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.bounds.remaining())
        size = super().recv_into(*args, **kwargs)
        self.bounds.received(size)
        return size


class _TlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    bounds: Bounds | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.bounds:
            self.settimeout(self.bounds.remaining())
        size = super().recv_into(*args, **kwargs)
        if self.bounds:
            self.bounds.received(size)
        return size


@dataclass(frozen=True)
class Dialler:
    """Opens connections to hosts all of whose addresses may be reached, within the thread's bounds."""

    allow_private: tuple[Network, ...]
    resolve: Resolve = lookup
    bounds: Bounds = field(default_factory=Bounds)
    unknown: dict[str, tuple[float, socket.gaierror]] = field(default_factory=dict)

    def dial(self, host: str, port: int) -> socket.socket:
        """A connection to the very address that was checked. Raises AddressRefused, FetchError, OSError."""
        places = self._resolve(host, port)
        for *_, place in places:
            self.check(host, ipaddress.ip_address(str(place[0]).partition("%")[0]))
        failure: Exception = FetchError(f"{host} has no address")
        for family, kind, protocol, _, place in places:
            connection = _Socket(family, kind, protocol)
            connection.bounds = self.bounds
            try:
                connection.settimeout(self.bounds.remaining())
                connection.connect(place)
            except OSError as error:
                connection.close()
                failure = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise failure

    def check(self, host: str, address: Address) -> None:
        """Raises AddressRefused where the address may not be reached."""
        if not is_public(address) and not any(address in network for network in self.allow_private):
            raise AddressRefused(
                f"{host} leads to {address}, which is not a public address; http.allow_private can allow it"
            )

    def _resolve(self, host: str, port: int) -> Sequence[tuple[Any, ...]]:
        """The host's addresses. One that was not found is not asked for again for a minute: a feed may hold hundreds
        of links to it, and a resolver that is slow to say no would hold a thread for each.
        """
        until, error = self.unknown.get(host, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise socket.gaierror(*error.args)
        try:
            return self._in_time(host, port)
        except socket.gaierror as error:
            if len(self.unknown) >= _MOST_UNKNOWN:
                self.unknown.clear()
            self.unknown[host] = (time.monotonic() + _UNKNOWN_FOR, error)
            raise

    def _in_time(self, host: str, port: int) -> Sequence[tuple[Any, ...]]:
        """The resolver's answer, asked in a thread of its own: it knows no deadline, and a stranger's name server may
        take all the time it likes.
        """
        answer: Future[Sequence[tuple[Any, ...]]] = Future()

        def ask() -> None:
            try:
                answer.set_result(self.resolve(host, port))
            except Exception as error:  # noqa: BLE001  (raised again where the answer is awaited)
                answer.set_exception(error)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        return answer.result(self.bounds.remaining())


class _Lines(io.BufferedReader):
    """Remembers whether the last line it gave was the end of the stream."""

    ended = False

    def readline(self, size: int | None = -1, /) -> bytes:
        line = super().readline(size)
        self.ended = not line
        return line


class _Response(HTTPResponse):
    """A response that does not take the end of the connection for the end of the headers."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self.fp.close()
        self.fp = self._lines = _Lines(sock.makefile("rb", buffering=0))

    def begin(self) -> None:
        super().begin()
        if self._lines.ended:
            raise RemoteDisconnected("the connection closed in the middle of the headers")


class _Connection(HTTPConnection):
    response_class = _Response
    dialler: Dialler

    def _new_conn(self) -> socket.socket:
        return self.dialler.dial(self._dns_host, self.port or 80)


class _TlsConnection(HTTPSConnection):
    response_class = _Response
    dialler: Dialler

    def _new_conn(self) -> socket.socket:
        return self.dialler.dial(self._dns_host, self.port or 443)

    def connect(self) -> None:
        super().connect()
        if isinstance(self.sock, _TlsSocket):
            self.sock.bounds = self.dialler.bounds


@cache
def _trusting(authorities: str) -> ssl.SSLContext:
    """TLS that believes the authorities of a file. One serves all connections: to read the file takes 15 ms."""
    context = ssl.create_default_context(cafile=authorities)
    context.sslsocket_class = _TlsSocket
    return context


class DiallingAdapter(HTTPAdapter):
    """Sends through connections that a dialler opens; those to a proxy are opened by `to_proxy`.

    A proxy is named by the user and may stand anywhere; no other host is dialled where there is one.
    """

    def __init__(self, dialler: Dialler, pool_size: int) -> None:
        self._dialler = dialler
        self._to_proxy = Dialler(EVERYWHERE, dialler.resolve, dialler.bounds)
        self._context = _trusting(certifi.where())
        super().__init__(pool_connections=256, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=self._context, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _pools(self._dialler)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """Certificates are verified by the context, which holds the authorities already; requests would have them
        read anew for every connection, which costs more than all the rest of it.
        """
        conn.cert_reqs = "CERT_REQUIRED"

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        if proxy not in self.proxy_manager:
            manager = super().proxy_manager_for(proxy, ssl_context=self._context, **kwargs)
            manager.pool_classes_by_scheme = _pools(self._to_proxy)
        return self.proxy_manager[proxy]


def _pools(dialler: Dialler) -> dict[str, type]:
    def dialling(connection: type) -> type:
        return type(connection.__name__, (connection,), {"dialler": dialler})

    return {
        "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": dialling(_Connection)}),
        "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": dialling(_TlsConnection)}),
    }
