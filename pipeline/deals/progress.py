"""How a ledger came to where it is: each deal as it stood then, and what all came to. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from pipeline.deals.books import Booked, Sum, standing, sums, totals, usd
from pipeline.deals.rows import source_of
from pipeline.deals.wording import shown
from pipeline.domain import Course, DealState, Dot, Fact, Point, Status

_MOVING = ("status", "amount", "capacity")
_MOST_LOOKS = 150
"""At deals that hang together: each look costs as much as all of them."""
Delta = tuple[datetime, dict[Status, Sum]]


@dataclass(frozen=True)
class _Turn:
    """A deal as it stood from a moment on, and the article that made it so."""

    when: datetime
    article: int
    booked: Booked


def course(deals: Sequence[Booked]) -> Course | None:
    """What the deals came to day by day; None where nothing that counts has a figure.

    A deal counts from the day (UTC) of its first report, with the figures and the status it had then, until the one
    that supersedes it is reported. The last point is what `totals` gives. What a person set by hand counts from the
    last change on, and in place of an earlier figure that is known no more.
    """
    by_day: dict[date, dict[Status, Sum]] = defaultdict(lambda: defaultdict(Sum))
    for when, added in deltas(deals):
        for status, value in added.items():
            by_day[when.astimezone(UTC).date()][status] += value
    points, so_far = [], dict.fromkeys(Status, Sum())
    for day in sorted(by_day):
        for status, value in by_day[day].items():
            so_far[status] += value
        usd_now = {status: round(value.usd, 2) for status, value in so_far.items() if round(value.usd, 2)}
        gw_now = {status: round(value.gw, 9) for status, value in so_far.items() if round(value.gw, 9)}
        points.append(Point(day, usd_now, gw_now))
    if not any(point.usd or point.gw for point in points):
        return None
    way = "Each deal counts from its first report on, with the figures and under the status that it had at the time."
    return Course(tuple(points), (way, *totals(deals).notes))


def deltas(deals: Sequence[Booked]) -> Iterator[Delta]:
    """What is added to the sums of each status, and when; what goes elsewhere is taken away there."""
    for related in _together(deals):
        turns = [list(_turns(booked)) for booked in related]
        before: dict[Status, Sum] = {}
        for when in _moments({turn.when for own in turns for turn in own}):
            then = [_at(own, when) for own in turns]
            now = sums([booked for booked in then if booked])
            yield when, {s: _less(now.get(s, Sum()), before.get(s, Sum())) for s in {*now, *before}}
            before = now


def _moments(turns: Collection[datetime]) -> list[datetime]:
    """The last of each day (UTC); of a programme with parts beyond number some of these, the last of all among them."""
    by_day = {when.astimezone(UTC).date(): when for when in sorted(turns)}
    every = -(-len(by_day) // _MOST_LOOKS)
    return list(reversed(list(reversed(by_day.values()))[::every]))


def without(deals: Sequence[Booked], articles: Collection[int]) -> list[Booked]:
    """The deals as they stood before these articles told of them; those that only they tell of are left out."""
    found = []
    for booked in deals:
        kept = [turn for turn in _turns(booked) if turn.article not in articles]
        if any(source.article not in articles for source in booked.state.sources):
            found.append(kept[-1].booked if kept else booked)
    return found


def dots(deals: Sequence[Booked]) -> list[Dot]:
    """The deals that count as they stand on a timeline, the first reported first."""
    found = [_dot(booked) for booked in standing(deals)]
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


def _together(deals: Sequence[Booked]) -> list[list[Booked]]:
    """The deals in groups whose sums hang together: programmes with their parts, and what supersedes what."""
    top = {booked.state.key: booked.state.key for booked in deals}

    def root(key: str) -> str:
        while top[key] != key:
            top[key] = top[top[key]]
            key = top[key]
        return key

    for booked in deals:
        for other in (booked.state.part_of, booked.state.supersedes):
            if other in top:
                top[root(booked.state.key)] = root(other)
    groups: dict[str, list[Booked]] = defaultdict(list)
    for booked in deals:
        groups[root(booked.state.key)].append(booked)
    return list(groups.values())


def _turns(booked: Booked) -> Iterator[_Turn]:
    """The deal from each moment on at which its status or a figure changed."""
    first = min(booked.state.sources, key=lambda source: source.published)
    steps = [
        (max(when, first.published), article, name, value)
        for name in _MOVING
        for when, article, value in _steps(name, booked.state, (first.published, first.article))
    ]
    status, facts = booked.state.status, dict(booked.state.facts)
    for name in ("amount", "capacity"):
        facts.pop(name, None)
    for when, article, name, value in sorted(steps, key=lambda step: step[0]):
        if isinstance(value, Status):
            status = value
        elif value is None:
            facts.pop(name, None)
        else:
            facts[name] = value
        yield _Turn(when, article, replace(booked, state=replace(booked.state, status=status, facts=dict(facts))))


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


def _at(turns: Sequence[_Turn], when: datetime) -> Booked | None:
    return next((turn.booked for turn in reversed(turns) if turn.when <= when), None)


def _less(one: Sum, other: Sum) -> Sum:
    return Sum(one.usd - other.usd, one.gw - other.gw, one.deals - other.deals)
