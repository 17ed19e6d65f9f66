"""Term syntax.

data center     these words in order, any case, inflected too; hyphen, space or nothing between them
"AMD"           exactly this form and case
gigawatt*       any word that starts so (the last of several words, if there are more)
/\\$\\d+ ?bn/     RE2 regular expression, any case
@nvidia         a company with all its names, aliases and tickers
@role:chips     every company with this role
<money>         every term of a list
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

import re2

from pipeline.watch.text import Words

_REGEX_MEMORY = 8 * 2**20
_ROLE = "role:"


class Kind(Enum):
    PHRASE = "phrase"
    EXACT = "exact"
    PREFIX = "prefix"
    REGEX = "regex"
    COMPANY = "company"
    ROLE = "role"
    LIST = "list"


@dataclass(frozen=True)
class Term:
    """A term as read: its kind, and the text without the marks of its kind."""

    source: str
    kind: Kind
    text: str


@dataclass(frozen=True)
class Company:
    """What a text may call a company, and what it does."""

    names: Sequence[str] = ()
    tickers: Sequence[str] = ()
    roles: Sequence[str] = ()


@dataclass(frozen=True)
class Vocabulary:
    """What terms may refer to: companies by slug, lists of terms by name."""

    companies: Mapping[str, Company] = field(default_factory=dict)
    lists: Mapping[str, Sequence[str]] = field(default_factory=dict)


def parse(source: str) -> Term:
    """Read one term. Raises ValueError with the reason, worded to follow the quoted term."""
    stripped = source.strip()
    if stripped.startswith("/"):
        return _parse_regex(stripped)
    if stripped.startswith("@"):
        name = stripped[1:].strip()
        kind = Kind.ROLE if name.startswith(_ROLE) else Kind.COMPANY
        name = name.removeprefix(_ROLE).strip()
        if not name:
            raise ValueError("names no company: write @ and a name of companies.yaml, or @role: and a role")
        return Term(stripped, kind, name)
    if stripped.startswith("<") and stripped.endswith(">"):
        name = stripped[1:-1].strip()
        if not name:
            raise ValueError("names no list: write <name> for a list of `lists`")
        return Term(stripped, Kind.LIST, name)
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
    if not Words(text):
        raise ValueError("holds no word to look for")
    return Term(stripped, kind, text)


def refers_to(source: str) -> tuple[Literal["company", "role", "list"], str] | None:
    """What a term refers to, and its name there; None for a term that says all itself. Raises ValueError as `parse`."""
    term = parse(source)
    if term.kind is Kind.COMPANY:
        return "company", term.text
    if term.kind is Kind.ROLE:
        return "role", term.text
    return ("list", term.text) if term.kind is Kind.LIST else None


def _parse_regex(source: str) -> Term:
    if len(source) < 3 or not source.endswith("/"):
        raise ValueError("starts with / but does not end with it: write /pattern/")
    pattern = compile_regex(source[1:-1])
    if pattern.search("") is not None:
        raise ValueError("matches the empty text, so it would match everywhere")
    return Term(source, Kind.REGEX, source[1:-1])


def compile_regex(pattern: str) -> re2._Regexp[str]:
    """The pattern for RE2, any case; ^ and $ stand for a line's ends. Raises ValueError with the reason."""
    options = re2.Options()
    options.log_errors = False
    options.case_sensitive = False
    options.max_mem = _REGEX_MEMORY
    try:
        return re2.compile(f"(?m){pattern}", options)
    except re2.error as error:
        reason = error.args[0]
        reason = reason.decode() if isinstance(reason, bytes) else str(reason)
        raise ValueError(f"is not a regular expression of RE2 ({reason})") from None
