"""Bytes from a stranger to a document that a parser may be given: unpacked, UTF-8, of bearable size. Pure.

What is refused here would cost a parser more time or memory than any feed is worth. The rest is still best read where
it can be killed.
"""

from __future__ import annotations

import codecs
import re
import zlib
from dataclasses import dataclass
from html.entities import html5
from itertools import islice
from xml.parsers import expat

from pipeline.errors import FeedError

MOST_ITEMS = 2_000
_MOST_BYTES = 10 * 2**20
_HEAD = 65_536
_LONG_TAG, _MOST_ATTRIBUTES = 1_024, 200
_MOST_ENTITIES, _MOST_EXPANSION = 500, 2**20
_BLANK = "\ufeff \t\r\n\0"
_MIXED_UP = ("punycode", "idna", "utf-7", "unicode_escape", "raw_unicode_escape", "undefined")
_ILLEGAL = bytes(c for c in range(32) if c not in b"\t\n\r")
_DECLARED = re.compile(rb"<\?xml\b[^>]{0,200}?\sencoding\s*=\s*[\"']\s*([^\"'>]*?)\s*[\"']")
_ENCODING = re.compile(rb"(<\?xml\b[^>]{0,200}?)\s+encoding\s*=\s*[\"'][^\"'>]*[\"']")
_BEGINNING = re.compile(rb"<\?xml\s|<rss\b|<feed\b|<rdf:RDF\b|<urlset\b")
_ASIDES = re.compile(rb"(?:\s+|<!--.*?-->|<\?.*?\?>)*+", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE\b[^\[>]*+(\[.*?\]\s*+)?+>", re.DOTALL | re.IGNORECASE)
_ELEMENT = re.compile(rb"<((?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*))")
_ITEMS = {"feed": rb"entry", "urlset": rb"url"}
_ENTITY = re.compile(rb"<!ENTITY\s+(%\s+)?([^\s\"'>]{1,200})\s+(?:\"([^\"]*)\"|'([^']*)')")
_REFERENCE = re.compile(rb"&([A-Za-z_][\w.-]{0,199});")
_MOST_MENDED = 200_000
_REFERENCES = re.compile(
    rb"<!\[CDATA\[.*?(?:\]\]>|\Z)|<!--.*?(?:-->|\Z)"
    rb"|&(?:#[xX]([0-9a-fA-F]{1,6});|#[0-9]{1,7};|([A-Za-z][A-Za-z0-9]{1,31});)?",
    re.DOTALL,
)
_OF_XML = (b"amp", b"lt", b"gt", b"quot", b"apos")


@dataclass(frozen=True)
class Document:
    """`body` is UTF-8 from its first mark on; `root` the local name of the outermost element in lower case, if any.

    Of more than 2,000 items only the first are left: feeds list the newest first, and none is read so rarely that more
    could be news.
    """

    body: bytes
    root: str
    well_formed: bool
    has_entities: bool

    @property
    def is_json(self) -> bool:
        return self.body[:1] in (b"{", b"[")


def open_document(body: bytes) -> Document:
    """What the bytes hold. Raises FeedError for what is no XML or JSON, or more of it than any feed."""
    body = _as_utf8(_unpacked(body)).translate(None, _ILLEGAL).lstrip()
    if not body:
        raise FeedError("the document is empty")
    if body[:1] in b"{[":
        return Document(body, "", well_formed=False, has_entities=False)
    if body[:1] != b"<":
        beginning = _BEGINNING.search(body, 0, _HEAD)
        if beginning is None:
            raise FeedError("the document is neither XML nor JSON")
        body = body[beginning.start() :]
    asides = _ASIDES.match(body)
    start = asides.end() if asides else 0
    doctype = _DOCTYPE.match(body, start)
    has_entities = bool(doctype and doctype[1]) and _check_entities(body)
    _check_tags(body)
    element = _ELEMENT.search(body, doctype.end() if doctype else start)
    root = element[2].decode().lower() if element else ""
    body = _shortened(body, root, element[1] if element else b"")
    is_well_formed = _is_well_formed(body)
    if not is_well_formed and not has_entities and body.count(b"&") <= _MOST_MENDED:
        body = _REFERENCES.sub(_mended, body)
        is_well_formed = _is_well_formed(body)
    return Document(body, root, is_well_formed, has_entities)


def _unpacked(body: bytes) -> bytes:
    """What a gzip file holds (RFC 1952); all else as it is. Of a file that breaks off, what can be read."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpack = zlib.decompressobj(wbits=31)
    try:
        found = unpack.decompress(body, _MOST_BYTES)
    except zlib.error as error:
        raise FeedError(f"the document is a damaged gzip file ({error})") from error
    if unpack.unconsumed_tail:
        raise FeedError(f"the document is a gzip file of more than {_MOST_BYTES:,} bytes")
    return found


def _as_utf8(body: bytes) -> bytes:
    """The text in UTF-8, from whatever it is in by its mark, its NUL bytes or its declaration; without byte order mark.

    Source: XML 1.0, appendix F; as browsers do, Latin-1 is taken for Windows-1252.
    """
    body = body.removeprefix(codecs.BOM_UTF8).lstrip()
    declared = _DECLARED.match(body)
    encoding = _by_bytes(body) or (_known(declared[1]) if declared else "")
    if encoding:
        body = _decoded(body, encoding).lstrip(_BLANK).encode("utf-8", "replace")
    elif not body.isascii():
        body = _utf8_or_western(body).encode("utf-8", "replace")
    stated = _ENCODING.match(body)
    return stated[1] + body[stated.end() :] if stated else body


def _by_bytes(body: bytes) -> str:
    """The encoding of two or four bytes per character that the beginning shows; empty where it shows none."""
    if body.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    first = bytes(min(byte, 1) for byte in body[:4])
    patterns = {b"\1\0\0\0": "utf-32-le", b"\0\0\0\1": "utf-32-be"}
    patterns |= {b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be"}
    return patterns.get(first, "")


def _known(name: bytes) -> str:
    """The codec of a declared encoding in which ASCII is written as ever; empty for UTF-8 and for what is unknown."""
    label = name.decode("ascii", "replace").strip().lower()
    try:
        codec = codecs.lookup(label).name if len(label) <= 40 and label not in _MIXED_UP else "utf-8"
        reads = b"<a b='c'>".decode(codec) == "<a b='c'>"
    except (LookupError, ValueError):
        return ""
    if codec in _MIXED_UP or codec in ("utf-8", "utf-8-sig", "ascii") or not reads:
        return ""
    return "windows-1252" if codec == "iso8859-1" else codec


def _decoded(body: bytes, encoding: str) -> str:
    try:
        return body.decode(encoding)
    except UnicodeDecodeError:
        # Windows-1252 leaves five bytes without a meaning; one character cut in two is no reason to guess anew.
        return body.decode("latin-1" if encoding == "windows-1252" else encoding, "replace")


def _utf8_or_western(body: bytes) -> str:
    """UTF-8 where most of what is not ASCII reads as such, or else Windows-1252."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    whole = sum(map(len, re.findall(r"[^\x00-\x7f\ufffd]+", text))) if broken else 1
    return text if broken <= whole else body.decode("windows-1252", "replace")


def _check_entities(body: bytes) -> bool:
    """Whether the document defines entities. Raises FeedError where they are more than names for a few characters."""
    sizes: dict[bytes, int] = {}
    for found in _ENTITY.finditer(body):
        value = found[3] or found[4] or b""
        if found[1] or _REFERENCE.search(value) or b"%" in value:
            raise FeedError("the document defines entities by other entities, as bombs do")
        sizes[found[2]] = len(value)
        if len(sizes) > _MOST_ENTITIES:
            raise FeedError(f"the document defines more than {_MOST_ENTITIES} entities")
    if sum(sizes.get(reference[1], 0) for reference in _REFERENCE.finditer(body)) > _MOST_EXPANSION:
        raise FeedError(f"the document's own entities grow to more than {_MOST_EXPANSION:,} bytes")
    return bool(sizes)


def _check_tags(body: bytes) -> None:
    """Parsers compare every attribute with every other."""
    for tag in re.finditer(rb"<[A-Za-z_][^<>]{%d,}" % _LONG_TAG, body):
        if tag[0].count(b"=") > _MOST_ATTRIBUTES:
            raise FeedError(f"a tag of the document holds more than {_MOST_ATTRIBUTES} attributes")


def _shortened(body: bytes, root: str, outermost: bytes) -> bytes:
    """The document up to its last item that is read, and ended there."""
    item = re.compile(rb"<(?:[A-Za-z_][\w.-]{0,30}:)?%b[\s>/]" % _ITEMS.get(root, b"item"))
    cut = next(islice(item.finditer(body), MOST_ITEMS, None), None)
    if cut is None:
        return body
    channel = re.search(rb"<([^\s<>/?!]{0,30}channel)[\s>]", body[:_HEAD]) if root == "rss" else None
    return body[: cut.start()] + b"".join(b"</%b>" % name for name in (channel and channel[1], outermost) if name)


def _mended(found: re.Match[bytes]) -> bytes:
    """A bare ampersand or a name of HTML as XML has it; parsers drop or mangle both, and a company's name with it."""
    hexadecimal, name = found[1], found[2]
    if found[0] == b"&":
        return b"&amp;"
    if hexadecimal:
        return b"&#x%b;" % hexadecimal
    if not name or name in _OF_XML:
        return found[0]
    meant = html5.get(f"{name.decode()};")
    return b"".join(b"&#%d;" % ord(c) for c in meant) if meant else b"&amp;%b;" % name


def _is_well_formed(body: bytes) -> bool:
    parser = expat.ParserCreate("utf-8", " ")
    try:
        parser.Parse(body, True)
    except expat.ExpatError:
        return False
    return True
