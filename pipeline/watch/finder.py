"""Every place where a term stands, for all terms in one pass.

The words of all terms make one tree. A word of the text is looked up once, whatever the number of terms, for the
*atoms* it satisfies: its stem, its exact form, or a prefix of it. Only where one of them opens a term does the search
walk on, so that a text costs little more than splitting it into words.
"""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress, pairwise
from typing import Any, NamedTuple

import re2
import snowballstemmer

from pipeline.watch.language import ALGORITHMS
from pipeline.watch.terms import Company, Kind, Term, Vocabulary, compile_regex, parse
from pipeline.watch.text import Plain, Span, Words

_MOST_FORMS = 200_000
_BREAK = frozenset('.!?;:,()[]\n|"…')
_LONGEST_GAP = 3


class Found(NamedTuple):
    """A term found in a plain text: which of the given ones, and as part of what list or role, or by itself."""

    term: int
    label: str
    span: Span


Owner = tuple[int, str]


@dataclass(slots=True)
class _Node:
    """A point of the tree: how it goes on, and whose terms end here."""

    next: dict[str, _Node] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)


class Finder:
    """Finds the given terms, which are told apart by their place in `terms`.

    Raises KeyError where a term refers to what `vocabulary` does not hold. Safe in threads.
    """

    def __init__(self, terms: Sequence[Term], vocabulary: Vocabulary) -> None:
        self._plain_terms: list[tuple[Owner, Kind, str]] = []
        self._regexes: list[tuple[Owner, re2._Regexp[str]]] = []
        for number, term in enumerate(terms):
            for label, kind, text in _expand(term, vocabulary, (), set()):
                if kind is Kind.REGEX:
                    self._regexes.append(((number, label), compile_regex(text)))
                else:
                    self._plain_terms.append(((number, label), kind, text))
        self._trees: dict[str, _Tree] = {}
        self._one_at_a_time = threading.Lock()

    def find(self, text: str, language: str) -> list[Found]:
        """All places in a plain text of this language (an ISO 639-1 code), regular expressions last."""
        tree = self._trees.get(language)
        if tree is None:
            with self._one_at_a_time:
                tree = self._trees.get(language) or _Tree(self._plain_terms, language)
                self._trees[language] = tree
        found = tree.find(text)
        for owner, pattern in self._regexes:
            # \b and the like match without a letter to show
            found += [Found(*owner, Span(*m.span())) for m in pattern.finditer(text) if m.end() > m.start()]
        return found


def _expand(
    term: Term, vocabulary: Vocabulary, lists: tuple[str, ...], done: set[str]
) -> Iterator[tuple[str, Kind, str]]:
    """What a term stands for: for each part the innermost list or role it comes from, its kind and its text.

    `lists` are those that led here; those in `done` have been gone through and are not again.
    """
    label = f"<{lists[-1]}>" if lists else term.source
    if term.kind is Kind.LIST:
        if term.text in lists:
            raise ValueError(f"the list {term.text} holds itself")
        if term.text not in done:
            done.add(term.text)
            for source in vocabulary.lists[term.text]:
                yield from _expand(parse(source), vocabulary, (*lists, term.text), done)
    elif term.kind is Kind.COMPANY:
        yield from _forms(label, vocabulary.companies[term.text])
    elif term.kind is Kind.ROLE:
        for company in vocabulary.companies.values():
            if term.text in company.roles:
                yield from _forms(label, company)
    else:
        yield label, term.kind, term.text


def _forms(label: str, company: Company) -> Iterator[tuple[str, Kind, str]]:
    """What a company is called; its names in full capitals too."""
    forms = {form for name in company.names for form in (name, name.upper())} | set(company.tickers)
    yield from ((label, Kind.EXACT, form) for form in sorted(forms) if Words(form))


class _Opening(NamedTuple):
    """What a word of the text opens: where its terms go on, by what atoms, and whether one ends at once."""

    nodes: tuple[_Node, ...]
    ahead: frozenset[str]
    ends: bool


class _Tree:
    """The words of all terms, as one language inflects them."""

    def __init__(self, terms: Iterable[tuple[Owner, Kind, str]], language: str) -> None:
        self._stem = _stemmer(language)
        self._root = _Node()
        self._prefixes: set[int] = set()
        self._gaps: set[tuple[str, str]] = set()
        for owner, kind, text in terms:
            words = Words(Plain(text).text)
            places = [place for place, form in enumerate(words.forms) if form]
            forms = [_folded(words.forms[place]) for place in places]
            # A name may hold what ends a clause elsewhere.
            self._gaps |= {(words.forms[a].casefold(), words.between(a, b)) for a, b in pairwise(places)}
            self._add(owner, self._path(kind, forms))
            if kind is Kind.PHRASE and len(forms) > 1:
                self._add(owner, self._path(kind, ["".join(forms)]))
        self._asked = {atom for node in self._all_nodes() for atom in node.next}
        self._atoms = _Memo(self._satisfied)
        self._openers = _Memo(self._opened)

    def _path(self, kind: Kind, forms: Sequence[str]) -> list[str]:
        """The atoms that a term asks for, one a word: `=` exactly so, `~` this stem, `*` this beginning."""
        if kind is Kind.EXACT:
            return [f"={form}" for form in forms]
        stems = [f"~{self._stem(form.casefold())}" for form in forms]
        if kind is Kind.PREFIX:
            stems[-1] = f"*{forms[-1].casefold()}"
            self._prefixes.add(len(stems[-1]) - 1)
        return stems

    def _add(self, owner: Owner, path: Iterable[str]) -> None:
        node = self._root
        for atom in path:
            node = node.next.setdefault(atom, _Node())
        if owner not in node.owners:
            node.owners.append(owner)

    def _all_nodes(self) -> Iterator[_Node]:
        nodes = [self._root]
        while nodes:
            node = nodes.pop()
            yield node
            nodes += node.next.values()

    def _satisfied(self, form: str) -> tuple[str, ...]:
        """The atoms asked for anywhere that a word of the text satisfies."""
        form = _folded(form)
        lower = form.casefold()
        beginnings = [f"*{lower[:length]}" for length in self._prefixes if length <= len(lower)]
        atoms = (f"={form}", f"~{self._stem(lower)}", *beginnings)
        return tuple([atom for atom in atoms if atom in self._asked])

    def _opened(self, form: str) -> _Opening | None:
        """What a word of the text opens, None where it opens nothing."""
        nodes = tuple([self._root.next[atom] for atom in self._atoms[form] if atom in self._root.next]) if form else ()
        if not nodes:
            return None
        return _Opening(nodes, frozenset(a for node in nodes for a in node.next), any(node.owners for node in nodes))

    def find(self, text: str) -> list[Found]:
        words = Words(text)
        forms, atoms = words.forms, self._atoms
        openings = list(map(self._openers.__getitem__, forms))
        last = len(forms) - 1
        found: list[Found] = []
        for first in compress(range(last + 1), openings):
            opening = openings[first]
            after = forms[first + 1] if first < last else ""
            # Most openings lead nowhere, which the next word shows; where there is none, the gap needs a closer look.
            if opening.ends or not after or not opening.ahead.isdisjoint(atoms[after]):
                self._follow(words, first, opening.nodes, found)
        return found

    def _follow(self, words: Words, first: int, nodes: Sequence[_Node], found: list[Found]) -> None:
        """All terms that the word at `first` opens and the words after it end."""
        start, last = words.start(first), first
        while True:
            end = words.end(last)
            ahead = []
            for node in nodes:
                for term, label in node.owners:
                    found.append(Found(term, label, Span(start, end)))
                if node.next:
                    ahead.append(node)
            following = words.following(last, self._gaps) if ahead else None
            if following is None:
                return
            last = following
            atoms = self._atoms[words.forms[last]]
            nodes = [node.next[atom] for node in ahead for atom in atoms if atom in node.next]


class _Memo(dict[str, Any]):
    """What a function gives for each form, worked out when it is first met; forgotten when there are too many."""

    def __init__(self, work_out: Callable[[str], Any]) -> None:
        super().__init__()
        self._work_out = work_out

    def __missing__(self, form: str) -> Any:
        if len(self) > _MOST_FORMS:
            self.clear()
        self[form] = found = self._work_out(form)
        return found


def _folded(form: str) -> str:
    return form if form.isascii() else unicodedata.normalize("NFKC", form)


def _stemmer(language: str) -> Callable[[str], str]:
    """Snowball's stemmer of the language; where it has none, words as they are."""
    algorithm = ALGORITHMS.get(language)
    if algorithm is None:
        return str
    local = threading.local()

    def stem(form: str) -> str:
        if not hasattr(local, "stemmer"):
            local.stemmer = snowballstemmer.stemmer(algorithm)  # not to be shared between threads
            local.stemmer.maxCacheSize = 0  # it forgets slowly, and we remember ourselves
        return str(local.stemmer.stemWord(form))

    return stem
