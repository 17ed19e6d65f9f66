"""The server that is measured against."""

from __future__ import annotations

from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from tests.bench.site import Asked, Document, Site, serving


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with serving({"a b.xml": Document(b"<a/>", "application/xml"), "c": Document(b"c" * 1_000_000)}) as served:
        yield served


def _ask(connection: HTTPConnection, url: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection.request("GET", urlsplit(url).path, headers={n.replace("_", "-"): value for n, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, dict(answer.getheaders()), answer.read()


def _connected(url: str) -> HTTPConnection:
    return HTTPConnection(urlsplit(url).netloc, timeout=60)


def test_documents(site: Site) -> None:
    """Each is served whole, with its kind, from a host of its own, again and again on one connection."""
    hosts = {urlsplit(url).hostname for url in site.urls.values()}
    xml, big = _connected(site.urls["a b.xml"]), _connected(site.urls["c"])
    status, headers, body = _ask(xml, site.urls["a b.xml"])
    again = _ask(xml, site.urls["a b.xml"])[2]

    assert hosts == {"127.0.0.1", "127.0.0.2"}
    assert (status, headers["Content-Type"], body, again) == (200, "application/xml", b"<a/>", b"<a/>")
    assert len(_ask(big, site.urls["c"])[2]) == 1_000_000
    xml.close()
    big.close()


def test_conditional(site: Site) -> None:
    """Who has a document already gets 304, by its ETag or by its date; a wrong ETag goes before the right date."""
    before, url = site.asked(), site.urls["c"]
    connection = _connected(url)
    _, had, _ = _ask(connection, url)
    by_tag = _ask(connection, url, If_None_Match=had["ETag"])
    by_date = _ask(connection, url, If_Modified_Since=had["Last-Modified"])
    changed = _ask(connection, url, If_None_Match='"other"', If_Modified_Since=had["Last-Modified"])
    unknown = _ask(connection, "/robots.txt")
    connection.close()

    assert (by_tag[0], by_tag[2]) == (304, b"")
    assert (by_date[0], by_date[2]) == (304, b"")
    assert changed[0] == 200
    assert unknown[0] == 404
    assert site.asked() - before == Asked(given=2, unchanged=2, unknown=1)


def test_few_hosts() -> None:
    """Documents can share hosts, in turn."""
    with serving({str(number): Document(b"") for number in range(3)}, hosts=2) as site:
        hosts = [urlsplit(url).hostname for url in site.urls.values()]

    assert hosts == ["127.0.0.1", "127.0.0.2", "127.0.0.1"]
