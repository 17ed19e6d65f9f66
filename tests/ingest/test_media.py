"""What a response is, whatever it says it is."""

from __future__ import annotations

import gzip
import io
import zipfile

import pytest

from pipeline.domain import Page
from pipeline.errors import ExtractError, FeedError
from pipeline.ingest.media import as_utf8, binary, charset, media_type, require_feed, require_page

HTML = b"<!doctype html><html><body><p>The plant opens in spring.</p></body></html>"
RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>News</title></channel></rss>'
JSON = b'{"version": "https://jsonfeed.org/version/1.1", "items": []}'


def zipped() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.txt", "a")
    return buffer.getvalue()


BINARY = [
    (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3", "a PDF document"),
    (b"\xff\xd8\xff\xe0\0\x10JFIF", "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "a PNG image"),
    (b"GIF89a\1\0\1\0", "a GIF image"),
    (b"RIFF\x24\0\0\0WEBPVP8 ", "a WebP image"),
    (b"RIFF\x24\0\0\0WAVEfmt ", "a sound recording"),
    (b"RIFF\x24\0\0\0AVI LIST", "a video"),
    (b"\0\0\0\x20ftypavif", "an image"),
    (b"\0\0\0\x20ftypisom", "a video"),
    (b"\x1aE\xdf\xa3\x01\0", "a video"),
    (b"ID3\x04\0\0\0\0", "a sound recording"),
    (b"OggS\0\2", "a sound recording or video"),
    (zipped(), "a zip archive or an office document"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", "an office document"),
    (b"\x7fELF\2\1\1\0", "a program"),
    (b"MZ\x90\0\3\0", "a program"),
    (b"wOF2\0\1\0\0", "a font"),
    (b"some\0thing\0else", "binary data"),
    (b"\0" * 100, "binary data"),
]

TEXT = [
    b"",
    HTML,
    RSS,
    JSON,
    b"MZ Wallace opens a shop.",
    b"ID3 is a way to mark up music.",
    b"PK has a new album.",
    b"\xef\xbb\xbf" + HTML,
    HTML.decode().encode("utf-16"),
    HTML.decode().encode("utf-16-le"),
    HTML.decode().encode("utf-16-be"),
    HTML.decode().encode("utf-32"),
    b"\n  " + HTML.replace(b"plant", b"pl\0ant"),
    "<p>Завод откроется весной.</p>".encode("windows-1251"),
    "<p>工場は春に開く。</p>".encode("shift_jis"),
]


def page(body: bytes, kind: str | None = "text/html") -> Page:
    return Page("https://news.example/a", 200, {} if kind is None else {"content-type": kind}, body)


@pytest.mark.parametrize(("body", "name"), BINARY, ids=range(len(BINARY)))
@pytest.mark.parametrize("kind", [None, "text/html; charset=utf-8", "application/xml", "application/octet-stream"])
def test_binary_is_refused_whatever_its_label(body: bytes, name: str, kind: str | None) -> None:
    """Bytes that are no text are told by their name, as page and as feed, however they are labelled."""
    with pytest.raises(ExtractError, match=f"the link leads to {name}, not to a web page") as caught:
        require_page(page(body, kind))
    with pytest.raises(FeedError, match=f"the address leads to {name}, not to a feed"):
        require_feed(page(body, kind))

    assert not caught.value.retry


def test_a_gzip_file_may_be_a_feed_and_no_page() -> None:
    """Sitemaps are published so."""
    packed = page(gzip.compress(RSS, mtime=0), "application/gzip")
    require_feed(packed)

    with pytest.raises(ExtractError, match="leads to a gzip archive"):
        require_page(packed)


@pytest.mark.parametrize("body", TEXT, ids=range(len(TEXT)))
def test_text_is_text(body: bytes) -> None:
    """Text in any encoding is no binary."""
    assert binary(body) == ""


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("application/pdf", "a PDF document"),
        ("image/png", "an image"),
        ("audio/mpeg", "a sound recording"),
        ("VIDEO/mp4; codecs=x", "a video"),
        ("font/woff2", "a font"),
        ("application/zip", "a zip archive"),
        ("application/json", "JSON data"),
        ("application/rss+xml", "a feed"),
        ("text/css", "a style sheet"),
        ("text/javascript", "a script"),
        ("text/calendar", "text/calendar"),
        ("application/vnd.ms-excel", "application/vnd.ms-excel"),
        ("nonsense", "nonsense"),
        ("x" * 1000, "x" * 60),
    ],
)
def test_pages_of_other_types(kind: str, name: str) -> None:
    """A label of something else counts where the bytes do not look like a page."""
    with pytest.raises(ExtractError, match=f"the link leads to {name}, not to a web page"):
        require_page(page(b"some text", kind))


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/html",
        "TEXT/HTML ; charset=x",
        "application/xhtml+xml",
        "text/plain",
        "application/xml",
        "text/xml",
        "application/octet-stream",
    ],
)
@pytest.mark.parametrize("body", [HTML, b"some text", b""], ids=["html", "text", "empty"])
def test_pages(kind: str | None, body: bytes) -> None:
    """What is labelled as a page, or not at all, goes to extraction."""
    require_page(page(body, kind))


@pytest.mark.parametrize("kind", ["image/png", "application/pdf", "application/json", "nonsense"])
def test_pages_with_a_wrong_label(kind: str) -> None:
    """A document that begins as HTML does is a page, whatever the server says."""
    require_page(page(b"\xef\xbb\xbf\n " + HTML.upper(), kind))


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "application/rss+xml",
        "application/atom+xml",
        "text/xml",
        "application/json",
        "text/html",
        "text/plain",
        "application/octet-stream",
        "nonsense",
        "image/svg+xml",
        "application/pdf",
    ],
)
@pytest.mark.parametrize("body", [RSS, JSON], ids=["rss", "json"])
def test_feeds(kind: str | None, body: bytes) -> None:
    """What may be a feed goes to the parser, whatever its label."""
    require_feed(page(body, kind))


@pytest.mark.parametrize(("kind", "name"), [("image/png", "an image"), ("application/pdf", "a PDF document")])
def test_feeds_of_other_types(kind: str, name: str) -> None:
    """A label that no feed has counts where the bytes do not look like one."""
    with pytest.raises(FeedError, match=f"the address leads to {name}, not to a feed"):
        require_feed(page(b"some text", kind))


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("text/html; charset=utf-8", "utf-8"),
        ("text/html; charset=UTF8", "utf-8"),
        ('text/html; charset="windows-1251"', "cp1251"),
        ("text/html;charset=Shift_JIS; x=y", "cp932"),
        ("text/html; charset='utf-8'", "utf-8"),
        ("text/html; charset=ISO-8859-1", "cp1252"),
        ("text/html; charset=", ""),
        ("text/html; charset=nonsense", ""),
        ("text/html; charset=zlib", ""),
        ("text/html; charset=rot13", ""),
        ("text/html; charset=" + "x" * 10_000, ""),
        ("text/html; charset=a\0b", ""),
        ("text/html; charset=ü", ""),
        ("text/html", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_charset(kind: str | None, name: str) -> None:
    """The text encoding of the header, where it is one."""
    assert charset(page(b"", kind)) == name


@pytest.mark.parametrize(
    ("body", "kind", "text"),
    [
        ("Завод".encode("cp1251"), "text/html; charset=windows-1251", "Завод"),
        ("工場".encode("euc-jp"), "text/html; charset=euc-jp", "工場"),
        ("Завод".encode(), "text/html; charset=windows-1251", "Завод"),
        ("café".encode("latin-1"), "text/html; charset=iso-8859-1", "café"),
        ("“café”".encode("cp1252"), "text/html; charset=iso-8859-1", "“café”"),
    ],
)
def test_as_utf8(body: bytes, kind: str, text: str) -> None:
    """The header's encoding counts, but for a body that is UTF-8 all the same."""
    assert as_utf8(page(body, kind)).decode() == text


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("Завод".encode("cp1251"), "text/html"),
        ("Завод".encode("cp1251"), "text/html; charset=utf-8"),
        ("Завод".encode("cp1251"), "text/html; charset=nonsense"),
        ("Завод".encode("cp1251"), "text/html; charset=ascii"),
        ("Завод".encode("utf-16"), "text/html; charset=windows-1251"),
    ],
)
def test_bodies_that_are_left_alone(body: bytes, kind: str) -> None:
    """Where the header does not help, or the bytes say better, the body stays as it came."""
    assert as_utf8(page(body, kind)) == body


def test_media_type() -> None:
    """Without parameters, in lower case."""
    assert media_type(page(b"", " Text/HTML ;charset=x")) == "text/html"
    assert media_type(page(b"", None)) == ""
