"""Documents made to harm: each ends in entries or in a FeedError, and reaches nothing outside itself."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from pipeline.errors import FeedError
from pipeline.ingest.document import MOST_ITEMS
from pipeline.ingest.parse import parse
from tests.support.attacks import CAP, Make, attacks

SECRET = "what stands in this file"
ENTRIES = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")


@dataclass
class Traps:
    """A server that nobody may call and a file that nobody may read; `made` are the documents that name them."""

    server: socket.socket
    made: dict[str, Make]

    def calls(self) -> int:
        """How many connections came since the last time: they wait to be accepted, however they ended."""
        count = 0
        while True:
            try:
                self.server.accept()[0].close()
            except BlockingIOError:
                return count
            count += 1


@pytest.fixture(scope="module")
def traps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Traps]:
    marker = tmp_path_factory.mktemp("secrets") / "marker"
    marker.write_text(SECRET)
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield Traps(server, attacks(server.getsockname()[1], str(marker)))


NAMES = list(attacks(1, "/nowhere"))


def test_there_are_enough() -> None:
    """Forty kinds at least, none of them larger than what the HTTP client lets through by much."""
    assert len(NAMES) >= 40


@pytest.mark.parametrize("name", NAMES)
def test_attack(name: str, traps: Traps) -> None:
    """Entries of http(s) links and harmless text, or a FeedError; in time, with no file read and no address called."""
    document = traps.made[name]()
    started = time.process_time()
    try:
        found = parse(document, "https://news.example/feed")
        told = repr(found)
        entries = found.entries
    except FeedError as error:
        told, entries = str(error), ()
    taken = time.process_time() - started

    assert taken < 20  # two seconds at most on an idle machine; what this guards against takes minutes
    assert len(document) <= CAP + 4096
    assert SECRET not in told
    assert traps.calls() == 0
    assert len(entries) <= MOST_ITEMS
    assert len(told) <= 3_000_000
    for entry in entries:
        assert re.match(r"https?://[^/\s]", entry.url) or entry.url == ""
        assert not ENTRIES.search(entry.title + entry.text + entry.guid + entry.author)


def test_the_trap_would_tell(traps: Traps) -> None:
    """A connection to the server is seen, even one that is given up at once."""
    socket.create_connection(traps.server.getsockname()).close()
    deadline = time.monotonic() + 30
    calls = 0
    while not calls and time.monotonic() < deadline:
        calls += traps.calls()

    assert calls == 1


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("billion laughs", "entities by other entities"),
        ("entities of UTF-16", "entities by other entities"),
        ("parameter entities", "entities by other entities"),
        ("quadratic blow-up", "grow to more than"),
        ("quadratic blow-up in ill-formed XML", "grow to more than"),
        ("sitemap with a bomb", "grow to more than"),
        ("100,000 entities", "more than 500 entities"),
        ("100,000 attributes", "more than 200 attributes"),
        ("100,000 namespaces", "more than 200 attributes"),
        ("a gzip bomb", "gzip file of more than"),
        ("gzip in name only", "damaged gzip file"),
        ("a path", "neither XML nor JSON"),
        ("a URL", "neither XML nor JSON"),
        ("an image", "neither XML nor JSON"),
        ("a web page of 4 MiB", "a web page"),
        ("an OPML list", "list of feeds"),
        ("JSON, deep lists", "not a feed"),
        ("JSON cut off", "broken"),
        ("sitemap of pages", "without news"),
        ("index of sitemaps", "index of sitemaps.*s.xml"),
    ],
)
def test_what_is_refused(name: str, reason: str, traps: Traps) -> None:
    """What is refused is told for what it is."""
    with pytest.raises(FeedError, match=reason):
        parse(traps.made[name](), "https://news.example/feed")


@pytest.mark.parametrize(
    ("name", "titles"),
    [
        ("UTF-8 that is Latin-1", ["Zürich news"]),
        ("UTF-8 that is Windows-1252", ["“quoted” € news"]),
        ("UTF-16 with a mark", ["Zürich — 10 €"]),
        ("UTF-16 without a mark", ["Zürich — 10 €"]),
        ("UTF-16 big-endian without a mark", ["Zürich — 10 €"]),
        ("UTF-16 cut in a character", ["Zürich — 10 €"]),
        ("UTF-32", ["Zürich — 10 €"]),
        ("declared UTF-16, is UTF-8", ["Zürich — 10 €"]),
        ("unknown encoding", ["Zürich — 10 €"]),
        ("encoding that is no text", ["Zürich — 10 €"]),
        ("NULs between the letters", ["Plain news"]),
        ("a gzip file cut off", ["Plain news"]),
        ("bare ampersands", ["AT&T and S&P"]),
        ("text before the document", [f"News {n}" for n in range(20)]),
        ("cut at 50 %", [f"News {n}" for n in range(10)]),
        ("external DTD", ["Plain news"]),
        ("style sheet", ["Plain news"]),
        ("JSON, lists for strings", [""]),
        ("JSON, UTF-16", ["t"]),
        ("RSS 1", ["t"]),
        ("no quotes", ["t"]),
        ("capital letters", ["t"]),
        ("title of tags", ["x"]),
    ],
)
def test_what_is_read(name: str, titles: list[str], traps: Traps) -> None:
    """What is merely odd gives the entries that it holds."""
    found = [entry.title for entry in parse(traps.made[name](), "https://news.example/feed").entries]

    assert found[: len(titles)] == titles


@pytest.mark.parametrize("name", ["200,000 items", "JSON, 200,000 items", "100,000 Atom entries"])
def test_of_too_many_items_the_first_are_read(name: str, traps: Traps) -> None:
    """A document of more items than anyone reads gives the first 2,000."""
    found = parse(traps.made[name](), "https://news.example/feed").entries

    assert len(found) == 2_000
    assert [entry.guid for entry in found[:3]] == ["0", "1", "2"]
    assert found[-1].guid == "1999"
