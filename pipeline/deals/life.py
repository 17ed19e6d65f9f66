"""One deal from its first mention on: the facts in force, and what of it is worth telling. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pipeline.deals.stories import corroborated
from pipeline.deals.wording import shown
from pipeline.domain import Change, DealState, Fact, Kind, Level, Mention, Party, Source, Status

Told = tuple[Source, Mention]

OFF = (Status.STALLED, Status.CANCELLED)
_RANK = {
    Status.RUMOURED: 0,
    Status.REPORTED: 1,
    Status.ANNOUNCED: 2,
    Status.CHANGED: 2,
    Status.STALLED: 2,
    Status.SIGNED: 3,
    Status.OPERATING: 4,
}
_ROUNDING = 0.05
_COMPARABLE = 3
_AGREEING = 3
"""Origins that outweigh what was said before."""
_SURE = 0.18


def live(
    key: str,
    anchor: str,
    told: Sequence[Told],
    supersedes: str = "",
    programme: str = "",
    least: Level = Level.MENTIONS,
) -> DealState:
    """The deal that all this, in the order of publication, was said of.

    `programme` is that of which sites are part, and `least` the level that a piece must reach to make it news.
    """
    sources = corroborated([source for source, _ in told])
    return _Life(key, anchor, supersedes, programme, least).walk(
        [(s, m) for s, (_, m) in zip(sources, told, strict=True)]
    )


def revised(before: DealState, after: DealState, source: Source) -> list[Change]:
    """What an article changed of a deal by being edited: the figures in force that come of it, and are others now.

    What it said at first was told, so its new figure is news, though nothing else says otherwise.
    """
    told = {change.field for change in after.changes if change.source.article == source.article}
    return [
        Change(name, shown(before.facts[name]), shown(fact), fact.quote, source)
        for name, fact in after.facts.items()
        if fact.article == source.article and name in before.facts and name not in told
        if not _same(before.facts[name], fact)
    ]


@dataclass
class _Life:
    """A deal on its way through what was said of it."""

    key: str
    anchor: str
    supersedes: str
    programme: str
    least: Level = Level.MENTIONS
    status: Status | None = None
    official: bool = False
    known: bool = False
    met: set[str] = field(default_factory=set)
    plain: set[str] = field(default_factory=set)
    """The origins that tell of it without reserve while it is no more than reported."""
    facts: dict[str, Fact] = field(default_factory=dict)
    rivals: dict[str, list[tuple[Fact, Source]]] = field(default_factory=lambda: defaultdict(list))
    changes: list[Change] = field(default_factory=list)
    weights: Counter[Kind] = field(default_factory=Counter)
    partners: set[str] = field(default_factory=set)
    late: dict[str, set[str]] = field(default_factory=dict)
    """The origins that name a company, by slug, which was no partner at first."""
    leaving: dict[str, set[str]] = field(default_factory=dict)
    """The origins that say that a company leaves."""
    heard: list[Source] = field(default_factory=list)

    def walk(self, told: Sequence[Told]) -> DealState:
        for source, mention in told:
            self._step(source, mention)
            self.heard.append(source)
            self.weights[mention.kind] += 2 if mention.central else 1
        gone = self.leaving.keys() - self.partners
        parties = tuple(p for p in _parties(self.anchor, [mention for _, mention in told]) if p.slug not in gone)
        named = Counter(mention.programme for _, mention in told if mention.programme)
        part_of = f"programme:{self.programme}" if self.anchor.startswith("in:") and self.programme else ""
        if not part_of and named and not self.anchor.startswith("programme:") and named.total() * 3 >= len(told):
            part_of = f"programme:{named.most_common(1)[0][0]}"
        return DealState(
            self.key,
            self.anchor,
            parties,
            self._kind(),
            self.status or Status.REPORTED,
            self.facts,
            tuple(rival for rivals in self.rivals.values() for rival in rivals),
            tuple(_counted(self.changes)),
            tuple(source for source, _ in told),
            part_of,
            self.supersedes,
            dict(Counter(mention.kind for _, mention in told)),
            next((p for p, _ in Counter(m.place for _, m in told if m.place).most_common(1)), ""),
        )

    def _kind(self) -> Kind:
        return min(self.weights, key=lambda kind: (-self.weights[kind], kind))

    def _step(self, source: Source, mention: Mention) -> None:
        best = {
            name: replace(fact, article=source.article)
            for name, fact in _surest(mention.facts).items()
            if fact.confidence >= _SURE
        }
        if not self.known:
            self._meet(source, mention, best)
            return
        for name, fact in best.items():
            self._figure(name, fact, source, mention)
        self._join(source, mention)
        self._move(source, mention)
        if source.official and mention.central and not self.official:
            self.official = True
            self.changes.append(Change("confirmed", "", source.origin, mention.quote, source))

    def _meet(self, source: Source, mention: Mention, best: dict[str, Fact]) -> None:
        """Take in what is said before the deal counts as known.

        One that is only brought up, with no figure, is not yet news: another origin may be needed.
        """
        self.status = mention.status if mention.central or self.status is None else self.status
        self.official = self.official or source.official
        self.facts = best
        self.met.add(source.origin)
        self.partners |= {party.slug for party in mention.parties}
        brought_up = self.least is Level.MENTIONS and (best or len(self.met) > 1)
        if mention.central or brought_up:
            self.known = True
            self.changes.append(Change("new", "", self.key, mention.quote, source))

    def _join(self, source: Source, mention: Mention) -> None:
        """Take note of a known company that comes in later, once an official source or a second origin says so."""
        for party in mention.parties:
            if party.slug in mention.left:
                self._leave(party, source, mention)
        for party in mention.parties if mention.central else ():
            if party.slug in mention.left:
                continue
            origins = self.late.setdefault(party.slug, set()) if party.slug not in self.partners else None
            if origins is None or not party.known:
                continue
            origins.add(source.origin)
            if source.official or len(origins) > 1:
                self.partners.add(party.slug)
                self.changes.append(Change("party", "", party.name, mention.quote, source))

    def _leave(self, party: Party, source: Source, mention: Mention) -> None:
        """Take note that a company is no longer in it, once an official source or a second origin says so."""
        origins = self.leaving.setdefault(party.slug, set())
        origins.add(source.origin)
        if party.slug in self.partners and (source.official or len(origins) > 1):
            self.partners.remove(party.slug)
            self.late.pop(party.slug, None)
            self.changes.append(Change("party", party.name, "", mention.quote, source))

    def _figure(self, name: str, fact: Fact, source: Source, mention: Mention) -> None:
        known = self.facts.get(name)
        if known is None:
            self.facts[name] = fact
            if mention.central:
                self.changes.append(Change(name, "", shown(fact), fact.quote, source))
            return
        if known.more and not fact.more and mention.central:  # what was known was of a part
            self.facts[name] = fact
            self.changes += [] if _same(known, fact) else [Change(name, shown(known), shown(fact), fact.quote, source)]
            return
        if _same(known, fact) or (fact.more and not fact.revised):
            return
        rivals = self.rivals[name]
        rivals.append((fact, source))
        agreeing = {other.origin for rival, other in rivals if _same(rival, fact)}
        revised = mention.central and (fact.revised or (source.official and not self.official))
        if revised or (mention.central and len(agreeing) >= _AGREEING):
            before = next((other for other in self.heard if other.article == known.article), source)
            self.rivals[name] = [(known, before), *[pair for pair in rivals if not _same(pair[0], fact)]]
            self.facts[name] = fact
            self.changes.append(Change(name, shown(known), shown(fact), fact.quote, source))
        elif mention.central and len(rivals) == 1 and _is_near(known, fact):
            self.changes.append(Change("contradicted", shown(known), shown(fact), fact.quote, source, name))

    def _move(self, source: Source, mention: Mention) -> None:
        """Along the ladder, or off it; only by a piece that is about the deal."""
        before, after = self.status or Status.REPORTED, mention.status
        if not mention.central or after is before or after is Status.CHANGED:
            return
        up = after not in OFF and before is not Status.CANCELLED and _RANK[after] > _RANK[before]
        if before is Status.REPORTED and after is Status.ANNOUNCED:  # rewrites soon drop their "reportedly"
            self.plain.add(source.origin)
            up = source.official or len(self.plain) >= _AGREEING
        # Where a part of it is scrapped, such as one site of many, the piece may be of another kind than the deal.
        whole = not mention.partly and mention.kind in (self._kind(), Kind.OTHER, Kind.EQUITY)
        off = after in OFF and before is not Status.CANCELLED and whole
        back = before is Status.STALLED and source.official and after not in OFF and _RANK[after] >= _RANK[before]
        if after in OFF and not off and before is not Status.CANCELLED:
            self.changes.append(Change("part", "", str(after), mention.quote, source))
        if up or off or back:
            self.status = after
            self.changes.append(Change("status", str(before), str(after), mention.quote, source))


def _counted(changes: Sequence[Change]) -> Iterator[Change]:
    """The changes, with the how manieth of their key each is."""
    turns: Counter[str] = Counter()
    for change in changes:
        turns[change.key] += 1
        yield replace(change, turn=turns[change.key])


def _parties(anchor: str, mentions: Sequence[Mention]) -> tuple[Party, ...]:
    """The anchor's company, and those that a good part of the mentions name that name any."""
    mentions = [mention for mention in mentions if mention.parties]
    named = Counter(party for mention in mentions for party in mention.parties)
    kept = [party for party, count in named.items() if party.slug == anchor or count * 3 >= len(mentions)]
    return tuple(sorted(kept, key=lambda party: (party.slug != anchor, -named[party], party.slug)))


def _surest(facts: Sequence[Fact]) -> dict[str, Fact]:
    """The surest of the facts of each field, the first of equals."""
    best: dict[str, Fact] = {}
    for fact in facts:
        if fact.field not in best or fact.confidence > best[fact.field].confidence:
            best[fact.field] = fact
    return best


def _is_near(one: Fact, other: Fact) -> bool:
    """Whether two figures can be of the same thing: sums over a part, or over more, lie further apart."""
    low, high = sorted((float(one.value), float(other.value)))
    return high <= _COMPARABLE * low


def _same(one: Fact, other: Fact) -> bool:
    """Whether two figures say the same, rounding aside. Those of different units cannot be compared, and may."""
    if one.unit != other.unit:
        return True
    a, b = float(one.value), float(other.value)
    if one.unit == "until":
        return a == b
    return abs(a - b) <= _ROUNDING * max(a, b) or (other.low is not None and other.low <= a <= b)
