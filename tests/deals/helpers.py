"""A small world of companies, places and words, and sentences of it as the deals are read by."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.deals.clauses import Clause, clauses
from pipeline.deals.lexicon import Lexicon
from pipeline.deals.mentions import mentions
from pipeline.deals.statements import Statement, statements
from pipeline.domain import Kind, Mention, Sentence
from pipeline.watch.marker import Marker
from pipeline.watch.terms import Company, Vocabulary

NAMES = {
    "zephyr": "Zephyr",
    "skyhook": "Skyhook",
    "acme": "Acme",
    "borealis": "Borealis",
    "corewell": "Corewell",
    "dyna": "Dyna",
    "flint": "Flint",
    "goldbank": "Goldbank",
    "wattco": "Wattco",
    "rivalis": "Rivalis",
    "quill": "Quill",
}
ROLES = {
    "zephyr": ("lab",),
    "skyhook": ("lab", "programme"),
    "acme": ("cloud",),
    "borealis": ("cloud",),
    "corewell": ("neocloud", "sites"),
    "dyna": ("chips",),
    "flint": ("chips",),
    "goldbank": ("finance",),
    "wattco": ("power",),
    "rivalis": ("lab",),
}
TERMS: dict[str, Sequence[str]] = {
    **{f"@{slug}": [f"@{slug}"] for slug in NAMES},
    "kind:compute": ["compute", "cloud"],
    "kind:chips": ["chip", "GPU", "GPUs", "semiconductor"],
    "kind:datacenter": ["data center", "campus", "site"],
    "kind:power": ["power plant", "electricity"],
    "kind:financing": ["loan", "debt"],
    "kind:equity": ["stake in", "invests in"],
    "kind:programme": ["initiative", "joint venture"],
    "status:rumoured": ["in talks", "considering"],
    "status:signed": ["sign", "ink"],
    "status:operating": ["operational"],
    "status:changed": ["renegotiate", "revise"],
    "status:stalled": ["stall", "on hold"],
    "status:cancelled": ["cancel", "scrap"],
    "other sum": ["valuation", "revenue", "market value", "valued"],
    "total": ["series of deals", "in commitments"],
    "aside": ["instead of", "rival"],
    "place:norway": ["Norway"],
    "place:kenya": ["Kenya"],
    "place:texas": ["Texas"],
    "place:abilene": ["Abilene"],
}
LEXICON = Lexicon(
    subject=frozenset(["zephyr", "skyhook"]),
    programmes=frozenset(["skyhook"]),
    outsiders=frozenset(["rivalis"]),
    names=NAMES,
    roles=ROLES,
    by_role={
        "cloud": ("supplier", Kind.COMPUTE),
        "neocloud": ("supplier", Kind.COMPUTE),
        "chips": ("supplier", Kind.CHIPS),
        "sites": ("host", Kind.DATACENTER),
        "power": ("supplier", Kind.POWER),
        "finance": ("investor", Kind.FINANCING),
    },
    wider={"texas": "usa", "abilene": "texas", "norway": "europe"},
)
MARKER = Marker(TERMS, Vocabulary({slug: Company([name], (), ROLES.get(slug, ())) for slug, name in NAMES.items()}))

Said = str | tuple[str, float]
"""A sentence, surely of a deal unless it says how surely."""


def sentence(text: str, certainty: float = 0.95, where: str = "body", start: int = 0) -> Sentence:
    return Sentence(where, start, text, certainty, MARKER.marks(text, "en"))


def parts(text: str) -> list[Clause]:
    """The clauses of a sentence."""
    return list(clauses(sentence(text)))


def stated(text: str, certainty: float = 0.95) -> list[Statement]:
    """What a sentence says of which deals."""
    return list(statements(sentence(text, certainty), LEXICON, "en"))


def only(text: str, certainty: float = 0.95) -> Statement:
    [said] = stated(text, certainty)
    return said


def figures(statement: Statement) -> dict[str, list[float]]:
    """The values of a statement's facts by field."""
    found: dict[str, list[float]] = {}
    for fact in statement.facts:
        found.setdefault(fact.field, []).append(float(fact.value))
    return found


def sums(text: str, field: str = "amount") -> dict[str | None, list[float]]:
    """The figures of a field, in thousands of millions, of each deal that has some."""
    scale = 1e9 if field in ("amount", "yearly") else 1
    found = {said.anchor: [value / scale for value in figures(said).get(field, [])] for said in stated(text)}
    return {anchor: values for anchor, values in found.items() if values}


def piece(title: str, *body: Said) -> list[Sentence]:
    """The sentences of a piece with this title, those of the body a line each."""
    made, start = [sentence(title, where="title")] if title else [], 0
    for said in body:
        text, certainty = (said, 0.95) if isinstance(said, str) else said
        made.append(sentence(text, certainty, "body", start))
        start += len(text) + 1
    return made


def read(title: str, *body: Said, central: bool = True) -> dict[str, Mention]:
    """What such a piece says of deals, by anchor."""
    found = mentions(piece(title, *body), LEXICON, central, "en")
    return {mention.anchor: mention for mention in found}


def parties(mention: Mention) -> list[str]:
    return [party.slug for party in mention.parties]
