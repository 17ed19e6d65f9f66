"""Feeds parsed in processes that can be killed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.errors import FeedError
from pipeline.ingest.feed_parser import FeedParser
from pipeline.ingest.parse import parse
from tests.support.attacks import attacks
from tests.support.world import rss

URL = "https://news.example/feed"
GOOD = rss([{"title": "A title", "link": "/one", "guid": "1"}]).encode()

ENV = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
LOADED = """
import sys
from pipeline.ingest import feed_parser, workers

def loaded():
    return [name for name in ("feedparser", "trafilatura") if name in sys.modules]

if __name__ == "__main__":
    with feed_parser.FeedParser() as parser:
        parser.parse(sys.argv[1].encode(), "https://news.example/feed")
        inside = parser._workers.run(loaded)
    print(loaded(), inside)
"""


@pytest.fixture(scope="module")
def parser() -> Iterator[FeedParser]:
    with FeedParser(1, 60) as parser:
        yield parser


def test_good_feed(parser: FeedParser) -> None:
    """The entries are those that the parser gives in this process."""
    assert parser.parse(GOOD, URL) == parse(GOOD, URL)


@pytest.mark.parametrize("body", [b"", b"no feed", b"<html><body>A page</body></html>"])
def test_no_feed(parser: FeedParser, body: bytes) -> None:
    """What the parser says of bytes that are no feed passes through."""
    with pytest.raises(FeedError) as wanted:
        parse(body, URL)
    with pytest.raises(FeedError) as found:
        parser.parse(body, URL)

    assert str(found.value) == str(wanted.value)


def test_too_long() -> None:
    """A feed that takes too long is an error that says so; the next one is parsed by another process."""
    endless = attacks(1, "/nowhere")["flood of escaped tags"]()
    with FeedParser(1, 0.2) as parser, pytest.raises(FeedError, match=r"^parsing took longer than 0\.2 s$"):
        parser.parse(endless, URL)


def test_closed() -> None:
    """Once closed, a feed is refused."""
    parser = FeedParser()
    parser.close()

    with pytest.raises(FeedError, match="stopped"):
        parser.parse(GOOD, URL)


def test_what_is_loaded_where(tmp_path: Path) -> None:
    """The processes hold the feed parsers but not the extraction; the main process holds neither."""
    script = tmp_path / "loaded.py"
    script.write_text(LOADED)
    done = subprocess.run([sys.executable, script, GOOD.decode()], capture_output=True, text=True, check=True, env=ENV)

    assert done.stdout.strip() == "[] ['feedparser']"
