"""replay: stored articles judged again, under other terms."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config.schema import Settings
from pipeline.domain import Verdict
from pipeline.flow.ingest import piece_of, tell
from pipeline.flow.matching import build_matcher
from pipeline.flow.stories import Stories
from pipeline.models import Article, Match
from pipeline.store import Session, Store, articles

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
    """What another judgement of stored articles comes to, by watch."""

    judged: int = 0
    alerts: int = 0
    flagged: dict[str, int] = field(default_factory=dict)
    changes: dict[str, list[Change]] = field(default_factory=dict)


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

    Of `watches`, or of all where it is empty. With `apply` the store is made so, a portion at a time; with `alert` what
    is newly flagged is told as well. `progress` is told how many are done, and of how many.
    """
    names = list(watches or settings.watches)
    matcher = build_matcher(settings, names)
    stories = Stories(settings)
    with store.read() as session:
        total = articles.count_ingested(session, since)
    result = Replay(flagged=dict.fromkeys(names, 0), changes={name: [] for name in names})
    for portion in _portions(store, since):
        with store.read() as session:
            stored = articles.matches(session, [article.id or 0 for article in portion])
        verdicts = {
            article.id or 0: [
                verdict
                for verdict in matcher.judge(
                    piece_of(article.title, article.body, article.body_source, article.summary)
                )
                if verdict.watch in names
            ]
            for article in portion
        }
        for article in portion:
            _compare(result, article, stored.get(article.id or 0, []), verdicts[article.id or 0])
        if apply:
            with store.write() as session:
                for article in portion:
                    fresh = _apply(session, article, verdicts[article.id or 0], now)
                    result.alerts += (
                        sum(tell(settings, stories, session, article, v, now) for v in fresh) if alert else 0
                    )
        result.judged += len(portion)
        progress(result.judged, total)
    return result


def rejudge(settings: Settings, article: Article, names: Collection[str]) -> list[Verdict]:
    """What these watches say of a stored article now."""
    piece = piece_of(article.title, article.body, article.body_source, article.summary)
    return build_matcher(settings, names).judge(piece)


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
    return articles.set_matches(session, article.id or 0, [v for v in verdicts if v.matched], now)
