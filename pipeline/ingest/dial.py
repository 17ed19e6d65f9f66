"""Connections that lead only where they may: to public addresses, within a deadline, with whole headers.

Used by `fetch` alone. What a URL's host resolves to is checked, and that very address is dialled.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from http.client import HTTPResponse, RemoteDisconnected
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import certifi
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool, PoolManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from pipeline.errors import AddressRefused, FetchError

_UNKNOWN_FOR = 60.0
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")  # RFC 4291, section 2.4, and IANA's only allocation from it

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def is_public(address: Address) -> bool:
    """Whether the address is on the public internet; IPv6 forms that carry an IPv4 address are unwrapped."""
    if isinstance(address, IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
        if not inner and address in _NAT64:
            inner = IPv4Address(int(address) & 0xFFFFFFFF)
        if inner:
            return is_public(inner)
        if address not in _GLOBAL_UNICAST:
            return False
    return address.is_global and not address.is_multicast


class Deadline(threading.local):
    """When the request of this thread must be over, in the time of `time.monotonic`."""

    at: float = float("inf")

    def remaining(self) -> float:
        left = self.at - time.monotonic()
        if left <= 0:
            raise TimeoutError("deadline passed")
        return left


class _Socket(socket.socket):
    """A socket whose every read is bounded by the thread's deadline."""

    deadline: Deadline

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.deadline.remaining())
        return super().recv_into(*args, **kwargs)


class _TlsSocket(ssl.SSLSocket):
    """The same over TLS."""

    deadline: Deadline | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        if self.deadline:
            self.settimeout(self.deadline.remaining())
        return super().recv_into(*args, **kwargs)


@dataclass(frozen=True)
class Dialler:
    """Opens connections to addresses that may be reached, within the thread's deadline."""

    allow_private: tuple[Network, ...]
    deadline: Deadline = field(default_factory=Deadline)
    unknown: dict[str, tuple[float, socket.gaierror]] = field(default_factory=dict)

    def dial(self, host: str, port: int) -> socket.socket:
        failure: Exception = FetchError(f"{host} has no address")
        for family, kind, protocol, _, place in self._resolve(host, port):
            address = ipaddress.ip_address(str(place[0]).partition("%")[0])
            if not self._allowed(address):
                failure = AddressRefused(
                    f"{host} leads to {address}, which is not a public address; http.allow_private can allow it"
                )
                continue
            connection = _Socket(family, kind, protocol)
            connection.deadline = self.deadline
            try:
                connection.settimeout(self.deadline.remaining())
                connection.connect(place)
            except OSError as error:
                connection.close()
                failure = error
                continue
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return connection
        raise failure

    def _resolve(self, host: str, port: int) -> list[Any]:
        """The host's addresses. One that was not found is not asked for again for a minute: a feed may hold hundreds
        of links to it, and a resolver that is slow to say no would hold a thread for each.
        """
        until, error = self.unknown.get(host, (0.0, None))
        if error is not None and time.monotonic() < until:
            raise socket.gaierror(*error.args)
        try:
            return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except socket.gaierror as error:
            self.unknown[host] = (time.monotonic() + _UNKNOWN_FOR, error)
            raise

    def _allowed(self, address: Address) -> bool:
        return is_public(address) or any(address in network for network in self.allow_private)


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
            self.sock.deadline = self.dialler.deadline


class DiallingAdapter(HTTPAdapter):
    """Sends through connections that a dialler opens."""

    def __init__(self, dialler: Dialler, pool_size: int) -> None:
        self._dialler = dialler
        super().__init__(pool_connections=256, pool_maxsize=pool_size)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        context = ssl.create_default_context(cafile=certifi.where())
        context.sslsocket_class = _TlsSocket
        super().init_poolmanager(*args, ssl_context=context, **kwargs)
        manager: PoolManager = self.poolmanager
        manager.pool_classes_by_scheme = {
            "http": type("Pool", (HTTPConnectionPool,), {"ConnectionCls": self._dialling(_Connection)}),
            "https": type("TlsPool", (HTTPSConnectionPool,), {"ConnectionCls": self._dialling(_TlsConnection)}),
        }

    def _dialling(self, connection: type) -> type:
        return type(connection.__name__, (connection,), {"dialler": self._dialler})
