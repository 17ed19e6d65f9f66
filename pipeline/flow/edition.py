"""digest: the day to the outbox."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from pipeline import digest as editions
from pipeline.config.schema import Settings
from pipeline.deals.growth import growth
from pipeline.domain import (
    Change,
    ChangeLine,
    Corroboration,
    DealNews,
    DealState,
    Digest,
    DisabledChannel,
    FeedNews,
    Growth,
    Passage,
    QuietDeal,
    Status,
    Undelivered,
)
from pipeline.flow import deal_alerts
from pipeline.flow.alerts import alert_of
from pipeline.flow.courses import Courses
from pipeline.flow.tools import Tools
from pipeline.models import Deal
from pipeline.notify import render
from pipeline.store import Session, Store, articles, channels, feeds, ledger, outbox
from pipeline.store import changes as deal_changes

_MOST_UNDELIVERED = 20
_FRESH = timedelta(days=1)
"""How old an edition may be to get a chart: of a ledger as it stood long ago there is none."""


def digest_due(tools: Tools) -> date | None:
    """The day of an edition whose time has come and that is not in the outbox; None where there is none.

    Only the latest edition counts, and only if the store was in use before it came out.
    """
    settings = tools.settings.general.digest
    day = editions.latest_day(tools.clock.now(), settings.at, tools.settings.zone)
    if not tools.settings.channels_for(settings.notify):
        return None
    with tools.store.read() as session:
        began = feeds.first_created(session)
        ends = editions.bounds(day, settings.at, tools.settings.zone)[1]
        if began is None or began >= ends or outbox.has(session, f"digest:{day}"):
            return None
    return day


def digest(settings: Settings, store: Store, now: datetime, day: date, courses: Courses | None = None) -> int:
    """Write the edition of `day` to the outbox for every channel of the digest; how many deliveries are new.

    One whose time has not come is sent as it stands, and the whole edition comes out all the same. `courses`: what is
    known of the ledgers from earlier editions.
    """
    courses = courses or Courses()
    with store.read() as session:  # the first time it takes seconds over a big ledger: others may write meanwhile
        drawn = growth_of(settings, session, now, day, courses)
    with store.write() as session:
        edition = replace(gather(settings, session, now, day), growth=drawn)
        key = f"digest:{day}" if edition.complete else f"preview:{day}:{now:%H%M%S%f}"
        return outbox.add(
            session,
            key=key,
            channels=settings.channels_for(settings.general.digest.notify),
            kind="digest",
            subject=render.digest_subject(edition),
            payload=render.pack(edition),
            now=now,
        )


def current_day(settings: Settings, now: datetime) -> date:
    """The day of the edition that is being gathered now."""
    return editions.current_day(now, settings.general.digest.at, settings.zone)


def gather(settings: Settings, session: Session, now: datetime, day: date) -> Digest:
    """The edition of `day` as it stands now, without its chart."""
    start, end = _span(settings, session, day)
    titles = {name: watch.title for name, watch in settings.watches.items()}
    found = articles.matched_between(session, start, end)
    listed = articles.sources(session, [match.article_id for match, _ in found])
    changed = deal_changes.found_between(session, start, end)
    silent = deal_changes.quiet_between(session, start - editions.QUIET_AFTER, end - editions.QUIET_AFTER)
    return editions.compose(
        day=day,
        span=(start, end),
        zone=str(settings.zone),
        now=now,
        watches=titles,
        alerts=[
            alert_of(
                article,
                listed.get(match.article_id, []),
                (match.watch, titles.get(match.watch, match.watch)),
                tuple(Passage.from_data(passage) for passage in match.passages),
                match.level,
                match.score,
            )
            for match, article in found
        ],
        articles=articles.count_found(session, start, end),
        feeds=feeds.count_active(session),
        feed_news=[
            FeedNews(feed.name, feed.url, event.note, event.since)
            for event, feed in feeds.reported_between(session, start, end)
        ],
        unwell=feeds.count_unwell(session),
        undelivered=[
            Undelivered(str(row.id), row.channel, row.subject, row.last_error)
            for row in outbox.dead(session, since=start)[:_MOST_UNDELIVERED]
        ],
        disabled=[
            DisabledChannel(row.channel, row.since, row.reason, waiting) for row, waiting in channels.disabled(session)
        ],
        deals={
            name: replace(
                deals_of_day(session, name, changed, {m.article_id for m, _ in found if m.watch == name}),
                gone_quiet=_gone_quiet(deal for deal in silent if deal.watch == name),
            )
            for name, watch in settings.watches.items()
            if watch.ledger
        },
        stories={(match.watch, match.article_id): match.story_of for match, _ in found if match.story_of is not None},
    )


def _span(settings: Settings, session: Session, day: date) -> tuple[datetime, datetime]:
    """What the edition of `day` covers.

    It begins where the one before left off: editions that never came out, because the machine was off or the hour was
    changed, leave no hole and no overlap.
    """
    start, end = editions.bounds(day, settings.general.digest.at, settings.zone)
    return outbox.last_edition_end(session, end) or start, end


def growth_of(settings: Settings, session: Session, now: datetime, day: date, courses: Courses) -> Growth | None:
    """What the chart of an edition shows: the first ledger that has dollars in it.

    None where there are no dollars, and of an edition of long ago.
    """
    start, end = _span(settings, session, day)
    if now - end >= _FRESH:
        return None
    flagged = {match.article_id for match, _ in articles.matched_between(session, start, end)}
    for name, watch in settings.watches.items():
        if watch.ledger:
            progress = courses.progress(session, name)
            if found := growth(progress, watch.title, min(now, end).astimezone(settings.zone), flagged):
                return found
    return None


def deals_of_day(
    session: Session, watch: str, changed: Sequence[tuple[Deal, list[Change]]], flagged: Collection[int]
) -> editions.DealsOfDay:
    """What became of a watch's deals: `changed` are those of all watches with the day's changes.

    `flagged` are the articles that the watch flagged that day. Changes of a deal of which none of them tells are no
    news: they come of reading old articles anew, or of what a person ruled. Deals that were dismissed are not told of.
    """
    told = deal_changes.deals_of(session, watch, flagged)
    heard = {deal.id for deal, _ in told}
    own = [(deal, ledger.state(deal), changes) for deal, changes in changed if deal.id in heard]
    fresh = {deal.id for deal, _, changes in own if any(change.field == "new" for change in changes)}
    news = [_news(deal, state, changes, flagged) for deal, state, changes in own if deal_alerts.merged(changes)]
    known = {deal.id for deal, _, _ in own}
    still = [(deal, state) for deal, state in told if deal.id not in known and not deal.dismissed]
    return editions.DealsOfDay(
        new=tuple(one for one in news if one.deal in fresh),
        changed=tuple(one for one in news if one.deal not in fresh),
        corroborated=tuple(Corroboration(deal.id or 0, deal.title, *_counts(state, flagged)) for deal, state in still),
        articles=frozenset(source.article for _, state in told for source in state.sources),
    )


def _gone_quiet(deals: Iterable[Deal]) -> tuple[QuietDeal, ...]:
    """Those of which one would expect to hear more."""
    awaited = (deal for deal in deals if deal.status not in (Status.OPERATING, Status.CANCELLED))
    return tuple(QuietDeal(deal.id or 0, deal.title, deal.status, deal.last) for deal in awaited)


def _news(deal: Deal, state: DealState, changes: Sequence[Change], flagged: Collection[int]) -> DealNews:
    together = deal_alerts.merged(changes)
    new = together[0].field == "new"
    words = deal_alerts.figures(state) if new else [deal_alerts.happened(change) for change in together]
    count, origins = _counts(state, flagged)
    return DealNews(
        deal=deal.id or 0,
        title=deal.title,
        happened=(", " if new else "; ").join(words),
        status=deal.status,
        official=any(source.official for source in state.sources),
        articles=count,
        origins=origins,
        proof=(deal_alerts.proof_of_figures(state) if new else None)
        or deal_alerts.proof_of(deal_alerts.lead(together)),
        changes=() if new else tuple(map(_line, together)),
    )


def _line(change: Change) -> ChangeLine:
    return ChangeLine(change.field, change.before, change.after, change.of)


def _counts(state: DealState, flagged: Collection[int]) -> tuple[int, int]:
    """How many of these articles tell of the deal, and from how many origins."""
    own = [source for source in state.sources if source.article in flagged]
    return len({source.article for source in own}), len({source.origin for source in own})
