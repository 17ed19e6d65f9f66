"""Sentences to mentions: what a piece says of which deal, each fact with the words that say it. Pure.

sentences ─▶ statements (parties, kind, status, figures) ─▶ a mention for each deal that the piece speaks of
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from pipeline.deals.figures import Figure, capacity, chips, money, terms
from pipeline.domain import Fact, Kind, Mark, Mention, Party, Sentence, Status

TOTAL = "total"
"""The anchor of sums over many deals, and of deals to come."""

_NAMELESS = ""
_NAMELESS_SURE = 0.5
_SURE = 0.35
"""In a flagged piece a sentence this sure is read too."""
_PLURAL = re.compile(
    r"\b(?:deals|agreements|contracts|partnerships|pacts|clouds|commitments|acuerdos|contratos)\b", re.I
)
_APART = re.compile(r"[;:]|,? (?:while|but|whereas|although|after|plus|including)\b", re.I)
_WITH = re.compile(r"(?:with|from|by|between|con|mit|avec|с)\s+(?:the |chipmaker |rival |partner )?$", re.I)
_PARTNERS = re.compile(
    r"(?: Group| Corp\.?)?[,\s]*(?:(?:,|and|y|und|et|&|/)[,\s]*)*(?:(?:partner|team|join)\w* (?:up |forces )?with )?",
    re.IGNORECASE,
)
_STATUS_REACH = 80
_GAP = 28
"""Characters between a sum and the word that says that it is another one."""
_BREAKS_AFTER = re.compile(r"[,;:.!?]\s|\$|\b(?:and|y|und|et|with|for|deal|contract)\b")
_BREAKS_BEFORE = re.compile(r"[,;:.!?]\s|\$|\b(?:and|y|und|et|with|in|for)\b")
_VAST, _BOUNDLESS = 6e11, 1e12
"""Dollars: a sum from the first on with no one counterparty is a total, and from the second on no party's deal."""


@dataclass(frozen=True)
class Lexicon:
    """What facts are read by. Companies are told apart by their slugs.

    `subject` are those whose deals these are, `programmes` those of them that are ventures of theirs, `outsiders` those
    that are never a counterparty. `by_role` gives a role's part in a deal, and the kind of deal that comes of it.
    """

    subject: frozenset[str]
    programmes: frozenset[str]
    outsiders: frozenset[str]
    names: Mapping[str, str]
    roles: Mapping[str, Sequence[str]]
    by_role: Mapping[str, tuple[str, Kind]]

    def kinds_of(self, slug: str) -> list[Kind]:
        """The kinds of deal that a company's roles stand for."""
        return [self.by_role[role][1] for role in self.roles.get(slug, ()) if role in self.by_role]

    def kind_of(self, slug: str) -> Kind | None:
        """That of its first role."""
        return next(iter(self.kinds_of(slug)), None)

    def party(self, slug: str) -> Party:
        role = next((self.by_role[role][0] for role in self.roles.get(slug, ()) if role in self.by_role), "")
        return Party(slug, self.names.get(slug, slug), role, known=slug in self.names)


@dataclass
class _Statement:
    """What one sentence says of one deal."""

    sentence: Sentence
    anchor: str
    parties: list[str]
    kinds: Counter[Kind] = field(default_factory=Counter)
    status: Status = Status.ANNOUNCED
    facts: list[Fact] = field(default_factory=list)


def slug_of(name: str) -> str:
    """The slug of a company that companies.yaml does not know."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-") or name


def mentions(sentences: Sequence[Sentence], lexicon: Lexicon, central: bool, language: str) -> list[Mention]:
    """What a piece says of deals, the most prominent first. `central` where the piece is about them."""
    said: dict[str, list[_Statement]] = defaultdict(list)
    for sentence in sentences:
        if sentence.certainty >= _SURE:
            for statement in _statements(sentence, lexicon, language):
                said[statement.anchor].append(statement)
    _settle(said)
    return [_mention(anchor, statements, lexicon, central) for anchor, statements in said.items() if statements]


def _settle(said: dict[str, list[_Statement]]) -> None:
    """Give what a sentence says without naming a counterparty to the deal that the piece is about."""
    parties = [anchor for anchor in said if _is_party(anchor)]
    for anchor, statements in list(said.items()):
        if anchor.startswith("programme:"):
            for statement in [one for one in statements if len(one.parties) == 1 and said.get(one.parties[0])]:
                statements.remove(statement)
                said[statement.parties[0]].append(statement)
    nameless = said.pop(_NAMELESS, [])
    others = [anchor for anchor, statements in said.items() if statements and anchor != TOTAL]
    if nameless and others:
        main = next((anchor for anchor in others if anchor in parties), others[0])
        for statement in nameless:
            statement.facts = [replace(fact, confidence=round(fact.confidence * 0.5, 3)) for fact in statement.facts]
        said[main] += nameless
    if others and not any(fact.field == "amount" for statement in said.get(TOTAL, ()) for fact in statement.facts):
        said.pop(TOTAL, None)


def _is_party(anchor: str) -> bool:
    return ":" not in anchor and anchor not in (TOTAL, _NAMELESS)


def _statements(sentence: Sentence, lexicon: Lexicon, language: str) -> Iterator[_Statement]:
    subject = _subject(sentence, lexicon)
    companies = _companies(sentence, lexicon, subject)
    kinds = _kinds(sentence)
    prices = [figure for figure in money(sentence.text, language) if not _is_other(figure, sentence)]
    figures = {
        "amount": prices,
        "capacity": list(capacity(sentence.text)),
        "chips": list(chips(sentence.text)),
        "term": list(terms(sentence.text)),
    }
    for anchor, parties in _anchors(sentence, lexicon, companies, kinds, prices):
        near = _near(parties, anchor, companies, sentence)
        statement = _Statement(sentence, anchor, parties, kinds, _status(sentence, near))
        for name, found in figures.items():
            own = _own(found, near, companies, sentence)
            if _is_party(anchor) and name == "amount":
                own = [figure for figure in own if figure.value < _BOUNDLESS]
            statement.facts += [
                _fact(name, figure, sentence, _nearness(figure, near, subject, sentence)) for figure in own
            ]
        yield statement


def _programmes(sentence: Sentence, lexicon: Lexicon) -> list[str]:
    return [m.label[1:] for m in sentence.marks if m.label[0] == "@" and m.label[1:] in lexicon.programmes]


def _subject(sentence: Sentence, lexicon: Lexicon) -> list[Mark]:
    return [mark for mark in sentence.marks if mark.label[0] == "@" and mark.label[1:] in lexicon.subject]


def _companies(sentence: Sentence, lexicon: Lexicon, subject: Sequence[Mark]) -> dict[str, list[Mark]]:
    """The companies that may be counterparties, in the order in which they are named.

    Not one that stands nearer to an outsider than to the subject; not one that only names a product that another one
    brings in (the GPUs of a cloud); and only the one that is joined to the subject by a hyphen, if one is.
    """
    found: dict[str, list[Mark]] = {}
    for mark in sentence.marks:
        slug = mark.label[1:]
        if mark.label[0] == "@" and slug not in lexicon.subject and slug not in lexicon.outsiders:
            found.setdefault(slug, []).append(mark)
    outsiders = [mark for mark in sentence.marks if mark.label[0] == "@" and mark.label[1:] in lexicon.outsiders]
    if outsiders:
        found = {
            slug: marks
            for slug, marks in found.items()
            if min((_apart(one, mark, sentence) for one in marks for mark in subject), default=10**6)
            <= min(_apart(one, mark, sentence) for one in marks for mark in outsiders)
        }
    for slug, marks in found.items():
        if any(_hyphened(one, other, sentence.text) for one in marks for other in subject):
            return {slug: marks}
    wares = [mark.start for mark in sentence.marks if mark.label == f"kind:{Kind.CHIPS}"]
    brands = [slug for slug, marks in found.items() if all(any(0 <= w - m.end <= 12 for w in wares) for m in marks)]
    if len(brands) < len(found) and any(lexicon.kind_of(slug) is not Kind.CHIPS for slug in found):
        found = {slug: marks for slug, marks in found.items() if slug not in brands}
    return found


def _hyphened(one: Mark, other: Mark, text: str) -> bool:
    first, second = sorted((one, other), key=lambda mark: mark.start)
    return text[first.end : second.start] in ("-", "–", "\u2011")


def _anchors(
    sentence: Sentence,
    lexicon: Lexicon,
    companies: Mapping[str, Sequence[Mark]],
    kinds: Counter[Kind],
    prices: Sequence[Figure],
) -> Iterator[tuple[str, list[str]]]:
    """The deals that a sentence speaks of: what each is told apart by, and its parties."""
    programmes = _programmes(sentence, lexicon)
    places = list(dict.fromkeys(m.label.removeprefix("place:") for m in sentence.marks if m.label.startswith("place:")))
    parties = list(companies)
    plural = len(parties) > 1 and bool(_PLURAL.search(sentence.text))
    together = len(parties) > 1 and not plural and _together(sentence, companies, lexicon)
    vast = any(price.value >= _VAST and price.unit == "USD" for price in prices)
    if (vast or any(mark.label == TOTAL for mark in sentence.marks)) and not programmes and len(parties) != 1:
        yield TOTAL, parties
    elif places and (programmes or (kinds[Kind.DATACENTER] and len(parties) != 1)):
        yield f"in:{places[0]}", parties if together or len(parties) == 1 else []
    elif not programmes and not parties:
        if sentence.certainty >= _NAMELESS_SURE:
            yield _NAMELESS, []
    elif programmes and not (len(parties) == 1 and _named_with(sentence, companies[parties[0]])) and not plural:
        yield f"programme:{programmes[0]}", parties
    elif together and kinds[Kind.PROGRAMME] and len(lexicon.programmes) == 1:
        yield f"programme:{next(iter(lexicon.programmes))}", parties
    elif together:
        yield next((p for p in parties if _named_with(sentence, companies[p])), parties[0]), parties
    else:
        if programmes and plural:
            yield f"programme:{programmes[0]}", []
        for party in parties:
            yield party, [party]


def _named_with(sentence: Sentence, marks: Sequence[Mark]) -> bool:
    return any(_WITH.search(sentence.text[: mark.start]) for mark in marks)


def _together(sentence: Sentence, companies: Mapping[str, Sequence[Mark]], lexicon: Lexicon) -> bool:
    """Whether the companies are named as partners of one deal, and not for comparison."""
    firsts = [marks[0] for marks in companies.values()]
    subject = _subject(sentence, lexicon)
    for one, other in pairwise(firsts):
        between = sentence.text[one.end : other.start]
        for mark in subject:
            if one.end <= mark.start and mark.end <= other.start:
                between = between.replace(sentence.text[mark.start : mark.end], "", 1)
        if not _PARTNERS.fullmatch(between):
            return False
    return True


def _kinds(sentence: Sentence) -> Counter[Kind]:
    return Counter(Kind(mark.label.removeprefix("kind:")) for mark in sentence.marks if mark.label.startswith("kind:"))


_LADDER = (Status.CANCELLED, Status.STALLED, Status.RUMOURED, Status.CHANGED, Status.SIGNED, Status.OPERATING)


def _status(sentence: Sentence, near: Sequence[Mark]) -> Status:
    """What the words nearest to the deal's parties say of how far it has come."""
    marks = [mark for mark in sentence.marks if mark.label.startswith("status:")]
    reached = [
        mark for mark in marks if not near or min(_apart(mark, other, sentence) for other in near) <= _STATUS_REACH
    ]
    found = {mark.label.removeprefix("status:") for mark in reached}
    return next((status for status in _LADDER if status in found), Status.ANNOUNCED)


def _apart(one: Mark, other: Mark, sentence: Sentence) -> int:
    return _distance(one.start, one.end, other, sentence)


def _is_other(figure: Figure, sentence: Sentence) -> bool:
    """Whether a word beside the sum says that it is not the price: a valuation, revenue, a market value."""
    for mark in sentence.marks:
        if mark.label != "other sum":
            continue
        after = sentence.text[figure.end : mark.start] if mark.start >= figure.end else None
        before = sentence.text[mark.end : figure.start] if mark.end <= figure.start else None
        for gap, breaks in ((after, _BREAKS_AFTER), (before, _BREAKS_BEFORE)):
            if gap is not None and len(gap) <= _GAP and not breaks.search(gap):
                return True
    return False


def _near(
    parties: Sequence[str], anchor: str, companies: Mapping[str, Sequence[Mark]], sentence: Sentence
) -> list[Mark]:
    """Where a deal's own parties, or its programme, are named."""
    if anchor.startswith("programme:"):
        return [mark for mark in sentence.marks if mark.label == f"@{anchor.partition(':')[2]}"]
    return [mark for party in parties for mark in companies[party]]


def _own(
    figures: Sequence[Figure], near: Sequence[Mark], companies: Mapping[str, Sequence[Mark]], sentence: Sentence
) -> list[Figure]:
    """Of the figures of a sentence those that belong to the deal named by `near`: it is the nearest."""
    others = [mark for marks in companies.values() for mark in marks if mark not in near]
    if not near or not others:
        return list(figures)
    return [
        figure
        for figure in figures
        if min(_far(figure, mark, sentence) for mark in near) <= min(_far(figure, mark, sentence) for mark in others)
    ]


def _far(figure: Figure, mark: Mark, sentence: Sentence) -> int:
    return _distance(figure.start, figure.end, mark, sentence)


def _distance(start: int, end: int, mark: Mark, sentence: Sentence) -> int:
    """Characters between a stretch and a mark; another clause is far away."""
    first, second = (end, mark.start) if end <= mark.start else (mark.end, start)
    between = sentence.text[first:second]
    return len(between) + 60 * len(_APART.findall(between)) + 15 * between.count(",")


def _nearness(figure: Figure, near: Sequence[Mark], subject: Sequence[Mark], sentence: Sentence) -> float:
    """From 1 where a figure stands right beside the deal's parties, those whose deals these are among them, down."""
    far = [min((_far(figure, mark, sentence) for mark in marks), default=100) for marks in (near, subject)]
    return 1 / (1 + sum(far) / 400)


def _fact(name: str, figure: Figure, sentence: Sentence, nearness: float) -> Fact:
    return Fact(
        name,
        figure.value,
        sentence.text,
        sentence.where,
        sentence.start + figure.start,
        sentence.start + figure.end,
        round(sentence.certainty * nearness * (1.0 if sentence.where == "title" else 0.8), 3),
        str(figure.unit),
        None if figure.low == figure.value else figure.low,
        figure.bound,
        figure.per_year,
    )


def _mention(anchor: str, said: Sequence[_Statement], lexicon: Lexicon, central: bool) -> Mention:
    parties = list(dict.fromkeys(party for statement in said for party in statement.parties))
    kinds: Counter[Kind] = Counter()
    for statement in said:
        kinds.update(statement.kinds)
    return Mention(
        anchor,
        tuple(lexicon.party(party) for party in parties),
        _kind(anchor, parties, kinds, lexicon),
        _overall(said),
        tuple(fact for statement in said for fact in statement.facts),
        max(statement.sentence.certainty for statement in said),
        central,
        max(said, key=lambda statement: statement.sentence.certainty).sentence.text,
        next((slug for statement in said for slug in _programmes(statement.sentence, lexicon)), ""),
    )


def _overall(statements: Sequence[_Statement]) -> Status:
    """The status by the most weight: the title's word counts most, then that of the first sentence."""
    weights: defaultdict[Status, float] = defaultdict(float)
    for number, statement in enumerate(statements):
        title = statement.sentence.where == "title"
        plain = statement.status is Status.ANNOUNCED
        weights[statement.status] += (3.0 if title else 2.0 if number == 0 else 1.0) * (0.6 if plain else 1.0)
    return max(weights, key=lambda status: weights[status])


def _kind(anchor: str, parties: Sequence[str], kinds: Counter[Kind], lexicon: Lexicon) -> Kind:
    weights: defaultdict[Kind, float] = defaultdict(float, kinds)
    if anchor.startswith("programme:"):
        weights[Kind.PROGRAMME] = 0.5 * weights[Kind.PROGRAMME] + 1.0
    else:
        weights[Kind.PROGRAMME] *= 0.3
    own = lexicon.kinds_of(parties[0]) if parties and _is_party(anchor) else []
    for kind in own:
        weights[kind] += 1.5 / len(own)
    if anchor.startswith("in:"):
        weights[Kind.DATACENTER] += 1.5
    best = max(weights, key=lambda kind: weights[kind])
    return best if weights[best] > 0 else Kind.OTHER
