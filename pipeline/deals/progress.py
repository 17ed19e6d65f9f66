"""How a ledger came to where it is: each deal as it stood then, and what all came to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from operator import itemgetter
from typing import NamedTuple

from pipeline.deals.books import Booked, totals, usd, worth_of
from pipeline.deals.rows import source_of
from pipeline.deals.sums import Frame, Sum, Worth, counting, live
from pipeline.deals.wording import shown
from pipeline.domain import Course, DealState, Dot, Fact, Point, Status

_MOVING = ("status", "amount", "capacity")
_NONE = Sum()
_WHEN = itemgetter(0)
_DAY = 86_400
_EPOCH = date(1970, 1, 1).toordinal()
_MOST_LOOKS = 150
"""At deals that hang together: each look costs as much as all of them."""


class Turn(NamedTuple):
    """What a deal was worth from a moment on, and the article that made it so."""

    when: datetime
    article: int
    worth: Worth


@dataclass(frozen=True, eq=False)
class Trail:
    """How a deal came to where it is, as far as sums go by it: `articles` tell of it, the rest is as in `Linked`."""

    key: str
    part_of: str
    supersedes: str
    dismissed: bool
    is_total: bool
    turns: tuple[Turn, ...]
    articles: tuple[int, ...]

    def before(self, articles: Collection[int]) -> Worth | None:
        """What it was worth before these articles told of it; None where only they do."""
        if all(article in articles for article in self.articles):
            return None
        return next((turn.worth for turn in reversed(self.turns) if turn.article not in articles), self.turns[-1].worth)


class Delta(NamedTuple):
    """What is added to the sum of a status, and when (Unix time); what goes elsewhere is taken away there."""

    at: float
    status: Status
    usd: float
    gw: float


class Moves(NamedTuple):
    """What deals added to the sums, and of that the dollars of all but the cancelled, with when."""

    deltas: tuple[Delta, ...]
    dollars: tuple[tuple[float, float], ...]


Group = tuple[Trail, ...]
"""Deals whose sums hang together."""


@dataclass(frozen=True)
class Progress:
    """The trails of a ledger's deals, by number. What is known of groups of an earlier state is not worked out anew."""

    trails: Mapping[int, Trail] = field(default_factory=dict)
    known: Mapping[Group, Moves] = field(default_factory=dict)

    def updated(self, changed: Mapping[int, Trail | None]) -> Progress:
        """With these trails in place of those that the deals had, and without those that are None."""
        if not changed:
            return self
        trails = {number: trail for number, trail in self.trails.items() if number not in changed}
        trails |= {number: trail for number, trail in changed.items() if trail}
        return Progress(trails, self.__dict__.get("moves", self.known))

    @cached_property
    def moves(self) -> Mapping[Group, Moves]:
        """What each group of deals that hang together added to the sums, and when."""
        groups = _together([self.trails[number] for number in sorted(self.trails)])
        return {group: self.known.get(group) or _moves(group) for group in groups}

    @cached_property
    def by_day(self) -> Mapping[date, Mapping[Status, Sum]]:
        """What was added to the sum of each status, by day (UTC)."""
        found: dict[int, dict[Status, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
        for moves in self.moves.values():
            for at, status, dollars, gigawatts in moves.deltas:
                sums = found[int(at // _DAY)][status]
                sums[0] += dollars
                sums[1] += gigawatts
        return {
            date.fromordinal(_EPOCH + day): {status: Sum(sums[0], sums[1]) for status, sums in found[day].items()}
            for day in sorted(found)
        }

    @property
    def dollars(self) -> list[tuple[float, float]]:
        """What was added to the dollars of all deals but the cancelled, with when (Unix time); in no order."""
        return [move for moves in self.moves.values() for move in moves.dollars]

    def added(self, articles: Collection[int]) -> float:
        """What these articles added to the dollars of all deals but the cancelled."""
        these = frozenset(articles)
        heard = [group for group in self.moves if any(not these.isdisjoint(trail.articles) for trail in group)]
        return sum(_live_usd(group) - _live_usd(group, these) for group in heard)


def progress_of(deals: Iterable[Booked]) -> Progress:
    """That of these deals, which are of one ledger."""
    return Progress({booked.id: trail(booked) for booked in deals})


def course(deals: Sequence[Booked], progress: Progress | None = None) -> Course | None:
    """What the deals came to day by day; None where nothing that counts has a figure.

    A deal counts from the day (UTC) of its first report, with the figures and the status it had then, until the one
    that supersedes it is reported. The last point is what `totals` gives. What a person set by hand counts from the
    last change on, and in place of an earlier figure that is known no more. `progress` is that of these deals.
    """
    progress = progress or progress_of(deals)
    points, so_far = [], dict.fromkeys(Status, Sum())
    for day, added in progress.by_day.items():
        for status, value in added.items():
            so_far[status] += value
        usd_now = {status: round(value.usd, 2) for status, value in so_far.items() if round(value.usd, 2)}
        gw_now = {status: round(value.gw, 9) for status, value in so_far.items() if round(value.gw, 9)}
        points.append(Point(day, usd_now, gw_now))
    if not any(point.usd or point.gw for point in points):
        return None
    way = "Each deal counts from its first report on, with the figures and under the status that it had at the time."
    return Course(tuple(points), (way, *totals(deals).notes))


def _moves(group: Group) -> Moves:
    deltas = tuple(_deltas(group))
    live: dict[float, float] = defaultdict(float)
    for at, status, dollars, _ in deltas:
        live[at] += dollars if status is not Status.CANCELLED else 0.0
    return Moves(deltas, tuple((at, dollars) for at, dollars in live.items() if dollars))


def _deltas(group: Group) -> Iterator[Delta]:
    waiting = sorted(((turn.when, trail.key, turn.worth) for trail in group for turn in trail.turns), key=_WHEN)
    worth: dict[str, Worth] = {}
    frame, at, before = Frame(()), 0, dict[Status, Sum]()
    for when in _moments({turn[0] for turn in waiting}):
        known = len(worth)
        while at < len(waiting) and waiting[at][0] <= when:
            _, key, worth[key] = waiting[at]
            at += 1
        if len(worth) > known:
            frame = Frame([trail for trail in group if trail.key in worth])
        now = frame.sums(worth)
        for status in {*now, *before}:
            more = now.get(status, _NONE) - before.get(status, _NONE)
            yield Delta(when.timestamp(), status, more.usd, more.gw)
        before = now


def _moments(turns: Collection[datetime]) -> list[datetime]:
    """The last of each day (UTC); of a programme with parts beyond number some of these, the last of all among them."""
    by_day = {when.astimezone(UTC).date(): when for when in sorted(turns)}
    every = -(-len(by_day) // _MOST_LOOKS)
    return list(reversed(list(reversed(by_day.values()))[::every]))


def _live_usd(group: Group, without: Collection[int] = ()) -> float:
    """The dollars of these deals, the cancelled aside, before these articles told of them."""
    worth = {trail.key: then for trail in group if (then := trail.before(without))}
    return live(Frame([trail for trail in group if trail.key in worth]).sums(worth)).usd


def dots(deals: Sequence[Booked]) -> list[Dot]:
    """The deals that count as they stand on a timeline, the first reported first."""
    found = [_dot(booked) for booked in counting(deals)]
    return sorted(found, key=lambda dot: (dot.first, dot.deal))


def _dot(booked: Booked) -> Dot:
    state = booked.state
    said = [source.published.astimezone(UTC).date() for source in state.sources]
    amount, capacity = usd(state), state.facts.get("capacity")
    return Dot(
        deal=booked.id,
        title=booked.title,
        kind=state.kind,
        status=state.status,
        first=min(said),
        last=max(said),
        usd=float(amount.value) if amount else None,
        gw=float(capacity.value) if capacity else None,
    )


def _together(trails: Sequence[Trail]) -> Iterable[Group]:
    """The deals in groups: programmes with their parts, and what supersedes what. Most are by themselves."""
    keys = {trail.key for trail in trails}
    top: dict[str, str] = {}

    def root(key: str) -> str:
        while (above := top.setdefault(key, key)) != key:
            top[key] = top[above]
            key = top[key]
        return key

    for trail in trails:
        for other in (trail.part_of, trail.supersedes):
            if other in keys:
                top[root(trail.key)] = root(other)
    groups: dict[str, list[Trail]] = {}
    for trail in trails:
        if trail.key in top:
            groups.setdefault(root(trail.key), []).append(trail)
        else:
            yield (trail,)
    yield from map(tuple, groups.values())


def trail(booked: Booked) -> Trail:
    """The deal from each moment on at which its status or a figure changed."""
    state = booked.state
    return Trail(
        state.key,
        state.part_of,
        state.supersedes,
        state.dismissed,
        booked.is_total,
        tuple(_turns(state)),
        tuple(source.article for source in state.sources),
    )


def _turns(state: DealState) -> Iterator[Turn]:
    first = min(state.sources, key=lambda source: source.published)
    steps = [
        (max(when, first.published), article, name, value)
        for name in _MOVING
        for when, article, value in _steps(name, state, (first.published, first.article))
    ]
    status, facts = state.status, dict[str, Fact | None]()
    for when, article, name, value in sorted(steps, key=lambda step: step[0]):
        if isinstance(value, Status):
            status = value
        else:
            facts[name] = value
        yield Turn(when, article, worth_of(status, facts.get("amount"), facts.get("capacity")))


def _steps(
    name: str, state: DealState, begin: tuple[datetime, int]
) -> Iterator[tuple[datetime, int, Status | Fact | None]]:
    """From when on the status or figure of this name was what, and by which article."""
    now = state.status if name == "status" else state.facts.get(name)
    changes = [change for change in state.changes if change.field == name]
    source = source_of(now, state) if isinstance(now, Fact) else None
    if not changes and source and source.published > begin[0]:
        yield *begin, None
        yield source.published, source.article, now
        return
    yield *begin, _then(name, changes[0].before, state) if changes else now
    for number, change in enumerate(changes, 1):
        value = now if number == len(changes) else _then(name, change.after, state)
        yield change.source.published, change.source.article, value


def _then(name: str, words: str, state: DealState) -> Status | Fact | None:
    """The status or figure that a change tells of in these words."""
    if name == "status":
        return Status(words)
    if not words:
        return None
    others = (fact for fact, _ in state.disagreements if fact.field == name and shown(fact) == words)
    return next(others, state.facts.get(name))
