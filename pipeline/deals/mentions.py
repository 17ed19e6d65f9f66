"""Statements to mentions: what a piece says of each deal that it speaks of. Pure.

sentences ─▶ statements, clause by clause ─▶ those without an anchor to the deal spoken of before ─▶ a mention a deal
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.deals.anchors import PROGRAMME, SITE, TOTAL, UNNAMED, is_party
from pipeline.deals.lexicon import Lexicon
from pipeline.deals.statements import Statement, statements
from pipeline.domain import Kind, Mention, Sentence, Status

_SURE = 0.35
"""In a flagged piece a sentence this sure is read too."""
_NAMELESS_SURE = 0.5
"""One that names no deal must be this sure."""
_LOOSE, _LOOSER = 0.85, 0.5
"""How much less sure a figure is whose clause does not name its deal: where its sentence does, and where not."""
_AFTER_SURE = 0.2
"""A sentence that stands right behind a very sure one may be this unsure, if it names a counterparty."""
_VERY_SURE = 0.9
_RUNS = re.compile(
    r"\b(?:contract|agreement|deal|lease|loan|accord|pact|payments?|deliver(?:y|ies)|contrato|acuerdo|vertrag)\b"
    r"(?:(?! not )[^.;:]){0,60}?\b(?:runs?|lasts?|extends?|stays|term|expires?|ends|läuft|dura|vence)\b",
    re.IGNORECASE,
)
_TERM_SURE = 0.4
"""How sure at the least it is what such a sentence says."""
_RECENT = 4
"""How many statements back a deal was spoken of just before."""
_ROLE = 0.4
"""How many words for a kind a company's role counts for, with each thing said of its deal."""
_OPENING = 2
"""How many sentences after the title a piece opens with."""
_TITLE = 2
"""How many other words a word of the title counts for."""


def mentions(sentences: Sequence[Sentence], lexicon: Lexicon, central: bool, language: str) -> list[Mention]:
    """What a piece says of deals, in the order in which it first speaks of them. `central` where it is about them."""
    said: dict[str, list[Statement]] = defaultdict(list)
    waiting: list[Statement] = []
    last: str | None = None
    named: dict[str, str] = {}
    for statement in _spoken(sentences, lexicon, language):
        own = dict(statement.parties)
        _refer(statement, last, named, said)
        if own:  # in one sentence all that were named are meant by "the companies"
            named = named | own if statement.continues or statement.follows else own
        if central and last is not None and last.startswith(SITE) and _is_aside(statement, lexicon):
            statement.anchor = last
        if statement.anchor is not None:
            last = statement.anchor
            said[last].append(statement)
        elif last is None:
            waiting.append(statement)
        elif statement.facts or statement.adds or statement.sentence.certainty >= _NAMELESS_SURE:
            said[last].append(_loosened(statement))
    _narrow(said, lexicon)
    _join_by_figure(said)
    _settle(said, waiting)
    if not said and any(_is_built(one) for one in waiting):
        said[UNNAMED] = waiting
    most = max((len(found) for found in said.values()), default=0)
    opening = sentences[: _OPENING + 1]
    return [
        _mention(anchor, found, lexicon, central and _is_main(found, most, opening))
        for anchor, found in said.items()
        if found and not _is_mere_money(anchor, found, lexicon)
    ]


def _refer(
    statement: Statement, last: str | None, named: Mapping[str, str], said: Mapping[str, Sequence[Statement]]
) -> None:
    """Add those whom a statement means without naming them, and them to the site that it says is part of their deal."""
    to_programme = bool(statement.anchor) and str(statement.anchor).startswith(PROGRAMME)
    if statement.refers or (statement.part and to_programme):
        statement.parties = {**named, **statement.parties}
    if statement.refers and is_party(statement.anchor) and len(statement.parties) > 1 and statement.programme:
        statement.anchor = f"{PROGRAMME}{statement.programme}"
    if statement.part and last is not None and last.startswith(SITE) and is_party(statement.anchor):
        said[last][-1].parties |= statement.parties
    if statement.listed and last is not None and last.startswith(SITE) and not statement.parties:
        statement.parties = dict(named)


def _is_main(found: Sequence[Statement], most: int, opening: Sequence[Sentence]) -> bool:
    """Whether a piece that is about deals is about this one: it opens with it, or speaks of it as much as of others."""
    if all(map(_says_nothing, found)) and not any(one.sentence == opening[0] for one in found):
        return False
    return 2 * len(found) >= most or any(one.sentence in opening for one in found)


def _is_aside(statement: Statement, lexicon: Lexicon) -> bool:
    """Whether it says something of the site of which the piece speaks. A government's own part is a programme."""
    return _says_nothing(statement) and lexicon.kind_of(statement.anchor or "") is not Kind.PROGRAMME


def _says_nothing(statement: Statement) -> bool:
    """Whether it names a counterparty, and neither what the deal is about nor a figure."""
    return is_party(statement.anchor) and not statement.kinds and not statement.facts and not statement.programme


def _is_built(statement: Statement) -> bool:
    """Whether it speaks of what is built, bought or run, and not only of money."""
    built = statement.kinds.keys() - {Kind.EQUITY, Kind.FINANCING, Kind.PROGRAMME}
    return bool(built) or any(fact.field in ("capacity", "chips") for fact in statement.facts)


def _is_mere_money(anchor: str, found: Sequence[Statement], lexicon: Lexicon) -> bool:
    """Whether it is a financier's deal of which nothing says what it pays for."""
    return (
        is_party(anchor)
        and lexicon.kind_of(anchor) is Kind.FINANCING
        and not any(_is_built(one) or one.programme for one in found)
    )


def _spoken(sentences: Sequence[Sentence], lexicon: Lexicon, language: str) -> Iterator[Statement]:
    """What the sentences say that are sure enough, in order; and what a less sure one adds to those just before."""
    before, recent = 0.0, deque[str](maxlen=_RECENT)
    for sentence in sentences:
        found = list(statements(sentence, lexicon, language))
        if sentence.certainty < _SURE:
            found = [_surer(one) for one in found if _follows(one, before, recent)]
        yield from found
        recent.extend(one.anchor for one in found if one.anchor is not None)
        before = sentence.certainty


def _follows(statement: Statement, before: float, recent: Collection[str]) -> bool:
    """Whether a statement of an unsure sentence goes on with what was said before."""
    if _is_term(statement) and statement.sentence.where == "body" and (statement.anchor in (None, *recent)):
        return True
    if statement.anchor == TOTAL:
        return bool(statement.facts) and statement.sentence.certainty >= _AFTER_SURE
    if statement.anchor and statement.anchor.startswith(SITE) and statement.parties:
        return any(anchor.startswith((SITE, PROGRAMME)) for anchor in recent)
    if statement.anchor in recent or (statement.anchor is None and before >= _VERY_SURE):
        return statement.stated and bool(statement.facts)
    surely = before >= _VERY_SURE and statement.sentence.certainty >= _AFTER_SURE
    return surely and is_party(statement.anchor) and bool(statement.kinds)


def _surer(statement: Statement) -> Statement:
    if _is_term(statement):
        statement.facts = [replace(fact, confidence=max(fact.confidence, _TERM_SURE)) for fact in statement.facts]
    return statement


def _is_term(statement: Statement) -> bool:
    """Whether it only says how long the contract runs, of which the piece speaks."""
    only = {fact.field for fact in statement.facts} == {"term"}
    return only and bool(_RUNS.search(statement.sentence.text))


def _loosened(statement: Statement) -> Statement:
    share = _LOOSE if statement.continues else _LOOSER
    statement.facts = [replace(fact, confidence=round(fact.confidence * share, 3)) for fact in statement.facts]
    return statement


def _narrow(said: dict[str, list[Statement]], lexicon: Lexicon) -> None:
    """Give what is said of a wider place to the one place in it of which the piece speaks too."""
    for anchor in [anchor for anchor in said if anchor.startswith(SITE)]:
        inside = [
            one for one in said if one.startswith(SITE) and f"{SITE}{lexicon.wider.get(one[len(SITE) :], '')}" == anchor
        ]
        if len(inside) == 1:
            said[inside[0]] += said.pop(anchor)


def _join_by_figure(said: dict[str, list[Statement]]) -> None:
    """Give a site what is said of one of its parties with the very figures that are given for the site."""
    for anchor in [anchor for anchor in said if anchor.startswith(SITE)]:
        figures = _figures(said[anchor])
        for party in [slug for one in said[anchor] for slug in one.parties if slug in said and figures]:
            own = _figures(said.get(party, ()))
            if own and own <= figures:
                said[anchor] += said.pop(party)


def _figures(said: Iterable[Statement]) -> set[tuple[str, float | str]]:
    return {(fact.unit, fact.value) for one in said for fact in one.facts if fact.field != "term"}


def _settle(said: dict[str, list[Statement]], waiting: Iterable[Statement]) -> None:
    """Give a programme's partner's statements to the partner's own deal, and what came first to the first deal."""
    for anchor, found in list(said.items()):
        if anchor.startswith(PROGRAMME):
            for statement in [one for one in found if len(one.parties) == 1]:
                party = next(iter(statement.parties))
                if said.get(party):
                    found.remove(statement)
                    said[party].append(statement)
    others = [anchor for anchor, found in said.items() if found and anchor != TOTAL]
    if others:
        main = next((anchor for anchor in others if is_party(anchor)), others[0])
        said[main] += [_loosened(statement) for statement in waiting]
        if not any(statement.facts or statement.sentence.where == "title" for statement in said.get(TOTAL, ())):
            said.pop(TOTAL, None)


def _mention(anchor: str, said: Sequence[Statement], lexicon: Lexicon, central: bool) -> Mention:
    parties: dict[str, str] = {}
    kinds: Counter[Kind] = Counter()
    for statement in said:
        parties = statement.parties | parties
        for kind, count in statement.kinds.items():
            kinds[kind] += count * (_TITLE if statement.sentence.where == "title" else 1)
    ordered = list(dict.fromkeys(party for statement in said for party in statement.parties))
    best = max(said, key=lambda statement: statement.sentence.certainty).sentence
    return Mention(
        anchor,
        tuple(lexicon.party(party, parties[party]) for party in ordered),
        _kind(anchor, ordered, kinds, lexicon, central, len(said)),
        _overall(said),
        tuple(fact for statement in said for fact in statement.facts),
        best.certainty,
        central,
        best.text,
        next((statement.programme for statement in said if statement.programme), ""),
        next((statement.place for statement in said if statement.place), ""),
        partly=_is_partly(said),
        left=tuple(dict.fromkeys(slug for one in said for slug in one.left if one.sentence.certainty >= _SURE)),
    )


def _is_partly(said: Sequence[Statement]) -> bool:
    """Whether the first that says that it is stalled or cancelled says so of a part."""
    return next((one.partly for one in said if one.status in (Status.STALLED, Status.CANCELLED)), False)


def _overall(said: Sequence[Statement]) -> Status:
    """The status by the most weight: the title's word counts most, then that of the first sentence.

    What is told by sources that are not named is no more than reported.
    """
    weights: defaultdict[Status, float] = defaultdict(float)
    for number, statement in enumerate(said):
        title = statement.sentence.where == "title"
        plain = statement.status is Status.ANNOUNCED
        weights[statement.status] += (3.0 if title else 2.0 if number == 0 else 1.0) * (0.6 if plain else 1.0)
    best = max(weights, key=lambda status: weights[status])
    if best is not Status.ANNOUNCED:
        return best
    # A title that gives no hint of how far it has come says less than a sentence that does say it.
    if any(_is_surely_signed(one) for one in said[:_OPENING]):
        return Status.SIGNED
    unnamed = sum(statement.hearsay for statement in said)
    return Status.REPORTED if said[0].hearsay or 2 * unnamed > len(said) else best


def _is_surely_signed(statement: Statement) -> bool:
    signed = statement.status is Status.SIGNED and statement.anchor != TOTAL
    return signed and statement.sentence.certainty >= 0.7 and bool(statement.kinds)


def _kind(
    anchor: str, parties: Sequence[str], kinds: Counter[Kind], lexicon: Lexicon, central: bool, count: int
) -> Kind:
    weights: defaultdict[Kind, float] = defaultdict(float, kinds)
    if anchor.startswith(PROGRAMME):
        weights[Kind.PROGRAMME] = 0.5 * weights[Kind.PROGRAMME] + (1.0 if central else 2.0)
    else:
        weights[Kind.PROGRAMME] *= 0.3
    own = lexicon.kinds_of(parties[0]) if parties and is_party(anchor) else []
    for kind in own:
        weights[kind] += (1.5 + _ROLE * count) / len(own)
    if anchor.startswith(SITE):
        weights[Kind.DATACENTER if kinds[Kind.DATACENTER] else Kind.PROGRAMME] += 1.5
    best = max(weights, key=lambda kind: weights[kind])
    return best if weights[best] > 0 else Kind.OTHER
