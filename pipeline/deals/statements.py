"""Sentences to statements: what a clause says of which deal, each figure with its words. Pure.

A clause that names no anchor goes with what stands before.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.deals.anchors import PROGRAMME, SITE, TOTAL, is_party
from pipeline.deals.belonging import is_other, is_stated, nearness, own
from pipeline.deals.clauses import Clause, clauses, nearest
from pipeline.deals.counterparties import (
    Companies,
    brands,
    counterparties,
    is_compared,
    named_with,
    subject_marks,
    together,
    unknown,
)
from pipeline.deals.figures import Figure, capacity, chips, money, terms
from pipeline.deals.lexicon import Lexicon
from pipeline.deals.partial import is_more, is_new_total, is_partly_off, leaving
from pipeline.domain import Fact, Kind, Mark, Sentence, Status

HEARSAY = "hearsay"
"""The label of words that give what a piece says to sources who are not named."""

_PLURAL = re.compile(
    r"\b(?:deals|agreements|contracts|partnerships|pacts|clouds|commitments|acuerdos|contratos)\b", re.IGNORECASE
)
_THE_DEAL = re.compile(
    r"\b(?:the|this|its) (?:\w+ )?(?:campus|site|project|facility|data cent(?:er|re))\b", re.IGNORECASE
)
_THE_COMPANIES = re.compile(
    r"\b(?:(?:the|both|these) (?:two |three )?(?:companies|firms|partners)|the (?:pair|duo|trio)"
    r"|they (?:have )?(?:announced|signed|formed|struck|unveiled|agreed))\b",
    re.IGNORECASE,
)
_AS_PART = re.compile(r"(?:as part of|como parte del?|im Rahmen|dans le cadre)\b", re.IGNORECASE)
_SAID = re.compile(r" (said|says|announced|confirmed|disclosed|told)\b")
_SCHOOL = re.compile(r" (?:Tech|University|College|Institute)\b")
_STATUS_REACH = 120
_VAST, _BOUNDLESS = 6e11, 1e12
"""Dollars: a sum from the first on with no one counterparty is a total, and from the second on no party's deal."""


@dataclass
class Statement:
    """What one clause says of one deal. `anchor` None: of the one that was spoken of before."""

    sentence: Sentence
    anchor: str | None
    parties: dict[str, str]
    """Slugs, with the names of those that are not known."""
    kinds: Counter[Kind] = field(default_factory=Counter)
    status: Status = Status.ANNOUNCED
    facts: list[Fact] = field(default_factory=list)
    programme: str = ""
    """The programme that its sentence names."""
    place: str = ""
    hearsay: bool = False
    """Whether it comes from sources who are not named."""
    follows: bool = False
    """Whether the same sentence said something before."""
    listed: bool = False
    """Whether it is a further item of a list that the same sentence began."""
    continues: bool = False
    """Whether it goes on with what the same sentence said before, and names no deal of its own."""
    adds: bool = False
    """Whether its parties join a deal that was spoken of before."""
    stated: bool = False
    """Whether it gives a figure beside a word for a deal."""
    part: bool = False
    """Whether it says what the deal just spoken of is part of: who is in the one is in the other."""
    refers: bool = False
    """Whether it speaks of the companies that were named before."""
    partly: bool = False
    """Whether it says that a part is stalled or cancelled, and not the whole."""
    left: tuple[str, ...] = ()
    """Who of several parties is told to leave."""


def statements(sentence: Sentence, lexicon: Lexicon, language: str) -> Iterator[Statement]:
    """What a sentence says, clause by clause."""
    named = [
        mark.label[1:]
        for mark in sentence.marks
        if mark.label[1:] in lexicon.programmes and not is_compared(mark, sentence.marks)
    ]
    for clause in clauses(sentence):
        yield from _of_clause(clause, lexicon, language, named[0] if named else "")


def _of_clause(clause: Clause, lexicon: Lexicon, language: str, programme: str) -> Iterator[Statement]:
    companies: Companies = counterparties(clause, lexicon)
    programmes = [slug for slug, _ in clause.companies() if slug in lexicon.programmes]
    names: dict[str, str] = {}
    if not companies and clause.sentence.certainty >= _FAIRLY_CERTAIN:
        others = unknown(clause, lexicon, by_context=clause.sentence.certainty >= _CERTAIN)
        companies = {slug: [mark] for slug, (_, mark) in others.items()}
        names = {slug: name for slug, (name, _) in others.items()}
    kinds = Counter(Kind(kind) for kind, _ in clause.values("kind:"))
    figures = _figures(clause, language)
    supplied = brands(clause, lexicon, companies)
    places = _places(clause, lexicon)
    for anchor, parties, takes in _anchors(clause, lexicon, companies, places, programmes, kinds, figures, programme):
        near = _near(parties, anchor, companies, clause)
        left = [] if is_party(anchor) or anchor == TOTAL else leaving(clause, companies)
        statement = Statement(
            clause.sentence,
            anchor,
            {party: names.get(party, "") for party in (*parties, *(supplied if len(companies) == 1 else ()))},
            kinds,
            Status.ANNOUNCED if left else _status(clause, near),
            programme=programme,
            place=places[0][0] if places else "",
            hearsay=any(mark.label == HEARSAY for mark in clause.sentence.marks),
            follows=not clause.first,
            listed=clause.listed and anchor is not None and anchor.startswith(SITE),
            continues=anchor is None and not clause.first,
            adds=anchor is None and bool(parties),
            stated=any(is_stated(figure, clause) for found in figures.values() for figure in found),
            part=not clause.first and bool(_AS_PART.match(clause.text)),
            refers=bool(_THE_COMPANIES.search(clause.text)),
            partly=is_partly_off(clause),
            left=tuple(left),
        )
        for name, found in figures.items() if takes else ():
            statement.facts += [
                _fact(name, figure, clause, near, lexicon, statement.status is Status.CHANGED)
                for figure in own(found, near, _others(companies, parties), clause)
                if not (name == "amount" and is_party(anchor) and figure.value >= _BOUNDLESS)
            ]
        yield statement


_CERTAIN, _FAIRLY_CERTAIN = 0.7, 0.5
"""How sure a sentence must be for an unknown company to be taken from the context, and from its form."""


def _figures(clause: Clause, language: str) -> dict[str, list[Figure]]:
    return {
        "amount": [figure for figure in money(clause.text, language) if not is_other(figure, clause)],
        "capacity": list(capacity(clause.text)),
        "chips": list(chips(clause.text)),
        "term": list(terms(clause.text)),
    }


Anchored = tuple[str | None, Sequence[str], bool]
"""An anchor, the parties, and whether the clause's figures are this deal's."""


def _anchors(
    clause: Clause,
    lexicon: Lexicon,
    companies: Companies,
    places: Sequence[tuple[str, Mark]],
    programmes: Sequence[str],
    kinds: Mapping[Kind, int],
    figures: Mapping[str, Sequence[Figure]],
    wider: str,
) -> Iterator[Anchored]:
    """The deals that a clause speaks of."""
    parties = list(companies)
    plural = len(parties) > 1 and bool(_PLURAL.search(clause.text))
    joint = not plural and _alike(parties, lexicon) and together(clause, companies, lexicon)
    vast = any(price.value >= _VAST and price.unit == "USD" for price in figures["amount"])
    suppliers = bool(parties) and all(lexicon.kind_of(party) is Kind.CHIPS for party in parties)
    built = bool(kinds.get(Kind.DATACENTER) or (kinds.get(Kind.POWER) and parties))
    narrow = any(place in lexicon.wider for place, _ in places)
    powered = len(parties) == 1 and bool(kinds.get(Kind.POWER))  # what is supplied to a place is the supplier's deal
    sited = bool(programmes or wider) or (built and (len(parties) != 1 or (narrow and not powered)))
    if (vast or clause.labelled(TOTAL)) and not programmes and len(parties) != 1:
        yield TOTAL, parties, True
        yield from ((party, [party], False) for party in parties if plural)
    elif (
        parties and not subject_marks(clause, lexicon) and clause.first and not places and _THE_DEAL.search(clause.text)
    ):
        yield None, parties, True
    elif places and sited:
        yield from _sites(places, companies)
    elif not programmes and not parties:
        yield None, [], True
    elif (
        programmes
        and not suppliers
        and not plural
        and not (len(parties) == 1 and named_with(clause, companies[parties[0]]))
    ):
        yield f"{PROGRAMME}{programmes[0]}", parties, True
    elif joint and wider and not suppliers:
        yield f"{PROGRAMME}{wider}", parties, True
    elif joint and kinds.get(Kind.PROGRAMME) and len(lexicon.programmes) == 1 and not suppliers:
        yield f"{PROGRAMME}{next(iter(lexicon.programmes))}", parties, True
    elif joint:
        yield next((p for p in parties if named_with(clause, companies[p])), parties[0]), parties, True
    else:
        if programmes and plural:
            yield f"{PROGRAMME}{programmes[0]}", [], False
        if plural and len(parties) > 2:
            yield TOTAL, parties, True
        yield from ((party, [party], not (plural and len(parties) > 2)) for party in parties)


def _alike(parties: Sequence[str], lexicon: Lexicon) -> bool:
    """Whether companies can share a deal: who sells chips and who sells something else do not."""
    return len({lexicon.kind_of(party) is Kind.CHIPS for party in parties}) == 1


def _places(clause: Clause, lexicon: Lexicon) -> list[tuple[str, Mark]]:
    """The places that a clause names, in order: not one in which another one lies, nor one within another's name.

    Where one stands right behind a programme's name, such are meant and no others.
    """
    marks = sorted(clause.values("place:"), key=lambda pair: (pair[1].start, -pair[1].end))
    kept: list[tuple[str, Mark]] = []
    for place, mark in marks:
        if not _SCHOOL.match(clause.text, mark.end) and (not kept or mark.start >= kept[-1][1].end):
            kept.append((place, mark))
    wide = {lexicon.wider.get(mark.label.removeprefix("place:")) for mark in clause.sentence.marks}
    kept = [pair for pair in kept if pair[0] not in wide]
    programmes = [mark.end for slug, mark in clause.companies() if slug in lexicon.programmes]
    named = [pair for pair in kept if any(0 <= pair[1].start - end <= 1 for end in programmes)]
    return list({place: (place, mark) for place, mark in named or kept}.values())


def _sites(places: Sequence[tuple[str, Mark]], companies: Companies) -> Iterator[Anchored]:
    """Each place as a deal; where there are several, with the companies named last before it."""
    if len(places) == 1:
        yield f"{SITE}{places[0][0]}", list(companies), True
        return
    for number, (place, mark) in enumerate(places):
        before = [
            (other.start, slug) for slug, marks in companies.items() for other in marks if other.start < mark.start
        ]
        last = [max(before)[1]] if before else []
        yield f"{SITE}{place}", last, number == 0


def _status(clause: Clause, near: Sequence[Mark]) -> Status:
    """What the words nearest to the deal's parties say of how far it has come."""
    found = {
        value
        for value, mark in clause.values("status:")
        if not near or nearest(mark.start, mark.end, near, clause.text) <= _STATUS_REACH
    }
    return next((status for status in _LADDER if status in found), Status.ANNOUNCED)


_LADDER = (Status.CANCELLED, Status.STALLED, Status.RUMOURED, Status.CHANGED, Status.SIGNED, Status.OPERATING)


def _near(parties: Sequence[str], anchor: str | None, companies: Companies, clause: Clause) -> list[Mark]:
    """Where a deal's own parties, its programme or its place are named."""
    if anchor and anchor.startswith(PROGRAMME):
        return clause.labelled(f"@{anchor.partition(':')[2]}")
    if anchor and anchor.startswith(SITE):
        return clause.labelled(f"place:{anchor.partition(':')[2]}")
    return [mark for party in parties for mark in companies[party]]


def _others(companies: Companies, parties: Sequence[str]) -> list[Mark]:
    return [mark for slug, marks in companies.items() if slug not in parties for mark in marks]


def _fact(name: str, figure: Figure, clause: Clause, near: Sequence[Mark], lexicon: Lexicon, revised: bool) -> Fact:
    sentence = clause.sentence
    surely = sentence.certainty * nearness(figure, near, clause, lexicon) * (1.0 if sentence.where == "title" else 0.8)
    return Fact(
        "yearly" if name == "amount" and figure.per_year else name,
        float(figure.value),
        sentence.text,
        sentence.where,
        sentence.start + clause.offset + figure.start,
        sentence.start + clause.offset + figure.end,
        round(surely, 3),
        str(figure.unit),
        None if figure.low == figure.value else figure.low,
        figure.bound,
        figure.per_year,
        revised or is_new_total(clause.text, figure.start),
        attribution=_attribution(clause),
        more=is_more(clause.text, figure.start, figure.end),
    )


def _attribution(clause: Clause) -> str:
    """Who is said to say so: sources that are not named, or a company."""
    text = clause.sentence.text
    for mark in clause.sentence.marks:
        if mark.label == HEARSAY:
            return text[mark.start : mark.end].lower()
    for mark in clause.sentence.marks:
        if mark.label[0] == "@" and (said := _SAID.match(text, mark.end)):
            return f"{text[mark.start : mark.end]} {said[1]}"
    return ""
