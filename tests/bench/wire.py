"""Thousands of feeds on loopback, from a process of its own: each brings new entries with each poll, up to a number.

Of every so many entries one has a page of its own, a real one; the others come with their text in the feed. Started as
`python -m tests.bench.wire ENTRIES_EACH NEW_EACH ONE_IN_HAS_A_PAGE`; it prints its port.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape

from tests.bars.prose import Prose
from tests.conftest import SHARED_DATA

_LISTED = 20


class Wire:
    """What is served: `/feed/N` and `/page/N/K`, page K of feed N."""

    def __init__(self, entries: int, fresh: int, one_in: int) -> None:
        self._entries, self._fresh, self._one_in = entries, fresh, one_in
        self._polls: Counter[str] = Counter()
        self._pages = [path.read_bytes() for path in sorted((SHARED_DATA / "pages").glob("*.html"))]
        self._texts = _texts()
        self.base = ""

    def answer(self, path: str) -> tuple[bytes, str]:
        """Body and type."""
        kind, _, rest = path.lstrip("/").partition("/")
        if kind == "page":
            feed, _, number = rest.partition("/")
            return self._pages[(int(feed) * 7 + int(number)) % len(self._pages)], "text/html"
        self._polls[rest] += 1
        last = min(self._entries, self._polls[rest] * self._fresh)
        return self._document(int(rest), range(max(0, last - _LISTED), last)).encode(), "application/rss+xml"

    def _document(self, feed: int, numbers: Sequence[int]) -> str:
        now = format_datetime(datetime.now(UTC))
        items = "".join(self._item(feed, number, now) for number in reversed(numbers))
        return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Feed {feed}</title>{items}</channel></rss>'

    def _item(self, feed: int, number: int, now: str) -> str:
        at = feed * self._entries + number
        title, text = self._texts[at % len(self._texts)]
        link = f"<link>{self.base}/page/{feed}/{number}</link>" if at % self._one_in == 0 else ""
        return (
            f'<item><guid isPermaLink="false">{feed}-{number}</guid><title>{escape(title)}, {at}</title>{link}'
            f"<pubDate>{now}</pubDate><description>{escape(text)}</description></item>"
        )


def _texts() -> list[tuple[str, str]]:
    """Titles and texts: a hundred made up, and those of real news."""
    prose = Prose(random.Random(3), 2000)
    made = [(prose.title(), f"{prose.body()} {prose.body()}") for _ in range(100)]
    with (SHARED_DATA / "corpus" / "stream.jsonl").open(encoding="utf-8") as stream:
        items = [json.loads(line) for line in stream]
    return made + [(item["title"], (item["text"] or item["summary"] or "")[:3000]) for item in items]


async def _serve(wire: Wire) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                while (await reader.readline()).strip():
                    pass
                body, kind = wire.answer(line.split()[1].decode())
                head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}; charset=utf-8\r\nContent-Length: {len(body)}\r\n\r\n"
                writer.write(head.encode() + body)
                await writer.drain()
        except ConnectionError:
            pass  # a client that leaves
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    wire.base = f"http://127.0.0.1:{port}"
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_serve(Wire(*map(int, sys.argv[1:4]))))
