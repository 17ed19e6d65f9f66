"""What people are told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pipeline.domain.deals import Status
from pipeline.domain.watching import Level, Passage


@dataclass(frozen=True)
class Alert:
    """What is told of one article that a watch flags. Times are aware UTC."""

    article: int
    watch: str
    watch_title: str
    title: str
    url: str
    sources: tuple[str, ...]
    published: datetime | None
    found: datetime
    passages: tuple[Passage, ...]
    level: Level = Level.ABOUT
    score: float = 1.0

    @property
    def about(self) -> bool:
        return self.level is Level.ABOUT


@dataclass(frozen=True)
class FactLine:
    """A fact of a deal as it is shown: its value, what it was before, and the words and address that say so."""

    field: str
    value: str
    before: str
    quote: str
    url: str


@dataclass(frozen=True)
class DealAlert:
    """What is told of a deal: in one line what happened, the facts as they stand, and how sure they are.

    `article` and what follows it is the piece that brought the news. Times are aware UTC.
    """

    deal: int
    watch: str
    watch_title: str
    title: str
    happened: str
    status: Status
    origins: int
    official: bool
    facts: tuple[FactLine, ...]
    related: tuple[str, ...]
    article: int
    headline: str
    url: str
    sources: tuple[str, ...]
    published: datetime | None
    quote: str


@dataclass(frozen=True)
class FeedTrouble:
    """A feed that fails: how often in a row, since when, and why."""

    name: str
    url: str
    failures: int
    error: str
    since: datetime | None


@dataclass(frozen=True)
class Undelivered:
    """A message that found no way out: the channel and the reason."""

    id: str
    channel: str
    subject: str
    error: str


@dataclass(frozen=True)
class DigestSection:
    """The flagged articles of one watch: those about what it watches first, each newest first."""

    watch: str
    title: str
    alerts: tuple[Alert, ...]


@dataclass(frozen=True)
class Digest:
    """One edition: what was found from `start` (inclusive) to `end` (exclusive), aware UTC.

    `day` is the local day on which the edition comes out; `complete` is False while `end` lies ahead.
    """

    day: date
    start: datetime
    end: datetime
    timezone: str
    complete: bool
    sections: tuple[DigestSection, ...]
    articles: int
    feeds: int
    trouble: tuple[FeedTrouble, ...]
    undelivered: tuple[Undelivered, ...]

    @property
    def flagged(self) -> int:
        """How many different articles the sections hold."""
        return len({alert.article for section in self.sections for alert in section.alerts})


@dataclass(frozen=True)
class Message:
    """What a channel sends. `id` is the same on every try, so that a receiver can drop a duplicate."""

    id: str
    kind: str
    subject: str
    text: str
    html: str
    data: dict[str, Any] = field(default_factory=dict)
