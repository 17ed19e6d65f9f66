"""What one parser is known to misread is read by the other, or mended first."""

from __future__ import annotations

import pytest

from pipeline.domain import Entry
from pipeline.ingest.parse import parse
from tests.support.world import rss

ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"{0}><title>f</title><entry><id>1</id>{1}</entry></feed>'
LINK = '<link href="https://a.example/1"/>'


def one(document: str, url: str = "https://news.example/feed") -> Entry:
    found = parse(document.encode(), url).entries
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        (
            '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Two <b>gigawatts</b></div></title>',
            "Two gigawatts",
        ),
        ("<title>Two <b>gigawatts</b></title>", "Two gigawatts"),
        ('<title type="application/octet-stream">VHdvIGdpZ2F3YXR0cw==</title>', "Two gigawatts"),
        ("<title>AT&amp;T &amp;amp; co</title>", "AT&T & co"),
        ("<title>AT&T & co</title>", "AT&T & co"),
        ("<title>S&P;500 &mdash; up</title>", "S&P;500 — up"),
        ("<title>Caf&eacute; &#X41; &#x42; &#67;</title>", "Café A B C"),
        ("<title><![CDATA[AT&T &mdash; R&amp;D]]></title>", "AT&T — R&D"),
    ],
)
def test_titles(markup: str, title: str) -> None:
    """Markup within a title, packed titles and bare ampersands lose no letter."""
    assert one(ATOM.format("", LINK + markup)).title == title


PAGE = "https://a.example/1"


@pytest.mark.parametrize(
    ("links", "url"),
    [
        (f'<link rel="enclosure" href="{PAGE}.mp4"/><link href="{PAGE}"/>', PAGE),
        ('<link rel="self" href="https://a.example/s"/><link rel="alternate" href="/1"/>', "https://news.example/1"),
        (f'<link type="application/pdf" href="{PAGE}.pdf"/><link type="text/html" href="{PAGE}"/>', PAGE),
        ('<link rel="license" href="https://a.example/by"/>', ""),
        (f'<link rel="enclosure" href="{PAGE}.mp4"/>', ""),
        ('<link href="https://a.example/my file"/>', "https://a.example/my%20file"),
    ],
)
@pytest.mark.parametrize("date", ["", "<updated>2026-03-10T12:00:00Z</updated>"], ids=["thorough", "fast"])
def test_link_of_atom(date: str, links: str, url: str) -> None:
    """An entry's link is the page it is about, not a file, a licence or the feed."""
    assert one(ATOM.format("", f"<title>t</title>{date}{links}")).url == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://b.example/x/", "https://b.example/x/1"),
        ("/x/", "https://news.example/x/1"),
        ("file:///etc/", ""),
        ("javascript:alert(1)//", "https://news.example/1"),
        ("http://[::1", "https://news.example/1"),
    ],
)
def test_base(base: str, url: str) -> None:
    """A relative link counts from xml:base (RFC 4287, section 2), and leads nowhere but to http(s)."""
    assert one(ATOM.format(f' xml:base="{base}"', '<title>t</title><link href="1"/>')).url == url


def test_own_entities() -> None:
    """A document's own short entities are read."""
    document = rss([{"title": "X", "link": "https://a.example/1"}]).replace(">X<", ">Deal of &us;<")
    doctype = '<!DOCTYPE rss [<!ENTITY us "The Example"><!-- ]> -->]>'

    assert one(document.replace("?>", f"?>{doctype}", 1)).title == "Deal of The Example"


def test_entities_as_a_subject() -> None:
    """A text about entity declarations is no declaration."""
    bomb = '<!ENTITY a "&b;&b;">'
    document = rss([{"title": "t", "description": bomb}]).replace("?>", "?><!DOCTYPE rss>", 1)

    assert one(document).title == "t"


def test_broken_utf8() -> None:
    """One broken character costs itself only."""
    document = rss([{"title": "Zürich, Genève, Köln X", "link": "https://a.example/1"}]).encode().replace(b"X", b"\xc3")

    assert parse(document, "https://a.example/").entries[0].title == "Zürich, Genève, Köln \ufffd"


@pytest.mark.parametrize("items", [1, 60])
def test_the_guid_is_the_same_whoever_reads(items: int) -> None:
    """An item has one GUID, its link where it states none, whether or not the document is plain."""
    plain = rss([{"title": f"t{n}", "link": f"https://a.example/{n}"} for n in range(items)])
    odd = plain.replace("<title>t0", "<title><b>t0</b>")

    found = [[entry.guid for entry in parse(text.encode(), "https://a.example/").entries] for text in (plain, odd)]

    assert found[0] == found[1] == [f"https://a.example/{n}" for n in range(items)]
