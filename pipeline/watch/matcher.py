"""Text to verdicts: which watches flag it, by which terms, in which windows, how surely, and how much it is about it.

title, body ─▶ Plain ─▶ Finder ─▶ hits
Plain ─▶ lines that are the piece ─▶ windows ─▶ with the hits in them: Evidence
Evidence ─▶ features ─▶ certainty of each window ─▶ features of the piece ─▶ score
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.domain import Hit, Passage, Verdict
from pipeline.watch.evidence import Evidence, gather
from pipeline.watch.features import Features, of_piece, of_window
from pipeline.watch.finder import Finder, Found
from pipeline.watch.furniture import lines_of
from pipeline.watch.language import language
from pipeline.watch.piece import Piece
from pipeline.watch.score import RULES, Weights
from pipeline.watch.terms import Vocabulary, parse
from pipeline.watch.text import Plain, Span
from pipeline.watch.windows import Window, windows

NONE = ""
"""The group of the terms that forbid a window."""
_MOST_PASSAGES = 20
_LONGEST_QUOTE = 1000


@dataclass(frozen=True)
class Watch:
    """A rule: one term of every group of `groups` must stand in one window that holds no term of `none`.

    `within` is `sentence`, `paragraph`, `article` or `N words`. The title is a window of its own, except that
    with `article` it counts together with the body. `subject` is the group that the title, or a window just before,
    can lend. With `weights` the certainty of a window decides in place of the rule; `weigh` are groups that count
    there besides.
    """

    name: str
    within: str
    groups: Mapping[str, Sequence[str]]
    none: Sequence[str] = ()
    subject: str | None = None
    weigh: Mapping[str, Sequence[str]] = field(default_factory=dict)
    weights: Weights | None = None


@dataclass(frozen=True)
class Seen:
    """A window of a piece with what it holds, and its features where the watch has weights."""

    evidence: Evidence
    features: Features


@dataclass(frozen=True)
class Reading:
    """A piece as one watch reads it: its plain text, the windows that hold anything, and how many there are in all."""

    piece: Piece
    plain: Plain
    windows: Sequence[Seen]
    count: int


class Matcher:
    """All watches compiled. `furniture` are terms that open lines which are none of the piece."""

    def __init__(
        self, watches: Sequence[Watch], vocabulary: Vocabulary | None = None, furniture: Sequence[str] = ()
    ) -> None:
        self.watches = tuple(watches)
        terms = [(-1, NONE, term) for term in furniture] + [
            (number, group, term)
            for number, watch in enumerate(self.watches)
            for group, terms in [*watch.groups.items(), *watch.weigh.items(), (NONE, watch.none)]
            for term in terms
        ]
        self._owners = [(number, group) for number, group, _ in terms]
        self._finder = Finder([parse(term) for _, _, term in terms], vocabulary or Vocabulary())
        told_late = {self._owners[term] for term in self._finder.patterned}
        self._needed = [
            {(number, group) for group in _needed(watch)} - told_late for number, watch in enumerate(self.watches)
        ]
        """The groups without which a watch flags nothing, as far as that shows by their words."""

    def judge(self, piece: Piece) -> list[Verdict]:
        """One verdict for each watch, in the order of the watches."""
        return [decide(watch, reading) for watch, reading in zip(self.watches, self.read(piece), strict=True)]

    def flagged(self, piece: Piece) -> list[Verdict]:
        """The verdicts of those watches that flag the piece. Costs a part of what `judge` does: most flag nothing."""
        plain = Plain(piece.text)
        found = self._finder.find_words(plain.text, language(plain.text))
        present = {self._owners[one.term] for one in found}
        may = [number for number, needed in enumerate(self._needed) if needed <= present]
        if not may:
            return []
        readings = self._read(piece, plain, found, may)
        verdicts = [decide(self.watches[number], reading) for number, reading in zip(may, readings, strict=True)]
        return [verdict for verdict in verdicts if verdict.matched]

    def read(self, piece: Piece) -> list[Reading]:
        """What each watch finds in the piece, in the order of the watches."""
        plain = Plain(piece.text)
        found = self._finder.find_words(plain.text, language(plain.text))
        return self._read(piece, plain, found, range(len(self.watches)))

    def _read(self, piece: Piece, plain: Plain, words: Sequence[Found], numbers: Sequence[int]) -> list[Reading]:
        """What the watches of these numbers find. `words` are the places of all terms but regular expressions."""
        # Title, feed text and body are paragraphs of one text, so that one pass serves them all.
        title_length = len(Plain(piece.title).text)
        hits: dict[int, list[Hit]] = {}
        furniture = []
        for found in [*words, *self._finder.find_patterns(plain.text)]:
            number, group = self._owners[found.term]
            if number < 0:
                furniture.append(found.span)
            else:
                hits.setdefault(number, []).append(Hit(group, found.label, found.span.start, found.span.end))
        cut: dict[str, list[Window]] = {}
        lines: list[Span] | None = None
        readings = []
        for number in numbers:
            watch = self.watches[number]
            if number not in hits:
                readings.append(Reading(piece, plain, (), 0))
                continue
            if lines is None:
                lines = lines_of(plain.text, furniture, title_length)
            if watch.within not in cut:
                cut[watch.within] = windows(plain.text, lines, watch.within, title_length)
            seen = _see(watch, cut[watch.within], _inside(lines, hits[number]))
            readings.append(Reading(piece, plain, seen, len(cut[watch.within])))
        return readings


def _needed(watch: Watch) -> Iterable[str]:
    """The groups of which a piece that the watch flags must hold a term somewhere."""
    if watch.weights is None:
        return watch.groups
    return [watch.subject] if watch.subject else []


def _inside(lines: Sequence[Span], hits: Iterable[Hit]) -> list[Hit]:
    """The hits that lie in one of the lines, in the order of the text."""
    starts = [line.start for line in lines]
    ordered = sorted(hits, key=lambda hit: (hit.start, hit.end, hit.group, hit.term))
    return [hit for hit in ordered if (at := bisect_right(starts, hit.start)) and hit.end <= lines[at - 1].end]


def _see(watch: Watch, cut: Sequence[Window], hits: Sequence[Hit]) -> list[Seen]:
    gathered = list(gather(cut, hits, watch.subject))
    return [
        Seen(
            evidence,
            of_window(evidence, watch.groups, watch.subject)
            if watch.weights and watch.subject not in _lacking(watch, evidence) and NONE not in evidence.hits
            else {},
        )
        for evidence in gathered
    ]


def _lacking(watch: Watch, evidence: Evidence) -> tuple[str, ...]:
    return tuple(
        group
        for group in watch.groups
        if group not in evidence.hits and not (group == watch.subject and evidence.subject)
    )


def _certainty(watch: Watch, seen: Seen) -> float:
    """How sure it is that a window says what the watch looks for: by the rule 0 or 1, by weights between."""
    if NONE in seen.evidence.hits:
        return 0.0
    if watch.weights is None:
        return 0.0 if _lacking(watch, seen.evidence) else 1.0
    return watch.weights.window.probability(seen.features) if seen.features else 0.0


def decide(watch: Watch, reading: Reading) -> Verdict:
    """What the watch says of a piece that it, or the same watch with other weights, has read."""
    certainties = [_certainty(watch, seen) for seen in reading.windows]
    judged = list(zip(reading.windows, certainties, strict=True))
    satisfying = _passages(reading, judged)
    if not satisfying:
        return _miss(watch, reading, judged)
    best = max(judged, key=lambda pair: pair[1])[0]
    about = watch.weights.about if watch.weights else RULES
    features = of_piece([(seen.evidence, certainty) for seen, certainty in judged], reading.count)
    return Verdict(
        watch.name,
        tuple(satisfying[:_MOST_PASSAGES]),
        score=about.probability(features),
        window_reasons=watch.weights.window.reasons(best.features) if watch.weights else (),
        piece_reasons=about.reasons(features),
    )


def _passages(reading: Reading, judged: Sequence[tuple[Seen, float]]) -> list[Passage]:
    """The passages of the windows that are rather sure than not, best first, each quote once."""
    found: list[Passage] = []
    quotes: set[str] = set()
    end = 0
    for seen, certainty in judged:
        if certainty < 0.5 or seen.evidence.window.span.start < end:
            continue  # windows of N words overlap; the first of a run stands for it
        end = seen.evidence.window.span.end
        passage = _passage(reading, seen.evidence, certainty)
        if passage.quote not in quotes:  # many pages repeat the title above the text
            found.append(passage)
            quotes.add(passage.quote)
    return sorted(found, key=lambda p: (p.where != "title", -p.certainty, -len({hit.term for hit in p.hits}), p.start))


def passages(watch: Watch, reading: Reading) -> list[Passage]:
    """All windows that hold anything, sure or not, in the order of the text."""
    return [_passage(reading, seen.evidence, _certainty(watch, seen)) for seen in reading.windows]


def _miss(watch: Watch, reading: Reading, judged: Sequence[tuple[Seen, float]]) -> Verdict:
    """The verdict on a piece without a match: the window that came nearest, and what it lacked."""
    near = [(seen, certainty) for seen, certainty in judged if seen.evidence.hits.keys() & watch.groups.keys()]
    if not near:
        return Verdict(watch.name, (), lacking=tuple(watch.groups))
    seen, certainty = max(near, key=lambda pair: (pair[1], -len(_lacking(watch, pair[0].evidence))))
    return Verdict(
        watch.name,
        (),
        _passage(reading, seen.evidence, certainty),
        _lacking(watch, seen.evidence),
        window_reasons=watch.weights.window.reasons(seen.features) if watch.weights else (),
    )


def _passage(reading: Reading, evidence: Evidence, certainty: float) -> Passage:
    """The passage, with offsets that count in the part of the piece it lies in, or in all of it."""
    plain, piece = reading.plain, reading.piece
    hits = sorted(
        (hit for group, found in evidence.hits.items() if group != NONE for hit in found),
        key=lambda hit: (hit.start, hit.end, hit.group, hit.term),
    )
    span = quoted = evidence.window.span
    if span.end - span.start > _LONGEST_QUOTE and hits:  # a whole article: quote from its first to its last term
        quoted = Span(hits[0].start, min(max(hit.end for hit in hits), hits[0].start + _LONGEST_QUOTE))
    whole, place = plain.original(span), plain.original(quoted)
    inside = {name: start for name, start in piece.parts.items() if start <= whole.start}
    where, offset = next(reversed(inside.items()))
    if any(whole.start < start <= whole.end for start in piece.parts.values()):
        where, offset = "article", 0
    moved = []
    for hit in hits:
        at = plain.original(Span(hit.start, hit.end))
        moved.append(Hit(hit.group, hit.term, at.start - offset, at.end - offset))
    return Passage(
        where,
        place.start - offset,
        place.end - offset,
        piece.text[place.start : place.end],
        tuple(moved),
        certainty,
        evidence.subject.value if evidence.subject else "",
    )
