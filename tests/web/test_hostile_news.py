"""What strangers write, on every page that shows it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow
from pipeline.domain import Change, Fact, Party, Source
from pipeline.models import (
    Article,
    BodySource,
    Delivery,
    DeliveryState,
    Disabled,
    Earlier,
    Feed,
    FeedEvent,
    Listing,
    Match,
    Mute,
)
from pipeline.store import Session
from pipeline.web.site import Site
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.hostile_messages import CASES, KINDS, Case
from tests.support.hostile_texts import TEXTS
from tests.support.ledger import save, state
from tests.support.world import FixedClock, write_config
from tests.web.conftest import Browser
from tests.web.visits import dangers

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)


def storable(text: str) -> str:
    """As much of it as a database takes."""
    return text.encode("utf-8", "ignore").decode()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    """A site on which nothing is stored yet."""
    folder = write_config(tmp_path / "config", watches={"w": LEDGER_WATCH}, companies=COMPANIES)
    settings = flow.load_settings(folder)
    with flow.open_store(settings) as store:
        yield Site(settings, store, clock=FixedClock(NOW))


@pytest.fixture
def written(site: Site) -> None:
    """Everything that is shown is written by strangers."""
    with site.store.write() as session:
        for number, (text, url) in enumerate(CASES.values(), 1):
            _write(session, number, text, url)


def _write(session: Session, number: int, text: str, url: str) -> None:
    """An article, feed, deal and delivery full of this text and link, with this number."""
    said, link = storable(text), storable(url)
    session.add(
        Feed(
            id=number, url=f"{link}#{number}", name=said or "-", tier="press", created_at=NOW, next_poll=NOW,
            last_error=said, moved_to=link, failures=1, last_poll=NOW,
        )
    )  # fmt: skip
    session.add(
        Article(
            id=number, identity=f"i{number}", url=link, title=said, author=said, origin=said, summary=said + " x",
            body=f"{said}\nmore\n{said}", body_note=said, body_source=BodySource.PAGE, published=NOW, found_at=NOW,
            ingested_at=NOW, edits=1,
        )
    )  # fmt: skip
    session.flush()
    session.add(Listing(feed_id=number, article_id=number, key=f"k{number}", seen_at=NOW))
    session.add(FeedEvent(feed_id=number, at=NOW, note=said))
    session.add(Earlier(article_id=number, title=said, body=said, until=NOW))
    session.add(_match(number, text))
    source = Source(number, link, NOW, said or "o", True)
    fact = Fact("amount", 1e9, said, "body", 0, 1, 1.0, "USD", article=number, attribution=said)
    changes = (Change("new", "", said, said, source), Change("party", said, f"{said}.", said, source))
    deal = state(
        key=f"k{number}", anchor=f"a{number}", parties=(Party(said or "x", said, said, False),), facts={"amount": fact},
        changes=changes, sources=(source,), title=said,
    )  # fmt: skip
    save(session, "w", deal, said, NOW)
    session.add(Disabled(channel=f"{said}{number}", since=NOW, reason=said, address=""))
    session.add(Mute(watch=said or "w", deal_id=None, created_at=NOW, until=NOW.replace(year=2027)))
    for kind in KINDS:
        session.add(_delivery(number, kind, text, url))


def _match(number: int, text: str) -> Match:
    hit = {"group": text, "term": text, "start": 0, "end": max(len(text) // 2, 1)}
    passage = {"where": "body", "start": 0, "end": len(text), "quote": text, "hits": [hit], "lent": text}
    reasons: Any = {"window": [(text, 1.0)], "piece": [(text, -1.0)]}
    return Match(article_id=number, watch="w", matched_at=NOW, passages=[passage], reasons=reasons)


def _delivery(number: int, kind: str, text: str, url: str) -> Delivery:
    said = storable(text)
    return Delivery(
        key=f"{kind}:{number}", uid=f"msg_{kind}{number}", channel=f"{said}{number}", kind=kind, subject=said,
        article_id=number, watch=said, payload=Case(kind, text, url).message.data, state=DeliveryState.DEAD,
        created_at=NOW, next_try=NOW, last_error=said, reached=[text], attempts=1,
    )  # fmt: skip


def paths() -> Iterator[str]:
    yield from ("/", "/articles", "/articles?page=2", "/articles?q=news", "/articles?q=evil&sort=best")
    yield from ("/feeds", "/deliveries", "/deliveries?state=dead&page=3")
    for number in range(1, len(CASES) + 1):
        yield f"/articles/{number}"
        yield f"/deliveries/{len(KINDS) * (number - 1) + number % len(KINDS) + 1}"
    yield from (f"/feeds/{number}" for number in range(1, len(CASES) + 1, 4))


@pytest.mark.usefixtures("written")
def test_nothing_that_strangers_write_runs(browser: Browser) -> None:
    """No element, attribute or link of theirs comes through, and no page fails over it."""
    faults = {}
    for path in paths():
        answer = browser.get(path)
        found = dangers(answer.text)
        if answer.status_code != 200 or found:
            faults[path] = (answer.status_code, found[:3])

    assert faults == {}


def test_nothing_that_is_asked_runs(browser: Browser) -> None:
    """What stands in an address or a form comes back as text."""
    faults = {}
    for name, text in TEXTS.items():
        text = storable(text)[:300]
        if not set(text) & set("<\"'\0"):
            continue
        for path, asked in (
            ("/articles", {"q": text, "feed": text, "watch": text}),
            ("/articles", {"since": text}),
            ("/feeds", {"q": text, "health": text}),
            ("/deliveries", {"channel": text}),
            ("/deliveries", {"state": text}),
        ):
            answer = browser.get(path, params=asked)
            if answer.status_code not in (200, 400) or dangers(answer.text):
                faults[name, path, tuple(asked)] = (answer.status_code, dangers(answer.text)[:3])

    assert faults == {}
