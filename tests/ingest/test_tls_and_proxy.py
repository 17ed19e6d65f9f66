"""TLS is verified, and all requests go through the proxy where there is one."""

from __future__ import annotations

import base64
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import certifi
import pytest

from pipeline.errors import AddressRefused, BodyTooLarge, DeadlineExceeded, FetchError
from pipeline.ingest.dial import lookup
from pipeline.ingest.fetch import Fetcher, Limits
from tests.ingest.servers import AGENT, LOOPBACK, Talk, drips, raw_server, read_head, sends, tcp_server
from tests.support.web import Web

PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage"
SLOW = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nX-Header: " + b"y" * 300 + b"\r\n\r\n"
"""Half a minute of it, where each byte comes a tenth of a second after the last."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 and site.example that nobody vouches for, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    folder = tmp_path_factory.mktemp("tls")
    key, found = folder / "key.pem", folder / "certificate.pem"
    names = "subjectAltName=IP:127.0.0.1,DNS:site.example"
    options = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=test -addext {names}"
    subprocess.run(
        [openssl, *options.split(), "-keyout", str(key), "-out", str(found)], check=True, capture_output=True
    )
    return found, key


@contextmanager
def tls_server(certificate: tuple[Path, Path], talk: Talk) -> Iterator[int]:
    """One that speaks TLS, reads a request and lets `talk` answer; its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)

    def wrapped(connection: socket.socket) -> None:
        with suppress(OSError), context.wrap_socket(connection, server_side=True) as secure:
            read_head(secure)
            talk(secure)

    with tcp_server(wrapped) as port:
        yield port


@pytest.fixture
def vouched(certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    """The certificate is one of the machine's authorities."""
    monkeypatch.setattr(certifi, "where", lambda: str(certificate[0]))


@dataclass
class Proxy:
    """A forwarding proxy. `heads` are the first lines and headers of the requests it got; it knows one name."""

    url: str = ""
    heads: list[str] = field(default_factory=list)
    refuse: bytes = b""

    def __call__(self, connection: socket.socket) -> None:
        head = read_head(connection)
        self.heads.append(head.decode())
        if self.refuse:
            connection.sendall(self.refuse)
            return
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        parts = urlsplit(target if method != "CONNECT" else f"//{target}")
        host = {"site.example": "127.0.0.1"}.get(parts.hostname or "", parts.hostname or "")
        with socket.create_connection((host, parts.port or 80), 60) as onward:
            if method == "CONNECT":
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            else:
                path = target.split(parts.netloc, 1)[1]
                onward.sendall(head.replace(target.encode(), path.encode(), 1))
            back = threading.Thread(target=self._pump, args=(onward, connection), daemon=True)
            back.start()
            self._pump(connection, onward)
            back.join(60)

    @staticmethod
    def _pump(source: socket.socket, to: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                to.sendall(data)
        with suppress(OSError):
            to.shutdown(socket.SHUT_WR)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    proxy = Proxy()
    with tcp_server(proxy) as port:
        proxy.url = f"http://127.0.0.1:{port}"
        yield proxy


def unresolved(host: str, port: int) -> Sequence[tuple[Any, ...]]:
    """A resolver that knows addresses only: with a proxy, no name may be asked for here."""
    assert not host.endswith("example")
    return lookup(host, port)


def through(proxy: Proxy, **limits: Any) -> Fetcher:
    return Fetcher(AGENT, Limits(proxy=proxy.url, **limits), unresolved)


def test_untrusted_certificate(certificate: tuple[Path, Path]) -> None:
    """A certificate nobody vouches for is refused, and the message says so."""
    with tls_server(certificate, sends(PAGE)) as port, pytest.raises(FetchError, match=r"self.signed certificate"):
        Fetcher(AGENT, Limits(allow_private=LOOPBACK)).get(f"https://127.0.0.1:{port}/")


@pytest.mark.usefixtures("vouched")
def test_trusted_certificate(certificate: tuple[Path, Path]) -> None:
    """One that an authority vouches for is taken for its own names."""
    fetcher = Fetcher(AGENT, Limits(allow_private=LOOPBACK))
    with tls_server(certificate, sends(PAGE)) as port:
        assert fetcher.get(f"https://127.0.0.1:{port}/").body == b"page"


@pytest.mark.usefixtures("vouched")
def test_a_certificate_of_another_host(certificate: tuple[Path, Path]) -> None:
    """One that names another host is refused, whoever vouches for it."""
    fetcher = Fetcher(AGENT, Limits(allow_private=LOOPBACK), lambda _, port: lookup("127.0.0.1", port))
    with tls_server(certificate, sends(PAGE)) as port, pytest.raises(FetchError, match=r"TLS with other\.example"):
        fetcher.get(f"https://other.example:{port}/")


def test_tls_to_a_server_without(web: Web) -> None:
    """https to a server that speaks plain HTTP is an error that names TLS."""
    with pytest.raises(FetchError, match=r"TLS with 127\.0\.0\.1 failed"):
        Fetcher(AGENT, Limits(allow_private=LOOPBACK)).get(web.base.replace("http:", "https:"))


@pytest.mark.usefixtures("vouched")
@pytest.mark.parametrize("talk", [drips(b"", SLOW, 0.1), drips(SLOW, b"x", 0.1)], ids=["headers", "body"])
def test_the_deadline_holds_over_tls(certificate: tuple[Path, Path], talk: Talk) -> None:
    """A server that drips over TLS is cut off too."""
    fetcher = Fetcher(AGENT, Limits(timeout=1, allow_private=LOOPBACK))
    with tls_server(certificate, talk) as port, pytest.raises(DeadlineExceeded):
        fetcher.get(f"https://127.0.0.1:{port}/")


def test_the_deadline_holds_in_the_handshake() -> None:
    """A server that never speaks TLS is cut off."""
    fetcher = Fetcher(AGENT, Limits(timeout=1, allow_private=LOOPBACK))
    with tcp_server(drips(b"", b"\x16\x03\x03\x3f\xff" + bytes(400), 0.1)) as port, pytest.raises(DeadlineExceeded):
        fetcher.get(f"https://127.0.0.1:{port}/")


def test_http_goes_through_the_proxy(proxy: Proxy, web: Web) -> None:
    """The proxy gets the whole URL and resolves the name; nothing private needs allowing for it."""
    web.set("/a?b=1", "here")
    port = urlsplit(web.base).port

    page = through(proxy).get(f"http://site.example:{port}/a?b=1")

    assert page.body == b"here"
    assert proxy.heads[0].startswith(f"GET http://site.example:{port}/a?b=1 HTTP/1.1\r\n")
    assert web.requests[0].headers["host"] == f"site.example:{port}"


@pytest.mark.usefixtures("vouched")
def test_https_goes_through_the_proxy(proxy: Proxy, certificate: tuple[Path, Path]) -> None:
    """By CONNECT: the proxy sees the host alone, and the certificate is the host's."""
    with tls_server(certificate, sends(PAGE)) as port:
        page = through(proxy).get(f"https://site.example:{port}/secret")

    assert page.body == b"page"
    assert proxy.heads[0].startswith(f"CONNECT site.example:{port} HTTP/1.")
    assert "secret" not in proxy.heads[0]


def test_https_through_the_proxy_is_verified(proxy: Proxy, certificate: tuple[Path, Path]) -> None:
    """A proxy in between is no reason to trust a certificate."""
    with tls_server(certificate, sends(PAGE)) as port, pytest.raises(FetchError, match=r"TLS with site\.example"):
        through(proxy).get(f"https://site.example:{port}/")


def test_the_proxy_is_told_the_password(proxy: Proxy, web: Web) -> None:
    """User and password of the proxy's URL go to the proxy, and nowhere else."""
    web.set("/", "here")
    proxy.url = proxy.url.replace("//", "//desk:pa%20ss@")
    fetcher = through(proxy)

    fetcher.get(web.base.replace("127.0.0.1", "site.example") + "/")

    assert f"Proxy-Authorization: Basic {base64.b64encode(b'desk:pa ss').decode()}" in proxy.heads[0]
    assert "pa%20ss" not in repr(fetcher._limits)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "017700000001",
        "127.0.0.1.",
        "10.0.0.1",
        "169.254.169.254",
        "0",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "LOCALHOST.",
        "a.localhost",
        "①②⑦.⓪.⓪.①",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_inside_addresses_are_refused_with_a_proxy(proxy: Proxy, host: str, scheme: str) -> None:
    """A host that is written as an inside address is not handed to the proxy."""
    with pytest.raises(AddressRefused, match=r"not a public address|no host that can be"):
        through(proxy).get(f"{scheme}://{host}/")

    assert proxy.heads == []


def test_redirects_inside_are_refused_with_a_proxy(proxy: Proxy) -> None:
    """A redirect is checked like a first address."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n"
    with raw_server(sends(answer)) as url, pytest.raises(AddressRefused, match="not a public address"):
        through(proxy).get(url.replace("127.0.0.1", "site.example"))

    assert len(proxy.heads) == 1


def test_an_allowed_address_goes_through_the_proxy_too(proxy: Proxy, web: Web) -> None:
    """The allow list opens addresses, and the proxy remains the only way."""
    url = web.set("/", "here")

    assert through(proxy, allow_private=LOOPBACK).get(url).body == b"here"
    assert len(proxy.heads) == 1


@pytest.mark.parametrize("talk", [drips(b"", SLOW, 0.1), drips(SLOW, b"x", 0.1)], ids=["headers", "body"])
def test_the_deadline_holds_through_the_proxy(proxy: Proxy, talk: Talk) -> None:
    """A proxy passes drips on; they are cut off all the same."""
    with raw_server(talk) as url, pytest.raises(DeadlineExceeded):
        through(proxy, timeout=1).get(url.replace("127.0.0.1", "site.example"))


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_proxy_that_drips(scheme: str) -> None:
    """The deadline holds against the proxy itself, also in its answer to CONNECT."""
    proxy = Proxy()
    with raw_server(drips(b"HTTP/1.1 200 OK\r\n", SLOW, 0.1)) as proxy.url, pytest.raises(DeadlineExceeded):
        through(proxy, timeout=1).get(f"{scheme}://site.example/")


def test_the_cap_holds_through_the_proxy(proxy: Proxy, web: Web) -> None:
    """A body over the cap is refused."""
    url = web.set("/", b"x" * 2000)

    with pytest.raises(BodyTooLarge):
        through(proxy, max_body=1000, allow_private=LOOPBACK).get(url)


def test_a_proxy_that_refuses(proxy: Proxy) -> None:
    """What the proxy says to a CONNECT is told, without its password."""
    proxy.refuse = b"HTTP/1.1 403 Forbidden\r\n\r\n"
    proxy.url = proxy.url.replace("//", "//desk:word@")

    with pytest.raises(FetchError, match=r"the proxy opens no connection to site\.example \(403 Forbidden\)") as caught:
        through(proxy).get("https://site.example/")

    assert "word" not in str(caught.value)


def test_a_proxy_that_is_not_there(proxy: Proxy) -> None:
    """A closed port is told as the proxy's."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        proxy.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    with pytest.raises(FetchError, match=r"the proxy for site\.example refused the connection"):
        through(proxy).get("http://site.example/")
