"""What a person types to search by, made into a query (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_MOST_WORDS = 24
_LONGEST = 2_000
_LEAST_PREFIX = 3
"""Characters that a word needs so that words may be asked for that begin so: short ones would be half of all words."""

_COMMON = frozenset(
    word
    for line in (
        "a an and are as at be by for from has have in into is it its of on or",
        "that the their this to was were will with",
    )
    for word in line.split()
)

_PIECE = re.compile(r'(?P<minus>(?:-|NOT\s+(?=\S))?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


@dataclass(frozen=True)
class Term:
    """Words one after the other; where it `begins`, the last of them is only how a word begins."""

    words: tuple[str, ...]
    begins: bool = False


@dataclass(frozen=True)
class Query:
    """One of each group of `wanted` must occur, and none of `ruled_out`. Nothing to look for where it is false."""

    wanted: tuple[tuple[Term, ...], ...] = ()
    ruled_out: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.wanted)


def query_of(words: str) -> Query:
    """The query that these words mean; false where there is nothing in them to look for.

    Every word must occur, in whatever inflection, and so must every phrase in double quotes, word after word. `OR`
    between two of them: one of both. `-` or `NOT` before one: it must not occur. `*` after a word of three letters or
    more: any that begins so. All else that is no letter or digit only parts words. The commonest English words count
    only in phrases, and where nothing else is asked for. What is only ruled out gives no query. At most 24 words count,
    of the first 2,000 characters.
    """
    wanted: list[list[Term]] = []
    ruled_out: list[Term] = []
    either = False
    for term, excluded in _terms(words):
        if term is None:
            either = bool(wanted)
        elif excluded:
            ruled_out.append(term)
        elif either:
            wanted[-1].append(term)
            either = False
        else:
            wanted.append([term])
    if not wanted:
        return Query()
    telling = [group for group in wanted if not all(map(_is_common, group))] or wanted
    return Query(tuple(map(tuple, telling)), tuple(ruled_out))


def _is_common(term: Term) -> bool:
    return len(term.words) == 1 and not term.begins and term.words[0].casefold() in _COMMON


def _terms(words: str) -> Iterator[tuple[Term | None, bool]]:
    """Each word or phrase, with whether it is ruled out; and None for each bare OR."""
    readable = words[:_LONGEST].encode("utf-8", "ignore").decode().replace("\0", " ")
    count = 0
    for piece in _PIECE.finditer(readable):
        word, excluded = piece["word"], bool(piece["minus"])
        if word in ("OR", "AND") and not excluded:
            if word == "OR":
                yield None, False
            continue
        text = piece["phrase"] if word is None else word
        parts = "".join(char if _counts(char) else " " for char in text).split()
        if not parts:
            continue
        begins = word is not None and word.endswith("*") and len(parts[-1]) >= _LEAST_PREFIX
        yield Term(tuple(parts), begins), excluded
        count += len(parts)
        if count >= _MOST_WORDS:
            return


def _counts(char: str) -> bool:
    """Whether the index takes the character for a part of a word."""
    return unicodedata.category(char)[0] in "LNM" or unicodedata.category(char) == "Co"
