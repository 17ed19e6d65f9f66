"""Article pages of an enemy, or of a broken publishing system: each is meant to stall, blow up or fool a reader."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

_WORDS = "Some words of a sentence that has an ordinary length, more or less. "


def _page(body: str, head: str = "", title: str = "A page") -> bytes:
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>".encode()


def _article(body: str, head: str = "", title: str = "A page") -> bytes:
    return _page(f"<article><h1>{title}</h1><p>{_WORDS * 4}</p>{body}</article>", head, title)


def _nested(start: str, depth: int, end: str = "") -> bytes:
    return _article(start * depth + _WORDS + end * depth)


REFUSED: dict[str, tuple[Callable[[], bytes], str]] = {
    "300,000 paragraphs": (lambda: _article("<p>word</p>" * 300_000), "600,0.. tags"),
    "200,000 line breaks": (lambda: _article("word<br>" * 200_000), "200,0.. tags"),
    "100,000 links": (lambda: _article("<a href='/x'>word</a> " * 100_000), "200,0.. tags"),
    "40,000 line breaks": (lambda: _article("word<br>" * 40_000), "40,0.. elements"),
    "nested 20,000 deep": (lambda: _nested("<div>", 20_000, "</div>"), "deeper than 250"),
    "lists in lists": (lambda: _nested("<ul><li>", 5_000), "deeper than 250"),
    "tables in tables": (lambda: _nested("<table><tr><td>", 3_000), "deeper than 250"),
    "bold that never ends": (lambda: _nested("<b>", 30_000), "deeper than 250"),
    "20 MB": (lambda: _article(f"<p>{_WORDS}</p>" * 270_000), "2.,...,... bytes"),
    "a text of 9 MB": (lambda: _article("<p>" + _WORDS * 130_000), "characters without a tag"),
    "a word of 2 MB": (lambda: _article("<p>" + "x" * 2_000_000), "characters without a tag"),
    "a million entities": (
        lambda: _article("<p>" + "&amp;" * 1_000_000 + "&nbsp;" * 500_000),
        "characters without a tag",
    ),
    "comment flood": (lambda: _article("<!-- x -->" * 300_000), "300,0.. tags"),
    "open comments": (lambda: _article("<!--" * 500_000), "500,0.. tags"),
    "less-than flood": (lambda: _article("<" * 3_000_000), "3,000,0.. tags"),
    "script flood": (lambda: _article("<script>x=1</script>" * 100_000), "200,0.. tags"),
    "template flood": (lambda: _article("<template><p>word</p></template>" * 30_000), "120,0.. tags"),
    "a bomb of 9 MB inside": (lambda: gzip.compress(b"<p>" * 3_000_000), "3,000,000 tags"),
    "noscript flood": (lambda: _article("<noscript><img src=x></noscript>" * 30_000), "60,0.. elements"),
    "unclosed elements": (lambda: _article("<p>word <i>word" * 20_000), "40,0.. elements"),
    "svg and math": (
        lambda: _article("<svg><g><path d='M0 0'/></g></svg><math><mi>x</mi></math>" * 9_000),
        "45,0.. elements",
    ),
    "frames in frames": (lambda: _article("<iframe srcdoc='&lt;iframe&gt;'>" * 60_000), "characters without a tag"),
}
"""What is refused before the slow part, with a pattern of the reason."""


READ: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "NUL bytes": lambda: b"\0" * 1_000_000,
    "binary": lambda: bytes(range(256)) * 8_000,
    "an image": lambda: b"\x89PNG\r\n\x1a\n" + bytes(range(255, -1, -1)) * 4_000,
    "compressed once more": lambda: gzip.compress(_article(f"<p>{_WORDS}</p>" * 50)),
    "a bomb of 60 MB inside": lambda: gzip.compress(b"<p>" * 20_000_000),
    "NUL bytes between": lambda: _article(f"<p>{_WORDS}</p>" * 20).replace(b" ", b"\0 "),
    "UTF-16": lambda: _article(f"<p>{_WORDS}</p>" * 20).decode().encode("utf-16"),
    "UTF-32": lambda: _article(f"<p>{_WORDS}</p>" * 20).decode().encode("utf-32"),
    "a lie about the charset": lambda: _article(f"<p>{_WORDS} äöü</p>" * 20, "<meta charset='utf-16'>"),
    "bytes of no charset": lambda: _article(f"<p>{_WORDS}</p>" * 2_000).replace(b"ordinary", b"\xff\xfe\x80\x81\x00"),
    "surrogates": lambda: _article("<p>" + "&#xD800;&#xDFFF;&#0;&#x110000;&#xFFFF;" * 2_000),
    "attributes": lambda: _article(f"<p {' '.join(f'a{n}=x' for n in range(20_000))}>{_WORDS}</p>"),
    "one attribute of 5 MB": lambda: _article(f"<p title='{'x' * 5_000_000}'>{_WORDS}</p>"),
    "a data link of 5 MB": lambda: _article(f"<p>{_WORDS}<img src='data:image/png;base64,{'A' * 5_000_000}'></p>"),
    "a style of 5 MB": lambda: _article(f"<p>{_WORDS}</p>", f"<style>{'a{b:c}' * 900_000}</style>"),
    "a script of 5 MB": lambda: _article(f"<p>{_WORDS}</p>", f"<script>{'x=1;' * 1_300_000}</script>"),
    "JSON-LD of 5 MB": lambda: _article(
        f"<p>{_WORDS}</p>", f'<script type="application/ld+json">{json.dumps(["word"] * 600_000)}</script>'
    ),
    "JSON-LD nested deep": lambda: _article(
        f"<p>{_WORDS}</p>", f'<script type="application/ld+json">{"[" * 500_000}</script>'
    ),
    "a title of 900,000": lambda: _article(f"<p>{_WORDS}</p>", title="a - " * 225_000),
    "a long run of dates": lambda: _article("<p>" + "2026-01-01T00:00:00 1 January 2026, " * 20_000 + "</p>"),
    "a long run of addresses": lambda: _article("<p>" + "a@a." * 200_000 + "</p>"),
    "dots and spaces": lambda: _article("<p>" + ". " * 400_000 + "</p>"),
    "line ends": lambda: _article("<p>" + "\n" * 900_000 + "</p>"),
    "spaces": lambda: _article("<p>" + "\u00a0 " * 300_000 + "x</p>"),
    "a line of combining marks": lambda: _article("<p>a" + "\u0301" * 400_000 + "</p>"),
    "tags in a title": lambda: b"<title>" + b"<p>" * 20_000,
    "end tags": lambda: _article("</div></p></body></html>" * 20_000),
    "wall phrases": lambda: _page("<p>" + "subscribe to continue to read the " * 20_000 + "</p>"),
    "a wall's names": lambda: _page(f"<div class='paywall'>{_WORDS}" * 200 + "</div>" * 200),
    "links in a table": lambda: _article("<table>" + "<tr><td><a href=/x>word</a></td></tr>" * 8_000 + "</table>"),
    "29,000 paragraphs": lambda: _article("<p>word <b>word</b> and some more words of text</p>" * 14_400),
}
"""What gets as far as the library, and ends in a text, a reason, or with its time limit."""


def stalling() -> bytes:
    """A page that keeps a regular expression of the library busy for hours: a doctype that is never closed."""
    return b"<!doctype " + b"/" * 3_000_000 + b"\n<html><body>" + _WORDS.encode() * 20
