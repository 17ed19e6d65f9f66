"""compare: what an edit of the watches would flag of the stored articles."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path

import pytest

from pipeline.config.schema import Settings
from pipeline.config.weights import write_weights
from pipeline.domain import Entry, Hit, Passage, Verdict
from pipeline.flow import load_settings
from pipeline.flow.compare import _EXAMPLES, Comparison, compare
from pipeline.flow.matching import build_matcher
from pipeline.flow.tryout import settings_with
from pipeline.models import BodySource
from pipeline.store import Store, articles, entries, feeds
from pipeline.watch.piece import Piece
from tests.support.world import write_config

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SINCE = NOW - timedelta(days=30)

RULES = """\
watches:
  deals:
    title: Deals
    all: {who: [OpenAI, '@oracle'], deal: [<deals>, lease]}
    none: [film]
  weighed:
    title: Weighed
    all: {who: [Stargate], deal: [<deals>]}
    subject: who
    weigh: {size: [huge]}
    weights: w.yaml
lists:
  deals: [contract, data center]
furniture: [Read more]
"""
_WEIGHTS = {"who": 2.0, "deal": 1.0, "size": -1.5, "named in the title": 1.0}

TITLES = ["News", "Stargate", "OpenAI and Oracle", "A huge lease"]
BODIES = [
    "OpenAI signs a contract.",
    "OpenAI leases it. Oracle made a film on the contract.",
    "Stargate is huge. It has a contract for data centres.",
    "Read more: OpenAI has a deal\nOracle pays.",
    "Stargate\nThe company has a huge data center.",
    "The budget was read. Dividends were, too.",
    "Oracle has a lease",
]
STALE = 1 + BODIES.index("The budget was read. Dividends were, too.")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A configuration with these rules. Only for reading, as is the store."""
    made = write_config(tmp_path_factory.mktemp("compare") / "config")
    (made / "watches.yaml").write_text(RULES, encoding="utf-8")
    write_weights(made / "w.yaml", "nothing", {"window": (-2.0, _WEIGHTS), "about": (0.0, {})})
    return made


@pytest.fixture(scope="module")
def store(folder: Path) -> Iterator[Store]:
    """Articles of each title with each body, one found each hour up to now, as the rules flag them.

    One was flagged by rules of another time.
    """
    settings = load_settings(folder)
    matcher = build_matcher(settings)
    listed = [Entry(str(n), f"https://a.example/{n}", title, "") for n, (title, _) in enumerate(_pieces())]
    with Store(settings.state) as opened:
        with opened.write() as session:
            feeds.sync(session, [feeds.Known("https://a.example/", "A", "press")], NOW)
        with opened.write() as session:
            entries.add_entries(session, {1: listed}, NOW)
        with opened.write() as session:
            rows = sorted(articles.find(session, articles.Filter(most=1000)), key=lambda row: row.id or 0)
            for row, (title, body) in zip(rows, _pieces(), strict=True):
                row.title, row.body, row.body_source, row.ingested_at = title, body, BodySource.PAGE, NOW
                row.found_at = NOW - timedelta(hours=row.id or 0)
                articles.set_matches(session, row.id or 0, matcher.judge(Piece(title, body)), NOW)
            stale = Verdict("deals", (Passage("body", 0, 1, "T", (Hit("who", "T", 0, 1),)),))
            articles.set_matches(session, STALE, [stale], NOW)
        yield opened


def _pieces() -> list[tuple[str, str]]:
    return list(product(TITLES, BODIES))


def _edit(folder: Path, old: str, new: str) -> tuple[Settings, Settings]:
    assert old in RULES
    return load_settings(folder), settings_with(folder, RULES.replace(old, new, 1))


def _flagged(settings: Settings) -> dict[str, set[int]]:
    """Which articles each watch flags, each article judged by it."""
    found: dict[str, set[int]] = {name: set() for name in settings.watches}
    matcher = build_matcher(settings)
    for number, (title, body) in enumerate(_pieces(), 1):
        for verdict in matcher.judge(Piece(title, body)):
            if verdict.matched:
                found[verdict.watch].add(number)
    return found


EDITS = [
    ("lease]", "lease, pay]"),
    ("lease]", "film]"),
    (", lease]", "]"),
    ("[OpenAI, '@oracle']", "[OpenAI]"),
    ("[OpenAI, '@oracle']", "[Dividend*, huge]"),
    ("[contract, data center]", "[contract]"),
    ("[contract, data center]", "[contract, data center, '/hug./']"),
    ("[<deals>, lease]", "[contract, data center, lease]"),
    ("[film]", "[]"),
    ("[film]", "[pays, data]"),
    ("title: Deals", "title: Deals\n    within: article"),
    ("title: Deals", "title: Deals\n    subject: who"),
    ("title: Deals", "title: Deals\n    weights: w.yaml"),
    ("{who: [OpenAI, '@oracle'], deal:", "{deal:"),
    ("who: [OpenAI, '@oracle']", "whom: [OpenAI, '@oracle'], with: [film, Stargate]"),
    ("    subject: who\n", ""),
    ("    weights: w.yaml\n", ""),
    ("{size: [huge]}", "{size: [budget]}"),
    ("{size: [huge]}", "{}"),
    ("  weighed:", "  renamed:"),
    ("lists:", "  third: {title: Third, like: deals, all: {who: [Stargate]}}\nlists:"),
    ("[Read more]", "[Oracle]"),
    ("[Read more]", "[]"),
]


@pytest.mark.parametrize(("old", "new"), EDITS)
def test_what_an_edit_changes_is_told(folder: Path, store: Store, old: str, new: str) -> None:
    """As judging every article by both shows it, by watch."""
    before, after = _edit(folder, old, new)

    result = compare(before, after, store, SINCE, patience=60)

    olds, news = _flagged(before), _flagged(after)
    assert (result.looked, result.total, result.back_to) == (28, 28, None)
    for name in olds.keys() | news.keys():
        was, now = olds.get(name, set()), news.get(name, set())
        if name not in result.differences:
            assert was == now
            continue
        found = result.differences[name]
        assert (found.before, found.after) == (len(was), len(now))
        assert (found.gained, found.lost) == (len(now - was), len(was - now))
        shown = [[c.article for c in found.examples if c.gained is gained] for gained in (True, False)]
        assert shown == [sorted(changed)[:_EXAMPLES] for changed in (now - was, was - now)]
        assert all(c.verdict.matched is c.gained for c in found.examples)
    assert result.differences


@pytest.mark.parametrize(
    ("old", "new"),
    [("title: Deals", "title: Other"), ("[film]", "[film]  # a comment"), ("title: Deals", "title: D\n    notify: []")],
)
def test_what_judges_nothing_otherwise_costs_nothing(folder: Path, store: Store, old: str, new: str) -> None:
    """Titles, channels and comments make no difference to what is flagged."""
    result = compare(*_edit(folder, old, new), store, SINCE, patience=0)

    assert result == Comparison(28, 28, 0, None, {})


def test_only_as_far_as_time_allows(folder: Path, store: Store) -> None:
    """The newest are looked at first, one at least, and how far it went is said."""
    result = compare(*_edit(folder, "lease]", "lease, signs]"), store, SINCE, patience=0)

    assert (result.looked, result.total, result.back_to) == (1, 28, NOW - timedelta(hours=1))


def test_since_when(folder: Path, store: Store) -> None:
    """What was found before is neither looked at nor counted."""
    settings = _edit(folder, "lease]", "film]")

    result = compare(*settings, store, NOW - timedelta(hours=7), patience=60)

    assert (result.looked, result.total) == (7, 7)
    assert result.differences["deals"].before == len({n for n in _flagged(settings[0])["deals"] if n <= 7})


def test_examples_are_few_and_the_newest(folder: Path, store: Store) -> None:
    """However much changes, each kind shows no more than some, and counts all."""
    before, after = _edit(folder, "all: {who: [OpenAI, '@oracle'], deal: [<deals>, lease]}", "all: {any: ['/./']}")

    found = compare(before, after, store, SINCE, patience=60).differences["deals"]

    gained = [change.article for change in found.examples if change.gained]
    assert found.gained == 28 - found.before > _EXAMPLES
    assert gained == sorted(gained)
    assert len(gained) == _EXAMPLES


def test_nothing_is_changed(folder: Path, store: Store) -> None:
    """It only reads: what is stored is as before."""
    with store.read() as session:
        stored = {id_: [m.watch for m in found] for id_, found in articles.matches(session, range(1, 29)).items()}

    compare(*_edit(folder, "lease]", "film]"), store, SINCE, patience=60)

    with store.read() as session:
        again = {id_: [m.watch for m in found] for id_, found in articles.matches(session, range(1, 29)).items()}
    assert again == stored
