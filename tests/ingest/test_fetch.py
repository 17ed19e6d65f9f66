"""The HTTP client against real servers on loopback, most of them ill-behaved."""

from __future__ import annotations

import gzip
import socket
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import brotli
import pytest
import responses

from pipeline.errors import BadStatus, FetchError
from pipeline.ingest.fetch import Fetcher, Limits, retry_after
from tests.ingest.servers import AGENT, LOOPBACK, raw_server, redirect, sends, zstd
from tests.support.web import Answer, Web

LIMITS = Limits(max_body=100_000, allow_private=LOOPBACK)


@pytest.fixture(scope="module")
def fetcher() -> Iterator[Fetcher]:
    """One that may reach loopback."""
    fetcher = Fetcher(AGENT, LIMITS)
    yield fetcher
    fetcher.close()


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


PAGE = b"<p>The plant opens in spring.</p>" * 50


def deflate_raw(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(PAGE, mtime=0)),
        ("x-gzip", gzip.compress(PAGE, mtime=0)),
        ("GZIP", gzip.compress(PAGE, mtime=0)),
        ("gzip, identity", gzip.compress(PAGE, mtime=0)),
        ("gzip", gzip.compress(PAGE[:40], mtime=0) + gzip.compress(PAGE[40:], mtime=0)),
        ("deflate", zlib.compress(PAGE)),
        ("deflate", deflate_raw(PAGE)),
        ("br", brotli.compress(PAGE)),
        ("zstd", zstd.compress(PAGE)),
        ("zstd", zstd.compress(PAGE[:40]) + zstd.compress(PAGE[40:])),
        ("identity", PAGE),
        ("utf-8", PAGE),
        ("", PAGE),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_codings_that_are_read(fetcher: Fetcher, web: Web, coding: str, body: bytes) -> None:
    """Every coding that we ask for is decoded; a label that means none is passed over."""
    url = web.set("/", body, Content_Encoding=coding)

    assert fetcher.get(url).body == PAGE


def test_what_we_ask_for_is_what_we_can_read(fetcher: Fetcher, web: Web) -> None:
    """`Accept-Encoding` names the codings that have a decoder."""
    fetcher.get(web.set("/", "x"))

    assert web.requests[0].headers["accept-encoding"] == "gzip, deflate, br, zstd"


@pytest.mark.parametrize(
    ("coding", "reason"),
    [
        ("compress", "an encoding that we cannot read: 'compress'"),
        ("exi", "an encoding that we cannot read: 'exi'"),
        ("br2" * 1000, "an encoding that we cannot read"),
        ("gzip, gzip", "compressed 2 times over"),
        ("gzip, br, gzip, br", "compressed 4 times over"),
        (", ".join(["gzip"] * 1000), "compressed 1000 times over"),
        ("gzip, exi", "compressed 2 times over"),
    ],
)
def test_codings_that_are_not_read(fetcher: Fetcher, web: Web, coding: str, reason: str) -> None:
    """A coding without a decoder, and layers of codings, are errors; their bytes are never taken for a page."""
    url = web.set("/", gzip.compress(gzip.compress(PAGE)), Content_Encoding=coding)

    with pytest.raises(FetchError, match=reason) as caught:
        fetcher.get(url)

    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_bodies_that_are_not_in_their_coding(fetcher: Fetcher, web: Web, coding: str) -> None:
    """Plain text that is labelled as compressed is an error."""
    url = web.set("/", PAGE, Content_Encoding=coding)

    with pytest.raises(FetchError, match="failed to decode"):
        fetcher.get(url)


def test_a_body_is_cut_where_that_is_asked_for(fetcher: Fetcher, web: Web) -> None:
    """`cut_at` gives the first bytes of a body, however long it is, and all of a shorter one."""
    long = web.set("/long", b"0123456789" * 20_000)
    short = web.set("/short", b"0123")

    assert fetcher.get(long, cut_at=15).body == b"012345678901234"
    assert fetcher.get(short, cut_at=15).body == b"0123"


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
