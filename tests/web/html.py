"""Pages read as a person sees them."""

from __future__ import annotations

from typing import Any

import requests
from lxml import html

BEGINS_SCRIPT = "on"


def parsed(answer: requests.Response) -> Any:
    """The page as a tree."""
    return html.fromstring(answer.text)


def text(node: Any) -> str:
    """What is to be read there, on one line."""
    return " ".join(node.text_content().split())


def rows(tree: Any) -> list[dict[str, str]]:
    """The rows of the page's first table, each cell under the head of its column."""
    heads = [text(head).rstrip(" ↑↓") for head in tree.xpath("(//table)[1]/thead//th")]
    body = tree.xpath("(//table)[1]/tbody/tr")
    return [dict(zip(heads, map(text, row.xpath("./td")), strict=True)) for row in body]


def active(tree: Any) -> list[str]:
    """All in the page that a stranger's text could have run or loaded by."""
    found = [html.tostring(node).decode() for node in tree.xpath("//script[not(starts-with(@src, '/static/app.js'))]")]
    for node in tree.iter():
        if not isinstance(node.tag, str):
            continue
        if node.tag in ("iframe", "object", "embed", "base", "style", "svg") and "brand" not in str(
            node.getparent().get("class")
        ):
            found.append(node.tag)
        found += [
            f"{name}={value}" for name, value in node.items() if name.startswith(BEGINS_SCRIPT) or name == "style"
        ]
        for name in ("href", "src", "action", "srcset"):
            if (to := node.get(name)) and not to.startswith(("/", "#", "https://", "http://", "?")):
                found.append(f"{name}={to}")
    return found
