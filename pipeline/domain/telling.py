"""What people are told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from pipeline.domain.deals import Status
from pipeline.domain.graphs import Growth
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
class Proof:
    """The words that say something, where they stand, and when they were published; empty where that is unknown."""

    quote: str
    url: str
    said: datetime | None


@dataclass(frozen=True)
class OtherFigure:
    """What another source gives in place of a fact."""

    value: str
    proof: Proof


@dataclass(frozen=True)
class FactLine:
    """A fact of a deal as it is shown: its value, what it was before, and what says so."""

    field: str
    value: str
    before: str
    proof: Proof
    others: tuple[OtherFigure, ...] = ()


@dataclass(frozen=True)
class PartyLine:
    """A party of a deal as it is shown. One that companies.yaml does not know is not `known`."""

    name: str
    role: str
    known: bool
    proof: Proof | None


@dataclass(frozen=True)
class RelatedDeal:
    """Another deal, and how it stands to the one that is told of: part of, part, supersedes or superseded by."""

    how: str
    deal: int
    title: str


@dataclass(frozen=True)
class DealAlert:
    """What is told of a deal: in one line what happened, the facts as they stand, and how sure they are.

    `happened` names the deal. `official` is where an official source tells of it, and empty where none does.
    `article` and what follows it is the piece that brought the news. `thread` is the same for all that is ever told of
    the deal, and so is `topic`, a subject, but for a "Re:". Times are aware UTC.
    """

    deal: int
    watch: str
    watch_title: str
    title: str
    happened: str
    status: Status
    origins: int
    official: str
    parties: tuple[PartyLine, ...]
    facts: tuple[FactLine, ...]
    related: tuple[RelatedDeal, ...]
    article: int
    headline: str
    url: str
    sources: tuple[str, ...]
    published: datetime | None
    quote: str
    thread: str
    topic: str


@dataclass(frozen=True)
class Part:
    """An alert within a bundle. `id` is the one it would have gone out with by itself; `type` is `alert` or `deal`."""

    id: str
    type: str
    data: DealAlert | Alert


@dataclass(frozen=True)
class Bundle:
    """Alerts that go out as one message, in the order in which they were found."""

    alerts: tuple[Part, ...]


@dataclass(frozen=True)
class FeedNews:
    """What became of a feed, as a predicate: that it does not answer, since when where that is known, or is back."""

    name: str
    url: str
    note: str
    since: datetime | None


@dataclass(frozen=True)
class Undelivered:
    """A message that found no way out: the channel and the reason."""

    id: str
    channel: str
    subject: str
    error: str


@dataclass(frozen=True)
class DisabledChannel:
    """A channel to which nothing is sent any more, since when and why, and how many deliveries wait for it."""

    name: str
    since: datetime
    reason: str
    waiting: int


@dataclass(frozen=True)
class ChangeLine:
    """What became of a `field` of a deal, as in `Change`; `before` is empty where there was nothing."""

    field: str
    before: str
    after: str
    of: str = ""


@dataclass(frozen=True)
class DealNews:
    """A deal that is new, or changed: what happened to it, and how many pieces from how many origins told of it.

    `changes` say the same as `happened`, piece by piece; of a new deal there are none.
    """

    deal: int
    title: str
    happened: str
    status: Status
    official: bool
    articles: int
    origins: int
    proof: Proof
    changes: tuple[ChangeLine, ...] = ()


@dataclass(frozen=True)
class QuietDeal:
    """A deal that was spoken of for the `last` time some weeks ago."""

    deal: int
    title: str
    status: Status
    last: datetime


@dataclass(frozen=True)
class Corroboration:
    """A known deal that nothing changed of, and how many further pieces from how many origins told of it."""

    deal: int
    title: str
    articles: int
    origins: int


@dataclass(frozen=True)
class DigestSection:
    """What one watch found: of one with a `ledger` the deals, and those flagged articles that belong to none.

    `alerts` are the articles: those about what it watches first, each newest first. `gone_quiet` are the deals of which
    nobody has spoken for a month now.
    """

    watch: str
    title: str
    alerts: tuple[Alert, ...]
    ledger: bool = False
    new: tuple[DealNews, ...] = ()
    changed: tuple[DealNews, ...] = ()
    corroborated: tuple[Corroboration, ...] = ()
    gone_quiet: tuple[QuietDeal, ...] = ()

    @property
    def quiet(self) -> bool:
        return not (self.alerts or self.new or self.changed or self.corroborated)


@dataclass(frozen=True)
class Digest:
    """One edition: what was found from `start` (inclusive) to `end` (exclusive), aware UTC.

    `day` is the local day on which the edition comes out; `complete` is False while `end` lies ahead. `flagged` is how
    many different articles some watch flags.
    """

    day: date
    start: datetime
    end: datetime
    timezone: str
    complete: bool
    sections: tuple[DigestSection, ...]
    articles: int
    feeds: int
    feed_news: tuple[FeedNews, ...]
    undelivered: tuple[Undelivered, ...]
    flagged: int = 0
    unwell: int = 0
    disabled: tuple[DisabledChannel, ...] = ()
    growth: Growth | None = None


@dataclass(frozen=True)
class Picture:
    """A picture within a message: `id` is what its HTML calls it by, `cid:` and this. Its size is in pixels."""

    id: str
    words: str
    width: int
    png: bytes


@dataclass(frozen=True)
class Message:
    """What a channel sends. `id` is the same on every try, so that a receiver can drop a duplicate.

    Messages that belong together have the same `thread`, and the same `topic` for a subject but for a "Re:"; both are
    empty where a message stands alone. `earlier` are the ids of those of the thread that were made for the channel
    before, oldest first. `made` is when it was found what it tells. `reached` are those of a channel's addresses at
    which it has arrived before.
    """

    id: str
    kind: str
    subject: str
    text: str
    html: str
    data: dict[str, Any] = field(default_factory=dict)
    thread: str = ""
    topic: str = ""
    made: datetime | None = None
    earlier: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


Step = Callable[[str], None]
"""Told what has been done on the way of a message, in a few words: connected, logged in, accepted ..."""


def unsaid(_: str) -> None:
    """For whoever does not want to know the steps."""
