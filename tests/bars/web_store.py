"""A big store made up, for whatever must stay fast with very many articles and deals.

.venv/bin/python -m tests.bars.web_store FOLDER [ARTICLES [DEALS]]
"""

from __future__ import annotations

import json
import math
import random
import sqlite3
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipeline.domain import Hit, Passage
from pipeline.store import Store
from pipeline.store.sqlite import FILE
from tests.bars import web_deals
from tests.bars.bulk import in_bulk, insert, stamp
from tests.bars.prose import Prose
from tests.bars.web_deals import Piece

WATCHES = ("openai-infrastructure-deals", "anthropic-infrastructure-deals")
ONE_IN = 200
"""Of how many articles one is flagged."""

_TIERS = ("press", "official", "aggregator")
_PENDING = 40
"""How many of the last articles are not read yet."""


@dataclass(frozen=True)
class Scale:
    """How much there is: articles and deals found within `days` up to now, listed by so many feeds."""

    articles: int
    deals: int
    feeds: int = 200
    days: float = 365.0

    @property
    def span(self) -> timedelta:
        return timedelta(days=self.days)


def fill(state: Path, scale: Scale, now: datetime | None = None, seed: int = 1, pending: int = _PENDING) -> None:
    """Make a store in the state folder, in which there is none yet. Of the last articles `pending` are not read."""
    Store(state).close()
    chance, now = random.Random(seed), now or datetime.now(UTC)
    with closing(sqlite3.connect(state / FILE, isolation_level=None)) as connection, in_bulk(connection):
        _feeds(connection, chance, scale, now)
        pieces = _articles(connection, chance, scale, now, pending)
        web_deals.fill(connection, chance, pieces, scale.deals, now, math.ceil(scale.days))


def _feeds(connection: sqlite3.Connection, chance: random.Random, scale: Scale, now: datetime) -> None:
    kinds = ("well",) * 16 + ("failing", "quiet", "thin", "gone")
    columns = (
        "id url name tier active created_at next_poll etag last_modified last_poll last_success failures last_error"
        " moved_to interval rate usual last_new health"
    )
    rows = []
    for number in range(1, scale.feeds + 1):
        health = kinds[number % len(kinds)]
        asked = now - timedelta(minutes=chance.randint(1, 15))
        failures, error = (chance.randint(3, 40), "503 from the server") if health == "failing" else (0, "")
        rows.append(
            (
                number, f"https://feed-{number}.example/rss", f"Feed {number}", _TIERS[number % 3], 1,
                stamp(now - scale.span), stamp(asked + timedelta(minutes=15)), "", "", stamp(asked), stamp(asked),
                failures, error, "", 900.0, 13.7, 13.5, stamp(asked), health,
            )
        )  # fmt: skip
    insert(connection, "feed", columns, rows)
    count = max(20, math.ceil(5.5 * scale.days))
    events = [
        (number, chance.randint(1, scale.feeds), stamp(now - scale.span * (1 - number / count)), "has not answered")
        for number in range(1, count)
    ]
    insert(connection, "feedevent", "id feed_id at note", events)


def _articles(
    connection: sqlite3.Connection, chance: random.Random, scale: Scale, now: datetime, pending: int
) -> list[Piece]:
    """All articles, each listed by a feed and some by two; those that are flagged."""
    count, span, feeds = scale.articles, scale.span, scale.feeds
    prose, pieces = Prose(chance, min(count, 40_000)), []

    def rows() -> Iterator[tuple[Any, ...]]:
        for number in range(1, count + 1):
            found = now - span * ((count - number + 1) / (count + 1))
            host = f"www.outlet-{chance.randint(1, 500)}.example"
            url, title, body = f"https://{host}/news/{number}", prose.title(), prose.body()
            if number % ONE_IN == 0:
                piece = _piece(chance, number, url, host, found)
                pieces.append(piece)
                title, body = piece.title, f"{piece.quote} {body}"
            at, read = stamp(found), number <= count - pending
            source = chance.choices(("page", "feed", "none"), (96, 3, 1))[0] if read else "none"
            yield (
                number, url, url, title, "A. Writer", at, at, body[:160], "", 0, 0,
                body if source != "none" else "", source, "" if source == "page" else "The page could not be read",
                "", at if read else None, int(read), None if read else at,
            )  # fmt: skip

    columns = (
        "id identity url title author published found_at summary origin opaque edits body body_source body_note"
        " fingerprint ingested_at attempts next_try"
    )
    insert(connection, "article", columns, rows())
    listed = (
        (1 + chance.randrange(feeds), number, f"{number}-{again}", "", stamp(now - span * ((count - number) / count)))
        for number in range(1, count + 1)
        for again in range(1 + (number % 20 == 0))
    )
    insert(connection, "listing", "feed_id article_id key content seen_at", listed)
    connection.execute(
        "UPDATE feed SET entries = counted.entries FROM (SELECT feed_id, count(*) AS entries FROM listing"
        " GROUP BY feed_id) AS counted WHERE counted.feed_id = feed.id"
    )
    insert(
        connection,
        "match",
        "article_id watch matched_at score level passages reasons",
        (_match(chance, piece) for piece in pieces),
    )
    return pieces


def _piece(chance: random.Random, number: int, url: str, host: str, found: datetime) -> Piece:
    company = web_deals.company(chance)
    billions, gigawatts = chance.choice((1, 2, 5, 10, 22, 38, 100, 300)), chance.choice((0.2, 0.5, 1.0, 2.0, 4.5, 10.0))
    who = ("OpenAI", "Anthropic")[number // ONE_IN % 5 == 0]
    return Piece(
        number,
        WATCHES[number // ONE_IN % 5 == 0],
        f"{who} and {company[1]} agree on {gigawatts:g} gigawatts of data centers",
        url,
        host.removeprefix("www."),
        found,
        company,
        billions,
        gigawatts,
        f"{who} will pay {company[1]} ${billions} billion for {gigawatts:g} gigawatts of data center capacity.",
    )


def _match(chance: random.Random, piece: Piece) -> tuple[Any, ...]:
    def hit(group: str, words: str) -> Hit:
        start = piece.quote.index(words)
        return Hit(group, words, start, start + len(words))

    hits = (
        hit("who", piece.quote.split()[0]),
        hit("infrastructure", "gigawatts"),
        hit("infrastructure", "data center"),
    )
    passage = Passage("body", 0, len(piece.quote), piece.quote, hits, 0.97)
    score = round(chance.random(), 3)
    reasons = {"window": [["money", 1.5], ["rule", 2.0]], "piece": [["in the title", 2.5], ["windows", 0.4]]}
    return (
        piece.id,
        piece.watch,
        stamp(piece.found),
        score,
        "about" if score >= 0.5 else "mentions",
        json.dumps([asdict(passage)]),
        json.dumps(reasons),
    )


if __name__ == "__main__":
    started = time.monotonic()
    fill(Path(sys.argv[1]), Scale(*(int(number) for number in sys.argv[2:4] or ("1000000", "5000"))))
    sys.stdout.write(f"made in {time.monotonic() - started:.0f} s\n")
