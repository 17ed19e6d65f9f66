"""What charts are drawn of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from pipeline.domain.deals import Kind, Party, Status


@dataclass(frozen=True)
class Dot:
    """A deal on the timeline: the days (UTC) of its first and latest mention, in US dollars and GW what it comes to."""

    deal: int
    title: str
    kind: Kind
    status: Status
    first: date
    last: date
    usd: float | None
    gw: float | None


@dataclass(frozen=True)
class Point:
    """What the ledger came to at the end of a day (UTC), in US dollars and GW, by the status that deals had then."""

    day: date
    usd: dict[Status, float]
    gw: dict[Status, float]


@dataclass(frozen=True)
class Course:
    """How a ledger grew: a point for each day on which something changed, and in sentences what is counted."""

    points: tuple[Point, ...]
    notes: tuple[str, ...]


class Flow(StrEnum):
    """What a company is to the subject."""

    SUPPLIES = "supplies"
    FINANCES = "finances"
    OWNS = "owns"
    JOINS = "joins"


@dataclass(frozen=True)
class Edge:
    """All deals by which a company is one thing to the subject: their numbers, and what they come to in USD and GW."""

    company: Party
    flow: Flow
    deals: tuple[int, ...]
    usd: float
    gw: float


@dataclass(frozen=True)
class Network:
    """Who supplies, finances and owns the subject: edges of one company stand together, the weightiest company first.

    `circles` are the slugs of those that put money in and are paid. `left_out` is how many lighter companies there are.
    """

    subject: str
    edges: tuple[Edge, ...]
    circles: frozenset[str]
    left_out: int
    notes: tuple[str, ...]


@dataclass(frozen=True)
class Bar:
    """What a ledger came to at the end of a day, a week or a month, in US dollars, the cancelled aside."""

    name: str
    usd: float


@dataclass(frozen=True)
class Growth:
    """The last twelve of these, up to an edition; `added` is what it came to be more by the edition's articles.

    `words` say the same.
    """

    title: str
    bars: tuple[Bar, ...]
    added: float
    words: str
