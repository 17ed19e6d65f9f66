"""Documents that a feed's address may give to harm whoever reads them, or that merely went wrong on the way."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

MIB = 2**20
CAP = 10 * MIB
"""The size of the largest, in bytes: what the HTTP client lets through."""

_FLOOD = 4 * MIB
"""Bytes of what only repeats itself: reading it takes seconds, or minutes where the time grows with the square."""

Make = Callable[[], bytes]
_HEAD = b'<?xml version="1.0"?>'
_ITEM = b"<item><title>Plain news</title><link>https://a.example/1</link></item>"


def attacks(port: int, marker: str) -> dict[str, Make]:
    """Names and what makes the documents.

    Some name a server on loopback at `port` and a file at `marker`, and none of them may make a reader touch either.
    """
    return {
        **_entities(),
        **_outside(port, marker),
        **_floods(),
        **_nesting(),
        **_encodings(),
        **_not_feeds(port, marker),
        **_broken(),
        **_odd_fields(),
        **_json(),
        **_sitemaps(port),
    }


def rss(items: bytes = _ITEM, *, prolog: bytes = b"", root: bytes = b"", channel: bytes = b"") -> bytes:
    """An RSS document around `items`."""
    start = b'<rss version="2.0"%b><channel><title>Wire</title>%b' % (root, channel)
    return _HEAD + prolog + start + items + b"</channel></rss>"


def _fill(piece: bytes, size: int = _FLOOD) -> bytes:
    """The piece, over and over, up to that size."""
    return piece * (size // len(piece))


def _text(title: bytes, description: bytes = b"") -> bytes:
    return b"<item><title>%b</title><link>https://a.example/1</link><description>%b</description></item>" % (
        title,
        description,
    )


def _entities() -> dict[str, Make]:
    ladder = b"".join(b'<!ENTITY e%d "%b">' % (n, b"&e%d;" % (n - 1) * 10) for n in range(1, 10))
    parameters = b'<!ENTITY % a "lol"><!ENTITY % b "%a;%a;%a;"><!ENTITY % c "%b;%b;%b;">%c;'
    return {
        "billion laughs": lambda: rss(_text(b"&e9;"), prolog=b'<!DOCTYPE rss [<!ENTITY e0 "ha">%b]>' % ladder),
        "quadratic blow-up": lambda: rss(
            _text(b"&a;" * 50_000), prolog=b'<!DOCTYPE rss [<!ENTITY a "%b">]>' % (b"A" * 100_000)
        ),
        "quadratic blow-up in ill-formed XML": lambda: rss(
            _text(b"&a;" * 50_000) + b"<b>", prolog=b'<!DOCTYPE rss [<!ENTITY a "%b">]>' % (b"A" * 100_000)
        ),
        "entity that holds itself": lambda: rss(
            _text(b"&a;"), prolog=b'<!DOCTYPE rss [<!ENTITY a "&b;"><!ENTITY b "&a;">]>'
        ),
        "parameter entities": lambda: rss(prolog=b"<!DOCTYPE rss [%b]>" % parameters),
        "100,000 entities": lambda: rss(
            _text(b"&x5;"), prolog=b"<!DOCTYPE rss [%b]>" % b"".join(b'<!ENTITY x%d "y">' % n for n in range(100_000))
        ),
        "entities of UTF-16": lambda: (
            rss(_text(b"&e9;"), prolog=b'<!DOCTYPE rss [<!ENTITY e0 "ha">%b]>' % ladder).decode().encode("utf-16")
        ),
        "entity in an attribute": lambda: rss(
            b'<item><title>t</title><enclosure url="&a;"/></item>',
            prolog=b'<!DOCTYPE rss [<!ENTITY a "%b">]>' % (b"A" * 50_000),
        ),
        "unfinished DOCTYPE": lambda: _HEAD + b"<!DOCTYPE rss [" + _fill(b"<!ENTITY x 'y'"),
    }


def _outside(port: int, marker: str) -> dict[str, Make]:
    inner = f"http://127.0.0.1:{port}/"
    aims = {"file": f"file://{marker}", "path": marker, "address": f"{inner}xxe", "ftp": f"ftp://127.0.0.1:{port}/xxe"}
    body = _text(b"a &x; b", b"&x;")
    made: dict[str, Make] = {}
    for name, aim in aims.items():
        doctype = f'<!DOCTYPE rss [<!ENTITY x SYSTEM "{aim}">]>'.encode()
        made[f"external entity: {name}"] = lambda doctype=doctype: rss(body, prolog=doctype)  # type: ignore[misc]
    made |= {
        "external entity in UTF-7": lambda: (
            b'<?xml version="1.0" encoding="UTF-7"?>'
            + rss(body, prolog=f'<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{marker}">]>'.encode())[len(_HEAD) :]
            .decode()
            .encode("utf-7")
        ),
        "external parameter entity": lambda: rss(
            prolog=f'<!DOCTYPE rss [<!ENTITY % p SYSTEM "{inner}dtd">%p;]>'.encode()
        ),
        "external entity of a public name": lambda: rss(
            body, prolog=f'<!DOCTYPE rss [<!ENTITY x PUBLIC "any" "file://{marker}">]>'.encode()
        ),
        "external DTD": lambda: rss(prolog=f'<!DOCTYPE rss SYSTEM "{inner}feed.dtd">'.encode()),
        "external DTD from a file": lambda: rss(body, prolog=f'<!DOCTYPE rss SYSTEM "file://{marker}">'.encode()),
        "XInclude": lambda: rss(
            f'<item><title>t<xi:include href="file://{marker}" parse="text"/></title>'
            f'<description><xi:include href="{inner}xi" parse="text"/></description></item>'.encode(),
            root=b' xmlns:xi="http://www.w3.org/2001/XInclude"',
        ),
        "style sheet": lambda: rss(prolog=f'<?xml-stylesheet type="text/xsl" href="{inner}style.xsl"?>'.encode()),
        "schema location": lambda: rss(
            root=f' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x {inner}x.xsd"'.encode()
        ),
        "xml:base of a file": lambda: rss(
            b"<item><title>t</title><link>passwd</link></item>", root=b' xml:base="file:///etc/"'
        ),
        "xml:base of a script": lambda: (
            b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="javascript:alert(1)//">'
            b'<entry><title>t</title><id>1</id><link href="x"/></entry></feed>'
        ),
        "xml:base that is no URL": lambda: (
            b'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://[::1">'
            b'<entry xml:base="http://]["><title>t</title><id>1</id><link href="x"/></entry></feed>'
        ),
        "links that run or read": lambda: rss(
            b"".join(
                b"<item><title>t%d</title><link>%b</link><guid>%b</guid></item>" % (n, link, link)
                for n, link in enumerate(
                    [
                        b"javascript:alert(1)",
                        b"JaVaScRiPt:alert(1)",
                        b" java\tscript:alert(1)",
                        b"data:text/html,x",
                        b"vbscript:x",
                        b"file:///etc/passwd",
                        b"ftp://a.example/",
                        b"feed:https://a.example/",
                        b"\\\\server\\share",
                        b"http:",
                        b"https://",
                        b"http:///x",
                    ]
                )
            )
        ),
    }
    return made


def _floods() -> dict[str, Make]:
    pieces = {
        "comments unclosed": b"<!--",
        "comments": b"<!---->",
        "less-than signs": b"<",
        "ampersands": b"&",
        "references": b"&#60;",
        "CDATA unclosed": b"<![CDATA[",
        "CDATA": b"<![CDATA[]]>",
        "instructions unclosed": b"<?x ",
        "declarations": b"<!x ",
        "closing brackets": b"]]>",
        "end tags": b"</p>",
        "quotes": b'<a b="',
        "titles unclosed": b"<title",
        "white space": b" ",
        "NULs": b"\0",
        "escaped tags": b"&lt;div&gt;",
        "escaped comments": b"&lt;!--",
        "escaped less-than signs": b"&lt;",
    }
    made: dict[str, Make] = {}
    for name, piece in pieces.items():
        made[f"flood of {name}"] = lambda piece=piece: rss(_text(b"t", _fill(piece)))  # type: ignore[misc]
        if not piece.startswith(b"&"):
            made[f"nothing but {name}"] = lambda piece=piece: b"<" + _fill(piece)  # type: ignore[misc]
    return made | {
        "100,000 attributes": lambda: rss(
            b"<item %b><title>t</title></item>" % b" ".join(b'a%d="%d"' % (n, n) for n in range(100_000))
        ),
        "many tags of 140 attributes": lambda: rss(
            b"<item><title>t</title>%b</item>" % _fill(b"<x %b/>" % b" ".join(b'a%d=""' % n for n in range(140)))
        ),
        "100,000 equal attributes": lambda: rss(b"<item %b><title>t</title></item>" % (b'a="1" ' * 100_000)),
        "100,000 namespaces": lambda: rss(root=b"".join(b' xmlns:n%d="urn:%d"' % (n, n) for n in range(100_000))),
        "an attribute of 4 MiB": lambda: rss(b'<item x="%b"><title>t</title></item>' % _fill(b"y")),
        "a tag of 4 MiB": lambda: rss(b"<%b/>" % _fill(b"y")),
        "a title of 4 MiB": lambda: rss(_text(_fill(b"word "))),
        "200,000 items": lambda: rss(
            b"".join(b"<item><title>%d</title><guid>%d</guid></item>" % (n, n) for n in range(200_000))
        ),
        "200,000 items unclosed": lambda: rss(b"<item><title>t" * 200_000),
        "200,000 items with odd dates": lambda: rss(
            b"".join(b"<item><pubDate>%d of x %d</pubDate></item>" % (n, n * 7) for n in range(200_000))
        ),
        "100,000 Atom entries": lambda: (
            b'<feed xmlns="http://www.w3.org/2005/Atom">%b</feed>'
            % b"".join(
                b"<entry><id>%d</id><title type='xhtml'><b>%d</b></title></entry>" % (n, n) for n in range(100_000)
            )
        ),
        "300,000 empty elements": lambda: rss(b"<item>%b</item>" % (b"<x/>" * 300_000)),
        "100,000 links in an item": lambda: rss(
            b"<item><title>t</title>%b</item>" % (b'<link href="https://a.example/"/>' * 100_000)
        ),
    }


def _nesting() -> dict[str, Make]:
    deep = 100_000
    return {
        "100,000 elements deep": lambda: rss(b"<item><title>t</title>%b%b</item>" % (b"<a>" * deep, b"</a>" * deep)),
        "100,000 elements deep, unclosed": lambda: rss(b"<item><title>t</title>" + b"<a>" * deep),
        "100,000 items in each other": lambda: rss(b"<item>" * deep + b"</item>" * deep),
        "100,000 groups in each other": lambda: rss(
            _text(b"t", b"&lt;blockquote&gt;" * deep),
        ),
        "xhtml 50,000 deep": lambda: (
            b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>t</title>'
            b'<content type="xhtml">%b%b</content></entry></feed>' % (b"<div>" * (deep // 2), b"</div>" * (deep // 2))
        ),
        "tables 20,000 deep": lambda: rss(_text(b"t", b"<![CDATA[%b]]>" % (b"<table><tr><td>" * 20_000))),
    }


def _encodings() -> dict[str, Make]:
    body = _text("Z\u00fcrich \u2014 10 \u20ac".encode())
    word = rss(body).decode()
    return {
        "UTF-8 that is Latin-1": lambda: rss().replace(b"Plain", b"Z\xfcrich"),
        "UTF-8 that is Windows-1252": lambda: rss().replace(b"Plain", b"\x93quoted\x94 \x80"),
        "UTF-16 with a mark": lambda: word.encode("utf-16"),
        "UTF-16 without a mark": lambda: word.encode("utf-16-le"),
        "UTF-16 big-endian without a mark": lambda: word.encode("utf-16-be"),
        "UTF-16 cut in a character": lambda: word.encode("utf-16")[:-1],
        "UTF-32": lambda: word.encode("utf-32"),
        "declared UTF-16, is UTF-8": lambda: word.replace('"1.0"', '"1.0" encoding="utf-16"').encode(),
        "UTF-7": lambda: word.replace('"1.0"', '"1.0" encoding="utf-7"').encode("utf-7"),
        "unknown encoding": lambda: word.replace('"1.0"', '"1.0" encoding="klingon-8"').encode(),
        "encoding that is no text": lambda: word.replace('"1.0"', '"1.0" encoding="zlib_codec"').encode(),
        "encoding that unpickles nothing": lambda: word.replace('"1.0"', '"1.0" encoding="unicode_escape"').encode(),
        "encoding named in 1 MiB": lambda: word.replace('"1.0"', f'"1.0" encoding="{"x" * MIB}"').encode(),
        "lone surrogates": lambda: rss().replace(b"Plain", b"\xed\xa0\x80&#xD800;"),
        "NULs between the letters": lambda: rss().replace(b"Plain", b"P\0l\0a\0i\0n\0"),
        "control and direction characters": lambda: rss(
            _text("\u202egnp.exe\u202c \u2066x\u2069 \x1b[31m \x07 \x9b".encode())
        ),
        "invalid bytes": lambda: rss(_text(bytes(range(128, 256)) * 100)),
    }


def _not_feeds(port: int, marker: str) -> dict[str, Make]:
    page = b"<!DOCTYPE html><html><head><title>Home</title></head><body>%b</body></html>"
    return {
        "a path": lambda: marker.encode(),
        "the path of passwords": lambda: b"/etc/passwd",
        "a URL": lambda: f"http://127.0.0.1:{port}/feed".encode(),
        "a file's URL": lambda: f"file://{marker}".encode(),
        "a URL on a line of its own": lambda: f"\n  http://127.0.0.1:{port}/feed\n".encode(),
        "a web page": lambda: page % b"<p>Hello</p>",
        "a web page that moves on": lambda: (
            page % f'<meta http-equiv="refresh" content="0; url=http://127.0.0.1:{port}/feed">'.encode()
        ),
        "a web page of 4 MiB": lambda: page % _fill(b"<p>Hello <b>there</b></p>"),
        "a web page of open tags": lambda: b"<html>" + _fill(b"<div>"),
        "a web page without its start": lambda: b"<div><p>Hello</p></div>" + _fill(b"<p>x", MIB),
        "an OPML list": lambda: b'<opml version="2.0"><body><outline xmlUrl="https://a.example/"/></body></opml>',
        "a SOAP fault": lambda: b"<Envelope><Body><Fault>no</Fault></Body></Envelope>",
        "an image": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 400,
        "random bytes": lambda: b"<" + bytes((n * n * 31 + n // 7) % 256 for n in range(300_000)),
        "a gzip bomb": lambda: gzip.compress(bytes(200 * MIB)),
        "a gzip file cut off": lambda: gzip.compress(rss())[:-9],
        "a gzip file in a gzip file": lambda: gzip.compress(gzip.compress(rss())),
        "gzip in name only": lambda: b"\x1f\x8b" + b"x" * 1000,
        "an error as text": lambda: b"<p>503 Service Unavailable",
    }


def _broken() -> dict[str, Make]:
    whole = rss(b"".join(_text(b"News %d" % n, b"<![CDATA[<p>Text %d</p>]]>" % n) for n in range(20)))
    made: dict[str, Make] = {}
    for cut in range(1, 20):
        end = len(whole) * cut // 20
        made[f"cut at {cut * 5} %"] = lambda end=end: whole[:end]  # type: ignore[misc]
    return made | {
        "two documents": lambda: whole + whole,
        "tags that cross": lambda: rss(b"<item><title>a<link></title>https://a.example/1</link></item>"),
        "undeclared prefixes": lambda: rss(b"<item><x:title>a</x:title><title>b</title></item>"),
        "bare ampersands": lambda: rss(_text(b"AT&T and S&P", b"R&D")),
        "no quotes": lambda: b"<rss version=2.0><channel><item><title>t</title></item></channel></rss>",
        "capital letters": lambda: b"<RSS><CHANNEL><ITEM><TITLE>t</TITLE></ITEM></CHANNEL></RSS>",
        "text before the document": lambda: b"Warning: line 1\n" + whole,
    }


def _odd_fields() -> dict[str, Make]:
    dates = [
        b"yesterday",
        b"31 February 2026",
        b"2026-13-45T99:99:99Z",
        b"9999-12-31T23:59:59-14:00",
        b"0001-01-01T00:00:00+14:00",
        b"-5000-01-01",
        b"Thu, 01 Jan 1970 00:00:00 GMT",
        b"Fri, 13 Dec 292277026596 00:00:00 GMT",
        b"1" * 100_000,
        b"March 10, 2026 12:00 pm",
        b"10/03/2026",
        b"1773144000",
        b"Mar",
        b"12:00",
        b"\xd9\xa1\xd9\xa0 2026",
    ]
    return {
        "dates of every kind": lambda: rss(b"".join(b"<item><pubDate>%b</pubDate></item>" % date for date in dates)),
        "no GUID and no link": lambda: rss(b"<item><title>a</title></item><item><title>b</title></item>"),
        "one GUID for all": lambda: rss(b"<item><title>a</title><guid>1</guid></item>" * 50),
        "empty items": lambda: rss(b"<item/>" * 50),
        "RSS 1": lambda: (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">'
            b'<item rdf:about="https://a.example/1"><title>t</title><link>https://a.example/1</link></item></rdf:RDF>'
        ),
        "RDF that is no feed": lambda: (
            b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
            b'<rdf:Description rdf:about="https://a.example/1"/></rdf:RDF>'
        ),
        "title of tags": lambda: rss(
            _text(b"&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;x")
        ),
        "text with lines of 1 MiB": lambda: rss(_text(b"t", _fill(b"word ", MIB))),
        "GUID of 1 MiB": lambda: rss(b"<item><guid>%b</guid></item>" % _fill(b"g", MIB)),
        "relative links": lambda: rss(b"<item><link>../../../a?b#c</link></item><item><link>//x/y</link></item>"),
    }


def _json() -> dict[str, Make]:
    head = {"version": "https://jsonfeed.org/version/1.1", "title": "Wire"}

    def feed(**more: object) -> bytes:
        return json.dumps({**head, **more}).encode()

    return {
        "JSON, deep lists": lambda: b"[" * 1_000_000,
        "JSON, deep objects": lambda: b'{"a":' * 1_000_000,
        "JSON feed with a deep item": lambda: feed(items=[{"id": "1"}]).replace(b'"1"', b"[" * 50_000 + b"]" * 50_000),
        "JSON, huge numbers": lambda: feed(items=[{"id": "1", "x": 0}]).replace(b": 0", b": " + b"9" * 100_000),
        "JSON, NaN": lambda: feed(items=[{"id": float("nan"), "title": float("inf")}]),
        "JSON, lists for strings": lambda: feed(items=[{"id": ["1"], "title": ["t"], "url": {"a": 1}, "authors": "x"}]),
        "JSON, nulls": lambda: feed(items=[None, {"id": None, "title": None, "url": None, "authors": [None]}]),
        "JSON, items as an object": lambda: feed(items={"id": "1"}),
        "JSON, no items": lambda: feed(),
        "JSON, 200,000 items": lambda: feed(items=[{"id": str(n)} for n in range(200_000)]),
        "JSON, keys twice": lambda: b'{"version":"https://jsonfeed.org/version/1","items":[],"items":[{"id":"1"}]}',
        "JSON, UTF-16": lambda: feed(items=[{"id": "1", "title": "t"}]).decode().encode("utf-16"),
        "JSON cut off": lambda: feed(items=[{"id": "1"}])[:-5],
        "JSON of an API": lambda: b'{"error": {"code": 404}}',
        "JSON, a string": lambda: b'"https://a.example/"',
    }


def _sitemaps(port: int) -> dict[str, Make]:
    names = (
        b'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
    )
    url = (
        b"<url><loc>%b</loc><n:news><n:title>t</n:title>"
        b"<n:publication_date>2026-03-10</n:publication_date></n:news></url>"
    )
    return {
        "news sitemap of 50,000": lambda: (
            b"<urlset %b>%b</urlset>" % (names, b"".join(url % (b"https://a.example/%d" % n) for n in range(40_000)))
        ),
        "news sitemap with inner links": lambda: (
            b"<urlset %b>%b</urlset>" % (names, url % b"file:///etc/passwd" + url % b"javascript:x")
        ),
        "sitemap of pages": lambda: b"<urlset %b><url><loc>https://a.example/</loc></url></urlset>" % names,
        "index of sitemaps": lambda: (
            b"<sitemapindex %b><sitemap><loc>http://127.0.0.1:%d/s.xml</loc></sitemap></sitemapindex>" % (names, port)
        ),
        "sitemap with a bomb": lambda: (
            b'<!DOCTYPE urlset [<!ENTITY a "%b">]><urlset %b><url><loc>%b</loc></url></urlset>'
            % (b"A" * 100_000, names, b"&a;" * 50_000)
        ),
    }
