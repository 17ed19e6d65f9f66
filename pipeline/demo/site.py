"""The sample news site: feeds and article pages on loopback."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape as xml

import yaml

_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}


@dataclass(frozen=True)
class Piece:
    """A sample article. `flagged`: whether it mentions an OpenAI infrastructure deal."""

    slug: str
    feeds: tuple[str, ...]
    published: datetime
    title: str
    author: str
    summary: str
    body: str
    flagged: bool


@dataclass(frozen=True)
class SampleFeed:
    slug: str
    title: str
    tier: str
    format: str


@dataclass(frozen=True)
class Site:
    """Feeds and pieces, served under `base`."""

    base: str
    feeds: tuple[SampleFeed, ...]
    pieces: tuple[Piece, ...]


def load(now: datetime) -> tuple[tuple[SampleFeed, ...], tuple[Piece, ...]]:
    """The sample content, dated relative to `now`."""
    content = yaml.safe_load((Path(__file__).parent / "site.yaml").read_text(encoding="utf-8"))
    feeds = tuple(SampleFeed(f["slug"], f["title"], f["tier"], f["format"]) for f in content["feeds"])
    return feeds, tuple(_piece(article, now) for article in content["articles"])


def _piece(article: dict[str, Any], now: datetime) -> Piece:
    hour, minute = map(int, article["time"].split(":"))
    day = now.astimezone(UTC) + timedelta(days=article["day"])
    return Piece(
        slug=article["slug"],
        feeds=tuple(article["feeds"]),
        published=min(day.replace(hour=hour, minute=minute, second=0, microsecond=0), now),
        title=article["title"],
        author=article["author"],
        summary=article["summary"],
        body=article["body"],
        flagged=article["flagged"],
    )


@contextmanager
def serve(now: datetime) -> Iterator[Site]:
    """The site on a free port of 127.0.0.1, until the block ends."""
    feeds, pieces = load(now)
    documents: dict[str, tuple[str, bytes]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            kind, body = documents.get(self.path, ("", b""))
            tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
            if not kind:
                self.send_error(404)
                return
            unchanged = self.headers.get("If-None-Match") == tag
            self.send_response(304 if unchanged else 200)
            self.send_header("ETag", tag)
            if not unchanged:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if not unchanged:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """The pipeline's own output is what a person came to see."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        site = Site(f"http://127.0.0.1:{server.server_address[1]}", feeds, pieces)
        for feed in feeds:
            listed = [piece for piece in pieces if feed.slug in piece.feeds]
            documents[f"/{feed.slug}"] = (_TYPES[feed.format], feed_document(site.base, feed, listed))
        for piece in pieces:
            documents[f"/news/{piece.slug}"] = ("text/html; charset=utf-8", page(piece))
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield site
        finally:
            server.shutdown()
            thread.join()


def feed_document(base: str, feed: SampleFeed, pieces: list[Piece]) -> bytes:
    """The feed in its format, newest piece first."""
    pieces = sorted(pieces, key=lambda piece: piece.published, reverse=True)
    makers = {"rss": _rss, "atom": _atom, "json": _json}
    return makers[feed.format](base, feed, pieces).encode()


def _rss(base: str, feed: SampleFeed, pieces: list[Piece]) -> str:
    items = "".join(
        f"<item><title>{xml(p.title)}</title><link>{base}/news/{p.slug}</link><guid isPermaLink='false'>{p.slug}</guid>"
        f"<pubDate>{format_datetime(p.published)}</pubDate><description>{xml(p.summary)}</description></item>"
        for p in pieces
    )
    head = f"<title>{xml(feed.title)}</title><link>{base}/</link><description>Sample feed</description>"
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{head}{items}</channel></rss>'


def _atom(base: str, feed: SampleFeed, pieces: list[Piece]) -> str:
    entries = "".join(
        f"<entry><title>{xml(p.title)}</title><link href='{base}/news/{p.slug}'/><id>urn:sample:{p.slug}</id>"
        f"<updated>{p.published.isoformat()}</updated><author><name>{xml(p.author)}</name></author>"
        f"<summary>{xml(p.summary)}</summary></entry>"
        for p in pieces
    )
    latest = pieces[0].published.isoformat()
    head = f"<title>{xml(feed.title)}</title><id>urn:sample:{feed.slug}</id><updated>{latest}</updated>"
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{entries}</feed>'


def _json(base: str, feed: SampleFeed, pieces: list[Piece]) -> str:
    items = [
        {
            "id": piece.slug,
            "url": f"{base}/news/{piece.slug}",
            "title": piece.title,
            "content_text": piece.summary,
            "date_published": piece.published.isoformat(),
            "authors": [{"name": piece.author}],
        }
        for piece in pieces
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": feed.title, "items": items})


def page(piece: Piece) -> bytes:
    """The article's page, with what a real one has around the text."""
    paragraphs = "".join(f"<p>{escape(' '.join(p.split()))}</p>" for p in piece.body.split("\n\n") if p.strip())
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(piece.title)}</title></head><body>
<header><nav><a href="/">Home</a> <a href="/markets">Markets</a> <a href="/subscribe">Subscribe</a></nav></header>
<aside>Sample page of Dealwire's demo, written for it; not a news report.</aside>
<main><article><h1>{escape(piece.title)}</h1>
<p class="byline">By {escape(piece.author)}</p>{paragraphs}</article></main>
<footer>Sample site. <a href="/terms">Terms</a> <a href="/privacy">Privacy</a></footer>
</body></html>""".encode()
