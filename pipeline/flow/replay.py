"""replay: stored articles judged again, under other terms; the ledger made anew from them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config.schema import Settings
from pipeline.deals.stories import fingerprint
from pipeline.domain import Passage, Reason, Verdict
from pipeline.flow import deal_alerts
from pipeline.flow.ingest import is_told_by_itself, piece_of, tell
from pipeline.flow.ledger import Ledger
from pipeline.flow.matching import build_matcher
from pipeline.flow.stories import Stories
from pipeline.models import Article, Match
from pipeline.store import Session, Store, articles, ledger, mentioned
from pipeline.watch.piece import Piece

_PORTION = 200


@dataclass(frozen=True)
class Change:
    """An article that a watch flags now and did not before (`gained`), or the other way round."""

    gained: bool
    article: int
    title: str
    published: datetime | None
    verdict: Verdict


@dataclass
class Replay:
    """What another judgement of stored articles comes to, by watch.

    `pruned` are those that could not be judged, as their texts are gone.
    `deals` is how many deals stand in the ledgers afterwards, and `found` how many changes of deals were new.
    """

    judged: int = 0
    pruned: int = 0
    alerts: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)
    deals: dict[str, int] = field(default_factory=dict)
    found: dict[str, int] = field(default_factory=dict)


def replay(
    settings: Settings,
    store: Store,
    now: datetime,
    *,
    since: datetime | None = None,
    watches: Collection[str] = (),
    apply: bool = False,
    alert: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> Replay:
    """Judge the stored articles found since then by these settings, and compare with what is stored.

    Of `watches`, or of all where it is empty. With `apply` the store is made so, a portion at a time, and what the
    articles say of deals is read anew; with `alert` what is newly flagged, and each change of a deal that was not found
    before, is told as well. Without it those changes count as told. `progress` is told how many are done, and of how
    many.
    """
    names = list(watches or settings.watches)
    matcher = build_matcher(settings, names)
    with store.read() as session:
        total, pruned = articles.count_ingested(session, since), articles.count_pruned(session, since)
    result = Replay(pruned=pruned, flagged=dict.fromkeys(names, 0), changes={name: [] for name in names})
    applying = _Applying(settings, store, names, now, alert, result) if apply else None
    for portion in _portions(store, since):
        with store.read() as session:
            stored = articles.matches(session, [article.id or 0 for article in portion])
        judged = [
            (article, [v for v in matcher.judge(stored_piece(article)) if v.watch in names]) for article in portion
        ]
        for article, verdicts in judged:
            _compare(result, article, stored.get(article.id or 0, []), verdicts)
        if applying:
            applying.portion(judged)
        result.judged += len(portion)
        progress(result.judged, total)
    if applying:
        applying.finish(whole=since is None)
    return result


class _Applying:
    """Makes the store as the verdicts are."""

    def __init__(
        self, settings: Settings, store: Store, names: Collection[str], now: datetime, alert: bool, result: Replay
    ) -> None:
        self._settings, self._store, self._now, self._alert, self._result = settings, store, now, alert, result
        self._stories = Stories(settings)
        self._ledgers = {name: Ledger(settings, name) for name in names if settings.watches[name].ledger}
        self._derived: dict[str, set[str]] = {name: set() for name in self._ledgers}
        result.found = dict.fromkeys(self._ledgers, 0)

    def portion(self, judged: Sequence[tuple[Article, Sequence[Verdict]]]) -> None:
        """One transaction: matches and mentions of these articles, and the deals that those touch."""
        read = {
            (article.id, verdict.watch): self._ledgers[verdict.watch].read(stored_piece(article))
            for article, verdicts in judged
            for verdict in verdicts
            if verdict.matched and verdict.watch in self._ledgers
        }
        with self._store.write() as session:
            listed = articles.sources(session, [article.id or 0 for article, _ in judged])
            touched: dict[str, set[str]] = {name: set() for name in self._ledgers}
            for article, verdicts in judged:
                if not article.fingerprint:  # it may be of a store from before there were any
                    article.fingerprint = fingerprint(article.title, article.body)
                    articles.set_fingerprint(session, article)
                fresh = _apply(session, article, verdicts, self._now)
                if self._alert:
                    alone = [v for v in fresh if is_told_by_itself(read.get((article.id, v.watch)))]
                    self._result.alerts += sum(
                        tell(self._settings, self._stories, session, article, v, self._now) for v in alone
                    )
                for name, keeper in self._ledgers.items():
                    mentions = read.get((article.id, name), [])
                    touched[name] |= keeper.note(session, article, listed.get(article.id or 0, []), mentions)
            for name, anchors in touched.items():
                self._derive(session, name, anchors)

    def finish(self, whole: bool) -> None:
        """Count the deals; where all articles were judged, those that none of them touched are made anew too."""
        with self._store.write() as session:
            for name in self._ledgers:
                if whole:
                    self._derive(session, name, set(mentioned.anchors_of(session, name)) - self._derived[name])
                self._result.deals[name] = len(ledger.find(session, ledger.Filter(name)))

    def _derive(self, session: Session, name: str, anchors: set[str]) -> None:
        changed = self._ledgers[name].derive(session, anchors, self._now)
        self._derived[name] |= anchors
        self._result.found[name] += sum(len(changes) for _, changes in changed)
        if not self._alert:
            return
        for deal, changes in changed:
            latest = max(changes, key=lambda change: change.source.published)
            article = articles.get(session, latest.source.article)
            if article is not None:
                self._result.alerts += deal_alerts.tell(
                    self._settings, session, name, article, [(deal, changes)], self._now
                )


def stored_piece(article: Article) -> Piece:
    """What is judged of an article, and what the offsets of its passages count in."""
    return piece_of(article.title, article.body, article.body_source, article.summary)


def verdict_of(match: Match) -> Verdict:
    """The verdict that a stored match was made from."""
    return Verdict(
        match.watch,
        tuple(map(Passage.from_data, match.passages)),
        score=match.score,
        window_reasons=tuple(Reason(*pair) for pair in match.reasons.get("window", ())),
        piece_reasons=tuple(Reason(*pair) for pair in match.reasons.get("piece", ())),
    )


def rejudge(settings: Settings, article: Article, names: Collection[str]) -> list[Verdict]:
    """What these watches say of a stored article now."""
    return build_matcher(settings, names).judge(stored_piece(article))


def _portions(store: Store, since: datetime | None) -> Iterator[list[Article]]:
    last = 0
    while True:
        with store.read() as session:
            portion = articles.after(session, last, since, _PORTION)
        if not portion:
            return
        yield portion
        last = portion[-1].id or 0


def _compare(result: Replay, article: Article, stored: Collection[Match], verdicts: Collection[Verdict]) -> None:
    before = {match.watch for match in stored}
    for verdict in verdicts:
        result.flagged[verdict.watch] += verdict.matched
        if verdict.matched != (verdict.watch in before):
            change = Change(verdict.matched, article.id or 0, article.title, article.published, verdict)
            result.changes[verdict.watch].append(change)


def _apply(session: Session, article: Article, verdicts: Collection[Verdict], now: datetime) -> list[Verdict]:
    for verdict in verdicts:
        if not verdict.matched:
            articles.drop_match(session, article.id or 0, verdict.watch)
    return articles.set_matches(session, article.id or 0, verdicts, now)
