"""Six months of sample stories, told day by day to the real pipeline: `dealwire demo --months`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml

from pipeline.config.schema import Settings
from pipeline.deals.ledger import stands
from pipeline.demo.site import SampleFeed
from pipeline.demo.site import load as load_site
from pipeline.domain import Change, DealState
from pipeline.engine.stages import Show
from pipeline.flow.bench import Bench, Item, bench
from pipeline.flow.deal_alerts import figures, merged
from pipeline.store import ledger, outbox
from pipeline.store.changes import found_between


@dataclass(frozen=True)
class Story:
    """A sample story, and what it should bring: for each deal, by key, what is to be told of it; and why."""

    slug: str
    feed: SampleFeed
    published: datetime
    title: str
    body: str
    alert: dict[str, str]
    because: str

    @property
    def item(self) -> Item:
        url = f"https://{self.feed.slug}.example/{self.slug}"
        body = "\n\n".join(" ".join(paragraph.split()) for paragraph in self.body.split("\n\n"))
        return Item(url, self.title, "", body, self.published, self.feed.title, self.feed.tier)


@dataclass(frozen=True)
class Brought:
    """An alert: the deal as it stood then, what happened in one line, and the changes that it tells of."""

    deal: DealState
    happened: str
    changes: Sequence[Change]

    @property
    def short(self) -> str:
        """What is told, as months.yaml writes it."""
        return "; ".join(_short(change, self.deal) for change in self.changes)


@dataclass(frozen=True)
class Told:
    """A story and what it brought. `by_itself`: it was told as a story, of no deal in the ledger."""

    story: Story
    brought: Sequence[Brought]
    by_itself: bool


@dataclass(frozen=True)
class Months:
    """What came of the stories: what each brought, and the ledger in the end, with the titles of its deals by key."""

    told: Sequence[Told]
    ledger: dict[str, DealState]
    titles: dict[str, str]


def _short(change: Change, deal: DealState) -> str:
    match change.field:
        case "new":
            return ", ".join(["new deal", *figures(deal), deal.status])
        case "confirmed":
            return "confirmed"
        case "contradicted":
            return f"contradicted {change.of}, {change.before} against {change.after}"
        case "party" if not change.after:
            return f"without {change.before}"
        case "part":
            return f"a part {change.after}"
    return f"{change.field} {change.after}"


def stories() -> list[Story]:
    """The sample stories, the oldest first."""
    content = yaml.safe_load((Path(__file__).parent / "months.yaml").read_text(encoding="utf-8"))
    site, _ = load_site(datetime.now(UTC))
    feeds = {feed.slug: feed for feed in site}
    feeds |= {f["slug"]: SampleFeed(f["slug"], f["title"], f["tier"], "rss") for f in content["feeds"]}
    return sorted((_story(told, feeds) for told in content["stories"]), key=lambda story: story.published)


def _story(told: dict[str, Any], feeds: dict[str, SampleFeed]) -> Story:
    published = datetime.strptime(told["at"], "%Y-%m-%d %H:%M").replace(tzinfo=UTC)
    alert = {} if told["alert"] == "none" else told["alert"]
    return Story(told["slug"], feeds[told["feed"]], published, told["title"], told["body"], alert, told["because"])


def run(settings: Settings, order: Sequence[Story], progress: Show = lambda *_: None) -> Months:
    """Tell the stories in this order to a ledger of their own, on a clock of its own."""
    watch = next(name for name, rule in settings.watches.items() if rule.ledger)
    with bench(settings, watch, [story.item for story in order]) as trial:
        told: list[Told] = []
        now = order[0].published
        for story in order:
            now = max(story.published, now + timedelta(seconds=1))
            trial.take(story.item, now)
            told.append(Told(story, *_brought(trial, now)))
            progress("stories", len(told), len(order))
        with trial.store.read() as session:
            deals = ledger.find(session, ledger.Filter(watch))
            titles = {deal.key: deal.title for deal in deals}
            return Months(told, {deal.key: ledger.state(deal) for deal in reversed(deals)}, titles)


def _brought(trial: Bench, now: datetime) -> tuple[list[Brought], bool]:
    """What of the deals was told at this moment; and whether a story was told by itself."""
    with trial.store.read() as session:
        rows = [row for row in outbox.listing(session, most=10**6) if row.created_at == now]
        changed = {
            deal.id: (deal, changes) for deal, changes in found_between(session, now, now + timedelta(seconds=1))
        }
        found = []
        for row in reversed([row for row in rows if row.kind == "deal"]):
            deal, changes = changed[row.payload["deal"]]
            state = ledger.state(deal)
            kept = merged(change for change in changes if stands(change, state))
            found.append(Brought(state, str(row.payload["happened"]), tuple(kept)))
        return found, any(row.kind != "deal" for row in rows)
