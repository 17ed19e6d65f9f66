"""What deals come to, each dollar and gigawatt counted once. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol, TypeVar

from pipeline.domain import Status


@dataclass(frozen=True)
class Sum:
    """What deals come to, in US dollars and in gigawatts, and how many they are."""

    usd: float = 0.0
    gw: float = 0.0
    deals: int = 0

    def __add__(self, other: Sum) -> Sum:
        return Sum(self.usd + other.usd, self.gw + other.gw, self.deals + other.deals)

    def __sub__(self, other: Sum) -> Sum:
        return Sum(self.usd - other.usd, self.gw - other.gw, self.deals - other.deals)


class Linked(Protocol):
    """How a deal stands to others: the keys of those that it is part of and supersedes, empty where there is none.

    `is_total`: it is a sum over many deals.
    """

    @property
    def key(self) -> str: ...
    @property
    def part_of(self) -> str: ...
    @property
    def supersedes(self) -> str: ...
    @property
    def dismissed(self) -> bool: ...
    @property
    def is_total(self) -> bool: ...


class Worth(NamedTuple):
    """The status and the figures of a deal, 0 where it has none that can be added up."""

    status: Status
    usd: float
    gw: float


D = TypeVar("D", bound=Linked)


def counting(deals: Sequence[D]) -> list[D]:
    """The deals that count: not dismissed, not superseded, and no sum over many."""
    gone = replaced(deals)
    return [deal for deal in deals if not deal.dismissed and not deal.is_total and deal.key not in gone]


def replaced(deals: Sequence[Linked]) -> set[str]:
    """The keys of those that others supersede."""
    return {deal.supersedes for deal in deals if deal.supersedes and not deal.dismissed}


def wholes(deals: Sequence[Linked], kept: Sequence[Linked]) -> dict[str, str]:
    """The keys of the deals that count, `kept`, each with that of the one that it counts as part of; empty for none.

    The parts of a superseded deal are those of its successor.
    """
    followed = {deal.supersedes: deal.key for deal in deals if deal.supersedes and not deal.dismissed}
    keys = {deal.key for deal in kept}
    above = {deal.key: _whole(deal, followed, keys) for deal in kept}
    return {key: whole if whole and not _goes_round(key, above) else "" for key, whole in above.items()}


def _whole(deal: Linked, followed: dict[str, str], keys: Collection[str]) -> str:
    whole, seen = deal.part_of, {deal.key}
    while whole in followed and whole not in seen:
        seen.add(whole)
        whole = followed[whole]
    return whole if whole in keys and whole != deal.key else ""


def _goes_round(key: str, above: dict[str, str]) -> bool:
    seen: set[str] = set()
    at = above[key]
    while at and at not in seen:
        if at == key:
            return True
        seen.add(at)
        at = above.get(at, "")
    return False


class Frame:
    """The deals that count among these, as they are added up: each after its parts."""

    def __init__(self, deals: Sequence[Linked], kept: Sequence[Linked] | None = None) -> None:
        kept = counting(deals) if kept is None else kept
        above = wholes(deals, kept)
        parts: dict[str, list[str]] = {}
        for key, whole in above.items():
            parts.setdefault(whole, []).append(key)
        self._order: list[tuple[str, str]] = []
        self._walk("", parts)
        self._order.reverse()

    def _walk(self, whole: str, parts: dict[str, list[str]]) -> None:
        """Note all below, the last first and each before its parts."""
        waiting = [(key, whole) for key in parts.get(whole, ())]
        while waiting:
            key, above = waiting.pop()
            self._order.append((key, above))
            waiting += [(part, key) for part in parts.get(key, ())]

    def sums(self, worth: dict[str, Worth]) -> dict[Status, Sum]:
        """What the deals come to by status; `worth` has that of each by key.

        Of a deal and its parts the larger of its own figure and the sum of the parts counts: the parts under their own
        statuses, and what it has beyond them under its own.
        """
        usd: dict[Status, float] = {}
        gw: dict[Status, float] = {}
        deals: dict[Status, int] = {}
        below: dict[str, list[float]] = {}
        for key, whole in self._order:
            status, own_usd, own_gw = worth[key]
            live_usd, off_usd, live_gw, off_gw = below.pop(key, _NOTHING)
            off = status is Status.CANCELLED
            more_usd = max(0.0, own_usd - live_usd - (off_usd if off else 0.0))
            more_gw = max(0.0, own_gw - live_gw - (off_gw if off else 0.0))
            usd[status] = usd.get(status, 0.0) + more_usd
            gw[status] = gw.get(status, 0.0) + more_gw
            deals[status] = deals.get(status, 0) + 1
            if whole:
                sums = below.setdefault(whole, [0.0, 0.0, 0.0, 0.0])
                sums[0] += live_usd if off else live_usd + more_usd
                sums[1] += off_usd + more_usd if off else off_usd
                sums[2] += live_gw if off else live_gw + more_gw
                sums[3] += off_gw + more_gw if off else off_gw
        return {status: Sum(usd[status], gw[status], deals[status]) for status in Status if status in deals}


_NOTHING = (0.0, 0.0, 0.0, 0.0)


def live(by_status: dict[Status, Sum]) -> Sum:
    """All but the cancelled."""
    return sum((each for status, each in by_status.items() if status is not Status.CANCELLED), Sum())
