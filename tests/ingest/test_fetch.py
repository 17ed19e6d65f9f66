"""The HTTP client against real servers on loopback, most of them ill-behaved."""

from __future__ import annotations

import gzip
import ipaddress
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import pytest
import responses

from pipeline.errors import AddressRefused, BadStatus, BodyTooLarge, DeadlineExceeded, FetchError
from pipeline.ingest.dial import is_public
from pipeline.ingest.fetch import Fetcher, Limits, retry_after
from tests.support.web import Answer, Request, Web

LOOPBACK = (ipaddress.ip_network("127.0.0.0/8"),)
SHORT = 0.5
AGENT = "Test/1.0 (+https://watcher.example)"
LIMITS = Limits(max_body=100_000, allow_private=LOOPBACK)

Talk = Callable[[socket.socket], None]


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    """One that may reach loopback."""
    fetcher = Fetcher(AGENT, LIMITS)
    yield fetcher
    fetcher.close()


@pytest.fixture(scope="module")
def strict() -> Iterator[Fetcher]:
    """One with no private address allowed."""
    fetcher = Fetcher(AGENT, Limits())
    yield fetcher
    fetcher.close()


@pytest.fixture(scope="module")
def hasty() -> Iterator[Fetcher]:
    """One that may reach loopback and waits only a moment: for answers that never end."""
    fetcher = Fetcher(AGENT, Limits(timeout=SHORT, max_body=100_000, allow_private=LOOPBACK))
    yield fetcher
    fetcher.close()


@contextmanager
def raw_server(talk: Talk) -> Iterator[str]:
    """A server that reads one request of every connection and then lets `talk` do as it likes; its URL."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.settimeout(20)
            while b"\r\n\r\n" not in connection.recv(65536):
                pass
            talk(connection)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=answer, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def sends(data: bytes) -> Talk:
    """Send this, then close."""
    return lambda connection: connection.sendall(data)


def drips(prompt: bytes, slow: bytes) -> Talk:
    """Send `prompt` at once and `slow` over and over, a byte every hundredth of a second, for three seconds."""

    def talk(connection: socket.socket) -> None:
        connection.sendall(prompt)
        for number in range(300):
            connection.sendall(slow[number % len(slow) :][:1])
            time.sleep(0.01)

    return talk


def redirect(to: str, status: int = 302) -> Answer:
    return Answer(b"", status, {"Location": to})


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("0.0.0.0", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("192.0.2.1", False),
        ("198.18.0.1", False),
        ("224.0.0.1", False),
        ("239.255.255.250", False),
        ("240.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::1", False),
        ("fe80::1", False),
        ("fc00::1", False),
        ("fec0::1", False),
        ("ff02::1", False),
        ("ff0e::1", False),
        ("2001:db8::1", False),
        ("::ffff:8.8.8.8", True),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("::127.0.0.1", False),
        ("::ffff:0:127.0.0.1", False),
        ("2002:808:808::", True),
        ("2002:7f00:1::", False),
        ("2002:c0a8:101::1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::127.0.0.1", False),
        ("64:ff9b::169.254.169.254", False),
        ("64:ff9b:1::127.0.0.1", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    """Only addresses of the public internet are public, also where IPv6 wraps an IPv4 address."""
    found = is_public(ipaddress.ip_address(address))

    assert found is public


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",
        "localhost",
        "10.0.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "[::1]",
        "[::]",
        "[fe80::1]",
        "[::ffff:127.0.0.1]",
        "[2002:7f00:1::]",
        "[64:ff9b::7f00:1]",
    ],
)
def test_inside_is_refused(strict: Fetcher, host: str) -> None:
    """However an inside address is written, it is not dialled."""
    with pytest.raises(AddressRefused, match="not a public address"):
        strict.get(f"http://{host}/")


def test_refused_before_a_byte_is_sent(strict: Fetcher, web: Web) -> None:
    """A server on a private address never sees the request."""
    url = web.set("/", "secret")

    with pytest.raises(AddressRefused):
        strict.get(url)
    with pytest.raises(AddressRefused):
        strict.post(url, b"x", {})

    assert web.requests == []


@pytest.mark.parametrize("target", ["http://10.0.0.1/", "http://[::1]/", "http://169.254.169.254/latest/meta-data/"])
def test_redirect_inside_is_refused(fetcher: Fetcher, web: Web, target: str) -> None:
    """A redirect is checked like a first address."""
    web.answers["/"] = redirect(target)

    with pytest.raises(AddressRefused, match="not a public address"):
        fetcher.get(web.base + "/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "feed.xml",
        "/etc/passwd",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "gopher://127.0.0.1/",
        "javascript:alert(1)",
        "data:text/html,x",
        "http://",
        "http:///path",
        "http://user@127.0.0.1/",
        "http://user:word@127.0.0.1/",
        "http://good.example\\@127.0.0.1/",
        "http://127.0.0.1\\evil/",
        "http://127.0.0.1/a b",
        "http://127.0.0.1/a\nb",
        " http://127.0.0.1/",
        "http://[::1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:port/",
    ],
)
def test_odd_urls_are_refused(fetcher: Fetcher, url: str) -> None:
    """What is no plain http(s) URL is refused, and a later try is not worth it."""
    with pytest.raises(AddressRefused) as caught:
        fetcher.get(url)

    assert not caught.value.retry
    assert repr(url) in str(caught.value)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://u:p@127.0.0.1/", "http://a\\b/"])
def test_odd_redirects_are_refused(fetcher: Fetcher, web: Web, target: str) -> None:
    """A redirect to what is no plain http(s) URL is refused."""
    web.answers["/"] = redirect(target)

    with pytest.raises(AddressRefused):
        fetcher.get(web.base + "/")


@pytest.mark.parametrize(
    ("prompt", "slow"),
    [
        (b"", b"HTTP/1.1 200 OK\r\n" + b"X" * 1000),
        (b"HTTP/1.1 200 OK\r\n", b"X-Slow: y\r\n"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"body "),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"body "),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 100 Continue\r\n\r\n"),
    ],
    ids=["status line", "headers", "body to the end", "body of a length", "chunks", "continue"],
)
def test_dripping_ends_at_the_deadline(hasty: Fetcher, prompt: bytes, slow: bytes) -> None:
    """A server that keeps sending a byte now and then holds the request no longer than the deadline."""
    with raw_server(drips(prompt, slow)) as url:
        started = time.monotonic()
        with pytest.raises(DeadlineExceeded, match=r"no complete answer within 0\.5 s"):
            hasty.get(url)
        took = time.monotonic() - started

    assert took < 20 * SHORT  # the drip would last for minutes


def test_deadline_holds_over_redirects(web: Web) -> None:
    """The deadline is of the whole request, not of each redirect."""

    def slowly(request: Request) -> Answer:
        time.sleep(0.1)
        return redirect(f"{request.path}x")

    for hops in range(1, 8):
        web.answers["/" + "x" * hops] = slowly
    limits = Limits(timeout=0.25, allow_private=LOOPBACK)

    with pytest.raises(DeadlineExceeded):
        Fetcher(AGENT, limits).get(web.base + "/x")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"HTTP/1.1 200",
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Ty",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nno number\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot gzip",
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
    ],
)
def test_broken_answers_are_errors(fetcher: Fetcher, data: bytes) -> None:
    """An answer that breaks off or is none is an error worth a retry, never a page."""
    with raw_server(sends(data)) as url, pytest.raises(FetchError) as caught:
        fetcher.get(url)

    assert type(caught.value) is FetchError
    assert caught.value.retry
    assert "127.0.0.1" in str(caught.value)


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\npage",
        b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\npage",
        b"HTTP/1.0 200 OK\r\n\r\npage",
        b"HTTP/1.0 200 OK\n\npage",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\npage",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\npa\r\n2\r\nge\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + gzip.compress(b"page", mtime=0),
    ],
)
def test_whole_answers(fetcher: Fetcher, data: bytes) -> None:
    """Every regular way to end an answer gives the page."""
    with raw_server(sends(data)) as url:
        page = fetcher.get(url)

    assert (page.status, page.body) == (200, b"page")


@pytest.mark.parametrize(("size", "fits"), [(100_000, True), (100_001, False)])
def test_body_cap(fetcher: Fetcher, web: Web, size: int, fits: bool) -> None:
    """A body as large as the cap passes, a byte more does not."""
    url = web.set("/", b"x" * size)

    if fits:
        assert len(fetcher.get(url).body) == size
    else:
        with pytest.raises(BodyTooLarge):
            fetcher.get(url)


def test_error_bodies_are_not_read(fetcher: Fetcher) -> None:
    """An error status is told without waiting for its body."""
    with raw_server(drips(b"HTTP/1.1 500 Oops\r\n\r\n", b"x")) as url, pytest.raises(BadStatus):
        fetcher.get(url)


def chain(web: Web, length: int, status: int = 302) -> str:
    """A URL that redirects so many times, with relative links; the URL."""
    for number in range(length):
        web.answers[f"/{number}"] = redirect(str(number + 1), status)
    web.set(f"/{length}", "end")
    return web.base + "/0"


def test_five_redirects_pass(fetcher: Fetcher, web: Web) -> None:
    """Five redirects, told as relative links, lead to the page, whose `url` is the last."""
    page = fetcher.get(chain(web, 5))

    assert (page.body, page.url, page.moved) == (b"end", web.base + "/5", "")


def test_six_redirects_are_too_many(fetcher: Fetcher, web: Web) -> None:
    """The sixth redirect is not followed."""
    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetcher.get(chain(web, 6))

    assert "/6" not in [request.path for request in web.requests]


def test_redirect_loop(fetcher: Fetcher, web: Web) -> None:
    """A loop ends."""
    web.answers["/"] = redirect("/")

    with pytest.raises(FetchError, match="more than 5 redirects"):
        fetcher.get(web.base + "/")

    assert len(web.requests) == 6


@pytest.mark.parametrize(
    ("statuses", "moved"),
    [
        ([301], "/1"),
        ([308], "/1"),
        ([301, 308], "/2"),
        ([302], ""),
        ([303], ""),
        ([307], ""),
        ([301, 302], "/1"),
        ([302, 301], ""),
        ([301, 302, 301], "/1"),
    ],
)
def test_moved(fetcher: Fetcher, web: Web, statuses: list[int], moved: str) -> None:
    """`moved` is where permanent redirects lead, as far as no temporary one comes before."""
    for number, status in enumerate(statuses):
        web.answers[f"/{number}"] = redirect(f"/{number + 1}", status)
    web.set(f"/{len(statuses)}", "end")

    page = fetcher.get(web.base + "/0")

    assert page.moved == (web.base + moved if moved else "")
    assert page.url == f"{web.base}/{len(statuses)}"


def test_not_modified(fetcher: Fetcher, web: Web) -> None:
    """304 is an answer, without a body."""
    url = web.set("/", "feed", ETag='"1"')

    page = fetcher.get(url, {"If-None-Match": '"1"'})

    assert (page.status, page.body) == (304, b"")


@pytest.mark.parametrize(
    ("status", "retry"),
    [
        *((status, False) for status in (400, 401, 403, 404, 410, 451)),
        *((status, True) for status in (408, 425, 429, 500, 502, 503, 504, 599)),
    ],
)
def test_error_statuses(fetcher: Fetcher, web: Web, status: int, retry: bool) -> None:
    """An error status raises, and says whether a later try is worth it."""
    web.answers["/"] = Answer(b"", status)

    with pytest.raises(BadStatus, match=f"HTTP {status}") as caught:
        fetcher.get(web.base + "/")

    assert (caught.value.status, caught.value.retry, caught.value.retry_after) == (status, retry, None)


def test_retry_after_comes_with_the_error(fetcher: Fetcher, web: Web) -> None:
    """What the server asks for is handed on."""
    web.answers["/"] = Answer(b"", 429, {"Retry-After": "120"})

    with pytest.raises(BadStatus, match="HTTP 429 Too Many Requests") as caught:
        fetcher.get(web.base + "/")

    assert caught.value.retry_after == 120


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999", 999_999_999),
        ("Tue, 10 Mar 2026 12:01:00 GMT", 60),
        ("Tuesday, 10-Mar-26 12:01:00 GMT", 60),
        ("Tue Mar 10 12:01:00 2026", 60),
        ("Tue, 10 Mar 2026 13:01:00 +0100", 60),
        ("Tue, 10 Mar 2026 11:00:00 GMT", 0),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("١٢", None),
        ("Tue, 99 Mar 2026 12:00:00 GMT", None),
        ("Tue, 10 Mar 2026 12:00:00 +9999", None),
        ("Tue, 10 Mar 99999 12:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: float | None) -> None:
    """Seconds and all three HTTP dates are understood; nonsense counts as not said."""
    now = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

    assert retry_after({"retry-after": value}, now) == seconds


def test_no_such_host(fetcher: Fetcher) -> None:
    """A name that does not exist is told as such."""
    with pytest.raises(FetchError, match=r"nowhere\.invalid cannot be found \(DNS: .+\)"):
        fetcher.get("http://nowhere.invalid/")


@pytest.mark.parametrize("host", ["a" * 64 + ".example", ".example", "xn--a.example", "a..example"])
def test_names_that_cannot_be(fetcher: Fetcher, host: str) -> None:
    """A host name against the rules of DNS is an error of ours, not a library's."""
    with pytest.raises(FetchError):
        fetcher.get(f"http://{host}/")


def test_refused_connection(fetcher: Fetcher) -> None:
    """A closed port is told as a refused connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    with pytest.raises(FetchError, match=r"127\.0\.0\.1 refused the connection"):
        fetcher.get(f"http://127.0.0.1:{port}/")


def test_environment_is_ignored(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither a proxy nor a netrc password comes from the environment."""
    url = web.set("/", "direct")
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password secret")
    monkeypatch.setenv("NETRC", str(netrc))

    page = Fetcher(AGENT, LIMITS).get(url)

    assert page.body == b"direct"
    assert "authorization" not in web.requests[0].headers


def test_what_is_sent(fetcher: Fetcher, web: Web) -> None:
    """A request names its sender and carries no cookie, whatever the server set before."""
    url = web.set("/", "x", Set_Cookie="track=me; Path=/")
    web.answers["/go"] = Answer(b"", 302, {"Location": "/", "Set-Cookie": "track=me; Path=/"})

    fetcher.get(web.base + "/go")
    fetcher.get(url)

    assert len(web.requests) == 3
    assert all("cookie" not in request.headers for request in web.requests)
    assert {request.headers["user-agent"] for request in web.requests} == {AGENT}


def test_headers_of_the_answer(fetcher: Fetcher, web: Web) -> None:
    """Header names come in lower case."""
    page = fetcher.get(web.set("/", "x", ETag='"1"', Last_Modified="yesterday"))

    assert (page.headers["etag"], page.headers["last-modified"]) == ('"1"', "yesterday")


def test_post(fetcher: Fetcher, web: Web) -> None:
    """A POST hands over the body as it is and gives the answer."""
    web.answers["/hook"] = Answer(b"taken", 202)

    page = fetcher.post(web.base + "/hook", b"\x00body", {"Content-Type": "application/json"})

    assert (page.status, page.body) == (202, b"taken")
    assert (web.requests[0].body, web.requests[0].headers["content-type"]) == (b"\x00body", "application/json")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 400, 404, 410, 429, 500, 503])
def test_post_takes_no_for_no(fetcher: Fetcher, web: Web, status: int) -> None:
    """Any status but 2xx raises, and a redirect is not followed."""
    web.answers["/hook"] = Answer(b"", status, {"Location": "/other", "Retry-After": "30"})
    web.set("/other", "elsewhere")

    with pytest.raises(BadStatus) as caught:
        fetcher.post(web.base + "/hook", b"x", {})

    assert caught.value.status == status
    assert [request.path for request in web.requests] == ["/hook"]


def test_one_host_is_not_stormed(web: Web) -> None:
    """No more requests run at a host at one time than `per_host`."""
    running: list[int] = []
    most: list[int] = []

    def answer(_: Request) -> Answer:
        running.append(1)
        most.append(len(running))
        time.sleep(0.02)
        running.pop()
        return Answer(b"x")

    web.answers["/"] = answer
    fetcher = Fetcher(AGENT, Limits(per_host=2, allow_private=LOOPBACK))
    threads = [threading.Thread(target=fetcher.get, args=(web.base + "/",)) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(web.requests) == 10
    assert max(most) <= 2


@pytest.mark.parametrize(("status", "reason"), [(404, "HTTP 404 Not Found"), (799, "HTTP 799")])
def test_reasons(fetcher: Fetcher, status: int, reason: str) -> None:
    """An error shows the standard's words for its status, not the server's."""
    with responses.RequestsMock() as mocked:
        mocked.get("https://news.example/", status=status)
        with pytest.raises(BadStatus) as caught:
            fetcher.get("https://news.example/")

    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("location", "leads_to"),
    [
        ("/b", "https://news.example/b"),
        ("b", "https://news.example/a/b"),
        ("?q=1", "https://news.example/a/?q=1"),
        ("//other.example/c", "https://other.example/c"),
        ("http://other.example/c", "http://other.example/c"),
    ],
)
def test_relative_redirects(fetcher: Fetcher, location: str, leads_to: str) -> None:
    """`Location` is read against the URL that was asked (RFC 9110, section 10.2.2)."""
    with responses.RequestsMock() as mocked:
        mocked.get("https://news.example/a/", status=302, headers={"Location": location})
        mocked.get(leads_to, body="end")

        assert fetcher.get("https://news.example/a/").url == leads_to


def test_redirect_with_bare_letters(fetcher: Fetcher, web: Web) -> None:
    """A `Location` that is not percent-encoded is read as UTF-8."""
    web.set("/z%C3%BCrich", "end")

    with raw_server(sends(f"HTTP/1.1 302 Found\r\nLocation: {web.base}/zürich\r\n\r\n".encode())) as url:
        assert fetcher.get(url).body == b"end"


@pytest.fixture
def tls_url(tmp_path: Path) -> Iterator[str]:
    """A TLS server with a certificate that nobody vouches for; its URL."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    options = "req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
    subprocess.run(
        [openssl, *options.split(), "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                with connection, suppress(OSError):
                    connection.settimeout(20)
                    context.wrap_socket(connection, server_side=True).close()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}/"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_untrusted_certificate(fetcher: Fetcher, tls_url: str) -> None:
    """A certificate nobody vouches for is refused, and the message says so."""
    with pytest.raises(FetchError, match=r"TLS with 127\.0\.0\.1 failed: self.signed certificate"):
        fetcher.get(tls_url)


def test_tls_to_a_server_without(fetcher: Fetcher, web: Web) -> None:
    """https to a server that speaks plain HTTP is an error that names TLS."""
    with pytest.raises(FetchError, match=r"TLS with 127\.0\.0\.1 failed"):
        fetcher.get(web.base.replace("http:", "https:"))


@pytest.mark.parametrize(
    ("headers", "reason"), [({}, "without saying where to"), ({"Location": "http://[x"}, "leads to no URL")]
)
def test_a_redirect_to_nowhere(fetcher: Fetcher, web: Web, headers: dict[str, str], reason: str) -> None:
    """A redirect without a usable target is an error, not a page."""
    web.answers["/go"] = Answer(b"", 302, headers)

    with pytest.raises(FetchError, match=reason):
        fetcher.get(f"{web.base}/go")


def test_a_bad_header_is_not_quoted(fetcher: Fetcher, web: Web) -> None:
    """A header that cannot be sent may hold a secret; the error does not repeat it."""
    with pytest.raises(FetchError, match="holds characters") as found:
        fetcher.post(f"{web.base}/hook", b"", {"Authorization": "Bearer SECRET\n"})
    assert "SECRET" not in str(found.value)
