"""ingest: pending articles to bodies, matches and deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from pipeline.config.schema import Settings
from pipeline.deals.anchors import UNNAMED
from pipeline.deals.stories import fingerprint
from pipeline.domain import Mention, Promised, Verdict, host_of
from pipeline.errors import ExtractError, FetchError
from pipeline.flow import deal_alerts
from pipeline.flow.alerts import alert_of
from pipeline.flow.report import Progress, Report
from pipeline.flow.side_by_side import More, Work, nothing_more, side_by_side
from pipeline.flow.stories import Stories
from pipeline.flow.tools import Tools
from pipeline.ingest.extract import Extracted
from pipeline.ingest.media import as_utf8, require_page
from pipeline.models import Article, BodySource
from pipeline.notify import render
from pipeline.store import Session, articles, outbox
from pipeline.watch.piece import Piece
from pipeline.watch.text import tidy

RETRIES = (timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=3))
_ACCEPT = {"Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"}


@dataclass(frozen=True)
class _Body:
    """An article's text, why it is not all of the page's, and whether another try may do better."""

    text: str
    source: BodySource
    note: str
    retry: bool = False


@dataclass(frozen=True)
class _Judged:
    """An article's body, and the verdicts that flag it; `mentions` of deals by those watches that keep a ledger."""

    body: _Body
    fingerprint: str
    verdicts: Sequence[Verdict]
    mentions: Mapping[str, Sequence[Mention]]
    faults: Sequence[str] = ()
    """Why the mentions of a watch could not be read: then the article is told by itself."""


def ingest(tools: Tools, ids: Sequence[int], progress: Progress = lambda _: None, more: More = nothing_more) -> Report:
    """Fetch and extract the pages side by side; store bodies, matches and the deliveries that tell of them.

    Where a page cannot be had, the feed's own text is judged at once, and the page is tried again later if that may
    end differently.
    """
    report = Report()

    def keep(session: Session, read: Sequence[tuple[Article, _Judged]]) -> None:
        _store(tools, session, read, report)

    def spoilt(session: Session, article: Article, why: str) -> None:
        articles.set_aside(session, article.id or 0, why, tools.clock.now())
        report.fail(article.title, why)

    def in_turn(ids: Sequence[int]) -> Sequence[int]:
        return list(reversed(ids))  # the oldest first, so that a backlog tells its stories in order

    judge = partial(_judge, tools)
    work = Work(articles, tools.readers, _host, judge, keep, spoilt, report, urgent=is_urgent, aside=_are_plain)
    side_by_side(tools, work, in_turn(ids), progress, more=lambda: in_turn(more()))
    return report


def _are_plain(read: Sequence[_Judged]) -> bool:
    """Whether none is flagged: what is, is held against all that is stored, one after the other."""
    return not any(judged.verdicts for judged in read)


def is_urgent(article: Article) -> bool:
    """Whether what the feed says of it makes a match: it need not wait for what does not."""
    return article.promise >= Promised.FLAGS


def _host(article: Article) -> str:
    return host_of(article.url)


def _judge(tools: Tools, article: Article) -> _Judged:
    found = _body(tools, article)
    piece = piece_of(article.title, found.text, found.source, article.summary)
    verdicts = tools.rules.matcher.flagged(piece)
    mentions, faults = _mentions(tools, piece, [v.watch for v in verdicts if v.watch in tools.rules.ledgers])
    return _Judged(found, fingerprint(article.title, found.text), verdicts, mentions, faults)


def _body(tools: Tools, article: Article) -> _Body:
    """The page's text where it can be had and says no less than the feed; else what there is."""
    retry = False
    try:
        found = read_page(tools, article.url, article.opaque, article.origin, urgent=is_urgent(article))
    except (FetchError, ExtractError) as error:
        note, retry = str(error), error.retry
    except Exception as error:  # noqa: BLE001  (a server's nonsense that no room foresaw must cost its own page only)
        note = f"{type(error).__name__}: {error}"
    else:
        if len(found.text) >= len(article.summary):
            return _Body(
                tidy(found.text), BodySource.PAGE, f"only the beginning: a {found.wall} follows" if found.wall else ""
            )
        note = f"the page gave {len(found.text):,} characters, the feed {len(article.summary):,}"
    if article.body_source is BodySource.PAGE:  # of one that was edited
        return _Body(article.body, BodySource.PAGE, note, retry)
    return _Body(tidy(article.summary), BodySource.FEED if article.summary else BodySource.NONE, note, retry)


def _mentions(tools: Tools, piece: Piece, watches: Iterable[str]) -> tuple[dict[str, list[Mention]], list[str]]:
    """What the piece says of deals, by watch; and why, where that cannot be read."""
    found, faults = {}, []
    for watch in watches:
        try:
            found[watch] = tools.rules.ledgers[watch].read(piece)
        except Exception as error:  # noqa: BLE001  (a text that no room foresaw must cost its own deal only)
            faults.append(f"{watch}: its deals cannot be read ({type(error).__name__}: {error})")
    return found, faults


def piece_of(title: str, body: str, source: BodySource, summary: str) -> Piece:
    """What is judged of an article: where the body is the page's, the feed's own text counts too.

    A page may be a wall around the news.
    """
    return Piece(tidy(title), body, tidy(summary) if source is BodySource.PAGE else "")


def read_page(tools: Tools, url: str, opaque: bool, origin: str, *, urgent: bool = False) -> Extracted:
    """The text of the page that an entry links. Raises FetchError or ExtractError where there is none."""
    if not url:
        raise ExtractError("the entry has no link")
    if opaque:
        raise ExtractError(f"the feed's link hides the page{f' of {origin}' if origin else ''}")
    page = tools.pages.get(url, _ACCEPT)
    require_page(page)
    return tools.extractor.read(as_utf8(page), urgent=urgent)


def _store(tools: Tools, session: Session, read: Sequence[tuple[Article, _Judged]], report: Report) -> None:
    now = tools.clock.now()
    for article, judged in read:
        article.attempts += 1
        again = judged.body.retry and article.attempts <= len(RETRIES)
        article.next_try = now + RETRIES[article.attempts - 1] if again else None
        article.lease_until = None
        article.body, article.body_source, article.body_note = judged.body.text, judged.body.source, judged.body.note
        article.fingerprint = judged.fingerprint
        article.ingested_at = now
    articles.save(session, [article for article, _ in read])
    for article, judged in read:
        _enter(tools, session, article, judged, now, report)


def _enter(tools: Tools, session: Session, article: Article, judged: _Judged, now: datetime, report: Report) -> None:
    """Enter what was found in an article, and write what tells of it."""
    fresh = articles.set_matches(session, article.id or 0, judged.verdicts, now)
    if article.edits:
        articles.settle_edit(session, article)
    for verdict in fresh:
        if is_told_by_itself(judged.mentions.get(verdict.watch)):
            report.add("alerts", tell(tools.settings, tools.rules.stories, session, article, verdict, now))
    listed = articles.sources(session, [article.id or 0]).get(article.id or 0, []) if judged.mentions else []
    for watch, mentions in judged.mentions.items():
        changed = tools.rules.ledgers[watch].enter(session, article, listed, mentions, now)
        report.add("alerts", deal_alerts.tell(tools.settings, session, watch, article, changed, now))
    for fault in judged.faults:
        report.fail(article.title, fault)
    report.add("ingested")
    report.add(f"from {judged.body.source}")
    report.add("flagged", 1 if fresh else 0)


def is_told_by_itself(mentions: Sequence[Mention] | None) -> bool:
    """Whether an article is told as such: its watch keeps no ledger, or it is about a deal and names no other side."""
    return mentions is None or any(mention.anchor == UNNAMED and mention.central for mention in mentions)


def tell(
    settings: Settings, stories: Stories, session: Session, article: Article, verdict: Verdict, now: datetime
) -> int:
    """Write the deliveries of one match; how many are new.

    None where its level does not reach that at which its watch alerts, or where its event was told already.
    """
    watch = settings.watches[verdict.watch]
    level = verdict.level
    if level is None or not level.reaches(watch.alert):
        return 0
    if stories.join(session, article, verdict.watch):
        return 0
    listed = articles.sources(session, [article.id or 0]).get(article.id or 0, [])
    alert = alert_of(article, listed, (verdict.watch, watch.title), verdict.passages, level, verdict.score)
    return outbox.add(
        session,
        key=f"alert:{article.id}:{verdict.watch}",
        channels=settings.channels_for(watch.notify),
        kind="alert",
        subject=render.alert_subject(alert),
        payload=render.pack(alert),
        now=now,
        article_id=article.id,
        watch=verdict.watch,
    )
