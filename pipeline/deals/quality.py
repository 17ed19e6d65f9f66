"""How well a ledger is kept, against labelled pieces: facts, grouping, and what was told. Pure.

Within a piece, each labelled deal is paired with at most one mention, the most alike by parties, names and words first,
never by figures. Figures are then counted over the labelled deals, grouping by B-cubed (Bagga and Baldwin, 1998).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from pipeline.domain import Kind, Mention, Status

_WITHIN = 0.01
_LADDER = {
    "talks": (Status.RUMOURED,),
    "announced": (Status.REPORTED, Status.ANNOUNCED),
    "signed": (Status.SIGNED, Status.OPERATING),
    "changed": (Status.CHANGED,),
    "cancelled": (Status.CANCELLED, Status.STALLED),
    "unclear": tuple(Status),
}
"""What the labels' words for a status stand for."""


@dataclass(frozen=True)
class Wanted:
    """A labelled deal of a piece. Of `parties` the slugs; `sure` are the fields that two labellers agreed on."""

    key: str
    parties: frozenset[str]
    kind: str
    amount: float | None
    capacity: float | None
    status: str
    quote: str
    sure: frozenset[str]


@dataclass(frozen=True)
class Found:
    """A mention of a piece, and the key of the deal that it became part of."""

    mention: Mention
    deal: str

    @property
    def parties(self) -> frozenset[str]:
        return frozenset(party.slug for party in self.mention.parties)


@dataclass(frozen=True)
class Told:
    """A piece: what a person says of it, what was read in it, whether it brought an alert, and of which deals."""

    id: str
    yes: bool
    wanted: Sequence[Wanted]
    found: Sequence[Found]
    alerted: bool
    told: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Ratio:
    """Precision and recall; 1.0 where nothing could go wrong. `n` is how many were wanted."""

    precision: float
    recall: float
    n: int

    @classmethod
    def of(cls, right: int, found: int, wanted: int) -> Ratio:
        return cls(right / found if found else 1.0, right / wanted if wanted else 1.0, wanted)


@dataclass(frozen=True)
class Error:
    """Something read wrongly: in which piece, of which labelled deal, what of it."""

    item: str
    deal: str
    field: str
    wanted: str
    found: str


@dataclass(frozen=True)
class LedgerQuality:
    """How well a ledger is kept. `extra` are mentions in pieces labelled yes that no labelled deal stands for."""

    parties: Ratio
    amount: Ratio
    capacity: Ratio
    kind_accuracy: float
    status_accuracy: float
    bcubed_f1: float
    new_deal_alerts_per_deal: float
    deals_without_alert: tuple[str, ...]
    alerts_on_no: tuple[str, ...]
    deals: int
    mentions: int
    extra: int
    errors: tuple[Error, ...] = field(default=(), repr=False)

    def data(self) -> dict[str, Any]:
        """As plain data, rounded."""
        data: dict[str, Any] = _rounded({name: value for name, value in asdict(self).items() if name != "errors"})
        return data


def measure(pieces: Sequence[Told], new_deals: int) -> LedgerQuality:
    """The figures over these pieces; `new_deals` is how many alerts said that a deal is new."""
    pairs: list[tuple[Told, Wanted, Found | None]] = []
    extra = 0
    for piece in pieces:
        paired = pair(piece.wanted, piece.found)
        pairs += [(piece, wanted, paired.get(number)) for number, wanted in enumerate(piece.wanted)]
        extra += len(piece.found) - len(paired) if piece.yes else 0
    errors: list[Error] = []
    keys = Counter(wanted.key for _, wanted, _ in pairs)
    silent = {key for key, count in keys.items() if count > 1 and not _is_told(key, pairs, pieces)}
    return LedgerQuality(
        parties=_parties(pairs, errors),
        amount=_figure("amount", pairs, errors),
        capacity=_figure("capacity", pairs, errors),
        kind_accuracy=_accuracy("kind", pairs, errors),
        status_accuracy=_accuracy("status", pairs, errors),
        bcubed_f1=bcubed([(w.key, f.deal if f else f"none {n}") for n, (_, w, f) in enumerate(pairs)]),
        new_deal_alerts_per_deal=new_deals / len(keys) if keys else 0.0,
        deals_without_alert=tuple(sorted(silent)),
        alerts_on_no=tuple(piece.id for piece in pieces if piece.alerted and not piece.yes),
        deals=len(keys),
        mentions=len(pairs),
        extra=extra,
        errors=tuple(errors),
    )


Pairs = Sequence[tuple[Told, Wanted, Found | None]]


def _is_told(key: str, pairs: Pairs, pieces: Sequence[Told]) -> bool:
    """Whether a piece brought an alert of this labelled deal, or any piece one of the deal that most of it went to."""
    found = [(piece, found.deal) for piece, wanted, found in pairs if found and wanted.key == key]
    deals = Counter(deal for _, deal in found)
    usual = max(deals, key=lambda deal: deals[deal], default="")
    return any(deal in piece.told for piece, deal in found) or any(usual in piece.told for piece in pieces)


def pair(wanted: Sequence[Wanted], found: Sequence[Found]) -> dict[int, Found]:
    """The mention of each labelled deal, by its number; the most alike first, each mention once."""
    likeness = {
        (_likeness(one, other), -row, -column): (row, column)
        for row, one in enumerate(wanted)
        for column, other in enumerate(found)
    }
    rows: dict[int, int] = {}
    for (alike, *_), (row, column) in sorted(likeness.items(), reverse=True):
        if alike > 0 and row not in rows and column not in rows.values():
            rows[row] = column
    return {row: found[column] for row, column in rows.items()}


def _likeness(wanted: Wanted, found: Found) -> float:
    """By parties, by the words of the label's key, and by the sentence."""
    union = wanted.parties | found.parties
    shared = len(wanted.parties & found.parties) / len(union) if union else 0.0
    names = set(re.split(r"[^a-z]+", " ".join([found.mention.anchor, *found.parties])))
    key = set(wanted.key.split("-"))
    named = len(key & names) / len(key)
    quotes = {found.mention.quote, *(fact.quote for fact in found.mention.facts)}
    said = any(_plain(wanted.quote) in _plain(quote) for quote in quotes)
    return 3 * shared + 2 * named + said


def _plain(text: str) -> str:
    return re.sub(r"\W+", " ", text).strip().casefold()


def _parties(pairs: Pairs, errors: list[Error]) -> Ratio:
    right = found = wanted = 0
    for piece, label, mention in pairs:
        have = mention.parties if mention else frozenset()
        right += len(have & label.parties)
        found += len(have)
        wanted += len(label.parties)
        if have != label.parties:
            errors.append(Error(piece.id, label.key, "parties", _list(label.parties), _list(have)))
    return Ratio.of(right, found, wanted)


def _figure(name: str, pairs: Pairs, errors: list[Error]) -> Ratio:
    right = found = wanted = 0
    for piece, label, mention in pairs:
        want = label.amount if name == "amount" else label.capacity
        have = _headline(name, mention.mention) if mention else None
        same = want is not None and have is not None and abs(have - want) <= _WITHIN * want
        right += same
        found += have is not None
        wanted += want is not None
        if not same and (want, have) != (None, None):
            errors.append(Error(piece.id, label.key, name, f"{want or 0:g}", f"{have or 0:g}"))
    return Ratio.of(right, found, wanted)


def _headline(name: str, mention: Mention) -> float | None:
    """The figure, where it is in the labels' unit; what is paid a year stands for a sum that is not stated."""
    fact = mention.fact(name) or (mention.fact("yearly") if name == "amount" else None)
    return float(fact.value) if fact and fact.unit in ("USD", "GW") else None


def _accuracy(name: str, pairs: Pairs, errors: list[Error]) -> float:
    counted = [(piece, label, mention) for piece, label, mention in pairs if name in label.sure]
    right = 0
    for piece, label, mention in counted:
        have: Kind | Status | None = None
        if mention:
            have = mention.mention.kind if name == "kind" else mention.mention.status
        want = label.kind if name == "kind" else label.status
        same = have is not None and (have == want if name == "kind" else have in _LADDER[want])
        right += same
        if not same:
            errors.append(Error(piece.id, label.key, name, want, str(have)))
    return right / len(counted) if counted else 1.0


def bcubed(pairs: Iterable[tuple[str, str]]) -> float:
    """The B-cubed F1 of (labelled group, found group) pairs."""
    counted = list(pairs)
    labelled, found, both = _groups(pair[0] for pair in counted), _groups(p[1] for p in counted), _groups(counted)
    if not counted:
        return 1.0
    precision = sum(both[one] / found[one[1]] for one in counted) / len(counted)
    recall = sum(both[one] / labelled[one[0]] for one in counted) / len(counted)
    return 2 * precision * recall / (precision + recall)


def _groups(names: Iterable[Any]) -> Mapping[Any, int]:
    counts: dict[Any, int] = defaultdict(int)
    for name in names:
        counts[name] += 1
    return counts


def _list(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "-"


def _rounded(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(one) for name, one in value.items()}
    return round(value, 4) if isinstance(value, float) else value
