"""What a flagged piece says of deals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.config.schema import Settings
from pipeline.deals.anchors import TOTAL
from pipeline.deals.attribution import LEAD, NO_OUTLET, OUTLET, VERB, citation
from pipeline.deals.corrections import corrected
from pipeline.deals.lexicon import Lexicon
from pipeline.deals.mentions import mentions
from pipeline.deals.statements import HEARSAY
from pipeline.domain import Level, Mention, Passage, Sentence
from pipeline.flow.matching import build_matcher, vocabulary_of
from pipeline.watch.language import language
from pipeline.watch.marker import Marker
from pipeline.watch.matcher import decide, passages
from pipeline.watch.piece import Piece

_MOST_SENTENCES, _LONGEST_TITLE = 500, 1000
"""What is read of a piece at the most: strangers write them."""


class Reader:
    """Reads the mentions of deals out of pieces that a watch flags."""

    def __init__(self, settings: Settings, watch: str) -> None:
        self._matcher = build_matcher(settings, [watch])
        self._watch = self._matcher.watches[0]
        self._marker = Marker(marked_terms(settings), vocabulary_of(settings))
        self._lexicon = _lexicon(settings, watch)
        self.programme = next(iter(sorted(self._lexicon.programmes)), "")
        """The slug of the programme that sites are part of; empty where there is none."""
        own = sorted(self._lexicon.subject - self._lexicon.programmes)
        self.subject = settings.companies[own[0]].name if own else settings.watches[watch].title
        """Whose deals these are."""

    def read(self, piece: Piece) -> list[Mention]:
        """What the piece says of deals; nothing where the watch does not flag it."""
        [reading] = self._matcher.read(piece)
        verdict = decide(self._watch, reading)
        if not verdict.matched:
            return []
        spoken = language(reading.plain.text)
        sentences = [
            Sentence(p.where, p.start, p.quote, p.certainty, self._marker.marks(p.quote, spoken))
            for p in _title_whole(passages(self._watch, reading), piece.title)[:_MOST_SENTENCES]
        ]
        found = mentions(sentences, self._lexicon, verdict.level is Level.ABOUT, spoken)
        found = corrected(found, piece.title, piece.text, spoken)
        return [replace(m, cites=citation(sentences, m, at == 0)) for at, m in enumerate(found)]


def _title_whole(found: Sequence[Passage], title: str) -> list[Passage]:
    """The passages, with those of the title as one: a headline is cut into sentences, but says one thing."""
    parts = [passage for passage in found if passage.where == "title"]
    if not parts:
        return list(found)
    title = title[:_LONGEST_TITLE]
    whole = replace(max(parts, key=lambda part: part.certainty), start=0, end=len(title), quote=title)
    return [whole, *(passage for passage in found if passage.where != "title")]


def marked_terms(settings: Settings) -> dict[str, Sequence[str]]:
    """What is marked in sentences, by label."""
    ledger = settings.ledger
    return {
        **{f"@{slug}": [f"@{slug}"] for slug in settings.companies},
        **{f"kind:{kind}": terms for kind, terms in ledger.kinds.items()},
        **{f"status:{status}": terms for status, terms in ledger.statuses.items()},
        **{f"place:{place}": terms for place, terms in ledger.places.items()},
        "other sum": ledger.other_sums,
        TOTAL: ledger.totals,
        HEARSAY: ledger.hearsay,
        "aside": ledger.asides,
        **{f"{OUTLET}{slug}": [f'"{name}"' for name in outlet.names] for slug, outlet in ledger.outlets.items()},
        VERB: ledger.reporting.verbs,
        LEAD: ledger.reporting.before,
        NO_OUTLET: ledger.reporting.never,
    }


def _lexicon(settings: Settings, watch: str) -> Lexicon:
    rule = settings.watches[watch]
    subject = {term[1:] for term in rule.all.get(rule.subject or "", ()) if term.startswith("@")}
    subject &= settings.companies.keys()  # and no roles
    roles = {slug: company.roles for slug, company in settings.companies.items()}
    return Lexicon(
        frozenset(subject),
        frozenset(slug for slug in subject if "programme" in roles.get(slug, ())),
        frozenset(slug for slug, own in roles.items() if own and not set(own) & settings.ledger.roles.keys()),
        {slug: company.name for slug, company in settings.companies.items()},
        roles,
        {role: (given.party, given.kind) for role, given in settings.ledger.roles.items()},
        {narrow: wide for wide, inside in settings.ledger.within.items() for narrow in inside},
    )
