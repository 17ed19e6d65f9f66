"""OPML to feeds and back. Source: http://opml.org/spec2.opml. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from urllib.parse import urlsplit

from lxml import etree

from pipeline.errors import FeedError


@dataclass(frozen=True)
class Outline:
    """A subscription: its name, its URL, and the folders it lies in."""

    name: str
    url: str
    folders: tuple[str, ...] = ()


def read(document: bytes) -> list[Outline]:
    """The subscriptions in order; those without an http(s) URL are left out. Raises FeedError."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=False, huge_tree=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise FeedError(f"the file is not OPML ({error.msg}, line {error.lineno})") from error
    if etree.QName(root).localname.lower() != "opml":
        raise FeedError(f"the file is not OPML, its outermost element is <{etree.QName(root).localname}>")
    found = []
    for element in root.iter("{*}outline"):
        url = next((v.strip() for k, v in element.items() if k.lower() == "xmlurl"), "")
        if url.startswith(("http://", "https://")):
            folders = [
                parent.get("text") or parent.get("title") or "" for parent in element.iterancestors("{*}outline")
            ]
            name = (element.get("title") or element.get("text") or "").strip() or urlsplit(url).hostname or url
            found.append(Outline(" ".join(name.split()), url, tuple(f for f in reversed(folders) if f)))
    return found


def write(title: str, outlines: Iterable[Outline]) -> bytes:
    """An OPML 2.0 document, in the order given; neighbours in one folder share its element."""
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    path: list[etree._Element] = [body]
    for outline in outlines:
        path = path[: 1 + _shared(outline.folders, [folder.get("text") for folder in path[1:]])]
        for folder in outline.folders[len(path) - 1 :]:
            path.append(etree.SubElement(path[-1], "outline", text=folder))
        etree.SubElement(path[-1], "outline", type="rss", text=outline.name, title=outline.name, xmlUrl=outline.url)
    document: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return document


def _shared(folders: Sequence[str], opened: Sequence[str]) -> int:
    """How many of the first folders are the opened ones."""
    pairs = zip(folders, opened, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
