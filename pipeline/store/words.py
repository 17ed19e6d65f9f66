"""What a person types to search by, made into a query that the full-text index takes (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_MOST_WORDS = 24
_LONGEST = 2_000
_LEAST_PREFIX = 3
"""Characters that a word needs so that words may be asked for that begin so: short ones would be half of all words."""

_COMMON = frozenset(
    f'"{word}"'
    for line in (
        "a an and are as at be by for from has have in into is it its of on or",
        "that the their this to was were will with",
    )
    for word in line.split()
)

_PIECE = re.compile(r'(?P<minus>(?:-|NOT\s+(?=\S))?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')


def query_of(words: str) -> str:
    """The query that these words mean; empty where there is nothing in them to look for.

    Every word must occur, in whatever inflection, and so must every phrase in double quotes, word after word. `OR`
    between two of them: one of both. `-` or `NOT` before one: it must not occur. `*` after a word of three letters or
    more: any that begins so. All else that is no letter or digit only parts words. The commonest English words count
    only in phrases, and where nothing else is asked for. What is only ruled out gives no query. At most 24 words count,
    of the first 2,000 characters.
    """
    wanted: list[list[str]] = []
    ruled_out: list[str] = []
    either = False
    for term, excluded in _terms(words):
        if term == "OR":
            either = bool(wanted)
        elif excluded:
            ruled_out.append(term)
        elif either:
            wanted[-1].append(term)
            either = False
        else:
            wanted.append([term])
    if not wanted:
        return ""
    telling = [group for group in wanted if not _COMMON.issuperset(map(str.casefold, group))] or wanted
    query = " AND ".join(f"({' OR '.join(group)})" for group in telling)
    return f"({query}) NOT ({' OR '.join(ruled_out)})" if ruled_out else query


def _terms(words: str) -> Iterator[tuple[str, bool]]:
    """Each word or phrase, quoted, with whether it is ruled out; and each bare OR."""
    readable = words[:_LONGEST].encode("utf-8", "ignore").decode().replace("\0", " ")
    count = 0
    for piece in _PIECE.finditer(readable):
        word, excluded = piece["word"], bool(piece["minus"])
        if word in ("OR", "AND") and not excluded:
            if word == "OR":
                yield word, False
            continue
        text = piece["phrase"] if word is None else word
        parts = "".join(char if _counts(char) else " " for char in text).split()
        if not parts:
            continue
        begins = word is not None and word.endswith("*") and len(parts[-1]) >= _LEAST_PREFIX
        yield f'"{" ".join(parts)}"{"*" if begins else ""}', excluded
        count += len(parts)
        if count >= _MOST_WORDS:
            return


def _counts(char: str) -> bool:
    """Whether the index takes the character for a part of a word."""
    return unicodedata.category(char)[0] in "LNM" or unicodedata.category(char) == "Co"
