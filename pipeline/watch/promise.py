"""What the title and summary of an entry promise, told for a small part of what reading its page costs.

Of every term only the longest word is looked for, inflected as English does, and a word of the texts only once: what it
is to the watches is remembered. Only a text that holds words of all groups of a watch is read as the matcher does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from functools import cached_property
from string import punctuation

import re2

from pipeline.domain import Promised
from pipeline.watch.finder import expand, folded, stemmer
from pipeline.watch.language import ENGLISH
from pipeline.watch.matcher import Matcher
from pipeline.watch.piece import Piece
from pipeline.watch.terms import Kind, Vocabulary, compile_regex, parse
from pipeline.watch.text import Plain, Words

_BEGINNING = 600
"""How many characters of a summary are looked at."""
_MOST_FORMS = 200_000


class Promises:
    """What texts promise to the watches of a matcher, whose terms refer to `vocabulary`. Safe in threads."""

    def __init__(self, matcher: Matcher, vocabulary: Vocabulary) -> None:
        self._matcher = matcher
        self._vocabulary = vocabulary

    def of(self, title: str, summary: str) -> Promised:
        """What an entry of this title and summary promises."""
        beginning = summary[:_BEGINNING]
        text = f"{title}\n{beginning}"
        known, held = self._terms.known, 0
        for token in text.split():
            held |= known[token]
        if not held and not self._terms.patterns:
            return Promised.NOTHING
        promised = Promised.NOTHING
        for groups in self._groups:
            lacking = groups & ~held
            if not lacking or (not lacking & ~self._terms.by_pattern and self._terms.match(lacking, text)):
                if any(verdict.matched for verdict in self._matcher.judge(Piece(title, beginning))):
                    return Promised.FLAGS
                return Promised.MOST
            if 2 * lacking.bit_count() < groups.bit_count():
                promised = Promised.MOST
        return promised

    @cached_property
    def _groups(self) -> list[int]:
        """The groups of each watch, a bit for each."""
        found, first = [], 0
        for watch in self._matcher.watches:
            found.append((1 << len(watch.groups)) - 1 << first)
            first += len(watch.groups)
        return found

    @cached_property
    def _terms(self) -> _Terms:
        terms = _Terms()
        groups = [sources for watch in self._matcher.watches for sources in watch.groups.values()]
        for number, sources in enumerate(groups):
            for source in sources:
                for _, kind, text in expand(parse(source), self._vocabulary, (), set()):
                    terms.add(1 << number, kind, text)
        return terms


class _Terms:
    """The words of terms, each with the groups that it stands for: a number with a bit for each.

    `patterns` are the regular expressions by group, and `by_pattern` the groups that have any.
    """

    def __init__(self) -> None:
        self._exact: defaultdict[str, int] = defaultdict(int)
        self._stems: defaultdict[str, int] = defaultdict(int)
        self._prefixes: defaultdict[str, int] = defaultdict(int)
        self._all_prefixes: tuple[str, ...] = ()
        self._beginnings: set[str] = set()
        self._stem = stemmer(ENGLISH)
        self.patterns: defaultdict[int, list[re2._Regexp[str]]] = defaultdict(list)
        self.by_pattern = 0
        self.known = _Known(self._of)

    def add(self, group: int, kind: Kind, text: str) -> None:
        if kind is Kind.REGEX:
            self.patterns[group].append(compile_regex(text))
            self.by_pattern |= group
            return
        forms = [folded(form) for form in Words(Plain(text).text).forms if form]
        if kind is Kind.EXACT:
            self._exact[max(forms, key=len)] |= group
        elif kind is Kind.PREFIX:
            self._prefixes[forms[-1].casefold()] |= group
            self._all_prefixes = tuple(self._prefixes)
        else:
            for form in {max(forms, key=len).casefold(), "".join(forms).casefold()}:
                stem = self._stem(form)
                self._stems[stem] |= group
                self._beginnings.add(_beginning(stem))

    def match(self, groups: int, text: str) -> bool:
        """Whether a pattern of each of these groups is found."""
        plain = Plain(text).text
        asked = [patterns for group, patterns in self.patterns.items() if group & groups]
        return all(any(pattern.search(plain) for pattern in patterns) for patterns in asked)

    def _of(self, token: str) -> int:
        """The groups that what stands between two spaces of a text has a word for."""
        bare = token.strip(punctuation)
        plain = bare.isascii() and bare.isalnum()  # nearly all are: one word
        return self._of_words([bare] if plain else filter(None, map(folded, Words(Plain(token).text).forms)))

    def _of_words(self, forms: Iterable[str]) -> int:
        found = 0
        for form in forms:
            lower = form.casefold()
            found |= self._exact.get(form, 0)
            if _beginning(lower) in self._beginnings:
                found |= self._stems.get(self._stem(lower), 0)
            if lower.startswith(self._all_prefixes):
                for prefix, groups in self._prefixes.items():
                    found |= groups * lower.startswith(prefix)
        return found


def _beginning(form: str) -> str:
    """What a word and its stem have in common: stemming costs most, and this tells that it is of no use."""
    return form[:2].replace("y", "i")


class _Known(dict[str, int]):
    """What was found out; forgotten when it is too much."""

    def __init__(self, find_out: Callable[[str], int]) -> None:
        super().__init__()
        self._find_out = find_out

    def __missing__(self, token: str) -> int:
        if len(self) > _MOST_FORMS:
            self.clear()
        self[token] = found = self._find_out(token)
        return found
