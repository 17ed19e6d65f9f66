"""A small site over what is made up: three deals, their articles, alerts and a digest."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests

from pipeline import flow
from pipeline.config.schema import Settings
from pipeline.domain import Entry, Hit, Kind, Mention, Passage, Status, Verdict
from pipeline.flow import deal_alerts
from pipeline.flow.ledger import Ledger
from pipeline.models import Article, BodySource
from pipeline.store import Store, articles, entries, feeds, outbox
from pipeline.store.sqlite import FILE
from pipeline.web.serve import listen_at, serve_beside
from pipeline.web.site import Site
from tests.deals.samples import fact, mention
from tests.support.deals import COMPANIES, LEDGER_WATCH
from tests.support.world import DEAL, FixedClock, write_config
from tests.web.conftest import Browser

WATCH, FEED = "test-deals", "https://n.example/feed"
BN = 1e9


@dataclass
class Small:
    """A site, and a program that asks it."""

    site: Site
    clock: FixedClock
    program: Browser

    def say(self, title: str, *mentions: Mention, url: str = "", body: str = DEAL) -> int:
        """An article that the watch flags and that says this of deals; its number. An hour passes."""
        now = self.clock.now()
        self.clock.advance(hours=1)
        with self.site.store.write() as session:
            feeds.sync(session, [feeds.Known(FEED, "Wire", "press")], now)
            session.flush()
            [feed] = feeds.all_active(session)
            url = url or f"https://n{now:%d%H}.example/a"
            entry = Entry(guid="", url=url, title=title, text="", author="", published=now)
            entries.add_entries(session, {feed.id or 0: [entry]}, now)
            [article] = articles.find(session, articles.Filter(most=1))
            article.body, article.body_source, article.ingested_at, article.next_try = body, BodySource.PAGE, now, None
            hit = Hit("who", body[:6], 0, 6)
            passage = Passage("body", 0, len(body), body, (hit,))
            articles.set_matches(session, article.id or 0, [Verdict(WATCH, (passage,), score=0.9)], now)
            changed = Ledger(self.site.settings, WATCH).enter(session, article, [feed], mentions, now)
            deal_alerts.tell(self.site.settings, session, WATCH, article, changed, now)
            return article.id or 0

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.program.get(f"/api/v1{path}", **more)

    def data(self, path: str, **query: Any) -> Any:
        """What a program gets; it must get something."""
        answer = self.get(path, params=query)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, value: Any = None, **headers: str) -> requests.Response:
        """Send something with the token of the session."""
        token = self.data("/session")["token"]
        return self.program.session.post(
            f"{self.program.base}/api/v1{path}", json=value, headers={"X-CSRF-Token": token, **headers}, timeout=60
        )

    def article(self, id_: int) -> Article:
        with self.site.store.read() as session:
            found = articles.get(session, id_)
        assert found
        return found


@contextmanager
def small(folder: Path, migrated: Path, **config: Any) -> Iterator[Small]:
    """The site, served, its store a copy of the database `migrated`.

    Deal 1 is with Oracle (3 articles), 2 with Nvidia, 3 with Corewell; article 6 is on none.
    """
    given = {"watches": {WATCH: LEDGER_WATCH, "quiet": {**LEDGER_WATCH, "title": "Quiet", "notify": []}}, **config}
    channels = {"files": {"type": "local"}, "desk": {"type": "file", "path": "desk.jsonl"}}
    settings = flow.load_settings(
        write_config(folder / "config", [FEED], companies=COMPANIES, channels=channels, **given)
    )
    settings.state.mkdir()
    shutil.copyfile(migrated, settings.state / FILE)
    with _served(settings, FixedClock()) as site:
        yield filled(site)


@contextmanager
def copied(site: Small, folder: Path) -> Iterator[Small]:
    """One like that site, to be changed."""
    shutil.copytree(site.site.settings.folder.parent, folder, dirs_exist_ok=True)
    with _served(site.site.settings.model_copy(update={"folder": folder / "config"}), replace(site.clock)) as made:
        yield made


@contextmanager
def _served(settings: Settings, clock: FixedClock) -> Iterator[Small]:
    with Store(settings.state, clock) as store, listen_at(("127.0.0.1", 0)) as listener:
        site = Site(settings, store, clock=clock)
        with serve_beside(site, listener):
            program = Browser(f"http://127.0.0.1:{listener.getsockname()[1]}")
            with program.session:
                yield Small(site, clock, program)


def filled(site: Small) -> Small:
    oracle = fact("amount", 30 * BN), fact("capacity", 2)
    site.say("OpenAI and Oracle sign for 2 gigawatts", mention("oracle", Kind.COMPUTE, Status.SIGNED, *oracle))
    site.say("Oracle deal is worth less", mention("oracle", Kind.COMPUTE, Status.SIGNED, fact("amount", 18 * BN)))
    site.say("More on the Oracle deal", mention("oracle"))
    site.say("Nvidia takes a stake", mention("nvidia", Kind.EQUITY, Status.ANNOUNCED, fact("amount", 20 * BN)))
    site.say("Corewell to build", mention("corewell", Kind.COMPUTE, Status.RUMOURED, fact("capacity", 1)))
    site.say("A contract for compute with nobody named")
    with site.site.store.write() as session:
        rows = outbox.listing(session)
        for row in rows[-2:]:
            row.state, row.delivered_at = type(row.state).DELIVERED, site.clock.now()
    return site
