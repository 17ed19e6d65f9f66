"""Values that the stages exchange and nobody stores as such."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True)
class Entry:
    """One item of a feed, as parsed.

    `guid` and `url` are empty where the feed gives none; `url` is absolute http(s), cleaned of tracking.
    `text` is the item's own content as plain text, paragraphs apart by a blank line.
    """

    guid: str
    url: str
    title: str
    text: str
    author: str = ""
    published: datetime | None = None


@dataclass(frozen=True)
class ParsedFeed:
    """A feed document as parsed. `ttl` in seconds where the feed states one."""

    title: str
    entries: tuple[Entry, ...]
    ttl: float | None = None
    language: str = ""


@dataclass(frozen=True)
class Page:
    """A response of the HTTP client.

    `url` is where the last redirect led; `moved` where a permanent redirect says the address changed for good.
    Header names are lower case. `body` is decoded from its transfer encoding.
    """

    url: str
    status: int
    headers: dict[str, str]
    body: bytes
    moved: str = ""


@dataclass(frozen=True)
class Hit:
    """One term found: `start` and `end` are character offsets in the text it was found in."""

    group: str
    term: str
    start: int
    end: int


@dataclass(frozen=True)
class Passage:
    """A window of a text with the terms in it.

    `where` is `title`, `body`, `feed` (the feed's own text, where the body is the page's) or `article` (all of these,
    a line each); offsets count in that text. `certainty` (0 to 1) is how sure it is that the window says what the watch
    looks for; `lent` says where the subject was named that the window itself does not name.
    """

    where: str
    start: int
    end: int
    quote: str
    hits: tuple[Hit, ...]
    certainty: float = 1.0
    lent: str = ""

    @classmethod
    def from_data(cls, data: dict[str, Any]) -> Passage:
        """The passage that `dataclasses.asdict` made the data of."""
        return cls(**{**data, "hits": tuple(Hit(**hit) for hit in data["hits"])})


class Level(StrEnum):
    """How much of a piece is about what a watch looks for."""

    MENTIONS = "mentions"
    ABOUT = "about"

    def reaches(self, least: Level) -> bool:
        return self is Level.ABOUT or least is Level.MENTIONS


@dataclass(frozen=True)
class Reason:
    """A feature of a window or a piece, and what it adds to the score, in log-odds."""

    name: str
    share: float


@dataclass(frozen=True)
class Verdict:
    """What one watch says of one text.

    `passages` are the windows that satisfy it, best first; empty means no match, and then `nearest` is the
    window that came nearest and `lacking` the groups it had not (empty where `none` forbade it, or where its certainty
    falls short). `score` (0 to 1) is how central the matter is to the piece. `window_reasons` say why the best or
    nearest window is as certain as it is, `piece_reasons` make up the score.
    """

    watch: str
    passages: tuple[Passage, ...]
    nearest: Passage | None = None
    lacking: tuple[str, ...] = ()
    score: float = 0.0
    window_reasons: tuple[Reason, ...] = ()
    piece_reasons: tuple[Reason, ...] = ()

    @property
    def matched(self) -> bool:
        return bool(self.passages)

    @property
    def level(self) -> Level | None:
        """None without a match."""
        if not self.passages:
            return None
        return Level.ABOUT if self.score >= 0.5 else Level.MENTIONS

    @property
    def certainty(self) -> float:
        """How sure the best window, or the nearest, is (0 to 1)."""
        best = self.passages[0] if self.passages else self.nearest
        return max((passage.certainty for passage in self.passages), default=best.certainty if best else 0.0)


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
