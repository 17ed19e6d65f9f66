"""What the bytes of a response are, judged before a parser sees them: by what they look like, then by their label."""

from __future__ import annotations

import codecs
from email.message import Message

from pipeline.domain import Page
from pipeline.errors import ExtractError, FeedError

_GZIP = b"\x1f\x8b"
_MAGIC = (
    (b"%PDF-", "a PDF document"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\0", "a TIFF image"),
    (b"MM\0*", "a TIFF image"),
    (b"\0\0\1\0", "an icon"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"PK\x05\x06", "a zip archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an office document"),
    (b"{\\rtf", "an office document"),
    (_GZIP, "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\0", "an xz archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"ID3", "a sound recording"),
    (b"\xff\xfb", "a sound recording"),
    (b"fLaC", "a sound recording"),
    (b"OggS", "a sound recording or video"),
    (b"\x1aE\xdf\xa3", "a video"),
    (b"FLV\x01", "a video"),
    (b"\0\0\1\xba", "a video"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"\0asm", "a program"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"SQLite format 3\0", "a database"),
)
_RIFF = {b"WAVE": "a sound recording", b"AVI ": "a video", b"WEBP": "a WebP image"}
_FAMILIES = {
    "image": "an image",
    "audio": "a sound recording",
    "video": "a video",
    "font": "a font",
    "model": "a 3D model",
}
_NAMED = {
    "application/pdf": "a PDF document",
    "application/zip": "a zip archive",
    "application/gzip": "a gzip archive",
    "application/x-gzip": "a gzip archive",
    "application/json": "JSON data",
    "application/rss+xml": "a feed",
    "application/atom+xml": "a feed",
    "application/feed+json": "a feed",
    "text/css": "a style sheet",
    "text/javascript": "a script",
    "application/javascript": "a script",
}
_PAGES = ("text/html", "application/xhtml+xml", "text/plain", "application/xml", "text/xml")
_SAYS_NOTHING = ("", "application/octet-stream", "binary/octet-stream", "application/x-unknown", "unknown/unknown")
_BOMS = (codecs.BOM_UTF8, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_LOOKED_AT = 4096
# What servers mean by a name is the larger encoding that Windows made of it (Encoding Standard, section 4.2).
_MEANT = {"iso8859-1": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932", "euc_kr": "cp949"}


def require_page(page: Page) -> None:
    """Raises ExtractError with the reason where the response can be no web page."""
    other = binary(page.body)
    label = media_type(page)
    if not other and label not in (*_PAGES, *_SAYS_NOTHING) and not _is_markup(page.body, b"<!doctype html", b"<html"):
        other = _named(label)
    if other:
        raise ExtractError(f"the link leads to {other}, not to a web page")


def require_feed(page: Page) -> None:
    """Raises FeedError with the reason where the response can be no feed. A wrong label on markup is forgiven.

    A gzip file passes: sitemaps are published so, and the parser unpacks them.
    """
    other = "" if page.body.startswith(_GZIP) else binary(page.body)
    label = media_type(page)
    unlike = label.partition("/")[0] in _FAMILIES or label in ("application/pdf", "application/zip")
    if not other and unlike and not _is_markup(page.body, b"<", b"{"):
        other = _named(label)
    if other:
        raise FeedError(f"the address leads to {other}, not to a feed")


def media_type(page: Page) -> str:
    """The type that the response is labelled with, in lower case; empty where there is none."""
    return page.headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(page: Page) -> str:
    """The text encoding that the header names, as Python knows it; empty where it names none that is known."""
    label = Message()
    label["Content-Type"] = page.headers.get("content-type", "")
    named = label.get_param("charset", "")
    try:
        found = codecs.lookup(named if isinstance(named, str) else "")
    except (LookupError, ValueError):
        return ""
    # Python keeps encodings that are none of text, such as zlib, in the same register.
    return _MEANT.get(found.name, found.name) if getattr(found, "_is_text_encoding", True) else ""


def as_utf8(page: Page) -> bytes:
    """The body in UTF-8, where the header names another encoding that fits it whole; otherwise as it came."""
    named = charset(page)
    if named in ("", "utf-8") or page.body.startswith(_BOMS):
        return page.body
    try:
        page.body.decode("utf-8")
    except UnicodeDecodeError:
        try:
            return page.body.decode(named).encode("utf-8")
        except UnicodeError:
            pass
    return page.body


def binary(body: bytes) -> str:
    """What the bytes are, if anything but text: `a PDF document`. Empty for text, and for what is not known."""
    start = body[:_LOOKED_AT]
    for magic, name in _MAGIC:
        # What could begin a text is taken for a magic number only where bytes follow that could not.
        if start.startswith(magic) and (len(magic) > 3 or not magic.isalnum() or b"\0" in start):
            return name
    if start.startswith(b"RIFF") and start[8:12] in _RIFF:
        return _RIFF[start[8:12]]
    if start[4:8] == b"ftyp":
        return "an image" if start[8:12] in (b"avif", b"heic", b"mif1") else "a video"
    # A stray NUL in markup is for the parser to forgive; UTF-16 without a mark has one in every other byte.
    if b"\0" in start and not start.startswith((*_BOMS, b"<\0", b"\0<")) and not _is_markup(start, b"<", b"{"):
        return "binary data"
    return ""


def _is_markup(body: bytes, *starts: bytes) -> bool:
    return body[:_LOOKED_AT].removeprefix(codecs.BOM_UTF8).lstrip().lower().startswith(starts)


def _named(label: str) -> str:
    return _NAMED.get(label) or _FAMILIES.get(label.partition("/")[0]) or label[:60]
