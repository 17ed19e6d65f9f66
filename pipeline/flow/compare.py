"""compare: what other watches would flag of the stored articles than those in force, told within seconds.

stored articles, newest first ─▶ sieves: may this change do anything here? ─▶ judged by both ─▶ Comparison
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config.schema import Settings
from pipeline.domain import Verdict
from pipeline.flow.ingest import piece_of
from pipeline.flow.matching import build_matcher, vocabulary_of, watch_of
from pipeline.flow.replay import Change
from pipeline.store import Store, articles, texts
from pipeline.watch.matcher import Matcher, Watch
from pipeline.watch.piece import Piece
from pipeline.watch.sieve import Part, Sieve, parts_of
from pipeline.watch.terms import Vocabulary

PATIENCE = 5.0
"""Seconds after which no further article is looked at."""

_PORTION = 500
_EXAMPLES = 10


@dataclass
class Difference:
    """What a watch flags of the articles looked at: by the rules in force, and by the others.

    `gained` and `lost` are how many of them only the others, or only those in force flag; of each the newest are
    examples.
    """

    before: int = 0
    after: int = 0
    gained: int = 0
    lost: int = 0
    examples: list[Change] = field(default_factory=list)

    def note(self, change: Change) -> None:
        """Count an article that is judged otherwise."""
        before = self.gained if change.gained else self.lost
        self.gained += change.gained
        self.lost += not change.gained
        if before < _EXAMPLES:
            self.examples.append(change)


@dataclass(frozen=True)
class Comparison:
    """How far the look went, and the differences by watch.

    `looked` of `total` articles, which were found since `back_to`; None where all were looked at. Of watches that
    flag the same by both rules there is nothing. `pruned` are those whose texts are gone.
    """

    looked: int
    total: int
    pruned: int
    back_to: datetime | None
    differences: dict[str, Difference]


def compare(
    before: Settings, after: Settings, store: Store, since: datetime, *, patience: float = PATIENCE
) -> Comparison:
    """Judge the articles found since then by the watches of both settings, as far as that goes in `patience` seconds.

    The settings differ in what watches.yaml says. Changes nothing.
    """
    until = time.monotonic() + patience
    edit = _Edit(before, after)
    with store.read() as session:
        total, pruned = articles.count_ingested(session, since), articles.count_pruned(session, since)
        flagged = texts.flagged(session, edit.names, since)
    differences = {name: Difference() for name in edit.names}
    if not edit.names:
        return Comparison(total, total, pruned, None, differences)
    looked = 0
    for text in _newest(store, since):
        looked += 1
        _count(differences, text, edit, flagged)
        if time.monotonic() > until and looked < total:
            return Comparison(looked, total, pruned, text.found_at, differences)
    return Comparison(looked, looked, pruned, None, differences)


def _count(
    differences: dict[str, Difference], text: texts.Text, edit: _Edit, flagged: Collection[tuple[int, str]]
) -> None:
    """Count what the edit makes of an article. `flagged` are those that are, with the watch."""
    piece = piece_of(text.title, text.body, text.source, text.summary)
    whole = piece.text
    if not edit.may_concern(whole):
        for name, difference in differences.items():
            if (text.id, name) in flagged and edit.may_flag(whole):
                difference.before += 1
                difference.after += 1
        return
    if not edit.may_flag(whole):
        return
    old, new = edit.judge(piece)
    for name, difference in differences.items():
        before, after = (name in side and side[name].matched for side in (old, new))
        difference.before += before
        difference.after += after
        if before != after:
            difference.note(Change(after, text.id, text.title, text.published, new.get(name) or Verdict(name, ())))


def _newest(store: Store, since: datetime) -> Iterator[texts.Text]:
    last: texts.Text | None = None
    while True:
        with store.read() as session:
            portion = texts.newest(session, since, last, _PORTION)
        yield from portion
        if len(portion) < _PORTION:
            return
        last = portion[-1]


class _Edit:
    """Two settings as far as they judge otherwise: `names` are the watches that do."""

    def __init__(self, before: Settings, after: Settings) -> None:
        old, new = _rules(before), _rules(after)
        furniture = parts_of(before.furniture, vocabulary_of(before)) ^ parts_of(after.furniture, vocabulary_of(after))
        self.names = [name for name in {**new, **old} if furniture or old.get(name) != new.get(name)]
        self._sides = [_only(settings, self.names) for settings in (before, after)]
        pairs = [(old.get(name), new.get(name)) for name in self.names]
        self._needed = Sieve({part for pair in pairs for rule in pair if rule for part in rule.needed})
        changed = set(furniture)
        self._changed: Sieve | None = None
        for one, other in pairs:
            if one is None or other is None or one.frame != other.frame:
                return
            changed |= one.differing(other)
        # Only terms came and went: a text without any of them is judged as before.
        self._changed = Sieve(changed)

    def may_flag(self, text: str) -> bool:
        """Whether any of the watches may flag the text, before or after."""
        return self._needed.lets_through(text)

    def may_concern(self, text: str) -> bool:
        """Whether any of them may judge it otherwise than before."""
        return self._changed is None or self._changed.lets_through(text)

    def judge(self, piece: Piece) -> list[dict[str, Verdict]]:
        """The verdicts of the watches before and after."""
        return [{verdict.watch: verdict for verdict in matcher.judge(piece)} for matcher in self._sides]


def _only(settings: Settings, names: Sequence[str]) -> Matcher:
    return build_matcher(settings, [name for name in names if name in settings.watches])


@dataclass(frozen=True)
class _Rule:
    """A watch by all that its terms stand for. A text that it flags holds one of the parts that are `needed`."""

    frame: object
    parts: dict[str, set[Part]]
    needed: set[Part]

    def differing(self, other: _Rule) -> set[Part]:
        """What only one of two rules of the same frame looks for in a group."""
        return {part for group, parts in self.parts.items() for part in parts ^ other.parts[group]}


def _rules(settings: Settings) -> dict[str, _Rule]:
    vocabulary = vocabulary_of(settings)
    return {name: _rule(watch_of(settings, name), vocabulary) for name in settings.watches}


def _rule(watch: Watch, vocabulary: Vocabulary) -> _Rule:
    groups = {group: parts_of(terms, vocabulary) for group, terms in watch.groups.items()}
    besides = {group: parts_of(terms, vocabulary) for group, terms in watch.weigh.items()}
    if watch.subject:
        needed = groups[watch.subject]
    elif watch.weights:  # which may find any of them enough
        needed = set().union(*groups.values(), *besides.values())
    else:
        needed = min(groups.values(), key=len)
    parts = {**groups, **besides, "": parts_of(watch.none, vocabulary)}
    return _Rule((watch.within, watch.subject, watch.weights, set(groups), set(besides)), parts, needed)
