"""The ledger summed up: totals by status, circular flows of money, and figures that look wrong. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.deals.anchors import TOTAL
from pipeline.deals.roles import FUNDING, invests
from pipeline.deals.sums import Frame, Sum, Worth, counting, live, replaced, wholes
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

    @property
    def key(self) -> str:
        return self.state.key

    @property
    def part_of(self) -> str:
        return self.state.part_of

    @property
    def supersedes(self) -> str:
        return self.state.supersedes

    @property
    def dismissed(self) -> bool:
        return self.state.dismissed

    @property
    def is_total(self) -> bool:
        """Whether it is a sum over many deals."""
        return self.state.anchor == TOTAL

    @property
    def worth(self) -> Worth:
        return worth_of(self.state.status, self.state.facts.get("amount"), self.state.facts.get("capacity"))


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
    kept = counting(deals)
    by_status = _sums(deals, kept)
    return Totals(by_status, live(by_status), (*_counted(deals, kept), *_left_out(deals)))


def worth(some: Sequence[Booked]) -> Sum:
    """What some of the deals that count come to by themselves, the cancelled aside."""
    return live(_sums(some, some))


def _sums(deals: Sequence[Booked], kept: Sequence[Booked]) -> dict[Status, Sum]:
    return Frame(deals, kept).sums({booked.key: booked.worth for booked in kept})


def _left_out(deals: Sequence[Booked]) -> Iterable[str]:
    gone = replaced(deals)
    left: dict[str, list[Booked]] = defaultdict(list)
    for booked in deals:
        if booked.dismissed:
            left["dismissed by hand"].append(booked)
        elif booked.is_total:
            left["sums over many deals"].append(booked)
        elif booked.key in gone:
            left["superseded by a later deal"].append(booked)
    return [f"Left out, {reason}: {_named(those)}." for reason, those in left.items()]


def usd(state: DealState) -> Fact | None:
    """The deal's total amount in US dollars; None where it is in another currency, or by the year."""
    amount = state.facts.get("amount")
    return amount if amount and _is_usd(amount) else None


def worth_of(status: Status, amount: Fact | None, capacity: Fact | None) -> Worth:
    """What a deal of this status is worth by these facts."""
    usd = float(amount.value) if amount and _is_usd(amount) else 0.0
    return Worth(status, usd, float(capacity.value) if capacity else 0.0)


def _is_usd(amount: Fact) -> bool:
    return amount.unit == "USD" and not amount.per_year


def _counted(deals: Sequence[Booked], kept: Sequence[Booked]) -> Iterable[str]:
    going = [booked for booked in kept if booked.state.status is not Status.CANCELLED]
    by_key = {booked.key: booked for booked in kept}
    parts_of: dict[str, list[Booked]] = defaultdict(list)
    for key, whole in wholes(deals, kept).items():
        if whole:
            parts_of[whole].append(by_key[key])
    yield f"Counted: {_deals(len(going))} that are not cancelled, each once, by the figures in force."
    for key, parts in parts_of.items():
        yield (
            f"{_name(by_key[key])} and its parts count once, by the larger of its own figure and their sum; "
            f"what it has beyond them stands under its own status. Its parts: {_named(parts)}."
        )
    funding = [booked for booked in going if booked.state.kind in FUNDING]
    if money := sum(booked.worth.usd for booked in funding):
        yield (
            f"{dollars(money)} of it is financing and equity, which may pay for other deals counted here: "
            f"{_named(funding)}."
        )
    facts = [fact for booked in going for fact in (usd(booked.state), booked.state.facts.get("capacity")) if fact]
    if bounded := sum(fact.bound is Bound.UP_TO or fact.low is not None for fact in facts):
        yield f"{bounded} of the figures are upper ends ('up to', or a range) and count in full."
    cancelled = [booked for booked in kept if booked.state.status is Status.CANCELLED]
    if cancelled:
        yield f"Not in the sum, cancelled: {_named(cancelled)}."
    yield from _unpriced(going)


def _unpriced(going: Sequence[Booked]) -> Iterable[str]:
    odd = [booked for booked in going if booked.state.facts.get("amount") and not usd(booked.state)]
    if odd:
        yield f"No dollars counted, the amount is by the year or in another currency: {_named(odd)}."
    for name, missing in (("an amount", "amount"), ("a capacity", "capacity")):
        if count := sum(missing not in booked.state.facts for booked in going):
            yield f"{_deals(count)} without {name} {'adds' if count == 1 else 'add'} none."


def circles(deals: Sequence[Booked]) -> list[Circle]:
    """The companies that put money into the subject and are paid by it, the most money first.

    A deal of equity or financing that also states a capacity or chips from a supplier goes both ways by itself.
    """
    kept = [d for d in counting(deals) if d.state.status is not Status.CANCELLED]
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
    return sum((Sum(d.worth.usd, d.worth.gw, 1) for d in deals), Sum())


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
