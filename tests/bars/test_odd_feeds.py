"""Real and odd feeds against feedparser: the same entries, but for differences that are meant."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import feedparser
import pytest

from pipeline import flow
from pipeline.domain import Entry
from pipeline.engine.stages import drain
from pipeline.errors import FeedError
from pipeline.ingest.feed_parser import FeedParser
from pipeline.ingest.links import canonical
from pipeline.ingest.parse import parse
from pipeline.ingest.plain import plain_text
from pipeline.ingest.workers import Workers
from pipeline.store import articles, feeds
from tests.conftest import Every, MakeTools
from tests.support.attacks import attacks
from tests.support.web import Web

URL = "https://news.example/feeds/all.xml"
_SMALL = 2**20  # bytes; the large ones are tried one by one, in test_attacks.py
_BATCH = 50

RELATIVE = "a relative link is made absolute"
NO_URL = "an id that is no URL is no link"
ABOUT = "an id that is a URL is the link where there is no other, whatever it says of itself"
FRACTION = "fractions of a second are kept"
NO_NEWS = "a year before 1990 is no news' date"
JSON = "feedparser knows no JSON Feed"
GUESSED = "an ill-formed document in no readable encoding is garbage in both"
MENDED = "what stands in the document twice encoded stays so"
BROKEN = "feedparser finds nothing in an ill-formed document"
REASONS = [RELATIVE, NO_URL, ABOUT, FRACTION, NO_NEWS, JSON, GUESSED, MENDED, BROKEN]


def differences(body: bytes) -> Iterator[str]:
    """Why feedparser says otherwise, for every time it does; without a good reason it starts with a !."""
    theirs = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False)
    try:
        ours = parse(body, URL).entries
    except FeedError as error:
        if theirs.entries:
            yield f"!refused: {error}"
        return
    if len(ours) != len(theirs.entries):
        is_ours = not theirs.entries and theirs.bozo
        yield (JSON if body.startswith(b"{") else BROKEN) if is_ours else f"!{len(ours)} of {len(theirs.entries)}"
        return
    site = urljoin(URL, theirs.feed.get("link") or "")
    for our, their in zip(ours, theirs.entries, strict=True):
        yield from _of_title(our, their, bool(theirs.bozo))
        yield from _of_link(our, their, site)
        yield from _of_date(our, their)


def _differences(bodies: list[bytes]) -> list[list[str]]:
    return [list(differences(body)) for body in bodies]


def _of_title(our: Entry, their: Any, is_ill_formed: bool) -> Iterator[str]:
    title = plain_text(their.get("title") or "").replace("\n", " ")[:1000]
    if our.title == title:
        return
    try:
        mended = our.title.encode("windows-1252").decode() == title
    except UnicodeError:
        mended = False
    if mended or _twice_encoded(our.title) == title:
        yield MENDED
    else:
        yield GUESSED if is_ill_formed and not title.isascii() else f"!title {our.title!r}, not {title!r}"


def _twice_encoded(text: str) -> str:
    """The text with each run of characters that reads as UTF-8 in bytes of Latin-1 so read."""
    return "".join(
        part if part.isascii() else part.encode("latin-1", "replace").decode("utf-8", "replace")
        for part in text.split("\0")
    )


def _of_link(our: Entry, their: Any, site: str) -> Iterator[str]:
    link = (their.get("link") or "").strip()
    if our.url == canonical(link):
        return
    if our.url == "" and link == their.get("id") and "://" not in link:
        yield NO_URL
    elif our.url == canonical(urljoin(site, link).replace(" ", "%20")):
        yield RELATIVE if link else ABOUT
    else:
        yield ABOUT if not link and our.url == our.guid else f"!link {our.url}, not {link!r}"


def _of_date(our: Entry, their: Any) -> Iterator[str]:
    parsed = their.get("published_parsed") or dict.get(their, "updated_parsed")
    date = datetime(*parsed[:6], tzinfo=UTC) if parsed else None
    if our.published == date:
        return
    if date and date.year < 1990 and our.published is None:
        yield NO_NEWS
    else:
        is_same = our.published and our.published.replace(microsecond=0) == date
        yield FRACTION if is_same else f"!date {our.published}, not {date}"


def compare(files: list[Path]) -> tuple[Counter[str], dict[str, list[str]]]:
    """How often there is which good reason to differ; and by file the differences without one."""
    counts: Counter[str] = Counter()
    wrong: dict[str, list[str]] = {}
    with Workers(1, 60) as workers:  # what crashes a library must not take the tests along
        for start in range(0, len(files), _BATCH):
            batch = files[start : start + _BATCH]
            compared = workers.run(_differences, [file.read_bytes() for file in batch])
            for file, found in zip(batch, compared, strict=True):
                counts.update(one for one in found if not one.startswith("!"))
                if without := [one for one in found if one.startswith("!")]:
                    wrong[file.name] = without[:3]
    print("\n".join(f"{count:5} {reason}" for reason, count in counts.most_common()))  # noqa: T201
    return counts, wrong


@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser")
def test_odd_feeds(shared_data: Path) -> None:
    """Titles, links and dates of 2,107 odd documents are what feedparser reads; few differ, with good reason."""
    files = sorted(path for path in (shared_data / "feeds-odd").rglob("*") if path.is_file())

    counts, wrong = compare(files)

    assert len(files) == 2107
    assert wrong == {}
    assert counts.total() <= 20


@pytest.mark.filterwarnings("ignore::DeprecationWarning:feedparser")
def test_real_feeds(shared_data: Path, every: Every) -> None:
    """So are those of real feeds."""
    files = every(4, [path for path in (shared_data / "feeds").iterdir() if path.is_file()])

    counts, wrong = compare(files)

    assert len(files) >= 44
    assert wrong == {}
    assert sum(count for reason, count in counts.items() if reason not in (RELATIVE, FRACTION, NO_NEWS)) <= 5


def test_one_run(web: Web, make_tools: MakeTools, shared_data: Path, every: Every, tmp_path: Path) -> None:
    """Polled over loopback with attack documents among them, each ends in entries or in a reason, in the time it has.

    No address is called but theirs, and no file is read.
    """
    marker = tmp_path / "marker"
    marker.write_text("what stands in this file")
    odd = [path.read_bytes() for path in every(8, [p for p in (shared_data / "feeds-odd").rglob("*") if p.is_file()])]
    made = (make() for make in attacks(int(web.base.rpartition(":")[2]), str(marker)).values())
    evil = [body for body in made if len(body) < _SMALL]
    urls = [web.set(f"/{number}", body, "application/xml") for number, body in enumerate([*odd, *evil])]
    with FeedParser(2) as parser:
        tools = replace(make_tools(*urls), parser=parser)
        report = drain(tools, feeds.due, flow.poll)

    with tools.store.read() as session:
        stored = feeds.all_active(session)
        found = articles.find(session, articles.Filter(most=10**6))
    assert report.counts["polled"] == len(urls)
    assert {request.path for request in web.requests} == {f"/{number}" for number in range(len(urls))}
    assert all(feed.last_success or feed.last_error for feed in stored)
    assert [feed.last_error for feed in stored if re.match(r"\w*(Error|Exception): ", feed.last_error)] == []
    assert "what stands in this file" not in "".join(f"{a.title}{a.summary}" for a in found)
    assert all(a.url == "" or a.url.startswith(("http://", "https://")) for a in found)
