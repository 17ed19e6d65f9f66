"""HTML of an article page to its text, in processes that can be killed."""

from __future__ import annotations

import logging
import re
import warnings
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING

from pipeline.errors import ExtractError
from pipeline.ingest.workers import Closing, Crashed, Raised, Stopped, TookTooLong, WorkerError, Workers

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Of real article pages the largest have 1.4 MB, 10,300 `<`, 5,500 elements, and a depth of 42. The library needs 3 s
# for 30,000 to 50,000 elements, and more than in proportion beyond; its parser drops what lies deeper than 255.
_MOST_BYTES = 10 * 2**20
_MOST_TAGS = 100_000
_MOST_ELEMENTS = 30_000
_DEEPEST = 250
_LONGEST_TEXT_NODE = 1_000_000
_LONGEST_TEXT = 500_000
_TOO_DEEP = f"boolean({'/*' * (_DEEPEST + 1)})"
_CODE = ("script", "style", "template", "noscript", "svg", "textarea")
_TOO_LONG = f"//text()[string-length() > {_LONGEST_TEXT_NODE}][not({' or '.join(f'parent::{tag}' for tag in _CODE)})]"
_UNREAD = (
    *("href", "rel", "target", "srcset", "sizes", "title", "alt", "width", "height", "loading", "decoding"),
    *("data-src", "data-srcset", "onclick", "tabindex", "aria-label", "placeholder", "method", "action", "for"),
)
"""Attributes that neither the library nor `walls` looks at, and many a page has by the hundred."""


@dataclass(frozen=True)
class Extracted:
    """The article's text, one paragraph a line. `wall` says what it ends at, such as a paywall; empty where nothing."""

    text: str
    wall: str = ""


def extract(html: bytes) -> Extracted:
    """The article of a page; its text is empty where there is none. Slow on some pages: see `Extractor`.

    Raises ExtractError where the page is too large to be read, or stands in the article's place.
    """
    from pipeline.ingest.walls import Wall, judge

    tree = _tree(html)
    if tree is None:
        return Extracted("")
    scripts = _without_code(tree)
    found = _trafilatura().extract(tree, include_comments=False, with_metadata=False) or ""
    text = re.sub(r"\n{2,}", "\n", found).strip()
    if len(text) > _LONGEST_TEXT:
        text = text[:_LONGEST_TEXT].rpartition("\n")[0] or text[:_LONGEST_TEXT]
    judged = judge(tree, text, scripts)
    if judged.wall in (Wall.NONE, Wall.PAYWALL):
        return Extracted(judged.text, judged.wall.value)
    raise ExtractError(f"the page is no article but a {judged.wall}", retry=judged.wall in (Wall.BOT_CHECK, Wall.ERROR))


def _tree(html: bytes) -> HtmlElement | None:
    """The page, parsed; None where nothing of it is HTML. Raises ExtractError where it is too large for that."""
    from trafilatura.utils import decode_file

    if len(html) > _MOST_BYTES:
        raise ExtractError(f"the page has {len(html):,} bytes; more than {_MOST_BYTES:,} are not read")
    try:
        decoded = html.decode()
    except UnicodeDecodeError:
        decoded = decode_file(html, _MOST_BYTES)  # it also unpacks what a server packed once too often
    tags = decoded.count("<")
    if tags > _MOST_TAGS:
        raise ExtractError(f"the page has {tags:,} tags; more than {_MOST_TAGS:,} are not read")
    tree: HtmlElement | None = _trafilatura().load_html(decoded)
    if tree is not None:
        _check_size(tree, len(decoded))
    return tree


def _check_size(tree: HtmlElement, size: int) -> None:
    """Refuse a tree that would take the library too long. Raises ExtractError.

    `size`: how many characters it was made of.
    """
    elements = int(tree.xpath("count(//*)"))
    if elements > _MOST_ELEMENTS:
        raise ExtractError(f"the page has {elements:,} elements; more than {_MOST_ELEMENTS:,} are not read")
    if tree.xpath(_TOO_DEEP):
        raise ExtractError(f"the page nests its elements deeper than {_DEEPEST}, which is not read")
    if size > _LONGEST_TEXT_NODE and (texts := tree.xpath(_TOO_LONG)):
        long = f"{len(texts[0]):,} characters without a tag"
        raise ExtractError(f"the page has {long}; more than {_LONGEST_TEXT_NODE:,} are not read")


def _without_code(tree: HtmlElement) -> list[HtmlElement]:
    """Take out what is none of the text, as the library copies the tree again and again; the scripts among it.

    Those that hold data of the page stay.
    """
    from lxml import etree

    scripts = [script for script in tree.iter("script") if script.get("type") != "application/ld+json"]
    for script in scripts:
        script.drop_tree()
    etree.strip_elements(tree, "style", "svg", with_tail=False)
    etree.strip_attributes(tree, *_UNREAD)
    return scripts


@cache
def _trafilatura() -> ModuleType:
    """The library, loaded where it is used: in the workers, so that the main process need not hold it."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it looks for a SOCKS proxy's package, which nothing here needs
        import trafilatura
    from lxml import etree
    from lxml import html as markup

    # Else a function in Python is asked of what class each element is to be, which takes a tenth of all the time.
    trafilatura.utils.HTML_PARSER.set_element_class_lookup(etree.ElementDefaultClassLookup(element=markup.HtmlElement))
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    return trafilatura


def page_title(html: bytes) -> str:
    """The page's own title; empty where it has none."""
    from lxml import etree
    from lxml import html as markup

    try:
        # Without this, lxml reads undeclared UTF-8 as Latin-1.
        parser = markup.HTMLParser(encoding="utf-8") if _is_utf8(html) else None
        found = markup.fromstring(html, parser=parser).findtext(".//title")
    except (etree.LxmlError, ValueError):
        return ""
    return " ".join((found or "").split())


def _is_utf8(html: bytes) -> bool:
    try:
        html.decode()
    except UnicodeDecodeError:
        return False
    return True


class Extractor(Closing):
    """Runs `extract` in spawned processes, `timeout` seconds a page; a page that takes longer costs its process.

    The processes start with the first page, so a run without pages pays nothing.
    """

    def __init__(self, processes: int | None, timeout: float) -> None:
        self._workers = Workers(processes, timeout, _load)

    def read(self, html: bytes, *, urgent: bool = False) -> Extracted:
        """The article of a page, once a process is free: an urgent one before the others that wait.

        Raises ExtractError with the reason where there is none.
        """
        run = self._workers.run_next if urgent else self._workers.run
        try:
            found = run(extract, html)
        except TookTooLong as error:
            raise ExtractError(f"extraction took longer than {self._workers.timeout:g} s") from error
        except Crashed as error:
            raise ExtractError("the page crashed extraction twice", retry=True) from error
        except Raised as error:
            raise ExtractError(f"extraction failed ({error.kind})") from error
        except Stopped as error:
            raise ExtractError("extraction has been stopped", retry=True) from error
        if not found.text:
            raise ExtractError(
                "the page is a paywall, and shows no text of the article"
                if found.wall
                else "no article text was found on the page"
            )
        return found

    def title(self, html: bytes) -> str:
        """The page's own title; empty where it has none, or where it cannot be read."""
        try:
            return self._workers.run(page_title, html)
        except WorkerError:
            return ""

    def close(self) -> None:
        """Kill the processes; pages under way are given up."""
        self._workers.close()


def _load() -> None:
    import pipeline.ingest.walls  # noqa: F401

    _trafilatura()
