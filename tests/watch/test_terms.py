"""Term syntax."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.terms import Kind, compile_regex, parse, refers_to


@pytest.mark.parametrize(
    ("source", "kind", "text"),
    [
        ("data center", Kind.PHRASE, "data center"),
        ("  OpenAI  ", Kind.PHRASE, "OpenAI"),
        ('"AMD"', Kind.EXACT, "AMD"),
        ("gigawatt*", Kind.PREFIX, "gigawatt"),
        (r"/\$\d+ ?bn/", Kind.REGEX, r"\$\d+ ?bn"),
        ("/a/b/", Kind.REGEX, "a/b"),
        ("@nvidia", Kind.COMPANY, "nvidia"),
        ("@ nvidia", Kind.COMPANY, "nvidia"),
        ("@role:chips", Kind.ROLE, "chips"),
        ("@ role: chip makers ", Kind.ROLE, "chip makers"),
        ("@roles", Kind.COMPANY, "roles"),
        ("<money>", Kind.LIST, "money"),
        (" < data-centers > ", Kind.LIST, "data-centers"),
        ("<money", Kind.PHRASE, "<money"),
        ("a > b", Kind.PHRASE, "a > b"),
        ("nuclear react*", Kind.PREFIX, "nuclear react"),
        ("数据中心", Kind.PHRASE, "数据中心"),
    ],
)
def test_syntax(source: str, kind: Kind, text: str) -> None:
    """The marks of a term tell its kind and are no part of its text."""
    term = parse(source)

    assert (term.source, term.kind, term.text) == (source.strip(), kind, text)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("", "holds no word"),
        ("  ", "holds no word"),
        ("--", "holds no word"),
        ("*", "holds no word"),
        ('"-"', "holds no word"),
        ("giga*watt", r"\* at its end only"),
        ("*watt", r"\* at its end only"),
        ('"giga*"', r"\* at its end only"),
        ('"AMD', "quotation mark at one end only"),
        ('AMD"', "quotation mark at one end only"),
        ('"', "quotation mark at one end only"),
        ("/open", "does not end with it"),
        ("/", "does not end with it"),
        ("//", "does not end with it"),
        ("/(/", "not a regular expression"),
        (r"/(a)\1/", "not a regular expression"),
        ("/(?=a)a/", "not a regular expression"),
        ("/a{2000}{2000}/", "not a regular expression"),
        ("/a*/", "matches the empty text"),
        ("/x|/", "matches the empty text"),
        ("@", "names no company"),
        ("@ ", "names no company"),
        ("@role:", "names no company"),
        ("@role: ", "@role: and a role"),
        ("<>", "names no list"),
        ("< >", "names no list"),
    ],
)
def test_wrong_terms(source: str, reason: str) -> None:
    """A term that cannot work is refused with the reason."""
    with pytest.raises(ValueError, match=reason):
        parse(source)


@pytest.mark.parametrize(
    ("source", "what"),
    [
        ("@nvidia", ("company", "nvidia")),
        ("@role:chips", ("role", "chips")),
        ("<money>", ("list", "money")),
        ("data center", None),
        ('"AMD"', None),
        ("gigawatt*", None),
        ("/a@b/", None),
    ],
)
def test_references(source: str, what: tuple[str, str] | None) -> None:
    """A term says what company, role or list it refers to; one that says all itself refers to nothing."""
    assert refers_to(source) == what


def test_wrong_references() -> None:
    """What is no term refers to nothing: it is refused."""
    with pytest.raises(ValueError, match="names no list"):
        refers_to("<>")


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("stargate", "STARGATE", True),
        ("^end", "first\nEnd", True),
        ("first$", "first\nend", True),
        ("^end", "the end", False),
        ("first.end", "first\nend", False),
        ("(?-i)stargate", "STARGATE", False),
    ],
)
def test_regexes(pattern: str, text: str, matches: bool) -> None:
    """Case does not matter, ^ and $ stand for a line's ends, and no dot stands for a line end."""
    assert (compile_regex(pattern).search(text) is not None) is matches


@given(st.text())
def test_any_source(source: str) -> None:
    """Whatever is written is read as a term, or refused with a reason in words."""
    reason = ""
    try:
        term = parse(source)
    except ValueError as error:
        reason = str(error)
    else:
        assert (term.source, term.text in term.source) == (source.strip(), True)
        assert parse(term.source) == term
        return

    assert reason
