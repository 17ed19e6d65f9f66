"""What is said of deals, and the deals that come of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Bound(StrEnum):
    """How a figure stands to the value."""

    EXACT = "exact"
    UP_TO = "up to"
    MORE_THAN = "more than"
    ABOUT = "about"


class Kind(StrEnum):
    """What a deal is about."""

    COMPUTE = "compute"
    CHIPS = "chips"
    DATACENTER = "datacenter"
    POWER = "power"
    FINANCING = "financing"
    EQUITY = "equity"
    PROGRAMME = "programme"
    OTHER = "other"


class Status(StrEnum):
    """How far a deal has come: up the ladder from rumoured to operating, or off it."""

    RUMOURED = "rumoured"
    REPORTED = "reported"
    ANNOUNCED = "announced"
    SIGNED = "signed"
    OPERATING = "operating"
    CHANGED = "changed"
    STALLED = "stalled"
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class Mark:
    """What stands at a place of a sentence, by offsets in it: `label` is a company (`@slug`) or a word's meaning."""

    label: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """A sentence of a piece: where it stands, how surely it speaks of a deal (0 to 1), and what is marked in it.

    `where` and `start` are as in `Passage`.
    """

    where: str
    start: int
    text: str
    certainty: float
    marks: tuple[Mark, ...]


FIGURES = ("amount", "yearly", "capacity", "chips", "term")
"""The fields that are figures; `yearly` is an amount for each year."""


@dataclass(frozen=True)
class Fact:
    """One thing that a piece says of a deal, and the words that say it.

    `field` is amount or yearly (in `unit`, a currency's code), capacity (GW), chips, or term (`years`, or `until` a
    year); status where a person set it. `start` and `end` are offsets of the very words in the part of the piece that
    `where` names.
    """

    field: str
    value: float | str
    quote: str
    where: str
    start: int
    end: int
    confidence: float
    unit: str = ""
    low: float | None = None
    bound: Bound = Bound.EXACT
    per_year: bool = False
    revised: bool = False
    """Whether its words say that it is another figure than before."""
    attribution: str = ""
    """Who is said to say so, in the piece's words; empty where the piece says it by itself."""
    more: bool = False
    """Whether its words say that it is of a part: a first tranche, or what is added."""
    article: int = 0
    """In which article, where the fact stands in a ledger."""


@dataclass(frozen=True)
class Party:
    """A company in a deal. One that companies.yaml does not know has a slug of its own and `known` False."""

    slug: str
    name: str
    role: str
    known: bool = True


@dataclass(frozen=True)
class Mention:
    """What one article says of one deal.

    `anchor` is what it is told apart by, besides kind and time: a counterparty, a programme, a programme's site, or
    `total`. `central` where the piece is about it, and not about something else that brings it up. `quote` is the
    sentence that says it best.
    """

    anchor: str
    parties: tuple[Party, ...]
    kind: Kind
    status: Status
    facts: tuple[Fact, ...]
    certainty: float
    central: bool
    quote: str
    programme: str = ""
    """The programme, by slug, that the piece names together with the deal."""
    place: str = ""
    """Where, by the place's slug; empty where the piece does not say."""
    cites: str = ""
    """The outlet whose report the piece passes on; empty where it tells by itself."""
    partly: bool = False
    """Whether a part of it is stalled or cancelled, and not the whole."""
    left: tuple[str, ...] = ()
    """The parties, by slug, that are no longer in it."""

    def fact(self, field: str) -> Fact | None:
        """The surest of the facts of this field, the first of equals."""
        return max((fact for fact in self.facts if fact.field == field), key=lambda f: f.confidence, default=None)


@dataclass(frozen=True)
class Source:
    """Where a mention comes from.

    `origin` names the outlet whose report it is: the piece's own, or one that it cites. `fingerprint` is that of the
    piece's text, by which copies are known; empty where there is too little of it.
    """

    article: int
    url: str
    published: datetime
    origin: str
    official: bool
    fingerprint: str = ""


@dataclass(frozen=True)
class Origin:
    """An independent report of a deal: `name` is an outlet's slug or a host, the rest is of its first article.

    `lag` is by how many seconds it came after the first report of all; `articles` counts the copies too. `official`
    where any of them is.
    """

    name: str
    article: int
    url: str
    published: datetime
    lag: float
    official: bool
    articles: int = 1


@dataclass(frozen=True)
class Change:
    """Something about a deal that is worth telling: a new deal, or what became of its `field`.

    `field` is new, a figure of `FIGURES`, party, status, confirmed, contradicted, or
    part: a part of it was stalled or cancelled. `before` is empty where there was nothing. `of` is the figure that is
    contradicted.
    """

    field: str
    before: str
    after: str
    quote: str
    source: Source
    of: str = ""
    turn: int = 1
    """The how manieth time the deal comes to this: what stood still and went on may stand still again."""

    @property
    def key(self) -> str:
        """The same however often, and in whatever order, the change is found."""
        to = self.after or f"without {self.before}"
        return f"{self.field}{f' {self.of}' if self.of else ''}:{to}{f' #{self.turn}' if self.turn > 1 else ''}"


@dataclass(frozen=True)
class DealState:
    """A deal as all that was said of it, and what people ruled, makes it. `key` tells it apart from the others.

    `facts` are those in force, by field; `disagreements` those that others state in their place. `sources` are in the
    order of publication. `kinds` is how many pieces see it as what, `place` where most of those that say so see it.
    `title` is empty where nobody gave it one; `dismissed`: somebody said that it is none.
    """

    key: str
    anchor: str
    parties: tuple[Party, ...]
    kind: Kind
    status: Status
    facts: dict[str, Fact]
    disagreements: tuple[tuple[Fact, Source], ...]
    changes: tuple[Change, ...]
    sources: tuple[Source, ...]
    part_of: str = ""
    supersedes: str = ""
    kinds: dict[Kind, int] = field(default_factory=dict)
    place: str = ""
    title: str = ""
    dismissed: bool = False

    @property
    def origins(self) -> int:
        """How many independent reports tell of it."""
        return len({source.origin for source in self.sources})


class Verb(StrEnum):
    """What a person may do with a deal."""

    MERGE = "merge"
    SPLIT = "split"
    SET = "set"
    DISMISS = "dismiss"


@dataclass(frozen=True)
class Ruling:
    """What a person decided of a deal, by its key; `id` counts up, and later ones are carried out after earlier ones.

    merge: it is the same as the deal `into`. split: what `articles` say is of another deal, which gets the key
    `{deal}+{id}`. set: its `field` (title, kind, status, part_of, amount, capacity) is `value`. dismiss: it is no deal.
    """

    id: int
    verb: Verb
    deal: str
    into: str = ""
    articles: tuple[int, ...] = ()
    field: str = ""
    value: str = ""
