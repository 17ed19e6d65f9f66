"""HTML, or text that is none, to plain text that a database takes and a terminal may show. Pure."""

from __future__ import annotations

import re

from lxml import etree

_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "center",
        "dd",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    ]
)
_SILENT = frozenset(
    [
        "script",
        "style",
        "template",
        "title",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "textarea",
        "button",
    ]
)
# What no database takes in a text, what would steer a terminal or turn the reading direction, and what nobody sees but
# a matcher trips over.
UNSTORABLE = re.compile(
    "[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069"
    "\ufeff\ud800-\udfff\U000e0000-\U000e0fff]"
)
_MARKUP = re.compile(r"<[a-zA-Z/!]|&[#\w]+;")
_LONGEST_MARKUP = 2_000_000
_HTML = etree.HTMLParser(remove_comments=True, remove_pis=True)


def plain_text(markup: str) -> str:
    """HTML, or text that is none, as paragraphs apart by a line end. Scripts and the like are left out."""
    markup = UNSTORABLE.sub("", markup)
    if not _MARKUP.search(markup):
        return _squeeze(markup)
    try:
        root = etree.fromstring(f"<html><body>{markup[:_LONGEST_MARKUP]}", _HTML)
    except (etree.LxmlError, ValueError):
        return _squeeze(re.sub(r"<[^>]*>", " ", markup))
    pieces: list[str] = []
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in walk:
        tag = element.tag
        if tag in _BLOCKS:
            pieces.append("\n")
        if event == "end":
            if element.tail:
                pieces.append(element.tail)
        elif tag in _SILENT:
            walk.skip_subtree()
        elif element.text:
            pieces.append(element.text)
    return _squeeze("".join(pieces))


def _squeeze(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)
