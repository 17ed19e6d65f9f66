"""The ledger summed up: totals by status, circular flows of money, and figures that look wrong. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pipeline.deals.anchors import TOTAL
from pipeline.deals.roles import FUNDING, invests
from pipeline.domain import Bound, DealState, Fact, Kind, Party, Status

USUAL = (10e9, 60e9)
"""US dollars that a gigawatt of such infrastructure usually costs."""

_PAID_KINDS = (Kind.COMPUTE, Kind.CHIPS, Kind.DATACENTER, Kind.POWER)
_FUNDING_ROLES = ("investor", "lender")
_PAID_ROLES = ("supplier", "host", "landlord")


@dataclass(frozen=True)
class Booked:
    """A deal with its number and title."""

    id: int
    title: str
    state: DealState


@dataclass(frozen=True)
class Sum:
    """What deals come to, in US dollars and in gigawatts, and how many they are."""

    usd: float = 0.0
    gw: float = 0.0
    deals: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.usd + other.usd, self.gw + other.gw, self.deals + other.deals)


@dataclass(frozen=True)
class Totals:
    """Sums by status, and over all but the cancelled. `notes` say in words what was counted, and what was left out."""

    by_status: dict[Status, Sum]
    live: Sum
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Circle:
    """A company that puts money into the subject and is paid by it: the deals of both ways, and what they come to."""

    party: Party
    funds: tuple[Booked, ...]
    paid: tuple[Booked, ...]
    put_in: Sum
    got_out: Sum


def totals(deals: Sequence[Booked]) -> Totals:
    """What the deals come to, each counted once.

    Of a programme and its parts the larger of the programme's own figure and the sum of its parts counts: the parts
    under their own statuses, and what the programme has beyond them under its own. A superseded deal counts no more,
    and its parts are those of its successor.
    """
    kept, notes = _countable(deals)
    tree = _tree(deals, kept)
    by_status = _sums(kept, tree)
    return Totals(by_status, _live(by_status), (*_counted(kept, tree), *notes))


def sums(deals: Sequence[Booked]) -> dict[Status, Sum]:
    """What the deals come to by status, as `totals` counts them."""
    kept, _ = _countable(deals)
    return _sums(kept, _tree(deals, kept))


def standing(deals: Sequence[Booked]) -> list[Booked]:
    """The deals that count: not dismissed, not superseded, and no sum over many. Cancelled ones are among them."""
    return _countable(deals)[0]


def worth(some: Sequence[Booked]) -> Sum:
    """What some of the standing deals come to by themselves, the cancelled aside."""
    return _live(_sums(some, _tree(some, some)))


def _sums(kept: Sequence[Booked], tree: _Tree) -> dict[Status, Sum]:
    found = {status: Sum() for status in Status if any(booked.state.status is status for booked in kept)}
    for booked in kept:
        found[booked.state.status] += Sum(deals=1)
    for booked, value in _shares(tree, "amount"):
        found[booked.state.status] += Sum(usd=value)
    for booked, value in _shares(tree, "capacity"):
        found[booked.state.status] += Sum(gw=value)
    return found


def _live(by_status: dict[Status, Sum]) -> Sum:
    return sum((each for status, each in by_status.items() if status is not Status.CANCELLED), Sum())


@dataclass
class _Tree:
    """Deals with their parts."""

    roots: list[Booked] = field(default_factory=list)
    parts: dict[str, list[Booked]] = field(default_factory=lambda: defaultdict(list))


def _countable(deals: Sequence[Booked]) -> tuple[list[Booked], list[str]]:
    """The deals that count, and in words those that do not."""
    standing = [d for d in deals if not d.state.dismissed]
    replaced = {d.state.supersedes for d in standing if d.state.supersedes}
    kept: list[Booked] = []
    left: dict[str, list[Booked]] = defaultdict(list)
    for booked in deals:
        if booked.state.dismissed:
            left["dismissed by hand"].append(booked)
        elif booked.state.anchor == TOTAL:
            left["sums over many deals"].append(booked)
        elif booked.state.key in replaced:
            left["superseded by a later deal"].append(booked)
        else:
            kept.append(booked)
    return kept, [f"Left out, {reason}: {_named(those)}." for reason, those in left.items()]


def _tree(deals: Sequence[Booked], kept: Sequence[Booked]) -> _Tree:
    followed = {d.state.supersedes: d.state.key for d in deals if d.state.supersedes and not d.state.dismissed}
    keys = {booked.state.key for booked in kept}
    above = {booked.state.key: _parent(booked.state, followed, keys) for booked in kept}
    tree = _Tree()
    for booked in kept:
        whole = above[booked.state.key]
        if whole and not _goes_round(booked.state.key, above):
            tree.parts[whole].append(booked)
        else:
            tree.roots.append(booked)
    return tree


def _parent(state: DealState, followed: dict[str, str], keys: set[str]) -> str:
    """The key of the deal that this one counts as part of; empty where that is none that counts."""
    whole, seen = state.part_of, {state.key}
    while whole in followed and whole not in seen:
        seen.add(whole)
        whole = followed[whole]
    return whole if whole in keys and whole != state.key else ""


def _goes_round(key: str, above: dict[str, str]) -> bool:
    seen: set[str] = set()
    at = above[key]
    while at and at not in seen:
        if at == key:
            return True
        seen.add(at)
        at = above.get(at, "")
    return False


def _shares(tree: _Tree, of: str) -> Iterable[tuple[Booked, float]]:
    """What each deal adds to the sum: its figure, less what its parts add already."""
    found: list[tuple[Booked, float]] = []

    def walk(booked: Booked) -> tuple[float, float]:
        """What the deal and its parts add, to the live sum and to that of the cancelled."""
        below = [walk(part) for part in tree.parts.get(booked.state.key, ())]
        live, cancelled = sum(pair[0] for pair in below), sum(pair[1] for pair in below)
        off = booked.state.status is Status.CANCELLED
        share = max(0.0, _value(booked.state, of) - live - (cancelled if off else 0.0))
        found.append((booked, share))
        return (live, cancelled + share) if off else (live + share, cancelled)

    for root in tree.roots:
        walk(root)
    return found


def _value(state: DealState, of: str) -> float:
    fact = usd(state) if of == "amount" else state.facts.get("capacity")
    return float(fact.value) if fact else 0.0


def usd(state: DealState) -> Fact | None:
    """The deal's total amount in US dollars; None where it is in another currency, or by the year."""
    amount = state.facts.get("amount")
    return amount if amount and amount.unit == "USD" and not amount.per_year else None


def _counted(kept: Sequence[Booked], tree: _Tree) -> Iterable[str]:
    live = [booked for booked in kept if booked.state.status is not Status.CANCELLED]
    by_key = {booked.state.key: booked for booked in kept}
    yield f"Counted: {_deals(len(live))} that are not cancelled, each once, by the figures in force."
    for key, parts in tree.parts.items():
        yield (
            f"{_name(by_key[key])} and its parts count once, by the larger of its own figure and their sum; "
            f"what it has beyond them stands under its own status. Its parts: {_named(parts)}."
        )
    funding = [booked for booked in live if booked.state.kind in FUNDING]
    if money := sum(_value(booked.state, "amount") for booked in funding):
        yield (
            f"{dollars(money)} of it is financing and equity, which may pay for other deals counted here: "
            f"{_named(funding)}."
        )
    facts = [fact for booked in live for fact in (usd(booked.state), booked.state.facts.get("capacity")) if fact]
    if bounded := sum(fact.bound is Bound.UP_TO or fact.low is not None for fact in facts):
        yield f"{bounded} of the figures are upper ends ('up to', or a range) and count in full."
    cancelled = [booked for booked in kept if booked.state.status is Status.CANCELLED]
    if cancelled:
        yield f"Not in the sum, cancelled: {_named(cancelled)}."
    yield from _unpriced(live)


def _unpriced(live: Sequence[Booked]) -> Iterable[str]:
    odd = [booked for booked in live if booked.state.facts.get("amount") and not usd(booked.state)]
    if odd:
        yield f"No dollars counted, the amount is by the year or in another currency: {_named(odd)}."
    for name, missing in (("an amount", "amount"), ("a capacity", "capacity")):
        if count := sum(missing not in booked.state.facts for booked in live):
            yield f"{_deals(count)} without {name} {'adds' if count == 1 else 'add'} none."


def circles(deals: Sequence[Booked]) -> list[Circle]:
    """The companies that put money into the subject and are paid by it, the most money first.

    A deal of equity or financing that also states a capacity or chips from a supplier goes both ways by itself.
    """
    kept = [d for d in _countable(deals)[0] if d.state.status is not Status.CANCELLED]
    parties: dict[str, Party] = {}
    funds: dict[str, list[Booked]] = defaultdict(list)
    paid: dict[str, list[Booked]] = defaultdict(list)
    for booked in kept:
        for party in booked.state.parties:
            parties.setdefault(party.slug, party)
            if party.role in _FUNDING_ROLES or booked.state.kind in FUNDING or invests(party, booked.state):
                funds[party.slug].append(booked)
            if party.role in _PAID_ROLES and (booked.state.kind in _PAID_KINDS or _supplies(booked.state)):
                paid[party.slug].append(booked)
    found = [
        Circle(parties[slug], tuple(funds[slug]), tuple(paid[slug]), _sum(funds[slug]), _sum(paid[slug]))
        for slug in parties
        if funds[slug] and paid[slug]
    ]
    return sorted(found, key=lambda circle: (-circle.put_in.usd - circle.got_out.usd, circle.party.slug))


def _supplies(state: DealState) -> bool:
    return state.kind in FUNDING and bool({"capacity", "chips"} & state.facts.keys())


def _sum(deals: Iterable[Booked]) -> Sum:
    return sum((Sum(_value(d.state, "amount"), _value(d.state, "capacity"), 1) for d in deals), Sum())


def per_gigawatt(state: DealState) -> float | None:
    """US dollars for a gigawatt; None where the deal has no total amount in dollars, or no capacity."""
    amount, capacity = usd(state), state.facts.get("capacity")
    if amount is None or capacity is None or not float(capacity.value):
        return None
    return float(amount.value) / float(capacity.value)


def doubtful(state: DealState) -> str:
    """Why the deal's figures look wrong, in words; empty where they do not."""
    each = per_gigawatt(state)
    if each is None or USUAL[0] <= each <= USUAL[1]:
        return ""
    low, high = (dollars(value) for value in USUAL)
    return f"{dollars(each)} for a gigawatt is outside the usual {low} to {high}: check the figures."


def dollars(value: float) -> str:
    """$1.4 trillion, $38 billion, $250 million."""
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if value >= 0.99995 * size:
            return f"${value / size:.4g} {name}"
    return f"${value:,.0f}"


def _named(deals: Sequence[Booked]) -> str:
    return ", ".join(map(_name, deals))


def _name(booked: Booked) -> str:
    return f"{booked.title} [{booked.id}]"


def _deals(count: int) -> str:
    return f"{count} deal" if count == 1 else f"{count} deals"
