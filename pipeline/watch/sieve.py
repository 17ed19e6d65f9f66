"""Telling most texts that hold none of some terms, for a small part of what finding the terms costs.

Of every term only the longest word is looked for, and a word of the texts only once: what it is to the terms is
remembered. So a text costs little more than splitting it at its spaces.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from string import punctuation

from pipeline.watch.finder import expand, folded, stemmer
from pipeline.watch.language import language
from pipeline.watch.terms import Kind, Vocabulary, compile_regex, parse
from pipeline.watch.text import Plain, Words

Part = tuple[str, Kind, str]
"""One form of a term: what it comes from, its kind, its text."""

_CHANGES_BEGINNINGS = frozenset(["de", "fi", "nl"])
"""The languages whose stems may begin otherwise than their words: (ge)nerous, (ae)sthetic, (oo)pen."""
_MOST_FORMS = 200_000
_BEGINNING = 600
_ACCENT = re.compile("[\u0300-\u036f]")


def parts_of(sources: Iterable[str], vocabulary: Vocabulary) -> set[Part]:
    """All that the terms stand for."""
    return {part for source in sources for part in expand(parse(source), vocabulary, (), set())}


class Sieve:
    """Lets all texts through in which a `Finder` finds one of the parts, and few others."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self._exact: set[str] = set()
        self._prefixes: set[str] = set()
        self._inflected: set[str] = set()
        self._regexes = []
        for _, kind, text in parts:
            forms = [folded(form) for form in Words(Plain(text).text).forms if form]
            if kind is Kind.REGEX:
                self._regexes.append(compile_regex(text))
            elif kind is Kind.EXACT:
                self._exact.add(max(forms, key=len))
            elif kind is Kind.PREFIX:
                self._prefixes.add(forms[-1].casefold())
            else:
                self._inflected |= {max(forms, key=len).casefold(), "".join(forms).casefold()}
        self._known: dict[str, _Known] = {}

    def lets_through(self, text: str) -> bool:
        """Whether the text, a piece as the matcher reads it, may hold one of them."""
        if self._exact or self._prefixes or self._inflected:
            code = language(Plain(text[:_BEGINNING]).text)
            known = self._known.get(code)
            if known is None:
                known = self._known[code] = _Known(self._judge(code))
            if any(map(known.__getitem__, text.split())):
                return True
        plain = Plain(text).text if self._regexes else ""
        return any(pattern.search(plain) for pattern in self._regexes)

    def _judge(self, code: str) -> Callable[[str], bool]:
        """Whether what stands between two spaces of a text in this language is a word of one of them."""
        stem = stemmer(code)
        stems = {stem(form) for form in self._inflected}
        beginnings = {_beginning(form) for form in stems}
        anyhow = code in _CHANGES_BEGINNINGS
        prefixes = tuple(self._prefixes)

        def judge(token: str) -> bool:
            bare = token.strip(punctuation)
            if bare.isascii() and bare.isalnum():  # nearly all are: one word
                forms: Iterable[str] = (bare,)
            else:
                plain = Plain(token).text
                if _ACCENT.search(plain):
                    return True  # what it belongs to cannot be told from here
                forms = filter(None, map(folded, Words(plain).forms))
            for form in forms:
                lower = form.casefold()
                if form in self._exact or lower.startswith(prefixes):
                    return True
                if (anyhow or _beginning(lower) in beginnings) and stem(lower) in stems:
                    return True
            return False

        return judge


def _beginning(form: str) -> str:
    """What the form and its stem have in common: two letters, or one where there is no other."""
    letters = form[:2] if form.isascii() else _ACCENT.sub("", unicodedata.normalize("NFKD", form[:2]))[:2]
    return letters.replace("y", "i")


class _Known(dict[str, bool]):
    """What was found out; forgotten when it is too much."""

    def __init__(self, judge: Callable[[str], bool]) -> None:
        super().__init__()
        self._judge = judge

    def __missing__(self, token: str) -> bool:
        if len(self) > _MOST_FORMS:
            self.clear()
        self[token] = found = self._judge(token)
        return found
