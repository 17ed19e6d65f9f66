"""Feed documents of every make, broken ones among them, to entries."""

from __future__ import annotations

import io
import json
import time
import warnings
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pipeline.domain import Entry, ParsedFeed
from pipeline.errors import FeedError
from pipeline.ingest.links import canonical
from pipeline.ingest.parse import parse
from pipeline.ingest.plain import plain_text
from tests.conftest import Every
from tests.support.world import rss

URL = "https://news.example/feeds/all.xml"
NOON = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)

RSS_091 = """<?xml version="1.0"?>
<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://my.netscape.com/publish/formats/rss-0.91.dtd">
<rss version="0.91"><channel><title>Wire</title><link>https://news.example/</link><language>en-us</language>
<item><title>Deal</title><link>https://news.example/1</link><description>Two gigawatts.</description></item>
</channel></rss>"""

RSS_10 = """<?xml version="1.0"?>
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://news.example/"><title>Wire</title><link>https://news.example/</link>
<dc:language>en-us</dc:language></channel>
<item rdf:about="https://news.example/1"><title>Deal</title><link>https://news.example/1</link>
<description>Two gigawatts.</description><dc:date>2026-03-10T13:00:00+01:00</dc:date><dc:creator>Ann</dc:creator></item>
</rdf:RDF>"""

RSS_20 = """<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>Wire</title><link>https://news.example/</link><language>en-us</language><ttl>90</ttl>
<item><title>Deal</title><link>https://news.example/1</link><guid isPermaLink="false">n-1</guid>
<description>Two.</description><content:encoded><![CDATA[<p>Two gigawatts.</p>]]></content:encoded>
<author>Ann</author><pubDate>Tue, 10 Mar 2026 12:00:00 GMT</pubDate></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?>
<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en-us"><title>Wire</title><id>urn:feed</id>
<link href="https://news.example/"/><link rel="self" href="https://news.example/feeds/all.xml"/>
<updated>2026-03-10T12:00:00Z</updated>
<entry><id>urn:n-1</id><title>Deal</title><link rel="alternate" href="https://news.example/1"/>
<author><name>Ann</name></author><published>2026-03-10T12:00:00Z</published><updated>2026-03-11T12:00:00Z</updated>
<content type="html">&lt;p&gt;Two gigawatts.&lt;/p&gt;</content></entry>
</feed>"""

JSON_FEED = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "title": "Wire",
        "language": "en-us",
        "home_page_url": "https://news.example/",
        "items": [
            {
                "id": "n-1",
                "url": "https://news.example/1",
                "title": "Deal",
                "content_html": "<p>Two gigawatts.</p>",
                "date_published": "2026-03-10T12:00:00Z",
                "authors": [{"name": "Ann"}],
            }
        ],
    }
)


def one(document: str | bytes, url: str = URL) -> Entry:
    """The only entry of a document."""
    found = parse(document if isinstance(document, bytes) else document.encode(), url).entries
    assert len(found) == 1
    return found[0]


def item(**elements: str) -> Entry:
    """The entry that an RSS item of these elements gives."""
    return one(rss([elements]))


@pytest.mark.parametrize(
    ("document", "guid", "author", "published"),
    [
        (RSS_091, "", "", None),
        (RSS_10, "", "Ann", NOON),
        (RSS_20, "n-1", "Ann", NOON),
        (ATOM, "urn:n-1", "Ann", NOON),
        (JSON_FEED, "n-1", "Ann", NOON),
    ],
    ids=["RSS 0.91", "RSS 1.0", "RSS 2.0", "Atom", "JSON Feed"],
)
def test_formats(document: str, guid: str, author: str, published: datetime | None) -> None:
    """Every format gives the same entry, as far as it can hold it."""
    feed = parse(document.encode(), URL)
    entry = feed.entries[0]

    assert (feed.title, feed.language.lower(), len(feed.entries)) == ("Wire", "en-us", 1)
    assert (entry.title, entry.url, entry.text) == ("Deal", "https://news.example/1", "Two gigawatts.")
    assert entry.guid == guid or (not guid and entry.guid == "https://news.example/1")
    assert (entry.author, entry.published) == (author, published)


@pytest.mark.parametrize(
    ("elements", "field", "value"),
    [
        ({"title": "t", "link": "https://a.example/1"}, "text", ""),
        ({"title": "t", "link": "https://a.example/1"}, "published", None),
        ({"title": "t", "guid": "https://a.example/1"}, "url", "https://a.example/1"),
        ({"title": "t", "guid": "n-1"}, "url", ""),
        ({"title": "t", "guid": "n-1"}, "guid", "n-1"),
        ({"title": "t", "description": "d"}, "url", ""),
        ({"link": "https://a.example/1", "description": "d"}, "title", ""),
        ({"description": "only this"}, "text", "only this"),
    ],
)
def test_what_is_missing_is_empty(elements: dict[str, str], field: str, value: Any) -> None:
    """An item without GUID, link, title, text or date is an entry all the same."""
    assert getattr(item(**elements), field) == value


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("https://a.example/1", "https://a.example/1"),
        ("  https://a.example/1\n", "https://a.example/1"),
        ("/1", "https://site.example/1"),
        ("1", "https://site.example/news/1"),
        ("//a.example/1", "https://a.example/1"),
        ("?p=1", "https://site.example/news/?p=1"),
        ("https://a.example/1?utm_source=rss&id=5#top", "https://a.example/1?id=5"),
        ("javascript:alert(1)", ""),
        ("file:///etc/passwd", ""),
        ("data:text/html,x", ""),
        ("mailto:a@b.example", ""),
        ("ftp://a.example/1", ""),
        ("http://", ""),
        ("http://[::1", ""),
    ],
)
def test_links(link: str, url: str) -> None:
    """Links are made absolute against the site, cleaned, and dropped unless they are http(s)."""
    document = rss([{"title": "t", "link": link}]).replace(
        "<title>Sample", "<link>https://site.example/news/</link><title>Sample"
    )

    assert one(document).url == url


def test_links_without_a_site() -> None:
    """Where the feed does not name its site, links count from the feed's own address."""
    assert item(title="t", link="../1").url == "https://news.example/1"


@pytest.mark.parametrize(
    ("url", "cleaned"),
    [
        ("", ""),
        ("https://A.Example/Path", "https://a.example/Path"),
        ("https://a.example/1#part", "https://a.example/1"),
        ("https://a.example/1?utm_source=x&utm_medium=y&utm_campaign=z", "https://a.example/1"),
        ("https://a.example/1?id=7&utm_source=x", "https://a.example/1?id=7"),
        ("https://a.example/?p=7", "https://a.example/?p=7"),
        ("https://a.example/1/", "https://a.example/1/"),
        ("https://a.example/news?12345", "https://a.example/news?12345"),
        ("https://a.example/index.php?/topic/5/&fbclid=x", "https://a.example/index.php?/topic/5/"),
        ("https://a.example/news/#!/story/1", "https://a.example/news/#!/story/1"),
        ("https://a.example:443/b?z=1&a=2", "https://a.example/b?z=1&a=2"),
    ],
)
def test_canonical(url: str, cleaned: str) -> None:
    """Tracking and fragment go, what names the page stays."""
    assert canonical(url) == cleaned


@given(st.text() | st.text().map("https://a.example/".__add__))
def test_canonical_of_anything(url: str) -> None:
    """Whatever the URL, there is an answer, and cleaning it twice changes nothing that has no fragment."""
    assert "#" not in canonical(url) or canonical(url) == url


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("plain", "plain"),
        ("  two\t words\xa0here ", "two words here"),
        ("one\n\n\ntwo", "one\ntwo"),
        ("a < b and c > d", "a < b and c > d"),
        ("AT&amp;T &#8212; &euro;5", "AT&T — €5"),
        ("AT&T and R&D", "AT&T and R&D"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("one<br>two<br/>three", "one\ntwo\nthree"),
        ("<ul><li>one<li>two</ul>after", "one\ntwo\nafter"),
        ("<h2>Head</h2>body", "Head\nbody"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a\nb"),
        ("in<b>side</b> a <i>word</i>", "inside a word"),
        ("<script>alert(1)</script>seen", "seen"),
        ("a<style>p{}</style>b", "ab"),
        ("a<!-- hidden -->b", "ab"),
        ("<iframe src='x'>in</iframe>out", "out"),
        ("<noscript>in</noscript>out", "out"),
        ("<svg><text>in</text></svg>out", "out"),
        ("<textarea>in</textarea>out", "out"),
        ("<p>unclosed <b>tags", "unclosed tags"),
        ("<a href='javascript:x()'>link</a>", "link"),
        ("<img src=x onerror=alert(1)>", ""),
        ("nul\0 and lone \ud800 surrogate", "nul and lone surrogate"),
        ("<p>nul\0 and lone \ud800 surrogate</p>", "nul and lone surrogate"),
        ("turned \u202egnp.exe\u202c \u2066and\u2069 tagged\U000e0041", "turned gnp.exe and tagged"),
        ("&lt;b&gt;", "<b>"),
        ("", ""),
    ],
)
def test_plain_text(markup: str, text: str) -> None:
    """Blocks stand apart, what runs or hides is silent, entities are read, and all else is as written."""
    assert plain_text(markup) == text


@given(st.text() | st.text(alphabet="<>/!-&;#x?ap \0\n\"'=[]"))
@example("<" * 5000)
@example("<div>" * 20_000)
@example("&#xD800;&#0;&#x110000;")
@example("<?pi?><![CDATA[x]]><!DOCTYPE x [<!ENTITY a 'b'>]>&a;")
def test_plain_text_of_anything(markup: str) -> None:
    """Any text gives a text that a database takes, without empty lines."""
    found = plain_text(markup)

    assert "\0" not in found
    assert found.encode("utf-8") is not None
    assert all(line.strip() == line != "" for line in found.split("\n")) or found == ""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "windows-1252", "utf-16", "utf-16-le"])
def test_encodings(encoding: str) -> None:
    """A document is read in the encoding that it declares or marks."""
    declared = encoding.removesuffix("-sig")
    document = rss([{"title": "Zürich façade", "link": "https://a.example/1"}])
    document = document.replace('version="1.0"', f'version="1.0" encoding="{declared}"')

    assert one(document.encode(encoding)).title == "Zürich façade"


def test_wrongly_declared_encoding() -> None:
    """A document that is not in the encoding it declares is read all the same."""
    document = rss([{"title": "Zürich", "link": "https://a.example/1"}]).replace("?>", ' encoding="utf-8"?>', 1)

    assert one(document.encode("latin-1")).title.startswith("Z")


@pytest.mark.parametrize("noise", [b"", b"\n\n", b"\xef\xbb\xbf\n", b"\0", b"  \t"])
def test_noise_before_the_document(noise: bytes) -> None:
    """Blank lines, a byte order mark or a NUL byte in front do no harm."""
    assert one(noise + RSS_20.encode()).title == "Deal"


def test_nul_bytes() -> None:
    """NUL bytes within do not reach the entry."""
    entry = one(RSS_20.replace("Deal", "De\0al").replace("Two gigawatts", "Two\0 gigawatts").encode())

    assert "\0" not in entry.title + entry.text


def test_lone_surrogates_of_json() -> None:
    """Half a character, which JSON can escape, does not reach the entry."""
    entry = one(JSON_FEED.replace('"Deal"', '"De\\ud800al"').replace('"n-1"', '"n\\udfff-1"'))

    assert (entry.title, entry.guid) == ("Deal", "n-1")


def test_truncated() -> None:
    """Of a document that breaks off, the whole items before are kept."""
    items = [{"title": f"t{n}", "link": f"https://a.example/{n}"} for n in range(5)]
    document = rss(items)
    found = parse(document[: document.index("<title>t4")].encode(), URL).entries

    assert [entry.title for entry in found][:4] == ["t0", "t1", "t2", "t3"]


@pytest.mark.parametrize(
    ("document", "reason"),
    [
        (b"", "is empty"),
        (b" \n\t ", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"/etc/passwd", "neither XML nor JSON"),
        (b"file:///etc/passwd", "neither XML nor JSON"),
        (b"http://127.0.0.1/feed", "neither XML nor JSON"),
        (b"Not found", "neither XML nor JSON"),
        (b"\x89PNG\r\n", "neither XML nor JSON"),
        (b"<!DOCTYPE html><html><body><p>Hello</p></body></html>", "web page, not a feed"),
        (b"<!doctype HTML>\n<title>x</title>", "web page, not a feed"),
        (b"\n<html lang=en><head><title>x</title></head></html>", "web page, not a feed"),
        (b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body/></html>", "web page, not a feed"),
        (b"<sitemap><page/></sitemap>", "not a feed"),
        (b"<", "not a feed"),
        (b"{}", "not a feed"),
        (b"[]", "not a feed"),
        (b'{"error": "no such user"}', "not a feed"),
        (b'{"items": 5}', "not a feed"),
        (b'{"version": "https://jsonfeed.org/version/1", "items": [1, null, "x"]}', "not a feed"),
        (b"[" * 100_000, "not a feed"),
    ],
)
def test_what_is_no_feed(document: bytes, reason: str) -> None:
    """What is no feed is told as what it is; a path or URL is never opened."""
    with pytest.raises(FeedError, match=reason):
        parse(document, URL)


def test_empty_feed() -> None:
    """A feed without items is a feed."""
    found = parse(rss([], title="Quiet").encode(), URL)

    assert found == ParsedFeed("Quiet", ())


def test_entity_bomb() -> None:
    """A billion laughs end quickly and stay small."""
    entities = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY e0 "haha">{entities}]>'
        "<rss version='2.0'><channel><title>t</title><item><title>&e9;</title><link>https://a.example/</link></item>"
        "</channel></rss>"
    )
    started = time.monotonic()
    try:
        size = len(repr(parse(document.encode(), URL)))
    except FeedError:
        size = 0

    assert size < 100_000
    assert time.monotonic() - started < 60  # what this guards against takes far longer


@pytest.mark.parametrize("declaration", ['SYSTEM "file://{path}"', 'SYSTEM "{path}"', 'PUBLIC "x" "file://{path}"'])
def test_no_file_is_read(tmp_path: Path, declaration: str) -> None:
    """An external entity brings nothing in."""
    secret = tmp_path / "secret"
    secret.write_text("the-secret")
    document = (
        f'<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY x {declaration.format(path=secret)}>]>'
        "<rss version='2.0'><channel><title>&x;</title><item><title>a &x;</title><link>https://a.example/</link>"
        "<description>&x;</description></item></channel></rss>"
    )
    try:
        found = repr(parse(document.encode(), URL))
    except FeedError as error:
        found = str(error)

    assert "the-secret" not in found


@pytest.mark.parametrize(
    ("ttl", "seconds"), [("60", 3600), (" 5 ", 300), ("0", 0), ("", None), ("-5", None), ("1.5", None), ("²", None)]
)
def test_ttl(ttl: str, seconds: float | None) -> None:
    """`ttl` is given in minutes and kept in seconds; nonsense counts as not said."""
    for items in ([], [{"title": "t", "link": "https://a.example/"}]):
        document = rss(items).replace("</title>", f"</title><ttl>{ttl}</ttl>", 1)

        assert (parse(document.encode("utf-8"), URL).ttl or None) == (seconds or None)


@pytest.mark.parametrize(
    ("date", "published"),
    [
        ("Tue, 10 Mar 2026 12:00:00 GMT", NOON),
        ("Tue, 10 Mar 2026 13:00:00 +0100", NOON),
        ("Tue, 10 Mar 2026 08:00:00 EDT", NOON),
        ("10 Mar 2026 12:00:00 +0000", NOON),
        ("2026-03-10T12:00:00Z", NOON),
        ("2026-03-10T07:00:00-05:00", NOON),
        ("2026-03-10 12:00:00", NOON),
        ("2026-03-10", datetime(2026, 3, 10, tzinfo=UTC)),
        ("Thu, 01 Jan 2099 00:00:00 GMT", datetime(2099, 1, 1, tzinfo=UTC)),
        ("", None),
        ("soon", None),
        ("99/99/9999", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("Tue, 32 Mar 2026 12:00:00 GMT", None),
    ],
)
def test_dates(date: str, published: datetime | None) -> None:
    """Dates in any usual form become UTC; what is none is left out."""
    assert item(title="t", link="https://a.example/", pubDate=date).published == published


@given(st.text())
def test_dates_of_anything(date: str) -> None:
    """Whatever stands for a date, it is aware UTC or none."""
    feed = {"version": "https://jsonfeed.org/version/1.1", "title": "t", "items": [{"id": "1", "date_published": date}]}
    published = one(json.dumps(feed)).published

    assert published is None or published.tzinfo is UTC


def test_long_fields_are_cut() -> None:
    """No field of a hostile feed grows beyond reason."""
    entry = item(title="t" * 5000, guid="g" * 5000, author="a" * 5000, description="d" * 500_000)

    assert (len(entry.title), len(entry.guid), len(entry.text)) == (1000, 2000, 200_000)
    assert len(entry.author) <= 200


XML_TAGS = ["rss version='2.0'", "channel", "item", "/item", "title", "/title", "link", "feed", "entry", "ttl"]
XML_ODDITIES = ["<![CDATA[", "]]>", "<!--", "-->", "&amp;", "&x;", "<?xml version='1.0'?>", "\0", "²"]
XML_PIECES = st.sampled_from([*(f"<{tag}>" for tag in XML_TAGS), *XML_ODDITIES])
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
JSON_NAMES = [
    "version",
    "title",
    "items",
    "id",
    "url",
    "content_html",
    "summary",
    "date_published",
    "authors",
    "author",
]
JSON_FEEDS = st.builds(
    lambda feed, items: json.dumps({"version": "https://jsonfeed.org/version/1.1", **feed, "items": items}).encode(),
    st.dictionaries(st.sampled_from(JSON_NAMES), JSON_VALUES, max_size=3),
    st.lists(st.dictionaries(st.sampled_from(JSON_NAMES), JSON_VALUES) | JSON_VALUES, max_size=3) | JSON_VALUES,
)


@given(
    st.binary()
    | st.binary().map(b"<".__add__)
    | st.lists(XML_PIECES | st.text(max_size=5)).map(lambda pieces: "".join(pieces).encode("utf-8", "replace"))
    | JSON_FEEDS
)
def test_any_bytes(document: bytes) -> None:
    """Any bytes give a feed or a FeedError, nothing else."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            found = parse(document, URL)
        except FeedError:
            return

    assert isinstance(found, ParsedFeed)


def keys(entries: Iterable[tuple[Any, ...]]) -> set[Any]:
    """What tells entries apart: the id, else the link, else the title."""
    return {next((part for part in entry if part), None) for entry in entries} - {None}


def test_real_feeds(shared_data: Path, every: Every) -> None:
    """Every real feed is read, and holds at least 99 % of the entries that feedparser tells apart."""
    files = sorted(path for path in (shared_data / "feeds").iterdir() if path.is_file())
    compared = every(8, files)  # feedparser is slow
    short = {}
    for file in files:
        body = file.read_bytes()
        found = keys((entry.guid, entry.url, entry.title) for entry in parse(body, URL).entries)
        if file not in compared:
            continue
        raw = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
        expected = keys((entry.get("id"), entry.get("link"), entry.get("title")) for entry in raw)
        if len(found) < 0.99 * len(expected):
            short[file.name] = (len(found), len(expected))

    assert len(files) == 176
    assert short == {}


def test_odd_feeds(shared_data: Path) -> None:
    """Every odd document ends in a feed or a FeedError, and most of them in a feed."""
    files = sorted(path for path in (shared_data / "feeds-odd").rglob("*") if path.is_file())
    refused = 0
    for file in files:
        try:
            parse(file.read_bytes(), URL)
        except FeedError:
            refused += 1

    assert len(files) == 2107
    assert refused <= 20


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00Z", "Mon, 01 Jan 0001 00:00:00 GMT", "9999-12-31T23:59:59Z"])
def test_dates_that_no_news_has(date: str) -> None:
    """The empty dates of other programs are no dates: no zone could show them."""
    assert item(title="t", link="https://a.example/1", pubDate=date).published is None


def test_what_steers_a_terminal_goes() -> None:
    """Escape sequences of a title never reach whoever prints it."""
    entry = {"id": "1", "title": "a\u001b]0;x\u0007b"}
    document = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "f", "items": [entry]})

    assert one(document).title == "a]0;xb"
