"""What windows hold, and what the text around them lends."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.domain import Hit
from pipeline.watch.evidence import Lent, gather
from pipeline.watch.text import Span
from pipeline.watch.windows import Window

WIDTH = 10


def row(count: int, titles: int = 1) -> list[Window]:
    """Windows side by side, the first of them of the title."""
    return [Window(Span(n * WIDTH, n * WIDTH + WIDTH), n < titles, n >= titles) for n in range(count)]


def hits(layout: str) -> list[Hit]:
    """A word for each window: its letters are groups, `.` is none."""
    return [
        Hit(letter, letter, number * WIDTH + at, number * WIDTH + at + 1)
        for number, word in enumerate(layout.split())
        for at, letter in enumerate(word)
        if letter != "."
    ]


def lent(layout: str, subject: str | None = "s", titles: int = 1) -> dict[int, Lent | None]:
    """By the number of each window that holds a hit: what it is lent."""
    windows = row(len(layout.split()), titles)
    return {windows.index(evidence.window): evidence.subject for evidence in gather(windows, hits(layout), subject)}


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        ("x x", {0: None, 1: None}),
        ("s x", {0: None, 1: Lent.BOTH}),
        ("s . x", {0: None, 2: Lent.BOTH}),
        ("s . . x", {0: None, 3: Lent.TITLE}),
        ("s . . . . x s x", {0: None, 5: Lent.TITLE, 6: None, 7: Lent.BOTH}),
        (". sx x x x", {1: None, 2: Lent.BEFORE, 3: Lent.BEFORE, 4: None}),
        (". s . . x", {1: None, 4: None}),
        (". s x s x", {1: None, 2: Lent.BEFORE, 3: None, 4: Lent.BEFORE}),
        (". x s", {1: None, 2: None}),
        (". . .", {}),
        (". x", {1: None}),
    ],
)
def test_lent(layout: str, expected: dict[int, Lent | None]) -> None:
    """The title lends its subject to all of the body; a window of the body to the two after it, and to none before."""
    assert lent(layout) == expected


def test_no_subject() -> None:
    """Without a group that is the subject, nothing is lent."""
    assert lent("s x sx x", subject=None) == {0: None, 1: None, 2: None, 3: None}


def test_the_title_is_lent_nothing() -> None:
    """Where the title is several windows, one does not lend the other."""
    assert lent("s x x", titles=2) == {0: None, 1: None, 2: Lent.BOTH}


def test_hits_by_group() -> None:
    """A window has the hits that lie in it, by group, in the order of the text."""
    [first, last] = gather(row(3), hits("ab ... bab"), None)

    assert (first.window.span.start, last.window.span.start) == (0, 20)
    assert {group: [hit.start for hit in found] for group, found in first.hits.items()} == {"a": [0], "b": [1]}
    assert {group: [hit.start for hit in found] for group, found in last.hits.items()} == {"b": [20, 22], "a": [21]}


@pytest.mark.parametrize(
    ("start", "end", "windows"), [(8, 10, [0]), (8, 11, []), (10, 20, [1]), (9, 21, []), (5, 6, [0])]
)
def test_hits_across_windows(start: int, end: int, windows: list[int]) -> None:
    """A hit that crosses the end of a window is in none; one that ends with it is."""
    found = gather(row(3), [Hit("a", "a", start, end)], None)

    assert [evidence.window.span.start // WIDTH for evidence in found] == windows


def test_overlapping_windows() -> None:
    """A hit is in every window that holds it."""
    windows = [Window(Span(start, start + 10), False, True) for start in range(5)]

    assert len(list(gather(windows, [Hit("a", "a", 3, 12)], None))) == 2


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(1, 15)), max_size=20), st.booleans())
def test_any_hits(places: list[tuple[int, int]], subject: bool) -> None:
    """Every hit is in the evidence of just those windows that hold all of it, and no window comes without a hit."""
    windows = row(10)
    given_hits = sorted((Hit("s", "s", start, start + length) for start, length in places), key=lambda hit: hit.start)
    found = list(gather(windows, given_hits, "s" if subject else None))

    assert all(evidence.hits for evidence in found)
    assert [(evidence.window, hit) for evidence in found for hit in evidence.hits["s"]] == [
        (window, hit)
        for window in windows
        for hit in given_hits
        if window.span.start <= hit.start and hit.end <= window.span.end
    ]
