"""Who a clause names as the other side of a deal: companies that are known, and others by form and context. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from pipeline.deals.clauses import Clause, nearest
from pipeline.deals.lexicon import Lexicon, slug_of
from pipeline.domain import Kind, Mark

Companies = Mapping[str, Sequence[Mark]]
"""Where companies stand, by slug, in the order in which they are named first."""

_WITH = re.compile(r"(?:with|from|by|between|con|mit|avec|с)\s+(?:the |chipmaker |rival |partner )?$", re.IGNORECASE)
_PARTNERS = re.compile(
    r"(?: Group| Corp\.?)?(?:[,\s]|and|y|und|et|&|/)*(?:(?:partner|team|join)\w* (?:up |forces )?with )?",
    re.IGNORECASE,
)
_INTO = re.compile(r"\b(?:with|in|into|from|con|en|mit)\s+(?:the )?$", re.IGNORECASE)
_JOINED = re.compile(r"[,\s]*(?:and|y|und|et|&|,)[,\s]*", re.IGNORECASE)
_TOGETHER = re.compile(
    r"\b(?:together|partner\w*|team\w*|join\w*|jointly|form\w*|collaborat\w+|deal|agreement|contract|alliance|between)\b",
    re.IGNORECASE,
)
_OWNING = re.compile(r"-(?:back|own|l(?:ink|ed)|fund|bas|affiliat|controll|support)\w*")
_ASIDE = 30
"""Characters that may stand between a word of comparison and the company."""
_WARE = 14
"""Characters within which a company's name only says whose product it is, unless one of these words stands between."""
_NO_WARE = re.compile(
    r"[,;:()]|(?<!-)\b(?:a|an|the|its|their|for|of|to|in|on|at|by|and|or|with|from|as|will|would|can|is|are|was|has|have|had|"
    r"(?:sell|suppl|sold|mak|buil|buy|sign|ship|provid|deliver|need|use)\w*)\b",
    re.IGNORECASE,
)


def subject_marks(clause: Clause, lexicon: Lexicon) -> list[Mark]:
    return [mark for slug, mark in clause.companies() if slug in lexicon.subject]


def counterparties(clause: Clause, lexicon: Lexicon) -> dict[str, list[Mark]]:
    """The companies that may be counterparties.

    Not one that stands nearer to an outsider than to the subject; not one that only names a product that another one
    brings in (the GPUs of a cloud); and only the one that is joined to the subject by a hyphen, if one is.
    """
    subject = subject_marks(clause, lexicon)
    found: dict[str, list[Mark]] = {}
    for slug, mark in clause.companies():
        if slug not in lexicon.subject and slug not in lexicon.outsiders and not _is_aside(clause, mark):
            found.setdefault(slug, []).append(mark)
    if not {mark.label[1:] for mark in clause.sentence.marks} & lexicon.programmes and _is_peer(clause, found, subject):
        return {}
    outsiders = [mark for slug, mark in clause.companies() if slug in lexicon.outsiders]
    outsiders = [one for one in outsiders if not any(_joined(one, other, clause.text) for other in subject)]
    if outsiders:
        found = {slug: marks for slug, marks in found.items() if _nearer(marks, subject, outsiders, clause.text)}
    for slug, marks in found.items():
        if any(_hyphened(one, other, clause.text) for one in marks for other in subject):
            return {slug: marks}
    return _without_brands(found, clause, lexicon)


def _is_aside(clause: Clause, mark: Mark) -> bool:
    """Whether the company is named for comparison, or only to say whose another one is: Acme-backed Veltra."""
    return bool(_OWNING.match(clause.text, mark.end)) or is_compared(mark, clause.marks)


def is_compared(mark: Mark, marks: Sequence[Mark]) -> bool:
    """Whether one of the marks is a word of comparison that stands just before this one."""
    return any(aside.label == "aside" and 0 <= mark.start - aside.end <= _ASIDE for aside in marks)


def _is_peer(clause: Clause, found: Companies, subject: Sequence[Mark]) -> bool:
    """Whether the subject is one of a list of companies that each do the same, with nothing that says together."""
    firsts = sorted([*(marks[0] for marks in found.values()), *subject[:1]], key=lambda mark: mark.start)
    listed = len(firsts) > 2 and all(_joined(one, other, clause.text) for one, other in pairwise(firsts))
    return (
        bool(subject) and listed and not _TOGETHER.search(clause.text) and not clause.labelled(f"kind:{Kind.PROGRAMME}")
    )


def _nearer(marks: Sequence[Mark], subject: Sequence[Mark], outsiders: Sequence[Mark], text: str) -> bool:
    return min(nearest(m.start, m.end, subject, text) for m in marks) <= min(
        nearest(m.start, m.end, outsiders, text) for m in marks
    )


def _between(one: Mark, other: Mark, text: str) -> str:
    first, second = sorted((one, other), key=lambda mark: mark.start)
    return text[first.end : second.start]


def _hyphened(one: Mark, other: Mark, text: str) -> bool:
    return _between(one, other, text) in ("-", "–", "\u2011")


def _joined(one: Mark, other: Mark, text: str) -> bool:
    return bool(_JOINED.fullmatch(_between(one, other, text)))


def _without_brands(found: dict[str, list[Mark]], clause: Clause, lexicon: Lexicon) -> dict[str, list[Mark]]:
    others = {slug: marks for slug, marks in found.items() if not _is_brand(marks, clause)}
    return others if any(lexicon.kind_of(slug) is not Kind.CHIPS for slug in others) else found


def _is_brand(marks: Sequence[Mark], clause: Clause) -> bool:
    wares = clause.labelled(f"kind:{Kind.CHIPS}")
    return all(any(_is_ware(mark.end, ware, clause.text) for ware in wares) for mark in marks)


def _is_ware(end: int, word: Mark, text: str) -> bool:
    """Whether the name that ends there is that of a thing: Acme GPUs, and not Acme sells GPUs."""
    return 0 <= word.start - end <= _WARE and not _NO_WARE.search(text[end : word.start])


def brands(clause: Clause, lexicon: Lexicon, companies: Companies) -> list[str]:
    """Known companies whose chips somebody else's deal brings in: they supply it, and have no deal of their own."""
    marks: dict[str, list[Mark]] = {}
    for slug, mark in clause.companies():
        if slug not in companies and lexicon.kind_of(slug) is Kind.CHIPS and not _is_aside(clause, mark):
            marks.setdefault(slug, []).append(mark)
    return [slug for slug, found in marks.items() if _is_brand(found, clause)]


def named_with(clause: Clause, marks: Sequence[Mark]) -> bool:
    """Whether one stands behind a word such as with, from or between."""
    return any(_WITH.search(clause.text[: mark.start]) for mark in marks)


def together(clause: Clause, companies: Companies, lexicon: Lexicon) -> bool:
    """Whether the companies are named as partners of one deal, and not for comparison."""
    firsts = [marks[0] for marks in companies.values()]
    subject = subject_marks(clause, lexicon)
    for one, other in pairwise(firsts):
        acting = any(_joined(one, mark, clause.text) and mark.end < other.start for mark in subject)
        if acting and _INTO.search(clause.text[: other.start]):
            continue  # it acts together with the subject on the other
        between = clause.text[one.end : other.start]
        for mark in subject:
            if one.end <= mark.start and mark.end <= other.start:
                between = between.replace(clause.text[mark.start : mark.end], "", 1)
        if not _PARTNERS.fullmatch(between):
            return False
    return len(firsts) > 1


_FORM = r"[A-Z][\w&.’'-]*[\w&]"
_SUFFIX = (
    r"(?:Inc|Corp|Corporation|Ltd|LLC|PLC|plc|AG|SE|SA|ASA|GmbH|Group|Holdings|Energy|Power|Electric|Technologies|"
    r"Technology|Systems|Networks|Semiconductor|Semiconductors|Data Centers|Data Centres|Capital|Partners|Digital|"
    r"Industries|Infrastructure|Computing|Compute|Cloud|Telecom|Utilities|Properties|Realty|Labs|Photonics)"
)
_TRADE = (
    r"(?:chipmaker|start-?up|chip startup|chip designer|supplier|developer|operator|provider|utility|generator|"
    r"producer|company|firm|giant|builder|landlord|conglomerate|contractor|manufacturer|maker|lender|bank|fund|investor)"
)
_NAMED = re.compile(
    rf"(?:\b(?:with|from|by|between)\s+(?:[a-z][\w-]* ){{0,4}}?(?:{_TRADE} )?|\b{_TRADE} )"
    rf"(?P<name>{_FORM}(?: (?:&|of|and) {_FORM}| {_FORM}){{0,3}})"
)
_BEARING = re.compile(rf"\b(?P<name>(?:{_FORM} ){{1,3}}{_SUFFIX})\b")
_LEADING = re.compile(
    rf"^(?P<name>{_FORM}(?: {_FORM}){{0,2}}) (?:will|has|have|had|is|was|to|signed|signs|agreed|agrees|said|says|wins|"
    r"won|secures|secured|lands|landed|announces|announced|inks|inked|plans|expects|strikes|struck)\b"
)
_NEVER = re.compile(
    r"^(?:The|This|That|These|Those|It|Its|He|She|They|We|Our|In|On|At|By|For|From|With|And|But|As|A|An|Of|To|New|Mr|Ms|Mrs|Dr|"
    r"President|Chief|CEO|CFO|Sir|Secretary|Minister|Senator|Governor|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|"
    r"Sunday|January|February|March|April|May|June|July|August|September|October|November|December|AI|US|U\.S|UK|EU|GPU|"
    r"CPU|IPO|GW|MW|America|American|European|Chinese|Big|Wall|White|Silicon|Project|Report|Reports|Why|How|What|When|\w+ly|Once|Even|Still|Both|Many|Most|Some|"
    r"Such|While|Despite|Under|After|Before|Since|If|Last|Next|Each|Every|Another|Here|There|Over|Through|Together|Today|"
    r"Sources|Analysts|Investors|People|Two|Three|Four|Five|All|No|Not|So|Then|Also|Like|Unlike|Demand|Shares)\b"
)
_BEFORE_NAME = re.compile(r"^.*\b(?:With|From|By|Between|For|To|In|On|At|Over|As|After|And) ")
"""What a headline in title case puts before a name, and capitals make look like a part of it."""
_LONGEST_NAME = 60
"""Characters."""
_UNSURE_CASE = 0.5
"""The share of capitalised words from which on capitals say nothing: a headline in title case."""


def unknown(clause: Clause, lexicon: Lexicon, by_context: bool = True) -> dict[str, tuple[str, Mark]]:
    """Companies that are not known, by form and, unless that is too unsure, by context: the name and where it stands,
    by slug.

    Only where the clause names the subject and says what the deal is about, or where the company's form is plain and
    it is joined to the subject; names of people, products and places are passed over.
    """
    subject = subject_marks(clause, lexicon)
    told = any(mark.label.startswith("kind:") for mark in clause.marks)
    if not subject:
        return {}
    found: dict[str, tuple[str, Mark]] = {}
    taken = [mark for mark in clause.marks if not mark.label.startswith(("kind:", "other sum"))]
    titled = _is_title_case(clause.sentence.text)
    for pattern in (_BEARING,) if titled or not (told and by_context) else (_BEARING, _NAMED, _LEADING):
        for match in pattern.finditer(clause.text):
            whole = _BEFORE_NAME.sub("", match["name"])
            name = re.sub(r"[’']s$|[.,]$", "", whole)
            start = match.end("name") - len(whole)
            end = start + len(name)
            free = all(mark.end <= start or end <= mark.start for mark in taken)
            ware = any(_is_ware(end, mark, clause.text) for mark in clause.marks if mark.label.startswith("kind:"))
            if pattern is not _BEARING:  # Acme Semiconductors is a company, Acme GPUs are none
                ware = ware or any(mark.end == end for mark in clause.labelled(f"kind:{Kind.CHIPS}"))
            beside = any(_joined(Mark("", start, end), other, clause.text) for other in subject)
            passed = ware or len(name) > _LONGEST_NAME or _NEVER.match(name) or _is_person(clause, start, end)
            if (told or beside) and free and not passed:
                found.setdefault(slug_of(name), (name, Mark(f"@{slug_of(name)}", start, end)))
    return found


_PERSON_BEFORE = re.compile(
    r"\b(?:CEO|CFO|COO|CTO|chief|executive|president|President|founder|co-founder|chairman|minister|secretary|senator|analyst|"
    r"investor|Mr|Ms|Mrs|Dr|Sir|boss|head|officer|director|Judge|billionaire)\.? $"
)
_OFFICE = r"(?:CEO|chief|analyst|founder|director|president|executive|minister)"
_PERSON_AFTER = re.compile(
    r"^(?:,? (?:said|says|told|wrote|tweeted|argued|added|who)\b|, (?:the |an? )?[\w’' -]{0,40}\b" + _OFFICE + r"\b)"
)


def _is_person(clause: Clause, start: int, end: int) -> bool:
    """By what stands before and behind the name, in the next clause too: Mara Quist, who leads it."""
    behind = clause.sentence.text[clause.offset + end :]
    return bool(_PERSON_BEFORE.search(clause.text[:start]) or _PERSON_AFTER.search(behind))


def _is_title_case(text: str) -> bool:
    words = [word for word in re.findall(r"[^\W\d_]\w*", text) if len(word) > 3]
    return len(words) > 3 and sum(word[0].isupper() for word in words) > _UNSURE_CASE * len(words)
