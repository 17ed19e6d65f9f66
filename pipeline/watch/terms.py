"""Term syntax to one compiled automaton.

    data center     these words in order, any case, inflected too; hyphen, space or nothing between them
    "AMD"           exactly this form and case
    gigawatt*       any word that starts so (the last of several words, if there are more)
    /\\$\\d+ ?bn/     RE2 regular expression, any case
    @nvidia         a company with all its names, aliases and tickers

One Aho-Corasick automaton holds all of them but the regular expressions. It reads a text three times over, as stems,
as exact forms and as lower-case forms; each reading has its own separator, which stands before and after every word,
so that a pattern can only match whole words of its own reading.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import accumulate

import ahocorasick_rs
import re2
import snowballstemmer

from pipeline.domain import Hit
from pipeline.watch.text import words

_REGEX_MEMORY = 8 * 2**20
_MOST_STEMS = 200_000


class Kind(Enum):
    PHRASE = "\x1d"
    EXACT = "\x1e"
    PREFIX = "\x1f"
    REGEX = "/"
    COMPANY = "@"


@dataclass(frozen=True)
class Term:
    """A term as read: its kind, and the text without the marks of its kind."""

    source: str
    kind: Kind
    text: str


def parse(source: str) -> Term:
    """Read one term. Raises ValueError with the reason, worded to follow the quoted term."""
    stripped = source.strip()
    if stripped.startswith("/"):
        return _parse_regex(stripped)
    if stripped.startswith("@"):
        name = stripped[1:].strip()
        if not name:
            raise ValueError("names no company: write @ and a name of companies.yaml")
        return Term(stripped, Kind.COMPANY, name)
    if stripped.startswith('"') or stripped.endswith('"'):
        if len(stripped) < 3 or not (stripped.startswith('"') and stripped.endswith('"')):
            raise ValueError("has a quotation mark at one end only")
        kind, text = Kind.EXACT, stripped[1:-1]
    elif stripped.endswith("*"):
        kind, text = Kind.PREFIX, stripped[:-1]
    else:
        kind, text = Kind.PHRASE, stripped
    if "*" in text:
        raise ValueError("may have * at its end only")
    if not words(text):
        raise ValueError("holds no word to look for")
    return Term(stripped, kind, text)


def _parse_regex(source: str) -> Term:
    if len(source) < 3 or not source.endswith("/"):
        raise ValueError("starts with / but does not end with it: write /pattern/")
    pattern = _compile(source[1:-1])
    if pattern.search("") is not None:
        raise ValueError("matches the empty text, so it would match everywhere")
    return Term(source, Kind.REGEX, source[1:-1])


def _compile(pattern: str) -> re2._Regexp[str]:
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _REGEX_MEMORY
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is not a regular expression of RE2 ({reason})") from None


class Stems:
    """Stems words, each once. Safe in threads, which the stemmer itself is not."""

    def __init__(self, language: str = "english") -> None:
        self._stemmer = snowballstemmer.stemmer(language)
        self._stems: dict[str, str] = {}
        self._one_at_a_time = threading.Lock()

    def of(self, form: str) -> str:
        stem = self._stems.get(form)
        if stem is None:
            with self._one_at_a_time:
                if len(self._stems) > _MOST_STEMS:
                    self._stems.clear()
                stem = self._stems[form] = str(self._stemmer.stemWord(form.lower()))
        return stem


@dataclass(frozen=True)
class Owner:
    """Whose term a pattern is: the watch's number, the group and the term as written."""

    watch: int
    group: str
    term: str


class Automaton:
    """Finds all terms of all watches in one pass.

    `terms` gives (owner, term) pairs; `companies` the forms of each company: (names, tickers).
    """

    def __init__(
        self,
        terms: Iterable[tuple[Owner, Term]],
        companies: Mapping[str, tuple[Sequence[str], Sequence[str]]],
    ) -> None:
        self._stems = Stems()
        self._owners: dict[str, list[Owner]] = {}
        self._regexes: list[tuple[re2._Regexp[str], Owner]] = []
        for owner, term in terms:
            if term.kind is Kind.REGEX:
                self._regexes.append((_compile(term.text), owner))
            for pattern in self._patterns(term, companies):
                self._owners.setdefault(pattern, []).append(owner)
        self._patterns_in_order = list(self._owners)
        self._automaton = ahocorasick_rs.AhoCorasick(self._patterns_in_order)

    def _patterns(self, term: Term, companies: Mapping[str, tuple[Sequence[str], Sequence[str]]]) -> set[str]:
        if term.kind is Kind.COMPANY:
            names, tickers = companies[term.text]
            forms = {form for name in names for form in (name, name.upper())} | set(tickers)
            return {_pattern(Kind.EXACT, form) for form in forms if words(form)}
        if term.kind is Kind.EXACT:
            return {_pattern(Kind.EXACT, term.text)}
        if term.kind is Kind.PREFIX:
            return {_pattern(Kind.PREFIX, term.text.lower())[:-1]}
        if term.kind is Kind.PHRASE:
            parts = [word.form for word in words(term.text)]
            joined = {" ".join(parts), "".join(parts)}
            return {_pattern(Kind.PHRASE, form, self._stems.of) for form in joined}
        return set()

    def find(self, text: str) -> dict[int, list[Hit]]:
        """All hits of each watch, in the order of the text. Offsets count in `text`."""
        found: dict[int, list[Hit]] = {}
        tokens = words(text)
        forms = [token.form for token in tokens]
        for kind, read in (
            (Kind.PHRASE, [self._stems.of(form) for form in forms]),
            (Kind.EXACT, forms),
            (Kind.PREFIX, [form.lower() for form in forms]),
        ):
            haystack, starts = _reading(kind, read)
            for index, start, end in self._automaton.find_matches_as_indexes(haystack, overlapping=True):
                first = bisect_left(starts, start)
                last = bisect_left(starts, end - 1) - 1
                for owner in self._owners[self._patterns_in_order[index]]:
                    hit = Hit(owner.group, owner.term, tokens[first].start, tokens[last].end)
                    found.setdefault(owner.watch, []).append(hit)
        for pattern, owner in self._regexes:
            for match in pattern.finditer(text):
                if match.end() > match.start():  # \b and the like match without a letter to show
                    found.setdefault(owner.watch, []).append(Hit(owner.group, owner.term, *match.span()))
        for hits in found.values():
            hits.sort(key=lambda hit: (hit.start, hit.end, hit.group, hit.term))
        return found


def _pattern(kind: Kind, text: str, fold: Callable[[str], str] = str) -> str:
    return _reading(kind, [fold(word.form) for word in words(text)])[0]


def _reading(kind: Kind, forms: Sequence[str]) -> tuple[str, list[int]]:
    """The forms with a separator before and after each, and where each of those separators stands."""
    separator = kind.value
    starts = list(accumulate([len(form) + 1 for form in forms], initial=0))
    return separator + separator.join(forms) + separator, starts
