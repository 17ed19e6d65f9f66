"""URLs that want to reach inside: not one connection, and an error that says why."""

from __future__ import annotations

import ipaddress
import socket
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest

from pipeline.errors import AddressRefused, FetchError
from pipeline.ingest.dial import is_public, lookup
from pipeline.ingest.fetch import Fetcher, Limits
from tests.ingest.servers import AGENT, LOOPBACK, raw_server, sends, tcp_server
from tests.support.web import Web

PUBLIC = "8.8.8.8"

INSIDE = [
    # loopback, in every notation that a resolver takes
    "127.0.0.1",
    "127.255.255.254",
    "127.1",
    "127.0.1",
    "2130706433",
    "017700000001",
    "0177.0.0.01",
    "0x7f000001",
    "0x7f.0.0.0x1",
    "0X7F.1",
    "0",
    "0.0.0.0",
    "localhost",
    "LocalHost",
    # private, link-local, shared and reserved
    "10.0.0.1",
    "167772161",
    "012.0.0.1",
    "172.16.0.1",
    "172.31.255.254",
    "192.168.1.1",
    "0xc0a80101",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "0xa9fea9fe",
    "192.0.0.1",
    "192.88.99.1",
    "198.18.0.1",
    "240.0.0.1",
    "255.255.255.255",
    # documentation and multicast
    "192.0.2.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.250",
    "[2001:db8::1]",
    "[3fff::1]",
    "[ff02::1]",
    "[ff0e::1]",
    # the same in IPv6, and IPv4 inside IPv6
    "[::1]",
    "[0:0:0:0:0:0:0:1]",
    "[::]",
    "[::127.0.0.1]",
    "[::7f00:1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:10.0.0.1]",
    "[::ffff:0:127.0.0.1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b::10.0.0.1]",
    "[64:ff9b:1::7f00:1]",
    "[64:ff9b:1:ffff::8.8.8.8]",
    "[2002:7f00:1::]",
    "[2002:c0a8:101::1]",
    "[2001:0:808:808::80ff:fffe]",
    "[2001:0:4136:e378:8000:63bf:f7f7:f7f7]",
    "[2606:4700::5efe:7f00:1]",
    "[2606:4700::200:5efe:10.0.0.1]",
    "[fe80::1]",
    "[fec0::1]",
    "[fc00::1]",
    "[fd12:3456:789a::1]",
    "[100::1]",
    "[5f00::1]",
    "[4000::1]",
    # names
    "inside.example",
    "v6.inside.example",
    "mapped.inside.example",
    "mixed.example",
    "mixed-last.example",
    "mixed-families.example",
]

DISGUISED = [
    "①②⑦.⓪.⓪.①",
    "１２７.０.０.１",
    "127。0。0。1",
    "127．0．0．1",
    "𝟏𝟐𝟕.𝟎.𝟎.𝟏",
    "ⓛⓞⓒⓐⓛⓗⓞⓢⓣ",
    "loc\u00adalhost",
    "local\u200bhost",
    "127.0.0.1\u3002",
]

NAMES = {
    "localhost": ["127.0.0.1"],
    "inside.example": ["127.0.0.1"],
    "v6.inside.example": ["::1"],
    "mapped.inside.example": ["::ffff:127.0.0.1"],
    "mixed.example": ["127.0.0.1", PUBLIC],
    "mixed-last.example": [PUBLIC, "2606:4700::1111", "127.0.0.1"],
    "mixed-families.example": [PUBLIC, "::1"],
}

ODD = [
    "",
    "feed.xml",
    "/etc/passwd",
    "//127.0.0.1/",
    "file:///etc/passwd",
    "FILE:///etc/passwd",
    "file://127.0.0.1/etc/passwd",
    "ftp://127.0.0.1/",
    "gopher://127.0.0.1/",
    "dict://127.0.0.1/",
    "ws://127.0.0.1/",
    "unix:///run/socket",
    "jar:http://127.0.0.1/!/",
    "view-source:http://127.0.0.1/",
    "javascript:alert(1)",
    "data:text/html,x",
    "http:",
    "http://",
    "http:///path",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http://?",
    "http://#",
    "http://:80/",
    "http://user@127.0.0.1/",
    "http://user:word@127.0.0.1/",
    "http://@127.0.0.1/",
    "http://127.0.0.1:80@good.example/",
    "http://good.example\\@127.0.0.1/",
    "http://good.example%40127.0.0.1/",
    "http://127.0.0.1\\evil/",
    "http://127.0.0.1/a b",
    "http://127.0.0.1/a\nb",
    "http://127.0.0.1/a\tb",
    "http://127.0.0.1/\r\nX-Header: y",
    "http://127.0.0.1/\x00",
    "http://127.0.0.1/\x7f",
    "http://127.0.0.1\x1f/",
    "ht\ntp://127.0.0.1/",
    " http://127.0.0.1/",
    "http://127.0.0.1/\u2028",
    "http://127.0.0.1\u00a0/",
    "http://127%2e0%2e0%2e1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.good.example/",
    "http://[fe80::1%25lo]/",
    "http://[::1%lo]/",
    "http://[::1/",
    "http://::1]/",
    "http://[127.0.0.1]/",
    "http://[v1.127.0.0.1]/",
    "http://[::1].good.example/",
    "http://good.example／@127.0.0.1/",
    "http://good.example？@127.0.0.1/",
    "http://127.0.0.1:0/",
    "http://127.0.0.1:65536/",
    "http://127.0.0.1:99999/",
    "http://127.0.0.1:-1/",
    "http://127.0.0.1:port/",
    "http://127.0.0.1:80:80/",
    "http://127.0.0.1:8०/",
]


@dataclass
class Resolver:
    """Answers from a table, lists in turn; only what is no name at all is asked of the machine."""

    names: dict[str, list[str]] = field(default_factory=lambda: dict(NAMES))
    asked: list[str] = field(default_factory=list)

    def __call__(self, host: str, port: int) -> Sequence[tuple[Any, ...]]:
        self.asked.append(host)
        if host in self.names:
            return [found for address in self.names[host] for found in lookup(address, port)]
        if host.rstrip(".").rpartition(".")[2][:1].isdigit() or ":" in host:
            return lookup(host, port)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


class Dials:
    """Every attempt of this process to connect, seen from outside our code; those that leave loopback are stopped."""

    def __init__(self) -> None:
        self.thread: int | None = None
        self.seen: list[str] = []
        sys.addaudithook(self._see)

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event != "socket.connect" or self.thread != threading.get_ident():
            return
        address = arguments[1][0]
        self.seen.append(address)
        if not ipaddress.ip_address(address).is_loopback:
            raise ConnectionRefusedError

    @contextmanager
    def watched(self) -> Iterator[list[str]]:
        self.seen = []
        self.thread = threading.get_ident()
        try:
            yield self.seen
        finally:
            self.thread = None


DIALS = Dials()


@pytest.fixture(scope="module")
def guarded() -> Iterator[tuple[int, list[int]]]:
    """A server inside; its port, and a list with one item for every connection that it took."""
    taken: list[int] = []
    with tcp_server(lambda _: taken.append(1)) as port:
        yield port, taken


@pytest.fixture(scope="module")
def strict() -> Iterator[Fetcher]:
    """One that may reach nothing private."""
    fetcher = Fetcher(AGENT, Limits(), Resolver())
    yield fetcher
    fetcher.close()


@pytest.fixture(scope="module")
def outpost() -> Iterator[Fetcher]:
    """One that may reach a single private address, at which a stranger's server redirects."""
    fetcher = Fetcher(AGENT, Limits(allow_private=(ipaddress.ip_network("127.0.0.2"),)), Resolver())
    yield fetcher
    fetcher.close()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("host", INSIDE)
def test_inside_is_refused(strict: Fetcher, guarded: tuple[int, list[int]], host: str, scheme: str) -> None:
    """However an inside address is written or found, nothing is dialled, by GET or POST."""
    port, taken = guarded
    url = f"{scheme}://{host}:{port}/"
    with DIALS.watched() as seen:
        with pytest.raises(AddressRefused, match="not a public address") as caught:
            strict.get(url)
        with pytest.raises(AddressRefused, match="not a public address"):
            strict.post(url, b"x", {})

    assert not caught.value.retry
    assert (seen, taken) == ([], [])


@pytest.mark.parametrize("host", INSIDE)
def test_redirects_inside_are_refused(outpost: Fetcher, guarded: tuple[int, list[int]], host: str) -> None:
    """A redirect is checked like a first address."""
    port, taken = guarded
    answer = f"HTTP/1.1 302 Found\r\nLocation: http://{host}:{port}/\r\n\r\n".encode()
    with _at_the_outpost(answer) as url, DIALS.watched() as seen, pytest.raises(AddressRefused, match="not a public"):
        outpost.get(url)

    assert (seen, taken) == (["127.0.0.2"], [])


@pytest.mark.parametrize("host", DISGUISED)
def test_disguised_digits_are_refused(strict: Fetcher, guarded: tuple[int, list[int]], host: str) -> None:
    """Letters and dots that some readers take for others make no address."""
    port, taken = guarded
    with DIALS.watched() as seen, pytest.raises(AddressRefused, match=r"no host that can be|not a public address"):
        strict.get(f"http://{host}:{port}/")

    assert (seen, taken) == ([], [])


@contextmanager
def _at_the_outpost(answer: bytes) -> Iterator[str]:
    try:
        server = raw_server(sends(answer), "127.0.0.2")
        url = server.__enter__()
    except OSError:
        pytest.skip("this machine has one loopback address only")
    try:
        yield url
    finally:
        server.__exit__(None, None, None)


@pytest.mark.parametrize("url", ODD)
def test_odd_urls_are_refused(strict: Fetcher, url: str) -> None:
    """What is no plain http(s) URL is refused with itself in the message, and a later try is not worth it."""
    with DIALS.watched() as seen, pytest.raises(AddressRefused) as caught:
        strict.get(url)

    assert not caught.value.retry
    assert repr(url) in str(caught.value)
    assert seen == []


@pytest.mark.parametrize(
    "url",
    [url for url in ODD if ":" in url and not set(url) & set("\r\n\0")] + [f"http://{host}/" for host in DISGUISED],
)
def test_odd_redirects_are_refused(outpost: Fetcher, url: str) -> None:
    """A redirect to what is no plain http(s) URL leads nowhere."""
    answer = b"HTTP/1.1 302 Found\r\nLocation: " + url.encode() + b"\r\n\r\n"
    with _at_the_outpost(answer) as start, DIALS.watched() as seen, pytest.raises(FetchError):
        outpost.get(start)

    assert set(seen) == {"127.0.0.2"}


@pytest.mark.parametrize("url", ["http://good.example/" + "x" * 100_000, "http://" + "a." * 50_000 + "example/"])
def test_endless_urls_are_refused(strict: Fetcher, url: str) -> None:
    """A URL beyond all measure is refused, and not repeated at length."""
    with pytest.raises(AddressRefused, match="longer than 8,192") as caught:
        strict.get(url)

    assert len(str(caught.value)) < 300


def test_a_long_url_passes(web: Web) -> None:
    """8,000 characters are a URL that every client takes (RFC 9110, section 4.1)."""
    path = "/" + "x" * (8000 - len(web.base) - 1)
    web.set(path, "long")

    assert Fetcher(AGENT, Limits(allow_private=LOOPBACK)).get(web.base + path).body == b"long"


@pytest.mark.parametrize(
    "host", ["a" * 64 + ".example", ".example", "xn--a.example", "a..example", "*.example", "..", "\u0300.example"]
)
def test_names_that_cannot_be(strict: Fetcher, host: str) -> None:
    """A host name against the rules of DNS is an error of ours that says so or that it is not found."""
    with pytest.raises(FetchError, match=r"cannot be found|cannot be the name of a host|no host that can be"):
        strict.get(f"http://{host}/")


@pytest.mark.parametrize("host", ["localhost.", "127.0.0.1.", "inside.example."])
def test_trailing_dots(strict: Fetcher, host: str) -> None:
    """A dot at the end makes no other host of it."""
    with DIALS.watched() as seen, pytest.raises(FetchError):
        strict.get(f"http://{host}/")

    assert seen == []


def test_an_answer_that_changes_is_of_no_use(guarded: tuple[int, list[int]]) -> None:
    """What was checked is dialled: the name is asked once, and what it leads to later is checked anew."""
    port, taken = guarded
    resolver = Resolver()
    fetcher = Fetcher(AGENT, Limits(), resolver)
    with DIALS.watched() as seen:
        resolver.names["turncoat.example"] = [PUBLIC]
        with pytest.raises(FetchError, match="refused the connection"):
            fetcher.get(f"http://turncoat.example:{port}/")
        resolver.names["turncoat.example"] = ["127.0.0.1"]
        with pytest.raises(AddressRefused):
            fetcher.get(f"http://turncoat.example:{port}/")

    assert resolver.asked == ["turncoat.example"] * 2
    assert (seen, taken) == ([PUBLIC], [])


def test_an_allowed_name_is_dialled_by_its_address(web: Web) -> None:
    """The server hears the name; the connection goes to the address that was checked, next ones are tried after it."""
    url = web.set("/", "here").replace("127.0.0.1", "inside.example")
    resolver = Resolver({"inside.example": ["127.0.0.9", "127.0.0.1"]})
    with DIALS.watched() as seen:
        page = Fetcher(AGENT, Limits(allow_private=LOOPBACK), resolver).get(url)

    assert page.body == b"here"
    assert web.requests[0].headers["host"].startswith("inside.example:")
    assert seen == ["127.0.0.9", "127.0.0.1"]


def test_a_resolver_that_never_answers() -> None:
    """The deadline holds against a name server that takes its time."""
    never = threading.Event()

    def resolve(_: str, __: int) -> Sequence[tuple[Any, ...]]:
        never.wait(60)
        return []

    with pytest.raises(FetchError, match=r"no complete answer within 0\.2 s"):
        Fetcher(AGENT, Limits(timeout=0.2), resolve).get("http://slow.example/")

    never.set()


def test_names_not_found_are_remembered_and_forgotten() -> None:
    """One that was not found is not asked for again at once; however many there are, only some are kept."""
    resolver = Resolver({})
    fetcher = Fetcher(AGENT, Limits(), resolver)
    for number in [0, 0, *range(1, 1200)]:
        with pytest.raises(FetchError, match="cannot be found"):
            fetcher.get(f"http://{'a' * (number % 7)}n{number}.example/")

    assert resolver.asked.count("n0.example") == 1
    assert len(fetcher._dialler.unknown) <= 1000


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "::ffff:8.8.8.8", "2002:808:808::", "64:ff9b::8.8.8.8", "2a00:1450::1"],
)
def test_public_addresses(address: str) -> None:
    """Addresses of the public internet are public, also where IPv6 wraps an IPv4 address."""
    assert is_public(ipaddress.ip_address(address))
