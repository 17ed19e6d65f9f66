"""Every place where a term stands, for all terms in one pass.

The words of all terms make one tree. A word of the text is looked up once, whatever the number of terms, for its
*kind*: the *atoms* it satisfies, which are its stem, its exact form, or a prefix of it. Only where a word, or two in a
row, open a term by their kinds does the search walk down the tree, so that a text costs little more than splitting it
into words.
"""

from __future__ import annotations

import threading
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import re2
import snowballstemmer

from pipeline.watch.language import ALGORITHMS
from pipeline.watch.terms import Company, Kind, Term, Vocabulary, compile_regex, parse
from pipeline.watch.text import Plain, Span, Words

if TYPE_CHECKING:
    from numpy.typing import NDArray

_MOST_FORMS = 200_000
_OTHER, _NO_WORD = 0, 1
_TABLE, _SPREAD = 2**20 - 1, 40503


class Found(NamedTuple):
    """A term found in a plain text: which of the given ones, and as part of what list or role, or by itself."""

    term: int
    label: str
    span: Span


Owner = tuple[int, str]
Kinds: TypeAlias = "NDArray[np.uint32]"


@dataclass(slots=True)
class _Node:
    """A point of the tree: how it goes on, and whose terms end here."""

    next: dict[str, _Node] = field(default_factory=dict)
    owners: list[Owner] = field(default_factory=list)


@dataclass(slots=True)
class _State:
    """The points of the tree that some words in a row lead to: whose terms end there, and how they go on.

    `steps` are the states reached from here so far, by the kind of the next word; None where it leads nowhere.
    """

    owners: list[Owner]
    ahead: list[dict[str, _Node]]
    steps: dict[int, _State | None] = field(default_factory=dict)

    @classmethod
    def of(cls, nodes: Sequence[_Node]) -> _State | None:
        owners = [owner for node in nodes for owner in node.owners]
        ahead = [node.next for node in nodes if node.next]
        return cls(owners, ahead) if owners or ahead else None

    def after(self, atoms: Iterable[str]) -> list[_Node]:
        """Where a word that satisfies these atoms leads."""
        return [after[atom] for after in self.ahead for atom in atoms if atom in after]


class Finder:
    """Finds the given terms, which are told apart by their place in `terms`.

    Raises KeyError where a term refers to what `vocabulary` does not hold. Safe in threads.
    """

    def __init__(self, terms: Sequence[Term], vocabulary: Vocabulary) -> None:
        self._plain_terms: list[tuple[Owner, Kind, str]] = []
        self._regexes: list[tuple[Owner, re2._Regexp[str]]] = []
        for number, term in enumerate(terms):
            for label, kind, text in expand(term, vocabulary, (), set()):
                if kind is Kind.REGEX:
                    self._regexes.append(((number, label), compile_regex(text)))
                else:
                    self._plain_terms.append(((number, label), kind, text))
        self._trees: dict[str, _Tree] = {}
        self._one_at_a_time = threading.Lock()

    def find(self, text: str, language: str) -> list[Found]:
        """All places in a plain text of this language (an ISO 639-1 code), regular expressions last."""
        return self.find_words(text, language) + self.find_patterns(text)

    def find_words(self, text: str, language: str) -> list[Found]:
        """Those of the terms that are no regular expressions."""
        tree = self._trees.get(language)
        if tree is None:
            with self._one_at_a_time:
                tree = self._trees.get(language) or _Tree(self._plain_terms, language)
                self._trees[language] = tree
        return tree.find(text)

    def find_patterns(self, text: str) -> list[Found]:
        """Those of the regular expressions."""
        return [
            Found(*owner, Span(*found.span()))
            for owner, pattern in self._regexes
            for found in pattern.finditer(text)
            if found.end() > found.start()  # \b and the like match without a letter to show
        ]

    @property
    def patterned(self) -> set[int]:
        """The terms that are, or stand for, regular expressions."""
        return {number for (number, _), _ in self._regexes}


def expand(
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
                yield from expand(parse(source), vocabulary, (*lists, term.text), done)
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


class _Tree:
    """The words of all terms, as one language inflects them."""

    def __init__(self, terms: Iterable[tuple[Owner, Kind, str]], language: str) -> None:
        self._stem = stemmer(language)
        self._root = _Node()
        self._prefixes: set[int] = set()
        self._gaps: set[tuple[str, str]] = set()
        for owner, kind, text in terms:
            words = Words(Plain(text).text)
            places = [place for place, form in enumerate(words.forms) if form]
            forms = [folded(words.forms[place]) for place in places]
            # A name may hold what ends a clause elsewhere.
            self._gaps |= {(words.forms[a].casefold(), words.between(a, b)) for a, b in pairwise(places)}
            self._add(owner, self._path(kind, forms))
            if kind is Kind.PHRASE and len(forms) > 1:
                self._add(owner, self._path(kind, ["".join(forms)]))
        self._asked = {atom for node in self._all_nodes() for atom in node.next}
        self._openers = _Openers(self._root)
        self._kinds = _Kinds(lambda form: self._openers.kind(self._satisfied(form)))

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
        form = folded(form)
        lower = form.casefold()
        beginnings = [f"*{lower[:length]}" for length in self._prefixes if length <= len(lower)]
        atoms = (f"={form}", f"~{self._stem(lower)}", *beginnings)
        return tuple([atom for atom in atoms if atom in self._asked])

    def find(self, text: str) -> list[Found]:
        words = Words(text)
        kinds = np.fromiter(map(self._kinds.__getitem__, words.forms), np.uint32, len(words.forms))
        found: list[Found] = []
        for first, kind in self._openers.among(kinds):
            self._follow(words, first, self._openers.states[kind], found)
        return found

    def _follow(self, words: Words, first: int, state: _State | None, found: list[Found]) -> None:
        """All terms that the word at `first` opens and the words after it end."""
        last = first
        while state is not None:
            if state.owners:
                span = Span(words.starts[first], words.end(last))
                found += [Found(term, label, span) for term, label in state.owners]
            following = words.following(last, self._gaps) if state.ahead else None
            if following is None:
                return
            last = following
            kind = self._kinds[words.forms[last]]
            if kind not in state.steps:
                state.steps[kind] = _State.of(state.after(self._openers.atoms[kind]))
            state = state.steps[kind]


class _Openers:
    """Which words of a text open a term: those that are one, and those that begin one with the word after them.

    Words are told apart by their *kind* only, a number for the atoms that they satisfy. Whether a pair of kinds begins
    a term stands in a table by a hash of the pair: a text is looked up in it at once, and a chance hit leads nowhere.
    """

    def __init__(self, root: _Node) -> None:
        self.atoms: list[tuple[str, ...]] = [(), ()]
        self.states: list[_State | None] = [None, None]
        """What the words of each kind satisfy, and where they lead, by kind."""
        self._kinds: dict[tuple[str, ...], int] = {(): _OTHER}
        self._root = root
        self._before: defaultdict[str, list[str]] = defaultdict(list)
        for first, node in root.next.items():
            for second in node.next:
                self._before[second].append(first)
        self._holding: defaultdict[str, list[int]] = defaultdict(list)
        self._ends = np.zeros(_TABLE + 1, np.bool_)
        self._pairs = np.zeros(_TABLE + 1, np.bool_)
        self._one_at_a_time = threading.Lock()

    def kind(self, atoms: tuple[str, ...]) -> int:
        """The kind of the words that satisfy these atoms."""
        with self._one_at_a_time:
            if atoms not in self._kinds:
                self._kinds[atoms] = self._add(atoms)
            return self._kinds[atoms]

    def _add(self, atoms: tuple[str, ...]) -> int:
        kind = len(self.atoms)
        nodes = [self._root.next[atom] for atom in atoms if atom in self._root.next]
        self.atoms.append(atoms)
        self.states.append(_State.of(nodes))
        for atom in atoms:
            self._holding[atom].append(kind)
        after = {other for node in nodes for atom in node.next for other in self._holding[atom]}
        before = {other for atom in atoms for first in self._before[atom] for other in self._holding[first]}
        for one, other in [*((kind, other) for other in after), *((other, kind) for other in before)]:
            self._pairs[_place(one, other)] = True
        if any(node.owners for node in nodes):
            self._ends[kind & _TABLE] = True
        return kind

    def among(self, kinds: Kinds) -> Iterator[tuple[int, int]]:
        """The places of a text, given by the kinds of its forms, where a term may begin, and the kinds there."""
        (places,) = (kinds != _NO_WORD).nonzero()
        kinds = kinds.take(places)
        opens = self._ends.take(kinds & _TABLE)
        opens[:-1] |= self._pairs.take(_place(kinds[:-1], kinds[1:]))
        return zip(places[opens].tolist(), kinds[opens].tolist(), strict=True)


def _place(one: Any, other: Any) -> Any:
    """Where a pair of kinds, or each pair of two rows of them, stands in the table."""
    return (one * _SPREAD + other) & _TABLE


class _Kinds(dict[str, int]):
    """The kind of each form, worked out when it is first met; forgotten when there are too many."""

    def __init__(self, work_out: Callable[[str], int]) -> None:
        super().__init__({"": _NO_WORD})
        self._work_out = work_out

    def __missing__(self, form: str) -> int:
        if len(self) > _MOST_FORMS:
            self.clear()
            self[""] = _NO_WORD
        self[form] = kind = self._work_out(form)
        return kind


def folded(form: str) -> str:
    return form if form.isascii() else unicodedata.normalize("NFKC", form)


def stemmer(language: str) -> Callable[[str], str]:
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
