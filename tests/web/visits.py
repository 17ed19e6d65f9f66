"""Visiting a site of one's own, and reading what its pages hold."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from urllib.parse import urlsplit

from pipeline.web.serve import listen_at, serve_beside
from pipeline.web.site import Site
from tests.web.conftest import Browser

_OURS = ("/static/app.js",)
_NEVER = {"iframe", "object", "embed", "base", "style", "applet", "frame", "template"}
_LINKS = ("href", "src", "action", "formaction", "srcset", "xlink:href")


@contextmanager
def visiting(site: Site) -> Iterator[Browser]:
    """A browser on this site, served meanwhile."""
    with listen_at(("127.0.0.1", 0)) as listener, serve_beside(site, listener):
        host, port = listener.getsockname()
        opened = Browser(f"http://{host}:{port}")
        with opened.session:
            yield opened


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.faults: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag in _NEVER or (tag == "script" and urlsplit(given.get("src", "")).path not in _OURS):
            self.faults.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self.faults.append("<meta http-equiv>")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.faults.append(f"{name}={value[:60]!r}")
            if name in _LINKS and urlsplit(value.strip()).scheme not in ("", "http", "https"):
                self.faults.append(f"{name}={value[:60]!r}")

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def dangers(html: str) -> list[str]:
    """What in a page could run, or lead to what runs."""
    page = _Page()
    page.feed(html)
    return page.faults


def words(html: str) -> str:
    """What a page says, on one line."""
    page = _Page()
    page.feed(html)
    return " ".join(" ".join(page.words).split())
