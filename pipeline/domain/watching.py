"""What a watch says of a text."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any


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


class Promised(IntEnum):
    """What the title and summary of an entry promise to the watches."""

    NOTHING = 0
    MOST = 1
    """Words of most groups of a watch."""
    FLAGS = 2
    """A watch flags what the feed says already."""


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
